"""What has been read of the series of files: its chain checked row by row, its fields only once somebody asks."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

from ..chain import END, HEADER, Chain, Found, Head, Problem, closed_files, follows
from ..domain import LedgerEntry
from ..files import Following, TakenBack

__all__ = ["Series"]


class Series:
    """Rows of the closed files and the live one. Not safe between threads: its owner guards it.

    Attributes
    ----------
    chain : Chain
        The rows that hold: number and hash of the last, and the index of each by its event id as written.
    files : Following
        How far the live file and the closed ones have been read: to the end of the last row whose chain holds.
    began : int
        Number of the last row before the live file.
    broken : Problem or None
        What stands after these rows, if it is a whole line and no row of this chain.
    forged : Problem or None
        The first row whose hash is right and which is no row of the ledger's all the same: no crash leaves such.
    durable, synced : int
        Up to which row this process knows the series to be on the disk, and which live file it has synced itself since
        it began to read it; set by who syncs.
    """

    def __init__(self, path: Path) -> None:
        self.files = Following(path, closed_files)
        self.forget()

    def forget(self) -> None:
        """Read everything again the next time."""
        self.files.forget()
        self.chain = Chain(LedgerEntry.of)
        self.began, self.durable, self.synced = 0, 0, -1
        self.broken: Problem | None = None
        self.forged: Problem | None = None
        self._rows: list[LedgerEntry | bytes] = []
        self._shown: tuple[LedgerEntry, ...] = ()

    def entries(self) -> tuple[LedgerEntry, ...]:
        """The rows that were read, decoded; the same tuple as long as none came. Ends before a forged one."""
        made, collecting = len(self._shown), gc.isenabled()
        gc.disable()  # Nothing made here can be garbage, and looking for some takes a third of the time.
        while made < len(self._rows) and self.row(made + 1) is not None:
            made += 1
        if collecting:
            gc.enable()
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
        self.files.used(line + END)

    def catch_up(self, *, sure: bool = False) -> int:
        """Read what is new, all of it where what was read has changed; where the live file ends, 0 where there is none.

        Parameters
        ----------
        sure : bool
            Look at the last row's hash again even where size and time are those seen before: for who writes behind it.
        """
        try:
            self._read_new(sure)
        except TakenBack:
            self.forget()
            self._read_new(sure)
        return self.files.size

    def _read_new(self, sure: bool) -> None:
        known = self.files.offset > 0 or bool(self.files.closed)
        broken, forged = self.broken, self.forged
        self.broken, self.forged = None, None if forged is broken else forged
        if not self.files.read(self._take, sure=sure):
            self.broken, self.forged = broken, forged
        elif known and self.broken is not None:
            raise TakenBack  # Perhaps not what is new is wrong, but what was read before.
        elif self.files.unread:
            why = self.broken.what if self.broken else "bytes stand after its last whole row"
            self.broken = Problem(None, "closed_file", f"{self.files.unread}: {why}", self.files.unread)

    def _take(self, name: str, data: bytes) -> int:
        """Take the rows of a file's new bytes as far as they hold; how many bytes those are."""
        used, self.broken = 0, None
        if self.files.offset == 0:
            if not data.startswith(HEADER):
                self.broken = Problem(None, "header", "the first line is not the ledger's header", name)
                return 0
            used, self.began = len(HEADER), self.chain.seq
            self.chain.begin(name, self.files.closed[-1] if self.files.closed else "")
        *lines, _ = data[used:].split(END)
        for at, line in enumerate(lines):
            try:
                self.chain.take(lines, at)
            except Found as found:
                self.broken = found.problem
                if follows(self.chain.before, line):
                    self.forged = found.problem
                break
            self._rows.append(line)
            used += len(line) + len(END)
        return used
