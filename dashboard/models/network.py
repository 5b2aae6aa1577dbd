"""A segmentation network as one function: image in, probability of each region out."""

from __future__ import annotations

import itertools

import numpy as np

from ..domain import Float32Array, ProbabilityMaps
from ..errors import EngineFailed
from .engines import Engine
from .manifest import Manifest
from .tensors import MaskOutput, VolumeInput

__all__ = ["SegmentationNetwork"]

_LAYOUT = "ncijk"


class SegmentationNetwork:
    """The model's network and its ensemble's, in the manifest's layout and type, averaged over mirrored views."""

    def __init__(self, manifest: Manifest, engines: tuple[Engine, ...]) -> None:
        assert isinstance(manifest.input, VolumeInput) and isinstance(manifest.output, MaskOutput)
        self.output = manifest.output
        self._input = manifest.input
        self._title = manifest.title
        self._engines = engines
        axes = [1 + "ijk".index(axis) for axis in manifest.mirror_axes]
        self._flips = [flip for n in range(len(axes) + 1) for flip in itertools.combinations(axes, n)]

    def probability(self, image: Float32Array) -> ProbabilityMaps:
        """Probability of each region in one image (sequence, i, j, k), 0 to 1, as (region, i, j, k).

        Raises
        ------
        EngineFailed
            The network fails, or gives another shape, or numbers that are not finite.
        """
        total = np.zeros((len(self.output.regions), *image.shape[1:]), dtype=np.float32)
        for engine, flip in itertools.product(self._engines, self._flips):
            total += np.flip(self._once(engine, np.flip(image, flip)), flip)
        total /= len(self._engines) * len(self._flips)
        return np.clip(total, 0.0, 1.0, out=total)

    def _once(self, engine: Engine, image: Float32Array) -> Float32Array:
        order = [_LAYOUT.index(axis) for axis in self._input.layout]
        array = np.ascontiguousarray(image[None].transpose(order), dtype=self._input.dtype)
        (found,) = engine.run(self._input.tensor, array, (self.output.tensor,))
        if found.ndim != 5:
            raise self._strange("its output has not five axes")
        maps = found.transpose([self._input.layout.index(axis) for axis in _LAYOUT])[0]
        if self.output.kind == "softmax_labels":
            maps = self._of_labels(maps)
        if maps.shape != (len(self.output.regions), *image.shape[1:]):
            raise self._strange("its output has another shape than the manifest says")
        if not np.isfinite(maps).all():
            raise self._strange("its output holds numbers that are not finite")
        return maps

    def _of_labels(self, maps: Float32Array) -> Float32Array:
        """The sum of its labels' probabilities for each region."""
        if max(label for region in self.output.regions for label in region.labels) >= len(maps):
            raise self._strange("its output has fewer labels than the manifest says")
        return np.stack([maps[list(region.labels)].sum(axis=0) for region in self.output.regions])

    def _strange(self, why: str) -> EngineFailed:
        return EngineFailed(
            f"{self._title} was not run.",
            f"The network does not fit its manifest: {why}.",
            "Run `overread models check`.",
        )
