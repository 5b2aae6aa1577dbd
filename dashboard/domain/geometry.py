"""Where voxels lie: affines in LPS millimetres, planes, letters, and the door to RAS."""

from __future__ import annotations

import numpy as np

from .arrays import Affine

__all__ = [
    "PLANES",
    "affine_from_axes",
    "apply_affine",
    "axis_letters",
    "lps_from_ras",
    "nearest_axes",
    "plane_normal_to",
    "ras_from_lps",
    "spacing_of",
    "through_axis_of",
]

PLANES = ("sagittal", "coronal", "axial")
"""The plane whose normal runs along LPS x, y, z."""

_FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])


def ras_from_lps(affine: Affine) -> Affine:
    """The same mapping into RAS+ millimetres, as nibabel wants it."""
    return _FLIP @ np.asarray(affine, dtype=np.float64)


def lps_from_ras(affine: Affine) -> Affine:
    """The same mapping into LPS millimetres, from nibabel's RAS+."""
    return _FLIP @ np.asarray(affine, dtype=np.float64)


def spacing_of(affine: Affine) -> tuple[float, float, float]:
    """Voxel spacing in millimetres along i, j, k."""
    lengths = np.linalg.norm(np.asarray(affine)[:3, :3], axis=0)
    return (float(lengths[0]), float(lengths[1]), float(lengths[2]))


def apply_affine(affine: Affine, points: np.ndarray) -> np.ndarray:
    """Map points (..., 3) by an affine; indices to millimetres, or back with its inverse."""
    points = np.asarray(points, dtype=np.float64)
    return points @ np.asarray(affine)[:3, :3].T + np.asarray(affine)[:3, 3]


def affine_from_axes(origin: np.ndarray, i: np.ndarray, j: np.ndarray, k: np.ndarray) -> Affine:
    """The affine whose voxel (0, 0, 0) is at `origin` and whose steps are `i`, `j`, `k` in millimetres."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2], affine[:3, 3] = i, j, k, origin
    return affine


def nearest_axes(affine: Affine) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """For each array axis, the LPS axis (0, 1, 2) that it runs along most nearly, and its sign.

    Each LPS axis is given once, the best fit first, so that an oblique volume still has three planes.
    """
    cosines = np.asarray(affine)[:3, :3] / np.maximum(np.linalg.norm(np.asarray(affine)[:3, :3], axis=0), 1e-12)
    result: dict[int, tuple[int, int]] = {}
    left = np.abs(cosines).copy()
    for _ in range(3):
        world, axis = np.unravel_index(int(np.argmax(left)), left.shape)
        result[int(axis)] = (int(world), 1 if cosines[world, axis] >= 0 else -1)
        left[world, :] = -1
        left[:, axis] = -1
    return (result[0], result[1], result[2])


def through_axis_of(affine: Affine) -> int:
    """The array axis through the slices: the coarsest; among equals (within 1 %) the one nearest head-foot."""
    spacing = np.array(spacing_of(affine))
    coarse = np.flatnonzero(spacing >= spacing.max() * 0.99)
    if len(coarse) == 1:
        return int(coarse[0])
    axes = nearest_axes(affine)
    for axis in coarse:
        if axes[int(axis)][0] == 2:
            return int(axis)
    return int(coarse[-1])


def plane_normal_to(affine: Affine, axis: int) -> str:
    """The anatomical plane (axial, coronal, sagittal) most nearly normal to an array axis."""
    return PLANES[nearest_axes(affine)[axis][0]]


def axis_letters(affine: Affine, axis: int, *, sides_known: bool = True) -> tuple[str, str]:
    """Letters at the low and the high end of an array axis, most nearly: ('R', 'L') for +x in LPS.

    Unknown sides give '?' for left and right only if `sides_known` is false.
    """
    world, sign = nearest_axes(affine)[axis]
    low, high = (("R", "L"), ("A", "P"), ("I", "S"))[world]
    if not sides_known and world == 0:
        return ("?", "?")
    return (low, high) if sign > 0 else (high, low)
