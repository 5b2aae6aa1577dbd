"""Amplitude-integrated EEG: how high the signal is, peak to peak, minute by minute, as the cerebral function monitor drew it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..domain import Recording
from .hemispheres import mirror_pairs, side_rows, usual_channels
from .montages import Derivation, detector_rows
from .source import first_sample_at

__all__ = ["AEEG_BAND_HZ", "AEEG_LEVELS", "AEEG_REFERENCE_HZ", "aeeg_filter", "aeeg_rows", "amplitude_band"]

AEEG_BAND_HZ = (2.0, 15.0)
AEEG_REFERENCE_HZ = 10.0
"""A sine of this frequency reads as high as it is, from peak to peak."""
AEEG_LEVELS = ("lowest", "tenth percentile", "ninetieth percentile", "highest")
_SLOPE_DB = 12.0
"""A decade: by so much high frequencies are raised within the band, against the fall of the spectrum of EEG."""
_TAPS_S = 3.0
_SMOOTHING_S = 1.0
_LEAST_HZ = 40.0
_BLOCK_S = 120.0
_PLACES = (("C3-P3", "C4-P4"), ("F3-C3", "F4-C4"), ("C3-O1", "C4-O2"), ("P3-O1", "P4-O2"), ("T3-C3", "C4-T4"))
"""Central and parietal electrodes first, as two-channel monitors have them."""


def aeeg_filter(rate_hz: float) -> NDArray[np.float64]:
    """Taps of the asymmetric filter: symmetric, so without a shift in time, an odd number of them, 3 s long.

    Gain 1 at 10 Hz, rising by 12 dB a decade from 2 to 15 Hz, steep on either side (Maynard, Prior and Scott 1969, BMJ
    4:545; Prior and Maynard 1971, doi:10.1136/bmj.2.5764.736; Zhang and Ding 2013, doi:10.4236/health.2013.55116).

    Raises
    ------
    ValueError
        The rate is below 40 Hz, too low for the band.
    """
    from scipy.signal import firwin2

    if rate_hz < _LEAST_HZ:
        raise ValueError(f"{rate_hz:g} Hz is too low a rate for the band up to {AEEG_BAND_HZ[1]:g} Hz")
    nyquist = rate_hz / 2
    low, high = AEEG_BAND_HZ
    inside = np.linspace(low, high, 53)
    gain = 10 ** (_SLOPE_DB / 20 * np.log10(inside / AEEG_REFERENCE_HZ))
    stop = min(high + 3.0, (high + nyquist) / 2)
    frequencies = np.concatenate([[0.0, low - 1.0], inside, [stop, nyquist]])
    gains = np.concatenate([[0.0, 0.0], gain, [0.0, 0.0]])
    taps = firwin2(2 * round(_TAPS_S * rate_hz / 2) + 1, frequencies, gains, fs=rate_hz, nfreqs=2**15 + 1)
    at = (np.arange(len(taps)) - len(taps) // 2) / rate_hz
    return taps / float(np.sum(taps * np.cos(2 * np.pi * AEEG_REFERENCE_HZ * at)))


def aeeg_rows(labels: Sequence[str]) -> tuple[Derivation, Derivation] | None:
    """One derivation of the left and its counterpart of the right: C3-P3 and C4-P4, else what comes next to them.

    None where no row of the left has a counterpart.
    """
    pairs = mirror_pairs(side_rows(labels))
    by_label = {frozenset(left.label.split("-")): (left, right) for left, right in pairs}
    for left, _ in _PLACES:
        if frozenset(left.split("-")) in by_label:
            return by_label[frozenset(left.split("-"))]
    across = {frozenset(row.label.split("-")): row for row in detector_rows("transverse", labels)} if pairs else {}
    for names in _PLACES:
        found = [across.get(frozenset(name.split("-"))) for name in names]
        if found[0] is not None and found[1] is not None:
            return found[0], found[1]
    return pairs[0] if pairs else None


def amplitude_band(
    recording: Recording, rows: Sequence[Derivation], epoch_s: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Give the band of amplitudes of each row and epoch, as an aEEG tracing is drawn from.

    Parameters
    ----------
    rows : sequence of Derivation
        Over channels of the commonest rate.
    epoch_s : float
        60 for the minute-wise tracing.

    Returns
    -------
    levels_uv : (row, level, epoch) float32
        Microvolts from peak to peak: lowest, tenth and ninetieth percentile, highest of the envelope within the epoch.
        NaN in an epoch that touches a gap, and in a last one of less than half its length.
    touches_gap : (epoch,) bool

    Raises
    ------
    ValueError
        The rate is too low for the band.

    Notes
    -----
    Steps of Zhang and Ding (2013) after Maynard (1969): the asymmetric filter, the rectifier, an envelope, then margins
    epoch by epoch. The envelope is the rectified signal's mean over 1 s (Hann-weighted) times pi: from the mean of a
    rectified sine to its peak to peak. That envelope and the percentiles beside the lowest and highest are our choices.
    Nothing is filtered over a gap: within 2 s of one, of the start and of the end there is no envelope, and an epoch takes
    what it has. Memory does not grow with the recording.
    """
    rate, channels = usual_channels(recording)
    epochs = max(1, int(np.ceil(recording.duration_s / epoch_s - 1e-6)))
    levels = np.full((len(rows), len(AEEG_LEVELS), epochs), np.nan, dtype=np.float32)
    touches = np.zeros(epochs, dtype=bool)
    mix = np.array([[row.plus.get(recording.channels[n].label, 0.0) for n in channels] for row in rows])
    used = np.flatnonzero((mix != 0).any(axis=0))
    wanted, mix = [channels[n] for n in used], mix[:, used]
    held: dict[int, list[NDArray[np.float32]]] = {}
    done = 0
    for first, signal, envelope in _envelopes(recording, rate, wanted, mix):
        stop = first + envelope.shape[1]
        for epoch in range(int(first / rate / epoch_s), min(epochs, int((stop - 1) / rate / epoch_s) + 1)):
            low, high = first_sample_at(epoch * epoch_s, rate), first_sample_at((epoch + 1) * epoch_s, rate)
            part = slice(max(0, low - first), max(0, high - first))
            held.setdefault(epoch, []).append(envelope[:, part])
            touches[epoch] |= bool(signal[:, part].any())
        while done < epochs and first_sample_at((done + 1) * epoch_s, rate) <= stop:
            levels[:, :, done] = _levels(held.pop(done), touches[done], epoch_s * rate)
            done += 1
    for epoch, parts in held.items():
        levels[:, :, epoch] = _levels(parts, touches[epoch], epoch_s * rate)
    return levels, touches


