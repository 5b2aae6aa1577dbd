"""Who still owes a study a read of their own. Decided from ledger rows alone, and closed when in doubt."""

from __future__ import annotations

from collections.abc import Iterable

from ..ledger import LedgerEntry
from ..terms import Action

__all__ = ["committed_read", "owes_blind_read"]


def committed_read(entries: Iterable[LedgerEntry], study: str, reader: str) -> LedgerEntry | None:
    """The study-level `read` row that opens the gate (its `finding` is empty), if it is there and not withdrawn."""
    found: LedgerEntry | None = None
    for entry in entries:
        if entry.study != study or entry.reader != reader:
            continue
        if entry.action == Action.READ and not entry.finding:
            found = entry
        elif entry.action == Action.AMEND and found is not None and entry.supersedes == found.event_id:
            found = None
    return found


def owes_blind_read(entries: Iterable[LedgerEntry], study: str, reader: str, *, blind_first: bool) -> bool:
    """Whether nothing of a model may reach this reader yet."""
    return blind_first and committed_read(entries, study, reader) is None
