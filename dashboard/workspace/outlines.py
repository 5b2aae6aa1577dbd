"""Studies in outline: what a list says of each, read without opening a volume or a recording."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..domain import Study
from ..errors import StudyNotFound
from ..files import read_json
from ..terms import StudyKind

__all__ = ["OutlineStore", "StudyOutline"]

_PLAIN = ("id", "subject", "input_digest", "added_at", "acquired_on", "age_years", "sex", "synthetic")


@dataclass(frozen=True)
class StudyOutline:
    """A study without its arrays. `stamp` changes with the file that it was read from.

    Attributes
    ----------
    sequences : tuple of str
        Of an MR study's volumes, in their order.
    channels, duration_s : int, float
        Of a recording; 0 where there is none.
    issues : tuple of dict
        Of the study, then of its volumes: code, severity, where, message.
    corrected : bool
        Whether a person took a series for another sequence than its file was taken for.
    """

    id: str
    subject: str
    input_digest: str
    added_at: str
    acquired_on: str
    age_years: int | None
    sex: str
    synthetic: bool
    kind: StudyKind
    sequences: tuple[str, ...]
    channels: int
    duration_s: float
    issues: tuple[dict[str, str], ...]
    stamp: tuple[int, int]
    corrected: bool = False


class OutlineStore:
    """Outlines of the studies of one workspace, each read once and again when its file changes.

    Parameters
    ----------
    folder : Path
        `<workspace>/studies`.
    open_study : callable
        Opens a study whole, for the length of a recording that `study.json` does not say.
    """

    def __init__(self, folder: Path, open_study: Callable[[str], Study]) -> None:
        self._root = str(folder)
        self._open_study = open_study
        self._cache: dict[str, StudyOutline] = {}

    def get(self, study: str) -> StudyOutline | None:
        """The outline; None where the study is gone."""
        path = f"{self._root}/{study}/study.json"
        try:
            state = os.stat(path)
            stamp = (state.st_mtime_ns, state.st_size)
            known = self._cache.get(study)
            if known is None or known.stamp != stamp:
                self._cache[study] = known = self._read(study, path, stamp)
        except (FileNotFoundError, StudyNotFound):
            self._cache.pop(study, None)
            return None
        return known

    def _read(self, study: str, path: str, stamp: tuple[int, int]) -> StudyOutline:
        saved = read_json(Path(path))
        kind = StudyKind(saved["kind"])
        length = saved.get("recording") or (self._measured(study) if kind is StudyKind.EEG else {})
        named = [*saved["issues"], *(issue for volume in saved["volumes"] for issue in volume["issues"])]
        issues = tuple(
            {name: str(issue.get(name, "")) for name in ("code", "severity", "where", "message")} for issue in named
        )
        return StudyOutline(
            **{name: saved[name] for name in _PLAIN},
            kind=kind,
            sequences=tuple(volume["sequence"] for volume in saved["volumes"]),
            channels=int(length.get("channels", 0)),
            duration_s=float(length.get("duration_s", 0.0)),
            issues=issues,
            stamp=stamp,
            corrected=bool(saved.get("corrected_at")),
        )

    def _measured(self, study: str) -> dict[str, Any]:
        recording = self._open_study(study).recording
        if recording is None:
            return {}
        return {"channels": len(recording.channels), "duration_s": recording.duration_s}
