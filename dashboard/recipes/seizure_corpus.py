"""What the detector is trained on, and how windows are drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..domain import Float32Array
from .seizure_data import LabelledRecording, SignalInput, labelled_recording, manifest_rows, recording_of
from .seizure_synthetic import FIRST_SEED, mixed_recordings, synthetic_recordings

__all__ = ["WINDOW_S", "Batch", "Corpus", "corpus_recordings", "fold_of_groups", "real_recordings", "window_target"]

WINDOW_S = 10.0
_SHARES = {"real+": 0.27, "synthetic+": 0.12, "mixed+": 0.13, "real-": 0.34, "synthetic-": 0.09, "mixed-": 0.05}
"""Of the windows of a batch: what they come from, with (+) or without (-) a seizure."""
_MAX_ROWS = 8
"""Rows of a montage in a training window; more are drawn from at random, which also teaches missing electrodes."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows for one step, padded to the same number of rows.

    Attributes
    ----------
    signal_uv : (window, row, sample) float32
    mask : (window, row) float32
        1 where the row is there.
    target : (window,) float32
    row_target : (window, row) float32
        NaN where unknown.
    """

    signal_uv: Float32Array
    mask: Float32Array
    target: Float32Array
    row_target: Float32Array


def window_target(target: Float32Array, start_s: float, window_s: float = WINDOW_S) -> float:
    """Target of a window: the experts' share, full once half of the window is seizure; NaN where any second is unknown."""
    part = target[int(start_s) : int(np.ceil(start_s + window_s))]
    return float(min(1.0, 2.0 * part.mean())) if part.max(initial=0) >= 0.999 else float(part.mean())


def real_recordings(data: Path, split: str, signal_input: SignalInput) -> list[LabelledRecording]:
    """Every recording of a split of the shared data, in one montage."""
    return [labelled_recording(data, row, signal_input) for row in manifest_rows(data, split)]


def corpus_recordings(
    data: Path, signal_input: SignalInput, *, synthetic: int, mixed: int, on_progress: Callable[[str], None]
) -> list[LabelledRecording]:
    """The train split, synthetic recordings and mixtures of both, each in the bipolar and the average montage.

    Parameters
    ----------
    synthetic : int
        Number of synthetic recordings of five minutes.
    mixed : int
        Copies of every real recording without seizure that get a synthetic seizure or pattern.
    """
    everything: list[LabelledRecording] = []
    rows = list(manifest_rows(data, "train"))
    for montage in ("longitudinal_bipolar", "average"):
        wanted = replace(signal_input, montage=montage)
        on_progress(f"reading {len(rows)} recordings and making {synthetic} synthetic ones, {montage}")
        real = [labelled_recording(data, row, wanted) for row in rows]
        everything += real
        everything += synthetic_recordings(range(FIRST_SEED, FIRST_SEED + synthetic), wanted, 300.0)
        for number, (row, recording) in enumerate(zip(rows, real, strict=True)):
            if recording.target.max() == 0 and len(recording.target) >= 15:
                first = 100_000 + number * 100
                seeds = range(first, first + mixed)
                everything += mixed_recordings(recording_of(data, row["file"]), recording.group, wanted, seeds)
    return everything


def fold_of_groups(recordings: Sequence[LabelledRecording], folds: int) -> dict[str, int]:
    """The fold that leaves each group of real recordings out; groups with a seizure are dealt first, so each has some."""
    groups: dict[str, bool] = {}
    for recording in recordings:
        if recording.source not in ("synthetic", "mixed"):
            seizure = bool(np.nan_to_num(recording.target).max(initial=0) >= 0.3)
            groups[recording.group] = groups.get(recording.group, False) or seizure
    ordered = [g for g, seizure in groups.items() if seizure] + [g for g, seizure in groups.items() if not seizure]
    return {group: n % folds for n, group in enumerate(ordered)}


