"""What stands in the verdict column of a study that this reader has signed off: the way on, and the way back."""

from __future__ import annotations

import streamlit as st

from ..casework import is_done, record_interaction, reopen
from ..errors import OverreadError
from .desk import set_notice
from .recording import tell
from .review import Review

__all__ = ["draw_closed", "is_closed_here", "note_interaction"]


def is_closed_here(review: Review) -> bool:
    """Whether this reader has signed the study off and not reopened it."""
    return is_done(review.at.workspace, review.at.session, review.study.id)


def draw_closed(review: Review) -> None:
    """Say that the study is signed off; Enter opens the next, one button opens this one again."""
    st.html(
        '<p class="or-small">You have signed this study off. To change a verdict, open it again: that is a row too.</p>'
    )
    st.button("Open it again", key="reopen", on_click=_reopen, args=(review,), width="stretch")
    st.button(
        "Next study",
        key="next-open",
        shortcut="enter",
        on_click=st.session_state.update,
        args=({"go-on-from": review.study.id},),
        width="stretch",
    )


def _reopen(review: Review) -> None:
    try:
        row = reopen(review.at.workspace, review.at.session, review.study)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"{review.short} opened again", undoable=False)


def note_interaction(review: Review) -> None:
    """Record once each kind of deed on the overlay that the viewer tells of."""
    said = review.told.get("interact")
    if review.one is None or not said or said.get("prediction") != review.one.prediction.digest:
        return
    for kind in said.get("kinds") or [said.get("kind")]:
        key = f"interacted-{review.study.id}-{review.one.prediction.digest}-{kind}"
        if st.session_state.get(key):
            continue
        try:
            record_interaction(review.at.workspace, review.at.session, review.study, review.one.prediction, str(kind))
        except OverreadError as error:
            set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
            return
        st.session_state[key] = True
