"""An image through a network in one piece or in overlapping tiles."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from ..domain import Float32Array, ProbabilityMaps

__all__ = ["in_tiles", "tile_starts"]

Progress = Callable[[int, int, str], None]


def in_tiles(
    network: Callable[[Float32Array], ProbabilityMaps],
    image: Float32Array,
    tile: int,
    overlap: float,
    multiple: int,
    on_progress: Progress | None = None,
) -> ProbabilityMaps:
    """Run a network over an image and give its maps on the same grid.

    Parameters
    ----------
    network : function
        From (sequence, i, j, k) to (region, i, j, k), each axis a multiple of `multiple`.
    image : (sequence, i, j, k) float32
        Padded with 0 at the end of each axis to a multiple, and in tiles at least to one tile.
    tile : int
        Edge of the tiles in voxels, a multiple of `multiple`; 0: in one piece.
    overlap : float
        Share of a tile that the next one covers again.

    Returns
    -------
    (region, i, j, k) float32
        Where tiles overlap, their mean weighted by a Gaussian about each tile's middle (an eighth of the tile wide),
        since a network knows least at a tile's edge (Isensee et al. 2021, doi:10.1038/s41592-020-01008-z).
    """
    shape = image.shape[1:]
    padded = [max(tile, -(-n // multiple) * multiple) for n in shape]
    if padded != list(shape):
        image = np.pad(image, [(0, 0), *((0, p - n) for p, n in zip(padded, shape, strict=True))])
    here = (slice(None), *(slice(0, n) for n in shape))
    if not tile:
        if on_progress:
            on_progress(0, 1, "Segmenting")
        maps = network(image)
        if on_progress:
            on_progress(1, 1, "Segmenting")
        return maps[here]
    corners = list(itertools.product(*(tile_starts(n, tile, overlap) for n in padded)))
    weight = _gaussian(tile)
    total: Float32Array | None = None
    weights = np.zeros(padded, dtype=np.float32)
    for number, corner in enumerate(corners):
        if on_progress:
            on_progress(number, len(corners), "Segmenting in tiles")
        place = tuple(slice(c, c + tile) for c in corner)
        found = network(image[(slice(None), *place)])
        if total is None:
            total = np.zeros((len(found), *padded), dtype=np.float32)
        total[(slice(None), *place)] += found * weight
        weights[place] += weight
    if on_progress:
        on_progress(len(corners), len(corners), "Segmenting in tiles")
    assert total is not None
    return (total / weights)[here]


def tile_starts(length: int, tile: int, overlap: float) -> list[int]:
    """First voxel of each tile along an axis: evenly laid, the last one ends where the axis ends.

    >>> tile_starts(100, 64, 0.5)
    [0, 18, 36]
    >>> tile_starts(64, 64, 0.5)
    [0]
    """
    step = max(1, round(tile * (1 - overlap)))
    count = max(1, -(-(length - tile) // step) + 1)
    return [round(n * (length - tile) / max(1, count - 1)) for n in range(count)]


def _gaussian(tile: int) -> Float32Array:
    along = np.exp(-0.5 * ((np.arange(tile) - (tile - 1) / 2) / (tile / 8)) ** 2)
    return np.einsum("i,j,k->ijk", along, along, along).astype(np.float32).clip(1e-4)
