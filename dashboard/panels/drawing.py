"""What a reader draws in the viewer, as the rest of the page knows it: where, which drafts, and what a verdict takes along."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ..casework import edit_grid, kept_drafts
from ..terms import Action
from ..viewmodels import regions_data
from .closed import is_closed_here
from .desk import set_notice
from .recording import add_finding
from .review import Review

__all__ = ["add_drawn", "draw_add_drawn", "drawing_data"]


def drawing_data(review: Review) -> dict[str, Any]:
    """Grid and regions in which this reader may draw, their drafts, and the finding on which modify is chosen.

    Nothing in a blind read, which must not learn from the grid that there is a result, nor of a study signed off.
    """
    if review.blind or review.adjudication is not None or is_closed_here(review):
        return {"drawing": None, "drafts": [], "modifying": None}
    grid, regions = edit_grid(review.study, review.one.prediction if review.one else None)
    waiting = st.session_state.get("pending")
    modifies = waiting and waiting[0] == review.study.id and waiting[2] is Action.MODIFY
    return {
        "drawing": {"grid": grid.digest, "regions": regions_data(regions)},
        "drafts": kept_drafts(review.at.workspace, review.at.session, review.study),
        "modifying": waiting[1] if modifies else None,
    }


def draw_add_drawn(review: Review) -> bool:
    """The button by which a lesion that was drawn is added; False where none was."""
    drawn = review.told.get("draft")
    if not isinstance(drawn, dict) or not drawn.get("own"):
        return False
    st.button(
        "Add the drawn lesion", key="add-drawn", shortcut="d", on_click=add_drawn, args=(review,), width="stretch"
    )
    return True


def add_drawn(review: Review) -> None:
    """Record the reader's own finding with the outline that is on screen, once the server has all of it."""
    drawn = review.now.get("draft")
    if not isinstance(drawn, dict) or not drawn.get("own") or not drawn.get("whole"):
        set_notice("Nothing was added: the last strokes are not yet kept. Press D again.", error=True)
        return
    add_finding(review, draft=str(drawn["digest"]), own=str(drawn["finding"]))
    st.session_state[f"adding-{review.study.id}"] = False
