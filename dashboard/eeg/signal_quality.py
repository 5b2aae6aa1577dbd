"""Whether a recording is what a detector was made for: its rate, size of the numbers, mains, channels flat or saturated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Recording, joined
from .artefacts import FLAT_UV, MAINS_HZ, RAIL_SHARE, RAIL_UV
from .detector import DetectorInput, heavy_channels, input_rows, rate_groups
from .source import first_sample_at

__all__ = ["SignalQuality", "signal_quality"]

_FLAT_S = 5
"""Seconds without any movement: what lasts shorter may be a quiet, coarsely digitised channel."""
_WINDOWS, _WINDOW_S = 24, 4.0
_PIECE_S = 64
_MAINS_WIDTH_HZ = 1.0
_BROAD_HZ = (1.0, 70.0)

Stretches = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class SignalQuality:
    """What was measured of a recording before a detector reads it.

    Attributes
    ----------
    rate_hz : float
        The lowest rate among the channels that the detector's rows need; 0 where no row can be formed.
    amplitude_uv : float or None
        Root mean square within the detector's band, the median over windows and then over rows; None where nothing
        could be measured (flat, gaps, shorter than a window).
    mains_hz : float or None
        50 or 60, whichever is stronger over all rows; None where the rate shows neither, or nothing could be measured.
    mains_share : float or None
        Power within 1 Hz of 50 or 60 Hz over the power from 1 to 70 Hz, the median over windows and then over rows.
    mains_rows : mapping of str to float
        The same of each row.
    flat, saturated : mapping of str to ((onset_s, duration_s), ...)
        By channel label: less than 0.5 microvolts within each of at least 5 s in a row; at its lowest or highest value for
        a tenth of a second or more, with a second on either side. A pure sine of 50 microvolts in steps of 1 spends 0.06
        of its time there, a cut one more; a rail lies 50 microvolts or more from the channel's middle.
    lost_rows : mapping of str to float
        Share of each row's recorded seconds in which a channel that it needs is flat or saturated.
    """

    rate_hz: float
    amplitude_uv: float | None
    mains_hz: float | None
    mains_share: float | None
    mains_rows: Mapping[str, float]
    flat: Mapping[str, Stretches]
    saturated: Mapping[str, Stretches]
    lost_rows: Mapping[str, float]

    def left_out(self) -> dict[str, Stretches]:
        """Channels with the stretches in which they say nothing of a brain."""
        labels = dict.fromkeys((*self.flat, *self.saturated))
        return {label: (*self.flat.get(label, ()), *self.saturated.get(label, ())) for label in labels}


def signal_quality(recording: Recording, signal_input: DetectorInput) -> SignalQuality:
    """Measure what a detector with this input would be given.

    Every second of every channel is looked at for flat and saturated stretches; amplitude and mains are measured in 24
    windows of 4 s, evenly spread, on the detector's rows before any filter. Rows over channels of different rates are not
    measured for these two.
    """
    rows = input_rows(recording, signal_input)
    needed = {label for row in rows for label in row.plus}
    channels = [n for n in recording.eeg_channels if recording.channels[n].label in needed]
    found = _Found({}, {}, {}, {}, {})
    for members in rate_groups(recording, channels):
        labels = [recording.channels[n].label for n in members]
        lows, highs = _seconds(recording, members)
        railed = _railed(recording, members, lows, highs)
        for place, label in enumerate(labels):
            flat = _runs(highs[place] - lows[place] < FLAT_UV, least=_FLAT_S)
            rails = _runs(railed[place], least=1, beside=1)
            found.there[label] = np.isfinite(lows[place])
            found.bad[label] = _covered(len(lows[place]), (*flat, *rails))
            for kept, runs in ((found.flat, flat), (found.saturated, rails)):
                if runs:
                    kept[label] = tuple((float(a), float(min(b, recording.duration_s) - a)) for a, b in runs)
        inside = [row for row in rows if set(row.plus) <= set(labels)]
        weights = [[row.plus.get(label, 0.0) for label in labels] for row in inside]
        mix = np.array(weights).reshape(len(inside), len(labels))
        powers = _powers(recording, members, mix, signal_input)
        found.powers.update(zip((row.label for row in inside), powers, strict=True))
    rate = min((recording.channels[n].rate_hz for n in channels), default=0.0)
    return _summed(rate, {row.label: heavy_channels(row) for row in rows}, found)


@dataclass(frozen=True)
class _Found:
    """What was found of each channel, by its label, and of each row."""

    flat: dict[str, Stretches]
    saturated: dict[str, Stretches]
    there: dict[str, NDArray[np.bool_]]
    bad: dict[str, NDArray[np.bool_]]
    powers: dict[str, tuple[float, NDArray[np.float64]]]


def _seconds(recording: Recording, members: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest sample of each channel in each second, (channel, second); NaN where it holds none."""
    rate = recording.channels[members[0]].rate_hz
    total = int(np.ceil(recording.duration_s - 1e-6))
    low = np.full((len(members), total), np.nan, dtype=np.float32)
    high = low.copy()
    for start in range(0, total, _PIECE_S):
        stop = min(total, start + _PIECE_S)
        block = recording.source.read(start, stop, members)
        edges = np.array([first_sample_at(second, rate) for second in range(start, stop)])
        places = edges - first_sample_at(start, rate)
        held = np.diff(places, append=block.shape[1]) > 0
        if held.any():
            low[:, start:stop][:, held] = np.fmin.reduceat(block, places[held], axis=1)
            high[:, start:stop][:, held] = np.fmax.reduceat(block, places[held], axis=1)
    return low, high


