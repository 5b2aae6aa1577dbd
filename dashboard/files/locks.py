"""The operating system's exclusive lock on a file, between processes and between threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["exclusive_lock", "give_lock", "take_lock"]

if os.name == "nt":  # pragma: no cover
    import msvcrt

    def take_lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file; OSError where that fails, BlockingIOError or PermissionError where another has it."""
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def give_lock(descriptor: int) -> None:
        """Give the lock back."""
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
