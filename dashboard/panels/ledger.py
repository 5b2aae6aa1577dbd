"""The Ledger page: rows, verification, head, and the file to take away."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from ..casework import is_replayable, ledger_state, replay, visible_entries
from ..components import download
from ..errors import OverreadError
from ..ledger import LedgerEntry
from ..viewmodels import LEDGER_FILES, ledger_rows
from .desk import Desk, desk, token_for
from .replay import replay_link

__all__ = ["ledger"]


def ledger() -> None:
    """Draw the page."""
    at = desk()
    again = bool(st.session_state.get("verify-ledger"))
    state = ledger_state(at.workspace, at.session, whole=again)
    entries = visible_entries(at.workspace, at.session)
    with st.container(key="page"):
        title, which, check, save = st.columns([3.6, 2, 0.9, 2.1], vertical_alignment="bottom")
        good = "whole file read again, chain verified" if again else "chain verified"
        colour, words = ("accepted", good) if state.verified else ("rejected", state.problem)
        rows = "" if state.rows is None else f"{state.rows:,} rows, "
        title.html(
            f'<p class="or-h1">Ledger</p><p class="or-sub"><span class="or-square" '
            f'style="background:var(--or-{colour})"></span>{rows}{html.escape(words)}</p>'
        )
        current = which.segmented_control(
            "Rows", ["All rows", "Current verdicts"], default="All rows", label_visibility="collapsed", required=True
        )
        check.button("Verify", key="verify-ledger", width="stretch", help="Read the whole file again and check it")
        with save:
            download("/api/export/ledger", token_for(at, "", "export"), LEDGER_FILES, key="ledger-file")
        shown = ledger_rows(
            entries,
            at.workspace.ledger.comments(),
            current_only=current == "Current verdicts",
            erased=at.workspace.erased_studies(),
        )
        if shown:
            chosen = st.dataframe(
                shown, hide_index=True, width="stretch", height=520, key="ledger-rows", on_select="rerun",
                selection_mode="single-row",
            )  # fmt: skip
            marked = [shown[n]["row"] for n in chosen.selection.rows if n < len(shown)]
            _replay(at, entries, marked[0] if marked else None)
        else:
            st.html('<div class="or-card"><p class="or-text">No rows yet. Each study taken in, each model result, each '
                    "verdict writes one.</p></div>")  # fmt: skip
        if state.rows is not None:
            head = at.workspace.ledger.head()
            st.html(
                '<p class="or-caps" style="margin-top:14px">Head</p><p class="or-small">Keep this elsewhere: a later '
                f"file whose tail was cut can then be told.</p><code>{head.seq} {head.hash}</code>"
                '<p class="or-small" style="margin-top:8px">Tamper-evident, not tamper-proof: whoever can write the file '
                "can rewrite it whole. The file is <code>reviews/reviews.csv</code> in the workspace. In plain words, for a "
                "lawyer too: <code>docs/what-the-ledger-proves.md</code>, beside the program.</p>"
            )


def _replay(at: Desk, entries: Sequence[LedgerEntry], marked: int | None) -> None:
    """Look at what stood on the screen when a row was recorded: the row marked in the table, or the number given."""
    number, button, words = st.columns([1, 1.4, 5], vertical_alignment="center")
    if marked is not None and st.session_state.get("replay-marked") != marked:
        st.session_state["replay-row"] = marked
    st.session_state["replay-marked"] = marked
    seq = number.number_input(
        "Row", min_value=1, step=1, value=None, key="replay-row", placeholder="Row", label_visibility="collapsed"
    )
    row = next((entry for entry in entries if entry.seq == seq), None)
    can = row is not None and is_replayable(row) and row.study not in at.workspace.erased_studies()
    if button.button("Replay its view", key="replay", disabled=not can, width="stretch") and row is not None:
        try:
            replay_link(replay(at.workspace, at.session, row.seq))
        except OverreadError as error:
            words.error(f"{error.what} {error.why} {error.what_to_do}")
    elif seq is None:
        words.html('<p class="or-small">Mark a row, or give its number, to see what stood on the screen then.</p>')
    elif not can:
        why = "There is no such row for you." if row is None else "Its study is erased." if is_replayable(row) else (
            "It kept no view: only verdicts and reads made on a page do."
        )  # fmt: skip
        words.html(f'<p class="or-small">{why}</p>')
