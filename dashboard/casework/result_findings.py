"""The findings of an export as they stand: a model's by a reader's verdicts, and the reader's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure, Study, Volume
from ..imaging import (
    Labels,
    ResultFinding,
    Standing,
    head_mask,
    lesions,
    reference_volume,
)
from ..ledger import LedgerEntry
from ..terms import REGIONS, Action
from ..workspace import Workspace
from .drawn import outline_bits
from .reveal import RevealedPrediction

__all__ = ["Verdicts", "added_findings", "model_findings", "own_result"]

Verdicts = Mapping[tuple[str, str], LedgerEntry]
"""One reader's current verdicts by prediction ('' for the reader's own) and finding."""

_STANDING = {
    Action.ACCEPT: Standing.ACCEPTED,
    Action.MODIFY: Standing.MODIFIED,
    Action.REJECT: Standing.REJECTED,
    Action.UNSURE: Standing.UNSURE,
}


def own_result(study: Study) -> Prediction:
    """What stands for a model's result where no model has read the study: its grid, our regions, and no finding."""
    grid = reference_volume(study.volumes)
    return Prediction(
        digest="0" * 64,
        study=study.id,
        model=ModelIdentity("no-model", "0", "", "No model"),
        input_digest=study.input_digest,
        kind="masks",
        settings={},
        findings=(),
        regions=tuple(Region(name=term.name, bit=bit) for bit, term in enumerate(REGIONS)),
        grid=grid.digest,
        made_at=study.added_at,
    )


def model_findings(
    workspace: Workspace, study: Study, one: RevealedPrediction, verdicts: Verdicts, labels: Labels
) -> tuple[ResultFinding, ...]:
    """A model's findings, each with its standing, and with the reader's outline where they drew one."""
    grid = study.volume(one.prediction.grid)
    return tuple(
        _of_model(workspace, study, one, grid, finding, verdicts, labels)
        for finding in one.prediction.findings
        if finding.component
    )


def added_findings(
    workspace: Workspace, study: Study, prediction: Prediction, verdicts: Verdicts, labels: Labels
) -> tuple[ResultFinding, ...]:
    """What the reader added: with an outline where they drew one, else a point; on the prediction's grid."""
    grid = study.volume(prediction.grid)
    added = [entry for entry in verdicts.values() if entry.action == Action.ADD]
    return tuple(_added(workspace, study, prediction, grid, entry, labels) for entry in added)


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
        bits = outline_bits(workspace, entry, grid, prediction.regions, bits)
        measures, side = _measured(bits, prediction, grid)
        edited = True
    box = _box(bits)
    scores = np.asarray(one.probability()) if one.has_probability and not edited else None
    return ResultFinding(
        id=str(finding.number),
        standing=_STANDING.get(entry.action, Standing.UNREVIEWED) if entry is not None else Standing.UNREVIEWED,
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
    bits = outline_bits(workspace, entry, grid, prediction.regions)
    measures, side = _measured(bits, prediction, grid)
    box = _box(bits)
    return ResultFinding(**added, box=box, bits=bits[box], measures=measures, side=side)


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
