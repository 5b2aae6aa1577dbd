"""A detector over a recording, window by window, without ever holding the whole of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..domain import Float32Array, MicrovoltSignal
from ..errors import TooFewChannels
from ..files import canonical_digest
from .engines import OutOfMemory, open_engines
from .guards import apply_guards
from .manifest import Manifest
from .registry import Model
from .scoring import WindowScorer
from .tensors import SignalInput
from .windows import Window, windows_of

__all__ = ["Detection", "detect"]

Progress = Callable[[int, int, str], None]
_BATCH = 16
_SMALL_BATCH = 2
"""Where several runs go at the same time: what a recurrent network keeps of more windows no longer fits a core's cache."""
_AHEAD = 16
"""Batches that wait for each run, so that none stands still while a block of a minute is filtered."""


@dataclass(frozen=True, eq=False)
class Detection:
    """What a detector says of one recording.

    Attributes
    ----------
    times_s : (n,) float32
        Centre of each window, seconds from the recording's start.
    scores : (n,) float32
        0 to 1, uncalibrated unless the manifest says how; NaN where the window was not evaluated.
    channel_scores : (row, n) float32
        The same per row of `channel_labels`; NaN where a row was not usable. No row where the network has no such output.
    step_s : float
        From one window to the next.
    not_evaluated_s : tuple of (onset_s, duration_s)
        Time that no evaluated window covers: gaps, flat stretches, what is left at the end. Never 'no seizure'.
    settings : dict
        What made this result, for its identity. No time, no provider.
    """

    times_s: Float32Array
    scores: Float32Array
    channel_scores: Float32Array
    channel_labels: tuple[str, ...]
    step_s: float
    not_evaluated_s: tuple[tuple[float, float], ...]
    settings: dict[str, Any]
    warnings: tuple[str, ...]
    provider: str
    seconds: float


