"""Volumes in a file each (NIfTI, NRRD, MHA) into studies: one folder is one study, its sequences known by name or given."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..domain import Issue, Severity, Volume, apply_affine
from ..errors import OverreadError
from ..files import array_digest, digest_bytes
from ..terms import Sequence as MrSequence
from .dicom_studies import Refusal, path_below
from .nifti import FileVolume
from .nifti_places import doubtful_places
from .records import FoundStudy
from .refusals import not_an_image
from .sequences import is_label_name, sequence_from_name
from .volume_files import read_volume_file, stem_of

__all__ = ["nifti_studies"]

_CHANNEL = re.compile(r"_(\d{4})\Z")
_MOST_LABELS = 12


def nifti_studies(
    files: Sequence[Path], root: Path, as_sequences: Mapping[MrSequence, Path]
) -> Iterator[FoundStudy | Refusal]:
    """Studies one after the other, as they are read, and what was refused among them.

    Files named in `as_sequences` are one study wherever they lie. Of the others each folder is one, or each case where
    a folder holds one sequence of several cases, told apart by the rest of the name. Masks and label maps are set aside.
    """
    given = {path: MrSequence(sequence) for sequence, path in as_sequences.items()}
    if given:
        yield from _read_study([path for path in files if path in given], root, given)
    for group in _cases([path for path in files if path not in given]):
        yield from _read_study(group, root, {})


def _cases(files: Sequence[Path]) -> Iterator[list[Path]]:
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in files:
        folders[path.parent].append(path)
    for group in folders.values():
        cases: dict[str, list[Path]] = defaultdict(list)
        for path in group:
            cases[_case_words(stem_of(path))].append(path)
        yield from cases.values() if _are_cases(group, cases) else [group]


def _are_cases(group: Sequence[Path], cases: Mapping[str, Sequence[Path]]) -> bool:
    """Whether one folder holds several cases: every name has a case number, and a sequence occurs in two of them."""
    if len(cases) < 2 or not all(len(words) >= 3 and re.search(r"\d", words) for words in cases):
        return False
    seen = [_name_key(path) for path in group if not is_label_name(stem_of(path))]
    return len(seen) > len(set(seen))


def _name_key(path: Path) -> str:
    channel = _CHANNEL.search(stem_of(path))
    return channel[0] if channel else str(sequence_from_name(stem_of(path))[0])


def _case_words(stem: str) -> str:
    """The part of a name that tells cases apart: subject and session of BIDS, else all but the word for the sequence."""
    bids = re.match(r"(sub-[A-Za-z0-9]+(?:_ses-[A-Za-z0-9]+)?)_", stem)
    if bids:
        return bids[1].lower()
    words = _CHANNEL.sub("", stem).lower()
    parts = [p for p in re.split(r"[^a-z0-9]+", words) if not is_label_name(p) and not sequence_from_name(p)[1]]
    return " ".join(parts)


def _read_study(files: Sequence[Path], root: Path, given: Mapping[Path, MrSequence]) -> Iterator[FoundStudy | Refusal]:
    read: list[tuple[Path, MrSequence, float, FileVolume]] = []
    aside: list[Path] = []
    for path in files:
        if path not in given and is_label_name(stem_of(path)):
            aside.append(path)
            continue
        try:
            found = read_volume_file(path)
        except OverreadError as error:
            yield path_below(path, root), error
            continue
        sequence, confidence = (given[path], 1.0) if path in given else _sequence(path)
        if not confidence and _looks_like_labels(found):
            aside.append(path)
        else:
            read.append((path, sequence, confidence, found))
    if not read:
        for path in aside:
            yield path_below(path, root), not_an_image([path], "a mask or label map")
        return
    read.sort(key=lambda entry: (list(MrSequence).index(entry[1]), entry[0].name))
    kept: dict[str, tuple[Path, MrSequence, float, FileVolume]] = {}
    for entry in read:
        digest = array_digest(entry[3].array, entry[3].affine)
        if digest in kept:
            aside.append(entry[0])  # the same volume under another name
        else:
            kept[digest] = entry
    frames = _frames({digest: entry[3] for digest, entry in kept.items()})
    yield FoundStudy(
        path=path_below(files[0] if len(files) == 1 else Path(os.path.commonpath([p.parent for p in files])), root),
        key=min(kept)[:16],
        volumes=tuple(_volume(digest, frames[digest], *entry) for digest, entry in kept.items()),
        synthetic=any(entry[3].synthetic for entry in kept.values()),
        issues=(
            *_study_issues(frames, [entry[3] for entry in kept.values()]),
            *doubtful_places([(entry[0].name, entry[3]) for entry in kept.values()]),
        ),
        set_aside=tuple(path.name for path in aside),
    )


def _sequence(path: Path) -> tuple[MrSequence, float]:
    """By the words of the name; a channel number alone says nothing without the data set's own list (nnU-Net)."""
    stem = stem_of(path)
    channel = _CHANNEL.search(stem)
    found, confidence = sequence_from_name(_CHANNEL.sub("", stem))
    if confidence or channel is None:
        return found, confidence
    for folder in (path.parent, path.parent.parent):
        try:
            said = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
            names = said.get("channel_names") or said.get("modality") or {}
            return sequence_from_name(str(names[str(int(channel[1]))]))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            continue
    return MrSequence.OTHER, 0.0


