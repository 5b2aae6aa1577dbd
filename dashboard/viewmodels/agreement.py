"""Agreement as cards, charts and one printable page; every figure with n, interval and method."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ..audit import Measure
from ..casework import AuditReport
from .charts import ACCENT, dressed

__all__ = [
    "FigureCard",
    "audit_html",
    "count_words",
    "dice_chart",
    "figure_cards",
    "forest_chart",
    "interval_words",
    "number",
    "reader_rows",
    "sampled_cards",
    "study_rows",
]


@dataclass(frozen=True)
class FigureCard:
    """One headline figure."""

    title: str
    value: str
    interval: str
    n: str
    method: str


def number(value: float | None, digits: int = 2) -> str:
    """The value, or a dash where it is undefined; why stands where the interval would."""
    return "–" if value is None else f"{value:.{digits}f}"


def interval_words(measure: Measure) -> str:
    """The 95 % interval, or the rule by which there is none."""
    if measure.value is None:
        bound = f"at least {measure.low:.2f}: " if measure.low is not None else ""
        return bound + measure.undefined
    if measure.low is None:
        return "no interval: fewer than two patients"
    return f"{measure.low:.2f} to {measure.high:.2f}"


def _n(measure: Measure) -> str:
    n = measure.n
    return f"n = {count_words(n.findings, 'finding')}, {count_words(n.studies, 'study')}, {count_words(n.patients, 'patient')}"


def count_words(number_: int, noun: str) -> str:
    """'1 study', '3 studies'."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number_} {noun if number_ == 1 else plural}"


def figure_cards(report: AuditReport) -> list[FigureCard]:
    """The four figures at the top of the page."""
    accepted = report.named("acceptance")[0]
    dice = report.named("dice_of_modified")[0]
    relative = report.named("relative_sensitivity_reader_exposed")[0]
    cards = [
        FigureCard(
            "Findings accepted or modified",
            number(accepted.value),
            interval_words(accepted),
            f"{_n(accepted)}; unsure {accepted.beside.get('unsure', 0)}",
            accepted.method,
        ),
        FigureCard(
            "Dice of redrawn outlines, median",
            number(dice.value),
            interval_words(dice),
            f"{dice.beside['redrawn']} redrawn of {dice.beside['judged']} judged; accepted "
            f"{number(dice.beside['accepted_share'])}, rejected {number(dice.beside['rejected_share'])}",
            dice.method,
        ),
        FigureCard(
            "Relative sensitivity, reader exposed",
            number(relative.value),
            interval_words(relative),
            f"{_n(relative)}; {relative.beside['added']} added",
            relative.method,
        ),
    ]
    pairs = report.named("reader_agreement_kappa")
    if pairs:
        first = max(pairs, key=lambda m: m.n.findings)
        cards.append(
            FigureCard(
                f"Kappa, {first.group}",
                number(first.value),
                interval_words(first),
                f"AC1 {number(first.beside['ac1'])}, raw {number(first.beside['raw'])}, prevalence "
                f"{number(first.beside['prevalence'])}, n = {first.n.findings} {first.unit}",
                first.method,
            )
        )
    else:
        cards.append(
            FigureCard(
                "Reader with reader, kappa",
                number(None),
                "no two readers judged the same study",
                "n = 0",
                "Kappa, AC1 and raw agreement on fixed units (study present or absent, 10 s epochs), never on lists that "
                "the AI chose.",
            )
        )
    return cards


def sampled_cards(report: AuditReport) -> list[FigureCard]:
    """Sensitivity from sampled controls, a card a model: of EEG to seizures, of MR at study level; none where none ran."""
    cards = []
    for name, title, units in (
        ("sensitivity_sampled", "Sensitivity to seizures, sampled windows", "unlabelled windows judged"),
        ("sensitivity_study_level", "Sensitivity at study level, sampled controls", "control studies read"),
    ):
        for made in report.named(name):
            said = made.beside
            true, judged, probability = (
                said.get("true_alerts", said.get("true_studies")),
                said.get("windows_judged", said.get("controls_read")),
                said["inclusion_probability"],
            )
            elsewhere = said.get("marked_elsewhere")
            bound = made.value is None and made.low is not None
            cards.append(
                FigureCard(
                    f"{title}, {made.group}",
                    f"≥ {made.low:.2f}" if bound else number(made.value),
                    made.undefined if made.value is None else interval_words(made),
                    f"n = {count_words(made.n.studies, 'study')}, {count_words(made.n.patients, 'patient')}; {true} found by the "
                    f"model, {said['missed_found']} missed; {units} {judged}, drawn at "
                    f"probability {probability:.2f}" + (f"; {elsewhere} marked elsewhere" if elsewhere else ""),
                    made.method,
                )
            )
    return cards


