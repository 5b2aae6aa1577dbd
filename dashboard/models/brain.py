"""Where the brain is in a head with skull, by the networks of deepbet 1.0.2 (MIT), exported to ONNX."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..domain import BoolVolume, Float32Array
from .engines import checked_bytes, default_threads, open_engine
from .registry import shipped_folder

__all__ = ["BRAIN_MASK_METHOD", "brain_of_head"]

BRAIN_MASK_METHOD = "deepbet 1.0.2 (doi:10.1016/j.compbiomed.2024.108845), weights in half precision, ONNX Runtime"
_TITLE = "The brain mask"
_WHERE = ("where.onnx", "aead5c2fad78eb20be0482953404e88d8285363c81496bc7b5aab3e4d8da9dbc", 128)
_BRAIN = ("brain.onnx", "edd11bdfb7cb1aaaf27302e513eba18d2c7a8f09f7faad7c9e97a124a6f67bac", 256)
_MARGIN = 0.1
_FILLED = 0.02


def brain_of_head(image: Float32Array, threads: int | None = None) -> BoolVolume:
    """The brain in an image of a head; all False where none is found.

    Parameters
    ----------
    image : (i, j, k) float32
        Indices grow to the patient's right, front and top; any spacing.

    Returns
    -------
    (i, j, k) bool
        One piece without holes.

    Notes
    -----
    As deepbet does it: a first network finds the box around the brain in the head brought to 128 voxels a side, a
    second one the brain in that box brought to 256 a side, by nearest neighbour; both see grey values from the 0.5th to
    the 99.5th percentile. Made for T1-weighted images of healthy adults.
    """
    found = np.zeros(image.shape, dtype=bool)
    small = _sized(np.nan_to_num(image), (_WHERE[2],) * 3)
    low, high = (float(x) for x in np.quantile(small, (0.005, 0.995)))
    if not high > low:
        return found
    rough = _largest(_probability(_WHERE, small, low, high, threads) > 0.5)
    box = _box(rough, image.shape)
    if box is None:
        return found
    inner = image[box]
    fine = _probability(_BRAIN, _sized(np.nan_to_num(inner), (_BRAIN[2],) * 3), low, high, threads)
    brain = _largest(_sized(fine, inner.shape) > 0.5)
    found[box] = ndimage.binary_fill_holes(brain)
    return found


def _probability(
    which: tuple[str, str, int], image: Float32Array, low: float, high: float, threads: int | None
) -> Float32Array:
    file, digest, _ = which
    data = checked_bytes(shipped_folder() / "brain-mask", file, digest, _TITLE)
    engine = open_engine(data, _TITLE, device="cpu", threads=threads or default_threads())
    grey = np.clip((image - low) / (high - low), 0, 1)
    grey = 0.226 * (grey - grey.mean()) / max(float(grey.std(ddof=1)), 1e-6) + 0.449
    (answer,) = engine.run("image", grey[None, None].astype(np.float32), ("mask",))
    return answer[0, 1]


def _sized(image: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    """The image with so many voxels, each the one at its centre."""
    index = [
        np.minimum(((np.arange(n) + 0.5) * m / n).astype(int), m - 1) for n, m in zip(shape, image.shape, strict=True)
    ]
    return np.ascontiguousarray(image[np.ix_(*index)], dtype=np.float32)


def _largest(mask: BoolVolume) -> BoolVolume:
    pieces, count = ndimage.label(mask)
    return pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:])) if count else mask


def _box(rough: BoolVolume, shape: tuple[int, ...]) -> tuple[slice, slice, slice] | None:
    """Around the brain with a tenth of its size to spare on each side."""
    spans = []
    for axis in range(3):
        filled = np.flatnonzero(rough.mean(axis=tuple(a for a in range(3) if a != axis)) > _FILLED)
        if len(filled) == 0:
            return None
        scale = shape[axis] / rough.shape[axis]
        centre = (int(filled[-1]) + 1 + int(filled[0])) / 2 * scale
        half = (int(filled[-1]) + 1 - int(filled[0])) * scale * (0.5 + _MARGIN)
        spans.append(slice(max(0, int(centre - half)), min(shape[axis], int(np.ceil(centre + half)))))
    return (spans[0], spans[1], spans[2])
