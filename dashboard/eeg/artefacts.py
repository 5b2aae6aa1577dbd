"""Signs of artefact in two seconds of signal: flat, saturated, high, muscle, mains. Signs, no verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ARTEFACT_KINDS", "MAINS_HZ", "artefact_words", "channel_signs", "muscle_signs"]

ARTEFACT_KINDS = ("flat", "saturated", "high", "muscle", "mains")
MAINS_HZ = (50.0, 60.0)
FLAT_UV = 0.5
RAIL_SHARE, RAIL_UV = 0.1, 50.0
HIGH_UV = 500.0
MUSCLE_HZ = (25.0, 70.0)
MUSCLE_UV = 8.0
MAINS_UV, MAINS_TIMES = 5.0, 20.0
"""In 2 s of white noise 10 times would be reached once in 500 rows; mains that can be seen is a hundred times as strong."""
_MAINS_WIDTH_HZ = 1.0
_AROUND_HZ = (2.0, 6.0)


def artefact_words() -> dict[str, str]:
    """What each kind is computed from, in a sentence a kind; all within 2 s."""
    low, high = MUSCLE_HZ
    return {
        "flat": f"an electrode moves by less than {FLAT_UV:g} µV",
        "saturated": f"an electrode stands at its highest or lowest value for a tenth of the time, {RAIL_UV:g} µV or more from its middle",
        "high": f"an electrode moves by more than {HIGH_UV:g} µV",
        "muscle": f"a bipolar row has more than {MUSCLE_UV:g} µV (root mean square) from {low:g} to {high:g} Hz, mains left out",
        "mains": f"a bipolar row has more than {MAINS_UV:g} µV (root mean square) at 50 or 60 Hz, and {MAINS_TIMES:g} times its neighbours' power",
    }


def channel_signs(signal_uv: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether each channel is flat, is saturated, is high.

    Parameters
    ----------
    signal_uv : (channel, window, sample) float
        Microvolts as recorded, no NaN.

    Returns
    -------
    (3, channel, window) bool
    """
    lowest, highest = signal_uv.min(axis=2), signal_uv.max(axis=2)
    moves = highest - lowest
    middle = signal_uv.mean(axis=2)
    saturated = np.zeros(moves.shape, dtype=bool)
    for rail in (lowest, highest):
        far = np.abs(rail - middle) >= RAIL_UV
        if far.any():
            there = signal_uv[far]
            saturated[far] |= (there == rail[far][:, None]).mean(axis=1) >= RAIL_SHARE
    return np.stack([moves < FLAT_UV, saturated, moves > HIGH_UV])


def muscle_signs(density: NDArray[np.floating], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whether each row shows muscle, and mains.

    Parameters
    ----------
    density : (row, window, frequency) float
        Microvolts squared a hertz.
    frequencies : (frequency,) float64
        In Hz, evenly spaced.

    Returns
    -------
    (2, row, window) float64
        1 or 0; NaN where the sampling is too low: muscle up to 50 Hz at least, mains with 3 Hz above it.
    """
    step = float(frequencies[1] - frequencies[0])
    highest = float(frequencies[-1])
    signs = np.full((2, *density.shape[:2]), np.nan)
    mains = [np.abs(frequencies - hertz) <= _MAINS_WIDTH_HZ + 1e-9 for hertz in MAINS_HZ]
    inside = (frequencies >= MUSCLE_HZ[0]) & (frequencies <= MUSCLE_HZ[1]) & ~(mains[0] | mains[1])
    if highest >= 50.0:
        signs[0] = np.sqrt(density[..., inside].sum(axis=2) * step) > MUSCLE_UV
    for hertz, at in zip(MAINS_HZ, mains, strict=True):
        if highest < hertz + 3.0:
            continue
        away = np.abs(frequencies - hertz)
        around = (away > _AROUND_HZ[0]) & (away <= _AROUND_HZ[1])
        power = density[..., at].sum(axis=2) * step
        level = np.median(density[..., around], axis=2) * step * int(at.sum())
        signs[1] = np.fmax(signs[1], (np.sqrt(power) > MAINS_UV) & (power > MAINS_TIMES * level))
    return signs
