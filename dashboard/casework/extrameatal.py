"""The extrameatal part of a lesion, behind the line that a reader drew at the porus: never without one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain import BoolVolume, Finding, Prediction, Study, Volume
from ..imaging import MidsagittalPlane, extrameatal_part, head_mask, longest_diameter, midsagittal_plane, read_label_map
from ..ledger import LedgerEntry
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .artifacts import StoredMask
from .drawn import outline_bits
from .intents import Intent
from .reveal import RevealedPrediction
from .shelf import shelf_of

__all__ = ["Extrameatal", "PorusLine", "extrameatal_details", "extrameatal_of", "porus_line", "recorded_extrameatal"]

PorusLine = tuple[tuple[float, float, float], tuple[float, float, float]]
_PLANES_KEPT = 16
_planes: dict[str, MidsagittalPlane | None] = {}
"""By the digest of the volume."""


@dataclass(frozen=True)
class Extrameatal:
    """Diameters on an axial slice and volume of what lies on the brain's side of a reader's line; zeros where nothing does."""

    longest_mm: float
    perpendicular_mm: float
    volume_ml: float


def porus_line(points: Any) -> PorusLine | None:
    """The two ends of a line as a browser sent or a row kept them, LPS millimetres; None for anything else."""
    if not isinstance(points, Sequence) or isinstance(points, str) or len(points) != 2:
        return None
    for point in points:
        if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 3:
            return None
        if not all(isinstance(x, int | float) and math.isfinite(x) for x in point):
            return None
    (a, b, c), (d, e, f) = points
    return (float(a), float(b), float(c)), (float(d), float(e), float(f))


def extrameatal_of(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction,
    finding: Finding,
    line: PorusLine,
    row: LedgerEntry | None = None,
) -> Extrameatal | None:
    """The extrameatal part of a finding that this reader has been shown: of the outline in force, never of one replaced.

    Parameters
    ----------
    row : LedgerEntry, optional
        The reader's verdict on the finding. Where it has an outline, that one is measured; else the model's.

    Raises
    ------
    ImagingRefused
        The reader's outline can't be read.

    Returns
    -------
    Extrameatal or None
        None where the line parts nothing: too short, upright, or the study holds no whole head to tell the brain's side.
    """
    grid = study.volume(one.prediction.grid)

    def part() -> Extrameatal | None:
        if row is None or not row.artifact:
            return _measured(grid, one.lesion_map() == finding.component, line)
        return _measured(grid, outline_bits(workspace, row, grid, one.prediction.regions) > 0, line)

    measured: Extrameatal | None = shelf_of(workspace).keep(
        ("extrameatal", study.id, one.prediction.digest, finding.number),
        (row.artifact_digest if row else "", line),
        part,
    )
    return measured


def extrameatal_details(
    workspace: Workspace,
    study: Study,
    prediction: Prediction | None,
    finding: Finding | None,
    intent: Intent,
    kept: Sequence[StoredMask],
) -> dict[str, Any]:
    """What a verdict's details say of the line that came with it: of the reader's own mask where there is one.

    Empty without a line, and where it parts nothing.
    """
    line = intent.porus_lps
    if line is None or prediction is None or finding is None:
        return {}
    if kept:
        labels, _ = read_label_map(workspace.root / kept[0].path)
        mask = labels > 0
    else:
        mask = (
            PredictionStore(workspace.predictions_folder).lesion_map(study.id, prediction.digest) == finding.component
        )
    found = _measured(study.volume(prediction.grid), mask, line)
    if found is None:
        return {}
    return {
        "porus_lps": [[round(x, 2) for x in point] for point in line],
        "extrameatal_mm": [round(found.longest_mm, 2), round(found.perpendicular_mm, 2)],
        "extrameatal_ml": round(found.volume_ml, 4),
    }


def recorded_extrameatal(details: Mapping[str, Any]) -> Extrameatal | None:
    """What a row's details hold of it; None where they hold nothing."""
    sizes = details.get("extrameatal_mm")
    if not isinstance(sizes, Sequence) or len(sizes) != 2:
        return None
    return Extrameatal(float(sizes[0]), float(sizes[1]), float(details.get("extrameatal_ml", 0.0)))


def _measured(grid: Volume, mask: BoolVolume, line: PorusLine) -> Extrameatal | None:
    plane = _plane_of(grid) if grid.sides_known else None
    if plane is None:
        return None
    try:
        part = extrameatal_part(mask, grid.affine, line, plane)
    except ValueError:
        return None
    found = longest_diameter(part, grid.affine)
    voxel_ml = abs(float(np.linalg.det(np.asarray(grid.affine)[:3, :3]))) / 1000
    if found is None:
        return Extrameatal(0.0, 0.0, 0.0)
    return Extrameatal(found.longest_mm, found.perpendicular_mm, float(part.sum()) * voxel_ml)


def _plane_of(grid: Volume) -> MidsagittalPlane | None:
    """The head's midsagittal plane, found once a volume: a line that is dragged asks often."""
    if grid.digest not in _planes:
        if len(_planes) >= _PLANES_KEPT:
            _planes.pop(next(iter(_planes)))
        _planes[grid.digest] = midsagittal_plane(head_mask(grid.array), grid.affine)
    return _planes[grid.digest]
