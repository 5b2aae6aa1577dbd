"""Comments: their texts stand apart from the chain, so that they can be erased; a row holds a text's keyed digest."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from ..files import TextFile

__all__ = ["CommentFile"]


class CommentFile(TextFile):
    """`comments.csv`. Without the key nobody can guess a comment from its digest."""

    def __init__(self, folder: Path, key: bytes) -> None:
        super().__init__(folder / "comments.csv")
        self._key = key

    def digest(self, event_id: str, text: str) -> str:
        """The keyed digest that stands in the row, so that a changed text shows; empty for no comment."""
        if not text:
            return ""
        return hmac.new(self._key, f"{event_id}\0{text}".encode(), hashlib.sha256).hexdigest()
