"""Whether the series of a study lie in one space: by frame of reference, and by overlap of their fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..domain import Volume, apply_affine

__all__ = ["apart_from", "overlap"]

_POINTS = 17


def overlap(one: Volume, other: Volume) -> bool:
    """Whether the fields of two series have a point in common by their affines, oblique ones too.

    Looked at on 17 x 17 x 17 points of each; two fields that only touch at a corner may pass for apart.
    """
    return _reaches(one, other) or _reaches(other, one)


def _reaches(one: Volume, other: Volume) -> bool:
    grid = np.meshgrid(*(np.linspace(-0.5, n - 0.5, _POINTS) for n in one.shape), indexing="ij")
    points = apply_affine(one.affine, np.stack(grid, axis=-1).reshape(-1, 3))
    index = apply_affine(np.linalg.inv(other.affine), points)
    return bool(((index > -0.5) & (index < np.array(other.shape) - 0.5)).all(axis=1).any())


def apart_from(grid: Volume, volumes: Sequence[Volume]) -> tuple[tuple[Volume, ...], tuple[Volume, ...]]:
    """The volumes that lie in another frame of reference than `grid`, and those in the same one without overlap."""
    elsewhere = tuple(volume for volume in volumes if volume.frame != grid.frame)
    beyond = tuple(volume for volume in volumes if volume.frame == grid.frame and not overlap(volume, grid))
    return elsewhere, beyond
