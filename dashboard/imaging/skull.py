"""Skull and scalp taken from series by a brain mask: the mask carried to each grid, everything else set to 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..domain import BoolVolume, Volume, spacing_of
from ..files import array_digest
from .grids import resample

__all__ = ["BRAIN_MARGIN_MM", "stripped", "with_margin"]

BRAIN_MARGIN_MM = 2.0
"""A computed edge strays by a voxel or two; what lies at the surface must not be cut off with the skull."""


def with_margin(brain: BoolVolume, affine: np.ndarray, margin_mm: float = BRAIN_MARGIN_MM) -> BoolVolume:
    """The mask and all within a distance of it; empty stays empty."""
    from scipy.ndimage import distance_transform_edt

    if not np.any(brain):
        return np.zeros(np.shape(brain), dtype=bool)
    return distance_transform_edt(~np.asarray(brain, dtype=bool), sampling=spacing_of(affine)) <= margin_mm


def stripped(volume: Volume, brain: BoolVolume, brain_affine: np.ndarray, record: str) -> Volume:
    """The series with 0 outside the brain, on its own grid.

    Parameters
    ----------
    brain, brain_affine : (i, j, k) bool and (4, 4) float64
        The mask on any grid of the same frame of reference.
    record : str
        Digest of the record of how the mask was made.
    """
    mask = resample(np.asarray(brain, np.uint8), brain_affine, volume.affine, volume.shape, order=0) > 0
    array = np.where(mask, volume.array, volume.array.dtype.type(0))
    return replace(
        volume,
        array=array,
        digest=array_digest(array, volume.affine),
        made_from=volume.digest,
        made_how="brain",
        made_record=record,
    )
