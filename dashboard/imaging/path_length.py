"""How much of an outline a reader drew anew: the added path length."""

from __future__ import annotations

import numpy as np

from ..domain import BoolVolume

__all__ = ["added_path_length_mm"]


def added_path_length_mm(drawn: BoolVolume, model: BoolVolume, through: int, spacing_mm: tuple[float, ...]) -> float:
    """Length of the reader's outline that does not lie on the model's, millimetres.

    On each slice the outline is the voxels of a mask that touch, by a side, one outside it within the slice. The
    reader's that are not among the model's count the mean of the slice's two spacings each. 0 where nothing was moved
    outwards or inwards.

    Parameters
    ----------
    drawn, model : (i, j, k) bool
    through : int
        Array axis through the slices.
    spacing_mm : (3,) float
        Along i, j, k.

    Notes
    -----
    The added path length of Vaassen et al. 2020 (doi:10.1016/j.phro.2019.12.001), there in pixels.
    """
    new = _outline(drawn, through) & ~_outline(model, through)
    in_plane = [mm for axis, mm in enumerate(spacing_mm) if axis != through]
    return float(new.sum()) * sum(in_plane) / 2


def _outline(mask: BoolVolume, through: int) -> BoolVolume:
    """Voxels of a mask with a neighbour by a side within the slice that is not of it; the array's edge counts as outside."""
    inside = np.ones_like(mask)
    padded = np.pad(mask, 1)
    middle = (slice(1, -1),) * 3
    for axis in (axis for axis in range(3) if axis != through):
        for step in (-1, 1):
            inside &= np.roll(padded, step, axis)[middle]
    return mask & ~inside
