"""Texts by id in a CSV of two columns: appended whole, and erased for good where that is asked."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from .atomic import write_atomic
from .csv_fields import decode_field, encode_field, join_fields, split_fields

__all__ = ["TextFile"]

_END = b"\r\n"
_HEADER = b'"event_id","text"' + _END


class TextFile:
    """The file of that path, made with its first text. Who writes holds a lock of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, str]:
        """All texts that are there; a line that is none of ours is left out."""
        found = {}
        data = self._path.read_bytes() if self._path.exists() else b""
        for line in data.split(_END)[:-1]:
            try:
                name, text = split_fields(line, 2)
                found[decode_field(name)] = decode_field(text)
            except ValueError:
                continue
        found.pop("event_id", None)
        return found

    def append(self, texts: Iterable[tuple[str, str]]) -> bool:
        """Write texts behind those that are there, whole lines, not yet durable. Whether any were."""
        lines = _lines(texts)
        if not lines:
            return False
        if not self._path.exists():
            write_atomic(self._path, _HEADER)
        with self._path.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - len(_END)))
            if stream.read() != _END:  # A crash tore the last line, which nobody was promised.
                stream.seek(0)
                stream.truncate(stream.read().rfind(_END) + len(_END))
                stream.seek(0, os.SEEK_END)
            stream.write(lines)
        return True

    def sync(self) -> None:
        """Make what was appended durable."""
        descriptor = os.open(self._path, os.O_WRONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def erase(self, names: Collection[str]) -> int:
        """Take texts out of the file for good. How many went."""
        texts = self.read()
        kept = {name: text for name, text in texts.items() if name not in names}
        if len(kept) < len(texts):
            write_atomic(self._path, _HEADER + _lines(kept.items()))
        return len(texts) - len(kept)


def _lines(texts: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(join_fields([encode_field(name), encode_field(text)]) + _END for name, text in texts)
