"""Rows by study and sign-offs by reader, kept up with the ledger: each row is sorted in once, then only looked up.

Trust model: it holds nothing that the ledger does not, and starts anew where the file before it is another one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from ..ledger import LedgerEntry
from ..terms import Action

__all__ = ["StudyIndex", "StudyRows", "once"]

T = TypeVar("T")
_SIGN_OFF = Action.SIGN_OFF


class StudyRows(tuple[LedgerEntry, ...]):
    """A study's rows, and with them what `once` has worked out of them: a list of studies asks the same several times."""

    worked_out: dict[Any, Any]

    @classmethod
    def of(cls, rows: Sequence[LedgerEntry]) -> StudyRows:
        """The rows, of which nothing is worked out yet."""
        made = cls(rows)
        made.worked_out = {}
        return made


def once(work: Callable[[Sequence[LedgerEntry]], T]) -> Callable[[Sequence[LedgerEntry]], T]:
    """A function of rows that is asked once of the same `StudyRows`. What it gives is shared, and nobody changes it."""

    @wraps(work)
    def asked(rows: Sequence[LedgerEntry]) -> T:
        if not isinstance(rows, StudyRows):
            return work(rows)
        if work not in rows.worked_out:
            rows.worked_out[work] = work(rows)
        found: T = rows.worked_out[work]
        return found

    return asked


class StudyIndex:
    """Rows of a ledger by study. Its owner guards it between threads."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._count = 0
        self._last = ""
        self._rows: dict[str, list[LedgerEntry]] = {}
        self._shown: dict[str, StudyRows] = {}
        self._signed: dict[str, list[int]] = {}

    def catch_up(self, entries: Sequence[LedgerEntry]) -> None:
        """Sort in what is new of all rows, oldest first."""
        before = self._count
        if before > len(entries) or (before and entries[before - 1].hash != self._last):
            self._forget()
        elif before == len(entries):
            return
        rows, shown = self._rows, self._shown
        for entry in entries[self._count :]:
            study = entry.study
            if study in rows:
                rows[study].append(entry)
            elif study:
                rows[study] = [entry]
            if study in shown:
                del shown[study]
            if entry.action == _SIGN_OFF:
                self._signed.setdefault(entry.reader, []).append(entry.seq)
        self._count = len(entries)
        self._last = entries[-1].hash if entries else ""

    def of(self, study: str) -> StudyRows:
        """The study's rows, oldest first; the same as long as none came."""
        if study not in self._shown:
            self._shown[study] = StudyRows.of(self._rows.get(study, ()))
        return self._shown[study]

    def studies(self) -> tuple[str, ...]:
        """Studies that any row names."""
        return tuple(self._rows)

    def signed_since(self, reader: str, seq: int) -> int:
        """How many sign-offs the reader has recorded after a row, of whichever study."""
        signed = self._signed.get(reader, [])
        return len(signed) - bisect_right(signed, seq)
