"""Background of a synthetic scalp EEG: coloured noise with spatial correlation, alpha rhythm, drowsiness."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.signal import butter, sosfiltfilt

from ..domain import Float32Array, MicrovoltSignal

__all__ = ["LABELS", "alpha_rhythm", "background", "drowsiness", "envelope", "positions"]

LABELS = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T3", "C3", "Cz", "C4", "T4", "T5", "P3", "Pz", "P4", "T6", "O1", "O2",
)  # fmt: skip
"""The 19 electrodes of the 10-20 system, in the order of every synthetic recording."""

_DEGREES = {
    "Fp1": (90, 108), "Fp2": (90, 72), "F7": (90, 144), "F3": (60, 129), "Fz": (45, 90), "F4": (60, 51),
    "F8": (90, 36), "T3": (90, 180), "C3": (45, 180), "Cz": (0, 0), "C4": (45, 0), "T4": (90, 0),
    "T5": (90, 216), "P3": (60, 231), "Pz": (45, 270), "P4": (60, 309), "T6": (90, 324), "O1": (90, 252),
    "O2": (90, 288),
}  # fmt: skip
"""Inclination from the vertex and azimuth from the right ear, counter-clockwise, on a spherical head."""


@lru_cache(maxsize=1)
def positions() -> Float32Array:
    """Unit vectors (19, 3) of the electrodes on a spherical head: x right, y front, z up."""
    angles = np.radians([_DEGREES[label] for label in LABELS])
    inclination, azimuth = angles[:, 0], angles[:, 1]
    vectors = np.stack(
        [np.sin(inclination) * np.cos(azimuth), np.sin(inclination) * np.sin(azimuth), np.cos(inclination)], axis=1
    )
    return vectors.astype(np.float32)


def coloured(rng: np.random.Generator, rows: int, samples: int, rate_hz: float, slope: float) -> Float32Array:
    """Noise whose power falls as 1/f^slope above 1 Hz, unit standard deviation, (rows, samples)."""
    spectrum = np.fft.rfft(rng.standard_normal((rows, samples)).astype(np.float32), axis=1)
    hertz = np.fft.rfftfreq(samples, 1 / rate_hz)
    spectrum *= np.where(hertz < 0.3, 0.0, np.maximum(hertz, 1.0) ** (-slope / 2))
    noise = np.fft.irfft(spectrum, n=samples, axis=1)
    return (noise / noise.std(axis=1, keepdims=True)).astype(np.float32)


def envelope(
    rng: np.random.Generator, rows: int, samples: int, rate_hz: float, period_s: float, depth: float
) -> Float32Array:
    """A slow positive modulation around 1 with about `period_s` between its waves, (rows, samples)."""
    knots = max(4, int(samples / rate_hz / period_s * 2) + 2)
    values = np.exp(depth * rng.standard_normal((rows, knots)))
    at = np.linspace(0, knots - 1, samples)
    return np.stack([np.interp(at, np.arange(knots), row) for row in values]).astype(np.float32)


def background(
    rng: np.random.Generator, samples: int, rate_hz: float, level_uv: float, slope: float
) -> MicrovoltSignal:
    """Ongoing activity of all electrodes, neighbours alike, `level_uv` standard deviation, (19, samples)."""
    vectors = positions()
    angle = np.arccos(np.clip(vectors @ vectors.T, -1, 1))
    kernel = np.exp(-((angle / 0.6) ** 2)) + 1e-3 * np.eye(len(LABELS))
    root = np.linalg.cholesky(kernel).astype(np.float32)
    shared = root @ coloured(rng, len(LABELS), samples, rate_hz, slope)
    own = coloured(rng, len(LABELS), samples, rate_hz, slope * 0.7)
    together = (0.9 * shared + 0.3 * own) * envelope(rng, 1, samples, rate_hz, 20.0, 0.15)
    return np.asarray(level_uv * together, dtype=np.float32)


def narrowband(
    rng: np.random.Generator, samples: int, rate_hz: float, centre_hz: float, width_hz: float
) -> Float32Array:
    """One row of noise in a band, unit standard deviation, (samples,)."""
    low, high = max(0.3, centre_hz - width_hz / 2), min(centre_hz + width_hz / 2, 0.48 * rate_hz)
    sos = butter(2, [low, high], btype="bandpass", fs=rate_hz, output="sos")
    noise = sosfiltfilt(sos, rng.standard_normal(samples))
    return (noise / noise.std()).astype(np.float32)


def alpha_rhythm(
    rng: np.random.Generator, samples: int, rate_hz: float, centre_hz: float, level_uv: float, open_share: float
) -> MicrovoltSignal:
    """Posterior alpha that waxes and wanes, and stops while the eyes are open, (19, samples)."""
    gain = np.array([_posterior(label) for label in LABELS], dtype=np.float32)[:, None]
    both = narrowband(rng, samples, rate_hz, centre_hz, 2.0)
    sides = np.stack([narrowband(rng, samples, rate_hz, centre_hz, 2.0) for _ in range(3)])
    side = np.array([0 if label[-1] in "13579" else 1 if label[-1] in "2468" else 2 for label in LABELS])
    wave = 0.8 * both[None, :] + 0.6 * sides[side]
    closed = np.ones(samples, dtype=np.float32)
    at = 0.0
    while at < samples / rate_hz:
        length = rng.uniform(8, 60)
        if rng.random() < open_share:
            closed[int(at * rate_hz) : int((at + length) * rate_hz)] = 0.15
        at += length
    kernel = np.hanning(int(rate_hz) | 1)
    closed = np.convolve(closed, kernel / kernel.sum(), mode="same")
    waxing = envelope(rng, 1, samples, rate_hz, 2.5, 0.5)
    return np.asarray(level_uv * gain * wave * waxing * closed, dtype=np.float32)


def _posterior(label: str) -> float:
    """Share of the occipital alpha that an electrode sees."""
    shares = {"O": 1.0, "P": 0.75, "T5": 0.65, "T6": 0.65, "C": 0.35, "T": 0.25, "F": 0.15}
    if label.startswith("Fp"):
        return 0.1
    return shares.get(label, shares[label[0]])


def drowsiness(rng: np.random.Generator, samples: int, rate_hz: float, level_uv: float) -> MicrovoltSignal:
    """Theta, vertex waves and spindles of light sleep at full strength, (19, samples)."""
    up = positions()[:, 2:3]
    central = np.exp(-((np.arccos(np.clip(up, -1, 1)) / 0.9) ** 2)).astype(np.float32)
    theta = narrowband(rng, samples, rate_hz, 5.0, 2.5) * envelope(rng, 1, samples, rate_hz, 5.0, 0.4)[0]
    signal = level_uv * (0.4 + 0.6 * central) * theta
    for _ in range(rng.poisson(samples / rate_hz / 15)):
        onset = int(rng.uniform(0, samples - 2 * rate_hz))
        if rng.random() < 0.5:
            length = int(rng.uniform(0.6, 1.4) * rate_hz)
            seconds = np.arange(length) / rate_hz
            wave = np.sin(2 * np.pi * rng.uniform(12, 14.5) * seconds) * np.hanning(length) * rng.uniform(15, 35)
        else:
            length = int(rng.uniform(0.25, 0.8) * rate_hz)
            wave = -np.sin(2 * np.pi * np.arange(length) / length) * rng.uniform(40, 110)
        signal[:, onset : onset + length] += central * wave.astype(np.float32)
    return np.asarray(signal, dtype=np.float32)
