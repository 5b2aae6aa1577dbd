"""Seizures and periodic patterns of a synthetic EEG: where they begin, how they run and spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain import Float32Array, MicrovoltSignal
from .eegs_background import LABELS, envelope, positions

__all__ = ["PeriodicPlan", "SeizurePlan", "involved_channels", "periodic_wave", "seizure_wave"]


@dataclass(frozen=True)
class SeizurePlan:
    """One electrographic seizure.

    Attributes
    ----------
    onset_s, duration_s : float
        From the recording's start.
    focus : str
        Electrode over which it begins, or 'generalised'.
    start_hz, end_hz : float
        Frequency of its rhythm at onset and end; it falls (or rises) smoothly.
    start_uv, end_uv : float
        Amplitude at the focus at onset and at its height, about 70 % through.
    reach : float
        Spread over the scalp at its height, as an angle on the head in radians.
    sharpness : float
        0: sinusoidal; 1: spike and wave.
    """

    onset_s: float
    duration_s: float
    focus: str = "T3"
    start_hz: float = 7.0
    end_hz: float = 3.0
    start_uv: float = 15.0
    end_uv: float = 90.0
    reach: float = 1.4
    sharpness: float = 0.5


@dataclass(frozen=True)
class PeriodicPlan:
    """Periodic discharges or rhythmic delta that is no seizure: a rate that stays, no spread.

    `rhythmic` true gives delta waves without an interval between them; false gives discharges.
    """

    onset_s: float
    duration_s: float
    focus: str = "T3"
    rate_hz: float = 1.0
    level_uv: float = 60.0
    reach: float = 0.8
    rhythmic: bool = False


def _weights(focus: str, reach: float) -> Float32Array:
    """How strongly each electrode takes part, 0 to 1, (19,)."""
    vectors = positions()
    if focus == "generalised":
        return (0.4 + 0.6 * np.clip(vectors[:, 1], 0, 1)).astype(np.float32)
    angle = np.arccos(np.clip(vectors @ vectors[LABELS.index(focus)], -1, 1))
    return np.exp(-((angle / reach) ** 2)).astype(np.float32)


def involved_channels(plan: SeizurePlan) -> tuple[str, ...]:
    """Electrodes that reach at least 40 % of the focus's amplitude at the seizure's height."""
    return tuple(label for label, weight in zip(LABELS, _weights(plan.focus, plan.reach), strict=True) if weight >= 0.4)


def _cycle(phase: Float32Array, sharpness: float) -> Float32Array:
    """A rhythm's wave over its phase: sinusoidal, or with a spike before each slow wave."""
    turn = np.mod(phase / (2 * np.pi), 1.0)
    spike = np.exp(-(((turn - 0.12) / 0.045) ** 2)) * 1.6 - 0.5 * np.exp(-(((turn - 0.24) / 0.05) ** 2))
    slow = np.sin(phase - 1.2)
    return (1 - 0.4 * sharpness) * slow + sharpness * spike


def seizure_wave(rng: np.random.Generator, plan: SeizurePlan, rate_hz: float) -> MicrovoltSignal:
    """The seizure alone, (19, samples) over its duration: evolving in frequency, amplitude and place."""
    samples = int(plan.duration_s * rate_hz)
    course = np.linspace(0, 1, samples)
    jitter = envelope(rng, 1, samples, rate_hz, 0.7, 0.06)[0]
    hertz = (plan.start_hz * (plan.end_hz / plan.start_hz) ** course) * jitter
    phase = 2 * np.pi * np.cumsum(hertz) / rate_hz + rng.uniform(0, 2 * np.pi)
    rise = np.clip(course / 0.7, 0, 1) ** 1.3
    level = plan.start_uv * (plan.end_uv / plan.start_uv) ** rise
    level = level * envelope(rng, 1, samples, rate_hz, 0.8, 0.18)[0]
    edge = np.minimum(1, np.minimum(course * plan.duration_s / 1.5, (1 - course) * plan.duration_s / 0.8))
    vectors = positions()
    lag = np.zeros(len(LABELS))
    if plan.focus != "generalised":
        lag = np.arccos(np.clip(vectors @ vectors[LABELS.index(plan.focus)], -1, 1)) * rng.uniform(0.1, 0.5)
    near = _weights(plan.focus, min(0.7, plan.reach))[:, None]
    far = _weights(plan.focus, plan.reach)[:, None]
    spread = np.clip(course / 0.6, 0, 1)[None, :]
    gains = near * (1 - spread) + far * spread
    own = envelope(rng, len(LABELS), samples, rate_hz, 1.0, 0.2)
    sharp = plan.sharpness * (0.4 + 0.6 * course)
    waves = np.stack([_cycle(phase - delay, 0.0) * (1 - sharp) + _cycle(phase - delay, 1.0) * sharp for delay in lag])
    return np.asarray(gains * own * waves * (level * edge)[None, :], dtype=np.float32)


def periodic_wave(rng: np.random.Generator, plan: PeriodicPlan, rate_hz: float) -> MicrovoltSignal:
    """Periodic discharges or rhythmic delta alone, (19, samples) over its duration."""
    samples = int(plan.duration_s * rate_hz)
    course = np.linspace(0, 1, samples)
    hertz = plan.rate_hz * envelope(rng, 1, samples, rate_hz, 2.0, 0.08)[0]
    phase = 2 * np.pi * np.cumsum(hertz) / rate_hz + rng.uniform(0, 2 * np.pi)
    if plan.rhythmic:
        wave = _cycle(phase, rng.uniform(0, 0.15)) * envelope(rng, 1, samples, rate_hz, 1.5, 0.25)[0]
    else:
        turn = np.mod(phase / (2 * np.pi), 1.0) / plan.rate_hz
        width = rng.uniform(0.03, 0.07)
        wave = np.exp(-(((turn - 0.15) / width) ** 2)) - rng.uniform(0.3, 0.8) * np.exp(
            -(((turn - 0.15 - 3.0 * width) / (2.2 * width)) ** 2)
        )
        wave = wave * envelope(rng, 1, samples, rate_hz, 2.0, 0.15)[0]
    edge = np.minimum(1, np.minimum(course, 1 - course) * plan.duration_s / 2)
    gains = _weights(plan.focus, plan.reach)[:, None] * rng.uniform(0.8, 1.2, (len(LABELS), 1))
    return np.asarray(plan.level_uv * gains * (wave * edge)[None, :], dtype=np.float32)
