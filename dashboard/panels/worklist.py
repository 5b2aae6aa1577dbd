"""The first screen: studies with their states, the models in use, and one key to the next study."""

from __future__ import annotations

import html
import tempfile
from pathlib import Path, PurePath

import streamlit as st

from ..casework import (
    Case,
    add_paths,
    assign,
    case_list,
    models_of,
    next_study,
    offered_orders,
    open_out_of,
    order_shown,
    run_study,
    study_controls_run,
)
from ..components import study_table
from ..errors import OverreadError
from ..review import ORDERS
from ..terms import Role, StudyKind
from ..viewmodels import filter_cases, model_lines, order_words, state_summary, table_rows
from .desk import Desk, desk
from .going import go_to_study

__all__ = ["chosen_order", "worklist"]

_COLUMNS = ["Study", "Kind", "Age, sex", "Acquired", "Series", "State", ""]


def chosen_order(at: Desk) -> str:
    """The order that this browser's reader has chosen, as long as it is offered."""
    order = str(st.session_state.get("order") or "first_added")
    return order if order in {one.key for one in offered_orders(at.workspace, at.session)} else "first_added"


def worklist() -> None:
    """Draw the worklist."""
    at = desk()
    order = chosen_order(at)
    cases = case_list(at.workspace, at.session, order)
    with st.container(key="page"):
        left, right = st.columns([3, 1], gap="medium")
        with left:
            _head(at, state_summary(cases), order)
            search, kind, orders = st.columns([4.2, 1.5, 2], vertical_alignment="bottom")
            words = search.text_input(
                "Search", placeholder="Search pseudonym, series, state, reader", label_visibility="collapsed"
            )
            shown = kind.segmented_control("Kind", ["all", "mr", "eeg"], default="all", format_func=str.upper,
                                           label_visibility="collapsed", required=True)  # fmt: skip
            with orders:
                _order(at, order)
            if told := order_words(ORDERS[order]):
                st.html(f'<p class="or-warn" style="margin:0">{html.escape(told)}</p>')
            listed = filter_cases(cases, search=words, kind=shown or "all")
            order_shown(at.workspace, at.session, order, [case.study for case in listed])
            empty = "No study matches." if cases else "No studies yet. Drop files below, or run: overread add FOLDER"
            opened = study_table(_COLUMNS, table_rows(listed), empty, key="studies")
            _progress(at)
            _drop(at)
        with right:
            if at.session.role is Role.OPERATOR:
                _assign(at, cases)
            _models(at)
    if opened:
        kinds = {case.study: StudyKind(case.kind) for case in cases}
        if opened in kinds:
            _go(at, opened, kinds[opened], order)


def _go(at: Desk, study: str, kind: StudyKind, order: str) -> None:
    """Open a study, once what its place in the list told of the AI is recorded."""
    try:
        open_out_of(at.workspace, at.session, study, order)
    except OverreadError as error:
        st.error(f"{error.what} {error.why} {error.what_to_do}")
        return
    go_to_study(study, kind)


def _order(at: Desk, order: str) -> None:
    """The choice of an order, of those that may be offered to this reader."""
    keys = [one.key for one in offered_orders(at.workspace, at.session)]
    st.selectbox(
        "Order",
        keys,
        index=keys.index(order),
        format_func=lambda key: ORDERS[key].words,
        key="order-choice",
        on_change=lambda: st.session_state.update({"order": st.session_state["order-choice"]}),
        label_visibility="collapsed",
    )


def _assign(at: Desk, cases: tuple[Case, ...]) -> None:
    """An operator gives a study to a reader."""
    st.html('<p class="or-caps">Assign</p>')
    shorts = {case.study: case.short for case in cases}
    with st.form("assign", border=False, clear_on_submit=True):
        study = st.selectbox("Study", list(shorts), format_func=lambda s: shorts[s], label_visibility="collapsed")
        reader = st.text_input("Reader", max_chars=40, placeholder="Reader, such as R-04", label_visibility="collapsed")
        if st.form_submit_button("Assign", width="stretch") and study:
            try:
                row = assign(at.workspace, at.session, at.workspace.study(study), reader.strip())
            except OverreadError as error:
                st.error(f"{error.what} {error.why} {error.what_to_do}")
            else:
                st.toast(f"{shorts[study]} assigned, row {row.seq}")


