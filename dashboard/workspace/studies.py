"""Studies on disk: one folder each, volumes as memory maps, a recording as its signal cache."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from ..domain import Issue, Recording, Study, Volume, is_study
from ..errors import StudyNotFound
from ..files import canonical_digest, fsync_folder, read_json, write_json
from ..terms import Sequence, StudyKind

__all__ = ["StudyStore", "input_digest_of"]

_ISSUES = TypeAdapter(tuple[Issue, ...])
_PLAIN = ("id", "subject", "input_digest", "added_at", "acquired_on", "age_years", "sex", "synthetic")
_MADE = ("made_from", "made_how", "made_record")
_DOUBTS = ("sequence_guessed", "sequence_unknown")
_VOLUME_PLAIN = (
    "digest", "description", "frame", "sides_known", "acquired_on", "series_number", "sequence_confidence",
)  # fmt: skip


def input_digest_of(volumes: tuple[Volume, ...]) -> str:
    """SHA-256 of the RFC 8785 object {sequence: digest}.

    A second volume of one sequence is named `<sequence>-2`, in the order of the digests, and so on.
    """
    named: dict[str, str] = {}
    for volume in sorted(volumes, key=lambda v: (v.sequence, v.digest)):
        name, count = str(volume.sequence), 1
        while name in named:
            count += 1
            name = f"{volume.sequence}-{count}"
        named[name] = volume.digest
    return canonical_digest(named)


class StudyStore:
    """The studies of one workspace.

    Parameters
    ----------
    folder : Path
        `<workspace>/studies`.
    store_signal, open_signal : callables
        The EEG room's `store_signal(recording, folder, on_progress)` and `open_signal(folder)`.
    """

    def __init__(
        self,
        folder: Path,
        store_signal: Callable[..., None],
        open_signal: Callable[[Path], Recording],
    ) -> None:
        self.folder = folder
        self._store_signal = store_signal
        self._open_signal = open_signal
        self._cache: dict[str, tuple[tuple[int, int], Study]] = {}

    def ids(self) -> tuple[str, ...]:
        """Pseudonyms of all studies, in the order of the alphabet."""
        if not self.folder.exists():
            return ()
        found = tuple(sorted(name for name in os.listdir(self.folder) if is_study(name)))
        for gone in set(self._cache) - set(found):
            self.forget(gone)
        return found

    def get(self, study: str) -> Study:
        """The study, its volumes read-only memory maps in Fortran order.

        Raises
        ------
        StudyNotFound
            No study of that pseudonym is here.
        """
        path = self.folder / study / "study.json"
        try:
            state = path.stat()
        except OSError as exc:
            raise _unknown(study) from exc
        stamp = (state.st_mtime_ns, state.st_size)
        cached = self._cache.get(study)
        if cached is None or cached[0] != stamp:
            self._cache[study] = cached = (stamp, self._read(path))
        return cached[1]

    def forget(self, study: str) -> None:
        """Let go of the study's memory maps: a removed file keeps its room on the disk as long as one is open."""
        self._cache.pop(study, None)

    def find(self, digest: str) -> Study | None:
        """The study that holds a volume or recording of that digest."""
        for study in map(self.get, self.ids()):
            if any(v.digest == digest for v in study.volumes):
                return study
            if study.recording is not None and study.recording.digest == digest:
                return study
        return None

    def put(self, study: Study, on_progress: Callable[[int, int, str], None] | None = None) -> Study:
        """Store a study whole, or join its new volumes to the one that is there; give it back as stored."""
        final = self.folder / study.id
        if final.exists():
            return self._join(study)
        building = self.folder / f".{study.id}.new"
        shutil.rmtree(building, ignore_errors=True)
        (building / "volumes").mkdir(parents=True)
        for volume in study.volumes:
            self._save_volume(building, volume)
        if study.recording is not None:
            self._store_signal(study.recording, building / "signal", on_progress)
        write_json(building / "study.json", _as_json(study))
        building.rename(final)
        fsync_folder(self.folder)
        return self.get(study.id)

    def _join(self, study: Study) -> Study:
        known = self.get(study.id)
        digests = {v.digest for v in known.volumes}
        new = tuple(v for v in study.volumes if v.digest not in digests)
        if not new:
            return known
        for volume in new:
            self._save_volume(self.folder / study.id, volume)
        volumes = known.volumes + new
        joined = replace(
            known,
            volumes=volumes,
            input_digest=input_digest_of(volumes),
            issues=known.issues + tuple(i for i in study.issues if i not in known.issues),
        )
        write_json(self.folder / study.id / "study.json", _as_json(joined))
        return self.get(study.id)

    def reassign(self, study: str, series: str, sequence: Sequence, at: str) -> Study:
        """Take a series for another sequence, as a person says; give the study back as stored.

        What the file was taken for stays in `recognised`, and doubts about it are no longer named. The series keeps
        its sequence when its files are added again.

        Raises
        ------
        KeyError
            The study has no series of that digest.
        """
        known = self.get(study)
        old = known.volume(series)
        new = replace(
            old,
            sequence=sequence,
            sequence_confidence=1.0,
            recognised=old.recognised or old.sequence,
            issues=tuple(issue for issue in old.issues if issue.code not in _DOUBTS),
        )
        volumes = tuple(new if volume is old else volume for volume in known.volumes)
        family = {series}
        while more := {v.digest for v in volumes if v.made_from in family} - family:
            family |= more
        # what was made from it, moved or stripped, is the same picture
        volumes = tuple(
            replace(v, sequence=sequence, sequence_confidence=1.0) if v.digest in family - {series} else v
            for v in volumes
        )
        moved = sequence != old.sequence
        changed = replace(
            known,
            volumes=volumes,
            input_digest=input_digest_of(volumes),
            corrected_at=at if moved else known.corrected_at,
        )
        write_json(self.folder / study / "study.json", _as_json(changed))
        return self.get(study)

    def replace_made(
        self, study: str, made: tuple[Volume, ...], gone: tuple[str, ...], issues: tuple[Issue, ...], at: str
    ) -> Study:
        """Take series that were made from others into a study, and let go of such; give it back as stored.

        No series as it was acquired is touched. `at` is when a person said so; empty where nobody's word is in it.
        """
        known = self.get(study)
        for volume in made:
            self._save_volume(self.folder / study, volume)
        kept = tuple(v for v in known.volumes if not (v.made_from and v.digest in gone))
        volumes = kept + tuple(v for v in made if all(v.digest != there.digest for there in kept))
        changed = replace(
            known,
            volumes=volumes,
            input_digest=input_digest_of(volumes),
            corrected_at=at or known.corrected_at,
            issues=issues,
        )
        write_json(self.folder / study / "study.json", _as_json(changed))
        return self.get(study)

    def restore(self, study: Study) -> None:
        """Write a study's record as it was, where what was to go with a change could not be done."""
        write_json(self.folder / study.id / "study.json", _as_json(study))

    @staticmethod
    def _save_volume(folder: Path, volume: Volume) -> None:
        np.save(folder / "volumes" / f"{volume.digest}.npy", np.asfortranarray(volume.array))

    def _read(self, path: Path) -> Study:
        saved = read_json(path)
        volumes = tuple(_volume(path.parent, entry) for entry in saved["volumes"])
        kind = StudyKind(saved["kind"])
        recording = self._open_signal(path.parent / "signal") if kind is StudyKind.EEG else None
        return Study(
            kind=kind,
            volumes=volumes,
            recording=recording,
            issues=_ISSUES.validate_python(saved["issues"]),
            corrected_at=str(saved.get("corrected_at", "")),
            **{name: saved[name] for name in _PLAIN},
        )


