"""A series taken for another sequence from the page, and the wait until a model has read the study anew."""

from __future__ import annotations

import streamlit as st

from ..casework import correct_sequence
from ..components import viewer_state
from ..errors import OverreadError
from ..terms import SEQUENCE_WORDS, Sequence
from .desk import set_notice
from .recording import tell
from .review import Review

__all__ = ["assign_series", "draw_reading_anew"]

_LOOK_EVERY_S = 2.0


def assign_series(review: Review, key: str) -> None:
    """Record what the reader said in the viewer; a callback, so that the page is drawn from the new assignment."""
    said = viewer_state(key, review.study.id)["assigned"]
    if said is None or said.get("sequence") not in set(Sequence):
        return
    sequence = Sequence(said["sequence"])
    try:
        row = correct_sequence(
            review.at.workspace, review.at.session, review.study, str(said.get("series", "")), sequence
        )
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    if row is None:
        set_notice("The series was taken for that already")
        return
    tell(row, f"Series taken for {SEQUENCE_WORDS[sequence]}", undoable=False)


def draw_reading_anew(review: Review) -> None:
    """While a model reads the study as it is assigned now: how far it is; the page follows when it is done."""
    if review.one is None and (review.former or any(volume.made_from for volume in review.study.volumes)):
        _wait(review)


@st.fragment(run_every=_LOOK_EVERY_S)
def _wait(review: Review) -> None:
    key = f"read-anew-{review.study.id}"
    jobs = [job for job in review.at.workspace.jobs.jobs() if job.study == review.study.id and not job.step]
    if jobs and jobs[-1].state in ("queued", "running"):
        st.session_state[key] = jobs[-1].id
        st.html(f'<p class="or-small">A model reads the study anew: {jobs[-1].progress:.0%}</p>')
    elif jobs and st.session_state.pop(key, None) == jobs[-1].id:
        st.rerun(scope="app")
    elif jobs and jobs[-1].state == "failed":
        st.html(f'<p class="or-small">It was not read anew: {jobs[-1].error.replace("_", " ")}</p>')
