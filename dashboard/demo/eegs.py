"""Synthetic scalp EEG: plans of recordings, and the recordings made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain import MicrovoltSignal
from .eegs_artefacts import blinks, electrode_pops, eye_movements, heartbeat, movements, muscle
from .eegs_background import LABELS, alpha_rhythm, background, drowsiness, envelope
from .eegs_seizures import PeriodicPlan, SeizurePlan, involved_channels, periodic_wave, seizure_wave

__all__ = ["EegPlan", "SyntheticEeg", "demo_recordings", "synthetic_recording"]


@dataclass(frozen=True)
class EegPlan:
    """What a synthetic recording holds; the same plan gives the same samples.

    Attributes
    ----------
    name : str
        A file's stem.
    seed : int
        Of every random part. The demonstration's are below 1000, those of training from 1000.
    level_uv, slope : float
        Standard deviation of the background and the fall of its spectrum (1/f^slope).
    alpha_hz, alpha_uv, open_share : float
        Posterior rhythm, and the share of time with the eyes open.
    drowsy_share : float
        0: awake throughout; 1: light sleep throughout.
    blinks, gazes, muscle, pops, movements : float
        Artefacts a minute.
    """

    name: str
    seed: int
    sex: str = ""
    age_years: int | None = None
    duration_s: float = 1200.0
    rate_hz: float = 200.0
    level_uv: float = 9.0
    slope: float = 1.6
    alpha_hz: float = 10.0
    alpha_uv: float = 14.0
    open_share: float = 0.3
    drowsy_share: float = 0.2
    blinks: float = 8.0
    gazes: float = 2.0
    muscle: float = 1.0
    pops: float = 0.3
    movements: float = 0.2
    heart_uv: float = 3.0
    mains_uv: float = 0.5
    seizures: tuple[SeizurePlan, ...] = ()
    periodic: tuple[PeriodicPlan, ...] = ()


@dataclass(frozen=True, eq=False)
class SyntheticEeg:
    """A synthetic recording against a linked-ear-like reference.

    Attributes
    ----------
    signal_uv : (channel, sample) float32
        Microvolts, channels in the order of `labels`.
    seizures : tuple of (onset_s, duration_s, channels)
        The truth that was put in, by onset.
    """

    labels: tuple[str, ...]
    rate_hz: float
    signal_uv: MicrovoltSignal
    seizures: tuple[tuple[float, float, tuple[str, ...]], ...]


def synthetic_recording(plan: EegPlan) -> SyntheticEeg:
    """Make the recording that a plan describes, of 19 channels, deterministic by its seed.

    Background with spatial correlation and a posterior alpha rhythm, drowsy stretches, blinks, eye movements, muscle,
    electrode pops, movement, heartbeat and mains; on top the plan's seizures, each followed by a slow, flat stretch,
    and its periodic patterns. Nothing of it was fitted to a patient.
    """
    streams = [np.random.default_rng([plan.seed, part]) for part in range(10)]
    samples, rate = int(plan.duration_s * plan.rate_hz), plan.rate_hz
    signal = background(streams[0], samples, rate, plan.level_uv, plan.slope)
    drowsy = _drowsy_course(streams[1], samples, rate, plan.drowsy_share)
    signal += (1 - drowsy) * alpha_rhythm(
        streams[2], samples, rate, plan.alpha_hz, plan.alpha_uv, plan.open_share
    ) + drowsy * drowsiness(streams[3], samples, rate, 0.9 * plan.level_uv)
    seizure_stream, pattern_stream = streams[4], streams[5]
    for periodic in plan.periodic:
        first = int(periodic.onset_s * rate)
        wave = periodic_wave(pattern_stream, periodic, rate)[:, : samples - first]
        signal[:, first : first + wave.shape[1]] += wave
    for seizure in plan.seizures:
        first = int(seizure.onset_s * rate)
        wave = seizure_wave(seizure_stream, seizure, rate)[:, : samples - first]
        signal *= _quieting(samples, rate, seizure)
        signal[:, first : first + wave.shape[1]] += wave
    signal += blinks(streams[6], samples, rate, plan.blinks) + eye_movements(streams[6], samples, rate, plan.gazes)
    signal += muscle(streams[7], samples, rate, plan.muscle)
    signal += electrode_pops(streams[8], samples, rate, plan.pops) + movements(
        streams[8], samples, rate, plan.movements
    )
    signal += heartbeat(streams[9], samples, rate, plan.heart_uv)
    hum = np.sin(2 * np.pi * 50 * np.arange(samples) / rate + streams[9].uniform(0, 6))
    signal += (plan.mains_uv * streams[9].uniform(0.2, 2, (len(LABELS), 1)) * hum).astype(np.float32)
    truth = tuple(
        (s.onset_s, s.duration_s, involved_channels(s)) for s in sorted(plan.seizures, key=lambda s: s.onset_s)
    )
    return SyntheticEeg(LABELS, rate, signal.astype(np.float32), truth)


def _drowsy_course(rng: np.random.Generator, samples: int, rate_hz: float, share: float) -> MicrovoltSignal:
    """How drowsy the person is over time, 0 to 1, (1, samples)."""
    if share <= 0:
        return np.zeros((1, samples), dtype=np.float32)
    course = np.log(envelope(rng, 1, samples, rate_hz, 120.0, 1.0)) + 2.5 * (share - 0.5)
    return (1 / (1 + np.exp(-4 * course))).astype(np.float32)


def _quieting(samples: int, rate_hz: float, seizure: SeizurePlan) -> MicrovoltSignal:
    """Background is flattened by a third to a half during a seizure and for about a minute after it, (samples,)."""
    seconds = np.arange(samples) / rate_hz
    end = seizure.onset_s + seizure.duration_s
    depth = 0.45 * min(1.0, seizure.end_uv / 80)
    begun = np.clip((seconds - seizure.onset_s) / 2, 0, 1)
    recovered = np.exp(-np.clip(seconds - end, 0, None) / 25)
    return (1 - depth * begun * recovered).astype(np.float32)


def demo_recordings() -> tuple[EegPlan, ...]:
    """The demonstration's recordings: clear seizures, none at all, a hard one, and generalised ones in a drowsy person."""
    return (
        EegPlan(
            "temporal-seizures",
            sex="F",
            age_years=34,
            seed=101,
            duration_s=1500,
            seizures=(
                SeizurePlan(420, 68, "T3", 7.0, 3.0, 20, 110, 1.2, 0.5),
                SeizurePlan(1080, 84, "F7", 8.0, 2.8, 18, 120, 1.5, 0.6),
            ),
        ),
        EegPlan("no-seizure", seed=102, sex="M", age_years=27, duration_s=1200, muscle=1.5, blinks=12, pops=0.5),
        EegPlan(
            "brief-subtle-seizure",
            sex="M",
            age_years=58,
            seed=103,
            duration_s=900,
            alpha_uv=18,
            alpha_hz=9.5,
            seizures=(SeizurePlan(516, 14, "T6", 5.5, 4.0, 14, 30, 0.75, 0.15),),
        ),
        EegPlan(
            "generalised-seizures",
            sex="F",
            age_years=19,
            seed=104,
            duration_s=1200,
            drowsy_share=0.5,
            seizures=(
                SeizurePlan(264, 22, "generalised", 3.4, 2.8, 80, 180, 2.0, 1.0),
                SeizurePlan(815, 31, "generalised", 3.5, 2.7, 80, 200, 2.0, 1.0),
            ),
        ),
    )
