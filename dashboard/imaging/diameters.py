"""Diameters of a lesion on axial slices, as RANO measures them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain import Affine, BoolVolume, nearest_axes

__all__ = ["Diameter", "axial_axis_of", "longest_3d_mm", "longest_diameter"]


@dataclass(frozen=True)
class Diameter:
    """A longest diameter and the longest at right angles to it, in millimetres, on one axial slice of the grid."""

    longest_mm: float
    perpendicular_mm: float
    slice_index: int


def axial_axis_of(affine: Affine) -> int:
    """The array axis that runs most nearly head to foot: its slices are the axial ones."""
    return next(axis for axis, (world, _) in enumerate(nearest_axes(affine)) if world == 2)


def longest_diameter(mask: BoolVolume, affine: Affine) -> Diameter | None:
    """Longest in-plane diameter of a region and its longest perpendicular on the same axial slice.

    Parameters
    ----------
    mask : (i, j, k) bool
    affine : (4, 4) float64
        Voxel index to patient millimetres, LPS.

    Returns
    -------
    Diameter or None
        None where the mask is empty. `slice_index` counts along the array axis that runs most nearly head to foot.

    Notes
    -----
    Bidimensional measurement on axial planes as in RANO 2.0 (doi:10.1200/JCO.23.01059). The planes are the array's
    own, the ones most nearly axial; of a sagittal or coronal acquisition they are reformats. Ends lie on the outer
    edges of voxels. Both diameters join points of one piece of the slice (8-connected), never of two; they may cross
    necrosis or a cavity inside it.
    """
    from scipy.ndimage import find_objects, label

    axial = axial_axis_of(affine)
    first, second = (axis for axis in range(3) if axis != axial)
    slices = np.moveaxis(np.asarray(mask, dtype=bool), (axial, first, second), (0, 1, 2))
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[1] = True
    pieces, count = label(slices, structure=in_plane)
    if count == 0:
        return None
    steps = np.asarray(affine, np.float64)[:3, [first, second]]
    boxes = find_objects(pieces)
    bounds = _bounds(boxes, steps)
    best, longest, corners = -1, 0.0, np.zeros((0, 2))
    for number in (int(n) for n in np.argsort(-bounds, kind="stable")):
        if bounds[number] <= longest:
            break
        box = boxes[number]
        ends = _hull(_corners(pieces[box][0] == number + 1, box))
        length, pair = _farthest(ends, steps)
        if length > longest + 1e-9:
            best, longest, corners = number, length, pair
    box = boxes[best]
    perpendicular = _perpendicular(pieces[box][0] == best + 1, box, corners, steps)
    return Diameter(longest, min(perpendicular, longest), int(box[0].start))


def longest_3d_mm(mask: BoolVolume, affine: Affine) -> float | None:
    """Greatest distance between two points of a region in any direction, in millimetres; None where it is empty.

    Between outer corners of voxels; the line may cross necrosis, a cavity or a gap between two pieces.
    """
    from scipy.spatial import ConvexHull

    columns = np.argwhere(np.asarray(mask).any(axis=2))
    if len(columns) == 0:
        return None
    rods = np.asarray(mask)[columns[:, 0], columns[:, 1]]
    low, high = rods.argmax(axis=1) - 0.5, rods.shape[1] - rods[:, ::-1].argmax(axis=1) - 0.5
    edges = ((i, j) for i in (-0.5, 0.5) for j in (-0.5, 0.5))
    corners = np.concatenate([np.column_stack([columns + edge, end]) for edge in edges for end in (low, high)])
    hull = corners[ConvexHull(corners).vertices] @ np.asarray(affine, np.float64)[:3, :3].T
    farthest = 0.0
    for first in range(0, len(hull), 512):
        apart = ((hull[first : first + 512, None] - hull[None]) ** 2).sum(axis=2)
        farthest = max(farthest, float(apart.max()))
    return float(np.sqrt(farthest))


def _bounds(boxes: list[tuple[slice, ...]], steps: np.ndarray) -> np.ndarray:
    """The longer diagonal of each piece's box: no diameter inside exceeds it."""
    sides = np.array([(box[1].stop - box[1].start, box[2].stop - box[2].start) for box in boxes], dtype=np.float64)
    one, other = sides @ steps.T, (sides * (1, -1)) @ steps.T
    return np.sqrt(np.maximum((one**2).sum(axis=1), (other**2).sum(axis=1)))


def _corners(piece: np.ndarray, box: tuple[slice, ...]) -> np.ndarray:
    """Outermost voxel corners of each row of a piece, (n, 2) in index units."""
    rows = np.flatnonzero(piece.any(axis=1))
    low = piece[rows].argmax(axis=1)
    high = piece.shape[1] - piece[rows, ::-1].argmax(axis=1)
    points = np.concatenate([np.stack([r, c], axis=1) for r in (rows, rows + 1) for c in (low, high)])
    return points + np.array([box[1].start - 0.5, box[2].start - 0.5])


def _hull(points: np.ndarray) -> np.ndarray:
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]


def _farthest(points: np.ndarray, steps: np.ndarray) -> tuple[float, np.ndarray]:
    """The two points farthest apart in millimetres."""
    places = points @ steps.T
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    one, other = np.unravel_index(int(squares.argmax()), squares.shape)
    return float(np.sqrt(squares[one, other])), points[[one, other]]


def _perpendicular(piece: np.ndarray, box: tuple[slice, ...], pair: np.ndarray, steps: np.ndarray) -> float:
    """Longest line at right angles to the one between `pair` that joins two points of the piece.

    Along the diameter, the piece's extent is linear between places where a voxel's corner lies, so that looking at
    those places alone is exact.
    """
    from scipy.ndimage import binary_erosion

    rim = piece & ~binary_erosion(piece)
    index = np.argwhere(rim) + np.array([box[1].start, box[2].start])
    along = steps @ (pair[1] - pair[0])
    along /= np.linalg.norm(along)
    # a right angle within the plane of the slice, also where the array's axes are not quite at right angles
    normal = np.cross(steps[:, 0], steps[:, 1])
    across = np.cross(normal / np.linalg.norm(normal), along)
    shifts = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)])
    places = (index[:, None] + shifts[None]) @ steps.T
    u, v = places @ along, places @ across
    start_u, stop_u, start_v, stop_v = u, np.roll(u, -1, axis=1), v, np.roll(v, -1, axis=1)
    longest = 0.0
    for at in np.unique(np.round(u, 6)):
        low, high = np.minimum(start_u, stop_u), np.maximum(start_u, stop_u)
        met = (low - 1e-6 <= at) & (at <= high + 1e-6)
        a, b, c, d = start_u[met], stop_u[met], start_v[met], stop_v[met]
        flat = np.abs(b - a) < 1e-9
        share = np.clip(np.where(flat, 0.0, (at - a) / np.where(flat, 1.0, b - a)), 0, 1)
        crossed = np.concatenate([c + share * (d - c), d[flat]])
        longest = max(longest, float(np.ptp(crossed)))
    return longest
