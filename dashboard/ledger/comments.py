"""`comments.csv`: the texts behind the comments' digests, apart from the chain so that they can be erased."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from ..files import fsync_folder, write_atomic
from .codec import decode_field, encode_field, join_fields, split_fields
from .verifier import END

__all__ = ["CommentFile"]

_HEADER = b'"event_id","text"' + END


class CommentFile:
    """Texts of comments by event id. A row holds the keyed digest of its text, so a changed text shows.

    Parameters
    ----------
    folder : Path
        `<workspace>/reviews`.
    key : bytes
        Without it nobody can guess a comment from its digest.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._path = folder / "comments.csv"
        self._key = key

    def digest(self, event_id: str, text: str) -> str:
        """The keyed digest that stands in the row; empty for no comment."""
        if not text:
            return ""
        return hmac.new(self._key, f"{event_id}\0{text}".encode(), hashlib.sha256).hexdigest()

    def read(self) -> dict[str, str]:
        """All texts that are there; a line that is none of ours is left out."""
        found = {}
        data = self._path.read_bytes() if self._path.exists() else b""
        for line in data.split(END)[:-1]:
            try:
                event_id, text = split_fields(line, 2)
                found[decode_field(event_id)] = decode_field(text)
            except ValueError:
                continue
        found.pop("event_id", None)
        return found

    def append(self, texts: Iterable[tuple[str, str]]) -> bool:
        """Write texts behind those that are there, whole lines; to be called under the lock. Whether any were."""
        lines = b"".join(join_fields([encode_field(i), encode_field(text)]) + END for i, text in texts)
        if not lines:
            return False
        if not self._path.exists():
            write_atomic(self._path, _HEADER)
        with self._path.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - len(END)))
            if stream.read() != END:  # A crash tore the last line; its row was never acknowledged.
                stream.seek(0)
                stream.truncate(stream.read().rfind(END) + len(END))
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

    def erase(self, event_ids: Collection[str]) -> int:
        """Take texts out of the file for good, under the lock; the rows and their digests stay. How many went."""
        texts = self.read()
        kept = {i: text for i, text in texts.items() if i not in event_ids}
        if len(kept) < len(texts):
            lines = [join_fields([encode_field(i), encode_field(text)]) + END for i, text in kept.items()]
            write_atomic(self._path, _HEADER + b"".join(lines))
            fsync_folder(self._path.parent)
        return len(texts) - len(kept)
