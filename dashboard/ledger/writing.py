"""Appending: under the lock the tail is read and mended and all lines go out in one write; the sync comes after it."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ..domain import LedgerEntry, NewRow
from ..errors import LedgerRefused
from ..files import fsync_folder, write_atomic
from ..terms import Action, Identity, Role
from .comments import CommentFile
from .heads import HeadFile
from .locks import locked, require_working_lock
from .reading import LiveFile, next_entry
from .recovery import fault, refuse_if_damaged, set_tail_aside, unreported_tails, write_again
from .rows import write_line
from .verifier import END, HEADER, HEADER_HASH, Head

__all__ = ["Writer"]

Rows = tuple[tuple[str, NewRow], ...]
Entries = tuple[LedgerEntry, ...]


class Writer:
    """The one of a ledger's objects that changes files. Not safe between threads: its owner guards it.

    Parameters
    ----------
    live, heads, comments
        The ledger's files.
    software : str
        Name and version, written into every row.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self, live: LiveFile, heads: HeadFile, comments: CommentFile, software: str, clock: Callable[[], float]
    ) -> None:
        self._live = live
        self._heads = heads
        self._comments = comments
        self._software = software
        self._clock = clock
        self._folder = live.path.parent
        self._lock = self._folder / "reviews.lock"
        self._lock_tried = False
        self._tails_reported = False
        self._rewrite_from: int | None = None
        self._opened: tuple[int, int] | None = None

    def record(self, requests: Sequence[Rows]) -> list[Entries]:
        """Append the rows of several callers in one write and sync it; the entries of each.

        Raises
        ------
        LedgerRefused, OSError
            None of these rows is acknowledged, and none of them stays unless others already stand behind it.
        """
        self._open()
        self._live.catch_up()  # What others wrote is parsed before the lock is taken, as far as it is there.
        with locked(self._lock):
            entries, start, commented = self._write(requests)
        self.settle(start, commented)
        return entries

    def rotate(self) -> LedgerEntry:
        """Close the live file under the name of its last row and begin the next; the `rotate` row that links them.

        Raises
        ------
        LedgerRefused, OSError
            There is nothing to close, or the disk refuses. A crash in between is made good by the next writer.
        """
        self._open()
        with locked(self._lock):
            self._write([])
            last = self._live.head
            if last is None or self._live.entries[-1].action == Action.ROTATE:
                raise LedgerRefused(
                    "The ledger was not rotated.",
                    "No row was written since the file was begun.",
                    "Rotate when there are rows to close.",
                )
            try:
                self._sync()
            except OSError:
                self._rewrite_from = self._live.durable_to
                raise
            self._heads.note_held(last, self._live.offset)
            os.rename(self._live.path, self._folder / f"reviews-{last.seq}.csv")
            fsync_folder(self._folder)
            self._live.catch_up()
            self._begin()
            return self._live.entries[-1]

    def _begin(self) -> None:
        """Under the lock: write a live file where there is none, linked to the closed one before it if there is one."""
        data, last = HEADER, self._live.head
        if last is not None and self._live.closed:
            row = NewRow(
                action=Action.ROTATE,
                reader="overread",
                role=Role.OPERATOR,
                identity=Identity.SYSTEM,
                details={"file": self._live.closed[-1], "seq": last.seq, "hash": last.hash},
            )
            data += self._line(str(uuid.uuid4()), row, Head(last.seq, HEADER_HASH))[0]
        write_atomic(self._live.path, data)
        fsync_folder(self._folder)
        self._live.durable_to = self._live.catch_up()
        if self._live.head is not None:
            self._heads.note_held(self._live.head, self._live.offset)

    def settle(self, start: int, commented: bool = False) -> None:
        """Without the lock: make what was read and written durable; after a failure take back what is ours.

        Parameters
        ----------
        start : int
            Where the bytes begin that were just written.
        """
        end = self._live.offset
        try:
            if commented:
                self._comments.sync()
            if end > self._live.durable_to:
                self._sync()
        except OSError:
            self._rewrite_from = min(start, self._live.durable_to or start)
            with locked(self._lock):
                state = os.stat(self._live.path)
                if (state.st_ino, state.st_size) == (self._live.inode, end) and end > start:
                    os.truncate(self._live.path, start)
            self._live.forget()
            self._tails_reported = False
            raise
        self._live.durable_to = end
        if self._live.head is not None:
            self._heads.note(self._live.head, end)

    def _open(self) -> None:
        if self._lock_tried:
            return
        if not self._folder.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            fsync_folder(self._folder.parent)
        require_working_lock(self._lock)
        self._lock_tried = True

    def _write(self, requests: Sequence[Rows]) -> tuple[list[Entries], int, bool]:
        """The entries of each request, where the new bytes begin, and whether comments were written."""
        if self._rewrite_from is not None:
            write_again(self._live.path, self._rewrite_from)
            self._rewrite_from = None
        size, kept = self._live.catch_up(), self._heads.read()
        if self._live.inode == 0 and self._may_begin(kept):
            self._begin()
            size, kept = self._live.offset, self._heads.read()
        refuse_if_damaged(self._live, kept)
        self._heads.advance_from(kept)
        lines: list[bytes] = []
        fresh: dict[str, LedgerEntry] = {}
        texts: list[tuple[str, str]] = []
        previous = self._live.head
        answers: list[Entries] = []
        for rows in (self._faults(size), *requests):
            entries = []
            for event_id, row in rows:
                known = self._live.by_id.get(event_id) or fresh.get(event_id)
                if known is None:
                    line, known = self._line(event_id, row, previous)
                    previous = Head(known.seq, known.hash)
                    lines.append(line)
                    fresh[event_id] = known
                    if row.comment:
                        texts.append((event_id, row.comment))
                entries.append(known)
            answers.append(tuple(entries))
        start = self._live.offset
        commented = self._comments.append(texts)
        if lines:
            data = b"".join(lines)
            self._append(data, start)
            self._live.accept(fresh.values(), start + len(data))
        return answers[1:], start, commented

    def _faults(self, size: int) -> Rows:
        """Rows for what has gone wrong since the last one: a tail set aside, a clock that went backwards."""
        rows = []
        if set_tail_aside(self._live, size) or not self._tails_reported:
            rows = unreported_tails(self._folder, self._live.entries)
            self._tails_reported = not rows
        last = self._live.entries[-1] if self._live.entries else None
        if last is not None and last.action != Action.FAULT and self._now() < last.recorded_at:
            rows.append(fault("clock_backwards"))
        return tuple((str(uuid.uuid4()), row) for row in rows)

    def _may_begin(self, kept: tuple[Head, int] | None) -> bool:
        """No live file: there never was one, or a crash came after the one before was closed."""
        last = self._live.head.seq if self._live.head else 0
        return self._live.broken is None and (kept is None or kept[0].seq <= last)

    def _line(self, event_id: str, row: NewRow, previous: Head | None) -> tuple[bytes, LedgerEntry]:
        now = self._now()
        line, _ = write_line(
            row,
            previous.hash if previous else HEADER_HASH,
            {
                "event_id": event_id,
                "seq": str((previous.seq if previous else 0) + 1),
                "recorded_at": now,
                "occurred_at": row.occurred_at or now,
                "comment": self._comments.digest(event_id, row.comment),
                "software": self._software,
            },
        )
        return line, next_entry(line[: -len(END)], previous)

    def _now(self) -> str:
        moment = datetime.fromtimestamp(self._clock(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _append(self, data: bytes, start: int) -> None:
        """Append in one write; where only a part fits, none of it stays."""
        descriptor = self._descriptor()
        try:
            if os.write(descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(descriptor, start)
            raise

    def _sync(self) -> None:
        os.fsync(self._descriptor())

    def _descriptor(self) -> int:
        """The live file that was read, open for appending; kept open, so that no failed sync of it goes unseen."""
        if self._opened is None or self._opened[1] != self._live.inode:
            self.close()
            descriptor = os.open(self._live.path, os.O_WRONLY | os.O_APPEND)
            self._opened = (descriptor, os.fstat(descriptor).st_ino)
        return self._opened[0]

    def close(self) -> None:
        """Give the descriptor back."""
        if self._opened is not None:
            os.close(self._opened[0])
            self._opened = None