def _head(at: Desk, summary: str, order: str) -> None:
    title, action = st.columns([3, 1.3], vertical_alignment="bottom")
    title.html(f'<p class="or-h1">Worklist</p><p class="or-sub">{html.escape(summary)}</p>')
    if action.button("Read the next study", shortcut="enter", type="primary", width="stretch"):
        study = next_study(at.workspace, at.session, order=order)
        if study is None:
            waits = at.session.role is Role.ADJUDICATOR
            st.toast("No study waits for a decision." if waits else "No study is left for you.")
        else:
            _go(at, study, at.workspace.study(study).kind, order)


def _progress(at: Desk) -> None:
    """Running predictions, refreshed by themselves."""
    if not any(job.state in ("queued", "running") for job in at.workspace.jobs.jobs()):
        return

    @st.fragment(run_every=2.0)
    def watch() -> None:
        jobs = at.workspace.jobs.jobs()
        waiting = sum(job.state == "queued" for job in jobs)
        running = [job for job in jobs if job.state == "running"]
        if not waiting and not running:
            st.rerun()
        for job in running:
            st.progress(min(1.0, job.progress), text=f"{job.study}: {job.model or job.step.replace('_', ' ')} running")
        if waiting:
            st.caption(f"{waiting} waiting")

    if at.workspace.settings["review.blind_first"] or study_controls_run(at.workspace):
        return
    watch()


def _drop(at: Desk) -> None:
    """Take in dropped files and queue their predictions."""
    files = st.file_uploader(
        "Drop DICOM, NIfTI, EDF or a zip here, or run `overread add FOLDER`", accept_multiple_files=True, key="drop"
    )
    taken = tuple(sorted(f.file_id for f in files or []))
    if files and st.session_state.get("dropped") != taken:
        st.session_state["dropped"] = taken
        with tempfile.TemporaryDirectory(prefix="overread-drop-") as folder:
            for file in files:
                (Path(folder) / PurePath(file.name).name).write_bytes(file.getbuffer())
            zips = sorted(Path(folder).glob("*.zip"))
            paths = [*zips, *([Path(folder)] if len(zips) < len(files) else [])]
            try:
                with st.spinner("Reading the files"):
                    st.session_state["intake"] = add_paths(at.workspace, paths)
                    run_study.queue_all(at.workspace)
            except OverreadError as error:
                st.error(f"{error.what} {error.why} {error.what_to_do}")
        st.rerun()
    report = st.session_state.get("intake")
    if report is not None:
        if report.added:
            st.success(f"{len(report.added)} taken in: {', '.join(a.study for a in report.added)}")
        for refused in report.refused:
            st.warning(f"{refused.path}: {refused.what} {refused.why} {refused.what_to_do}")


def _models(at: Desk) -> None:
    """What each model is worth, in three lines."""
    st.html('<p class="or-caps">Models in use</p>')
    for line in model_lines(models_of(at.workspace)):
        st.html(
            f'<div class="or-card raised"><div class="or-row"><span class="or-title">{html.escape(line.title)}</span>'
            f'<span class="or-small">{html.escape(line.version)}</span></div>'
            f'<div class="or-text">{html.escape(line.result)}</div>'
            f'<div class="or-small">{html.escape(line.trained)}</div>'
            f'<div class="or-warn">{html.escape(line.not_for)}</div></div>'
        )
    drafts = at.workspace.drafts.count(at.session.reader)
    mine = sum(e.reader == at.session.reader and e.action in ("accept", "modify", "reject", "unsure", "add", "sign_off")
               for e in at.workspace.ledger.entries())  # fmt: skip
    st.html(
        '<p class="or-caps" style="margin-top:22px">Yours so far</p><div class="or-card">'
        f'<div class="or-row"><span>Verdicts and sign-offs recorded</span><b>{mine}</b></div>'
        f'<div class="or-row"><span>Drafts kept for you</span><b>{drafts}</b></div></div>'
    )
