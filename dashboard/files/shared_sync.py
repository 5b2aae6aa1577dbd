"""One sync of a growing file for all processes that wrote to it before, and what follows from one that failed.

The first byte of the lock file is "1" from before a sync until it has succeeded. After a sync that failed, or whose
process was killed, the system may call pages clean that never reached the disk, and may have told so to that process
alone. The next one, whoever it is, writes all behind the last durable byte over itself before it syncs.
"""

from __future__ import annotations

import os
from pathlib import Path

from .appending import rewrite_from
from .locks import LockFile

__all__ = ["SharedSync"]


class SharedSync:
    """The right to sync, held by `with`, by one process at a time; and the file's descriptor, kept open between.

    Not safe between threads. Locks are taken in the order sync, write.

    Parameters
    ----------
    path, lock : Path
        The file, and its lock file.
    writing : LockFile
        The lock of those who write to the file.
    """

    def __init__(self, path: Path, lock: Path, writing: LockFile) -> None:
        self._path = path
        self._lock = LockFile(lock)
        self._writing = writing
        self._mark = -1
        self._opened = (-1, 0)

    def __enter__(self) -> SharedSync:
        self._mark = self._lock.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__()

    def sync(self, inode: int, durable_to: int) -> None:
        """Make durable all that stands in the file of that inode, of which so many bytes are known to be.

        Raises
        ------
        OSError
            The disk refuses.
        """
        os.lseek(self._mark, 0, os.SEEK_SET)
        if os.read(self._mark, 1) == b"1":
            with self._writing:
                rewrite_from(self._path, durable_to)
            self.close()  # A descriptor opened now won't tell of that failure again.
        else:
            self._say(b"1")
        os.fsync(self.descriptor(inode))
        self._say(b"0")

    def _say(self, what: bytes) -> None:
        os.lseek(self._mark, 0, os.SEEK_SET)
        os.write(self._mark, what)

    def descriptor(self, inode: int) -> int:
        """The file, open for appending, anew where it was another; kept open, so that no failed sync goes unseen."""
        if self._opened[0] < 0 or self._opened[1] != inode:
            self.close()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            self._opened = (descriptor, os.fstat(descriptor).st_ino)
        return self._opened[0]

    def close(self) -> None:
        """Give the file's descriptor back."""
        if self._opened[0] >= 0:
            os.close(self._opened[0])
        self._opened = (-1, 0)

    def close_all(self) -> None:
        """Give all descriptors back."""
        self.close()
        self._lock.close()
