"""Grids in every order of axes, shapes in patient millimetres on them, and label maps as files."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np

from dashboard.domain import ras_from_lps

__all__ = ["ALL_TURNS", "a_label_file", "an_ellipsoid", "centred_affine", "places", "turned"]

ALL_TURNS = tuple((order, flips) for order in permutations(range(3)) for flips in product((False, True), repeat=3))
"""The 48 ways in which a file can order and flip the axes of one volume."""


def centred_affine(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> np.ndarray:
    """LPS affine of a grid whose middle is the origin, its axes along x, y, z."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -(np.array(shape) - 1) / 2 * spacing
    return affine


def turned(array: np.ndarray, affine: np.ndarray, order: tuple[int, ...], flips: tuple[bool, ...]):
    """The same volume with its axes in another order and direction: array and affine, every voxel where it was."""
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    for new, (old, flip) in enumerate(zip(order, flips, strict=True)):
        turn[old, new] = -1 if flip else 1
        turn[old, 3] = array.shape[old] - 1 if flip else 0
    flipped = [new for new, flip in enumerate(flips) if flip]
    return np.ascontiguousarray(np.flip(array.transpose(order), flipped)), affine @ turn


def places(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """(i, j, k, 3) LPS millimetres of every voxel's centre."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1)
    return index @ affine[:3, :3].T + affine[:3, 3]


def an_ellipsoid(
    points: np.ndarray,
    radii: tuple[float, float, float],
    *,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Where an ellipsoid lies; the rows of `axes` are the directions of its radii."""
    away = points - np.array(centre)
    if axes is not None:
        away = away @ axes.T
    return ((away / np.array(radii)) ** 2).sum(-1) < 1


def a_label_file(path: Path, labels: np.ndarray, affine: np.ndarray, *, code: int = 1) -> Path:
    """A NIfTI of any values by its LPS affine; code 0 states no position."""
    image = nibabel.Nifti1Image(labels, ras_from_lps(affine) if code else None)
    image.header.set_sform(None if not code else image.affine, code)
    image.header.set_qform(None if not code else image.affine, code)
    nibabel.save(image, path)
    return path
