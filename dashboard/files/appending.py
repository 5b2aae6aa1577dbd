"""What a file that only grows needs beside `write`: all or nothing, set aside, write over, write in place, and read what is new."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from .atomic import fsync_folder

__all__ = ["append_whole", "move_tail", "moved_tails", "overwrite", "read_behind", "rewrite_from"]

_TORN = re.compile(r"\.torn-(\d+)")


def append_whole(descriptor: int, data: bytes, end: int) -> None:
    """Append in one write to a file that ends at `end`; where only a part fits, none of it stays.

    Raises
    ------
    OSError
        It was not written.
    """
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def move_tail(path: Path, offset: int) -> None:
    """Move what stands behind an offset to `<stem>.torn-<n>` beside it, durable there before it goes here."""
    number = max((int(moved.suffix[6:]) for moved in moved_tails(path)), default=0) + 1
    aside = path.with_suffix(f".torn-{number}")
    with path.open("r+b") as stream:
        stream.seek(offset)
        with aside.open("xb") as new:
            new.write(stream.read())
            new.flush()
            os.fsync(new.fileno())
        fsync_folder(aside.parent)
        stream.truncate(offset)
        os.fsync(stream.fileno())


def moved_tails(path: Path) -> list[Path]:
    """What `move_tail` has moved from this file, oldest first."""
    moved = [(int(found.group(1)), other) for other in path.parent.iterdir()
             if other.stem == path.stem and (found := _TORN.fullmatch(other.suffix))]  # fmt: skip
    return [other for _, other in sorted(moved)]


def rewrite_from(path: Path, offset: int) -> None:
    """After a failed sync: write what stands behind an offset over itself, in place, and sync it.

    A sync that failed once may call the same pages clean the next time; only bytes written anew are sure.
    """
    with path.open("r+b") as stream:
        stream.seek(offset)
        behind = stream.read()
        stream.seek(offset)
        stream.write(behind)
        stream.flush()
        os.fsync(stream.fileno())


def overwrite(path: str, data: bytes) -> None:
    """Write data over a file's first bytes in one write, which can't tear within a sector; half of it is unlinked.

    A new file renamed over the old one costs as much as a sync: ext4 writes such a file out at once.

    Raises
    ------
    OSError
        It can't be opened or written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        written = os.write(descriptor, data)
    finally:
        os.close(descriptor)
    if written < len(data):
        os.unlink(path)


def read_behind(descriptor: int, offset: int, size: int, last: bytes) -> bytes | None:
    """What a file of that size holds behind an offset; None where the bytes right before it are not the last ones known."""
    os.lseek(descriptor, offset - len(last), os.SEEK_SET)
    wanted = size - offset + len(last)
    data = os.read(descriptor, max(0, wanted))
    while len(data) < wanted and (more := os.read(descriptor, wanted - len(data))):  # One call gives 2 GB at most.
        data += more
    return data[len(last) :] if data.startswith(last) else None
