"""What a detector sees of a recording: montaged, filtered, at its own rate, block by block, gaps left open."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain import MicrovoltSignal, Recording
from .filters import ZeroPhase, resampled, resampling_reach
from .hemispheres import usual_channels
from .montages import Derivation, detector_rows
from .source import first_sample_at

__all__ = ["DetectorInput", "detector_blocks", "detector_labels", "heavy_channels", "input_rows", "rate_groups"]

_BLOCK_S = 60.0
_MOST_NUMBERS = 4_000_000
"""Samples of a rate filtered at once, all channels together: 32 MB."""
_HALF = 0.5
"""Weight from which on a channel is what its row is about, and no small part of an average."""


class DetectorInput(Protocol):
    """The part of a manifest's `input` that shapes the signal; frequencies in Hz, None where off."""

    @property
    def rate_hz(self) -> float | None: ...
    @property
    def montage(self) -> str | None: ...
    @property
    def highpass(self) -> float | None: ...
    @property
    def lowpass(self) -> float | None: ...
    @property
    def notch(self) -> float | None: ...


def detector_labels(recording: Recording, signal_input: DetectorInput) -> tuple[str, ...]:
    """Labels of the rows of `detector_blocks`; none where the recording has no EEG channel.

    See `detector_rows` for what stands in where the electrodes don't allow the montage.
    """
    return tuple(row.label for row in input_rows(recording, signal_input))


