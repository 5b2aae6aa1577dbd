"""Spectra of both sides over a whole recording, as a picture: the compressed spectral array of the overview."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain import Recording
from .hemispheres import side_rows, usual_channels

__all__ = ["SPECTRA_VERSION", "spectra"]

SPECTRA_VERSION = 1
"""Of the computation: what is kept of another one is not used."""

_WINDOW_S = 2.0
_ROWS = 40
"""From 0.5 to 20 Hz in steps of half a hertz."""
_COLUMNS = 1800
"""At most; a screen has no more."""
_WINDOWS = 8
"""Evenly spread over a column where it is longer than they are: a day is drawn in seconds, not in minutes."""
_DECIBEL = (-15.0, 35.0)
"""Of µV²/Hz, black to bright: from quiet beta to the delta of a seizure."""


def spectra(recording: Recording) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    """Give power by frequency and time for the left and the right side.

    Returns
    -------
    header : dict
        `sides` ('left' and 'right', or 'all' where sides are not known, or none without EEG), `columns`, `rows`,
        `step_s`, `f_max_hz`, `db_low`, `db_high`.
    levels : (side, row, column) uint8
        Row 0 is the lowest frequency. Of the rows of the longitudinal bipolar montage on that side (of what stands
        in for it, see `detector_rows`) the median power, so that one bad electrode does not colour a side; decibel
        of µV²/Hz from `db_low` (1) to `db_high` (255). 0 where there is no signal.

    Notes
    -----
    Hann windows of 2 s, their mean taken off. Memory does not grow with the recording.
    """
    step_s = float(max(1, math.ceil(recording.duration_s / _COLUMNS)))
    columns = max(1, math.ceil(recording.duration_s / step_s - 1e-6))
    rate, channels = usual_channels(recording)
    sides = side_rows([recording.channels[n].label for n in channels])
    levels = np.zeros((len(sides), _ROWS, columns), dtype=np.uint8)
    mixes = [
        np.array([[row.plus.get(recording.channels[n].label, 0.0) for n in channels] for row in rows])
        for rows in sides.values()
    ]
    count = min(_WINDOWS, max(1, round(step_s / _WINDOW_S))) if sides else 0
    for column in range(columns if sides else 0):
        middles = (column + (np.arange(count) + 0.5) / count) * step_s
        powers = [_power(recording, rate, channels, float(middle)) for middle in middles]
        for side, mix in enumerate(mixes):
            there = [_density(mix, power, rate) for power in powers if power is not None]
            if there:
                levels[side, :, column] = _levels(np.mean(there, axis=0))
    header = {
        "sides": list(sides),
        "columns": columns,
        "rows": _ROWS,
        "step_s": step_s,
        "f_max_hz": round(_ROWS / _WINDOW_S),
        "db_low": _DECIBEL[0],
        "db_high": _DECIBEL[1],
    }
    return header, levels


def _power(
    recording: Recording, rate: float, channels: tuple[int, ...], middle_s: float
) -> NDArray[np.complex128] | None:
    """Fourier coefficients (channel, frequency) of the window around a time; None where it has a gap in it."""
    start = min(max(0.0, middle_s - _WINDOW_S / 2), max(0.0, recording.duration_s - _WINDOW_S))
    samples = round(_WINDOW_S * rate)
    block = recording.source.read(start, start + _WINDOW_S + 1 / rate, channels)[:, :samples].astype(np.float64)
    if block.shape[1] < samples or samples < 4 or np.isnan(block).any():
        return None
    block -= block.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(block * np.hanning(samples), axis=1)[:, 1 : _ROWS + 1]
    return np.pad(spectrum, ((0, 0), (0, _ROWS - spectrum.shape[1])))


def _density(mix: NDArray[np.float64], spectrum: NDArray[np.complex128], rate: float) -> NDArray[np.float64]:
    """Median over a side's rows of µV²/Hz: (frequency,)."""
    window = np.hanning(round(_WINDOW_S * rate))
    return np.median(2 * np.abs(mix @ spectrum) ** 2, axis=0) / (rate * float(window @ window))


def _levels(density: NDArray[np.float64]) -> NDArray[np.uint8]:
    low, high = _DECIBEL
    decibel = 10 * np.log10(np.maximum(density, 1e-12))
    return np.clip(np.round(1 + 254 * (decibel - low) / (high - low)), 1, 255).astype(np.uint8)
