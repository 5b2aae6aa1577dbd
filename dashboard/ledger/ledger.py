"""The ledger: rows appended under a lock, synced, and only then called saved.

What it promises: an acknowledged row is on the disk, once, and its chain holds. What it can't: whoever can write the
file can rewrite it whole; a cut tail shows only against a head kept elsewhere.
"""

from __future__ import annotations

import errno
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ..chain import HEADER_HASH, Head, PreparedRow, Problem, Verification, comment_digest, prepared, verify_folder
from ..domain import LedgerEntry, NewRow
from ..errors import LedgerDamaged, LedgerRefused, LedgerWriteFailed, NoWorkingLock
from ..files import TextFile, Together, encode_field, exclusive_lock
from .durable import Durable
from .recovery import refuse_if_damaged
from .series import Series
from .writing import Writer

__all__ = ["Ledger"]

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


class Ledger:
    """The ledger of one workspace. Threads share an instance; processes each have their own.

    Parameters
    ----------
    folder : Path
        `<workspace>/reviews`, made at the first append.
    software : str
        Name and version, written into every row.
    comment_key : bytes
        Key of the comments' digests; without it nobody can guess a comment from its digest.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self, folder: Path, *, software: str, comment_key: bytes, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self.path = folder / "reviews.csv"
        self._software = software
        self._key = comment_key
        self._comments = TextFile(folder / "comments.csv")
        self._series = Series(self.path)
        self._durable = Durable(self._series)
        self._writer = Writer(self._series, self._durable, self._comments, software, clock)
        self._appending: Together[list[PreparedRow], tuple[LedgerEntry, ...]] = Together(self._record)
        self._read_guard = threading.RLock()
        weakref.finalize(self, self._durable.close)

    def append(self, *rows: NewRow) -> tuple[LedgerEntry, ...]:
        """Append rows in one write and give them back once they are durable.

        A row whose `event_id` is there already is answered with the row that is there, durable too.

        Raises
        ------
        LedgerValueRefused
            A value can't stand in the ledger; nothing was written.
        LedgerWriteFailed
            Disk, folder or lock failed; nothing of these rows is acknowledged.
        LedgerDamaged
            The chain is broken before the last row known durable; the ledger is read-only.
        NoWorkingLock
            The file system does not keep locks.
        """
        try:
            return self._appending.ask([self._prepared(row) for row in rows])
        except OSError as exc:
            raise _refused(exc) from exc

    def rotate(self) -> LedgerEntry:
        """Close the live file as `reviews-<last seq>.csv` and begin the next with a `rotate` row, which is given back.

        Raises
        ------
        LedgerRefused
            There is nothing to close, the disk refuses, or the ledger is damaged; every row stays where it was.
        """
        with self._appending.working, self._read_guard:
            try:
                return self._writer.rotate()
            except OSError as exc:
                raise _refused(exc) from exc

    def settle(self) -> None:
        """Make durable every row that has been read, whichever process wrote it. To be called before acting on one.

        Raises
        ------
        LedgerWriteFailed
            The disk refuses, or a row that was read is not there any more.
        """
        with self._read_guard:
            try:
                self._durable.settle()
            except OSError as exc:
                raise _refused(exc) from exc

    def entries(self) -> tuple[LedgerEntry, ...]:
        """All rows that hold, oldest first; only what is new is read."""
        with self._read_guard:
            self._series.catch_up()
            return self._series.entries()

    def find(self, event_id: str) -> LedgerEntry | None:
        """The row of that event id, durable; None where there is none."""
        with self._read_guard:
            entries = self.entries()
            at = self._series.chain.ids.get(encode_field(event_id).encode(), len(entries))
            if at >= len(entries):
                return None
            self.settle()
            return entries[at]

    def head(self) -> Head:
        """Number and hash of the last row; 0 and the header's hash where there is none."""
        entries = self.entries()
        return Head(entries[-1].seq, entries[-1].hash) if entries else Head(0, HEADER_HASH)

    def check(self) -> Verification:
        """What reading so far has shown: each row was checked once, as it was read. For a page's chip."""
        with self._read_guard:
            head, rows, kept = self.head(), len(self.entries()), self._durable.head()
            found = self._series.forged or self._series.broken
            problems = [found] if found else []
            try:
                if kept is not None or self.path.exists():
                    refuse_if_damaged(self._series, kept)
            except LedgerDamaged as damaged:
                problems.append(Problem(None, damaged.code, damaged.why))
        return Verification(rows, head, tuple(problems))

    def verify(self, *, head: Head | None = None) -> Verification:
        """Read the whole file again and check it; nothing is changed.

        Checked against `reviews.head` too, against a head kept elsewhere if one is given, and with the texts of
        those comments that have not been erased.
        """
        lock = exclusive_lock(self.folder / "reviews.lock")
        return verify_folder(self.folder, lock, self.comments, self._key, head=head)

    def comments(self) -> dict[str, str]:
        """Texts of the comments by event id; erased ones are absent."""
        return self._comments.read()

    def erase_comments(self, event_ids: Collection[str]) -> int:
        """Take the texts of these rows out of `comments.csv` for good; rows and chain stay. How many were there."""
        with self._read_guard, exclusive_lock(self.folder / "reviews.lock"):
            return self._comments.erase(event_ids)

    def _prepared(self, row: NewRow) -> PreparedRow:
        event_id = row.event_id or str(uuid.uuid4())
        return prepared(row, event_id, comment_digest(self._key, event_id, row.comment), self._software)

    def _record(self, batch: Sequence[list[PreparedRow]]) -> list[tuple[LedgerEntry, ...]]:
        with self._read_guard:
            return self._writer.record(batch)


def _refused(exc: OSError) -> LedgerRefused:
    if exc.errno in _NO_LOCKS:
        return NoWorkingLock(
            "The ledger was not opened.",
            "The file system of the workspace does not keep locks, so two writers could damage it.",
            "Put the workspace on a local disk.",
        )
    return LedgerWriteFailed(
        "The row was not recorded.",
        f"The disk or folder of the ledger refused it ({exc.strerror or 'unknown reason'}).",
        "Free space or make the workspace writable; the verdict is kept as a draft where that is possible.",
    )
