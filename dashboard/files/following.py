"""A file that grows, and is renamed once it is closed, while the next one takes its place: read on from where one stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from .appending import read_behind

__all__ = ["Following", "TakenBack"]

_LAST_BYTES = 68
"""So much of what was used up is looked at again before what stands behind it is read."""


class TakenBack(Exception):
    """What was read before is not there any more: it was cut off, or another file was put in its place."""


class Following:
    """How far a live file, and the closed ones before it, have been read. Not safe between threads.

    Parameters
    ----------
    path : Path
        The live file.
    closed_files : callable
        Gives the closed files of a folder, oldest first.

    Attributes
    ----------
    inode, offset, size : int
        The live file (0: none), how many of its bytes have been used up, and where it ended when last looked at.
    closed : list of str
        Names of the closed files that were used up, oldest first.
    unread : str
        The closed file of which some could not be used; nothing behind it is read.
    """

    def __init__(self, path: Path, closed_files: Callable[[Path], list[Path]]) -> None:
        self.path = path
        self.name = str(path)
        self._closed_files = closed_files
        self._descriptor = -1
        self.forget()

    def forget(self) -> None:
        """Read everything again the next time."""
        self.close()
        self.inode = self.offset = self.size = 0
        self.closed: list[str] = []
        self.unread = ""
        self._last = b""
        self._seen: tuple[int, int, int] | None = None

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def read(self, take: Callable[[str, bytes], int], *, sure: bool = False) -> bool:
        """Have what is new taken; whether there was anything to look at.

        Parameters
        ----------
        take : callable
            Given a file's name and the bytes behind those used up, says how many of them it has used up.
        sure : bool
            Look even where size and time are those seen before.

        Raises
        ------
        TakenBack
            What was used up is not there any more; `forget` is to follow.
        """
        try:
            state = os.stat(self.name)
            seen = (state.st_ino, state.st_size, state.st_mtime_ns)
        except FileNotFoundError:  # None yet, or another process is between closing a file and beginning the next.
            seen = (0, 0, 0)
        if seen == self._seen and not sure:
            return False
        self.size = 0
        if seen[0] != self.inode or self.offset == 0:
            self._open_next(take)
        if self._descriptor >= 0 and not self.unread:
            self.size = self._read_on(self._descriptor, self.path.name, seen[1], take)
        self._seen = seen
        return True

    def used(self, data: bytes) -> None:
        """Go on behind bytes that were just written there."""
        self.offset += len(data)
        self._last = (self._last + data)[-_LAST_BYTES:]

    def _open_next(self, take: Callable[[str, bytes], int]) -> None:
        """The live file is another than that read so far: read that one to its end, then those closed since."""
        with contextlib.ExitStack() as stack:
            descriptor, inode = -1, 0
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(self.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
                stack.callback(os.close, descriptor)
                inode = os.fstat(descriptor).st_ino
            self._read_closed(inode, take)
            stack.pop_all()
        self.close()
        self._descriptor, self.inode = descriptor, inode

    def _read_closed(self, live: int, take: Callable[[str, bytes], int]) -> None:
        paths = self._closed_files(self.path.parent) if self.path.parent.exists() else []
        paths = [path for path in paths if path.stat().st_ino != live]  # Closed just now, and opened before.
        if [path.name for path in paths[: len(self.closed)]] != self.closed:
            raise TakenBack
        for path in paths[len(self.closed) :]:
            if self.offset and path.stat().st_ino != self.inode:
                raise TakenBack
            with path.open("rb", buffering=0) as stream:
                size = self._read_on(stream.fileno(), path.name, path.stat().st_size, take)
            self.unread = "" if size == self.offset else path.name
            whole, self.offset, self._last = size == self.offset, 0, b""
            if not whole:
                return
            self.closed.append(path.name)
            self.inode = 0
        if self.offset and self.inode != live:
            raise TakenBack

    def _read_on(self, descriptor: int, name: str, size: int, take: Callable[[str, bytes], int]) -> int:
        """Have the bytes behind `offset` taken; where the file ends."""
        data = read_behind(descriptor, self.offset, size, self._last)
        if data is None:
            raise TakenBack
        end = self.offset + len(data)
        self.used(data[: take(name, data)])
        return end
