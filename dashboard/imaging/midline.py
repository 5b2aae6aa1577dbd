"""The head, its midsagittal plane as estimated from its shape, and the side on which something lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..domain import Affine, BoolVolume, ImageVolume, apply_affine, spacing_of

__all__ = ["MidsagittalPlane", "head_mask", "midsagittal_plane", "side_of"]

_BLOCK_MM = 5.0
_MIN_HEAD_ML = 50.0
_NEAR_MM = 5.0
_BOTH_SIDES = 0.2
_FOREIGN_MM = 10.0
_HALVED_FROM = 128
_STRIPPED_AIR = 0.1
_TURNS = np.deg2rad((-16, -8, 0, 8, 16))
_CUT_MM2 = 1500.0
"""A contact with the field's edge larger than the cap of a whole head in a slice of 3 mm: the head goes on beyond."""
_PADDING = 3
_LEAST_SEEN = 0.35


@dataclass(frozen=True)
class MidsagittalPlane:
    """A plane through the head, nearly sagittal.

    Attributes
    ----------
    normal : (x, y, z)
        Of length 1, towards the patient's left.
    offset_mm : float
        Distance of the plane from the origin along the normal.
    """

    normal: tuple[float, float, float]
    offset_mm: float

    def distance_mm(self, lps_points: np.ndarray) -> np.ndarray:
        """Signed distances of (..., 3) points in millimetres, positive on the patient's left."""
        return np.asarray(lps_points) @ np.array(self.normal) - self.offset_mm


def head_mask(array: ImageVolume) -> BoolVolume:
    """Where the head is in an MR image: the largest bright piece above air, with its holes filled slice by slice.

    Works with a background of noise and with one of zeros; all False for an image of one value. Found in every second
    voxel along axes of 128 and more, so its outline is true to a voxel or two.

    Notes
    -----
    The threshold is Otsu's on the values up to the 99th percentile (doi:10.1109/TSMC.1979.4310076), halved, as
    cerebrospinal fluid and bone are dark and belong to the head.
    """
    from scipy.ndimage import binary_fill_holes, binary_opening, label

    steps = [2 if n >= _HALVED_FROM else 1 for n in array.shape]
    values = np.asarray(array[:: steps[0], :: steps[1], :: steps[2]], dtype=np.float32)
    low, high = np.percentile(values[::2, ::2, ::2], (1, 99))
    if not high > low:
        return np.zeros(array.shape, dtype=bool)
    stripped = values.min() >= 0 and (values == 0).mean() > _STRIPPED_AIR
    bright = values > 0 if stripped else values > low + _otsu(values, low, high) / 2
    pieces, count = label(binary_opening(bright))
    if count == 0:
        return np.zeros(array.shape, dtype=bool)
    head = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    for index in range(head.shape[2]):
        head[:, :, index] = binary_fill_holes(head[:, :, index])
    for axis, step in enumerate(steps):
        head = np.repeat(head, step, axis=axis)
    return head[tuple(slice(0, n) for n in array.shape)]


def _otsu(values: np.ndarray, low: float, high: float) -> float:
    """Otsu's threshold, as a height above `low`."""
    counts, edges = np.histogram(np.clip(values[::2, ::2, ::2], low, high), bins=256)
    centres = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = (np.cumsum((counts * centres)[::-1]) / np.maximum(above[::-1], 1))[::-1]
    spread = below[:-1] * above[1:].astype(np.float64) * (mean_below[:-1] - mean_above[1:]) ** 2
    return float(centres[int(np.argmax(spread))] - low)


