"""A head with structure enough to be registered: outline, skull, ventricles and a few things on one side only."""

from __future__ import annotations

import numpy as np

from dashboard.domain import Volume
from dashboard.files import array_digest
from dashboard.terms import Sequence
from tests.builders.mri_grids import centred_affine, places

__all__ = ["a_head_volume", "a_rigid_motion"]

_PARTS = (
    # radii, centre, brightness as T1, as T2
    ((78, 98, 88), (0, 0, 0), 900, 500),  # scalp
    ((72, 92, 82), (0, 0, 0), 60, 60),  # skull
    ((68, 88, 78), (0, 2, 2), 420, 620),  # brain
    ((10, 28, 12), (12, -5, 10), 120, 1000),  # ventricles
    ((10, 28, 12), (-12, -5, 10), 120, 1000),
    ((14, 10, 12), (35, -25, 25), 560, 900),  # what one side has alone
    ((8, 14, 8), (-40, 30, -15), 300, 800),
    ((6, 6, 20), (-25, -50, 20), 640, 350),
    ((10, 10, 10), (0, 60, -35), 520, 420),
    ((40, 22, 18), (0, 55, -50), 470, 560),  # cerebellum
)


def a_head_volume(
    weighting: str = "t1",
    *,
    shape: tuple[int, int, int] = (80, 96, 80),
    spacing: tuple[float, float, float] = (2.5, 2.5, 2.5),
    affine: np.ndarray | None = None,
    motion: np.ndarray | None = None,
    sequence: Sequence | None = None,
    frame: str = "one",
    seed: int = 0,
) -> Volume:
    """The head on a grid; `motion` (LPS) is where the head went before the picture was taken."""
    affine = centred_affine(shape, spacing) if affine is None else affine
    points = places(shape, affine)
    if motion is not None:
        back = np.linalg.inv(motion)
        points = points @ back[:3, :3].T + back[:3, 3]
    image = np.zeros(shape)
    for radii, centre, t1, t2 in _PARTS:
        share = _share(points, radii, centre, float(np.mean(np.linalg.norm(affine[:3, :3], axis=0))))
        image += share * ((t1 if weighting == "t1" else t2) - image)
    image += np.abs(np.random.default_rng(seed).normal(0, 12, shape))
    array = image.astype(np.int16)
    named = sequence or (Sequence.T1C if weighting == "t1" else Sequence.FLAIR)
    return Volume(array, affine, array_digest(array, affine), named, description=weighting, frame=frame)


def _share(points: np.ndarray, radii: tuple, centre: tuple, voxel_mm: float) -> np.ndarray:
    """Share of each voxel that an ellipsoid fills, nearly: as a scanner sees edges."""
    away = np.linalg.norm((points - np.array(centre)) / np.array(radii), axis=-1)
    depth = (
        (1 - away) * away / np.maximum(np.linalg.norm((points - np.array(centre)) / np.square(radii), axis=-1), 1e-9)
    )
    return np.where(away < 0.5, 1, np.clip(depth / voxel_mm + 0.5, 0, 1))


def a_rigid_motion(angles_deg: tuple[float, float, float], shift_mm: tuple[float, float, float]) -> np.ndarray:
    """A turn about x, then y, then z through the origin, and a shift."""
    x, y, z = np.deg2rad(angles_deg)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    motion = np.eye(4)
    motion[:3, :3] = about_z @ about_y @ about_x
    motion[:3, 3] = shift_mm
    return motion
