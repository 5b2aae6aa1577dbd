"""Two masks of a study held against each other: where both, only the one, only the other; in volumes and as Dice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..domain import BitmaskVolume, BoolVolume, Finding, Prediction, Session, Study, Volume
from ..errors import NoFrameInCommon, StalePage, UsageError
from ..imaging import resample
from ..ledger import LedgerEntry
from ..terms import Action
from ..workspace import Workspace
from .drawn import outline_bits
from .judged import marks_after, merged_numbers
from .shelf import visible_of
from .sides import Side, may_be_compared, side_of, sides_then

__all__ = ["AGREE", "ONLY_FIRST", "ONLY_SECOND", "Difference", "Shares", "difference", "shared_regions"]

AGREE, ONLY_FIRST, ONLY_SECOND = 1, 2, 4
"""Bits of `Difference.parts`."""


@dataclass(frozen=True)
class Shares:
    """How two masks of one thing lie to each other, millilitres; `dice` is None where both are empty: it has no value there."""

    agree_ml: float
    only_first_ml: float
    only_second_ml: float

    @property
    def dice(self) -> float | None:
        """Twice the common volume over the sum of both."""
        total = 2 * self.agree_ml + self.only_first_ml + self.only_second_ml
        return 2 * self.agree_ml / total if total else None


@dataclass(frozen=True, eq=False)
class Difference:
    """One region of two sides.

    Attributes
    ----------
    parts : (i, j, k) uint8
        `AGREE`, `ONLY_FIRST` or `ONLY_SECOND` on the first side's grid; 0 where neither marked.
    whole : Shares
        Of the study.
    findings : mapping of prediction digest to mapping of finding number to Shares
        For each result among the sides, its findings against what the other side has of them. Of two sides of one
        result that is the finding of the same number. Of two models it is every lesion of the other that touches the
        finding, whole; one that touches two is counted with both.
    left_out : mapping of finding number to words
        Findings of a reader's side that could not be compared; their voxels are in neither side.
    """

    first: Side
    second: Side
    region: str
    grid: str
    parts: BitmaskVolume
    whole: Shares
    findings: Mapping[str, Mapping[int, Shares]]
    left_out: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class _Marks:
    """One region of one side: where it is, which component each voxel of a lesion is of, what is not compared."""

    region: BoolVolume
    lesions: np.ndarray
    barred: BoolVolume | None
    left_out: Mapping[int, str]


def shared_regions(first: Side, second: Side) -> tuple[str, ...]:
    """Names of the regions that both have evaluated, outermost first as the first side has them."""
    there = {region.name for region in second.prediction.regions if region.evaluated}
    return tuple(r.name for r in first.prediction.regions if r.evaluated and r.name in there)


def difference(
    workspace: Workspace, session: Session, study: Study, first_key: str, second_key: str, region: str, *, row: int = 0
) -> Difference:
    """Hold one region of two sides against each other, on the first side's grid.

    Parameters
    ----------
    row : int
        Number of the row whose view is replayed: the two as they stood then, and no others. 0: as they stand now.

    Raises
    ------
    BlindOpen, StalePage
        See `side_of`; of a row, the two are not those of its view, or not for this reader to see.
    UsageError
        The two can't be compared, or not in this region.
    NoFrameInCommon
        Their grids lie in different frames of reference: no voxel of one has a place in the other.
    ImagingRefused
        A reader's mask can't be read.
    """
    what = "Nothing was compared."
    keys = (first_key, second_key)
    first, second = (
        _sides_of_row(workspace, session, study, row, keys) if row else side_of(workspace, session, study, *keys)
    )
    if not may_be_compared(first, second) or region not in shared_regions(first, second):
        raise UsageError(what, "These two have no such region in common.", "Choose another comparison.")
    grid, other = study.volume(first.prediction.grid), study.volume(second.prediction.grid)
    if grid.digest != other.digest and (not grid.frame or grid.frame != other.frame):
        raise NoFrameInCommon(
            what,
            "The two lie on series of different frames of reference: a voxel of one has no place in the other.",
            "Compare results of one frame of reference.",
        )
    one = _marks(workspace, first, grid, region)
    two = _brought(_marks(workspace, second, other, region), other, grid)
    barred = _either(one.barred, two.barred)
    a, b = (marks.region if barred is None else marks.region & ~barred for marks in (one, two))
    parts = np.where(a & b, AGREE, np.where(a, ONLY_FIRST, np.where(b, ONLY_SECOND, 0))).astype(np.uint8)
    ml = float(np.prod(grid.spacing_mm)) / 1000
    left_out = {**one.left_out, **two.left_out}
    agree, only_first, only_second = (int(np.count_nonzero(parts == n)) for n in (AGREE, ONLY_FIRST, ONLY_SECOND))
    whole = _shares(agree, only_first, only_second, ml)
    findings = _by_finding(first, second, (a, one.lesions), (b, two.lesions), ml, left_out)
    return Difference(first, second, region, grid.digest, parts, whole, findings, left_out)


def _sides_of_row(
    workspace: Workspace, session: Session, study: Study, seq: int, keys: tuple[str, str]
) -> tuple[Side, ...]:
    row = next((entry for entry in visible_of(workspace, session, study.id) if entry.seq == seq), None)
    sides = sides_then(workspace, session, study, row) if row else ()
    if tuple(side.key for side in sides) not in (keys, keys[::-1]):
        raise StalePage(
            "Nothing was compared.",
            "The row's view had another pair, or one of the two is not for this reader to see.",
            "Open the row again from the Ledger page.",
        )
    return sides if sides[0].key == keys[0] else sides[::-1]


def _shares(agree: int, only_first: int, only_second: int, ml: float) -> Shares:
    return Shares(agree * ml, only_first * ml, only_second * ml)


def _marks(workspace: Workspace, side: Side, grid: Volume, region: str) -> _Marks:
    """A side's region on its own grid; of a reader what their verdicts leave of the model's, findings left out barred."""
    bit = next(r.bit for r in side.prediction.regions if r.name == region)
    if side.who == "model":
        return _Marks(_region(side.one.mask(), bit), side.one.lesion_map(), None, {})
    rows = {row.finding: row for row in side.rows}
    merged = merged_numbers(side.rows)
    left_out = {
        finding.number: why
        for finding in side.prediction.findings
        if finding.number not in merged and (why := _why_left_out(rows.get(str(finding.number)), bit))
    }
    bits, numbers = marks_after(
        side.one, rows, merged | set(left_out), lambda row: outline_bits(workspace, row, grid, side.prediction.regions)
    )
    components = [f.component for f in side.prediction.findings if f.number in left_out]
    barred = np.isin(side.one.lesion_map(), components) if components else None
    return _Marks(_region(bits, bit), numbers, barred, left_out)


def _region(bits: BitmaskVolume, bit: int) -> BoolVolume:
    return (bits >> np.uint8(bit) & 1).astype(bool)


def _why_left_out(row: LedgerEntry | None, bit: int) -> str:
    """Why a reader's side says nothing of a finding's region; '' where it does."""
    if row is None or row.action == Action.UNSURE:
        return "not judged" if row is None else "unsure"
    if not row.artifact:
        return "outline called inexact, not redrawn" if row.action == Action.MODIFY else ""
    return "own outline is of the whole lesion only" if bit and row.details.get("edit") == "imported" else ""


def _brought(marks: _Marks, from_: Volume, to: Volume) -> _Marks:
    """The same on another grid of the frame, by nearest neighbour."""
    if from_.digest == to.digest:
        return marks
    region, lesions, barred = (
        None if array is None else resample(array, from_.affine, to.affine, to.shape, order=0)
        for array in (marks.region, marks.lesions, marks.barred)
    )
    assert region is not None and lesions is not None
    return _Marks(region.astype(bool), lesions, None if barred is None else barred.astype(bool), marks.left_out)


def _either(one: BoolVolume | None, two: BoolVolume | None) -> BoolVolume | None:
    if one is None or two is None:
        return two if one is None else one
    return one | two


_Side = tuple[BoolVolume, np.ndarray]


def _by_finding(
    first: Side, second: Side, one: _Side, two: _Side, ml: float, left_out: Mapping[int, str]
) -> dict[str, dict[int, Shares]]:
    """Shares of each finding of each result among the two sides."""
    same = first.prediction.digest == second.prediction.digest
    found = {first.prediction.digest: _against(first.prediction, one, two, ml, same=same, left_out=left_out)}
    if not same:
        swapped = _against(second.prediction, two, one, ml, same=False, left_out=left_out)
        found[second.prediction.digest] = {
            number: Shares(shares.agree_ml, shares.only_second_ml, shares.only_first_ml)
            for number, shares in swapped.items()
        }
    return found


def _against(
    prediction: Prediction, own: _Side, other: _Side, ml: float, *, same: bool, left_out: Mapping[int, str]
) -> dict[int, Shares]:
    """Each finding of a result against what the other side has of it, in voxels counted once over the whole array."""
    (mine, my_numbers), (theirs, their_numbers) = own, other
    size = int(max(my_numbers.max(initial=0), their_numbers.max(initial=0))) + 1
    has = np.bincount(my_numbers[mine], minlength=size)
    there = np.bincount(their_numbers[theirs], minlength=size)
    both = mine & theirs & (my_numbers == their_numbers) if same else mine & theirs
    common = np.bincount(my_numbers[both], minlength=size)
    touching = _touching(my_numbers, their_numbers)

    def shares(finding: Finding) -> Shares:
        n = finding.component
        others = [n] if same else touching.get(n, [])
        agree = int(common[n])
        return _shares(agree, int(has[n]) - agree, int(sum(there[m] for m in others)) - agree, ml)

    return {f.number: shares(f) for f in prediction.findings if f.component and f.number not in left_out}


def _touching(mine: np.ndarray, theirs: np.ndarray) -> dict[int, list[int]]:
    """For each lesion those of the other side that share a voxel with it."""
    where = (mine > 0) & (theirs > 0)
    pairs = np.unique(np.stack([mine[where], theirs[where]]), axis=1).astype(int)
    found: dict[int, list[int]] = {}
    for n, m in pairs.T.tolist():
        found.setdefault(n, []).append(m)
    return found
