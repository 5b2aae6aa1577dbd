"""Samples of each channel, taken here and there over a recording, to judge units and likeness by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Issue, Severity
from ..files import digest_bytes
from .labels import Labelled
from .source import SampleStore
from .units import amplitude, decide_unit, microvolts_per

__all__ = ["Windows", "is_constant"]

_WINDOWS, _WINDOW_S = 24, 2.0
_FEWEST = 16
_LIKENESS = 0.95
"""Correlation at which an EEG channel is the ECG under another name (0.998 in the one that was seen)."""


def is_constant(store: SampleStore, samples: int, columns: int, least: float = 0.0) -> bool:
    """Whether every channel of a store has one value throughout, give or take `least`."""
    all_columns = np.arange(columns)
    first = store.take(0, 1, all_columns)
    for at in range(0, samples, 1 << 16):
        block = store.take(at, min(samples, at + (1 << 16)), all_columns)
        if (np.abs(block - first) > least if least else block != first).any():
            return False
    return True


class Windows:
    """Up to 24 windows of 2 s of each channel, evenly spread, in the numbers of the file."""

    def __init__(self, channels: int) -> None:
        self._of: list[list[NDArray[np.float64]]] = [[] for _ in range(channels)]
        self._rates = [0.0] * channels

    def take(
        self,
        store: SampleStore,
        samples: int,
        rate_hz: float,
        members: Sequence[int],
        scales: Sequence[tuple[float, float]],
    ) -> None:
        """Take the windows of one rate's channels; number = stored * scale + offset."""
        size = max(2, round(_WINDOW_S * rate_hz))
        starts = np.unique(np.linspace(0, max(0, samples - size), _WINDOWS).astype(int))
        columns = np.arange(len(members))
        blocks = [store.take(int(a), min(samples, int(a) + size), columns) for a in starts]
        for column, (n, (gain, offset)) in enumerate(zip(members, scales, strict=True)):
            self._rates[n] = rate_hz
            self._of[n] = [block[:, column] * gain + offset for block in blocks]

    def moves(self) -> bool:
        """Whether any channel has more than one value in any window."""
        return any(np.ptp(window) > 0 for windows in self._of for window in windows)

    def fingerprints(self) -> list[str]:
        """Equal for channels with equal samples in every window."""
        return [digest_bytes(np.concatenate(windows).tobytes()) for windows in self._of]

    def name_ecg(self, labelled: Sequence[Labelled], issues: list[Issue]) -> tuple[Labelled, ...]:
        """An EEG channel that carries the ECG is one, whatever it is called."""
        named = list(labelled)
        ecg = [n for n, channel in enumerate(labelled) if channel.kind == "ecg"]
        for n, channel in enumerate(labelled):
            if channel.kind != "eeg":
                continue
            if any(self._rates[n] == self._rates[m] and self._likeness(n, m) > _LIKENESS for m in ecg):
                named[n] = replace(channel, kind="ecg", label=f"{channel.label} (ECG)")
                issues.append(
                    Issue("ecg_labelled_eeg", Severity.WARNING, channel.label,
                          f"The channel {channel.label} is the ECG under another name; it is kept apart.")
                )  # fmt: skip
        return tuple(named)

    def factors(
        self, name: str, units: Sequence[str | None], labelled: Sequence[Labelled], issues: list[Issue]
    ) -> list[float]:
        """Microvolts per number of each channel; one decision for all voltages that state the same unit.

        Parameters
        ----------
        name : str
            The file's base name, for a refusal.
        units : sequence of str or None
            As stated, '' for blank, None for what is no voltage: its numbers stay what they are.
        """
        decided: dict[str, float] = {}
        for unit in dict.fromkeys(u for u in units if u is not None):
            eeg = [n for n, c in enumerate(labelled) if c.kind == "eeg" and units[n] == unit]
            if eeg:
                typical = np.array([self._amplitude(n) for n in eeg])
                decision = decide_unit(unit, typical, where="channels", name=name)
                issues.extend(decision.issues)
                decided[unit] = decision.factor
            else:
                decided[unit] = microvolts_per(unit) or 1.0
        return [1.0 if unit is None else decided[unit] for unit in units]

    def _amplitude(self, channel: int) -> float:
        """Typical amplitude in the file's numbers; 0 where there are too few samples to tell it from a line.

        A window of which half the samples are equal is flat: what a step leaves beside a straight line is no signal.
        """
        windows = [w if np.median(np.abs(w - np.median(w))) else np.zeros_like(w) for w in self._of[channel]]
        return float(amplitude([window[None] for window in windows])[0]) if len(windows[0]) >= _FEWEST else 0.0

    def _likeness(self, one: int, other: int) -> float:
        pairs = zip(self._of[one], self._of[other], strict=True)
        flat = [(a - a.mean(), b - b.mean()) for a, b in pairs]
        x, y = (np.concatenate(part) for part in zip(*flat, strict=True))
        scale = float(np.sqrt((x @ x) * (y @ y)))
        return abs(float(x @ y)) / scale if scale > 0 else 0.0
