"""What has been read of the live file so far: rows whose chain holds, and where they end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .chain import BrokenRow, Head, next_entry
from .codec import END
from .rows import HEADER, LedgerEntry

__all__ = ["LiveFile"]


class LiveFile:
    """The live file, read only where it is new. Not safe between threads: its owner guards it.

    Attributes
    ----------
    offset : int
        Bytes up to the end of the last row whose chain holds; 0 before the header was read.
    entries : list of LedgerEntry
    by_id : dict
        The same by event id.
    head : Head or None
        The last of them.
    broken : BrokenRow or None
        What stands after them, if it is a whole line and no row of this chain.
    durable_to : int
        Up to where this process has seen the file synced; set by the writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget(0)

    def _forget(self, inode: int) -> None:
        self._inode = inode
        self.offset = 0
        self.head: Head | None = None
        self.entries: list[LedgerEntry] = []
        self.by_id: dict[str, LedgerEntry] = {}
        self.broken: BrokenRow | None = None
        self.durable_to = 0
        self._shown: tuple[LedgerEntry, ...] = ()

    def forget(self) -> None:
        """Read everything again the next time."""
        self._forget(0)

    def snapshot(self) -> tuple[LedgerEntry, ...]:
        """The rows as a tuple, the same one as long as none came."""
        if len(self._shown) != len(self.entries):
            self._shown = tuple(self.entries)
        return self._shown

    def catch_up(self) -> int:
        """Read what is new, from the start where the file is another or shorter than before; its size in bytes."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self._forget(0)
            return 0
        if state.st_ino != self._inode or state.st_size < self.offset:
            self._forget(state.st_ino)
        if state.st_size == self.offset > 0:
            self.broken = None
            return state.st_size
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            data = stream.read()
        size = self.offset + len(data)
        if self.offset == 0:
            if not data.startswith(HEADER):
                self.broken = BrokenRow("header", "the first line is not the ledger's header")
                return size
            data = data[len(HEADER) :]
            self.offset = len(HEADER)
        self.broken = None
        for line in data.split(END)[:-1]:
            try:
                entry = next_entry(line, self.head)
            except BrokenRow as broken:
                self.broken = broken
                break
            self.accept([entry], self.offset + len(line) + len(END))
        return size

    def accept(self, entries: Iterable[LedgerEntry], offset: int) -> None:
        """Rows that are known to follow, and where they end."""
        for entry in entries:
            self.entries.append(entry)
            self.by_id[entry.event_id] = entry
            self.head = Head(entry.seq, entry.hash)
        self.offset = offset