def _envelopes(
    recording: Recording, rate: float, channels: list[int], mix: NDArray[np.float64]
) -> Iterator[tuple[int, NDArray[np.bool_], NDArray[np.float32]]]:
    """First sample, where a channel has none, and the envelope (row, sample) in microvolts, block after block."""
    from scipy.signal import oaconvolve

    taps = aeeg_filter(rate)
    weights = np.hanning(2 * round(_SMOOTHING_S * rate / 2) + 3)[1:-1]
    weights *= np.pi / weights.sum()
    around = len(taps) // 2 + len(weights) // 2
    total = first_sample_at(recording.duration_s, rate)
    size = round(_BLOCK_S * rate)
    for first in range(0, total, size):
        stop = min(total, first + size)
        low, high = max(0, first - around), min(total, stop + around)
        block = recording.source.read((low - 0.25) / rate, (high - 0.25) / rate, channels).astype(np.float64)
        gone = np.isnan(block).any(axis=0, keepdims=True)
        row = mix @ np.where(gone, 0.0, block)
        row -= row.mean(axis=1, keepdims=True)
        near = _widened(gone[0], around, low == 0, high == total)
        filtered = oaconvolve(row, taps[None], mode="same", axes=1)
        envelope = oaconvolve(np.abs(filtered), weights[None], mode="same", axes=1).astype(np.float32)
        envelope[:, near] = np.nan
        inside = slice(first - low, stop - low)
        yield first, gone[:, inside], np.maximum(envelope[:, inside], 0)


def _widened(gone: NDArray[np.bool_], around: int, is_start: bool, is_end: bool) -> NDArray[np.bool_]:
    """Where a filter of that reach would meet a gap, the start or the end of the recording."""
    wide = gone.copy()
    wide[: around if is_start else 0] = True
    wide[len(wide) - around if is_end else len(wide) :] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gone, [False]]).astype(np.int8)))
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        wide[max(0, low - around) : high + around] = True
    return wide


def _levels(parts: list[NDArray[np.float32]], touches_gap: bool, full: float) -> NDArray[np.float32]:
    """(row, level) of an epoch; NaN where it touches a gap or hardly has an envelope."""
    envelope = np.concatenate(parts, axis=1)
    there = envelope[:, ~np.isnan(envelope[0])]
    if touches_gap or there.shape[1] < full / 2:
        return np.full((len(envelope), len(AEEG_LEVELS)), np.nan, dtype=np.float32)
    return np.quantile(there, [0.0, 0.1, 0.9, 1.0], axis=1).T.astype(np.float32)
