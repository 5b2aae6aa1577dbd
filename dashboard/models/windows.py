"""A signal that comes in blocks, cut into windows at fixed times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import MicrovoltSignal
from .tensors import SignalInput

__all__ = ["Window", "windows_of"]


@dataclass(frozen=True, eq=False)
class Window:
    """One window: its start in seconds, and (row, sample) microvolts with NaN where there is no signal."""

    start_s: float
    signal_uv: MicrovoltSignal


def windows_of(
    blocks: Iterable[tuple[float, MicrovoltSignal]], rows: Sequence[int], reads: SignalInput
) -> Iterator[Window]:
    """Cut blocks into windows that begin at multiples of `stride_s`, as many as lie wholly in the signal.

    Parameters
    ----------
    blocks : iterable of (start_s, (row, sample) float32)
        In order. What no block covers between two is NaN; what comes twice counts once.
    rows : sequence of int
        The rows to take, in the order wanted.

    Notes
    -----
    Memory holds one block and one window, however long a hole is: windows wholly inside one are made of NaN.
    """
    size, stride = round(reads.window_s * reads.rate_hz), round(reads.stride_s * reads.rate_hz)
    held = np.zeros((len(rows), 0), dtype=np.float32)
    first = number = 0
    for start_s, block in blocks:
        new = np.asarray(block, dtype=np.float32)[list(rows)]
        at = round(start_s * reads.rate_hz)
        end = first + held.shape[1]
        new, at = (new[:, end - at :], end) if at < end else (new, at)
        while number * stride + size <= at:
            yield Window(number * stride / reads.rate_hz, _laid(held, first, number * stride, size))
            number += 1
        begin = number * stride
        upto = at + new.shape[1]
        if begin >= upto:
            held, first = held[:, :0], upto
            continue
        kept = _laid(held, first, begin, max(0, at - begin)) if at > begin else held[:, :0]
        held, first = np.concatenate([kept, new[:, max(0, begin - at) :]], axis=1), begin
        while number * stride + size <= first + held.shape[1]:
            inner = number * stride - first
            yield Window(number * stride / reads.rate_hz, held[:, inner : inner + size])
            number += 1


def _laid(held: MicrovoltSignal, first: int, begin: int, length: int) -> MicrovoltSignal:
    """`length` samples from sample `begin` on, NaN where `held` (from sample `first` on) has none."""
    laid = np.full((held.shape[0], length), np.nan, dtype=np.float32)
    low, high = max(begin, first), min(begin + length, first + held.shape[1])
    if high > low:
        laid[:, low - begin : high - begin] = held[:, low - first : high - first]
    return laid
