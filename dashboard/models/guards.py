"""Measures of an input that say whether a model was made for it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..domain import BoolVolume, Float32Array
from ..errors import GuardFailed, InputGuard, NotSkullStripped, TooFewChannels
from .manifest import Guard, Manifest

__all__ = ["air_around_brain", "apply_guards"]

_COARSE_MM = 2.0
_EROSION_MM = 9.0
"""Deep enough to part brain from scalp where skull lies between: with 6 mm one head stayed in one piece."""
_SHELL_MM = (3.0, 12.0)
_ERRORS: dict[str, type[InputGuard]] = {
    "not_skull_stripped": NotSkullStripped,
    "too_few_channels": TooFewChannels,
    "guard_failed": GuardFailed,
}
_WORDS = {
    "not_skull_stripped": (
        "The share of air around the brain is {value:.2f}, the model needs {limit:g}: skull and scalp are there.",
        "Offer it the brain alone: `overread strip STUDY` computes a mask for you to look at; or read without this model.",
    ),
    "too_few_channels": (
        "The recording gives {value:g} usable rows of the montage, the model needs {limit:g}.",
        "Check the channel labels, or read the recording without this model.",
    ),
    "guard_failed": (
        "Its {measure} is {value:.3g}, the model needs {limit:g}.",
        "Read the study without this model.",
    ),
}


def apply_guards(manifest: Manifest, measures: dict[str, float]) -> tuple[str, ...]:
    """Hold measures of the input against the manifest's guards; give the warnings.

    Raises
    ------
    InputGuard
        A measure lies below the limit of a guard that refuses.
    """
    warnings = []
    for guard in manifest.guard:
        value = measures[guard.measure]
        if value >= guard.limit:
            continue
        why, what_to_do = _sentences(guard, value)
        if guard.action == "refuse":
            raise _ERRORS[guard.code](f"{manifest.title} was not run.", why, what_to_do)
        warnings.append(why)
    return tuple(warnings)


def _sentences(guard: Guard, value: float) -> tuple[str, str]:
    why, what_to_do = _WORDS[guard.code]
    return why.format(value=value, limit=guard.limit, measure=guard.measure.replace("_", " ")), what_to_do


def air_around_brain(sequences: Iterable[Float32Array], spacing_mm: Iterable[float]) -> float:
    """Share of air in a shell 3 to 12 mm outside the brain: near 1 where skull and scalp were taken away.

    Parameters
    ----------
    sequences : iterable of (i, j, k) float32
        The sequences that are there, on one grid, unnormalised. Air is what is exactly 0 in all of them.

    Returns
    -------
    float
        0 where no brain-like piece is found, or the grid ends at the brain on all sides.

    Notes
    -----
    On blocks of up to 2 mm: each sequence over its 95th percentile, cut at 1, averaged; Otsu's threshold; what lies
    deeper than 9 mm; of that the largest piece, grown back by 9 mm and filled. The shell counts only inside the grid.
    A scanner's background is noise, not 0, so most heads with skull come near 0; where the background was zeroed, the
    shell holds scalp.
    """
    steps = [max(1, int(_COARSE_MM / s + 1e-6)) for s in spacing_mm]
    sampling = [step * s for step, s in zip(steps, spacing_mm, strict=True)]
    bright, filled = _coarse(sequences, steps)
    if bright is None or filled is None:
        return 0.0
    core = ndimage.distance_transform_edt(bright > _otsu(bright), sampling=sampling) > _EROSION_MM
    pieces, count = ndimage.label(core)
    if not count:
        return 0.0
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    brain = ndimage.binary_fill_holes(ndimage.distance_transform_edt(~largest, sampling=sampling) <= _EROSION_MM)
    outside = ndimage.distance_transform_edt(~brain, sampling=sampling)
    shell = (outside > _SHELL_MM[0]) & (outside <= _SHELL_MM[1])
    return float((~filled)[shell].mean()) if shell.any() else 0.0


def _coarse(
    sequences: Iterable[Float32Array], steps: list[int]
) -> tuple[NDArray[np.float32] | None, BoolVolume | None]:
    """Mean brightness of each block of voxels, and whether any sequence has signal at the block's middle."""
    bright: NDArray[np.float32] | None = None
    filled: BoolVolume | None = None
    count = 0
    for sequence in sequences:
        there = sequence != 0
        if not there.any():
            continue
        shape = [n // step * step for n, step in zip(sequence.shape, steps, strict=True)]
        if not all(shape):
            return None, None
        inner = np.abs(sequence[: shape[0], : shape[1], : shape[2]])
        (i, j, k), (a, b, c) = [n // step for n, step in zip(shape, steps, strict=True)], steps
        blocks = inner.reshape(i, a, j, b, k, c).mean(axis=(1, 3, 5))
        middle = there[a // 2 : shape[0] : a, b // 2 : shape[1] : b, c // 2 : shape[2] : c]
        top = float(np.percentile(blocks[middle], 95)) if middle.any() else 1.0
        scaled = np.minimum(blocks / max(top, 1e-6), 1.0).astype(np.float32)
        bright = scaled if bright is None else bright + scaled
        filled = middle if filled is None else filled | middle
        count += 1
    return (bright / count if bright is not None else None), filled


def _otsu(values: NDArray[np.float32]) -> float:
    """Otsu's threshold: the cut that parts a histogram of 128 bins with the greatest variance between."""
    counts, edges = np.histogram(values, bins=128)
    centres = (edges[1:] + edges[:-1]) / 2
    below, mass = np.cumsum(counts), np.cumsum(counts * centres)
    between = (mass[-1] * below - mass * below[-1]) ** 2 / np.maximum(below * (below[-1] - below), 1)
    return float(centres[np.argmax(between[:-1])])
