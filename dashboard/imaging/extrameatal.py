"""The part of a lesion outside the internal auditory canal, behind a line that a reader drew at the porus."""

from __future__ import annotations

import numpy as np

from ..domain import Affine, BoolVolume, apply_affine
from .diameters import axial_axis_of
from .midline import MidsagittalPlane

__all__ = ["extrameatal_part"]

LpsPoint = tuple[float, float, float]


def extrameatal_part(
    mask: BoolVolume, affine: Affine, porus_lps: tuple[LpsPoint, LpsPoint], plane: MidsagittalPlane
) -> BoolVolume:
    """What of a lesion lies on the brain's side of the porus.

    Parameters
    ----------
    mask : (i, j, k) bool
        The whole lesion, of a vestibular schwannoma the canal's part with it.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.
    porus_lps : two points
        The line from the anterior to the posterior lip of the porus, as a reader drew it on an axial slice.
    plane : MidsagittalPlane
        The brain's side of the line is the one that looks at this plane.

    Returns
    -------
    (i, j, k) bool
        Voxels whose centres lie on the brain's side of the plane through the line, upright on the axial slices.

    Raises
    ------
    ValueError
        The two points are one, or lie one above the other: they part nothing.

    Notes
    -----
    Vestibular schwannomas are reported by the largest extrameatal diameter (Kanzaki et al. 2003, Otol
    Neurotol 24:642). The porus is not found by a model here: without a reader's line every
    measure is one of the whole lesion, canal included, and is called so.
    """
    first, second = (np.asarray(point, dtype=np.float64) for point in porus_lps)
    upright = np.asarray(affine, np.float64)[:3, axial_axis_of(affine)]
    normal = np.cross(second - first, upright / np.linalg.norm(upright))
    length = float(np.linalg.norm(normal))
    if length < 1e-3:
        raise ValueError("the line at the porus has no length within the axial slice")
    normal /= length
    middle = (first + second) / 2
    medial = -float(plane.distance_mm(middle)) * np.array(plane.normal)
    if float(normal @ medial) < 0:
        normal = -normal
    index = np.argwhere(mask)
    kept = index[(apply_affine(affine, index) - middle) @ normal >= 0]
    part = np.zeros(np.shape(mask), dtype=bool)
    part[tuple(kept.T)] = True
    return part
