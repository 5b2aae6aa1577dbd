"""Which studies a session was shown in an order that rests on a model, for as long as the session may last."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ..files import read_json, write_json

__all__ = ["OrderStore"]

_KEPT_S = 30 * 24 * 3600.0


class OrderStore:
    """Pseudonyms of studies by session, `<workspace>/orders/<hash of session>.json`; safe to share between threads.

    A disk that refuses loses nothing while this process lives: what was added is kept here as well.

    Parameters
    ----------
    folder : Path
    clock : callable
        Seconds since the epoch. Files that nothing was added to for 30 days are removed.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock
        self._known: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def shown(self, session: str) -> frozenset[str]:
        """The studies that this session was shown so."""
        with self._lock:
            return self._of(session)

    def add(self, session: str, studies: Iterable[str]) -> None:
        """These were shown too."""
        with self._lock:
            before = self._of(session)
            after = before.union(studies)
            if after == before:
                return
            self._known[session] = after
            try:
                self._sweep()
                self.folder.mkdir(exist_ok=True)
                write_json(self._path(session), sorted(after), mode=0o600)
            except OSError:
                return

    def _of(self, session: str) -> frozenset[str]:
        if session not in self._known:
            try:
                self._known[session] = frozenset(str(study) for study in read_json(self._path(session)))
            except (OSError, ValueError, TypeError):
                self._known[session] = frozenset()
        return self._known[session]

    def _sweep(self) -> None:
        for path in self.folder.glob("*.json"):
            if self._clock() - path.stat().st_mtime > _KEPT_S:
                path.unlink(missing_ok=True)

    def _path(self, session: str) -> Path:
        return self.folder / f"{hashlib.sha256(session.encode()).hexdigest()[:32]}.json"