def detect(
    model: Model,
    blocks: Iterable[tuple[float, MicrovoltSignal]],
    labels: Sequence[str],
    duration_s: float,
    *,
    measures: Mapping[str, float | None] | None = None,
    named: Mapping[str, str] | None = None,
    device: str = "auto",
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> Detection:
    """Score a recording in the manifest's windows.

    Parameters
    ----------
    blocks : iterable of (start_s, (row, sample) float32)
        The montage at the manifest's rate in microvolts, in order; NaN, or nothing, in gaps.
    labels : sequence of str
        Of the rows.
    duration_s : float
        Of the recording.
    measures, named
        What was measured of the recording, for `apply_guards`; without any, only the rows are counted.

    Raises
    ------
    TooFewChannels
        The rows are fewer than the manifest's guard allows, or not those that the network reads.
    GuardFailed
        Another measure lies outside a limit.
    EngineFailed, ModelDigestMismatch, UnsafeModel, MissingExtra
        The network can't be run.

    Notes
    -----
    A row with a NaN or without 0.5 microvolts from lowest to highest in a window is not usable there; where fewer rows
    are left than the guard's limit (or any is missing that the network reads by name), the window is not evaluated.
    """
    started = time.monotonic()
    manifest = model.manifest
    reads = manifest.input
    assert isinstance(reads, SignalInput)
    rows = _rows_for(manifest, reads, labels)
    warnings = list(apply_guards(manifest, {"usable_channels": float(len(rows)), **(measures or {})}, named))
    least = _least_rows(manifest, reads, len(rows))
    scorer = WindowScorer(manifest, open_engines(model, device=device, threads=threads, apart=True), len(rows), least)
    times: list[float] = []
    scores: list[Float32Array] = []
    row_scores: list[Float32Array] = []
    total = max(1, int(duration_s))
    batches = _batches(windows_of(blocks, rows, reads), _SMALL_BATCH if scorer.at_once else _BATCH)
    # The threads of NumPy's own linear algebra wait busily between small products, and would take the networks' cores.
    with threadpool_limits(limits=1, user_api="blas"):
        for batch, (found, found_rows) in _in_order(scorer, batches):
            times += [window.start_s + reads.window_s / 2 for window in batch]
            scores.append(found)
            row_scores.append(found_rows)
            if on_progress:
                on_progress(min(total, int(batch[-1].start_s + reads.window_s)), total, "Scoring")
    curve = np.concatenate(scores) if scores else np.zeros(0, dtype=np.float32)
    if not len(curve):
        warnings.append(f"Shorter than one window of {reads.window_s:g} s: nothing was evaluated.")
    per_row = np.concatenate(row_scores).T if row_scores else np.zeros((len(rows), 0), dtype=np.float32)
    per_row, shown = (per_row, tuple(labels[n] for n in rows)) if scorer.gives_rows else (per_row[:0], ())
    starts = [t - reads.window_s / 2 for t, score in zip(times, curve, strict=True) if not np.isnan(score)]
    missing = _uncovered(starts, reads.window_s, duration_s)
    return Detection(
        times_s=np.asarray(times, dtype=np.float32),
        scores=curve,
        channel_scores=np.ascontiguousarray(per_row),
        channel_labels=shown,
        step_s=reads.stride_s,
        not_evaluated_s=missing,
        settings={"manifest": canonical_digest(manifest.model_dump(mode="json")), "rows": list(shown)},
        warnings=tuple(warnings),
        provider=scorer.provider,
        seconds=time.monotonic() - started,
    )


def _rows_for(manifest: Manifest, reads: SignalInput, labels: Sequence[str]) -> list[int]:
    """Which rows the network reads, in its order."""
    if reads.channels == "any":
        return list(range(len(labels)))
    absent = [label for label in reads.channels if label not in labels]
    if absent:
        raise TooFewChannels(
            f"{manifest.title} was not run.",
            f"The recording does not give the rows {', '.join(absent[:6])} that the model reads.",
            "Check the channel labels, or read the recording without this model.",
        )
    return [labels.index(label) for label in reads.channels]


def _least_rows(manifest: Manifest, reads: SignalInput, rows: int) -> int:
    """How many usable rows a window needs."""
    if reads.channels != "any":
        return rows
    limits = [guard.limit for guard in manifest.guard if guard.measure == "usable_channels"]
    return max(1, int(np.ceil(min(max(limits, default=1), rows))))


def _batches(windows: Iterable[Window], size: int) -> Iterable[list[Window]]:
    batch: list[Window] = []
    for window in windows:
        batch.append(window)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _in_order(
    scorer: WindowScorer, batches: Iterable[list[Window]]
) -> Iterator[tuple[list[Window], tuple[Float32Array, Float32Array]]]:
    """Batches with their scores, in order, while the blocks that come next are filtered; few wait at any time."""
    at_once = max(1, scorer.at_once)
    waiting: deque[tuple[list[Window], Future[tuple[Float32Array, Float32Array]]]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="scoring") as pool:
        for batch in batches:
            waiting.append((batch, pool.submit(_scored, scorer, batch)))
            if len(waiting) > _AHEAD * at_once:
                first, scores = waiting.popleft()
                yield first, scores.result()
        for first, scores in waiting:
            yield first, scores.result()


def _scored(scorer: WindowScorer, batch: list[Window]) -> tuple[Float32Array, Float32Array]:
    """A batch's scores; halved as long as memory does not suffice."""
    try:
        return scorer.score(batch)
    except OutOfMemory:
        if len(batch) == 1:
            raise scorer.strange("memory does not suffice for one window") from None
        halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
        (a, a_rows), (b, b_rows) = (_scored(scorer, half) for half in halves)
        return np.concatenate([a, b]), np.concatenate([a_rows, b_rows])


def _uncovered(starts: Sequence[float], window_s: float, duration_s: float) -> tuple[tuple[float, float], ...]:
    """Stretches of the recording that lie in no evaluated window, as (onset_s, duration_s)."""
    holes = []
    reached = 0.0
    for start in starts:
        if start > reached + 1e-6:
            holes.append((round(reached, 3), round(start - reached, 3)))
        reached = max(reached, start + window_s)
    if duration_s > reached + 1e-6:
        holes.append((round(reached, 3), round(duration_s - reached, 3)))
    return tuple(holes)
