"""What a reader has not yet made a verdict: masks, intervals, comments, refused verdicts. Never lost."""

from __future__ import annotations

import hashlib
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

from ..errors import StalePage, VerdictRule
from ..files import digest_bytes, write_atomic

__all__ = ["DraftStore"]

_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")


class DraftStore:
    """Drafts of one workspace, `<workspace>/drafts/<hash of reader>/<study>/<finding>`, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._putting = threading.Lock()

    def put(self, reader: str, study: str, finding: str, data: bytes, *, over: str | None = None) -> str:
        """Keep a draft, atomically and durably; it replaces the one before.

        Parameters
        ----------
        over : str, optional
            SHA-256 of the draft that this one goes on from, '' for none; None replaces whatever is there.

        Returns
        -------
        str
            SHA-256 of what was kept.

        Raises
        ------
        StalePage
            Another draft is there than the one that this goes on from.
        """
        path = self._path(reader, study, finding)
        with self._putting:
            if over is not None and over != self.digest(reader, study, finding):
                raise StalePage(
                    "The draft was not kept.",
                    "The same finding was edited in another window since.",
                    "Choose which of the two drafts goes on.",
                )
            write_atomic(path, data, mode=0o600)
        return digest_bytes(data)

    def get(self, reader: str, study: str, finding: str) -> bytes | None:
        """A draft, or None."""
        try:
            return self._path(reader, study, finding).read_bytes()
        except FileNotFoundError:
            return None

    def digest(self, reader: str, study: str, finding: str) -> str:
        """SHA-256 of a draft; '' where there is none."""
        data = self.get(reader, study, finding)
        return "" if data is None else digest_bytes(data)

    def kept_at(self, reader: str, study: str, finding: str) -> str:
        """When a draft was kept last, UTC; '' where there is none."""
        try:
            seconds = self._path(reader, study, finding).stat().st_mtime
        except FileNotFoundError:
            return ""
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

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
