"""Rows by study and sign-offs by reader, kept up with the ledger: each row is sorted in once, then only looked up.

Trust model: it holds nothing that the ledger does not, and starts anew where the file before it is another one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ..ledger import LedgerEntry
from ..terms import Action

__all__ = ["StudyIndex"]


class StudyIndex:
    """Rows of a ledger by study. Its owner guards it between threads."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._count = 0
        self._last = ""
        self._rows: dict[str, list[LedgerEntry]] = {}
        self._shown: dict[str, tuple[LedgerEntry, ...]] = {}
        self._signed: dict[str, list[int]] = {}

    def catch_up(self, entries: Sequence[LedgerEntry]) -> None:
        """Sort in what is new of all rows, oldest first."""
        before = self._count
        if before > len(entries) or (before and entries[before - 1].hash != self._last):
            self._forget()
        for entry in entries[self._count :]:
            if entry.study:
                self._rows.setdefault(entry.study, []).append(entry)
                self._shown.pop(entry.study, None)
            if entry.action == Action.SIGN_OFF:
                self._signed.setdefault(entry.reader, []).append(entry.seq)
        self._count = len(entries)
        self._last = entries[-1].hash if entries else ""

    def of(self, study: str) -> tuple[LedgerEntry, ...]:
        """The study's rows, oldest first; the same tuple as long as none came."""
        if study not in self._shown:
            self._shown[study] = tuple(self._rows.get(study, ()))
        return self._shown[study]

    def studies(self) -> tuple[str, ...]:
        """Studies that any row names."""
        return tuple(self._rows)

    def signed_since(self, reader: str, seq: int) -> int:
        """How many sign-offs the reader has recorded after a row, of whichever study."""
        signed = self._signed.get(reader, [])
        return len(signed) - bisect_right(signed, seq)
