"""What of the AI's output had reached a reader: a set of classes, written in one fixed order.

Trust model: it is what the server handed over, not what the eye took in; a second pass keeps the exposure of the first.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..ledger import LedgerEntry
from ..terms import EXPOSURE_ORDER, Action, ExposureClass

__all__ = ["exposure_at", "format_exposure", "parse_exposure"]


def format_exposure(classes: Iterable[ExposureClass]) -> str:
    """'NONE', or the classes joined by '+' in the order of DSES 0.1."""
    given = set(classes)
    return "+".join(c for c in EXPOSURE_ORDER if c in given) or "NONE"


def parse_exposure(text: str) -> frozenset[ExposureClass]:
    """The classes of an exposure field; none for NONE, UNKNOWN and empty."""
    return frozenset(ExposureClass(word) for word in text.split("+") if word not in ("", "NONE", "UNKNOWN"))


def exposure_at(entries: Iterable[LedgerEntry], study: str, reader: str, *, scripted: bool) -> str:
    """The union of the reader's `present` rows on the study so far; UNKNOWN for scripts."""
    if scripted:
        return "UNKNOWN"
    return format_exposure(
        exposure
        for entry in entries
        if entry.action == Action.PRESENT and (entry.study, entry.reader) == (study, reader)
        for exposure in parse_exposure(entry.exposure)
    )
