"""Samples with gaps: one way to read them, whether they lie in the source file or in the cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain import Gap, MicrovoltSignal

__all__ = ["GappedSource", "RateGroup", "SampleStore", "Segment", "Stretch", "first_sample_at", "gaps_between"]


class SampleStore(Protocol):
    """Stored samples of channels of one rate, segments end to end, gaps left out.

    `dtype` is int16, int32 or float32; `take(first, stop, columns)` gives (sample, column) of that type.
    """

    dtype: np.dtype[Any]

    def take(self, first: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Stretch:
    """A stretch of recording time without a gap in it, in seconds from the recording's start."""

    onset_s: float
    duration_s: float


@dataclass(frozen=True)
class Segment:
    """One stretch in samples of one rate.

    Attributes
    ----------
    onset : int
        Place of its first sample on the grid n / rate; the true time, to half a sample.
    stored : int
        Index of its first sample in the store.
    count : int
        Number of samples.
    """

    onset: int
    stored: int
    count: int


@dataclass(frozen=True, eq=False)
class RateGroup:
    """Channels of one rate. Microvolts are stored * gain + offset, per channel."""

    rate_hz: float
    channels: tuple[int, ...]
    segments: tuple[Segment, ...]
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    store: SampleStore

    @property
    def samples(self) -> int:
        """Stored samples of each channel."""
        return self.segments[-1].stored + self.segments[-1].count if self.segments else 0


def first_sample_at(seconds: float, rate_hz: float) -> int:
    """Grid index of the first sample at or after a time; a billionth of a sample late still counts as at."""
    return max(0, math.ceil(seconds * rate_hz - 1e-6))


def gaps_between(stretches: Sequence[Stretch]) -> tuple[Gap, ...]:
    """The gaps between stretches in time's order."""
    pairs = itertools.pairwise(stretches)
    ends = ((a.onset_s + a.duration_s, b.onset_s) for a, b in pairs)
    return tuple(Gap(round(end, 6), round(start - end, 6)) for end, start in ends)


class GappedSource:
    """A `domain.SignalSource` over groups of channels, each of one rate.

    Parameters
    ----------
    groups : sequence of RateGroup
        Together they hold every channel once.
    duration_s : float
        Length of the recording, gaps included.
    """

    def __init__(self, groups: Sequence[RateGroup], duration_s: float) -> None:
        self.groups = tuple(groups)
        self.duration_s = duration_s
        self._place = {
            channel: (number, column)
            for number, group in enumerate(self.groups)
            for column, channel in enumerate(group.channels)
        }

    def read(self, start_s: float, stop_s: float, channels: Sequence[int]) -> MicrovoltSignal:
        """Microvolts (channel, sample) of channels of one rate, NaN in gaps, clipped to the recording.

        Raises
        ------
        ValueError
            The channels have different rates.
        IndexError
            There is no such channel.
        """
        if not channels:
            return np.empty((0, 0), dtype=np.float32)
        try:
            places = [self._place[channel] for channel in channels]
        except KeyError as exc:
            raise IndexError(f"no channel {exc.args[0]}") from exc
        number = places[0][0]
        if any(place[0] != number for place in places):
            raise ValueError("channels of different rates are read apart")
        group = self.groups[number]
        columns = np.array([place[1] for place in places], dtype=np.intp)
        end = first_sample_at(self.duration_s, group.rate_hz)
        first = min(first_sample_at(start_s, group.rate_hz), end)
        stop = max(first, min(first_sample_at(stop_s, group.rate_hz), end))
        out = np.full((len(columns), stop - first), np.nan, dtype=np.float32)
        gain, offset = group.gain[columns], group.offset[columns]
        for segment in group.segments:
            low, high = max(first, segment.onset), min(stop, segment.onset + segment.count)
            if low < high:
                at = segment.stored + low - segment.onset
                block = group.store.take(at, at + high - low, columns)
                out[:, low - first : high - first] = (block * gain + offset).T
        return out
