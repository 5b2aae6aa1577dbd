"""Tissue of a synthetic head: the MNI152 maps bent into an anatomy of its own, at 1 mm, skull-stripped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import binary_erosion, binary_opening, map_coordinates

from ..domain import Affine, BoolVolume, Float32Array, Float32Volume
from ..errors import MissingExtra

__all__ = ["Tissue", "bent_tissue", "smooth_field"]

_CSF_LEVEL, _SOLID_LEVEL = 0.30, 0.60
"""Of the template's T1: cerebrospinal fluid and the darkest grey matter; between them both share a voxel."""


@dataclass(frozen=True, eq=False)
class Tissue:
    """Shares of tissue of each voxel of a head.

    Attributes
    ----------
    csf, grey, white : (i, j, k) float32
        Shares, 0 to 1, that add up to 1 inside the brain and to 0 outside; i to the left, j back, k up, 1 mm.
    brain : (i, j, k) bool
        Inside of the skull-stripping's edge.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.
    """

    csf: Float32Volume
    grey: Float32Volume
    white: Float32Volume
    brain: BoolVolume
    affine: Affine

    def voxel_of(self, lps: tuple[float, float, float]) -> Float32Array:
        """Voxel index (3,) of a point in LPS millimetres."""
        return (np.asarray(lps) - self.affine[:3, 3]).astype(np.float32)


@lru_cache(maxsize=1)
def _template() -> tuple[Float32Volume, Float32Volume, BoolVolume, Affine]:
    """T1, the white share of solid tissue, and the brain, of the MNI152 template in LPS order at 1 mm.

    nilearn carries the maps in its package (Fonov et al. 2009, doi:10.1016/S1053-8119(09)70884-5): no download.
    """
    try:
        from nilearn.datasets import load_mni152_gm_template, load_mni152_template, load_mni152_wm_template
    except ImportError as exc:
        raise MissingExtra(
            "The synthetic heads were not made.",
            "The package nilearn, which carries the MNI152 maps, is not installed.",
            'Run `python -m pip install "overread[demo]"`.',
        ) from exc
    images = [load(resolution=1) for load in (load_mni152_template, load_mni152_gm_template, load_mni152_wm_template)]
    maps = [np.asarray(image.dataobj, dtype=np.float32)[::-1, ::-1] for image in images]
    far = images[0].affine[:3, 3] + np.array(images[0].shape) - 1
    affine = np.eye(4)
    affine[:3, 3] = (-far[0], -far[1], images[0].affine[2, 3])
    brain = binary_opening(binary_erosion(maps[0] > 0.15, iterations=2), iterations=2)
    inside = np.argwhere(brain)
    low, high = inside.min(axis=0) - 6, inside.max(axis=0) + 7
    cut = tuple(slice(max(0, a), b) for a, b in zip(low, high, strict=True))
    affine[:3, 3] += np.maximum(low, 0)
    t1, grey, white = (volume[cut] for volume in maps)
    share = 1 / (1 + np.exp(-8 * (white / np.maximum(white + grey, 1e-3) - 0.5)))
    return t1, share.astype(np.float32), brain[cut], affine


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, ...], scale_mm: float, voxel_mm: float = 1.0
) -> Float32Volume:
    """Smooth noise of unit standard deviation with bumps of about `scale_mm`, over a grid of that shape."""
    step = max(1.0, scale_mm / voxel_mm / 2.5)
    counts = [int(np.ceil(n / step)) + 4 for n in shape]
    field = rng.standard_normal(counts, dtype=np.float32)
    for axis, (size, count) in enumerate(zip(shape, counts, strict=True)):
        place = (np.arange(size)[:, None] / step - (np.arange(count)[None, :] - 1.5)) / 0.8
        bumps = np.exp(-0.5 * np.square(place)).astype(np.float32)
        bumps /= np.sqrt(np.square(bumps).sum(axis=1, keepdims=True))
        field = np.moveaxis(np.tensordot(bumps, field, axes=(1, axis)), 0, axis)
    return field


def bent_tissue(
    seed: int, *, atrophy: float = 0.0, push_lps: tuple[float, float, float] | None = None, push_mm: float = 0.0
) -> Tissue:
    """Bend the template into another head, deterministic by its seed.

    Parameters
    ----------
    seed : int
        Of size, asymmetry and a smooth deformation of a few millimetres.
    atrophy : float
        0: as in the young template; 1: wide sulci and ventricles.
    push_lps, push_mm : centre and radius in millimetres
        Of a mass: tissue about the centre is moved outward, as a tumour's bulk does.

    Raises
    ------
    MissingExtra
        nilearn is not installed.
    """
    t1, share, brain, affine = _template()
    rng = np.random.default_rng([seed, 1])
    shape = t1.shape
    middle = (np.array(shape) - 1) / 2
    scale = rng.uniform(0.96, 1.05) * rng.uniform(0.98, 1.02, 3)
    grid = np.indices(shape, dtype=np.float32)
    if push_lps is not None and push_mm > 0:
        centre = (np.asarray(push_lps) - affine[:3, 3]).astype(np.float32)[:, None, None, None]
        reach = np.square(grid - centre).sum(axis=0) / (2.2 * push_mm) ** 2
        grid += (centre - grid) * (0.35 * np.exp(-reach))[None]
    for axis in range(3):
        bend = 1.5 * smooth_field(rng, shape, 70.0) + 0.6 * smooth_field(rng, shape, 25.0)
        grid[axis] = middle[axis] + (grid[axis] - middle[axis]) / scale[axis] + bend
    t1, share, inside = (
        map_coordinates(v, grid, order=1, prefilter=False) for v in (t1, share, brain.astype(np.float32))
    )
    brain = inside > 0.5
    solid_level = _SOLID_LEVEL - 0.02 + 0.05 * atrophy
    csf = np.clip((solid_level - t1) / (solid_level - _CSF_LEVEL), 0, 1)
    white = (1 - csf) * share
    csf, white = (np.where(brain, v, 0).astype(np.float32) for v in (csf, white))
    return Tissue(csf, np.where(brain, 1 - csf - white, 0).astype(np.float32), white, brain, affine)
