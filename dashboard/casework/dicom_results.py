"""Results out as DICOM: what a reader let stand of a model's result, as segmentation, report and key slices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from .. import __version__
from ..domain import Finding, Prediction, RegionMeasure, Session, Study, Volume
from ..errors import FindingNotFound, UsageError
from ..files import canonical_digest
from ..imaging import (
    SEGMENTATION_TYPES,
    Labels,
    ResultFinding,
    Results,
    Standing,
    head_mask,
    lesions,
    read_label_map,
    resample,
    write_captures,
    write_report,
    write_segmentation,
)
from ..ledger import LedgerEntry
from ..terms import Action
from ..workspace import Workspace
from .dses import Names
from .erase import look_up
from .new_uids import new_uids
from .reveal import RevealedPrediction
from .sources import copies_of, source_of

__all__ = ["DICOM_FORMATS", "ExportOptions", "write_dicom_results"]

Verdicts = Mapping[tuple[str, str], LedgerEntry]

DICOM_FORMATS = {"dicom-seg": write_segmentation, "dicom-sr": write_report, "dicom-sc": write_captures}
_STANDING = {
    Action.ACCEPT: Standing.ACCEPTED,
    Action.MODIFY: Standing.MODIFIED,
    Action.REJECT: Standing.REJECTED,
    Action.UNSURE: Standing.UNSURE,
}


@dataclass(frozen=True)
class ExportOptions:
    """What may be asked of a DICOM export beyond the default.

    Attributes
    ----------
    segmentation_type : str
        binary, fractional or labelmap.
    include : tuple of str
        rejected, unsure, unreviewed: findings that don't stand, but are wanted in the files, which then say so.
    identified : bool
        Write the source's identity and UIDs, by role and with a `lookup` row.
    source : Path or None
        The folder of the study's own DICOM files: copies of them without names are written in place of a series made
        from the stored values.
    """

    segmentation_type: str = "binary"
    include: tuple[str, ...] = ()
    identified: bool = False
    source: Path | None = None

    def check(self, format_: str) -> None:
        """Refuse words that are none, and options that the format does not have.

        Raises
        ------
        UsageError
        """
        if format_ not in DICOM_FORMATS and self != ExportOptions():
            raise _usage("A type of segmentation, further findings and --identified are for dicom formats alone.",
                         "Leave them out, or choose dicom-seg, dicom-sr or dicom-sc.")  # fmt: skip
        if self.identified and self.source is not None:
            raise _usage("Results under the source's identity refer to the source, which needs no copies.",
                         "Leave out --source or --identified.")  # fmt: skip
        if self.segmentation_type not in SEGMENTATION_TYPES:
            raise _usage("There is no such type of segmentation.", f"Choose {', '.join(SEGMENTATION_TYPES)}.")
        if set(self.include) - set(Standing.ON_DEMAND):
            raise _usage("Those are no findings that could be included.", f"Name {', '.join(Standing.ON_DEMAND)}.")


def write_dicom_results(
    workspace: Workspace,
    session: Session,
    study: Study,
    shown: tuple[RevealedPrediction, ...],
    verdicts: Verdicts,
    format_: str,
    folder: Path,
    name_of: Callable[[Prediction], str],
    options: ExportOptions,
) -> tuple[Path, ...]:
    """Write each model's result as this reader let it stand.

    Findings that the reader accepted, modified or added are written; rejected, unsure and unreviewed ones only where
    `options.include` names them, and then file names and descriptions say so.

    Raises
    ------
    FindingNotFound
        Nothing is left to write.
    RoleRefused
        The identity is asked for by somebody whose role does not allow it.
    UsageError
        The identity is asked for, but the files named nobody.
    BadGeometry
        The images state no position, or one that DICOM can't say.
    """
    labels, copy_uids = _labels(workspace, session, study, options)
    written: list[Path] = []
    for one in shown:
        results = replace(_results(workspace, study, one, verdicts, labels, options), copy_uids=copy_uids)
        if results.findings:
            further = f"_with-{'-'.join(results.further)}" if results.further else ""
            stem = f"{name_of(one.prediction)}{further}"
            written += DICOM_FORMATS[format_](results, folder, stem, options.segmentation_type)
    if not written:
        raise FindingNotFound(
            f"{format_} was not written.",
            "No finding of this study stands with an outline: none was accepted, modified or added by this reader.",
            "Review the study first, or ask for more with --include unreviewed, rejected or unsure.",
        )
    return tuple(written)


def _labels(
    workspace: Workspace, session: Session, study: Study, options: ExportOptions
) -> tuple[Labels, dict[str, str]]:
    """Pseudonyms and new UIDs, or once the `lookup` row is durable the source's; and the new UIDs of copied files."""
    new_uid = new_uids(workspace, study)
    reader = Names(workspace.keys.key("exports")).actor(session.reader)
    hidden = Labels(study.subject, f"{study.subject}^", study.id, f"{reader}^", new_uid)
    if options.identified:
        look_up(workspace, session, study.id)
    elif options.source is None:
        return hidden, {}
    source = source_of(workspace.identity(study.id))
    if options.identified:
        return Labels(source.patient_id, source.patient_name, study.id, session.reader, new_uid, source, True), {}
    copied, uids = copies_of(source, study, new_uid)
    return replace(hidden, source=copied), uids


