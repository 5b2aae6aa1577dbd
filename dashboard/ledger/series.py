"""What has been read of the series of files: its chain checked row by row, its fields only once somebody asks."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..chain import END, HEADER, Chain, Found, Head, Problem, closed_files, follows
from ..domain import LedgerEntry
from ..files import read_behind

__all__ = ["Series"]


class _TakenBack(Exception):
    """What was read before is not there any more: a failed writer took it back, or a backup was put in its place."""


class Series:
    """Rows of the closed files and the live one. Not safe between threads: its owner guards it.

    Attributes
    ----------
    chain : Chain
        The rows that hold: number and hash of the last, and the index of each by its event id as written.
    inode, offset : int
        The live file that was read (0: none), and where the last row whose chain holds ends in it (0: no header yet).
    began : int
        Number of the last row before the live file.
    closed : list of str
        Names of the closed files, oldest first.
    broken : Problem or None
        What stands after these rows, if it is a whole line and no row of this chain.
    forged : Problem or None
        The first row whose hash is right and which is no row of the ledger's all the same: no crash leaves such.
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
        self.chain = Chain(LedgerEntry.of)
        self.inode = self.offset = self.began = self.durable = 0
        self.closed: list[str] = []
        self.broken: Problem | None = None
        self.forged: Problem | None = None
        self.synced_here = False
        self._rows: list[LedgerEntry | bytes] = []
        self._shown: tuple[LedgerEntry, ...] = ()
        self._seen: tuple[int, int, int] | None = None

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def entries(self) -> tuple[LedgerEntry, ...]:
        """The rows that were read, decoded; the same tuple as long as none came. Ends before a forged one."""
        made = len(self._shown)
        with _no_collecting():
            while made < len(self._rows) and self.row(made + 1) is not None:
                made += 1
        if made != len(self._shown):
            self._shown = tuple(self._rows[:made])  # type: ignore[arg-type]
        return self._shown

    def row(self, seq: int) -> LedgerEntry | None:
        """The row of that number, decoded; None where it was not read, or is forged."""
        row = self._rows[seq - 1] if 0 < seq <= len(self._rows) else None
        if isinstance(row, bytes):
            try:
                row = self._rows[seq - 1] = self.chain.read(row)
            except Found as found:
                self.forged = replace(found.problem, row=seq)
                return None
        return row

    def hash_of(self, seq: int) -> str:
        """Hash of the row of that number; '' where it was not read."""
        row = self._rows[seq - 1] if 0 < seq <= len(self._rows) else None
        return row[-65:-1].decode() if isinstance(row, bytes) else row.hash if row else ""

    def head(self) -> Head:
        """Number and hash of the last row."""
        return Head(self.chain.seq, self.chain.digest)

    def accept(self, written_id: bytes, line: bytes, entry: LedgerEntry) -> None:
        """Take a row (its line without the end) that was just written behind the others."""
        self.chain.accept(written_id, line)
        self._rows.append(entry)
        self.offset += len(line) + len(END)

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
            size = self._read_on(self._descriptor, self.path.name, seen[1])
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
                size = self._read_on(stream.fileno(), path.name, path.stat().st_size)
            if self.broken is not None or size != self.offset:
                why = self.broken.what if self.broken else "bytes stand after its last whole row"
                self.broken = Problem(None, "closed_file", f"{path.name}: {why}", path.name)
                self.offset = 0
                return
            self.closed.append(path.name)
            self.began, self.offset, self.inode = self.chain.seq, 0, 0
        if self.offset and self.inode != live:
            raise _TakenBack

    def _read_on(self, descriptor: int, name: str, size: int) -> int:
        """Take the rows of a file from `offset` on, behind what stood there; where the file ends."""
        last = f'"{self.chain.digest}"'.encode() + END if self.chain.row else HEADER[-68:]
        data = read_behind(descriptor, self.offset, size, last if self.offset else b"")
        if data is None:
            raise _TakenBack
        size, self.broken = self.offset + len(data), None
        if self.offset == 0:
            if not data.startswith(HEADER):
                self.broken = Problem(None, "header", "the first line is not the ledger's header", name)
                return size
            data, self.offset = data[len(HEADER) :], len(HEADER)
            self.chain.begin(name, self.closed[-1] if self.closed else "")
        *lines, _ = data.split(END)
        with _no_collecting():
            self._take(lines)
        return size

    def _take(self, lines: Sequence[bytes]) -> None:
        for at, line in enumerate(lines):
            try:
                self.chain.take(lines, at)
            except Found as found:
                self.broken = found.problem
                if follows(self.chain.before, line):
                    self.forged = found.problem
                return
            self._rows.append(line)
            self.offset += len(line) + len(END)


@contextlib.contextmanager
def _no_collecting() -> Iterator[None]:
    """While rows are made: none of them can be garbage, and looking for some takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
