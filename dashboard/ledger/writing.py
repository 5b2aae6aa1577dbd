"""Appending: under the lock the tail is read and mended and all lines go out in one write; the sync comes after it."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ..chain import END, HEADER, HEADER_HASH, PreparedRow, prepared
from ..domain import LedgerEntry, NewRow, utc_text
from ..errors import LedgerRefused
from ..files import TextFile, append_whole, fsync_folder, write_atomic
from ..terms import Action, Identity, Role
from .durable import Durable
from .recovery import refuse_if_damaged, set_tail_aside, unreported_tails
from .series import Series

__all__ = ["Writer"]

_EFFECTIVE = os.access in os.supports_effective_ids

Entries = tuple[LedgerEntry, ...]


class Writer:
    """The one of a ledger's objects that changes files. Not safe between threads: its owner guards it.

    Parameters
    ----------
    series, durable, comments
        The ledger's files.
    software : str
        Name and version, written into every row.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self, series: Series, durable: Durable, comments: TextFile, software: str, clock: Callable[[], float]
    ) -> None:
        self._series = series
        self._durable = durable
        self._comments = comments
        self._software = software
        self._clock = clock
        self._folder = series.files.path.parent
        self._lock_tried = False
        self._tails_reported = False

    def record(self, requests: Sequence[Sequence[PreparedRow]]) -> list[Entries]:
        """Append the rows of several callers in one write and make them durable; the entries of each.

        Raises
        ------
        LedgerRefused, OSError
            None of these rows is acknowledged, and none of them stays unless others already stand behind it.
        """
        self._open()
        with self._durable.writing:
            answers, start, commented = self._write(requests)
        inode, end = self._series.files.inode, self._series.files.offset
        try:
            if commented:
                self._comments.sync()
            self._durable.settle(own=True)
        except OSError:
            self._take_back(inode, start, end)
            raise
        return answers

    def rotate(self) -> LedgerEntry:
        """Close the live file under the name of its last row and begin the next; the `rotate` row that links them.

        Raises
        ------
        LedgerRefused, OSError
            There is nothing to close, or the disk refuses. A crash in between is made good by the next writer.
        """
        self._open()
        series = self._series
        with self._durable.syncing, self._durable.writing:
            self._write([])
            last = series.row(series.chain.seq)
            if last is None or last.action == Action.ROTATE:
                raise LedgerRefused(
                    "The ledger was not rotated.",
                    "No row was written since the file was begun.",
                    "Rotate when there are rows to close.",
                )
            self._durable.sync()
            os.rename(series.files.path, self._folder / f"reviews-{last.seq}.csv")
            fsync_folder(self._folder)
            series.catch_up(sure=True)
            self._begin()
            self._durable.sync()
            return series.entries()[-1]

    def _begin(self) -> None:
        """Under the lock: write a live file where there is none, linked to the closed one before it if there is one."""
        data, series = HEADER, self._series
        if series.files.closed:
            link = {"file": series.files.closed[-1], "seq": series.chain.seq, "hash": series.chain.digest}
            data += self._own(Action.ROTATE, link).line(series.chain.seq + 1, self._now(), HEADER_HASH) + END
        write_atomic(series.files.path, data)
        series.catch_up(sure=True)

    def _open(self) -> None:
        if self._lock_tried:
            return
        if not self._folder.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            fsync_folder(self._folder.parent)
        self._durable.writing.check()
        self._lock_tried = True

    def _write(self, requests: Sequence[Sequence[PreparedRow]]) -> tuple[list[Entries], int, bool]:
        """Under the lock: the entries of each request, where the new bytes begin, and whether comments were written."""
        series = self._series
        size, kept = series.catch_up(sure=True), self._durable.head()
        if series.files.inode and not os.access(series.files.name, os.W_OK, effective_ids=_EFFECTIVE):
            # A descriptor opened before would still write.
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if series.files.inode == 0 and series.broken is None and (kept is None or kept[0].seq <= series.chain.seq):
            self._begin()  # There never was a live file, or a crash came after the one before was closed.
            size = series.files.offset
        known, last = series.chain.ids, series.row(series.chain.seq)
        for at in (known.get(row.written_id.encode()) for rows in requests for row in rows):
            if at is not None:
                series.row(
                    at + 1
                )  # What a repeat is answered with must be whole, and so the row that is written behind.
        refuse_if_damaged(series, kept)
        now = self._now()
        faults = self._faults(size, now, last)
        start, before = series.files.offset, series.chain.before
        fresh: dict[bytes, tuple[bytes, LedgerEntry]] = {}
        texts: list[tuple[str, str]] = []
        for row in (row for rows in (faults, *requests) for row in rows):
            written_id = row.written_id.encode()
            if written_id not in known and written_id not in fresh:
                seq = series.chain.seq + len(fresh) + 1
                line = row.line(seq, now, before)
                entry = row.entry(seq, now, line)
                before, fresh[written_id] = entry.hash, (line, entry)
                if row.comment:
                    texts.append((row.event_id, row.comment))
        commented = self._comments.append(texts)
        if fresh:
            lines = END.join([*(line for line, _ in fresh.values()), b""])
            append_whole(self._durable.syncing.descriptor(series.files.inode), lines, start)
        for written_id, (line, entry) in fresh.items():
            series.accept(written_id, line, entry)
        numbers = [[known[row.written_id.encode()] + 1 for row in rows] for rows in requests]
        return [tuple(map(series.row, of)) for of in numbers], start, commented

    def _faults(self, size: int, now: str, last: LedgerEntry | None) -> list[PreparedRow]:
        """Rows for what has gone wrong since the last one: a tail set aside, a clock that went backwards."""
        found: list[dict[str, object]] = []
        if set_tail_aside(self._series, size) or not self._tails_reported:
            found = unreported_tails(self._series)
            self._tails_reported = not found
        if last is not None and last.action != Action.FAULT and now < last.recorded_at:
            found.append({"code": "clock_backwards"})
        return [self._own(Action.FAULT, details) for details in found]

    def _own(self, action: Action, details: dict[str, object]) -> PreparedRow:
        row = NewRow(action=action, reader="overread", role=Role.OPERATOR, identity=Identity.SYSTEM, details=details)
        return prepared(row, str(uuid.uuid4()), "", self._software)

    def _now(self) -> str:
        return utc_text(datetime.fromtimestamp(self._clock(), UTC))

    def _take_back(self, inode: int, start: int, end: int) -> None:
        """After a failed sync: cut off what was just written, unless others stand behind it or have synced it since."""
        try:
            with self._durable.syncing, self._durable.writing:
                state, kept = os.stat(self._series.files.path), self._durable.head()
                durable_to = kept[1] if kept is not None and kept[0].seq > self._series.began else 0
                if (state.st_ino, state.st_size) == (inode, end) and start < end and durable_to <= start:
                    os.truncate(self._series.files.path, start)
        finally:
            self._series.forget()
            self._tails_reported = False
