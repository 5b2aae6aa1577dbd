"""Event scores as the Agreement page shows them: cards, and what another threshold would have found and raised."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from ..casework import AuditReport, ThresholdPoint
from .agreement import FigureCard, count_words, interval_words, number
from .charts import ACCENT, dressed

__all__ = ["event_cards", "what_if_chart", "what_if_words"]

_FALSE = "#e3a93c"


def event_cards(report: AuditReport) -> list[FigureCard]:
    """Three cards a detector: sensitivity to events, false alarms over evaluated hours, sensitivity by seconds."""
    cards = []
    for found in report.named("event_sensitivity"):
        said = found.beside
        cards.append(
            FigureCard(
                f"Sensitivity to events, {found.group}",
                number(found.value),
                found.undefined if found.value is None else interval_words(found),
                f"{said['found']} of {said['events']} events ({said['found_as_they_are']} of {said['events_as_they_are']} "
                f"unmerged, unsplit), {count_words(found.n.studies, 'recording')} read whole, "
                f"{count_words(found.n.patients, 'patient')}",
                found.method,
            )
        )
        alarms = next(m for m in report.named("false_alarm_rate") if m.group == found.group)
        said = alarms.beside
        cards.append(
            FigureCard(
                f"False alarms {alarms.unit}, {alarms.group}",
                number(alarms.value),
                alarms.undefined if alarms.value is None else f"95 % {alarms.low:.2f} to {alarms.high:.2f}, Poisson",
                f"{said['false_alarms']} ({said['false_alarms_as_they_are']} unmerged) in {said['evaluated_h']:.2f} evaluated "
                f"hours of {count_words(alarms.n.studies, 'recording')}",
                alarms.method,
            )
        )
        seconds = next(m for m in report.named("sample_sensitivity") if m.group == found.group)
        said = seconds.beside
        precision = "none" if said["precision"] is None else number(said["precision"])
        cards.append(
            FigureCard(
                f"Seconds of seizure found, {seconds.group}",
                number(seconds.value),
                seconds.undefined if seconds.value is None else interval_words(seconds),
                f"{said['found_s']} of {said['reference_s']} s; precision {precision} of {said['alert_s']} s alerted, "
                f"{count_words(seconds.n.studies, 'recording')} read whole, {count_words(seconds.n.patients, 'patient')}",
                seconds.method,
            )
        )
    return cards


def what_if_chart(points: Sequence[ThresholdPoint], *, synthetic: bool) -> go.Figure:
    """Events found and false alarms an hour over the threshold; the detector's own threshold is marked."""
    figure = go.Figure()
    whole = [point for point in points if point.counts.events]
    figure.add_trace(
        go.Scatter(
            x=[point.on for point in whole],
            y=[point.counts.found / point.counts.events for point in whole],
            mode="lines+markers", name="share of events found", line={"color": ACCENT}, marker={"symbol": "circle"},
            customdata=[(point.counts.found, point.counts.events, point.gained, point.lost) for point in whole],
            hovertemplate="from %{x:.2f}: %{customdata[0]} of %{customdata[1]} found, %{customdata[2]} gained, "
                          "%{customdata[3]} lost<extra></extra>",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[point.on for point in points],
            y=[point.false / point.evaluated_h if point.evaluated_h else None for point in points],
            mode="lines+markers", name="false alarms an hour", yaxis="y2", line={"color": _FALSE, "dash": "dot"},
            marker={"symbol": "x"},
            customdata=[(point.false, point.evaluated_h) for point in points],
            hovertemplate="from %{x:.2f}: %{customdata[0]} in %{customdata[1]:.1f} evaluated h<extra></extra>",
        )
    )  # fmt: skip
    own = next((point.on for point in points if point.is_own), None)
    dressed(figure, 240, synthetic)
    if own is not None:
        figure.add_vline(x=own, line={"color": "#a3afbd", "width": 1, "dash": "dash"})
        figure.add_annotation(
            x=own, y=1.02, yref="paper", text=f"as it is, {own:.2f}", showarrow=False, yanchor="bottom"
        )
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.22}, margin={"t": 22, "r": 46},
        yaxis={"range": [0, 1.04], "title": "share of events found"},
        yaxis2={"overlaying": "y", "side": "right", "rangemode": "tozero", "title": "false alarms an hour",
                "fixedrange": True, "showgrid": False},
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], dtick=0.2, title="threshold at which an event begins")
    return figure


def what_if_words(points: Sequence[ThresholdPoint]) -> str:
    """On what the chart rests, and what it does not claim."""
    recordings = count_words(points[0].recordings if points else 0, "recording")
    events = count_words(points[0].counts.events if points else 0, "event")
    return (
        f"{recordings} signed off, {events} that "
        "stood in those read whole. A what-if: it changes nothing in the record. Readers saw the alerts of the threshold as it "
        "is; what a lower one would have shown them they were not asked about, so its further alarms count as false."
    )
