"""Measures of an input that say whether a model was made for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..domain import BoolVolume, Float32Array
from ..errors import GuardFailed, InputGuard, NotSkullStripped, TooFewChannels
from .manifest import Guard, Manifest
from .tensors import SignalInput

__all__ = ["air_around_brain", "apply_guards", "default_guards"]

_COARSE_MM = 2.0
_EROSION_MM = 9.0
"""Deep enough to part brain from scalp where skull lies between: with 6 mm one head stayed in one piece."""
_SHELL_MM = (3.0, 12.0)
_ERRORS: dict[str, type[InputGuard]] = {
    "not_skull_stripped": NotSkullStripped,
    "too_few_channels": TooFewChannels,
    "guard_failed": GuardFailed,
}
_READ_WITHOUT = "or read the recording without this model."
_WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("air_around_brain", "least"): (
        "The share of air around the brain is {value:.2f}, the model needs {limit:g}: skull and scalp are there.",
        "Offer it the brain alone: `overread strip STUDY` computes a mask for you to look at; or read without this model.",
    ),
    ("usable_channels", "least"): (
        "The recording gives {value:g} usable rows of the montage{named}, the model needs {limit:g}.",
        f"Check the channel labels and whether channels are flat or saturated, {_READ_WITHOUT}",
    ),
    ("rate_hz", "least"): (
        "The slowest channel that it reads has {value:g} samples a second, the model needs {limit:g}: faster waves are missing.",
        f"Check the rate in the file's header, or give it the recording at its full rate, {_READ_WITHOUT}",
    ),
    ("amplitude_uv", "least"): (
        "The typical amplitude is {value:.2g} µV, scalp EEG has hardly ever less than {limit:g}: unit or scale may be wrong, or nothing is connected.",
        f"Check unit and gain against the calibration and export the recording again, {_READ_WITHOUT}",
    ),
    ("amplitude_uv", "most"): (
        "The typical amplitude is {value:.0f} µV, scalp EEG has hardly ever more than {limit:g}: unit or scale may be wrong.",
        f"Check unit and gain against the calibration and export the recording again, {_READ_WITHOUT}",
    ),
    ("mains_share", "most"): (
        "Mains noise is {value:.0%} of the power from 1 to 70 Hz in the middle row{named}; the limit is {limit:.0%}.",
        f"Look at impedances and at the notch filter, {_READ_WITHOUT}",
    ),
    ("lost_share", "most"): (
        "Rows are flat or saturated, and not evaluated, for {value:.0%} of their time{named}; the limit is {limit:.0%}.",
        f"Look at these channels, {_READ_WITHOUT}",
    ),
}
_EXPLAINS = ("rate_hz", "amplitude_uv")
"""Said before others: in a wrong unit every channel is flat or saturated too."""
_OTHER = ("Its {measure} is {value:.3g}, the model's limit is {limit:g}.", "Read the study without this model.")


def default_guards(manifest: Manifest) -> tuple[Guard, ...]:
    """Guards that hold for every detector whose own manifest does not name their measure.

    Half of the sampling rate must reach the model's low-pass. Amplitudes are root mean squares in the model's band, the
    median of rows: in 100 shared scalp recordings they lie between 1.4 (burst suppression of lowest voltage) and 134
    microvolts, so that a slip of a thousand is refused either way and one of ten is not noticed.
    """
    if not isinstance(manifest.input, SignalInput):
        return ()
    lowpass = manifest.input.lowpass
    every = [
        *([_guard("rate_hz", 2 * lowpass, "least", "refuse")] if lowpass else []),
        _guard("amplitude_uv", 0.2, "least", "refuse"),
        _guard("amplitude_uv", 2.0, "least", "warn"),
        _guard("amplitude_uv", 1000.0, "most", "refuse"),
        _guard("amplitude_uv", 200.0, "most", "warn"),
        _guard("mains_share", 0.5, "most", "warn"),
        _guard("lost_share", 0.75, "most", "refuse"),
        _guard("lost_share", 0.05, "most", "warn"),
    ]
    own = {guard.measure for guard in manifest.guard}
    return tuple(guard for guard in every if guard.measure not in own)


def _guard(measure: str, limit: float, bound: str, action: str) -> Guard:
    return Guard.model_validate(
        {"code": "guard_failed", "measure": measure, "limit": limit, "bound": bound, "action": action}
    )


def apply_guards(
    manifest: Manifest, measures: Mapping[str, float | None], named: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Hold measures of the input against the manifest's guards and the defaults; give the warnings.

    Parameters
    ----------
    measures : mapping of str to float or None
        None, or left out, where it could not be measured: no guard speaks of it then.
    named : mapping of str to str
        What a sentence about a measure is to name besides.

    Returns
    -------
    tuple of str
        One sentence a measure and side: the refusals are raised before any warning is given.

    Raises
    ------
    InputGuard
        A measure lies outside the limit of a guard that refuses.
    """
    failed = [
        (guard, value)
        for guard in (*manifest.guard, *default_guards(manifest))
        if (value := measures.get(guard.measure)) is not None and not guard.holds(value)
    ]
    for guard, value in sorted(failed, key=lambda one: one[0].measure not in _EXPLAINS):
        if guard.action == "refuse":
            why, what_to_do = _sentences(guard, value, (named or {}).get(guard.measure, ""))
            raise _ERRORS[guard.code](f"{manifest.title} was not run.", why, what_to_do)
    return tuple(_sentences(guard, value, (named or {}).get(guard.measure, ""))[0] for guard, value in failed)


def _sentences(guard: Guard, value: float, named: str) -> tuple[str, str]:
    why, what_to_do = _WORDS.get((guard.measure, guard.bound), _OTHER)
    measure = guard.measure.replace("_", " ")
    words = why.format(value=value, limit=guard.limit, measure=measure, named=f" ({named})" if named else "")
    return words.replace("%", " %"), what_to_do


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
