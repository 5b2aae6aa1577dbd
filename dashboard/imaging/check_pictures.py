"""Pictures by which a person checks a computed step: a registration as a checkerboard, a brain mask as an outline."""

from __future__ import annotations

import numpy as np

from ..domain import Affine, BoolVolume, Volume, apply_affine
from .midline import head_mask
from .thumbnails import png_bytes

__all__ = ["brain_picture", "registration_picture"]

_FIELD_MM = 240.0
_PIXELS = 240
_TILE_PIXELS = 30
_SLICES_MM = (-20.0, 0.0, 20.0)
_GAP = 6
_TINT = np.array((1.0, 0.72, 0.42))
_OUTLINE = (86, 180, 233)
# which LPS axis runs to the right and down on screen, with its sign: the patient's right on screen left
_VIEWS = (((0, 1), (1, 1)), ((0, 1), (2, -1)), ((1, 1), (2, -1)))


def registration_picture(fixed: Volume, moving: Volume, matrix: Affine) -> bytes:
    """A PNG of the two series: in one checkerboard by their files' own positions, in one as registered; then each alone.

    Axial, coronal and sagittal through the middle of the fixed series' head, the patient's right on screen left.
    Fields of the fixed series are grey, those of the moving one tinted: where a contour runs on from field to field
    both lie in line. The last two rows are the fixed series and, on the same planes, the moving one as registered.
    """
    middle = _middle(fixed)
    levels = {id(volume): _levels(volume) for volume in (fixed, moving)}
    rows, alone = [], []
    for place in (np.eye(4), np.asarray(matrix, np.float64)):
        row, alone = [], []
        for view in _VIEWS:
            points = _points(middle, *view)
            own = _grey(fixed, points, levels[id(fixed)])[..., None] * np.ones(3)
            other = _grey(moving, apply_affine(np.linalg.inv(place), points), levels[id(moving)])[..., None] * _TINT
            tile = np.add.outer(np.arange(_PIXELS) // _TILE_PIXELS, np.arange(_PIXELS) // _TILE_PIXELS) % 2 == 1
            row.append(np.where(tile[..., None], other, own))
            alone.append((own, other))
        rows.append(row)
    rows += [[own for own, _ in alone], [other for _, other in alone]]
    return png_bytes(_laid_out(rows))


def brain_picture(volume: Volume, brain: BoolVolume) -> bytes:
    """A PNG of a series with the outline of its brain mask: three axial, three coronal and three sagittal planes."""
    from scipy.ndimage import binary_erosion

    inside = np.argwhere(brain)
    middle = apply_affine(volume.affine, inside.mean(axis=0)) if len(inside) else _middle(volume)
    levels, rows = _levels(volume), []
    for number, view in enumerate(_VIEWS):
        row = []
        through = np.eye(3)[(2, 1, 0)[number]]
        for away in _SLICES_MM:
            points = _points(middle + away * 1.5 * through, *view)
            picture = _grey(volume, points, levels)[..., None] * np.ones(3)
            mask = _sampled(np.asarray(brain, np.uint8), volume.affine, points, order=0) > 0
            picture[mask & ~binary_erosion(mask, iterations=1)] = _OUTLINE
            row.append(picture)
        rows.append(row)
    return png_bytes(_laid_out(rows))


def _laid_out(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Panels side by side and below each other, with a dark gap between."""
    lines = []
    for row in rows:
        padded = [np.pad(panel, ((0, _GAP), (0, _GAP), (0, 0))) for panel in row]
        lines.append(np.concatenate(padded, axis=1))
    return np.clip(np.concatenate(lines), 0, 255).astype(np.uint8)


def _middle(volume: Volume) -> np.ndarray:
    head = np.argwhere(head_mask(volume.array))
    return apply_affine(volume.affine, head.mean(axis=0) if len(head) else (np.array(volume.shape) - 1) / 2)


def _points(middle: np.ndarray, right: tuple[int, int], down: tuple[int, int]) -> np.ndarray:
    """LPS millimetres of every pixel of a plane through `middle`."""
    steps = ((np.arange(_PIXELS) + 0.5) / _PIXELS - 0.5) * _FIELD_MM
    points = np.tile(np.asarray(middle, np.float64), (_PIXELS, _PIXELS, 1))
    points[..., right[0]] += right[1] * steps[None, :]
    points[..., down[0]] += down[1] * steps[:, None]
    return points


def _sampled(array: np.ndarray, affine: Affine, points: np.ndarray, order: int) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    index = apply_affine(np.linalg.inv(np.asarray(affine, np.float64)), points)
    return map_coordinates(array, index.reshape(-1, 3).T, order=order, mode="grid-constant").reshape(points.shape[:2])


def _levels(volume: Volume) -> tuple[float, float]:
    values = np.asarray(volume.array[::3, ::3, ::2], np.float32)
    bright = values[values > values.mean()] if values.size else values
    return (float(min(values.min(), 0)), float(np.percentile(bright, 98)) if bright.size else 1.0)


def _grey(volume: Volume, points: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    low, high = levels
    values = _sampled(np.asarray(volume.array, np.float32), volume.affine, points, order=1)
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
