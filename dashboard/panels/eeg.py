"""The EEG page: risk timeline and traces, the list of events, and the verdict column."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ..casework import Replay, kept_interval, next_study, recording_montages, risk_rules
from ..components import eeg_events, eeg_viewer, eeg_viewer_state
from ..terms import ELECTROGRAPHIC, StudyKind
from ..viewmodels import eeg_data, read_events, window_events
from .closed import note_interaction
from .desk import Desk, token_for
from .eeg_notes import draw_burden, draw_input_notes
from .eeg_read import draw_eeg_read, marks_of
from .event_details import draw_event_details
from .opening import go_on, open_review
from .recording import add_finding
from .replay import draw_replay, replay_asked
from .review import Review, selected_of
from .strip import strip
from .verdicts import draw_verdicts
from .windows import draw_windows

__all__ = ["eeg"]


def eeg() -> None:
    """Draw the page for the recording in the address, or the reader's next, or a row's view again."""
    if replay_asked():
        draw_replay(_replay, [1128, 312])
        return
    go_on(StudyKind.EEG)
    review = open_review(StudyKind.EEG)
    if review is None:
        with st.container(key="page"):
            st.html('<p class="or-h1">No EEG recording yet</p><p class="or-sub">Add one on the worklist, or run '
                    "<code>overread add FILE.edf</code>.</p>")  # fmt: skip
        return
    strip(review)
    left, right = st.columns([1128, 312], gap=None)
    mode = "windows" if review.windows else "blind" if review.blind else "open"
    key, study = f"eeg-{review.study.id}-{mode}", review.study.id
    marks = [] if review.windows else marks_of(review, eeg_viewer_state(key, study)["range"])
    data = {**_data(review), "activity": review.counts_active}
    if marks:
        data["events"] = read_events(marks)
    with left:
        told = eeg_viewer(data, key=key)
    with right, st.container(key="verdict"):
        draw_input_notes(review)
        if review.windows or (not review.blind and (review.cards or review.own)):
            eeg_events(data, key=f"events-{review.study.id}")
        review = review.with_screen(told, selected_of(review, told), lambda: eeg_viewer_state(key, study))
        note_interaction(review)
        if review.windows:
            draw_windows(review)
        elif review.blind:
            draw_eeg_read(review, marks)
        else:
            draw_verdicts(review, lambda: _between(review))


def _replay(at: Desk, said: Replay, drawn: dict[str, Any]) -> None:
    row = drawn.pop("row")
    data = eeg_data(
        said.study,
        token=token_for(at, said.study.id, *(("signal",) if said.blind else ("signal", "risk"))),
        blind=said.blind,
        settings=at.workspace.settings,
        montages=recording_montages(at.workspace, said.study),
        one=said.one,
        rules=risk_rules(at.workspace, said.one) if said.one else None,
        replay=row,
        **drawn,
    )
    eeg_viewer(data, key=f"eeg-replay-{row}")


def _data(review: Review) -> dict[str, Any]:
    at = review.at
    what = ("signal", "draft") if review.blind else ("signal", "risk", "draft")
    prediction = review.one.prediction if review.one else None
    data = eeg_data(
        review.study,
        token=token_for(at, review.study.id, *what),
        short=review.short,
        blind=review.blind,
        settings=at.workspace.settings,
        montages=recording_montages(at.workspace, review.study),
        one=review.one,
        rules=risk_rules(at.workspace, review.one) if review.one else None,
        cards=review.cards,
        own=review.own,
        selected=selected_of(review, None),
        upcoming=_upcoming(review),
        draft=None if review.windows else kept_interval(at.workspace, at.session, review.study, prediction),
    )
    if review.windows:
        data |= {"events": window_events(review.windows), "heading": "Windows, in the order of time"}
    return data


def _upcoming(review: Review) -> dict[str, Any] | None:
    at = review.at
    following = next_study(at.workspace, at.session, StudyKind.EEG, after=review.study.id)
    if following is None:
        return None
    recording = at.workspace.study(following).recording
    if recording is None:
        return None
    return {"study": following, "token": token_for(at, following, "signal"), "digest": recording.digest}


def _range(review: Review) -> tuple[float, float] | None:
    """The stretch that the reader dragged for a new event, not an edge of a known one."""
    dragged = review.told.get("range")
    if not isinstance(dragged, dict) or dragged.get("event"):
        return None
    return float(dragged["onset_s"]), float(dragged["duration_s"])


def _between(review: Review) -> None:
    draw_event_details(review)
    _missed(review)
    draw_burden(review)


def _missed(review: Review) -> None:
    """Add an event that the detector missed: drag over the traces, D."""
    dragged = _range(review)
    if dragged is None or st.session_state.get("added-range") == (review.study.id, dragged):
        return
    onset, length = dragged

    def add() -> None:
        add_finding(review, onset_s=onset, duration_s=length, event_type=ELECTROGRAPHIC)
        st.session_state["added-range"] = (review.study.id, dragged)

    st.button(
        f"Add missed event, {onset:.1f} s + {length:.1f} s",
        key="add-missed",
        shortcut="d",
        on_click=add,
        width="stretch",
    )