def forest_chart(measures: Sequence[Measure], *, synthetic: bool) -> go.Figure:
    """Acceptance with its interval, one line a group; a point opens the studies behind it."""
    shown = [m for m in measures if m.value is not None]
    labels = [
        f"{m.group}<br><span style='font-size:10px'>n = {m.n.findings} / {m.n.studies} / {m.n.patients}</span>"
        for m in shown
    ]
    figure = go.Figure(
        go.Scatter(
            x=[m.value for m in shown],
            y=labels,
            mode="markers",
            marker={"symbol": "diamond", "size": 10, "color": ACCENT},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [(m.high if m.high is not None else m.value) - m.value for m in shown],
                "arrayminus": [m.value - (m.low if m.low is not None else m.value) for m in shown],
                "color": ACCENT,
                "thickness": 2,
                "width": 0,
            },
            customdata=[m.group for m in shown],
            hovertemplate="%{customdata}: %{x:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.02], dtick=0.2)
    figure.update_yaxes(autorange="reversed")
    return dressed(figure, max(96, 46 * len(shown) + 34), synthetic)


def dice_chart(report: AuditReport) -> go.Figure:
    """Each redrawn outline's Dice; a point opens its study."""
    values = report.named("dice_of_modified")[0].beside["values"]
    figure = go.Figure(
        go.Scatter(
            x=[v["dice"] for v in values],
            y=[(n * 37 % 11) / 11 for n in range(len(values))],
            mode="markers",
            marker={"size": 8, "color": ACCENT, "opacity": 0.75},
            customdata=[v["study"] for v in values],
            hovertemplate="%{customdata}: Dice %{x:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.02], dtick=0.2)
    figure.update_yaxes(visible=False, range=[-0.3, 1.3])
    return dressed(figure, 120, report.synthetic)


def reader_rows(report: AuditReport) -> list[dict[str, Any]]:
    """Rows of the table of reader pairs."""
    return [
        {
            "pair": m.group,
            "unit": m.unit,
            "basis": m.beside["basis"],
            "kappa": number(m.value),
            "95 %": interval_words(m),
            "AC1": number(m.beside["ac1"]),
            "raw": number(m.beside["raw"]),
            "n": f"{m.n.findings} / {m.n.studies} / {m.n.patients}",
        }
        for m in report.named("reader_agreement_kappa")
    ]


def study_rows(report: AuditReport, studies: Sequence[str] | None) -> list[dict[str, Any]]:
    """The verdicts behind a selection, newest first; all of them where nothing is selected."""
    return [
        {
            "study": v.study,
            "finding": v.finding if len(v.finding) < 6 else "added",
            "model": v.model,
            "score": "" if v.score is None else f"{v.score:.2f}",
            "verdict": v.action,
            "reason": v.reason,
            "reader": v.reader,
            "row": v.seq,
        }
        for v in sorted(report.verdicts, key=lambda v: -v.seq)
        if studies is None or v.study in studies
    ]


def audit_html(report: AuditReport) -> str:
    """The figures as one HTML page to keep or print."""
    mark = "<p><strong>Synthetic data: these are no clinical figures.</strong></p>" if report.synthetic else ""
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(text)}</td>"
            for text in (
                m.name.replace("_", " "),
                m.group,
                number(m.value),
                interval_words(m),
                f"{m.n.findings} / {m.n.studies} / {m.n.patients}",
                f"{m.left_out.bulk} bulk, {m.left_out.scripted} scripted",
                m.method,
            )
        )
        + "</tr>"
        for m in report.measures
    )
    head = "".join(
        f"<th>{h}</th>"
        for h in ("measure", "of", "value", "95 %", "findings / studies / patients", "left out", "how computed")
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Overread: agreement</title>'
        "<style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse}"
        "td,th{border:1px solid #bbb;padding:4px 8px;text-align:left;vertical-align:top}</style>"
        "<h1>Agreement of model and readers</h1><p>Research and quality use. Not a medical device. Verdicts are not "
        f"reports.</p>{mark}<table><tr>{head}</tr>{rows}</table></html>\n"
    )
