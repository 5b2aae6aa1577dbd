"""The Agreement page: figures with n and interval, charts that open the studies behind them."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import AuditReport, audit, models_of
from ..terms import StudyKind
from ..viewmodels import (
    audit_html,
    dice_chart,
    figure_cards,
    forest_chart,
    reader_rows,
    reason_chart,
    study_rows,
)
from .desk import desk
from .worklist import open_study

__all__ = ["agreement"]

_STATIC = {"displayModeBar": False}


def agreement() -> None:
    """Draw the page."""
    at = desk()
    with st.container(key="page"):
        head, kinds, models, more, save = st.columns([4, 1.3, 1.8, 2.2, 1], vertical_alignment="bottom")
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
        mark = '<span class="or-watermark">SYNTHETIC: NO CLINICAL FIGURES</span>' if report.synthetic else ""
        head.html(
            f'<p class="or-h1">Agreement</p><p class="or-sub">{left_out.bulk + left_out.scripted} bulk and scripted '
            f"verdicts left out &nbsp; {mark}</p>"
        )
        save.download_button(
            "Report",
            audit_html(report),
            file_name="overread-agreement.html",
            mime="text/html",
            use_container_width=True,
        )
        if not report.verdicts:
            st.html(f'<div class="or-card"><p class="or-text">No verdict on {kind} findings yet. Figures appear with the '
                    "first one.</p></div>")  # fmt: skip
        _figures(report)
        _charts(report, kind)


def _figures(report: AuditReport) -> None:
    for column, card in zip(st.columns(4), figure_cards(report), strict=True):
        with column:
            st.html(
                f'<div class="or-card" style="min-height:118px"><span class="or-small">{html.escape(card.title)}</span>'
                f'<div class="or-figure">{card.value}<small>{html.escape(card.interval)}</small></div>'
                f'<span class="or-small">{html.escape(card.n)}</span></div>'
            )
            if card.method:
                st.caption("how computed", help=card.method)


def _charts(report: AuditReport, kind: StudyKind) -> None:
    first, second = st.columns([1, 1])
    chosen: set[str] | None = None
    groups = {m.group: m for m in (*report.named("acceptance"), *report.by_size)}
    with first, st.container(border=True):
        st.markdown("**Acceptance by model, kind and size**", help=report.named("acceptance")[0].method)
        event = st.plotly_chart(
            forest_chart(tuple(groups.values()), synthetic=report.synthetic),
            on_select="rerun",
            selection_mode="points",
            key=f"forest-{kind}",
            config=_STATIC,
        )
        for point in event.selection.points:
            chosen = set(groups[point["customdata"]].studies) if point.get("customdata") in groups else chosen
    with second, st.container(border=True):
        st.markdown("**Redrawn outlines**", help=report.named("dice_of_modified")[0].method)
        if report.named("dice_of_modified")[0].beside["values"]:
            event = st.plotly_chart(
                dice_chart(report), on_select="rerun", selection_mode="points", key=f"dice-{kind}", config=_STATIC
            )
            for point in event.selection.points:
                chosen = {str(point.get("customdata"))}
        else:
            st.caption("No outline has been redrawn yet.")
        st.markdown("**Why findings were rejected**")
        if report.reasons:
            st.plotly_chart(
                reason_chart(report.reasons, kind, synthetic=report.synthetic), key=f"reasons-{kind}", config=_STATIC
            )
        else:
            st.caption("Nothing has been rejected yet.")
    left, right = st.columns([1, 1])
    with left, st.container(border=True):
        st.markdown(
            "**Readers among themselves**",
            help="Kappa, AC1 and raw agreement on fixed units (study present or absent, 10 s epochs), never on lists that "
            "the AI chose.",
        )
        rows = reader_rows(report)
        if rows:
            st.dataframe(rows, hide_index=True, use_container_width=True)
        else:
            st.caption("No two readers have judged the same study yet.")
    with right, st.container(border=True):
        st.markdown("**Studies behind this selection**" if chosen is not None else "**All verdicts counted**")
        _studies(report, chosen)


def _studies(report: AuditReport, chosen: set[str] | None) -> None:
    rows = study_rows(report, sorted(chosen) if chosen is not None else None)
    if not rows:
        st.caption("None.")
        return
    event = st.dataframe(
        rows, hide_index=True, use_container_width=True, height=260, on_select="rerun", selection_mode="single-row"
    )
    if event.selection.rows:
        study = rows[event.selection.rows[0]]["study"]
        open_study(study, desk().workspace.study(study).kind)