def _as_json(study: Study) -> dict[str, Any]:
    return {
        **{name: getattr(study, name) for name in _PLAIN},
        "kind": str(study.kind),
        "corrected_at": study.corrected_at,
        "recording": _length_of(study.recording),
        "issues": _ISSUES.dump_python(study.issues, mode="json"),
        "volumes": [
            {
                **{name: getattr(volume, name) for name in _VOLUME_PLAIN},
                "affine": [float(x) for x in np.asarray(volume.affine).ravel()],
                "sequence": str(volume.sequence),
                "recognised": volume.recognised and str(volume.recognised),
                **{name: getattr(volume, name) for name in _MADE if volume.made_from},
                "issues": _ISSUES.dump_python(volume.issues, mode="json"),
            }
            for volume in study.volumes
        ],
    }


def _length_of(recording: Recording | None) -> dict[str, Any] | None:
    """What a list says of a recording, so that it need not be opened for that."""
    return recording and {"channels": len(recording.channels), "duration_s": recording.duration_s}


def _volume(folder: Path, entry: dict[str, Any]) -> Volume:
    return Volume(
        array=np.load(folder / "volumes" / f"{entry['digest']}.npy", mmap_mode="r"),
        affine=np.array(entry["affine"], dtype=np.float64).reshape(4, 4),
        sequence=Sequence(entry["sequence"]),
        recognised=Sequence(entry["recognised"]) if entry.get("recognised") else None,
        issues=_ISSUES.validate_python(entry["issues"]),
        **{name: entry[name] for name in _VOLUME_PLAIN},
        **{name: str(entry.get(name, "")) for name in _MADE},
    )


def _unknown(study: str) -> StudyNotFound:
    return StudyNotFound(
        f"There is no study {study if is_study(study) else 'of that name'} here.",
        "The pseudonym is unknown in this workspace.",
        "`overread cases` lists the studies.",
    )