def _results(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction,
    verdicts: Verdicts,
    labels: Labels,
    options: ExportOptions,
) -> Results:
    prediction = one.prediction
    grid = study.volume(prediction.grid)
    known = workspace.identity(study.id).get("instance_uids") or {}
    findings = [
        *(_of_model(workspace, study, one, grid, f, verdicts, labels) for f in prediction.findings if f.component),
        *(_added(workspace, study, prediction, grid, e, labels) for e in verdicts.values() if e.action == Action.ADD),
    ]
    wanted = (*Standing.STANDS, *options.include)
    findings = [f for f in findings if f.standing in wanted]
    further = tuple(word for word in Standing.ON_DEMAND if any(f.standing == word for f in findings))
    times = [prediction.made_at, *(e.recorded_at for e in verdicts.values() if e.prediction in ("", prediction.digest))]
    state = {
        "prediction": prediction.digest,
        "findings": [[f.id, f.standing, f.reason, f.edited, _digest_of(f)] for f in findings],
        "refers_to": "source" if options.identified else "copies" if options.source else "series",
        "software": __version__,
    }
    return Results(
        study=study.id,
        volume=grid,
        model=prediction.model,
        regions=prediction.regions,
        findings=tuple(findings),
        labels=labels,
        made_at=datetime.fromisoformat(max(times).replace("Z", "+00:00")),
        digest=canonical_digest(state),
        synthetic=study.synthetic,
        sex=study.sex if options.identified else "",
        acquired_on=study.acquired_on if options.identified else "",
        source_instances=len(known.get(grid.digest, ())),
        copies_from=options.source,
        further=further,
    )


def _digest_of(finding: ResultFinding) -> str:
    return "" if finding.bits is None else hashlib.sha256(np.ascontiguousarray(finding.bits).tobytes()).hexdigest()


