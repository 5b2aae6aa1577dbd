"""Which study lies open at whose desk just now: a soft lock that runs out by itself and never refuses anything."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["PresenceStore"]

_TOUCH_S = 5.0


class PresenceStore:
    """Signs of life, `<workspace>/presence/<study>~<hash of reader>`: the file's time is the last one.

    Parameters
    ----------
    folder : Path
    clock : callable
        Seconds since the epoch.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock

    def touch(self, reader: str, study: str) -> None:
        """The reader has the study open now. A disk that refuses is no reason to keep a reader from it."""
        path = self._path(reader, study)
        now = self._clock()
        try:
            if path.exists() and now - path.stat().st_mtime < _TOUCH_S:
                return
            self.folder.mkdir(exist_ok=True)
            path.write_text(reader, encoding="utf-8")
            os.utime(path, (now, now))
        except OSError:
            return

    def release(self, reader: str, study: str) -> None:
        """The reader has closed the study, or gone on to another."""
        try:
            self._path(reader, study).unlink(missing_ok=True)
        except OSError:
            return

    def open_now(self, minutes: float) -> dict[str, dict[str, float]]:
        """Seconds since the last sign of life, by study and reader, no older than so many minutes."""
        found: dict[str, dict[str, float]] = {}
        now = self._clock()
        try:
            listed = list(os.scandir(self.folder))
        except OSError:
            return found
        for entry in listed:
            study, _, mark = entry.name.partition("~")
            try:
                age = max(0.0, now - entry.stat().st_mtime)
                if mark and age <= minutes * 60:
                    found.setdefault(study, {})[Path(entry.path).read_text(encoding="utf-8")] = age
            except OSError:
                continue
        return found

    def _path(self, reader: str, study: str) -> Path:
        return self.folder / f"{study}~{hashlib.sha256(reader.encode()).hexdigest()[:16]}"
