"""A demonstration in which two models have marked the left-sided head: the newer one with probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dashboard.domain import ModelIdentity, Prediction, Region
from dashboard.files import array_digest
from dashboard.imaging import lesions
from dashboard.workspace.predictions import PredictionStore
from tests.browser.site import AFFINE, SHAPE, Site, a_demonstration

__all__ = ["a_site_of_two_models", "ball", "distance_from", "voxels_above"]

BALL = (34.0, -20.0, 12.0)
"""Middle of the lesion, LPS millimetres, as `site.a_head` has it."""
SOFT_MM = 3.0


def distance_from(point: tuple[float, float, float] = BALL) -> np.ndarray:
    """(i, j, k) millimetres of each voxel from a point."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    return np.sqrt((((index @ AFFINE[:3, :3].T + AFFINE[:3, 3]) - point) ** 2).sum(axis=-1))


def ball(radius: float) -> np.ndarray:
    """(i, j, k) float32 probabilities of a soft ball: 0.5 at its radius."""
    return (1 / (1 + np.exp((distance_from() - radius) / SOFT_MM))).astype(np.float32)


def voxels_above(threshold: float, radius: float) -> int:
    """How many voxels of a soft ball lie at or above a threshold, both in the 255 steps in which they are kept."""
    return int((np.round(ball(radius) * 255) >= np.floor(threshold * 255 + 0.5)).sum())


def a_site_of_two_models(root: Path, *, settings: str = "") -> Site:
    """The demonstration, with a newer result on the left-sided head that has probabilities: balls of 19 and 10 mm."""
    site = a_demonstration(root, settings=settings)
    workspace = site.workspace
    study = workspace.study(site.left)
    store = PredictionStore(workspace.predictions_folder)
    grid = study.volume(store.of(study.id)[0].grid)
    probability = np.stack([ball(19.0), ball(10.0)])
    regions = (Region("whole_tumour", 0), Region("enhancing_tumour", 1, threshold=0.4))
    bits = ((probability[0] >= 0.5) | ((probability[1] >= 0.4) << 1)).astype(np.uint8)
    findings, lesion_map = lesions(bits, regions, grid.affine, probability)
    store.put(
        Prediction(
            digest="", study=study.id, model=ModelIdentity("soft-finder", "2.0", "d" * 64, "Soft finder"),
            input_digest=study.input_digest, kind="masks", settings={}, findings=findings, regions=regions,
            grid=grid.digest, mask_digest=array_digest(bits, grid.affine), made_at="2099-01-01T00:00:00.000Z",
        ),
        bits=bits, lesion_map=lesion_map, probability=probability,
    )  # fmt: skip
    return site
