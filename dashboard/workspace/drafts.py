"""What a reader has not yet made a verdict: masks, intervals, comments, refused verdicts. Never lost."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ..errors import VerdictRule
from ..files import write_atomic

__all__ = ["DraftStore"]

_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")


class DraftStore:
    """Drafts of one workspace, `<workspace>/drafts/<hash of reader>/<study>/<finding>`, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, reader: str, study: str, finding: str, data: bytes) -> None:
        """Keep a draft, atomically and durably; it replaces the one before."""
        write_atomic(self._path(reader, study, finding), data, mode=0o600)

    def get(self, reader: str, study: str, finding: str) -> bytes | None:
        """A draft, or None."""
        path = self._path(reader, study, finding)
        return path.read_bytes() if path.exists() else None

    def of(self, reader: str, study: str) -> tuple[str, ...]:
        """Findings of a study for which the reader has a draft."""
        folder = self._reader_folder(reader) / study
        return tuple(sorted(p.name for p in folder.glob("[!.]*"))) if folder.exists() else ()

    def count(self, reader: str) -> int:
        """How many drafts the reader has."""
        folder = self._reader_folder(reader)
        return sum(1 for p in folder.glob("*/[!.]*")) if folder.exists() else 0

    def drop(self, reader: str, study: str, finding: str) -> None:
        """Forget a draft that became a verdict or was thrown away by its reader."""
        self._path(reader, study, finding).unlink(missing_ok=True)

    def _reader_folder(self, reader: str) -> Path:
        return self.folder / hashlib.sha256(reader.encode()).hexdigest()[:16]

    def _path(self, reader: str, study: str, finding: str) -> Path:
        for part in (study, finding):
            if not _NAME.match(part) or part.startswith("."):
                raise VerdictRule("The draft was not kept.", "Its study or finding id is not one.", "Reload the page.")
        return self._reader_folder(reader) / study / finding
