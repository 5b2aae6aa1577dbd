"""Voxels into pieces: 26-connected components, and which of them a small gap apart belong together."""

from __future__ import annotations

from itertools import product

import numpy as np

from ..domain import BoolVolume

__all__ = ["Box", "bounding_box", "bridged_pieces"]

Box = tuple[slice, slice, slice]
"""A range of indices along each axis."""


def bounding_box(mask: np.ndarray) -> Box | None:
    """The smallest box of slices that holds all that is not 0, or None."""
    spans = []
    for axis in range(3):
        met = np.flatnonzero((mask != 0).any(axis=tuple(a for a in range(3) if a != axis)))
        if len(met) == 0:
            return None
        spans.append(slice(int(met[0]), int(met[-1]) + 1))
    return (spans[0], spans[1], spans[2])


def bridged_pieces(mask: BoolVolume, spacing_mm: tuple[float, float, float], gap_mm: float) -> tuple[np.ndarray, int]:
    """Number the groups of components whose voxels' edges lie no more than `gap_mm` apart, directly or by others.

    Returns
    -------
    groups : (i, j, k) int32
        1 and up, 0 outside the mask. No voxel is added to the mask.
    count : int

    Notes
    -----
    Gaps are exact for voxels as boxes, in any direction; two voxels that touch have a gap of 0. One empty slice of
    an acquisition of 5 mm is thus not bridged by 3 mm.
    """
    from scipy.ndimage import label
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pieces, count = label(mask, structure=np.ones((3, 3, 3), dtype=bool))
    if count < 2:
        return pieces.astype(np.int32, copy=False), int(count)
    reach = [int(np.floor(gap_mm / length + 1e-6)) + 1 for length in spacing_mm]
    padded = np.pad(pieces, [(n, n) for n in reach])
    index = np.argwhere(_rim_of_all_but_the_largest(pieces)) + reach
    own = padded[tuple(index.T)]
    ones, others = [], []
    for offset in product(*(range(-n, n + 1) for n in reach)):
        empty = np.maximum(np.abs(offset) - 1, 0) * np.array(spacing_mm)
        if float(empty @ empty) <= gap_mm**2 + 1e-6:
            near = padded[tuple((index + offset).T)]
            met = (near > 0) & (near != own)
            ones.append(own[met])
            others.append(near[met])
    one, other = np.concatenate(ones) - 1, np.concatenate(others) - 1
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    groups, group_of = connected_components(links, directed=False)
    table = np.concatenate([[0], group_of + 1]).astype(np.int32)
    return table[pieces], int(groups)


def _rim_of_all_but_the_largest(pieces: np.ndarray) -> np.ndarray:
    """Voxels from which to look for neighbours: of any two pieces, one is not the largest; insides see only their own."""
    from scipy.ndimage import binary_erosion

    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    rest = (pieces > 0) & (pieces != int(sizes.argmax()))
    return rest & ~binary_erosion(rest)
