"""What a recording's input guards are held against, and which stretches of channels no detector is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain import Recording
from ..eeg import DetectorInput, SignalQuality, signal_quality

__all__ = ["SignalChecks", "check_signal"]

_USABLE_SHARE = 0.5
"""A row that is lost for more than this of its time does not count as usable."""
_NOISY = 0.5
_NAMED = 6
"""Channels and rows that a sentence names before it says how many more there are."""


@dataclass(frozen=True)
class SignalChecks:
    """Measures for the guards, words for their sentences, what is left out, and what of it a prediction keeps."""

    measures: Mapping[str, float | None]
    named: Mapping[str, str]
    left_out: Mapping[str, tuple[tuple[float, float], ...]]
    kept: Mapping[str, Any]


def check_signal(recording: Recording, signal_input: DetectorInput) -> SignalChecks:
    """Measure a recording as a detector would read it; see `signal_quality` for each measure."""
    found = signal_quality(recording, signal_input)
    lost = list(found.lost_rows.values())
    measures: dict[str, float | None] = {
        "rate_hz": found.rate_hz or None,
        "amplitude_uv": found.amplitude_uv,
        "mains_share": found.mains_share,
        "lost_share": sum(lost) / len(lost) if lost else None,
        "usable_channels": float(sum(share <= _USABLE_SHARE for share in lost)),
    }
    words = _lost_words(found)
    named = {"lost_share": words, "usable_channels": words, "mains_share": _mains_words(found)}
    kept = {name: None if value is None else float(f"{value:.3g}") for name, value in measures.items()}
    kept |= {"mains_hz": found.mains_hz} if found.mains_hz else {}
    kept |= {name: _seconds(of) for name, of in (("flat_s", found.flat), ("saturated_s", found.saturated)) if of}
    return SignalChecks(measures, named, found.left_out(), kept)


def _seconds(stretches: Mapping[str, tuple[tuple[float, float], ...]]) -> dict[str, float]:
    return {label: round(sum(length for _, length in parts), 3) for label, parts in stretches.items()}


def _lost_words(found: SignalQuality) -> str:
    """'T6 saturated 6 s; Fz flat 20 s', the longest first."""
    each = [(seconds, f"{label} {how} {seconds:.0f} s") for how, of in (("flat", found.flat), ("saturated", found.saturated))
            for label, seconds in _seconds(of).items()]  # fmt: skip
    return _listed([words for _, words in sorted(each, key=lambda one: -one[0])])


def _mains_words(found: SignalQuality) -> str:
    noisy = [row for row, share in sorted(found.mains_rows.items(), key=lambda one: -one[1]) if share > _NOISY]
    return (
        f"{found.mains_hz:.0f} Hz, in {len(noisy)} of {len(found.mains_rows)} rows: {_listed(noisy)}" if noisy else ""
    )


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
