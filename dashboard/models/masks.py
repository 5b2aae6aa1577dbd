"""Probabilities into masks: threshold, hierarchy, clean-up, as the manifest says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from ..domain import BitmaskVolume, BoolVolume, ProbabilityMaps
from .manifest import Manifest
from .tensors import MaskOutput

__all__ = ["mask_bits"]


def mask_bits(
    manifest: Manifest, probability: ProbabilityMaps, evaluated: Sequence[bool], spacing_mm: Sequence[float]
) -> BitmaskVolume:
    """Make the bitmask of a segmentation's regions, bit by bit in the manifest's order.

    Parameters
    ----------
    probability : (region, i, j, k) float32
        0 to 1, on any grid.
    evaluated : sequence of bool
        A region that was not evaluated has no voxel, whatever its probability.
    spacing_mm : three floats
        Of that grid.

    Returns
    -------
    (i, j, k) uint8
        Each region thresholded (at or above), its holes filled, its pieces below `min_component_ml` taken out (faces,
        edges and corners connect), and then cut to the region before it in `hierarchy` where that one was evaluated.
    """
    output = manifest.output
    assert isinstance(output, MaskOutput)
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    masks = {}
    for region, maps, known in zip(output.regions, probability, evaluated, strict=True):
        if known:
            masks[region.name] = _cleaned(maps >= region.threshold, output, voxel_ml)
    outer: BoolVolume | None = None
    for name in output.hierarchy:
        if name in masks:
            if outer is not None:
                masks[name] &= outer
            outer = masks[name]
    bits = np.zeros(probability.shape[1:], dtype=np.uint8)
    for number, region in enumerate(output.regions):
        if region.name in masks:
            bits |= masks[region.name].astype(np.uint8) << np.uint8(number)
    return bits


def _cleaned(mask: BoolVolume, output: MaskOutput, voxel_ml: float) -> BoolVolume:
    if output.fill_holes:
        mask = ndimage.binary_fill_holes(mask)
    if output.min_component_ml > 0 and mask.any():
        pieces, _ = ndimage.label(mask, structure=np.ones((3, 3, 3)))
        keep = np.bincount(pieces.ravel()) * voxel_ml >= output.min_component_ml
        keep[0] = False
        mask = keep[pieces]
    return mask
