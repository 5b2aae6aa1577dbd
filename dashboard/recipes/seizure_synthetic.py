"""Synthetic training recordings: whole ones, and synthetic seizures laid over real recordings without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..demo import (
    LABELS,
    EegPlan,
    PeriodicPlan,
    SeizurePlan,
    demo_recordings,
    involved_channels,
    periodic_wave,
    seizure_wave,
    synthetic_recording,
)
from ..domain import Float32Array, MicrovoltSignal, Recording
from .seizure_data import LabelledRecording, SignalInput, array_recording, montaged_signal

__all__ = [
    "FIRST_SEED",
    "demonstration_recordings",
    "mixed_recordings",
    "random_periodic",
    "random_plan",
    "random_seizure",
    "synthetic_recordings",
]

FIRST_SEED = 1000
"""Seeds of training recordings begin here; the demonstration's lie below."""


def random_seizure(rng: np.random.Generator, onset_s: float, duration_s: float, level_uv: float) -> SeizurePlan:
    """A seizure of random focus, course and size, its amplitudes in proportion to a background of `level_uv`."""
    generalised = rng.random() < 0.25
    start_hz = rng.uniform(2.6, 4.5) if generalised else float(np.exp(rng.uniform(np.log(3.0), np.log(16.0))))
    end_hz = max(1.6, start_hz * rng.uniform(0.35, 0.9))
    start = level_uv * rng.uniform(0.9, 3.0)
    return SeizurePlan(
        onset_s=onset_s,
        duration_s=duration_s,
        focus="generalised" if generalised else str(rng.choice(LABELS)),
        start_hz=start_hz,
        end_hz=end_hz,
        start_uv=start,
        end_uv=start * rng.uniform(1.5, 6.0),
        reach=rng.uniform(0.7, 2.0),
        sharpness=rng.uniform(0.0, 1.0),
    )


def random_periodic(rng: np.random.Generator, onset_s: float, duration_s: float, level_uv: float) -> PeriodicPlan:
    """Periodic discharges or rhythmic delta of random place and rate that are no seizure."""
    rhythmic = bool(rng.random() < 0.5)
    return PeriodicPlan(
        onset_s=onset_s,
        duration_s=duration_s,
        focus="generalised" if rng.random() < 0.4 else str(rng.choice(LABELS)),
        rate_hz=rng.uniform(0.8, 2.2) if rhythmic else rng.uniform(0.4, 1.6),
        level_uv=level_uv * rng.uniform(2.0, 7.0),
        reach=rng.uniform(0.5, 1.6),
        rhythmic=rhythmic,
    )


def random_plan(seed: int, duration_s: float = 300.0) -> EegPlan:
    """A recording of random background, artefacts, up to two seizures and at times periodic patterns."""
    rng = np.random.default_rng([seed, 99])
    level = rng.uniform(4, 16)
    seizures = []
    for part in range(2):
        if rng.random() < 0.75:
            length = rng.uniform(12, 70)
            onset = duration_s * (0.1 + 0.45 * part) + rng.uniform(0, duration_s * 0.4 - length - 5)
            seizures.append(random_seizure(rng, onset, length, level))
    onset = rng.uniform(0, duration_s * 0.6)
    periodic = (random_periodic(rng, onset, rng.uniform(20, 100), level),) if rng.random() < 0.4 else ()
    return EegPlan(
        name=f"training-{seed}",
        seed=seed,
        duration_s=duration_s,
        level_uv=level,
        slope=rng.uniform(1.0, 2.2),
        alpha_hz=rng.uniform(7.5, 11.5),
        alpha_uv=rng.uniform(2, 32),
        open_share=rng.uniform(0, 0.9),
        drowsy_share=rng.uniform(0, 1),
        blinks=rng.uniform(0, 30),
        gazes=rng.uniform(0, 10),
        muscle=rng.uniform(0, 5),
        pops=rng.uniform(0, 2),
        movements=rng.uniform(0, 3),
        heart_uv=rng.uniform(0, 12),
        mains_uv=rng.uniform(0, 6),
        seizures=tuple(seizures),
        periodic=periodic,
    )


