"""The EEG page: risk timeline and traces, the list of events, and the verdict column."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from ..casework import Intent, Replay, next_study, recording_montages, risk_rules
from ..components import eeg_events, eeg_viewer, eeg_viewer_state
from ..terms import ELECTROGRAPHIC, StudyKind
from ..viewmodels import burden_words, eeg_data, window_events
from .closed import note_interaction
from .desk import Desk, notice, token_for
from .event_details import draw_event_details
from .opening import go_on, open_review
from .recording import add_finding, commit_read
from .replay import draw_replay, replay_asked
from .review import Review, selected_of
from .strip import strip
from .verdicts import draw_notice, draw_verdicts
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
    data = {**_data(review), "activity": review.counts_active}
    mode = "windows" if review.windows else "blind" if review.blind else "open"
    with left:
        key, study = f"eeg-{review.study.id}-{mode}", review.study.id
        told = eeg_viewer(data, key=key)
    with right, st.container(key="verdict"):
        if review.windows or (not review.blind and (review.cards or review.own)):
            eeg_events(data, key=f"events-{review.study.id}")
        review = review.with_screen(told, selected_of(review, told), lambda: eeg_viewer_state(key, study))
        note_interaction(review)
        if review.windows:
            draw_windows(review)
        elif review.blind:
            _blind(review)
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
    what = ("signal",) if review.blind else ("signal", "risk", "draft")
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
    _burden(review)


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


def _burden(review: Review) -> None:
    missing = sum(length for _, length in review.one.prediction.not_evaluated_s) if review.one else 0.0
    lines = burden_words(review.cards, review.own, missing)
    st.html('<div class="or-card tight">' + "".join(
        f'<div class="or-row"><span>{html.escape(words)}</span><b>{html.escape(value)}</b></div>' for words, value in lines
    ) + "</div>")  # fmt: skip


def _blind(review: Review) -> None:
    """The reader's own read of the recording, before anything of the model."""
    kept: list[dict[str, float]] = st.session_state.setdefault(f"ranges-{review.study.id}", [])
    st.html(
        '<p class="or-caps">Your own read first</p><p class="or-title" style="font-size:16px">What do you see?</p>'
        '<p class="or-small">This recording is read blind. Nothing of the model has been sent to this browser. Drag over '
        "each seizure and say how sure you are.</p>"
    )
    st.button("Nothing seen", key="blind-none", shortcut="n", width="stretch", disabled=bool(kept),
              on_click=commit_read, args=(review,), kwargs={"present": False, "findings": []})  # fmt: skip
    dragged = _range(review)
    if dragged is not None:
        with st.container(key="reasons", horizontal=True):
            for sure in range(1, 6):
                entry = {"onset_s": dragged[0], "duration_s": dragged[1], "sure": sure}
                st.button(f"sure {sure}", key=f"sure-{sure}", shortcut=str(sure), on_click=kept.append, args=(entry,))
    for number, entry in enumerate(kept, start=1):
        st.html(f'<div class="or-card">{number} · {entry["onset_s"]:.1f} s, {entry["duration_s"]:.1f} s long, sure '
                f'{entry["sure"]:.0f} of 5</div>')  # fmt: skip
    findings = [Intent(onset_s=e["onset_s"], duration_s=e["duration_s"], confidence=int(e["sure"])) for e in kept]
    st.button("Commit and reveal", key="blind-commit", shortcut="enter" if kept else None, disabled=not kept,
              type="primary", width="stretch", on_click=commit_read, args=(review,),
              kwargs={"present": True, "findings": findings})  # fmt: skip
    if notice():
        draw_notice(review)
