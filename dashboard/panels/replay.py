"""A row's view again on the page of its kind, for looking only: a banner, the viewer, and what the row says.

There is no button here that records, and so no key that does.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import streamlit as st

from ..casework import KINDS, Replay, replay
from ..errors import OverreadError
from ..viewmodels import replay_cards, replay_lines, replay_title
from .desk import Desk, desk
from .going import go, on_the_way

__all__ = ["draw_replay", "replay_asked", "replay_link"]


def replay_asked() -> bool:
    """Whether the address asks for a row's view."""
    return "replay" in st.query_params


def replay_link(said: Replay) -> None:
    """Open a row's view on the page of its kind."""
    go(KINDS[said.study.kind].page, study=said.study.id, replay=str(said.row.seq))


def draw_replay(viewer: Callable[[Desk, Replay, dict[str, Any]], None], columns: list[int]) -> None:
    """Draw the page for the row in the address; `viewer` mounts its viewer with what it is given to add.

    Parameters
    ----------
    viewer : callable
        Of desk, replay and the keyword arguments `cards`, `own`, `selected`, `short`, `view` and `row`.
    columns : list of int
        Widths of viewer and right column, as the page has them.
    """
    at = desk()
    asked = st.query_params["replay"]
    try:
        said = replay(at.workspace, at.session, int(asked) if asked.isascii() and asked.isdigit() else 0)
    except OverreadError as error:
        with st.container(key="page"):
            st.error(f"{error.what} {error.why} {error.what_to_do}")
            _back()
        return
    with st.container(key="strip"):
        st.html(
            f'<div class="or-strip"><span><span class="or-pill">Replay of row {said.row.seq}, read-only</span> &nbsp; '
            f"{html.escape(replay_title(said))}</span><span>pseudonymous: check the record before acting</span></div>"
        )
    left, right = st.columns(columns, gap=None)
    cards, own = replay_cards(said)
    shown = {card.id for card in (*cards, *own)}
    with left:
        viewer(
            at,
            said,
            {
                "cards": cards,
                "own": own,
                "selected": said.row.finding if said.row.finding in shown else None,
                "short": said.study.id[:8],
                "view": said.row.view,
                "row": said.row.seq,
            },
        )
    with right, st.container(key="verdict"):
        comment = at.workspace.ledger.comments().get(said.row.event_id, "")
        lines = "".join(
            f'<div class="or-row"><span>{html.escape(words)}</span><b style="white-space:normal;text-align:right">{html.escape(value)}</b></div>'
            for words, value in replay_lines(said)
        )
        st.html(
            f'<p class="or-caps">Row {said.row.seq}</p><p class="or-title" style="font-size:16px;margin:0 0 6px 0">'
            f"{html.escape(replay_title(said))}</p>{lines}"
            + (f'<div class="or-card tight">{html.escape(comment)}</div>' if comment else "")
            + '<p class="or-small">Nothing can be recorded here. Looking left a row of your own, where a model\'s '
            "result is shown. The pixels a millimetre are those of the row; a window of another size shows more or less "
            "around them.</p>"
        )
        _back()


def _back() -> None:
    st.button("Back to the ledger", key="replay-back", width="stretch", on_click=on_the_way, args=("ledger",))
