"""One grid to another: the reference grid of a study, a model's grid, and arrays brought from one to the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..domain import Affine, Volume, nearest_axes, spacing_of
from ..terms import GRID_ORDER
from ..terms import Sequence as MrSequence

__all__ = ["model_grid", "reference_volume", "resample"]

Shape = tuple[int, int, int]

_LETTERS = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}
_SAME_SPACING = 0.01
_SAME_VOXEL = 0.01


def reference_volume(volumes: Sequence[Volume], grid_of: Sequence[MrSequence] = GRID_ORDER) -> Volume:
    """The volume on whose grid masks lie: the first sequence present of `grid_of`, else the first volume.

    Of several volumes of one sequence, the one with the finest voxels, then the one with the smaller digest. A series
    without its skull gives way to the one that it was made from, whose grid it has.

    Raises
    ------
    ValueError
        There is no volume.
    """
    if not volumes:
        raise ValueError("a study without volumes has no reference grid")
    there = {volume.digest for volume in volumes}
    volumes = [v for v in volumes if not (v.made_how == "brain" and v.made_from in there)]
    for sequence in grid_of:
        same = [volume for volume in volumes if volume.sequence == sequence]
        if same:
            return min(same, key=lambda v: (float(np.prod(v.spacing_mm)), v.digest))
    return volumes[0]


def model_grid(
    affine: Affine,
    shape: Shape,
    spacing_mm: float | Sequence[float] | str,
    orientation: str = "LPS",
) -> tuple[Affine, Shape]:
    """The grid that a model reads: the given one with its axes in the model's order and spacing.

    Axes are turned by whole quarter turns only, so an oblique acquisition stays oblique and nothing is interpolated
    where the spacing stays. The new grid has the same centre; its field is the old one's to half a voxel.

    Parameters
    ----------
    affine : (4, 4) float64
        Of the grid to start from, LPS.
    spacing_mm : float, three floats or 'native'
        Wanted along the new axes. A spacing within 1 % of it is kept as it is.
    orientation : str
        Where each index grows to, such as 'LPS': towards left, then posterior, then superior.

    Raises
    ------
    ValueError
        The orientation does not name each direction once.
    """
    wanted = [_LETTERS.get(letter) for letter in orientation.upper()]
    if None in wanted or sorted(world for world, _ in wanted) != [0, 1, 2]:
        raise ValueError(f"no orientation: {orientation!r}")
    affine = np.asarray(affine, dtype=np.float64)
    axes = nearest_axes(affine)
    turn, size = np.zeros((4, 4)), [0, 0, 0]
    turn[3, 3] = 1
    for new, (world, sign) in enumerate(wanted):
        old = next(axis for axis in range(3) if axes[axis][0] == world)
        size[new] = int(shape[old])
        same = axes[old][1] == sign
        turn[old, new] = 1 if same else -1
        turn[old, 3] = 0 if same else shape[old] - 1
    turned = affine @ turn
    if isinstance(spacing_mm, str):
        return turned, (size[0], size[1], size[2])
    native = np.array(spacing_of(turned))
    target = np.broadcast_to(np.asarray(spacing_mm, dtype=np.float64), (3,))
    target = np.where(np.abs(native - target) <= _SAME_SPACING * target, native, target)
    count = np.maximum(1, np.round(np.array(size) * native / target)).astype(int)
    count = np.where(target == native, size, count)
    result = turned.copy()
    result[:3, :3] = turned[:3, :3] * (target / native)
    centre = turned[:3, :3] @ ((np.array(size) - 1) / 2) + turned[:3, 3]
    result[:3, 3] = centre - result[:3, :3] @ ((count - 1) / 2)
    if (target == native).all():
        result = turned
    return result, (int(count[0]), int(count[1]), int(count[2]))


def resample(array: np.ndarray, affine: Affine, to_affine: Affine, to_shape: Shape, order: int = 1) -> np.ndarray:
    """Bring an array from its grid to another by their affines.

    Where every voxel of the new grid lies on one of the old (to a hundredth of a voxel), as between two orders of the
    same axes or for a crop, values are copied and none is made up.

    Parameters
    ----------
    array : (i, j, k)
        Any number type; for order 0 its type is kept, otherwise float32 comes back unless values were copied.
    order : int
        0 nearest neighbour (masks), 1 linear, 3 cubic spline held to the range of the input.

    Returns
    -------
    (to_shape) array
        0 outside the old field, which ends half a voxel beyond the outermost centres. Where all of a voxel's
        neighbours are 0 it stays 0 for cubic too, so that a stripped background stays clean.

    Notes
    -----
    No smoothing precedes a coarser grid: a label or a probability must not be blurred, and models here are trained
    on images resampled the same way.
    """
    if order not in (0, 1, 3):
        raise ValueError(f"order {order} is not offered: 0, 1 or 3")
    matrix = np.linalg.inv(np.asarray(affine, np.float64)) @ np.asarray(to_affine, np.float64)
    to_shape = (int(to_shape[0]), int(to_shape[1]), int(to_shape[2]))
    copied = _copied(np.asarray(array), matrix, to_shape)
    return _interpolated(np.asarray(array), matrix, to_shape, order) if copied is None else copied


def _copied(array: np.ndarray, matrix: np.ndarray, to_shape: Shape) -> np.ndarray | None:
    """The array turned, flipped, cropped or padded, or None where the grids' voxels don't coincide."""
    whole = np.round(matrix)
    corners = np.array(np.meshgrid(*((0, n - 1) for n in to_shape), indexing="ij")).reshape(3, -1)
    strays = np.abs((matrix - whole)[:3, :3] @ corners + (matrix - whole)[:3, 3:]).max()
    steps = np.abs(whole[:3, :3])
    if strays > _SAME_VOXEL or not ((steps.sum(axis=0) == 1).all() and (steps.sum(axis=1) == 1).all()):
        return None
    result = np.zeros(to_shape, dtype=array.dtype)
    order = [int(np.argmax(steps[:, axis])) for axis in range(3)]
    source, target = [slice(None)] * 3, [slice(None)] * 3
    for axis, old in enumerate(order):
        sign, first = int(whole[old, axis]), int(whole[old, 3])
        index = first + sign * np.arange(to_shape[axis])
        inside = np.flatnonzero((index >= 0) & (index < array.shape[old]))
        if len(inside) == 0:
            return result
        low, high = int(index[inside[0]]), int(index[inside[-1]])
        target[axis] = slice(int(inside[0]), int(inside[-1]) + 1)
        stop = high + sign
        source[old] = slice(low, stop if stop >= 0 else None, sign)
    result[tuple(target)] = array[tuple(source)].transpose(order)
    return result


def _interpolated(array: np.ndarray, matrix: np.ndarray, to_shape: Shape, order: int) -> np.ndarray:
    from scipy.ndimage import affine_transform

    values = array if order == 0 else np.asarray(array, dtype=np.float32)
    if values.dtype == bool:
        values = values.astype(np.uint8)
    # scipy's faster, separable path is taken for a vector of steps
    linear = matrix[:3, :3]
    straight = np.abs(linear - np.diag(np.diag(linear))).max() < 1e-9
    steps = np.diag(linear).copy() if straight else linear
    result = affine_transform(values, steps, matrix[:3, 3], to_shape, order=order, mode="nearest")
    if order == 3:
        np.clip(result, values.min(), values.max(), out=result)
        support = (values != 0).astype(np.float32)
        if not support.all():
            result[affine_transform(support, steps, matrix[:3, 3], to_shape, order=1, mode="nearest") <= 1e-6] = 0
    _blank_outside(result, matrix, array.shape)
    return result.astype(array.dtype, copy=False) if order == 0 else result


def _blank_outside(result: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> None:
    """Set to 0 what lies beyond the old field, half a voxel outside its outermost centres."""
    steps = [np.arange(n, dtype=np.float64).reshape([-1 if a == axis else 1 for a in range(3)])
             for axis, n in enumerate(result.shape)]  # fmt: skip
    for old in range(3):
        place = sum(
            (steps[axis] * matrix[old, axis] for axis in range(3) if matrix[old, axis] != 0), np.zeros((1, 1, 1))
        )
        place = place + matrix[old, 3]
        outside = (place < -0.5 - 1e-6) | (place > shape[old] - 0.5 + 1e-6)
        if outside.any():
            result[np.broadcast_to(outside, result.shape)] = 0
