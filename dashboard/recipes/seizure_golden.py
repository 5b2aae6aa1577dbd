"""A made input whose scores are kept, so that whoever loads the detector can see whether it still is itself."""

from __future__ import annotations

import numpy as np

from ..domain import Float32Array

__all__ = ["golden_signal"]


def golden_signal(seed: int, windows: int, rows: int, samples: int, rate_hz: float) -> Float32Array:
    """Noise with a rhythm that grows from window to window, (window, row, sample), microvolts."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(samples) / rate_hz
    rhythm = np.sin(2 * np.pi * 4 * seconds) * np.linspace(0, 80, windows)[:, None, None]
    share = np.linspace(1, 0.2, rows)[None, :, None]
    return (rng.normal(0, 12, (windows, rows, samples)) + rhythm * share).astype(np.float32)
