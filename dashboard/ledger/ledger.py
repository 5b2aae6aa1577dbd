"""The ledger: rows appended under a lock, synced, and only then called saved.

What it promises: an acknowledged row is on the disk, once, and its chain holds. What it can't: whoever can write the
file can rewrite it whole; a cut tail shows only against a head kept elsewhere.
"""

from __future__ import annotations

import threading
import time
import uuid
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ..domain import LedgerEntry, NewRow
from ..errors import LedgerDamaged, LedgerWriteFailed, OverreadError
from .comments import CommentFile
from .heads import HeadFile
from .locks import locked
from .reading import LiveFile
from .recovery import refuse_if_damaged
from .rows import check_row
from .verifier import COLUMNS, HEADER_HASH, Head, Problem, Verification, closed_files, verify_files
from .writing import Writer

__all__ = ["Ledger"]

_COMMENT = COLUMNS.index("comment")


@dataclass
class _Request:
    """Rows of one caller, waiting to be committed together with others'."""

    rows: tuple[tuple[str, NewRow], ...]
    entries: tuple[LedgerEntry, ...] = ()
    error: Exception | None = None
    done: bool = False


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
        self._comments = CommentFile(folder, comment_key)
        self._heads = HeadFile(folder)
        self._live = LiveFile(self.path)
        self._writer = Writer(self._live, self._heads, self._comments, software, clock)
        self._queue: list[_Request] = []
        self._queue_guard = threading.Lock()
        self._commit_guard = threading.Lock()
        self._read_guard = threading.RLock()
        weakref.finalize(self, _close, self._heads, self._writer)

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
        for row in rows:
            check_row(row)
        request = _Request(tuple((row.event_id or str(uuid.uuid4()), row) for row in rows))
        with self._queue_guard:
            self._queue.append(request)
        with self._commit_guard:
            if not request.done:
                with self._queue_guard:
                    batch, self._queue = self._queue, []
                self._commit(batch)
        if request.error is not None:
            raise request.error
        return request.entries

    def rotate(self) -> LedgerEntry:
        """Close the live file as `reviews-<last seq>.csv` and begin the next with a `rotate` row, which is given back.

        Raises
        ------
        LedgerRefused
            There is nothing to close, the disk refuses, or the ledger is damaged; every row stays where it was.
        """
        with self._commit_guard, self._read_guard:
            try:
                return self._writer.rotate()
            except OSError as exc:
                raise _write_failed(exc) from exc

    def settle(self) -> None:
        """Make durable every row that has been read, whichever process wrote it. To be called before acting on one.

        Raises
        ------
        LedgerWriteFailed
            The disk refuses.
        """
        with self._read_guard:
            if self._live.durable_to < self._live.offset:
                try:
                    self._writer.settle(self._live.offset)
                except OSError as exc:
                    raise _write_failed(exc) from exc

    def entries(self) -> tuple[LedgerEntry, ...]:
        """All rows whose chain holds, oldest first; only what is new is read."""
        with self._read_guard:
            self._live.catch_up()
            return self._live.snapshot()

    def find(self, event_id: str) -> LedgerEntry | None:
        """The row of that event id, durable; None where there is none."""
        with self._read_guard:
            self._live.catch_up()
            known = self._live.by_id.get(event_id)
            if known is not None:
                self.settle()
            return known

    def head(self) -> Head:
        """Number and hash of the last row; 0 and the header's hash where there is none."""
        with self._read_guard:
            self._live.catch_up()
            return self._live.head or Head(0, HEADER_HASH)

    def check(self) -> Verification:
        """What reading so far has shown: each row's chain was checked once, as it was read. For a page's chip."""
        with self._read_guard:
            self._live.catch_up()
            head, rows, broken = self._live.head or Head(0, HEADER_HASH), len(self._live.entries), self._live.broken
            problems = [Problem(rows + 1, broken.code, broken.what)] if broken else []
            kept = self._heads.read()
            try:
                if kept is not None or self.path.exists():
                    refuse_if_damaged(self._live, kept)
            except LedgerDamaged as damaged:
                problems.append(Problem(None, damaged.code, damaged.why))
        return Verification(rows, head, tuple(problems))

    def verify(self, *, head: Head | None = None) -> Verification:
        """Read the whole file again and check it; nothing is changed.

        Checked against `reviews.head` too, against a head kept elsewhere if one is given, and with the texts of
        those comments that have not been erased.
        """
        commented: list[tuple[str, int, tuple[str, ...]]] = []

        def look(file: str, row: int, fields: tuple[str, ...]) -> None:
            if fields[_COMMENT]:
                commented.append((file, row, fields))

        kept = self._heads.read()
        found = verify_files(self._files(), head=head, kept=kept[0] if kept else None, on_row=look)
        texts = self.comments() if commented else {}
        changed = tuple(
            Problem(row, "comment_changed", "its comment's text is not the one that was recorded", file)
            for file, row, fields in commented
            if fields[2] in texts and self._comments.digest(fields[2], texts[fields[2]]) != fields[_COMMENT]
        )
        return replace(found, problems=found.problems + changed)

    def comments(self) -> dict[str, str]:
        """Texts of the comments by event id; erased ones are absent."""
        return self._comments.read()

    def erase_comments(self, event_ids: Collection[str]) -> int:
        """Take the texts of these rows out of `comments.csv` for good; rows and chain stay. How many were there."""
        with self._read_guard, locked(self.folder / "reviews.lock"):
            return self._comments.erase(event_ids)

    def _files(self) -> list[tuple[str, bytes]]:
        """Names and bytes of the series, read under the lock where that can be had, so that none is half written."""
        if not self.folder.exists():
            return []
        try:
            with locked(self.folder / "reviews.lock"):
                return self._read_files()
        except OverreadError:
            return self._read_files()

    def _read_files(self) -> list[tuple[str, bytes]]:
        paths = [*closed_files(self.folder), *([self.path] if self.path.exists() else [])]
        return [(path.name, path.read_bytes()) for path in paths]

    def _commit(self, batch: list[_Request]) -> None:
        """Each request of a batch ends with entries or with an error, never with neither."""
        failed: Exception = _write_failed(OSError())
        try:
            with self._read_guard:
                answers = self._writer.record([request.rows for request in batch])
            for request, entries in zip(batch, answers, strict=True):
                request.entries = entries
            return
        except OSError as exc:
            failed = _write_failed(exc)
            failed.__cause__ = exc
        except Exception as exc:
            failed = exc
        finally:
            for request in batch:
                request.done = True
                request.error = None if request.entries or not request.rows else failed


def _close(heads: HeadFile, writer: Writer) -> None:
    heads.flush(wait=False)
    writer.close()


def _write_failed(exc: OSError) -> LedgerWriteFailed:
    return LedgerWriteFailed(
        "The row was not recorded.",
        f"The disk or folder of the ledger refused it ({exc.strerror or 'unknown reason'}).",
        "Free space or make the workspace writable; the verdict is kept as a draft where that is possible.",
    )