class Corpus:
    """Recordings in two montages and an endless, seeded stream of balanced batches.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    seed : int
    """

    def __init__(self, recordings: Sequence[LabelledRecording], rate_hz: float, seed: int) -> None:
        self.recordings = tuple(recordings)
        self.rate_hz = rate_hz
        self._rng = np.random.default_rng(seed)
        self._places: dict[str, list[tuple[LabelledRecording, list[float]]]] = {}
        for recording in self.recordings:
            kind = recording.source if recording.source in ("synthetic", "mixed") else "real"
            starts: dict[str, list[float]] = {"+": [], "-": []}
            for start in np.arange(0, len(recording.target) - WINDOW_S + 0.5, 1.0):
                value = window_target(recording.target, float(start))
                if not np.isnan(value):
                    starts["+" if value >= 0.3 else "-"].append(float(start))
            for sign, places in starts.items():
                if places:
                    self._places.setdefault(kind + sign, []).append((recording, places))

    def batch(self, size: int) -> Batch:
        """Draw one batch of augmented windows."""
        kinds = [kind for kind in _SHARES if kind in self._places]
        shares = np.array([_SHARES[kind] for kind in kinds])
        drawn = [
            self._window(str(kind))
            for kind in self._rng.choice(kinds, size=size, p=shares / shares.sum(), replace=True)
        ]
        rows = max(len(signal) for signal, _, _ in drawn)
        samples = int(WINDOW_S * self.rate_hz)
        signals = np.zeros((size, rows, samples), dtype=np.float32)
        mask = np.zeros((size, rows), dtype=np.float32)
        row_target = np.full((size, rows), np.nan, dtype=np.float32)
        for n, (signal, _, known) in enumerate(drawn):
            signals[n, : len(signal)] = signal
            mask[n, : len(signal)] = 1
            row_target[n, : len(signal)] = known
        return Batch(signals, mask, np.array([target for _, target, _ in drawn], dtype=np.float32), row_target)

    def _window(self, kind: str) -> tuple[Float32Array, float, Float32Array]:
        """One augmented window of a kind: signal, target, targets of its rows."""
        places = self._places[kind]
        weight = np.sqrt([len(starts) for _, starts in places]) if kind == "real-" else np.ones(len(places))
        recording, starts = places[self._rng.choice(len(places), p=weight / weight.sum())]
        start = starts[self._rng.integers(len(starts))]
        target = window_target(recording.target, start)
        rows = self._rng.permutation(len(recording.labels))[:_MAX_ROWS]
        if target > 0 and recording.involved is not None and not recording.involved[rows].any():
            rows[0] = self._rng.choice(np.flatnonzero(recording.involved)) if recording.involved.any() else rows[0]
        signal = self._cut(recording, start, rows)
        if target == 0:
            known = np.zeros(len(rows), dtype=np.float32)
        elif recording.involved is None:
            known = np.full(len(rows), np.nan, dtype=np.float32)
        else:
            known = np.asarray(target * recording.involved[rows], dtype=np.float32)
        return signal, target, known

    def _cut(self, recording: LabelledRecording, start_s: float, rows: np.ndarray) -> Float32Array:
        """Cut a window, stretched in time, scaled, turned and with noise, so that none is seen twice alike."""
        rng, rate = self._rng, self.rate_hz
        samples = int(WINDOW_S * rate)
        stretch = float(np.exp(rng.normal(0, 0.08)))
        first = start_s * rate + rng.integers(-40, 41)
        last_possible = recording.signal_uv.shape[1] - 1
        first = float(np.clip(first, 0, max(0.0, last_possible - stretch * samples)))
        at = np.clip(first + stretch * np.arange(samples), 0, last_possible)
        low = np.floor(at).astype(int)
        share = (at - low).astype(np.float32)
        source = recording.signal_uv[rows]
        signal = source[:, low] * (1 - share) + source[:, np.minimum(low + 1, last_possible)] * share
        signal = np.nan_to_num(signal) * np.float32(rng.choice([-1, 1]) * np.exp(rng.normal(0, 0.3)))
        signal = signal * np.exp(rng.normal(0, 0.1, (len(rows), 1))).astype(np.float32)
        signal += rng.standard_normal(signal.shape).astype(np.float32) * np.float32(rng.uniform(0, 1.5))
        flat = rng.random(len(rows)) < 0.04
        if not flat.all():
            signal[flat] *= np.float32(0.02)
        return signal.astype(np.float32)
