"""What is not brain in a synthetic EEG: blinks, eye movements, muscle, pops, movement, mains, heartbeat."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from ..domain import Float32Array, MicrovoltSignal
from .eegs_background import LABELS, envelope, positions

__all__ = ["blinks", "electrode_pops", "eye_movements", "heartbeat", "movements", "muscle"]


def _onsets(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> list[int]:
    """Random sample indices at which something begins, a second clear of both ends."""
    count = rng.poisson(per_minute * samples / rate_hz / 60)
    return sorted(int(x) for x in rng.uniform(rate_hz, max(rate_hz + 1, samples - 2 * rate_hz), count))


def _add(signal: MicrovoltSignal, onset: int, gains: Float32Array, wave: Float32Array) -> None:
    """Add one wave, scaled per electrode, and cut at the end of the recording."""
    length = min(len(wave), signal.shape[1] - onset)
    signal[:, onset : onset + length] += gains[:, None] * wave[None, :length]


def blinks(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> MicrovoltSignal:
    """Eye blinks: 0.2 to 0.4 s, frontopolar positive, singly or in flutter of 2 to 5 Hz, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    front = np.clip(positions()[:, 1] - 0.35, 0, None) / 0.65
    gains = (front**2).astype(np.float32)
    for onset in _onsets(rng, samples, rate_hz, per_minute):
        count = 1 if rng.random() < 0.8 else int(rng.integers(2, 12))
        height = rng.uniform(70, 220)
        at = float(onset)
        for _ in range(count):
            wave = np.hanning(int(rng.uniform(0.2, 0.4) * rate_hz)) * height * rng.uniform(0.7, 1.2)
            if at < samples - 1:
                _add(signal, int(at), gains, wave.astype(np.float32))
            at += rate_hz / rng.uniform(2, 5)
    return signal


def eye_movements(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> MicrovoltSignal:
    """Lateral gaze: opposite steps at F7 and F8 that decay over about a second, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    place = positions()
    gains = (place[:, 0] * np.clip(place[:, 1], 0, None) * 1.4).astype(np.float32)
    for onset in _onsets(rng, samples, rate_hz, per_minute):
        seconds = np.arange(int(2 * rate_hz)) / rate_hz
        wave = (1 - np.exp(-seconds / 0.03)) * np.exp(-seconds / rng.uniform(0.4, 1.2))
        _add(signal, onset, gains, (wave * rng.choice([-1, 1]) * rng.uniform(30, 120)).astype(np.float32))
    return signal


def muscle(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> MicrovoltSignal:
    """Muscle over temples and forehead, tonic or in chewing bursts of about 1.5 Hz, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    place = positions()
    rim = np.clip(1 - 1.2 * place[:, 2], 0.03, None)
    sos = butter(3, [20.0, 0.46 * rate_hz], btype="bandpass", fs=rate_hz, output="sos")
    for onset in _onsets(rng, samples, rate_hz, per_minute):
        length = min(int(rng.uniform(0.5, 20) * rate_hz), samples - onset)
        if length < rate_hz / 2:
            continue
        noise = sosfiltfilt(sos, rng.standard_normal((len(LABELS), length)), axis=1)
        noise *= envelope(rng, 1, length, rate_hz, 1.0, 0.4)
        if rng.random() < 0.35:
            beat = 2 * np.pi * rng.uniform(1.0, 2.2) * np.arange(length) / rate_hz
            noise *= np.clip(np.sin(beat), 0, None) ** 2
        toward = np.array([rng.normal(), rng.normal(), 0.0])
        aim = 0.4 + np.clip(place @ (toward / np.linalg.norm(toward)), 0, None)
        fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.15 * rate_hz))
        level = rng.uniform(8, 45)
        signal[:, onset : onset + length] += (level * (rim * aim)[:, None] * noise * fade).astype(np.float32)
    return signal


def electrode_pops(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> MicrovoltSignal:
    """A loose electrode: steep steps of one channel that decay, at times in runs, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    for onset in _onsets(rng, samples, rate_hz, per_minute):
        gains = np.zeros(len(LABELS), dtype=np.float32)
        gains[rng.integers(len(LABELS))] = 1
        at = onset
        for _ in range(1 if rng.random() < 0.7 else int(rng.integers(2, 9))):
            seconds = np.arange(int(1.5 * rate_hz)) / rate_hz
            wave = np.exp(-seconds / rng.uniform(0.05, 0.4)) * rng.choice([-1, 1]) * rng.uniform(60, 350)
            if at < samples - 1:
                _add(signal, at, gains, wave.astype(np.float32))
            at += int(rng.uniform(0.3, 3) * rate_hz)
    return signal


def movements(rng: np.random.Generator, samples: int, rate_hz: float, per_minute: float) -> MicrovoltSignal:
    """Head or bed movement: slow swings, some rhythmic at 1 to 5 Hz without evolution, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    for onset in _onsets(rng, samples, rate_hz, per_minute):
        length = min(int(rng.uniform(2, 9) * rate_hz), samples - onset)
        seconds = np.arange(length) / rate_hz
        gains = np.zeros(len(LABELS))
        some = rng.choice(len(LABELS), int(rng.integers(1, 9)), replace=False)
        gains[some] = rng.normal(0, 1, len(some))
        if rng.random() < 0.5:
            phase = (
                2 * np.pi * rng.uniform(1, 5) * seconds
                + rng.uniform(0, 6)
                + 0.6 * np.cumsum(rng.standard_normal(length)) / 15
            )
            wave = np.sin(phase) * envelope(rng, 1, length, rate_hz, 0.6, 0.5)[0]
        else:
            wave = np.cumsum(rng.standard_normal(length)) / np.sqrt(rate_hz)
            wave -= np.linspace(wave[0], wave[-1], length)
        wave = wave * np.hanning(length) * rng.uniform(25, 120)
        signal[:, onset : onset + length] += (gains[:, None] * wave).astype(np.float32)
    return signal


def heartbeat(rng: np.random.Generator, samples: int, rate_hz: float, level_uv: float) -> MicrovoltSignal:
    """R waves of the heart over the left lower rim, `level_uv` high, (19, samples)."""
    signal = np.zeros((len(LABELS), samples), dtype=np.float32)
    place = positions()
    gains = (np.clip(1 - place[:, 2], 0, None) * (0.5 - 0.5 * place[:, 0])).astype(np.float32)
    interval = rng.uniform(0.65, 1.1)
    half = int(0.05 * rate_hz)
    wave = (np.hanning(2 * half + 1) * level_uv).astype(np.float32)
    at = rng.uniform(0, interval)
    while at < samples / rate_hz - 0.2:
        _add(signal, int(at * rate_hz), gains, wave)
        at += interval * rng.normal(1, 0.04)
    return signal
