"""The Ledger page: rows, verification, head, and the file to take away."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import ledger_state, ledger_table, visible_entries
from ..viewmodels import ledger_rows
from .desk import desk

__all__ = ["ledger"]


def ledger() -> None:
    """Draw the page."""
    at = desk()
    again = bool(st.session_state.get("verify-ledger"))
    state = ledger_state(at.workspace, at.session, whole=again)
    entries = visible_entries(at.workspace, at.session)
    with st.container(key="page"):
        title, which, check, save = st.columns([4.2, 2, 1, 1.2], vertical_alignment="bottom")
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
        save.download_button(
            "Download CSV",
            lambda: ledger_table(at.workspace, at.session, "csv"),
            file_name="overread-ledger.csv",
            mime="text/csv",
            width="stretch",
        )
        shown = ledger_rows(
            entries,
            at.workspace.ledger.comments(),
            current_only=current == "Current verdicts",
            erased=at.workspace.erased_studies(),
        )
        if shown:
            st.dataframe(shown, hide_index=True, width="stretch", height=560)
        else:
            st.html('<div class="or-card"><p class="or-text">No rows yet. Each study taken in, each model result, each '
                    "verdict writes one.</p></div>")  # fmt: skip
        if state.rows is not None:
            head = at.workspace.ledger.head()
            st.html(
                '<p class="or-caps" style="margin-top:14px">Head</p><p class="or-small">Keep this elsewhere: a later '
                f"file whose tail was cut can then be told.</p><code>{head.seq} {head.hash}</code>"
                '<p class="or-small" style="margin-top:8px">Tamper-evident, not tamper-proof: whoever can write the file '
                "can rewrite it whole. The file is <code>reviews/reviews.csv</code> in the workspace.</p>"
            )
