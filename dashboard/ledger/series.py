"""What has been read of the series of files: its chain checked row by row, its fields only once somebody asks."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from ..domain import LedgerEntry
from .rows import read_line
from .verifier import END, HEADER, HEADER_HASH, SCHEMA, Head, Problem, closed_files, link_problem, row_values

__all__ = ["Series"]


class _TakenBack(Exception):
    """What was read before is not there any more: a failed writer took it back, or a backup was put in its place."""


class Series:
    """Rows of the closed files and the live one. Not safe between threads: its owner guards it.

    Attributes
    ----------
    inode, offset : int
        The live file that was read (0: none), and where the last row whose chain holds ends in it (0: no header yet).
    seq, digest : int, bytes
        Number and hash of that row; 0 and the header's hash where there is none.
    began : int
        Number of the last row before the live file.
    ids : dict
        Index of each row by its event id, as written.
    closed : list of str
        Names of the closed files, oldest first.
    broken : Problem or None
        What stands after these rows, if it is a whole line and no row of this chain.
    malformed : Problem or None
        The first row whose chain holds and which is not written as the ledger writes one: no crash leaves such.
    durable, synced_here : int, bool
        Up to which row this process knows the series to be on the disk, and whether it has synced the live file itself
        since it began to read it; set by who syncs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self._descriptor = -1
        self.forget()

    def forget(self) -> None:
        """Read everything again the next time."""
        self.close()
        self.inode = self.offset = self.seq = self.began = self.durable = 0
        self.digest, self.synced_here = HEADER_HASH.encode(), False
        self.ids: dict[bytes, int] = {}
        self.closed: list[str] = []
        self.broken: Problem | None = None
        self.malformed: Problem | None = None
        self._rows: list[LedgerEntry | bytes] = []
        self._decoded = 0
        self._shown: tuple[LedgerEntry, ...] = ()
        self._seen: tuple[int, int, int] | None = None

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def entries(self) -> tuple[LedgerEntry, ...]:
        """The rows that were read, decoded; the same tuple as long as none came. Ends before a malformed one."""
        collecting = gc.isenabled()
        gc.disable()  # Nothing made here can be garbage, and looking for some takes a third of the time.
        try:
            for at in range(self._decoded, len(self._rows) if self.malformed is None else 0):
                row = self._rows[at]
                if isinstance(row, bytes):
                    self._rows[at] = read_line(row)
                self._decoded = at + 1
        except (ValueError, RecursionError) as exc:
            what = f"not a row as the ledger writes it: {exc}"
            self.malformed = Problem(self._decoded + 1, "malformed", what)
        finally:
            if collecting:
                gc.enable()
        if len(self._shown) != self._decoded:
            self._shown = tuple(self._rows[: self._decoded])  # type: ignore[arg-type]
        return self._shown

    def at(self, places: Sequence[int]) -> tuple[LedgerEntry, ...]:
        """The rows at these indexes, decoded; no other is."""
        return tuple(row if isinstance(row := self._rows[at], LedgerEntry) else read_line(row) for at in places)

    def hash_of(self, seq: int) -> str:
        """Hash of the row of that number; '' where it was not read."""
        row = self._rows[seq - 1] if 0 < seq <= len(self._rows) else None
        return row[-65:-1].decode() if isinstance(row, bytes) else row.hash if row else ""

    def last(self) -> tuple[str, str]:
        """When the last row was recorded, and its action; empty where there is none."""
        row = self._rows[-1] if self._rows else b'","' * 6
        if isinstance(row, bytes):
            written = row.split(b'","', 6)
            return written[3].decode(), written[5].decode()
        return row.recorded_at, row.action

    def catch_up(self, *, sure: bool = False) -> int:
        """Read what is new, all of it where what was read has changed; where the live file ends, 0 where there is none.

        Parameters
        ----------
        sure : bool
            Look at the last row's hash again even where size and time are those seen before: for who writes behind it.
        """
        try:
            return self._read_new(sure)
        except _TakenBack:
            self.forget()
            return self._read_new(sure)

    def accept(self, event_id: bytes, line: bytes, entry: LedgerEntry | None = None) -> None:
        """Take a row (without its end) that is known to follow."""
        self.ids[event_id] = self.seq
        self._rows.append(entry or line)
        self.seq += 1
        self.digest = line[-65:-1]
        self.offset += len(line) + len(END)

    def before(self) -> bytes:
        """The hash that the next row chains on."""
        return HEADER_HASH.encode() if self.offset == len(HEADER) else self.digest

    def _read_new(self, sure: bool) -> int:
        known = self.offset > 0 or bool(self.closed)
        try:
            state = os.stat(self.name)
            seen = (state.st_ino, state.st_size, state.st_mtime_ns)
        except FileNotFoundError:  # None yet, or another process is between closing a file and beginning the next.
            seen = (0, 0, 0)
        if seen == self._seen and not sure:
            return seen[1]
        another, size = seen[0] != self.inode or self.offset == 0, 0
        if another:
            self._open_next()
        if self._descriptor >= 0 and not (another and self.broken):
            size = self._read_on(self._descriptor, seen[1])
        if known and self.broken is not None:
            raise _TakenBack  # Perhaps not what is new is wrong, but what was read before.
        self._seen = seen
        return size

    def _open_next(self) -> None:
        """The live file is another than that read so far: read that one to its end, then those closed since."""
        self.broken = None
        with contextlib.ExitStack() as stack:
            descriptor, inode = -1, 0
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(self.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
                stack.callback(os.close, descriptor)
                inode = os.fstat(descriptor).st_ino
            self._read_closed(inode)
            stack.pop_all()
        self.close()
        self._descriptor, self.inode, self.synced_here = descriptor, inode, False

    def _read_closed(self, live: int) -> None:
        paths = closed_files(self.path.parent) if self.path.parent.exists() else []
        paths = [path for path in paths if path.stat().st_ino != live]  # Closed just now, and opened before.
        if [path.name for path in paths[: len(self.closed)]] != self.closed:
            raise _TakenBack
        for path in paths[len(self.closed) :]:
            if self.offset and path.stat().st_ino != self.inode:
                raise _TakenBack
            with path.open("rb", buffering=0) as stream:
                size = self._read_on(stream.fileno(), path.stat().st_size)
            if self.broken is not None or size != self.offset:
                why = self.broken.what if self.broken else "bytes stand after its last whole row"
                self.broken = Problem(None, "closed_file", f"{path.name}: {why}", path.name)
                self.offset = 0
                return
            self.closed.append(path.name)
            self.began, self.offset, self.inode = self.seq, 0, 0
        if self.offset and self.inode != live:
            raise _TakenBack

    def _read_on(self, descriptor: int, size: int) -> int:
        """Take the rows of a file from `offset` on, behind the hash that stood there; where the file ends."""
        tail = b"" if self.offset == 0 else HEADER[-68:] if self.offset == len(HEADER) else b'"%b"\r\n' % self.digest
        if size < self.offset:
            raise _TakenBack
        os.lseek(descriptor, self.offset - len(tail), os.SEEK_SET)
        wanted = size - self.offset + len(tail)
        data = os.read(descriptor, wanted)
        while len(data) < wanted and (more := os.read(descriptor, wanted - len(data))):  # One call gives 2 GB at most.
            data += more
        if not data.startswith(tail):
            raise _TakenBack
        size = self.offset - len(tail) + len(data)
        data = data[len(tail) :]
        self.broken = None
        if self.offset == 0:
            if not data.startswith(HEADER):
                self.broken = Problem(None, "header", "the first line is not the ledger's header")
                return size
            data, self.offset = data[len(HEADER) :], len(HEADER)
        for line in data.split(END)[:-1]:
            self._take(line)
            if self.broken is not None:
                break
        return size

    def _take(self, line: bytes) -> None:
        """Take a line that continues the chain, or say what is broken. Its other fields are looked at by `entries`."""
        digest = hashlib.sha256(self.before() + line[:-66]).hexdigest().encode()
        start = line.split(b'","', 3)
        if line[-66:] != b'"%b"' % digest:
            code, what = "hash_wrong", "its hash does not follow from the row before and its own bytes"
        elif len(start) < 4 or start[0] != b'"%d' % SCHEMA:
            code, what = "malformed", "it is not written as the ledger writes a row"
        elif start[1] != b"%d" % (self.seq + 1):
            code, what = "seq_wrong", f"it is numbered {start[1][:20].decode()} and should be {self.seq + 1}"
        elif start[2] in self.ids:
            code, what = "duplicate_id", "its event id stands in an earlier row"
        else:
            code = what = ""
        if self.offset == len(HEADER) and (self.closed or b'","rotate","' in line):
            what = what or self._wrong_link(line)
            code, what = ("rotation", f"its first row does not follow the closed files: {what}") if what else ("", "")
        if code:
            self.broken = Problem(self.seq + 1, code, what)
        else:
            self.accept(start[2], line)

    def _wrong_link(self, line: bytes) -> str:
        try:
            found = link_problem(row_values(line), self.closed[-1] if self.closed else "", self.head())
        except (ValueError, RecursionError):
            return "it is not written as the ledger writes a row"
        return found.what if found else ""

    def head(self) -> Head:
        """Number and hash of the last row."""
        return Head(self.seq, self.digest.decode())
