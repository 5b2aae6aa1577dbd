"""A reader's own mask: brought to the grid, kept as a file of the workspace, measured against the model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..domain import Finding, Prediction, Study
from ..errors import NoFrameInCommon
from ..files import array_digest
from ..imaging import dice, read_label_map, reference_volume, resample, write_nifti_mask
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore

__all__ = ["store_mask"]


def store_mask(
    workspace: Workspace, study: Study, prediction: Prediction | None, finding: Finding | None, file: Path
) -> tuple[str, str, dict[str, Any]]:
    """Path within the workspace, digest, and the details of a mask that a reader drew or brought.

    Raises
    ------
    NoFrameInCommon
        None of its voxels lies on the study's grid.
    ImagingRefused
        The file can't be read rightly.
    """
    grid = study.volume(prediction.grid) if prediction else reference_volume(study.volumes)
    labels, affine = read_label_map(file, placed=grid.sides_known)
    own = resample((labels > 0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
    if not own.any():
        raise NoFrameInCommon(
            "The mask was not taken.", "None of its voxels lies on the study's grid.", "Check that it is of this study."
        )
    digest = array_digest(own.astype(np.uint8), grid.affine)
    relative = f"artifacts/{study.id}/{digest}.nii.gz"
    target = workspace.root / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    write_nifti_mask(own.astype(np.uint8), grid.affine, target, synthetic=study.synthetic, sides_known=grid.sides_known)
    measured: dict[str, Any] = {"edit": "imported"}
    voxel_ml = float(np.prod(grid.spacing_mm)) / 1000
    measured["volume_ml"] = round(float(own.sum()) * voxel_ml, 4)
    if prediction is not None and finding is not None:
        store = PredictionStore(workspace.predictions_folder)
        model_mask = store.lesion_map(study.id, prediction.digest) == finding.component
        measured["dice"] = round(float(dice(own, model_mask)), 4)
    return relative, digest, measured
