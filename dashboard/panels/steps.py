"""Computed steps on the study's series that wait for a person: the picture, and a button each way."""

from __future__ import annotations

import streamlit as st

from ..casework import accept_alignment, accept_brain_mask, discard_step, may_correct, waiting_steps
from ..errors import OverreadError
from ..viewmodels import step_title, step_words
from ..workspace import Step
from .desk import set_notice
from .recording import tell
from .review import Review

__all__ = ["draw_steps"]


def draw_steps(review: Review) -> None:
    """Offer each step that was computed and not decided, to those who may change series."""
    if not may_correct(review.at.session):
        return
    for step in waiting_steps(review.at.workspace, review.study):
        with st.popover(step_title(step.record), width="stretch"):
            st.image(step.picture.read_bytes())
            st.html(f'<p class="or-small">{step_words(step.record)}</p>')
            with st.container(horizontal=True):
                name, given = step.digest[:12], (review, step)
                st.button("I have looked at it: use it", key=f"use-{name}", on_click=_use, args=given)
                st.button("Do not use it", key=f"drop-{name}", on_click=_drop, args=given)


def _use(review: Review, step: Step) -> None:
    accept = accept_alignment if step.record["step"] == "registration" else accept_brain_mask
    try:
        row = accept(review.at.workspace, review.at.session, review.study, step)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"{step_title(step.record).removeprefix('Check: ')}: in use", undoable=False)


def _drop(review: Review, step: Step) -> None:
    try:
        discard_step(review.at.workspace, review.at.session, review.study, step)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    set_notice("The step is not used")
