"""The table of studies on the worklist: keyboard first, states only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ..assets import shim

__all__ = ["study_table"]

_CSS = """
.or-table {border:1px solid var(--or-line); border-radius:8px; background:var(--or-panel); overflow:auto;
  max-height:calc(100vh - 330px); font-family:Inter,system-ui,sans-serif;}
table {width:100%; border-collapse:collapse; font-size:13.5px; color:var(--or-soft);}
th {text-align:left; font-size:11.5px; font-weight:400; color:var(--or-faint); padding:9px 10px; position:sticky;
  top:0; background:var(--or-panel); border-bottom:1px solid var(--or-line);}
td {padding:8px 10px; border-top:1px solid var(--or-line); white-space:nowrap;}
tr.row {cursor:pointer;} tr.row:hover {background:var(--or-raised);}
tr.row:focus-visible {outline:2px solid var(--or-accent); outline-offset:-2px; background:var(--or-raised);}
td.name {font-weight:600; color:var(--or-ink);} td.state {color:var(--or-ink);}
.square {display:inline-block; width:8px; height:8px; border-radius:2px; margin-right:7px;}
.empty {padding:28px; text-align:center; color:var(--or-soft); font-size:13.5px;}
"""


def study_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], empty: str, *, key: str) -> str | None:
    """Show studies; give the pseudonym of the one that was opened, once.

    Parameters
    ----------
    rows : sequence of mapping
        `study`, `cells` (one text a column but the last two), `state`, `colour` (a token), `note`.
    """
    table = st.components.v2.component(
        "overread.study_table", html='<div class="or-table"></div>', css=_CSS, js=shim("study_table/index.js")
    )
    result = table(
        data={"columns": list(columns), "rows": list(rows), "empty": empty},
        key=key,
        on_open_change=lambda: None,
        height="content",
    )
    return result.open
