"""What was computed from a study's signal and would be the same again: kept beside it, gone with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..domain import is_study
from ..files import write_atomic

__all__ = ["DerivedStore"]


class DerivedStore:
    """Bytes computed from a study's data alone, by name; nothing of a model, a reader or an identity.

    Parameters
    ----------
    folder : Path
        `<workspace>/studies`. Each study's bytes lie in `derived` below its own folder, which erasure removes whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._locks: dict[Path, threading.Lock] = {}

    def get(self, study: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Give what is kept under a name, or make it, keep it and give it; two who ask at once wait for one making.

        The name says which version of the computation it is. Where the folder can't be written it is made each time.

        Raises
        ------
        ValueError
            The study's pseudonym or the name is none.
        """
        if not is_study(study) or Path(name).name != name or not name:
            raise ValueError("a study's pseudonym and a plain name")
        path = self.folder / study / "derived" / f"{name}.bin"
        with self._locks.setdefault(path, threading.Lock()):
            try:
                return path.read_bytes()
            except OSError:
                made = make()
            if (self.folder / study / "study.json").exists():  # it may have been erased meanwhile
                try:
                    write_atomic(path, made)
                except OSError:
                    return made
            return made
