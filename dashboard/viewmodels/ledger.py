"""The ledger as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from ..ledger import LedgerEntry, current_verdicts

__all__ = ["LEDGER_FILES", "ledger_rows"]

LEDGER_FILES = {
    "csv": "CSV, for spreadsheets",
    "jsonl": "JSON lines",
    "dses": "Decision sequences (DSES)",
    "fhir": "FHIR R4B",
}
"""What the page calls each form in which the ledger can be taken away, by its name."""


def ledger_rows(
    entries: Sequence[LedgerEntry],
    comments: Mapping[str, str],
    *,
    current_only: bool,
    erased: Set[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Rows for the screen, newest first; with `current_only` the verdicts in force; `erased` studies say so."""
    shown = list(current_verdicts(tuple(entries)).values()) if current_only else list(entries)
    return [
        {
            "row": e.seq,
            "recorded": e.recorded_at.replace("T", " ").replace("Z", ""),
            "action": e.action.replace("_", " "),
            "reader": e.reader,
            "identity": e.identity,
            "study": f"{e.study} erased" if e.study in erased else e.study,
            "finding": e.finding if len(e.finding) < 6 else e.finding[:8],
            "reason": e.reason,
            "comment": comments.get(e.event_id, "erased" if e.comment else ""),
            "exposure": e.exposure,
            "hash": e.hash[:12],
        }
        for e in sorted(shown, key=lambda e: -e.seq)
    ]
