"""Diameters that stay inside a region: of its solid part, across no cyst, necrosis or cavity, and what is measurable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..domain import Affine, BoolVolume, spacing_of, through_axis_of
from .diameters import Diameter, axial_axis_of

__all__ = ["MEASURABLE_MM", "SolidPart", "smallest_measurable_mm", "solid_part"]

MEASURABLE_MM = 10.0
_THICK_MM = 5.0
_SAMPLES_A_VOXEL = 4
_PAIRS_AT_ONCE = 400_000
_SMALL = 400
_FIRST_LOOKS = (0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875)


@dataclass(frozen=True)
class SolidPart:
    """The largest diameters inside a region, and whether it is measurable disease by size."""

    diameter: Diameter
    measurable: bool


def smallest_measurable_mm(affine: Affine) -> float:
    """10 mm, or twice the slice thickness where slices are thicker than 5 mm (RANO 2.0).

    The thickness is that of the acquired slices with their gap, also where they are not axial: along it a reformat
    is no finer.
    """
    thickness = spacing_of(affine)[through_axis_of(affine)]
    return 2 * thickness if thickness > _THICK_MM + 1e-3 else MEASURABLE_MM


def solid_part(mask: BoolVolume, affine: Affine) -> SolidPart | None:
    """Longest line inside a region on axial slices, the longest across it at right angles, and if both are measurable.

    Parameters
    ----------
    mask : (i, j, k) bool
        The enhancing part of a lesion: what is necrotic, cystic or cavity is not in it.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.

    Returns
    -------
    SolidPart or None
        None where the mask is empty. `diameter.slice_index` counts along the axis that runs most nearly head to foot.

    Notes
    -----
    RANO 2.0 (doi:10.1200/JCO.23.01059) measures the solid part: a cyst, necrosis or a cavity is not measured across, so
    a thin rim around one has the diameters of the rim. The longest line joins the centres of two voxels, runs inside
    the region all the way (looked at four times a voxel), and is lengthened to these voxels' edges. The perpendicular
    crosses it and is the longest there that stays inside. The slice is the one with the longest line.

    Measurable: on each of two neighbouring axial slices both diameters reach `smallest_measurable_mm`.
    """
    axial = axial_axis_of(affine)
    first, second = (axis for axis in range(3) if axis != axial)
    slices = np.moveaxis(np.asarray(mask, dtype=bool), (axial, first, second), (0, 1, 2))
    steps = np.asarray(affine, np.float64)[:3, [first, second]]
    least = smallest_measurable_mm(affine)
    areas = slices.sum(axis=(1, 2))
    if not areas.any():
        return None
    known: dict[int, Diameter] = {}
    best: Diameter | None = None
    measurable = False
    for number in (int(n) for n in np.argsort(-areas, kind="stable") if areas[n]):
        wanted = best.longest_mm if best else 0.0
        # two lines of the least length cross only where there is room for them
        may_count = not measurable and _extent(slices[number], steps) >= least
        found = _of_slice(slices[number], steps, min(wanted, least) if may_count else wanted, number)
        if found is None:
            continue
        if best is None or found.longest_mm > best.longest_mm + 1e-9:
            best = found
        if may_count and min(found.longest_mm, found.perpendicular_mm) >= least - 1e-6:
            known[number] = found
            measurable = number - 1 in known or number + 1 in known
    assert best is not None
    return SolidPart(best, measurable)


def _extent(piece: np.ndarray, steps: np.ndarray) -> float:
    """Diagonal of the box around the slice's part: no line inside is longer."""
    sizes = [int(np.ptp(np.flatnonzero(piece.any(axis=1 - axis)))) + 1 for axis in range(2)]
    one, other = steps @ np.array(sizes), steps @ (np.array(sizes) * (1, -1))
    return float(max(np.linalg.norm(one), np.linalg.norm(other)))


