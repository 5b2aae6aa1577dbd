"""What a verdict on an event says of its type and channels."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ..terms import ELECTROGRAPHIC
from ..viewmodels import FindingCard

__all__ = ["event_key", "event_said"]


def event_said(study: str, card: FindingCard) -> dict[str, Any]:
    """What the row says of type and channels: electrographic and the detector's, unless the reader chose others."""
    video = bool(st.session_state.get(event_key("video", study, card)))
    kind = st.session_state.get(event_key("type", study, card)) if video else None
    offered = card.finding.channels if card.finding else ()
    channels = tuple(st.session_state.get(event_key("channels", study, card)) or offered)
    said: dict[str, Any] = {"event_type": kind or ELECTROGRAPHIC, "channels": channels}
    return said | ({"video": True} if video and kind else {})


def event_key(what: str, study: str, card: FindingCard) -> str:
    """The key of a choice on an event."""
    return f"event-{what}-{study}-{card.id}"
