"""Stretches of time or of samples, each from its start to the moment at which it is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

__all__ = ["joined"]

N = TypeVar("N", int, float)


def joined(spans: Iterable[tuple[N, N]]) -> tuple[tuple[N, N], ...]:
    """The union of stretches from onset to end, in order; empty ones fall away, those that touch are one.

    >>> joined([(20.0, 30.0), (0.0, 10.0), (5.0, 12.0), (3.0, 3.0)])
    ((0.0, 12.0), (20.0, 30.0))
    """
    out: list[tuple[N, N]] = []
    for start, stop in sorted(span for span in spans if span[1] > span[0]):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], stop)
        else:
            out.append((start, stop))
    return tuple(out)
