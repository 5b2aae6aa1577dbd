"""Computed steps on a study's series, kept until a person decides: what was done, how, and the picture to check it by.

`studies/<study>/steps/<digest>/` holds `record.json`, `check.png`, whatever arrays belong to it, and `state.json`. The
digest is that of the record, which never changes; erasure takes the folder with the study.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StalePage
from ..files import canonical_digest, fsync_folder, read_json, write_json

__all__ = ["Step", "StepStore"]

_UNDECIDED = {"state": "proposed", "by": "", "at": "", "series": []}


@dataclass(frozen=True)
class Step:
    """One computed step.

    Attributes
    ----------
    digest : str
        Of the record's canonical JSON.
    record : mapping
        `step` ('registration' or 'brain_mask'), digests of the series, settings, software, measures.
    state : str
        proposed, accepted, discarded or withdrawn.
    series : tuple of str
        Digests of the series that were made by it once it was accepted.
    """

    digest: str
    record: dict[str, Any] = field(repr=False)
    state: str = "proposed"
    by: str = ""
    at: str = ""
    series: tuple[str, ...] = ()
    folder: Path = field(default=Path(), repr=False)

    @property
    def picture(self) -> Path:
        """The PNG to check it by."""
        return self.folder / "check.png"


class StepStore:
    """The computed steps of the studies of one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, study: str, record: dict[str, Any], picture: bytes, **arrays: np.ndarray) -> Step:
        """Keep a step as proposed; one that was discarded or withdrawn is proposed anew, one in force stays so."""
        digest = canonical_digest(record)
        final = self.folder / study / "steps" / digest
        if not final.exists():
            building = final.with_name(f".{digest}.new")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            (building / "check.png").write_bytes(picture)
            for name, array in arrays.items():
                np.savez_compressed(building / f"{name}.npz", array=array)
            write_json(building / "state.json", _UNDECIDED)
            write_json(building / "record.json", record)
            building.rename(final)
            fsync_folder(final.parent)
        elif self._read(final).state in ("discarded", "withdrawn"):
            write_json(final / "state.json", _UNDECIDED)
        return self._read(final)

    def of(self, study: str) -> tuple[Step, ...]:
        """All steps of a study, in the order in which they were computed."""
        folder = self.folder / study / "steps"
        if not folder.is_dir():
            return ()
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
        return tuple(
            self._read(path) for path in sorted(found, key=lambda p: ((p / "record.json").stat().st_mtime_ns, p.name))
        )

    def get(self, study: str, name: str) -> Step:
        """The step whose digest begins so.

        Raises
        ------
        StalePage
            None or several do.
        """
        found = [step for step in self.of(study) if len(name) >= 6 and step.digest.startswith(name.lower())]
        if len(found) != 1:
            raise StalePage(
                "There is no such step.",
                "None, or more than one, of the study's computed steps begins so.",
                "`overread register STUDY` and `overread strip STUDY` list them; name one by at least six digits.",
            )
        return found[0]

    def array(self, study: str, digest: str, name: str) -> np.ndarray:
        """An array that belongs to a step."""
        with np.load(self.folder / study / "steps" / digest / f"{name}.npz") as saved:
            return saved["array"]

    def decide(self, study: str, step: Step, state: str, *, by: str, at: str, series: tuple[str, ...] = ()) -> Step:
        """Write what a person decided about a step."""
        folder = self.folder / study / "steps" / step.digest
        write_json(folder / "state.json", {"state": state, "by": by, "at": at, "series": list(series)})
        return self._read(folder)

    @staticmethod
    def _read(folder: Path) -> Step:
        said = read_json(folder / "state.json")
        return Step(
            digest=folder.name,
            record=read_json(folder / "record.json"),
            state=str(said["state"]),
            by=str(said["by"]),
            at=str(said["at"]),
            series=tuple(said["series"]),
            folder=folder,
        )
