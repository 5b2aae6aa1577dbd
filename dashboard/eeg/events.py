"""A detector's score into events: threshold with hysteresis, merge gap, minimum duration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Event", "risk_events"]


@dataclass(frozen=True)
class Event:
    """One stretch that the rules call an event; `peak` is its highest score."""

    onset_s: float
    duration_s: float
    peak: float

    @property
    def end_s(self) -> float:
        """Onset and duration."""
        return self.onset_s + self.duration_s


def risk_events(
    times_s: ArrayLike,
    scores: ArrayLike,
    *,
    step_s: float,
    on: float,
    off: float,
    min_duration_s: float,
    merge_gap_s: float,
    breaks: Sequence[tuple[float, float]] = (),
) -> tuple[Event, ...]:
    """Make events of a score curve.

    A stretch of windows at or above `off` is an event if one of them reaches `on`. Events nearer than
    `merge_gap_s` become one; then those shorter than `min_duration_s` fall away. A window that was not evaluated
    (NaN), a missing window or a break ends an event, and none is merged across it: nobody knows what went on there.

    Parameters
    ----------
    times_s : (n,) float
        Centres of the windows, ascending; each stands for `step_s` around it.
    scores : (n,) float
        0 to 1, NaN where not evaluated.
    on, off : float
        Thresholds, `off` not above `on`.
    breaks : sequence of (onset_s, duration_s)
        Gaps of the recording. No event reaches into one.

    Returns
    -------
    tuple of Event
        Disjoint, in time's order, none before 0. Empty input gives none.

    Raises
    ------
    ValueError
        `off` above `on`, a step that is not positive, or arrays of different lengths.
    """
    times, values = np.asarray(times_s, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if times.shape != values.shape or times.ndim != 1:
        raise ValueError("one score a window")
    if off > on or step_s <= 0:
        raise ValueError("off must not be above on, and the step must be positive")
    pieces = [_clipped(times, values, run, step_s, breaks) for run in _runs(times, values >= off, step_s, breaks)]
    found = [piece for piece in pieces if piece is not None and piece.peak >= on]
    barriers = _barriers(times, values, step_s, breaks)
    merged: list[Event] = []
    for event in found:
        if merged and event.onset_s - merged[-1].end_s <= merge_gap_s + 1e-9:
            last = merged[-1]
            if not any(low < event.onset_s + 1e-9 and high > last.end_s - 1e-9 for low, high in barriers):
                peak = max(last.peak, event.peak)
                merged[-1] = Event(last.onset_s, event.end_s - last.onset_s, peak)
                continue
        merged.append(event)
    return tuple(event for event in merged if event.duration_s >= min_duration_s - 1e-9)


def _runs(
    times: np.ndarray, high: np.ndarray, step_s: float, breaks: Sequence[tuple[float, float]]
) -> list[tuple[int, int]]:
    """Windows in a row that are high, as (first, last); a jump in time or a break between two parts them."""
    runs: list[tuple[int, int]] = []
    for n in np.flatnonzero(high):
        if runs and runs[-1][1] == n - 1 and not _parted(times[n - 1], times[n], step_s, breaks):
            runs[-1] = (runs[-1][0], int(n))
        else:
            runs.append((int(n), int(n)))
    return runs


def _parted(before: float, after: float, step_s: float, breaks: Sequence[tuple[float, float]]) -> bool:
    if after - before > 1.5 * step_s:
        return True
    return any(low < after and low + length > before for low, length in breaks)


def _clipped(
    times: np.ndarray, values: np.ndarray, run: tuple[int, int], step_s: float, breaks: Sequence[tuple[float, float]]
) -> Event | None:
    """The run's time, half a step beyond its outer centres, kept out of breaks."""
    first, last = run
    start, end = max(0.0, float(times[first]) - step_s / 2), float(times[last]) + step_s / 2
    for low, length in breaks:
        if low <= times[first] < low + length or low <= times[last] < low + length:
            return None
        if times[last] < low < end:
            end = low
        if start < low + length <= times[first]:
            start = low + length
    return Event(start, end - start, float(np.max(values[first : last + 1])))


def _barriers(
    times: np.ndarray, values: np.ndarray, step_s: float, breaks: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Stretches over which nothing is merged: breaks, windows not evaluated, windows that are missing."""
    unknown = times[np.isnan(values)]
    jumps = np.flatnonzero(np.diff(times) > 1.5 * step_s)
    return [
        *((low, low + length) for low, length in breaks),
        *((float(t) - step_s / 4, float(t) + step_s / 4) for t in unknown),
        *((float(times[j]) + step_s / 2, float(times[j + 1]) - step_s / 2) for j in jumps),
    ]
