"""Unlabelled windows of an EEG: the same four verdicts, before anything of the model is shown."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import Intent, UnlabelledWindow, judge_window
from ..errors import OverreadError
from ..terms import Action
from .desk import notice, set_notice
from .recording import active_s_of, tell, view_of
from .review import Review
from .verdicts import draw_notice

__all__ = ["draw_windows"]

_SAID = {
    Action.ACCEPT: "a seizure is here",
    Action.MODIFY: "a seizure is here, with your edges",
    Action.REJECT: "no seizure here",
    Action.UNSURE: "unsure",
}


def draw_windows(review: Review) -> None:
    """Draw the column for the selected window."""
    window = next((w for w in review.windows if str(w.number) == review.selected), review.windows[0])
    left = sum(not w.verdict for w in review.windows)
    st.html(
        f'<p class="or-caps">Window {window.number} of {len(review.windows)}, {left} open</p>'
        '<p class="or-title" style="font-size:16px;margin:0 0 6px 0">Does a seizure begin here?</p>'
        '<p class="or-small">Some of these windows hold an alert, some do not. Nothing of the model has been sent to this '
        "browser; it is shown when the last window is judged.</p>"
        + (f'<p class="or-text">Yours: {html.escape(_SAID[Action(window.verdict)])}</p>' if window.verdict else "")
    )
    dragged = review.told.get("range")
    edges = (float(dragged["onset_s"]), float(dragged["duration_s"])) if isinstance(dragged, dict) else None
    for action, words, key in (
        (Action.ACCEPT, "Seizure", "a"),
        (Action.MODIFY, "Seizure, as dragged", "m"),
        (Action.REJECT, "No seizure", "x"),
        (Action.UNSURE, "Unsure", "u"),
    ):
        st.button(
            words,
            key=f"window-{action}",
            shortcut=key,
            disabled=action is Action.MODIFY and edges is None,
            on_click=_record,
            args=(review, window, action, edges if action is Action.MODIFY else None),
            width="stretch",
        )
    st.text_input(
        "Comment",
        key=_comment_key(review, window),
        placeholder="Never write names here",
        max_chars=2000,
        label_visibility="collapsed",
    )
    if notice():
        draw_notice(review)


def _comment_key(review: Review, window: UnlabelledWindow) -> str:
    return f"comment-{review.study.id}-window-{window.number}"


def _record(review: Review, window: UnlabelledWindow, action: Action, edges: tuple[float, float] | None) -> None:
    """Record the verdict on the window that the column was drawn for, and go to the next open one."""
    intent = Intent(
        shown=str(window.number) in review.shown,
        drawn_with=window.state,
        view=view_of(review),
        active_s=active_s_of(review),
        comment=str(st.session_state.get(_comment_key(review, window)) or ""),
        onset_s=edges[0] if edges else None,
        duration_s=edges[1] if edges else None,
    )
    try:
        row = judge_window(review.at.workspace, review.at.session, review.study, window.number, action, intent)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"Window {window.number}: {_SAID[action]}")
    others = [w for w in review.windows if not w.verdict and w.number != window.number]
    later = [w for w in others if w.number > window.number]
    if others:
        st.session_state[f"select-{review.study.id}"] = str((later or others)[0].number)
