"""A reader's own mask: brought to the grid or drawn on it, kept as a file of the workspace, measured against the model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..domain import BitmaskVolume, Finding, Prediction, Session, Study, Volume, apply_affine
from ..errors import LedgerWriteFailed, NoFrameInCommon
from ..files import array_digest
from ..imaging import added_path_length_mm, dice, read_label_map, reference_volume, resample, write_nifti_mask
from ..ledger import NewRow
from ..terms import Action
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .drawn import drawn_draft, edit_grid
from .intents import Intent

__all__ = ["StoredMask", "mask_columns", "split_rows", "store_own_mask"]


@dataclass(frozen=True)
class StoredMask:
    """A kept mask: its path within the workspace, digest, and what the row's details say of it."""

    path: str
    digest: str
    measured: dict[str, Any]


def store_own_mask(
    workspace: Workspace,
    session: Session,
    study: Study,
    prediction: Prediction | None,
    finding: Finding | None,
    named: str,
    intent: Intent,
) -> tuple[StoredMask, ...]:
    """Keep the mask that an intent comes with: a file brought, or the draft drawn; none gives none.

    Parameters
    ----------
    named : str
        The finding's number or the own finding's id, under which its draft is kept.

    Returns
    -------
    tuple of StoredMask
        The finding's, then those of what was split off it.

    Raises
    ------
    NoFrameInCommon
        None of a brought mask's voxels lies on the study's grid.
    ImagingRefused
        A brought file can't be read rightly.
    StalePage, VerdictRule
        The draft is another than was on screen, or not one of this grid.
    LedgerWriteFailed
        The file could not be written.
    """
    if intent.mask is not None:
        return (_brought(workspace, study, prediction, finding, intent.mask),)
    if not intent.draft:
        return ()
    drawn = drawn_draft(workspace, session, study, prediction, named, intent.draft)
    grid, regions = edit_grid(study, prediction)
    names = [region.name for region in sorted(regions, key=lambda region: region.bit)]
    model = _model_mask(workspace, study, prediction, finding)
    stored = []
    for number, bits in enumerate(drawn.pieces):
        measured: dict[str, Any] = {
            "edit": "drawn",
            "grid": grid.digest,
            "regions": names,
            **_sizes(bits > 0, model if number == 0 else None, grid),
        }
        if number == 0 and drawn.merged:
            measured["merged"] = list(drawn.merged)
        if number or finding is None:
            measured["point_lps"] = _point_of(bits > 0, grid)
        stored.append(_kept(workspace, study, grid, bits, measured))
    return tuple(stored)


def mask_columns(kept: Sequence[StoredMask]) -> dict[str, str]:
    """The columns of a row that name its mask; none where there is none."""
    return {"artifact": kept[0].path, "artifact_digest": kept[0].digest} if kept else {}


def split_rows(
    study: Study, common: dict[str, Any], verdict: str, pieces: tuple[StoredMask, ...], own: list[str]
) -> list[NewRow]:
    """Rows of what was split off a finding: findings of the reader's own, written together with its verdict."""
    return [
        NewRow(
            action=Action.ADD,
            finding=name,
            finding_kind="lesion",
            artifact=piece.path,
            artifact_digest=piece.digest,
            details={**piece.measured, "split_from": verdict},
            **{**common, "prediction": "", "input_digest": study.input_digest},
        )
        for piece, name in zip(pieces, own, strict=True)
    ]


def _brought(
    workspace: Workspace, study: Study, prediction: Prediction | None, finding: Finding | None, file: Path
) -> StoredMask:
    grid = study.volume(prediction.grid) if prediction else reference_volume(study.volumes)
    labels, affine = read_label_map(file, placed=grid.sides_known)
    own = resample((labels > 0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
    if not own.any():
        raise NoFrameInCommon(
            "The mask was not taken.", "None of its voxels lies on the study's grid.", "Check that it is of this study."
        )
    measured: dict[str, Any] = {"edit": "imported", "volume_ml": round(float(own.sum()) * _voxel_ml(grid), 4)}
    model = _model_mask(workspace, study, prediction, finding)
    if model is not None:
        measured["dice"] = round(float(dice(own, model)), 4)
    return _kept(workspace, study, grid, own.astype(np.uint8), measured)


def _kept(
    workspace: Workspace, study: Study, grid: Volume, bits: BitmaskVolume, measured: dict[str, Any]
) -> StoredMask:
    """Write the mask under the digest of its voxels and affine; the same mask is the same file."""
    digest = array_digest(bits, grid.affine)
    relative = f"artifacts/{study.id}/{digest}.nii.gz"
    target = workspace.root / relative
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_nifti_mask(bits, grid.affine, target, synthetic=study.synthetic, sides_known=grid.sides_known)
    except OSError as error:
        raise LedgerWriteFailed(
            "The verdict was not recorded.",
            "Its mask could not be written.",
            "Free space on the disk; the draft stays.",
        ) from error
    return StoredMask(relative, digest, measured)


def _model_mask(
    workspace: Workspace, study: Study, prediction: Prediction | None, finding: Finding | None
) -> np.ndarray | None:
    if prediction is None or finding is None:
        return None
    store = PredictionStore(workspace.predictions_folder)
    return store.lesion_map(study.id, prediction.digest) == finding.component


def _sizes(own: np.ndarray, model: np.ndarray | None, grid: Volume) -> dict[str, Any]:
    """Volume, and against the model's outermost outline Dice, change of volume and added path length."""
    volume = float(own.sum()) * _voxel_ml(grid)
    sizes: dict[str, Any] = {"volume_ml": round(volume, 4)}
    if model is not None:
        path_mm = added_path_length_mm(own, model, grid.through_axis, grid.spacing_mm)
        sizes |= {
            "dice": round(float(dice(own, model)), 4),
            "volume_change_ml": round(volume - float(model.sum()) * _voxel_ml(grid), 4),
            "added_path_length_mm": round(path_mm, 2),
        }
    return sizes


def _voxel_ml(grid: Volume) -> float:
    return float(np.prod(grid.spacing_mm)) / 1000


def _point_of(own: np.ndarray, grid: Volume) -> list[float]:
    """A voxel of the mask, on its slice of largest area the one nearest to that slice's middle, LPS millimetres."""
    areas = own.sum(axis=tuple(axis for axis in range(3) if axis != grid.through_axis))
    index = np.argwhere(own)
    on = index[index[:, grid.through_axis] == int(np.argmax(areas))]
    nearest = on[np.argmin(((on - on.mean(axis=0)) ** 2).sum(axis=1))]
    return [round(float(mm), 2) for mm in apply_affine(grid.affine, nearest)]
