"""What a scanner makes of a synthetic head: contrasts, bias field, slices with partial volume, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import affine_transform

from ..domain import PLANES, Affine, Float32Array, Float32Volume, ImageVolume, apply_affine
from ..terms import Sequence
from .heads_anatomy import Tissue, smooth_field
from .heads_tumour import GrownTumour

__all__ = ["AcquiredSeries", "SeriesPlan", "acquired", "contrast"]

# Brightness in hundredths of T1's white matter: CSF, grey, white, necrosis, enhancing rim, oedema. T1 without contrast
# follows the template; the rest are ratios as read off clinical images at 3 tesla.
_LEVELS = {
    Sequence.T1: (30, 74, 100, 48, 72, 72),
    Sequence.T1C: (31, 79, 103, 50, 160, 74),
    Sequence.T2: (215, 112, 84, 190, 135, 172),
    Sequence.FLAIR: (26, 100, 84, 92, 142, 165),
}


@dataclass(frozen=True)
class SeriesPlan:
    """One series to acquire.

    Attributes
    ----------
    sequence : Sequence
        T1, T1c, T2 or FLAIR.
    plane : str
        'axial', 'coronal' or 'sagittal'.
    in_plane_mm, slice_mm : float
        Pixel spacing, and distance of contiguous slices.
    tilt_degrees : float
        About the left-right axis, as technicians tilt axial slices.
    noise : float
        Standard deviation in hundredths of T1's white matter.
    """

    sequence: Sequence
    plane: str = "axial"
    in_plane_mm: float = 0.9
    slice_mm: float = 3.0
    tilt_degrees: float = 0.0
    noise: float = 2.5


@dataclass(frozen=True, eq=False)
class AcquiredSeries:
    """One series as acquired.

    Attributes
    ----------
    plan : SeriesPlan
    array : (i, j, k) int16
        0 outside the brain, at least 1 inside; i to the left, j back, k up, but for the tilt.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.
    """

    plan: SeriesPlan
    array: ImageVolume
    affine: Affine


def contrast(tissue: Tissue, tumour: GrownTumour | None, sequence: Sequence, seed: int) -> Float32Volume:
    """Noise-free image of a head at 1 mm with its bias field, white matter of T1 at 100, (i, j, k)."""
    number = list(_LEVELS).index(sequence)
    rng = np.random.default_rng([seed, 3, number])
    levels = np.array(_LEVELS[sequence]) * np.exp(rng.normal(0, 0.03, 6))
    texture = 1 + 0.02 * smooth_field(np.random.default_rng([seed, 4]), tissue.csf.shape, 4.0)
    image = levels[0] * tissue.csf + (levels[1] * tissue.grey + levels[2] * tissue.white) * texture
    if tumour is not None:
        mottle = smooth_field(np.random.default_rng([seed, 5]), tissue.csf.shape, 6.0)
        healthy = 1 - tumour.necrosis - tumour.rim - tumour.oedema
        oedema = 0.75 * levels[5] + 0.25 * image + 3 * mottle * (levels[5] > 100)
        oedema = np.where(tissue.csf > 0.5, image, oedema)
        image = (
            healthy * image
            + tumour.oedema * oedema
            + tumour.necrosis * levels[3] * (1 + 0.08 * mottle)
            + tumour.rim * levels[4] * (1 + 0.10 * mottle)
        )
    bias = np.exp(0.05 * smooth_field(rng, tissue.csf.shape, 150.0))
    return np.where(tissue.brain, image * bias, 0).astype(np.float32)


def acquired(image: Float32Volume, tissue: Tissue, plan: SeriesPlan, seed: int) -> AcquiredSeries:
    """Cut a 1 mm image into a series: thick slices averaged, Rician noise, skull-stripped, int16."""
    turn = _tilted(tissue, plan.tilt_degrees)
    inside = np.argwhere(_turned(tissue.brain, turn) > 0.5)
    low, high = inside.min(axis=0) - 8.0, inside.max(axis=0) + 8.0
    spacing = [plan.in_plane_mm] * 3
    spacing[PLANES.index(plan.plane)] = plan.slice_mm
    counts = [int(np.ceil((b - a) / step)) for a, b, step in zip(low, high, spacing, strict=True)]
    weights = [
        _averaging(a, step, count, size) for a, step, count, size in zip(low, spacing, counts, image.shape, strict=True)
    ]
    pixels, share = (_cut(_turned(volume, turn), weights) for volume in (image, tissue.brain))
    rng = np.random.default_rng([seed, 6, list(_LEVELS).index(plan.sequence)])
    real, imaginary = (plan.noise * rng.standard_normal(pixels.shape, dtype=np.float32) for _ in range(2))
    pixels = np.hypot(pixels / np.maximum(share, 0.5) + real, imaginary)
    stored = np.where(share > 0.5, np.clip(np.round(6 * pixels), 1, 4095), 0).astype(np.int16)
    affine = tissue.affine @ turn
    affine[:3, 3] = apply_affine(affine, low)
    affine[:3, :3] *= spacing
    return AcquiredSeries(plan, stored, affine)


def _tilted(tissue: Tissue, degrees: float) -> Affine:
    """From indices of a 1 mm grid turned about the head's left-right axis to indices of the head's own grid."""
    angle, turn = np.deg2rad(degrees), np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    middle = (np.array(tissue.csf.shape) - 1) / 2
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    return turn


def _turned(volume: ImageVolume, turn: Affine) -> Float32Volume:
    """A volume on the turned grid, linear."""
    if np.array_equal(turn, np.eye(4)):
        return volume.astype(np.float32)
    return affine_transform(volume.astype(np.float32), turn[:3, :3], turn[:3, 3], order=1, prefilter=False)


def _averaging(first: float, step: float, count: int, size: int) -> Float32Array:
    """Weights (count, size) of a line of 1 mm voxels in voxels of `step` millimetres whose first centre is `first`."""
    parts = max(1, round(2 * step))
    offsets = (np.arange(parts) + 0.5) / parts - 0.5
    places = first + step * (np.arange(count)[:, None] + (offsets if step > 1 else np.zeros(1))[None, :])
    weights = np.clip(1 - np.abs(places[:, :, None] - np.arange(size)), 0, None).mean(axis=1)
    return np.asarray(weights, dtype=np.float32)


def _cut(volume: Float32Volume, weights: list[Float32Array]) -> Float32Volume:
    """Apply the weights of each axis in turn."""
    for axis, matrix in enumerate(weights):
        volume = np.moveaxis(np.tensordot(matrix, volume, axes=(1, axis)), 0, axis)
    return volume