def synthetic_recordings(seeds: Sequence[int], signal_input: SignalInput, duration_s: float) -> list[LabelledRecording]:
    """Whole synthetic recordings by seed, montaged, with targets and the rows that take part in their seizures."""
    return [_labelled(random_plan(seed, duration_s), f"synthetic-{seed}", signal_input) for seed in seeds]


def demonstration_recordings(signal_input: SignalInput, other_seed: int | None = None) -> list[LabelledRecording]:
    """The demonstration's recordings; with `other_seed`, recordings by the same plans that nobody is shown."""
    plans = demo_recordings()
    if other_seed is not None:
        plans = tuple(replace(plan, seed=other_seed * 10 + n) for n, plan in enumerate(plans))
    return [_labelled(plan, f"demonstration/{plan.name}", signal_input) for plan in plans]


def _labelled(plan: EegPlan, name: str, signal_input: SignalInput) -> LabelledRecording:
    """One synthetic recording, montaged, with its target and the rows that take part in its seizures."""
    eeg = synthetic_recording(plan)
    labels, signal = montaged_signal(array_recording(eeg.labels, eeg.rate_hz, eeg.signal_uv, name), signal_input)
    target = np.zeros(int(np.ceil(plan.duration_s)), dtype=np.float32)
    involved = np.ones(len(labels), dtype=np.float32)
    for onset, length, channels in eeg.seizures:
        target[int(onset) : int(np.ceil(onset + length))] = 1.0
        involved = np.minimum(involved, _rows_involved(labels, channels))
    return LabelledRecording(name, name, "synthetic", labels, signal, target, involved)


def _rows_involved(labels: Sequence[str], channels: Sequence[str]) -> Float32Array:
    """Rows of the montage that see one of the channels, (row,)."""
    return np.array([float(any(part in channels for part in label.split("-"))) for label in labels], dtype=np.float32)


def mixed_recordings(
    recording: Recording, group: str, signal_input: SignalInput, seeds: Sequence[int]
) -> list[LabelledRecording]:
    """Copies of a real recording without a seizure, each with one synthetic seizure or periodic pattern laid over it.

    A recording that lacks one of the 19 electrodes gives none.
    """
    by_label = {recording.channels[n].label: n for n in recording.eeg_channels}
    if not set(LABELS) <= set(by_label):
        return []
    rate = recording.channels[by_label["Cz"]].rate_hz
    real = recording.source.read(0.0, recording.duration_s, [by_label[label] for label in LABELS])
    real = np.nan_to_num(real - np.nanmedian(real, axis=1, keepdims=True))
    level = _background_level(real, rate)
    made = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 7])
        duration = recording.duration_s
        length = rng.uniform(10, min(60, max(11, duration * 0.5)))
        onset = rng.uniform(0, max(0.1, duration - length))
        seizure = bool(rng.random() < 0.7)
        if seizure:
            plan = random_seizure(rng, onset, length, level)
            wave, channels = seizure_wave(rng, plan, rate), involved_channels(plan)
        else:
            wave, channels = periodic_wave(rng, random_periodic(rng, onset, length, level), rate), ()
        signal = real.copy()
        first = int(onset * rate)
        wave = wave[:, : signal.shape[1] - first]
        signal[:, first : first + wave.shape[1]] += wave
        name = f"mixed-{seed}"
        labels, montaged = montaged_signal(array_recording(LABELS, rate, signal, name), signal_input)
        target = np.zeros(int(np.ceil(duration)), dtype=np.float32)
        if seizure:
            target[int(onset) : int(np.ceil(onset + length))] = 1.0
        involved = _rows_involved(labels, channels) if seizure else np.ones(len(labels), dtype=np.float32)
        made.append(LabelledRecording(name, group, "mixed", labels, montaged, target, involved))
    return made


def _background_level(signal: MicrovoltSignal, rate_hz: float) -> float:
    """Standard deviation of a recording's activity in the median second and channel, against the channels' mean."""
    centred = signal - signal.mean(axis=0)
    seconds = centred.shape[1] // int(rate_hz)
    cut = centred[:, : seconds * int(rate_hz)].reshape(len(centred), seconds, -1)
    return float(np.median(cut.std(axis=2)))
