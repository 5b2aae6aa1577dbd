"""The lock that writers of one ledger take: the operating system's own, tried before it is trusted."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import LedgerRefused, LedgerWriteFailed, NoWorkingLock
from ..files import give_lock, take_lock

__all__ = ["locked", "require_working_lock"]

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a file that is never renamed.

    Raises
    ------
    LedgerWriteFailed
        The lock file can't be opened or the lock can't be taken.
    NoWorkingLock
        The file system knows no locks.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise _failed(exc) from exc
    try:
        try:
            take_lock(descriptor, wait=wait)
        except OSError as exc:
            raise _failed(exc) from exc
        try:
            yield
        finally:
            give_lock(descriptor)
    finally:
        os.close(descriptor)


def require_working_lock(path: Path) -> None:
    """Take the lock twice over two descriptors; the second must be refused because the first has it.

    Raises
    ------
    NoWorkingLock
        The file system grants it twice, or not at all: two writers could write one row.
    """
    with locked(path):
        other = os.open(path, os.O_RDWR)
        try:
            take_lock(other, wait=False)
        except (BlockingIOError, PermissionError):
            return
        except OSError as exc:
            raise _failed(exc) from exc
        finally:
            os.close(other)
    raise _no_lock()


def _failed(exc: OSError) -> LedgerRefused:
    if exc.errno in _NO_LOCKS:
        return _no_lock()
    return LedgerWriteFailed(
        "The row was not recorded.",
        f"The ledger's lock can't be taken ({exc.strerror or 'unknown reason'}).",
        "Check that the workspace is writable; the verdict is kept as a draft where that is possible.",
    )


def _no_lock() -> NoWorkingLock:
    return NoWorkingLock(
        "The ledger was not opened.",
        "The file system of the workspace does not keep locks, so two writers could damage it.",
        "Put the workspace on a local disk.",
    )
