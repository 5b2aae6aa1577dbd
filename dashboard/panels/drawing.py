"""What a reader draws in the viewer, as the rest of the page knows it: where, which drafts, and what a verdict takes along."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ..casework import edit_grid, kept_drafts
from ..domain import is_own_finding
from ..terms import Action
from ..viewmodels import regions_data
from .closed import is_closed_here
from .desk import set_notice
from .recording import add_finding
from .review import Review

__all__ = ["add_drawn", "blind_drawn", "draw_add_drawn", "drawing_data"]


def drawing_data(review: Review) -> dict[str, Any]:
    """Grid and regions in which this reader may draw, their drafts, and the finding on which modify is chosen.

    Nothing of a study signed off. In a blind read only where the site offers it, and then on the study's own grid: that
    of a result would tell that there is one.
    """
    if review.blind and not review.at.workspace.settings["review.draw_blind"]:
        return {"drawing": None, "drafts": [], "modifying": None}
    if review.adjudication is not None or is_closed_here(review):
        return {"drawing": None, "drafts": [], "modifying": None}
    grid, regions = edit_grid(review.study, review.one.prediction if review.one else None)
    drafts = kept_drafts(review.at.workspace, review.at.session, review.study)
    if review.blind:  # Others were begun beside a model's result, in a first pass.
        drafts = [d for d in drafts if is_own_finding(d["finding"]) and not d["base"]]
    taken = {str(kept["own"]) for kept in st.session_state.get(f"points-{review.study.id}", ()) if kept.get("own")}
    waiting = st.session_state.get("pending")
    modifies = waiting and waiting[0] == review.study.id and waiting[2] is Action.MODIFY
    return {
        "drawing": {"grid": grid.digest, "regions": regions_data(regions)},
        "drafts": [d for d in drafts if d["finding"] not in taken],
        "taken": sorted(taken) if review.blind else [],
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


def blind_drawn(review: Review, *, whole: bool = False) -> dict[str, Any] | None:
    """What is being drawn in a blind read and not yet among what will be committed; `whole`: only once all of it is kept."""
    drawn = (review.now if whole else review.told).get("draft")
    if not isinstance(drawn, dict) or not drawn.get("own") or (whole and not drawn.get("whole")):
        return None
    taken = [kept.get("own") for kept in st.session_state.get(f"points-{review.study.id}", ())]
    return None if drawn["finding"] in taken else drawn


def add_drawn(review: Review) -> None:
    """Record the reader's own finding with the outline that is on screen, once the server has all of it."""
    drawn = review.now.get("draft")
    if not isinstance(drawn, dict) or not drawn.get("own") or not drawn.get("whole"):
        set_notice("Nothing was added: the last strokes are not yet kept. Press D again.", error=True)
        return
    add_finding(review, draft=str(drawn["digest"]), own=str(drawn["finding"]))
    st.session_state[f"adding-{review.study.id}"] = False
