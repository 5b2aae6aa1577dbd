"""Steps on the study's series: offered where they are called for, computed, looked at, used, and taken back."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import (
    StepOffer,
    accept_alignment,
    accept_brain_mask,
    discard_step,
    may_correct,
    offered_steps,
    start_step,
    steps_in_force,
    waiting_steps,
    withdraw_step,
)
from ..errors import OverreadError
from ..viewmodels import in_force_words, offer_title, offer_words, step_name, step_title, step_words
from ..workspace import Step
from .desk import set_notice
from .recording import tell
from .review import Review

__all__ = ["draw_steps"]

_LOOK_EVERY_S = 2.0


def draw_steps(review: Review) -> None:
    """Draw what is offered, what waits to be looked at and what is in use, to those who may change series."""
    at, study = review.at, review.study
    if not may_correct(at.session):
        return
    for step in waiting_steps(at.workspace, study):
        with st.popover(step_title(step.record), width="stretch"):
            _picture(step, step_words(step.record))
            with st.container(horizontal=True):
                name, given = step.digest[:12], (review, step)
                st.button("I have looked at it: use it", key=f"use-{name}", on_click=_use, args=given)
                st.button("Do not use it", key=f"drop-{name}", on_click=_drop, args=given)
    offers = offered_steps(at.workspace, at.session, study)
    if any(offer.is_running for offer in offers):
        _wait(review)
    for offer in offers:
        if not offer.is_running:
            _offer(review, offer)
    for step in steps_in_force(at.workspace, study):
        with st.popover(f"In use: {step_name(step.record)}", width="stretch"):
            _picture(step, in_force_words(step.record, step.by, step.at))
            st.button("Take it back", key=f"back-{step.digest[:12]}", on_click=_take_back, args=(review, step))


def _picture(step: Step, words: str) -> None:
    st.html(f'<p class="or-small">{html.escape(words)}</p>')
    st.image(step.picture.read_bytes())


def _offer(review: Review, offer: StepOffer) -> None:
    st.html(f'<p class="or-small">{html.escape(offer_words(offer))}</p>')
    st.button(offer_title(offer), key=f"start-{offer.step}-{offer.series[:12]}", width="stretch",
              disabled=bool(offer.missing), on_click=_start, args=(review, offer))  # fmt: skip


@st.fragment(run_every=_LOOK_EVERY_S)
def _wait(review: Review) -> None:
    """How far what is being computed is; the page follows when any of it has ended."""
    offers = offered_steps(review.at.workspace, review.at.session, review.study)
    running = {f"{offer.step} {offer.series}" for offer in offers if offer.is_running}
    key = f"computing-{review.study.id}"
    if st.session_state.get(key, set()) - running:
        st.session_state[key] = running
        st.rerun(scope="app")
    st.session_state[key] = running
    for offer in offers:
        if offer.is_running and offer.job is not None:
            st.html(f'<p class="or-small" role="status">{html.escape(offer_words(offer))}</p>')


def _start(review: Review, offer: StepOffer) -> None:
    try:
        start_step(review.at.workspace, review.at.session, review.study, offer.step, offer.series)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)


def _use(review: Review, step: Step) -> None:
    accept = accept_alignment if step.record["step"] == "registration" else accept_brain_mask
    try:
        row = accept(review.at.workspace, review.at.session, review.study, step)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"{_name(step)}: in use", undoable=False)


def _drop(review: Review, step: Step) -> None:
    try:
        discard_step(review.at.workspace, review.at.session, review.study, step)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    set_notice("The step is not used")


def _take_back(review: Review, step: Step) -> None:
    try:
        row = withdraw_step(review.at.workspace, review.at.session, review.study, step)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"{_name(step)}: taken back", undoable=False)


def _name(step: Step) -> str:
    name = step_name(step.record)
    return name[0].upper() + name[1:]
