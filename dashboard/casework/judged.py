"""What readers' verdicts leave of a result: rejected lesions gone, drawn outlines in place of the model's, added ones in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..domain import BitmaskVolume, Marked, RegionMeasure, Session, Study
from ..errors import ImagingRefused
from ..imaging import bounding_box, lesions
from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action
from ..workspace import Workspace
from .drawn import edit_grid, outline_bits
from .reveal import RevealedPrediction
from .shelf import shelf_of, visible_of

__all__ = [
    "JudgedLesion",
    "JudgedResult",
    "judged_lesions",
    "judged_marked",
    "judged_marks",
    "judged_result",
    "marks_after",
    "merged_numbers",
]


@dataclass(frozen=True)
class JudgedLesion:
    """One lesion of a study as it stands after its verdicts.

    Attributes
    ----------
    key : str
        The finding's number, or the id of a reader's own finding.
    basis : str
        'unreviewed', 'accepted', 'inexact' (called so, not redrawn), 'unsure', 'edited' or 'added'.
    component : int
        Its value in the lesion map of `judged_marks`.
    regions : tuple of RegionMeasure
        Measures of the outline in force: the model's, or the reader's.
    """

    key: str
    basis: str
    component: int
    side: str
    centre_lps: tuple[float, float, float] | None
    regions: tuple[RegionMeasure, ...]


@dataclass(frozen=True)
class JudgedResult:
    """A model's result with the verdicts in force on it.

    Attributes
    ----------
    key : str
        The prediction's digest, a dot and 16 digits of the verdicts: a further verdict makes another.
    rows : mapping
        Verdict in force by finding number or own id: this reader's, else another's that may reach this one.
    """

    one: RevealedPrediction
    study: Study
    key: str
    rows: Mapping[str, LedgerEntry]

    @property
    def redraws(self) -> bool:
        """Whether the outlines are others than the model's."""
        return any(row.action == Action.REJECT or row.artifact for row in self.rows.values())

    @property
    def reviewed(self) -> int:
        """How many of the model's findings have a verdict."""
        return sum(1 for finding in self.one.prediction.findings if str(finding.number) in self.rows)


def judged_result(
    workspace: Workspace, session: Session, study: Study, one: RevealedPrediction, *, own_only: bool = False
) -> JudgedResult:
    """The verdicts on a revealed result that may reach this reader; an own one goes before another reader's.

    Parameters
    ----------
    own_only : bool
        This reader's alone: of a study under review, another's would come before this one's own judgement.
    """
    digest = one.prediction.digest
    seen = current_verdicts(visible_of(workspace, session, study.id)).values()
    standing = [
        row
        for row in seen
        if row.study == study.id
        and (row.prediction == digest or row.action == Action.ADD)
        and (row.reader == session.reader or not own_only)
    ]
    standing.sort(key=lambda row: (row.reader == session.reader, row.seq))
    rows = {row.finding: row for row in standing}
    state = hashlib.sha256("\n".join(sorted(row.event_id for row in rows.values())).encode()).hexdigest()[:16]
    return JudgedResult(one, study, f"{digest}.{state}", rows)


def judged_marks(workspace: Workspace, result: JudgedResult) -> tuple[BitmaskVolume, np.ndarray]:
    """Bits of the regions and the lesion map after the verdicts, (i, j, k) on the prediction's grid.

    A voxel of two lesions counts as one of the later drawn.

    Raises
    ------
    ImagingRefused
        A reader's outline can't be read.
    """
    if not result.redraws:
        return result.one.mask(), result.one.lesion_map()
    return marks_after(
        result.one, result.rows, merged_numbers(result.rows.values()), lambda row: _outline(workspace, result, row)
    )


def marks_after(
    one: RevealedPrediction,
    rows: Mapping[str, LedgerEntry],
    gone: Collection[int],
    outline: Callable[[LedgerEntry], BitmaskVolume],
) -> tuple[BitmaskVolume, np.ndarray]:
    """Bits and lesion map of a result once verdicts are laid on it: what was rejected is gone, what was drawn is as drawn.

    Parameters
    ----------
    rows : mapping
        Verdicts by finding number or own id. A finding without one stays as the model marked it.
    gone : collection of int
        Numbers of findings that leave the result whatever their verdict: another outline took them over, or the caller
        does not count them.
    outline : callable
        The (i, j, k) bits of the outline that a row names, on the prediction's grid.

    Returns
    -------
    bits : (i, j, k) uint8
    lesion_map : (i, j, k) uint16
        An added lesion has a number above all components. A voxel of two lesions counts as one of the later drawn.
    """
    bits, numbers = one.mask().copy(), one.lesion_map().astype(np.uint16)
    drawn: list[tuple[int, BitmaskVolume]] = []
    for finding in one.prediction.findings:
        row = rows.get(str(finding.number))
        is_gone = finding.number in gone or (row is not None and row.action == Action.REJECT)
        if not is_gone and not (row is not None and row.artifact):
            continue
        here = numbers == finding.component
        bits[here] = 0
        numbers[here] = 0
        if row is not None and not is_gone:
            drawn.append((finding.component, outline(row)))
    top = max((f.component for f in one.prediction.findings), default=0)
    drawn += [(top + extra, outline(row)) for extra, row in enumerate(_added(rows.values()), start=1)]
    for component, own in drawn:
        inside = own > 0
        bits[inside] = own[inside]
        numbers[inside] = component
    return bits, numbers


