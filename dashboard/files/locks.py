"""The operating system's exclusive lock on a file, between processes and between threads."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LockFile", "exclusive_lock", "give_lock", "take_lock"]

if os.name == "nt":  # pragma: no cover
    import msvcrt

    def take_lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file; OSError where that fails, BlockingIOError or PermissionError where another has it."""
        os.lseek(descriptor, 0, os.SEEK_SET)  # It locks from where the descriptor stands.
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def give_lock(descriptor: int) -> None:
        """Give the lock back."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def take_lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file; OSError where that fails, BlockingIOError or PermissionError where another has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

    def give_lock(descriptor: int) -> None:
        """Give the lock back."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file that is never renamed; it is made where it is not there.

    Raises
    ------
    OSError
        The file can't be opened or locked.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        take_lock(descriptor, wait=True)
        try:
            yield
        finally:
            give_lock(descriptor)
    finally:
        os.close(descriptor)


class LockFile:
    """A lock file whose descriptor one process keeps open: `with` waits for the lock, holds it and gives it back.

    What `with` gives is the descriptor, for the few bytes that the file may keep. Whoever holds the lock may take it
    again; its owner lets one thread in at a time. OSError where the file can't be opened or locked.
    """

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        self._descriptor = -1
        self._process = 0
        self._depth = 0

    def __enter__(self) -> int:
        while self._depth == 0:
            if self._process != os.getpid():  # A fork shares its parent's descriptor, and with it the parent's lock.
                self._descriptor, self._process = os.open(self._name, os.O_RDWR | os.O_CREAT, 0o644), os.getpid()
            take_lock(self._descriptor, wait=True)
            if os.fstat(self._descriptor).st_nlink:
                break
            self.close()  # Somebody deleted the file: whoever comes now would lock another one.
        self._depth += 1
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            give_lock(self._descriptor)

    def check(self) -> None:
        """Take the lock twice over two descriptors; the second must be refused because the first has it.

        Raises
        ------
        OSError
            With `ENOLCK` where the file system grants it twice: two writers could write one row.
        """
        with self:
            other = os.open(self._name, os.O_RDWR)
            try:
                take_lock(other, wait=False)
            except (BlockingIOError, PermissionError):
                return
            finally:
                os.close(other)
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    def close(self) -> None:
        """Give the descriptor back."""
        if self._process == os.getpid():
            os.close(self._descriptor)
        self._process = 0
