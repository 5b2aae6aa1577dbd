"""Ledger rows for tests: true rows, appended to a true file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.ledger import Ledger, LedgerEntry, NewRow

__all__ = ["a_ledger", "a_row", "entries_of"]


def a_ledger(folder: Path, **given: Any) -> Ledger:
    """A ledger in a folder."""
    return Ledger(folder / "reviews", **{"software": "overread test", "comment_key": b"k" * 32, **given})


def a_row(action: str = "accept", **given: Any) -> NewRow:
    """A human row, complete enough for the ledger."""
    said = {
        "reader": "R-01",
        "role": "radiologist",
        "identity": "unverified",
        "exposure": "PRESENCE+LOCALIZATION",
        "study": "S-AAAAAAAAAA",
        "subject": "P-AAAAAAAAAA",
        "kind": "mr",
        "model": "m",
        "prediction": "p" * 64,
        "finding": "1",
        "finding_kind": "lesion",
    }
    return NewRow(action=action, **{**said, **given})


def entries_of(folder: Path, *rows: NewRow) -> tuple[LedgerEntry, ...]:
    """The rows as entries of a ledger in a folder."""
    ledger = a_ledger(folder)
    ledger.append(*rows)
    return ledger.entries()
