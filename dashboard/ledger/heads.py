"""`reviews.head`: number, hash and end of the last row known durable. It may lag, it never leads."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from ..errors import LedgerRefused
from .locks import locked
from .verifier import Head, read_head

__all__ = ["HeadFile"]

_EVERY_S = 1.0
_LINE_BYTES = 128
"""Always as long, and within one sector: it is written over the last one in place, which can't tear. A new file renamed
over it costs as much as the row's own sync (ext4 writes such a file out at once), and every row waits for it."""


class HeadFile:
    """The head file of one ledger folder, written by the next writer or within a second, only forwards.

    A head that can't be written is no failure of the row: the row is on the disk, and the head may lag.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / "reviews.head")
        self._live = str(folder / "reviews.csv")
        self._lock = folder / "reviews.lock"
        self._guard = threading.RLock()
        self._durable: tuple[Head, int] | None = None
        self._written_at = 0.0
        self._timer: threading.Timer | None = None

    def read(self) -> tuple[Head, int] | None:
        """Head and end of its row in bytes; None where the file is missing or unreadable."""
        return read_head(self._folder)

    def note(self, head: Head, offset: int) -> None:
        """A row has become durable: its head is written now, or within a second if one was just written."""
        with self._guard:
            self._durable = (head, offset)
            wait = self._written_at + _EVERY_S - time.monotonic()
            if wait > 0 and self._timer is None:
                self._timer = threading.Timer(wait, self.flush)
                self._timer.daemon = True
                self._timer.start()
        if wait <= 0:
            self.flush()

    def note_held(self, head: Head, offset: int) -> None:
        """The same at once, for whoever holds the lock."""
        with self._guard:
            self._durable = (head, offset)
        self.advance()

    def flush(self, *, wait: bool = True) -> None:
        """Write the newest durable head, under the ledger's lock.

        Not waiting is for the end of a ledger: it may come, by the collector of garbage, while this very thread holds
        the lock over another of the same folder.
        """
        with self._guard:
            self._timer = None
            if self._durable is None:
                return
        try:
            with locked(self._lock, wait=wait):
                self.advance()
        except (LedgerRefused, OSError):
            return

    def advance(self) -> None:
        """The same, for whoever holds the lock."""
        self.advance_from(self.read())

    def advance_from(self, kept: tuple[Head, int] | None) -> None:
        """The same, where the file was just read."""
        durable = self._durable
        if durable is None or (kept is not None and kept[0].seq >= durable[0].seq):
            return
        head, offset = durable
        if _size(self._live) < offset:  # Put back from a backup meanwhile: it must not lead that.
            return
        line = f"{head.seq} {head.hash} {offset}".ljust(_LINE_BYTES - 1) + "\n"
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                written = os.write(descriptor, line.encode("ascii"))
            finally:
                os.close(descriptor)
            if written < len(line):  # Half of two heads is worse than none.
                os.unlink(self._path)
        except OSError:
            return
        self._written_at = time.monotonic()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
