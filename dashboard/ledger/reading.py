"""What has been read of the series so far: rows whose chain holds, and where they end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from ..domain import LedgerEntry
from ..terms import Action
from .rows import parse_line
from .verifier import END, HEADER, HEADER_HASH, Head, closed_files

__all__ = ["BrokenRow", "LiveFile", "next_entry"]


class BrokenRow(ValueError):
    """A line that does not continue the chain; `code` is the problem's."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what


def next_entry(line: bytes, previous: Head | None) -> LedgerEntry:
    """The entry of a line (without its end) that must continue the chain after `previous`.

    Raises
    ------
    BrokenRow
        It does not: its code is malformed, hash_wrong or seq_wrong.
    """
    before = previous or Head(0, HEADER_HASH)
    try:
        entry = parse_line(line)
    except (ValueError, RecursionError) as exc:
        raise BrokenRow("malformed", f"not a row as the ledger writes it: {exc}") from exc
    if hashlib.sha256(before.hash.encode() + line[:-66]).hexdigest() != entry.hash:
        raise BrokenRow("hash_wrong", "its hash does not follow from the row before and its own bytes")
    if entry.seq != before.seq + 1:
        raise BrokenRow("seq_wrong", f"it is numbered {entry.seq} and should be {before.seq + 1}")
    return entry


class LiveFile:
    """The series of files, read only where it is new. Not safe between threads: its owner guards it.

    Attributes
    ----------
    offset : int
        Bytes of the live file up to the end of the last row whose chain holds; 0 before the header was read.
    inode : int
        Of the live file that was read; 0 where there is none.
    entries : list of LedgerEntry
        Of the closed files and the live one.
    by_id : dict
        The same by event id.
    head : Head or None
        The last of them.
    broken : BrokenRow or None
        What stands after them, if it is a whole line and no row of this chain.
    durable_to : int
        Up to where this process has seen the live file synced; set by the writer.
    closed : list of str
        Names of the closed files, oldest first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.forget()

    def forget(self) -> None:
        """Read everything again the next time."""
        self.inode = 0
        self.offset = 0
        self.head: Head | None = None
        self.entries: list[LedgerEntry] = []
        self.by_id: dict[str, LedgerEntry] = {}
        self.broken: BrokenRow | None = None
        self.durable_to = 0
        self.closed: list[str] = []
        self._shown: tuple[LedgerEntry, ...] = ()

    def snapshot(self) -> tuple[LedgerEntry, ...]:
        """The rows as a tuple, the same one as long as none came."""
        if len(self._shown) != len(self.entries):
            self._shown = tuple(self.entries)
        return self._shown

    def catch_up(self) -> int:
        """Read what is new, from the start where the live file is another or shorter; its size in bytes."""
        try:
            state = os.stat(self.path)
        except FileNotFoundError:  # None yet, or another process is between closing a file and beginning the next.
            self.forget()
            if self.path.parent.exists():
                self._read_closed()
            return 0
        if state.st_ino == self.inode and state.st_size == self.offset > 0:
            self.broken = None
            return state.st_size
        with self.path.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_ino != self.inode or state.st_size < self.offset or self.offset == 0:
                self.forget()
                self.inode = state.st_ino
                self._read_closed()
                if self.broken is not None:
                    return state.st_size
            stream.seek(self.offset)
            return self._read(stream.read())

    def _read_closed(self) -> None:
        """The files closed before the live one, which was opened before they are looked for."""
        for path in closed_files(self.path.parent):
            if path.stat().st_ino == self.inode:
                continue
            size = self._read(path.read_bytes())
            if self.broken is not None or size != self.offset:
                why = self.broken.what if self.broken else "bytes stand after its last whole row"
                self.broken = BrokenRow("closed_file", f"{path.name}: {why}")
            self.offset = 0
            if self.broken is not None:
                return
            self.closed.append(path.name)

    def _read(self, data: bytes) -> int:
        """Take the rows of bytes that begin at `offset`; where these bytes end."""
        size = self.offset + len(data)
        self.broken = None
        if self.offset == 0:
            if not data.startswith(HEADER):
                self.broken = BrokenRow("header", "the first line is not the ledger's header")
                return size
            data = data[len(HEADER) :]
            self.offset = len(HEADER)
        for line in data.split(END)[:-1]:
            try:
                entry = self._first(line) if self.offset == len(HEADER) else next_entry(line, self.head)
            except BrokenRow as broken:
                self.broken = broken
                break
            self.accept([entry], self.offset + len(line) + len(END))
        return size

    def _first(self, line: bytes) -> LedgerEntry:
        """The first row of a file: after a closed one it names that, its last number and its hash."""
        try:
            entry = next_entry(line, Head(self.head.seq if self.head else 0, HEADER_HASH))
        except BrokenRow as broken:
            if self.head or b',"rotate",' in line:
                raise BrokenRow(
                    "rotation", f"its first row does not follow the closed files: {broken.what}"
                ) from broken
            raise
        last = {"file": self.closed[-1], "seq": self.head.seq, "hash": self.head.hash} if self.head else {}
        if (entry.details if entry.action == Action.ROTATE else {}) != last:
            raise BrokenRow("rotation", "its first row does not name the closed file before it")
        return entry

    def accept(self, entries: Iterable[LedgerEntry], offset: int) -> None:
        """Rows that are known to follow, and where they end."""
        for entry in entries:
            self.entries.append(entry)
            self.by_id[entry.event_id] = entry
            self.head = Head(entry.seq, entry.hash)
        self.offset = offset
