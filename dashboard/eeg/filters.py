"""Zero-phase filters and resampling whose result does not depend on how a recording is cut into blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["ZeroPhase", "resampled", "resampling_reach"]

_SETTLED = 1e-9
"""A filter has forgotten what lies outside when less than this is left of it: 0.0001 µV of a 100 mV offset."""
_CROSSINGS = 24
"""Zero crossings of the sinc on either side; with the window below 80 dB at the new Nyquist frequency."""
_BETA = 7.857
"""Of the Kaiser window, for 80 dB (Kaiser 1974)."""
_PASS = 0.9
"""Middle of the resampling filter's edge, as a share of the lower Nyquist frequency; flat up to 0.8."""


@dataclass(frozen=True, eq=False)
class ZeroPhase:
    """High-pass, low-pass and notch, each run forwards and backwards, so that no wave is shifted.

    Butterworth of order 2 (high-pass) and 4 (low-pass), a notch of Q 30; the amplitude response is theirs squared.

    Attributes
    ----------
    sos : (section, 6) float64 or None
        None where nothing is filtered.
    reach : int
        Samples beyond which neighbours no longer change a result.
    """

    sos: NDArray[np.float64] | None
    reach: int

    @classmethod
    def of(cls, rate_hz: float, highpass: float | None, lowpass: float | None, notch: float | None) -> ZeroPhase:
        """Design for one sampling rate; a low-pass or notch at or above its Nyquist frequency has nothing to do."""
        from scipy.signal import butter, iirnotch, sos2zpk, tf2sos

        nyquist = rate_hz / 2
        sections = []
        if highpass:
            sections.append(butter(2, highpass, "highpass", fs=rate_hz, output="sos"))
        if lowpass and lowpass < nyquist:
            sections.append(butter(4, lowpass, "lowpass", fs=rate_hz, output="sos"))
        if notch and notch < nyquist:
            sections.append(tf2sos(*iirnotch(notch, 30.0, fs=rate_hz)))
        if not sections:
            return cls(None, 0)
        sos = np.vstack(sections)
        radius = min(float(np.max(np.abs(sos2zpk(sos)[1]))), 1 - 1e-9)
        return cls(sos, math.ceil(1.5 * math.log(_SETTLED) / math.log(radius)))

    def apply(self, signal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filter (channel, sample) without a gap in it, its ends continued by their point reflection."""
        if self.sos is None or signal.shape[1] == 0:
            return signal
        from scipy.signal import sosfiltfilt

        return sosfiltfilt(self.sos, signal, axis=1, padlen=min(3 * (2 * len(self.sos) + 1), signal.shape[1] - 1))


def resampling_reach(from_hz: float, to_hz: float) -> int:
    """Samples at `from_hz` on either side of a time that its resampled value is made of; 0 at equal rates."""
    return 0 if from_hz == to_hz else math.ceil(_CROSSINGS / (_PASS * min(1.0, to_hz / from_hz)))


def resampled(
    signal: NDArray[np.float64], first: int, from_hz: float, numbers: NDArray[np.int64], to_hz: float
) -> NDArray[np.float64]:
    """Values at the times `numbers / to_hz` of samples that lie at `(first + n) / from_hz`, without aliases.

    Parameters
    ----------
    signal : (channel, sample) float64
        One stretch without a gap, at least one sample.

    Returns
    -------
    (channel, number) float64
        Near an end of the signal the weights that fall outside are shared out over those inside.
    """
    places = numbers * (from_hz / to_hz) - first
    if from_hz == to_hz:
        return signal[:, np.clip(np.round(places).astype(np.int64), 0, signal.shape[1] - 1)]
    shift = int(np.floor(places[0] + 1e-9)) if len(places) else 0
    first_place = round(float(places[0]) - shift, 9) if len(places) else 0.0
    return (_weights(first_place, shift, len(numbers), signal.shape[1], from_hz, to_hz) @ signal.T).T


@lru_cache(maxsize=2)
def _weights(fraction: float, shift: int, count: int, length: int, from_hz: float, to_hz: float) -> csr_array:
    """(number, sample): the same for every block that lies in its stretch as the one before does."""
    from scipy.sparse import csr_array

    places = shift + fraction + np.arange(count) * (from_hz / to_hz)
    cutoff = _PASS * min(1.0, to_hz / from_hz)
    reach = resampling_reach(from_hz, to_hz)
    base = np.floor(places + 1e-9).astype(np.int64)
    fractions, which = np.unique(np.round(places - base, 9), return_inverse=True)
    offsets = np.arange(-reach, reach + 1)
    away = (offsets - fractions[:, None]) * cutoff
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (away / _CROSSINGS) ** 2, 0, None))) / np.i0(_BETA)
    kernel = np.where(np.abs(away) <= _CROSSINGS, np.sinc(away) * window, 0.0)
    at = base[:, None] + offsets
    weights = np.where((at >= 0) & (at < length), kernel[which], 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    at = np.clip(at, 0, length - 1)
    starts = np.arange(count + 1) * len(offsets)
    return csr_array((weights.ravel(), at.ravel(), starts), shape=(count, length))
