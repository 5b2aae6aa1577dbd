"""Which rows are on the disk: `reviews.head` says it, and one sync finds it out for all who wrote before it.

Whoever has written gives the write lock back, waits for `reviews.sync`, and looks at the head first: somebody's sync may
have covered the row meanwhile. If not, all that stands in the file is synced once and the head is written for its end.
So the head never leads; it lags where it can't be written, or after a kill. Locks are taken in the order sync, write.

The first byte of `reviews.sync` is "1" from before a sync until it has succeeded. After a sync that failed, or whose
process was killed, the system may call pages clean that never reached the disk, and may have told so to that process
alone. The next one, whoever it is, writes all behind the last durable byte over itself before it syncs.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from ..chain import Head, read_head
from ..files import LockFile, overwrite, rewrite_from
from .series import Series

__all__ = ["Durable"]

_HEAD_BYTES = 128
"""Always as long, and within one sector."""


class Durable:
    """The head file of one ledger folder, and the sync that moves it on. Not safe between threads.

    Attributes
    ----------
    writing : LockFile
        The lock of those who write.
    """

    def __init__(self, series: Series) -> None:
        folder = series.files.path.parent
        self.writing = LockFile(folder / "reviews.lock")
        self._syncing = LockFile(folder / "reviews.sync")
        self._series = series
        self._head_name = os.path.join(folder, "reviews.head")
        self._opened = (-1, 0)

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
        with self._syncing as mark:
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
            self._sync(mark, kept)

    def _still_there(self, row: Head) -> None:
        if self._series.hash_of(row.seq) != row.hash:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    @contextlib.contextmanager
    def held(self) -> Iterator[int]:
        """Hold both locks; gives what `sync_held` needs."""
        with self._syncing as mark, self.writing:
            yield mark

    def sync_held(self, mark: int) -> None:
        """Make durable what was read, for whoever holds both locks.

        Raises
        ------
        OSError
            The disk refuses.
        """
        self._sync(mark, self.head())

    def _sync(self, mark: int, kept: tuple[Head, int] | None) -> None:
        series = self._series
        os.lseek(mark, 0, os.SEEK_SET)
        if os.read(mark, 1) == b"1":
            with self.writing:
                rewrite_from(series.files.path, kept[1] if kept is not None and kept[0].seq > series.began else 0)
            self.close()  # A descriptor opened now won't tell of that failure again.
        else:
            self._mark(mark, b"1")
        os.fsync(self.descriptor())
        self._mark(mark, b"0")
        series.synced, series.durable = series.files.inode, series.chain.seq
        if series.chain.seq and (kept is None or kept[0].seq < series.chain.seq):
            self._write_head()

    def _mark(self, mark: int, what: bytes) -> None:
        os.lseek(mark, 0, os.SEEK_SET)
        os.write(mark, what)

    def _write_head(self) -> None:
        """A head that can't be written is no failure of the row: that is on the disk, and the head may lag."""
        line = (
            f"{self._series.chain.seq} {self._series.chain.digest} {self._series.files.offset}".ljust(_HEAD_BYTES - 1)
            + "\n"
        )
        with contextlib.suppress(OSError):
            overwrite(self._head_name, line.encode("ascii"))

    def descriptor(self) -> int:
        """The live file that was read, open for appending; kept open, so that no failed sync of it goes unseen."""
        if self._opened[0] < 0 or self._opened[1] != self._series.files.inode:
            self.close()
            descriptor = os.open(self._series.files.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            self._opened = (descriptor, os.fstat(descriptor).st_ino)
        return self._opened[0]

    def close(self) -> None:
        """Give the live file's descriptor back."""
        if self._opened[0] >= 0:
            os.close(self._opened[0])
        self._opened = (-1, 0)

    def close_locks(self) -> None:
        """Give all descriptors back."""
        self.close()
        self.writing.close()
        self._syncing.close()