def detector_blocks(
    recording: Recording,
    signal_input: DetectorInput,
    *,
    block_s: float = _BLOCK_S,
    left_out: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> Iterator[tuple[float, MicrovoltSignal]]:
    """Give the recording as a detector wants it, in order and without a hole, from 0 to its end.

    Parameters
    ----------
    block_s : float
        Length of the blocks; the last is shorter. What is in them does not depend on it.
    left_out : mapping of str to sequence of (onset_s, duration_s)
        By channel, where it carries no signal of a brain, as `signal_quality` finds. A row that needs it is NaN there; an
        average of three or more channels goes on without it.

    Yields
    ------
    start_s : float
        A multiple of 1 / rate_hz.
    signal_uv : (row, sample) float32
        Microvolts at `signal_input.rate_hz`; NaN in gaps and where a channel is left out. Any other flat row stays as it is.

    Notes
    -----
    Filters run forwards and backwards over each stretch between gaps, never across one; a block is filtered with as
    much of its neighbours as the filters reach, so that it equals the whole stretch filtered at once. Resampling is
    by a windowed sinc, 80 dB down at the new Nyquist frequency. Everything is linear, so the montage comes last and
    channels of different rates can meet in one row. Without a rate, that of most EEG channels is taken.
    """
    rows = input_rows(recording, signal_input)
    rate = signal_input.rate_hz or usual_channels(recording)[0]
    total = first_sample_at(recording.duration_s, rate)
    size = max(1, round(block_s * rate))
    needed = {label for row in rows for label in row.plus}
    channels = [n for n in recording.eeg_channels if recording.channels[n].label in needed]
    mix = np.array([[row.plus.get(recording.channels[n].label, 0.0) for n in channels] for row in rows])
    parts = [_Part(recording, members, rate, signal_input) for members in rate_groups(recording, channels)]
    place = {channel: n for n, channel in enumerate(channels)}
    places = {recording.channels[channel].label: n for n, channel in enumerate(channels)}
    for first in range(0, total, size):
        stop = min(total, first + size)
        signal = np.full((len(channels), stop - first), np.nan)
        for part in parts:
            signal[[place[n] for n in part.channels]] = part.block(first, stop)
        bad = np.zeros(signal.shape, dtype=bool)
        for label, stretches in (left_out or {}).items():
            if label in places:
                for onset, length in stretches:
                    inside = (first_sample_at(at, rate) - first for at in (onset, onset + length))
                    bad[places[label], slice(*(min(max(0, at), stop - first) for at in inside))] = True
        yield first / rate, _mixed(mix.reshape(len(rows), len(channels)), signal, bad)


def _mixed(mix: NDArray[np.float64], signal: NDArray[np.float64], bad: NDArray[np.bool_]) -> MicrovoltSignal:
    """Rows of the montage; NaN where a channel that the row needs has no sample there, or is bad and half of it or more."""
    if bad.any():
        signal = np.where(bad, 0.0, signal)
        halves = (np.abs(mix) >= _HALF).astype(np.float64) @ bad > 0
        return np.where(halves, np.nan, _mixed(mix, signal, np.zeros_like(bad))).astype(np.float32)
    open_ = np.isnan(signal)
    out = mix @ np.where(open_, 0.0, signal)
    if open_.any():
        out[((mix != 0).astype(np.float64) @ open_) > 0] = np.nan
    return out.astype(np.float32)


def input_rows(recording: Recording, signal_input: DetectorInput) -> tuple[Derivation, ...]:
    """The rows of the detector's montage with the channels that each needs."""
    labels = [recording.channels[n].label for n in recording.eeg_channels]
    return detector_rows(signal_input.montage or "referential", labels)


def heavy_channels(row: Derivation) -> tuple[str, ...]:
    """The channels that a row is about: without one of them there is no row. An average of many goes on without some."""
    return tuple(label for label, weight in row.plus.items() if abs(weight) >= _HALF)


def rate_groups(recording: Recording, channels: list[int]) -> list[tuple[int, ...]]:
    """Channels that share a rate, few enough of them to be filtered at once."""
    groups: dict[float, list[int]] = {}
    for n in channels:
        groups.setdefault(recording.channels[n].rate_hz, []).append(n)
    pieces = []
    for rate, members in groups.items():
        most = max(1, int(_MOST_NUMBERS // (2 * _BLOCK_S * rate)))
        pieces.extend(tuple(members[at : at + most]) for at in range(0, len(members), most))
    return pieces


class _Part:
    """Channels of one rate on their way to the detector's."""

    def __init__(
        self, recording: Recording, channels: tuple[int, ...], to_hz: float, signal_input: DetectorInput
    ) -> None:
        self.channels = channels
        self._source = recording.source
        self._from_hz, self._to_hz = recording.channels[channels[0]].rate_hz, to_hz
        self._filter = ZeroPhase.of(self._from_hz, signal_input.highpass, signal_input.lowpass, signal_input.notch)
        self._stretches = self._find_stretches(recording)

    def _read(self, first: int, stop: int) -> NDArray[np.float64]:
        """Samples by number; a quarter of a sample early, so that rounding never loses the first."""
        rate = self._from_hz
        return self._source.read((first - 0.25) / rate, (stop - 0.25) / rate, self.channels).astype(np.float64)

    def _find_stretches(self, recording: Recording) -> list[tuple[int, int]]:
        """First sample, and the one behind the last, of what lies between gaps, from the samples that are there."""
        edges = {round(gap.onset_s * self._from_hz) for gap in recording.gaps}
        end = first_sample_at(recording.duration_s, self._from_hz)
        step = max(1, _MOST_NUMBERS // 16 // len(self.channels))
        changes: list[int] = []
        before = False
        for first in range(0, end, step):
            there = ~np.isnan(self._read(first, min(end, first + step))).any(axis=0)
            changes.extend(first + np.flatnonzero(np.diff(there, prepend=before)))
            before = bool(there[-1]) if there.size else before
        if before:
            changes.append(end)
        stretches = []
        for low, high in zip(changes[::2], changes[1::2], strict=True):
            inner = sorted(edge for edge in edges if low < edge < high)
            bounds = [int(low), *inner, int(high)]
            stretches.extend(itertools.pairwise(bounds))
        return stretches

    def block(self, first: int, stop: int) -> NDArray[np.float64]:
        """(channel, sample) for the numbers first to stop on the detector's grid; NaN in gaps."""
        out = np.full((len(self.channels), stop - first), np.nan)
        ratio = self._from_hz / self._to_hz
        around = resampling_reach(self._from_hz, self._to_hz) + 1
        for low, high in self._stretches:
            begin = max(first, math.ceil(low / ratio - 1e-6))
            end = min(stop, math.ceil(high / ratio - 1e-6))
            if begin >= end:
                continue
            wanted = max(low, math.floor(begin * ratio) - around), min(high, math.ceil((end - 1) * ratio) + around + 1)
            read = max(low, wanted[0] - self._filter.reach), min(high, wanted[1] + self._filter.reach)
            signal = self._filter.apply(self._read(*read))[:, wanted[0] - read[0] : wanted[1] - read[0]]
            out[:, begin - first : end - first] = resampled(
                signal, wanted[0], self._from_hz, np.arange(begin, end), self._to_hz
            )
        return out
