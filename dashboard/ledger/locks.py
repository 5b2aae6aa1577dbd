"""The lock that writers of one ledger take: the operating system's own, tried before it is trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import LedgerWriteFailed, NoWorkingLock

__all__ = ["locked", "require_working_lock"]

if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _take(descriptor: int, *, wait: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def _give(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(descriptor: int, *, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file that is never renamed.

    Raises
    ------
    LedgerWriteFailed
        The lock file can't be opened or the lock can't be taken.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise _failed(exc) from exc
    try:
        try:
            _take(descriptor, wait=True)
        except OSError as exc:
            raise _failed(exc) from exc
        try:
            yield
        finally:
            _give(descriptor)
    finally:
        os.close(descriptor)


def require_working_lock(path: Path) -> None:
    """Take the lock twice over two descriptors; the second must be refused.

    Raises
    ------
    NoWorkingLock
        The file system grants it twice, or not at all: two writers could write one row.
    """
    with locked(path):
        other = os.open(path, os.O_RDWR)
        try:
            _take(other, wait=False)
        except OSError:
            return
        finally:
            os.close(other)
    raise NoWorkingLock(
        "The ledger was not opened.",
        "The file system of the workspace does not keep locks, so two writers could damage it.",
        "Put the workspace on a local disk.",
    )


def _failed(exc: OSError) -> LedgerWriteFailed:
    return LedgerWriteFailed(
        "The row was not recorded.",
        f"The ledger's lock can't be taken ({exc.strerror}).",
        "Check that the workspace is writable; the verdict is kept as a draft.",
    )