def midsagittal_plane(head: BoolVolume, affine: Affine) -> MidsagittalPlane | None:
    """The plane by which the head is mirrored best onto itself.

    Parameters
    ----------
    head : (i, j, k) bool
        Head or brain; it may be shifted and turned up to about 25 degrees against the scanner.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.

    Returns
    -------
    MidsagittalPlane or None
        None where the mask holds less than 50 ml, or only scattered voxels: no head.

    Notes
    -----
    Depths below (and heights above) the head's surface differ least, in squares, from those at the mirrored places: a
    search over 25 directions through the centroid, then Nelder and Mead's simplex, on blocks of 5 mm. Differences
    count up to 10 mm each, so that a missing piece of one side tilts the plane little. Where the field of view ends
    within the head, nothing is compared within 10 mm of that cut or beyond it. Shape alone is used: neither a tumour nor
    a side difference of brightness moves it. Of a head that is wider on one side, it lies half that difference off.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

    head = np.asarray(head, dtype=bool)
    if float(head.sum()) * float(np.prod(spacing_of(affine))) / 1000 < _MIN_HEAD_ML:
        return None
    blocks, block_affine = _blocks(head, affine)
    padded = np.pad(blocks, _PADDING)
    block_affine[:3, 3] -= block_affine[:3, :3].sum(axis=1) * _PADDING
    inside = padded >= 0.5
    if not inside.any():
        return None
    lengths = spacing_of(block_affine)
    depth = distance_transform_edt(inside, sampling=lengths) - distance_transform_edt(~inside, sampling=lengths)
    # smoothed, or mirror planes that run along the blocks would win: they alone need no interpolation
    depth = gaussian_filter(depth.astype(np.float32), 1.0)
    lowest, highest = _seen(head, affine, padded.shape)
    index = np.argwhere(np.abs(depth) < 2 * _BLOCK_MM)
    index = index[((index >= lowest) & (index <= highest)).all(axis=1)]
    if len(index) == 0:
        return None
    own = depth[tuple(index.T)]
    points = apply_affine(block_affine, index)
    centre = apply_affine(block_affine, np.argwhere(inside)).mean(axis=0)
    inverse = np.linalg.inv(block_affine)

    def difference(turned: np.ndarray) -> float:
        normal = _normal(turned[1], turned[2])
        away = (points - centre) @ normal - turned[0]
        mirrored = apply_affine(inverse, points - 2 * away[:, None] * normal)
        seen = ((mirrored >= lowest) & (mirrored <= highest)).all(axis=1)
        if seen.mean() < _LEAST_SEEN:
            return _FOREIGN_MM**2
        apart = np.abs(own - map_coordinates(depth, mirrored.T, order=1, mode="nearest"))
        return float((np.minimum(apart[seen], _FOREIGN_MM) ** 2).mean())

    # the middle of what is left of a cut head is not the head's
    is_cut = bool(np.isfinite([lowest, highest]).any())
    shifts = (-24.0, -12.0, 0.0, 12.0, 24.0) if is_cut else (0.0,)
    starts = sorted((np.array(s) for s in product(shifts, _TURNS, _TURNS)), key=difference)[: 4 if is_cut else 1]
    found = min((_refined(difference, start) for start in starts), key=difference)
    normal = _normal(found[1], found[2])
    return MidsagittalPlane((float(normal[0]), float(normal[1]), float(normal[2])), float(centre @ normal + found[0]))


def _refined(difference: Callable[[np.ndarray], float], start: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    simplex = start + np.array([(0, 0, 0), (6, 0, 0), (0, 0.1, 0), (0, 0, 0.1)])
    return minimize(difference, start, method="Nelder-Mead",
                    options={"initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-4, "maxiter": 150}).x  # fmt: skip


def _normal(yaw: float, roll: float) -> np.ndarray:
    return np.array([np.cos(yaw) * np.cos(roll), np.sin(yaw) * np.cos(roll), np.sin(roll)])


def _seen(head: np.ndarray, affine: Affine, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest block index that is not near a cut by the field's edge; infinite where there is no cut."""
    lengths = np.array(spacing_of(affine))
    lowest, highest = np.full(3, -np.inf), np.full(3, np.inf)
    for axis in range(3):
        area = float(np.prod(np.delete(lengths, axis)))
        step = max(1, round(_BLOCK_MM / lengths[axis]))
        margin = _PADDING + 2 * _BLOCK_MM / (step * lengths[axis])
        if head.take(0, axis=axis).sum() * area > _CUT_MM2:
            lowest[axis] = margin
        if head.take(-1, axis=axis).sum() * area > _CUT_MM2:
            highest[axis] = shape[axis] - 1 - margin
    return lowest, highest


def _blocks(head: np.ndarray, affine: Affine) -> tuple[np.ndarray, Affine]:
    """Means over blocks of about 5 mm around the head, and where the blocks' centres lie."""
    spans = []
    for axis in range(3):
        met = np.flatnonzero(head.any(axis=tuple(a for a in range(3) if a != axis)))
        spans.append((int(met[0]), int(met[-1]) + 1))
    means = head[tuple(slice(*span) for span in spans)].astype(np.float32)
    steps = [max(1, round(_BLOCK_MM / length)) for length in spacing_of(affine)]
    for axis, step in enumerate(steps):
        short = -means.shape[axis] % step
        means = np.pad(means, [(0, short if a == axis else 0) for a in range(3)])
        shape = list(means.shape)
        shape[axis : axis + 1] = [shape[axis] // step, step]
        means = means.reshape(shape).mean(axis=axis + 1)
    place = np.eye(4)
    place[:3, :3] = np.diag(steps)
    place[:3, 3] = [span[0] + (step - 1) / 2 for span, step in zip(spans, steps, strict=True)]
    return means, np.asarray(affine, np.float64) @ place


def side_of(lps_points: np.ndarray, plane: MidsagittalPlane | None) -> str:
    """left, right, midline, bilateral or unknown for the voxels of one lesion.

    Bilateral: at least a fifth of them lies more than 5 mm to either side. Otherwise midline where their mean is
    within 5 mm of the plane, else the side of the mean. Unknown without a plane.
    """
    if plane is None or len(lps_points) == 0:
        return "unknown"
    distance = plane.distance_mm(lps_points)
    if min((distance > _NEAR_MM).mean(), (distance < -_NEAR_MM).mean()) >= _BOTH_SIDES:
        return "bilateral"
    mean = float(distance.mean())
    if abs(mean) <= _NEAR_MM:
        return "midline"
    return "left" if mean > 0 else "right"
