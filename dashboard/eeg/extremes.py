"""Lowest and highest sample in each column of a long view, by blocks of 256 samples that the cache keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain import MicrovoltSignal
from .source import GappedSource, RateGroup, first_sample_at

__all__ = ["BLOCK", "BlockExtremes", "extremes"]

BLOCK = 256


class BlockExtremes:
    """Gathers (block, channel, 2) lows and highs of samples that come piece by piece, end to end; the last may be short."""

    def __init__(self) -> None:
        self._done: list[NDArray[Any]] = []
        self._rest: NDArray[Any] | None = None

    def add(self, piece: NDArray[Any]) -> None:
        """Take in the next samples, (sample, channel)."""
        whole = piece if self._rest is None or not len(self._rest) else np.concatenate([self._rest, piece])
        count = len(whole) // BLOCK
        if count:
            blocks = whole[: count * BLOCK].reshape(count, BLOCK, whole.shape[1])
            self._done.append(np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=2))
        self._rest = whole[count * BLOCK :].copy()

    def result(self) -> NDArray[Any]:
        """Of all whole blocks; (0, 0, 2) where there is none."""
        return np.concatenate(self._done) if self._done else np.zeros((0, 0, 2), dtype=np.int16)


def extremes(
    source: GappedSource, start_s: float, stop_s: float, columns: int, channels: Sequence[int]
) -> tuple[MicrovoltSignal, MicrovoltSignal]:
    """Lows and highs, each (channel, column) microvolts, of equal parts of a stretch; NaN where a part has no sample.

    Exactly those of the samples themselves, also where blocks of the cache give them.

    Raises
    ------
    ValueError
        The channels have different rates, or there is no column.
    """
    group = next((g for g in source.groups if set(channels) <= set(g.channels)), None)
    if group is None or columns < 1:
        raise ValueError("channels of one rate, and at least one column")
    places = np.array([group.channels.index(channel) for channel in channels], dtype=np.intp)
    end = first_sample_at(source.duration_s, group.rate_hz)
    first, stop = (min(first_sample_at(at, group.rate_hz), end) for at in (start_s, stop_s))
    edges = first + (np.arange(columns + 1) * max(0, stop - first)) // columns
    low = np.full((len(places), columns), np.nan, dtype=np.float32)
    high = low.copy()
    gain, offset = group.gain[places], group.offset[places]
    for segment in group.segments:
        shift = segment.stored - segment.onset
        inside = np.clip(edges, segment.onset, segment.onset + segment.count) + shift
        for column in np.flatnonzero(inside[1:] > inside[:-1]):
            found = _of_range(group, int(inside[column]), int(inside[column + 1]), places) * gain[:, None] + offset[:, None]  # fmt: skip
            low[:, column] = np.fmin(low[:, column], found.min(axis=1))
            high[:, column] = np.fmax(high[:, column], found.max(axis=1))
    return low, high


def _of_range(group: RateGroup, first: int, stop: int, places: NDArray[np.intp]) -> NDArray[Any]:
    """(channel, n) stored numbers among which the lowest and highest of the range are."""
    blocks = getattr(group.store, "blocks", None)
    whole, behind = -(-first // BLOCK), stop // BLOCK
    if blocks is None or behind <= whole:
        return group.store.take(first, stop, places).T
    parts = [
        group.store.take(first, whole * BLOCK, places).T,
        *(blocks[whole:behind, :, side][:, places].T for side in (0, 1)),
        group.store.take(behind * BLOCK, stop, places).T,
    ]
    return np.concatenate(parts, axis=1)
