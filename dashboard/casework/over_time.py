"""A subject's lesions from study to study: what stands in each, and which lesion of a prior is which of the present one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import Affine, Session, Study, Volume, apply_affine
from ..errors import ImagingRefused
from ..imaging import bounding_box, resample
from ..workspace import Workspace
from .judged import JudgedLesion, JudgedResult, judged_lesions, judged_marks, judged_result
from .priors import PriorStudy
from .reveal import RevealedPrediction
from .shelf import shelf_of

__all__ = ["NEAREST_MM", "Course", "TimePoint", "course_of"]

NEAREST_MM = 20.0
"""Lesions that do not overlap are taken for one where their middles lie no farther apart, the nearest first."""


@dataclass(frozen=True)
class TimePoint:
    """One study of a course.

    Attributes
    ----------
    regions : tuple of str
        Regions that were evaluated; empty where there is no result to see.
    linked : str
        How places were found in it: 'frame', 'reader' or 'middles'; '' for the present study.
    pairs : mapping
        By lesion of the present study: the lesion here that is the same ('' for none), and by what: 'overlap',
        'distance' or 'reader'. One that is in no pair is absent.
    """

    study: Study
    dated: bool
    model: str
    regions: tuple[str, ...]
    lesions: tuple[JudgedLesion, ...]
    linked: str = ""
    pairs: Mapping[str, tuple[str, str]] | None = None


@dataclass(frozen=True)
class Course:
    """The studies of one subject up to the present one, oldest first."""

    points: tuple[TimePoint, ...]

    @property
    def now(self) -> TimePoint:
        """The present study."""
        return self.points[-1]


def course_of(
    workspace: Workspace,
    session: Session,
    study: Study,
    one: RevealedPrediction,
    priors: Sequence[PriorStudy],
    links: Mapping[str, Sequence[float]],
    said: Mapping[str, Mapping[str, str]],
) -> Course:
    """What stands in the present study and in each prior, and which lesions are the same.

    Parameters
    ----------
    links : mapping
        Millimetres, LPS, from a place in the present study to the same place in a prior, where a reader has paired two.
    said : mapping
        By prior, what the reader says: the prior's lesion by lesion of the present study, '' for a new one.

    Notes
    -----
    Lesions are the same where their voxels overlap once the two studies are laid over each other, the largest overlap
    first; else where their middles lie within `NEAREST_MM`. Each is in one pair at most. Studies lie over each other by a
    common frame of reference, by the reader's pair of places, or, unchecked, by the middles of their grids: by a shift,
    without turning.
    """
    now = judged_result(workspace, session, study, one, own_only=True)
    present = judged_lesions(workspace, now)
    points = [
        _before(workspace, now, present, prior, links.get(prior.study.id), said.get(prior.study.id, {}))
        for prior in reversed(priors)
    ]
    return Course((*points, TimePoint(study, True, _model(now), _regions(now), present)))


def _before(
    workspace: Workspace,
    now: JudgedResult,
    present: tuple[JudgedLesion, ...],
    prior: PriorStudy,
    link: Sequence[float] | None,
    said: Mapping[str, str],
) -> TimePoint:
    result = prior.result
    if result is None:
        return TimePoint(prior.study, prior.dated, "", (), ())
    there = judged_lesions(workspace, result)
    linked, offset = _offset(now, result, prior, link)
    kept = shelf_of(workspace).keep(
        ("pairs", now.study.id, prior.study.id),
        (now.key, result.key, offset),
        lambda: _paired(workspace, (now, present), (result, there), np.array(offset)),
    )
    keys = {lesion.key for lesion in there}
    fixed = {mine: theirs for mine, theirs in said.items() if not theirs or theirs in keys}
    taken = set(fixed.values())
    pairs = {mine: pair for mine, pair in kept.items() if mine not in fixed and pair[0] not in taken}
    pairs |= {mine: (theirs, "reader") for mine, theirs in fixed.items()}
    return TimePoint(prior.study, prior.dated, _model(result), _regions(result), there, linked, pairs)


def _model(result: JudgedResult) -> str:
    model = result.one.prediction.model
    return f"{model.title or model.id} {model.version}"


def _regions(result: JudgedResult) -> tuple[str, ...]:
    return tuple(r.name for r in result.one.prediction.regions if r.evaluated and not r.experimental)


def _offset(
    now: JudgedResult, before: JudgedResult, prior: PriorStudy, link: Sequence[float] | None
) -> tuple[str, tuple[float, ...]]:
    """How the prior lies over the present study, and the shift from here to there in LPS millimetres."""
    here, there = _grid(now), _grid(before)
    if link is not None:
        return "reader", tuple(float(mm) for mm in link)
    if here.frame and prior.frames.get(there.frame) == here.frame:
        return "frame", (0.0, 0.0, 0.0)
    apart = _middle(there) - _middle(here)
    return "middles", tuple(round(float(mm), 3) for mm in apart)


def _grid(result: JudgedResult) -> Volume:
    return result.study.volume(result.one.prediction.grid)


def _middle(grid: Volume) -> np.ndarray:
    return np.asarray(apply_affine(grid.affine, (np.array(grid.shape) - 1) / 2), np.float64)


_Side = tuple[JudgedResult, tuple[JudgedLesion, ...]]


def _paired(workspace: Workspace, one: _Side, other: _Side, offset: np.ndarray) -> dict[str, tuple[str, str]]:
    """By lesion of the first: the one of the second that is the same, and by what."""
    (now, present), (before, there) = one, other
    pairs: dict[str, tuple[str, str]] = {}
    try:
        common = _overlaps(workspace, now, before, offset)
    except ImagingRefused:
        common = {}
    mine, theirs = ({lesion.component: lesion.key for lesion in lesions} for lesions in (present, there))
    for (n, m), _ in sorted(common.items(), key=lambda item: (-item[1], item[0])):
        if n in mine and m in theirs:
            _join(pairs, mine[n], theirs[m], "overlap")
    near = [
        (float(np.linalg.norm(np.array(a.centre_lps) + offset - b.centre_lps)), a.key, b.key)
        for a in present
        for b in there
        if a.centre_lps and b.centre_lps
    ]
    for distance, a, b in sorted(near):
        if distance <= NEAREST_MM:
            _join(pairs, a, b, "distance")
    return pairs


def _join(pairs: dict[str, tuple[str, str]], mine: str, theirs: str, by: str) -> None:
    if mine not in pairs and theirs not in {pair[0] for pair in pairs.values()}:
        pairs[mine] = (theirs, by)


def _overlaps(
    workspace: Workspace, now: JudgedResult, before: JudgedResult, offset: np.ndarray
) -> dict[tuple[int, int], int]:
    """Common voxels by pair of components, once the prior is shifted onto the present grid."""
    numbers, theirs = judged_marks(workspace, now)[1], judged_marks(workspace, before)[1]
    box = bounding_box(numbers)
    if box is None:
        return {}
    inner = numbers[box]
    to = _cropped(_grid(now).affine, [part.start for part in box])
    from_ = np.array(_grid(before).affine, np.float64)
    from_[:3, 3] -= offset
    shifted = resample(theirs.astype(np.uint16), from_, to, inner.shape, order=0)
    both = (inner > 0) & (shifted > 0)
    pairs, counts = np.unique(np.stack([inner[both], shifted[both]]), axis=1, return_counts=True)
    return {(int(n), int(m)): int(count) for (n, m), count in zip(pairs.T, counts, strict=True)}


def _cropped(affine: Affine, corner: Sequence[int]) -> Affine:
    """The affine of a part of a grid that begins at a voxel."""
    moved = np.array(affine, np.float64)
    moved[:3, 3] = apply_affine(affine, np.array(corner, np.float64))
    return moved
