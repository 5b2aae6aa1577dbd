"""The ledger as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ledger import LedgerEntry, current_verdicts

__all__ = ["ledger_rows"]


def ledger_rows(
    entries: Sequence[LedgerEntry], comments: Mapping[str, str], *, current_only: bool
) -> list[dict[str, Any]]:
    """Rows for the screen, newest first; with `current_only` the verdicts in force."""
    shown = list(current_verdicts(tuple(entries)).values()) if current_only else list(entries)
    return [
        {
            "row": e.seq,
            "recorded": e.recorded_at.replace("T", " ").replace("Z", ""),
            "action": e.action.replace("_", " "),
            "reader": e.reader,
            "identity": e.identity,
            "study": e.study,
            "finding": e.finding if len(e.finding) < 6 else e.finding[:8],
            "reason": e.reason,
            "comment": comments.get(e.event_id, ""),
            "exposure": e.exposure,
            "hash": e.hash[:12],
        }
        for e in sorted(shown, key=lambda e: -e.seq)
    ]
