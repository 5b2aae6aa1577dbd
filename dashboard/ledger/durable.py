"""Which rows are on the disk: `reviews.head` says it, and one sync finds it out for all who wrote before it.

Whoever has written gives the write lock back, waits for `reviews.sync`, and looks at the head first: somebody's sync may
have covered the row meanwhile. If not, all that stands in the file is synced once and the head is written for its end.
So the head never leads; it lags where it can't be written, or after a kill. Locks are taken in the order sync, write.
"""

from __future__ import annotations

import contextlib
import errno
import os

from ..chain import Head, read_head
from ..files import LockFile, SharedSync, overwrite
from .series import Series

__all__ = ["Durable"]

_HEAD_BYTES = 128
"""Always as long, and within one sector."""


class Durable:
    """The head file of one ledger folder, and the sync that moves it on. Not safe between threads.

    Attributes
    ----------
    writing, syncing : LockFile, SharedSync
        The locks of those who write and of the one who syncs; who needs both takes the latter first.
    """

    def __init__(self, series: Series) -> None:
        folder = series.files.path.parent
        self.writing = LockFile(folder / "reviews.lock")
        self.syncing = SharedSync(series.files.path, folder / "reviews.sync", self.writing)
        self._series = series
        self._head_name = os.path.join(folder, "reviews.head")

    def head(self) -> tuple[Head, int] | None:
        """Head and end of its row in bytes; None where the file is missing or unreadable."""
        return read_head(self._head_name)

    def settle(self, *, own: bool = False) -> None:
        """Without the write lock: return once every row that was read or written so far is durable.

        Parameters
        ----------
        own : bool
            The last row was written here: nobody else can have taken it back.

        Raises
        ------
        OSError
            The disk refuses, or the rows are not there any more.
        """
        series = self._series
        if series.chain.seq <= series.durable:
            return
        with self.syncing:
            kept, asked = self.head(), series.head()
            if not own:  # Only who holds this lock too takes a row back: what is there now stays.
                series.catch_up(sure=True)
                self._still_there(asked)
            # What a file held when this process opened it may have been put there by a copy that nobody has synced:
            # the head is believed of rows that came after a sync of our own.
            if series.synced == series.files.inode and kept is not None and kept[0].seq >= asked.seq:
                series.durable = asked.seq
                return
            with self.writing:  # Under the lock every row is whole: none that is seen will be taken back.
                series.catch_up(sure=True)
            self._still_there(asked)
            self.sync()

    def _still_there(self, row: Head) -> None:
        if self._series.hash_of(row.seq) != row.hash:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    def sync(self) -> None:
        """Make durable what was read, for whoever has had the right to sync since; OSError where the disk refuses."""
        series, kept = self._series, self.head()
        self.syncing.sync(series.files.inode, kept[1] if kept is not None and kept[0].seq > series.began else 0)
        series.synced, series.durable = series.files.inode, series.chain.seq
        if series.chain.seq and (kept is None or kept[0].seq < series.chain.seq):
            self._write_head()

    def _write_head(self) -> None:
        """A head that can't be written is no failure of the row: that is on the disk, and the head may lag."""
        head = self._series.head()
        line = f"{head.seq} {head.hash} {self._series.files.offset}".ljust(_HEAD_BYTES - 1).encode("ascii")
        with contextlib.suppress(OSError):
            overwrite(self._head_name, line + b"\n")

    def close(self) -> None:
        """Give all descriptors back."""
        self._series.files.close()
        self.writing.close()
        self.syncing.close_all()