def _of_model(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction,
    grid: Volume,
    finding: Finding,
    verdicts: Verdicts,
    labels: Labels,
) -> ResultFinding:
    """A model's finding, with the reader's outline in place of the model's where they drew one."""
    prediction = one.prediction
    entry = verdicts.get((prediction.digest, str(finding.number)))
    where = one.lesion_map() == finding.component
    bits = np.where(where, one.mask(), 0).astype(np.uint8)
    measures, side, edited = finding.regions, finding.side, False
    if entry is not None and entry.action == Action.MODIFY and entry.artifact:
        bits = _redrawn(bits, _drawn(workspace, entry, grid), prediction)
        measures, side = _measured(bits, prediction, grid)
        edited = True
    box = _box(bits)
    scores = np.asarray(one.probability()) if prediction.probability_digest and not edited else None
    return ResultFinding(
        id=str(finding.number),
        standing=_STANDING[entry.action] if entry is not None else Standing.UNREVIEWED,
        edited=edited,
        tracking_id=f"{study.id} {prediction.digest[:12]}.{finding.number}",
        tracking_uid=labels.new_uid(f"finding {prediction.digest} {finding.number}"),
        box=box,
        bits=bits[box],
        scores=None if scores is None else scores[(slice(None), *box)],
        measures=measures,
        side=side,
        score=finding.score,
        reason=entry.reason if entry is not None else "",
        point_lps=finding.centre_lps,
    )


def _added(
    workspace: Workspace, study: Study, prediction: Prediction, grid: Volume, entry: LedgerEntry, labels: Labels
) -> ResultFinding:
    """A finding that the reader added: with an outline where they drew one, else a point."""
    point = entry.details.get("point_lps")
    added = {
        "id": entry.finding,
        "standing": Standing.ADDED,
        "edited": True,
        "tracking_id": f"{study.id} {entry.finding}"[:64],
        "tracking_uid": labels.new_uid(f"finding {entry.finding}"),
        "point_lps": tuple(float(x) for x in point) if point else None,
    }
    if not entry.artifact:
        return ResultFinding(**added)
    outermost = next(region for region in prediction.regions if region.evaluated)
    bits = (_drawn(workspace, entry, grid) << outermost.bit).astype(np.uint8)
    measures, side = _measured(bits, prediction, grid)
    box = _box(bits)
    return ResultFinding(**added, box=box, bits=bits[box], measures=measures, side=side)


def _drawn(workspace: Workspace, entry: LedgerEntry, grid: Volume) -> np.ndarray:
    """The reader's own mask on the grid, 0 and 1."""
    labels, affine = read_label_map(workspace.root / entry.artifact, placed=grid.sides_known)
    return resample((labels > 0).astype(np.uint8), affine, grid.affine, grid.shape, order=0)


def _redrawn(bits: np.ndarray, drawn: np.ndarray, prediction: Prediction) -> np.ndarray:
    """The outermost region as drawn, the inner ones where they lie within it."""
    outermost = next(region for region in prediction.regions if region.evaluated)
    inner = bits & ~np.uint8(1 << outermost.bit)
    return np.where(drawn > 0, inner | np.uint8(1 << outermost.bit), 0).astype(np.uint8)


def _measured(bits: np.ndarray, prediction: Prediction, grid: Volume) -> tuple[tuple[RegionMeasure, ...], str]:
    """Sizes and side of an outline, by the rules for a model's. Of several pieces volumes add up, and the largest's diameters count."""
    found, _ = lesions(bits, prediction.regions, grid.affine, head=head_mask(grid.array))
    if len(found) == 1:
        return found[0].regions, found[0].side if grid.sides_known else "unknown"
    sides = {finding.side for finding in found} - {"midline"}
    voxel_ml = abs(float(np.linalg.det(np.asarray(grid.affine)[:3, :3]))) / 1000
    totals = {region.name: float(((bits >> region.bit) & 1).sum()) * voxel_ml for region in prediction.regions}
    measures = tuple(replace(m, volume_ml=round(totals[m.name], 6)) for m in found[0].regions)
    return measures, sides.pop() if len(sides) == 1 else "bilateral" if {"left", "right"} <= sides else "unknown"


def _box(bits: np.ndarray) -> tuple[slice, slice, slice]:
    index = np.argwhere(bits)
    low, high = index.min(axis=0), index.max(axis=0) + 1
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))  # type: ignore[return-value]


def _usage(why: str, what_to_do: str) -> UsageError:
    return UsageError("Nothing was written.", why, what_to_do)