def _of_slice(piece: np.ndarray, steps: np.ndarray, longer_than: float, number: int) -> Diameter | None:
    """Both diameters on one slice; None where no line inside is longer than `longer_than`."""
    if _extent(piece, steps) <= longer_than:
        return None
    rows, columns = (np.flatnonzero(piece.any(axis=axis)) for axis in (1, 0))
    piece = np.pad(piece[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
    length, ends = _longest(piece, steps, longer_than)
    if ends is None:
        return None
    return Diameter(length, min(_across(piece, steps, ends), length), number)


def _rim(piece: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return np.argwhere(piece & ~binary_erosion(piece, np.ones((3, 3))))


def _ends(piece: np.ndarray) -> np.ndarray:
    """Voxels at which a line may end: all of a small piece, those of the rim of a large one."""
    return np.argwhere(piece) if piece.sum() <= _SMALL else _rim(piece)


def _longest(piece: np.ndarray, steps: np.ndarray, longer_than: float) -> tuple[float, np.ndarray | None]:
    """Length and ends (in index units, on the voxels' edges) of the longest line inside."""
    points = _ends(piece)
    longest, ends = longer_than, None
    edges = np.linalg.norm(steps, axis=0)
    if float(edges.max()) > longest:  # one voxel: along its longer edge
        longest = float(edges.max())
        ends = points[0] + np.outer((-0.5, 0.5), np.eye(2)[int(edges.argmax())])
    for starts, stops in _pairs(points):
        away = stops - starts
        reach = np.abs(away).max(axis=1)
        lengths = np.linalg.norm(away @ steps.T, axis=1) * (1 + 1 / reach)
        kept = np.flatnonzero(lengths > longest + 1e-9)
        for look in _FIRST_LOOKS:
            kept = kept[_inside(piece, starts[kept] + look * away[kept])]
        kept = kept[np.argsort(-lengths[kept], kind="stable")]
        for chosen in (int(n) for n in kept):
            count = int(reach[chosen]) * _SAMPLES_A_VOXEL
            along = (np.arange(count) + 0.5) / count
            if _inside(piece, starts[chosen] + along[:, None] * away[chosen]).all():
                longest = float(lengths[chosen])
                beyond = away[chosen] * (0.5 / reach[chosen])
                ends = np.stack([starts[chosen] - beyond, stops[chosen] + beyond])
                break
    return longest, ends


def _pairs(points: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every two points once, in parts that fit into memory."""
    count = len(points)
    rows = max(1, _PAIRS_AT_ONCE // max(count, 1))
    for low in range(0, count, rows):
        one, other = np.nonzero(np.arange(count)[None] > np.arange(low, min(low + rows, count))[:, None])
        if len(one):
            yield points[one + low].astype(np.float64), points[other].astype(np.float64)


def _inside(piece: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whether each place lies in a voxel of the piece, or on the edge of one."""
    up = np.floor(places + 0.5 + 1e-9).astype(int)
    down = np.ceil(places - 0.5 - 1e-9).astype(int)
    (a, b), (c, d) = up.T, down.T
    return piece[a, b] | piece[c, d] | piece[a, d] | piece[c, b]


def _across(piece: np.ndarray, steps: np.ndarray, ends: np.ndarray) -> float:
    """Longest line inside the piece that crosses the one between `ends` at right angles, in millimetres."""
    along = steps @ (ends[1] - ends[0])
    along /= np.linalg.norm(along)
    normal = np.cross(steps[:, 0], steps[:, 1])
    across = np.cross(normal / np.linalg.norm(normal), along)
    way = np.linalg.lstsq(steps, across, rcond=None)[0]  # index units a millimetre
    # the longest one passes a voxel's corner, or runs between two neighbouring ones
    corners = (_rim(piece)[:, None] + np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)])).reshape(-1, 2)
    length = float(np.linalg.norm(steps @ (ends[1] - ends[0])))
    shares = np.unique(np.round((corners - ends[0]) @ steps.T @ along / length, 9))
    shares = np.concatenate([shares, (shares[1:] + shares[:-1]) / 2])
    shares = shares[(shares > 1e-9) & (shares < 1 - 1e-9)]
    places = ends[0] + shares[:, None] * (ends[1] - ends[0])
    places = places[_inside(piece, places)]
    return float((_run(piece, places, way) + _run(piece, places, -way)).max()) if len(places) else 0.0


def _run(piece: np.ndarray, places: np.ndarray, way: np.ndarray) -> np.ndarray:
    """How far one can go from each place before leaving the piece, exact at voxels' edges."""
    times = [np.zeros((len(places), 1))]
    for axis in range(2):
        if abs(way[axis]) > 1e-12:
            edges = np.arange(piece.shape[axis] + 1) - 0.5
            times.append(np.maximum((edges[None] - places[:, axis : axis + 1]) / way[axis], 0))
    at = np.sort(np.concatenate(times, axis=1), axis=1)
    middles = places[:, None] + ((at[:, 1:] + at[:, :-1]) / 2)[..., None] * way
    middles = np.clip(middles, 0, np.array(piece.shape) - 1)
    # a stretch of no length lies on an edge and ends nothing
    left = ~_inside(piece, middles.reshape(-1, 2)).reshape(middles.shape[:2]) & (np.diff(at, axis=1) > 1e-9)
    ended = np.where(left.any(axis=1), left.argmax(axis=1), at.shape[1] - 1)
    return at[np.arange(len(places)), ended]
