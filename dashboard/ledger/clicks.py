"""The id that makes one click one row, however often it arrives."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ..files import canonical_digest, canonical_json

__all__ = ["CLICK_NAMESPACE", "click_event_id"]

CLICK_NAMESPACE = uuid.UUID("6f9d2f7e-54c0-5d8e-9b1c-0a7e4d3b2c11")
"""Namespace of the UUIDv5 ids of clicks; stated in docs/ledger.md."""


def click_event_id(
    reader: str, study: str, finding: str, action: str, current_event_id: str, intent: Mapping[str, Any]
) -> str:
    """UUIDv5 over the RFC 8785 array of who, what, and the state that the page was drawn with.

    The same click sent twice gives the same id; the same verdict on a later state gives another.
    """
    name = canonical_json([reader, study, finding, str(action), current_event_id, canonical_digest(dict(intent))])
    return str(uuid.uuid5(CLICK_NAMESPACE, name.decode()))