def _railed(
    recording: Recording, members: Sequence[int], low: NDArray[np.float32], high: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Seconds at a rail, (channel, second), read again only where the channel's own extreme is reached."""
    railed = np.zeros(low.shape, dtype=bool)
    for row, channel in enumerate(members):
        there = np.isfinite(low[row])
        if not there.any():
            continue
        middle = float(np.median((low[row, there] + high[row, there]) / 2))
        for extremes, rail in ((low[row], float(low[row, there].min())), (high[row], float(high[row, there].max()))):
            if abs(rail - middle) < RAIL_UV:
                continue
            for second in np.flatnonzero(extremes == rail):
                samples = recording.source.read(float(second), float(second) + 1, [channel])[0]
                railed[row, second] |= bool((samples == rail).mean() >= RAIL_SHARE)
    return railed


def _runs(marked: NDArray[np.bool_], *, least: int, beside: int = 0) -> list[tuple[int, int]]:
    """Runs of at least so many seconds as (first, the one behind the last), made longer on either side and joined."""
    edges = np.flatnonzero(np.diff(marked.astype(np.int8), prepend=0, append=0))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    wide = ((max(0, first - beside), min(len(marked), stop + beside)) for first, stop in runs if stop - first >= least)
    return list(joined(wide))


def _covered(seconds: int, runs: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    covered = np.zeros(seconds, dtype=bool)
    for first, stop in runs:
        covered[first:stop] = True
    return covered


def _powers(
    recording: Recording, members: Sequence[int], mix: NDArray[np.float64], signal_input: DetectorInput
) -> list[tuple[float, NDArray[np.float64]]]:
    """Of each row: root mean square in the detector's band, and the shares of 50 and 60 Hz; NaN where not measured."""
    rate = recording.channels[members[0]].rate_hz
    size = round(_WINDOW_S * rate)
    nothing = [(float("nan"), np.full(len(MAINS_HZ), np.nan)) for _ in mix]
    if recording.duration_s < _WINDOW_S or not len(mix):
        return nothing
    hertz = np.fft.rfftfreq(size, 1 / rate)
    taper = np.hanning(size + 1)[:-1]
    band = (hertz >= (signal_input.highpass or 0.5)) & (hertz <= (signal_input.lowpass or _BROAD_HZ[1]))
    broad = (hertz >= _BROAD_HZ[0]) & (hertz <= _BROAD_HZ[1])
    loudness, shares = [], []
    for start in np.unique(np.linspace(0, recording.duration_s - _WINDOW_S, _WINDOWS)):
        block = recording.source.read(float(start), float(start) + _WINDOW_S, members)[:, :size].astype(np.float64)
        if block.shape[1] < size:
            continue
        signal = mix @ np.where(np.isnan(block), 0.0, block)
        signal[(mix != 0).astype(float) @ np.isnan(block).any(axis=1) > 0] = np.nan
        signal -= signal.mean(axis=1, keepdims=True)
        power = np.abs(np.fft.rfft(signal * taper, axis=1)) ** 2 * 2 / (size * (taper**2).sum())
        total = power[:, broad].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            loudness.append(np.sqrt(power[:, band].sum(axis=1)))
            shares.append(np.stack([_about(power, hertz, mains) / total for mains in MAINS_HZ], axis=1))
    if not loudness:
        return nothing
    return list(zip(_middle(np.array(loudness)), _middle(np.array(shares)), strict=True))


def _about(power: NDArray[np.float64], hertz: NDArray[np.float64], mains: float) -> NDArray[np.float64]:
    """Power about a frequency; NaN where the rate doesn't reach beyond it."""
    inside = np.abs(hertz - mains) <= _MAINS_WIDTH_HZ
    return power[:, inside].sum(axis=1) if hertz[-1] > mains + _MAINS_WIDTH_HZ else np.full(len(power), np.nan)


def _middle(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median over the first axis without NaN; NaN where there is nothing else."""
    out = np.full(values.shape[1:], np.nan)
    for place in np.ndindex(out.shape):
        column = values[(slice(None), *place)]
        kept = column[np.isfinite(column)]
        if len(kept):
            out[place] = np.median(kept)
    return out


def _summed(rate_hz: float, rows: Mapping[str, Sequence[str]], found: _Found) -> SignalQuality:
    loud = [rms for rms, _ in found.powers.values() if np.isfinite(rms) and rms > 0]
    shares = np.array([share for _, share in found.powers.values()]).reshape(-1, len(MAINS_HZ))
    stronger = np.where(np.isfinite(shares), shares, 0).sum(axis=0)
    of_rows = {row: float(np.nanmax(of)) for row, (_, of) in found.powers.items() if np.isfinite(of).any()}
    return SignalQuality(
        rate_hz=rate_hz,
        amplitude_uv=float(np.median(loud)) if loud else None,
        mains_hz=MAINS_HZ[int(np.argmax(stronger))] if of_rows else None,
        mains_share=float(np.median(list(of_rows.values()))) if of_rows else None,
        mains_rows=of_rows,
        flat=found.flat,
        saturated=found.saturated,
        lost_rows={row: _lost(needed, found) for row, needed in rows.items()},
    )


def _lost(needed: Sequence[str], found: _Found) -> float:
    there = np.all([found.there[label] for label in needed], axis=0)
    bad = np.any([found.bad[label] for label in needed], axis=0)
    return float((there & bad).sum() / there.sum()) if there.any() else 0.0