def _looks_like_labels(found: FileVolume) -> bool:
    """Whether a volume of unknown name holds a few small whole numbers only, as label maps do."""
    if found.array.dtype != np.int16 or found.array.min() < 0:
        return False
    return found.array.max() > 0 and len(np.unique(found.array)) <= _MOST_LABELS


def _volume(digest: str, frame: str, path: Path, sequence: MrSequence, confidence: float, found: FileVolume) -> Volume:
    issues = found.issues
    if not confidence:
        issues += (
            Issue("sequence_unknown", Severity.WARNING, path.name, "The file's name does not say which sequence it is.",
                  f"Name it: --as t1c={path.name}, or t1, t2, flair, pd."),
        )  # fmt: skip
    found.array.flags.writeable = False
    return Volume(
        array=found.array,
        affine=found.affine,
        digest=digest,
        sequence=sequence,
        description=stem_of(path),
        frame=frame,
        sides_known=found.sides_known,
        sequence_confidence=confidence,
        issues=issues,
    )


def _frames(volumes: Mapping[str, FileVolume]) -> dict[str, str]:
    """Frame of each volume by digest: one for all that overlap, directly or through others.

    NIfTI names no frame of reference. Volumes without any transform share one only with others of the same grid.
    """
    frames: dict[str, str] = {}
    for digest in sorted(volumes):
        reached, left = {digest}, set(volumes) - set(frames) - {digest}
        if digest in frames:
            continue
        while near := {d for d in left if any(_meet(volumes[d], volumes[r]) for r in reached)}:
            reached |= near
            left -= near
        name = digest_bytes(f"overread frame 1\nnifti\n{digest}".encode())[:16]
        frames.update(dict.fromkeys(reached, name))
    return frames


def _meet(one: FileVolume, other: FileVolume) -> bool:
    """Whether the boxes around two volumes overlap."""
    if not (one.sides_known and other.sides_known):
        return one.sides_known == other.sides_known and one.array.shape == other.array.shape and bool(
            np.allclose(one.affine, other.affine, atol=1e-3)
        )  # fmt: skip
    (low, high), (other_low, other_high) = _box(one), _box(other)
    return bool((np.minimum(high, other_high) > np.maximum(low, other_low)).all())


def _box(found: FileVolume) -> tuple[np.ndarray, np.ndarray]:
    corners = np.stack(np.meshgrid(*[(-0.5, n - 0.5) for n in found.array.shape], indexing="ij"), -1).reshape(-1, 3)
    points = apply_affine(found.affine, corners)
    return points.min(axis=0), points.max(axis=0)


def _study_issues(frames: Mapping[str, str], read: Sequence[FileVolume]) -> tuple[Issue, ...]:
    issues: list[Issue] = []
    if len(set(frames.values())) > 1:
        issues.append(
            Issue("no_overlap", Severity.WARNING, "study",
                  "Some sequences of the folder do not overlap in space, so they are not shown in line with each other.",
                  "Check that the files are of one examination.")
        )  # fmt: skip
    if len({found.synthetic for found in read}) > 1:
        issues.append(
            Issue("partly_synthetic", Severity.WARNING, "study",
                  "Some files say that they are synthetic and others do not; the study counts as synthetic.")
        )  # fmt: skip
    return tuple(issues)
