"""The ledger: rows appended under a lock, synced, and only then called saved.

What it promises: an acknowledged row is on the disk, once, and its chain holds. What it can't: whoever can write the
file can rewrite it whole; a cut tail shows only against a head kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..errors import LedgerDamaged, LedgerWriteFailed, OverreadError
from ..files import fsync_folder
from ..terms import Action, Identity, Role
from .chain import BrokenRow, Head, Verification, next_entry, verify_bytes
from .codec import END, decode_field, encode_field, join_fields, split_fields
from .locks import locked, require_working_lock
from .rows import HEADER, HEADER_HASH, LedgerEntry, NewRow, check_row, write_line

__all__ = ["Ledger"]

_COMMENTS_HEADER = b'"event_id","text"' + END
_HEAD_EVERY_S = 1.0


@dataclass
class _Request:
    """Rows of one caller, waiting to be committed together with others'."""

    rows: tuple[NewRow, ...]
    entries: tuple[LedgerEntry, ...] = ()
    error: Exception | None = None
    done: bool = False


@dataclass
class _Read:
    """What has been read of the live file so far."""

    inode: int = 0
    offset: int = 0
    head: Head | None = None
    entries: list[LedgerEntry] = field(default_factory=list)
    by_id: dict[str, LedgerEntry] = field(default_factory=dict)
    broken: BrokenRow | None = None


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
        self._comment_key = comment_key
        self._clock = clock
        self._queue: list[_Request] = []
        self._queue_guard = threading.Lock()
        self._commit_guard = threading.Lock()
        self._read_guard = threading.RLock()
        self._read = _Read()
        self._snapshot: tuple[LedgerEntry, ...] = ()
        self._durable: tuple[Head, int] | None = None
        self._head_written_at = 0.0
        self._unsynced_from: int | None = None
        self._lock_tried = False

    def append(self, *rows: NewRow) -> tuple[LedgerEntry, ...]:
        """Append rows in one write and give them back once they are durable.

        A row whose `event_id` is there already is answered with the row that is there.

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
        request = _Request(rows)
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

    def entries(self) -> tuple[LedgerEntry, ...]:
        """All rows whose chain holds, oldest first; only what is new is read."""
        with self._read_guard:
            before = len(self._read.entries)
            first = self._read
            self._catch_up()
            if self._read is not first or len(self._read.entries) != before or len(self._snapshot) != before:
                self._snapshot = tuple(self._read.entries)
            return self._snapshot

    def head(self) -> Head:
        """Number and hash of the last row; 0 and the header's hash where there is none."""
        with self._read_guard:
            self._catch_up()
            return self._read.head or Head(0, HEADER_HASH)

    def verify(self, *, head: Head | None = None) -> Verification:
        """Read the whole file again and check it, against a head kept elsewhere if one is given."""
        if not self.path.exists():
            return verify_bytes(HEADER, head=head)
        return verify_bytes(self.path.read_bytes(), head=head)

    def comments(self) -> dict[str, str]:
        """Texts of the comments by event id; erased ones are absent."""
        path = self.folder / "comments.csv"
        if not path.exists():
            return {}
        found = {}
        for line in path.read_bytes().split(END)[1:-1]:
            event_id, text = split_fields(line, 2)
            found[decode_field(event_id)] = decode_field(text)
        return found

    def _commit(self, batch: list[_Request]) -> None:
        try:
            with self._read_guard:
                self._create()
                with locked(self.folder / "reviews.lock"):
                    start, end = self._write(batch)
                self._sync(start, end)
                self._lag_head()
        except OverreadError as error:
            for request in batch:
                request.error = error
        except OSError as exc:
            failed = _write_failed(exc)
            failed.__cause__ = exc
            for request in batch:
                request.error = failed
        finally:
            for request in batch:
                request.done = True

    def _create(self) -> None:
        if self.path.exists() and self._lock_tried:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._lock_tried:
            require_working_lock(self.folder / "reviews.lock")
            self._lock_tried = True
        with locked(self.folder / "reviews.lock"):
            if not self.path.exists():
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                try:
                    os.write(descriptor, HEADER)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                fsync_folder(self.folder)

    def _write(self, batch: list[_Request]) -> tuple[int, int]:
        """Under the lock: read what is new, mend the tail, write all rows at once. Where the new bytes stand."""
        self._repair_unsynced()
        self._catch_up()
        lines: list[bytes] = []
        fresh: list[LedgerEntry] = []
        previous = self._read.head
        faults = self._mend_tail() + self._clock_fault()
        for request in [_Request(tuple(faults)), *batch]:
            entries = []
            for row in request.rows:
                event_id = row.event_id or str(uuid.uuid4())
                known = self._read.by_id.get(event_id) or next((e for e in fresh if e.event_id == event_id), None)
                if known is None:
                    line, known = self._line(row, event_id, previous)
                    previous = Head(known.seq, known.hash)
                    lines.append(line)
                    fresh.append(known)
                entries.append(known)
            request.entries = tuple(entries)
        if self._durable is not None:
            self._write_head(*self._durable)
        start = self._read.offset
        data = b"".join(lines)
        if data:
            self._keep_comments([r for q in batch for r in zip(q.rows, q.entries, strict=True)], fresh)
            self._append_bytes(data, start)
            self._accept(fresh, start + len(data))
        return start, start + len(data)

    def _line(self, row: NewRow, event_id: str, previous: Head | None) -> tuple[bytes, LedgerEntry]:
        now = _utc(self._clock())
        line, _ = write_line(
            row,
            previous.hash if previous else HEADER_HASH,
            {
                "seq": str((previous.seq if previous else 0) + 1),
                "event_id": event_id,
                "recorded_at": now,
                "occurred_at": row.occurred_at or now,
                "comment": self._comment_digest(event_id, row.comment),
                "software": self._software,
            },
        )
        return line, next_entry(line[: -len(END)], previous)

    def _append_bytes(self, data: bytes, start: int) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            try:
                written = os.write(descriptor, data)
            except OSError:
                os.ftruncate(descriptor, start)
                raise
            if written != len(data):
                os.ftruncate(descriptor, start)
                raise OSError(28, "No space left on device")
        finally:
            os.close(descriptor)

    def _sync(self, start: int, end: int) -> None:
        """Make the new bytes durable; after a failure cut them off again, or take nothing more until it works."""
        if end == start:
            return
        try:
            _fsync_file(self.path)
        except OSError:
            self._unsynced_from = start
            with locked(self.folder / "reviews.lock"):
                if self.path.stat().st_size == end:
                    os.truncate(self.path, start)
                self._read = _Read()
            raise
        assert self._read.head is not None
        self._durable = (self._read.head, end)

    def _repair_unsynced(self) -> None:
        """After a failed sync: write what stands behind the last durable byte again, and sync it, before anything else.

        A sync that failed once may call the same pages clean the next time; only bytes written anew are sure.
        """
        if self._unsynced_from is None:
            return
        with self.path.open("r+b") as stream:
            stream.seek(self._unsynced_from)
            behind = stream.read()
            stream.seek(self._unsynced_from)
            stream.truncate()
            stream.write(behind)
            stream.flush()
            os.fsync(stream.fileno())
        self._unsynced_from = None

    def _catch_up(self) -> None:
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self._read = _Read()
            return
        if state.st_ino != self._read.inode or state.st_size < self._read.offset:
            self._read = _Read(inode=state.st_ino)
        if state.st_size == self._read.offset:
            return
        with self.path.open("rb") as stream:
            stream.seek(self._read.offset)
            data = stream.read()
        if self._read.offset == 0:
            if not data.startswith(HEADER):
                self._read.broken = BrokenRow("header", "the first line is not the ledger's header")
                return
            data = data[len(HEADER) :]
            self._read.offset = len(HEADER)
        for line in data.split(END)[:-1]:
            try:
                entry = next_entry(line, self._read.head)
            except BrokenRow as broken:
                self._read.broken = broken
                return
            self._accept([entry], self._read.offset + len(line) + len(END))
        self._read.broken = None

    def _accept(self, entries: list[LedgerEntry], offset: int) -> None:
        for entry in entries:
            self._read.entries.append(entry)
            self._read.by_id[entry.event_id] = entry
            self._read.head = Head(entry.seq, entry.hash)
        self._read.offset = offset

    def _mend_tail(self) -> list[NewRow]:
        """Set aside what stands behind the last whole row, unless a row known durable lies in it."""
        size = self.path.stat().st_size
        if size == self._read.offset:
            return []
        kept = self._kept_head()
        if self._read.offset == 0 or (kept is not None and kept[1] > self._read.offset):
            why = self._read.broken.what if self._read.broken else "rows known durable are torn"
            row = (self._read.head.seq if self._read.head else 0) + 1
            raise LedgerDamaged(
                "The ledger is read-only.",
                f"Row {row} is broken before the last row known durable: {why}.",
                "Run `overread ledger verify`, and restore the file from a backup.",
            )
        with self.path.open("r+b") as stream:
            stream.seek(self._read.offset)
            tail = stream.read()
            number = 1
            while (aside := self.folder / f"reviews.torn-{number}").exists():
                number += 1
            with aside.open("xb") as torn:
                torn.write(tail)
                torn.flush()
                os.fsync(torn.fileno())
            stream.truncate(self._read.offset)
            os.fsync(stream.fileno())
        self._read.broken = None
        return [_fault("torn_tail", file=aside.name, bytes=len(tail), sha256=hashlib.sha256(tail).hexdigest())]

    def _clock_fault(self) -> list[NewRow]:
        last = self._read.entries[-1] if self._read.entries else None
        backwards = last is not None and last.action != Action.FAULT and _utc(self._clock()) < last.recorded_at
        return [_fault("clock_backwards")] if backwards else []

    def _kept_head(self) -> tuple[Head, int] | None:
        try:
            seq, digest, offset = (self.folder / "reviews.head").read_text().split()
            return Head(int(seq), digest), int(offset)
        except (OSError, ValueError):
            return None

    def _write_head(self, head: Head, offset: int) -> None:
        kept = self._kept_head()
        if kept is not None and kept[0].seq >= head.seq:
            return
        path = self.folder / f".reviews.head.{os.getpid()}"
        path.write_text(f"{head.seq} {head.hash} {offset}\n")
        os.replace(path, self.folder / "reviews.head")
        self._head_written_at = time.monotonic()

    def _lag_head(self) -> None:
        if self._durable is not None and time.monotonic() - self._head_written_at > _HEAD_EVERY_S:
            with locked(self.folder / "reviews.lock"):
                self._write_head(*self._durable)

    def _comment_digest(self, event_id: str, text: str) -> str:
        if not text:
            return ""
        return hmac.new(self._comment_key, f"{event_id}\0{text}".encode(), hashlib.sha256).hexdigest()

    def _keep_comments(self, pairs: list[tuple[NewRow, LedgerEntry]], fresh: list[LedgerEntry]) -> None:
        """Comments are durable before the rows that hold their digests."""
        new = {entry.event_id for entry in fresh}
        lines = [
            join_fields([encode_field(entry.event_id), encode_field(row.comment)]) + END
            for row, entry in pairs
            if row.comment and entry.event_id in new
        ]
        if not lines:
            return
        path = self.folder / "comments.csv"
        head = b"" if path.exists() else _COMMENTS_HEADER
        with path.open("ab") as stream:
            stream.write(head + b"".join(lines))
            stream.flush()
            os.fsync(stream.fileno())
        if head:
            fsync_folder(self.folder)


def _fault(code: str, **details: object) -> NewRow:
    return NewRow(
        action=Action.FAULT,
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        details={"code": code, **details},
    )


def _fsync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write_failed(exc: OSError) -> LedgerWriteFailed:
    return LedgerWriteFailed(
        "The row was not recorded.",
        f"The disk or folder of the ledger refused it ({exc.strerror or 'unknown reason'}).",
        "Free space or make the workspace writable; the verdict is kept as a draft where that is possible.",
    )