def merged_numbers(rows: Iterable[LedgerEntry]) -> frozenset[int]:
    """Numbers of findings that a reader's outline of another one took over."""
    return frozenset(int(n) for row in rows for n in row.details.get("merged", ()))


def judged_marked(workspace: Workspace, result: JudgedResult, what: Literal["bits", "lesions"]) -> Marked:
    """The box in which `judged_marks` is not 0: what a browser is sent."""
    if not result.redraws:
        return result.one.marked(what)
    array = judged_marks(workspace, result)[0 if what == "bits" else 1]
    box = bounding_box(array)
    if box is None:
        return Marked(array[:0, :0, :0], ((0, 0),) * 3, array.shape)
    return Marked(array[box], tuple((part.start, part.stop) for part in box), array.shape)


def judged_lesions(workspace: Workspace, result: JudgedResult) -> tuple[JudgedLesion, ...]:
    """The lesions that stand, the model's in their order, then the added ones; kept as long as the verdicts are the same.

    Lesions whose outline can't be read are left out.
    """
    kept: tuple[JudgedLesion, ...] = shelf_of(workspace).keep(
        ("judged", result.study.id, result.one.prediction.digest), result.key, lambda: _lesions(workspace, result)
    )
    return kept


def _lesions(workspace: Workspace, result: JudgedResult) -> tuple[JudgedLesion, ...]:
    found = []
    gone = merged_numbers(result.rows.values())
    for finding in result.one.prediction.findings:
        row = result.rows.get(str(finding.number))
        if finding.number in gone or (row is not None and row.action == Action.REJECT):
            continue
        basis = _basis(row)
        lesion = JudgedLesion(
            str(finding.number), basis, finding.component, finding.side, finding.centre_lps, finding.regions
        )
        if row is not None and basis == "edited":
            remade = _measured(workspace, result, row)
            if remade is None:
                continue
            lesion = replace(lesion, centre_lps=remade[0], regions=remade[1])
        found.append(lesion)
    top = max((f.component for f in result.one.prediction.findings), default=0)
    for extra, row in enumerate(_added(result.rows.values()), start=1):
        measured = _measured(workspace, result, row)
        if measured is not None:
            found.append(JudgedLesion(row.finding, "added", top + extra, "unknown", *measured))
    return tuple(found)


def _measured(
    workspace: Workspace, result: JudgedResult, row: LedgerEntry
) -> tuple[tuple[float, float, float] | None, tuple[RegionMeasure, ...]] | None:
    """Middle and measures of a reader's outline: volumes of all of it, diameters of its largest piece."""
    try:
        outline = _outline(workspace, result, row)
    except ImagingRefused:
        return None
    grid, regions = edit_grid(result.study, result.one.prediction)
    pieces, _ = lesions(outline, regions, grid.affine)
    if not pieces:
        return None
    together = tuple(
        replace(measure, volume_ml=round(sum(piece.regions[n].volume_ml for piece in pieces), 6))
        for n, measure in enumerate(pieces[0].regions)
    )
    return pieces[0].centre_lps, together


def _outline(workspace: Workspace, result: JudgedResult, row: LedgerEntry) -> BitmaskVolume:
    """The outline that a verdict names; the model's inner regions of the finding hold within one that was brought."""
    one, model = result.one, None
    number = int(row.finding) if row.prediction and row.finding.isdecimal() else 0
    if number:
        model = np.where(one.lesion_map() == one.prediction.finding(number).component, one.mask(), 0).astype(np.uint8)
    return outline_bits(workspace, row, *edit_grid(result.study, one.prediction), model)


def _basis(row: LedgerEntry | None) -> str:
    if row is None:
        return "unreviewed"
    if row.artifact:
        return "edited"
    return {Action.ACCEPT: "accepted", Action.MODIFY: "inexact", Action.UNSURE: "unsure"}.get(
        Action(row.action), "unreviewed"
    )


def _added(rows: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Lesions that a reader added with an outline, oldest first; one that is a point only has no size."""
    added = [row for row in rows if row.action == Action.ADD and row.artifact]
    return sorted(added, key=lambda row: row.seq)
