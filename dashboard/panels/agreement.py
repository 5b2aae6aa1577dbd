"""The Agreement page: figures with n and interval, charts that open the studies behind them."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from ..casework import AuditReport, audit, models_of, threshold_what_if
from ..terms import StudyKind
from ..viewmodels import (
    FigureCard,
    audit_html,
    dice_chart,
    event_cards,
    figure_cards,
    forest_chart,
    reader_rows,
    reason_blocks,
    reason_chart,
    sampled_cards,
    study_rows,
    what_if_chart,
    what_if_words,
)
from .desk import Desk, desk
from .going import go_to_study

__all__ = ["agreement"]

_STATIC = {"displayModeBar": False}
_NOT_YET = "Nothing yet."
_REASONS = (
    "Current verdicts that reject a finding, each counted once in the group of its coded reason. Groups are not added up: "
    "an artefact is an error of another kind than a near miss. Bulk and scripted verdicts are left out."
)


def agreement() -> None:
    """Draw the page."""
    at = desk()
    with st.container(key="page"):
        head, kinds, models, more, save = st.columns([4, 0.9, 1.6, 2.1, 0.9], vertical_alignment="bottom")
        kind = StudyKind(
            kinds.segmented_control(
                "Kind", ["mr", "eeg"], default="mr", format_func=str.upper, label_visibility="collapsed", required=True
            )
        )
        named = [m.manifest.id for m in models_of(at.workspace)]
        model = models.selectbox("Model", ["all models", *named], label_visibility="collapsed")
        counted = more.multiselect(
            "Count also", ["scripted", "bulk"], placeholder="scripted and bulk left out", label_visibility="collapsed"
        )
        report = audit(
            at.workspace, at.session, kind=kind, model=None if model == "all models" else model, include=tuple(counted)
        )
        left_out = report.named("acceptance")[0].left_out
        readers = len({v.reader for v in report.verdicts})
        mark = '&nbsp; <span class="or-watermark">SYNTHETIC: NO CLINICAL FIGURES</span>' if report.synthetic else ""
        head.html(
            f'<p class="or-h1">Agreement</p><p class="or-sub">{readers} reader{"" if readers == 1 else "s"} · '
            f"{left_out.bulk + left_out.scripted} bulk and scripted verdicts left out {mark}</p>"
        )
        save.download_button(
            "Report", audit_html(report), file_name="overread-agreement.html", mime="text/html", width="stretch"
        )
        _figures(report, kind)
        _charts(report, kind)
        if kind is StudyKind.EEG:
            _what_if(at, counted, report)


def _how(method: str) -> str:
    """How a figure was computed, one key or click away."""
    if not method:
        return ""
    return f'<details class="or-how"><summary>how computed</summary><p>{html.escape(method)}</p></details>'


def _title(words: str, beneath: str, method: str) -> None:
    st.html(
        f'<div class="or-head"><span class="or-title">{html.escape(words)}</span>{_how(method)}</div>'
        f'<p class="or-small">{html.escape(beneath)}</p>'
    )


def _empty(words: str) -> None:
    st.html(f'<p class="or-text">{html.escape(words)}</p>')


def _figures(report: AuditReport, kind: StudyKind) -> None:
    cards = [card for card in figure_cards(report) if kind is StudyKind.MR or not card.title.startswith("Dice")]
    for column, card in zip(st.columns(len(cards)), cards, strict=True):
        column.html(_card(card))
    for cards in (sampled_cards(report), event_cards(report)):
        for column, card in zip(st.columns(4), cards[:4], strict=False) if cards else ():
            column.html(_card(card))


def _card(card: FigureCard) -> str:
    return (
        f'<div class="or-card or-tall"><div class="or-head"><span class="or-small">{html.escape(card.title)}</span>'
        f'{_how(card.method)}</div><div class="or-figure">{card.value}<small>{html.escape(card.interval)}</small></div>'
        f'<span class="or-small">{html.escape(card.n)}</span></div>'
    )


def _charts(report: AuditReport, kind: StudyKind) -> None:
    first, second = st.columns([1, 1])
    chosen: set[str] | None = None
    groups = {m.group: m for m in (*report.named("acceptance"), *report.by_size)}
    with first, st.container(border=True, key="card-acceptance"):
        _title(
            "Acceptance by model, kind and size",
            "share accepted or modified; the interval resamples patients",
            report.named("acceptance")[0].method,
        )
        if report.verdicts:
            event = st.plotly_chart(
                forest_chart(tuple(groups.values()), synthetic=report.synthetic),
                on_select="rerun",
                selection_mode="points",
                key=f"forest-{kind}",
                config=_STATIC,
            )
            for point in event.selection.points:
                chosen = set(groups[point["customdata"]].studies) if point.get("customdata") in groups else chosen
        else:
            _empty(f"No verdict on {str(kind).upper()} findings yet. Figures appear with the first one.")
    with second, st.container(border=True, key="card-reasons"):
        dice = report.named("dice_of_modified")[0]
        if kind is StudyKind.MR:
            _title("Redrawn outlines", "Dice of the reader's outline with the model's", dice.method)
            if dice.beside["values"]:
                event = st.plotly_chart(
                    dice_chart(report), on_select="rerun", selection_mode="points", key=f"dice-{kind}", config=_STATIC
                )
                for point in event.selection.points:
                    chosen = {str(point.get("customdata"))}
            else:
                _empty(_NOT_YET)
        _title("Why findings were rejected", "coded reasons of current verdicts, each group for itself", _REASONS)
        blocks = reason_blocks(report, kind)
        most = max((count for group in blocks for _, count in group.reasons), default=0)
        for number, group in enumerate(blocks):
            st.html(
                f'<p class="or-small" style="margin:0"><b>{html.escape(group.words)}</b>: {html.escape(group.count)}</p>'
            )
            chart = reason_chart(group, most=most, synthetic=report.synthetic)
            st.plotly_chart(chart, key=f"reasons-{kind}-{number}", config=_STATIC)
        if not blocks:
            _empty(_NOT_YET)
    left, right = st.columns([1, 1])
    with left, st.container(border=True, key="card-readers"):
        _title(
            "Readers among themselves",
            "fixed units: study present or absent, 10 s epochs",
            "Kappa, AC1 and raw agreement on fixed units, never on lists that the AI chose.",
        )
        rows = reader_rows(report)
        if rows:
            st.dataframe(rows, hide_index=True, width="stretch")
        else:
            _empty("No two readers have judged the same study yet.")
    with right, st.container(border=True, key="card-studies"):
        of = "the selection above" if chosen is not None else "all verdicts counted; choose a point above to narrow"
        _title("Studies behind these figures", of, "")
        _studies(report, chosen)


def _what_if(at: Desk, counted: Sequence[str], report: AuditReport) -> None:
    """What each detector would have found and raised at other thresholds."""
    for name, points in threshold_what_if(at.workspace, at.session, include=counted).items():
        with st.container(border=True, key=f"card-what-if-{name.replace(' ', '-').replace('.', '-')}"):
            _title(f"Another threshold for {name}", what_if_words(points), "")
            chart = what_if_chart(points, synthetic=report.synthetic)
            st.plotly_chart(chart, key=f"what-if-{name}", config=_STATIC)


def _studies(report: AuditReport, chosen: set[str] | None) -> None:
    rows = study_rows(report, sorted(chosen) if chosen is not None else None)
    if not rows:
        _empty(_NOT_YET)
        return
    event = st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height=min(260, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
    )
    if event.selection.rows:
        study = rows[event.selection.rows[0]]["study"]
        go_to_study(study, desk().workspace.study(study).kind)
