"""Type and channels of an event, said with its verdict; and one alert that is two seizures, or two that are one."""

from __future__ import annotations

import streamlit as st

from ..terms import ELECTROGRAPHIC, SEIZURE_TYPES, Action
from ..viewmodels import FindingCard, event_span, next_alert
from .event_said import event_key
from .recording import give_verdict
from .review import Review

__all__ = ["draw_event_details"]


def draw_event_details(review: Review) -> None:
    """Type and channels of the selected alert, to be said before A or M, and what splits or merges it."""
    card = next((c for c in review.cards if c.id == review.selected), None)
    if card is None or card.finding is None or review.study.recording is None:
        return
    _split(review, card)
    _merge(review, card)
    video = event_key("video", review.study.id, card)
    with st.popover("Type, channels", width="stretch"):
        seen = st.checkbox("Video or notes seen", key=video)
        st.selectbox(
            "Type (ILAE 2025)" if seen else "Type: electrographic, clinical correlate unknown",
            SEIZURE_TYPES,
            index=None,
            placeholder=ELECTROGRAPHIC,
            key=event_key("type", review.study.id, card),
            disabled=not seen,
        )
        labels = [review.study.recording.channels[n].label for n in review.study.recording.eeg_channels]
        st.multiselect(
            "Channels involved; none: the detector's",
            labels,
            key=event_key("channels", review.study.id, card),
            placeholder=", ".join(card.finding.channels) or "not said",
        )
        st.html('<p class="or-small">Said with the next Accept or Modify.</p>')


def _split(review: Review, card: FindingCard) -> None:
    dragged = review.told.get("range")
    if not isinstance(dragged, dict) or dragged.get("event"):
        return
    start, stop = event_span(card)
    low, high = float(dragged["onset_s"]), float(dragged["onset_s"]) + float(dragged["duration_s"])
    if not start < low < high < stop:
        return
    said = {"onset_s": start, "duration_s": low - start, "parts": ((high, stop - high),)}
    st.button(
        f"Split event {card.number}: pause of {high - low:.1f} s",
        key="split-event",
        shortcut="s",
        on_click=give_verdict,
        args=(review, card, Action.MODIFY),
        kwargs=said,
        width="stretch",
    )


def _merge(review: Review, card: FindingCard) -> None:
    other = next_alert(review.cards, card)
    if other is None:
        return
    (start, stop), (_, end) = event_span(card), event_span(other)
    said = {"onset_s": start, "duration_s": max(stop, end) - start, "merged": (other.id,)}
    seen = other.id in review.shown
    st.button(
        f"Events {card.number} and {other.number} are one"
        if seen
        else f"One with event {other.number}? Look at it first",
        key="merge-events",
        shortcut="t" if seen else None,
        disabled=not seen,
        on_click=give_verdict,
        args=(review, card, Action.MODIFY),
        kwargs=said,
        width="stretch",
    )
