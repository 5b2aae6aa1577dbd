"""Where a recorder was paused: what files of other recorders say of it, and MNE passes over."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from .source import Segment, Stretch
from .text import field_text

__all__ = [
    "Pause",
    "brainvision_pauses",
    "eeglab_pauses",
    "file_lines",
    "nihon_pauses",
    "persyst_pauses",
    "stretches_of",
]

_LEAST_S = 0.05
"""Clock times of recorders are rounded; less is no pause."""


@dataclass(frozen=True)
class Pause:
    """Nothing was recorded before a sample of the file.

    `length_s` is None where the file joins two stretches and does not say how far they lie apart; 0 or less is none.
    """

    sample: int
    length_s: float | None


def file_lines(path: Path) -> list[str]:
    """The lines of a text header, UTF-8 or else Latin-1."""
    return [field_text(line) for line in path.read_bytes().splitlines()]


def brainvision_pauses(marker_file: Path, rate_hz: float) -> list[Pause]:
    """From the clock times of 'New Segment' markers: `Mk<n>=New Segment,,<position>,<size>,<channel>,<date>`.

    Source: Brain Products, BrainVision Core Data Format 1.0.
    """
    marks = []
    for line in file_lines(marker_file):
        match = re.match(r"Mk\d+=New Segment,[^,]*,(\d+),[^,]*,[^,]*(?:,(\d{14})(\d{0,6}))?", line)
        if match:
            at = _clock(match[2], "%Y%m%d%H%M%S")
            marks.append((int(match[1]) - 1, at and at.timestamp() + float(f"0.{match[3] or 0}")))
    return _by_clock(marks, rate_hz)


def persyst_pauses(header: Path, rate_hz: float) -> list[Pause]:
    """From the section [SampleTimes] of a `.lay` file: sample=seconds of the day."""
    marks: list[tuple[int, float | None]] = []
    section = ""
    for line in file_lines(header):
        if line.startswith("["):
            section = line.strip("[]").lower()
        elif section == "sampletimes" and (match := re.match(r"(\d+)=(\d+(?:\.\d+)?)\Z", line)):
            second = float(match[2])
            while marks and second < (marks[-1][1] or 0):  # past midnight
                second += 86400
            marks.append((int(match[1]), second))
    return _by_clock(marks, rate_hz)


def nihon_pauses(path: Path, raw: Any) -> list[Pause]:
    """From the clock times of the waveform blocks, whole seconds, BCD, 20 bytes behind the block's start."""
    blocks = raw._raw_extras[0]["header"]["controlblocks"][0]["datablocks"]
    marks, sample = [], 0
    with path.open("rb") as stream:
        for block in blocks:
            stream.seek(int(block["address"]) + 20)
            at = _clock(stream.read(6).hex(), "%y%m%d%H%M%S")
            marks.append((sample, at and at.timestamp()))
            sample += int(block["n_samples"])
    return [p for p in _by_clock(marks, float(raw.info["sfreq"])) if p.length_s is None or p.length_s >= 1]


def eeglab_pauses(path: Path, rate_hz: float) -> list[Pause]:
    """From 'boundary' events; their duration is what was cut out. (MNE's raw files cut it down to the data.)"""
    import mne

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        marks = mne.read_annotations(path)
    return [
        Pause(round(float(onset) * rate_hz + 0.5), float(duration) if duration > 0 else None)
        for onset, duration, text in zip(marks.onset, marks.duration, marks.description, strict=True)
        if str(text).lower().startswith("boundary") and onset * rate_hz >= 0.5
    ]


def stretches_of(
    samples: int, rate_hz: float, pauses: Sequence[Pause], absent: Sequence[tuple[float, float]] = ()
) -> tuple[list[tuple[Segment, Stretch]], int]:
    """The recording in stretches, true to their time, and how many joins have no known length.

    Parameters
    ----------
    absent : sequence of (onset_s, duration_s)
        File time that is filled up with zeros where nothing was recorded.
    """
    shifts: dict[int, float] = {}
    joins = 0
    for pause in pauses:
        if not 0 < pause.sample < samples or (pause.length_s is not None and pause.length_s <= _LEAST_S):
            continue
        if pause.length_s is None:
            joins += 1
        else:
            shifts[pause.sample] = shifts.get(pause.sample, 0.0) + pause.length_s
    holes = [(round(a * rate_hz), min(samples, round((a + d) * rate_hz))) for a, d in absent]
    cuts = sorted({0, samples, *shifts, *(max(0, n) for hole in holes for n in hole)})
    found: list[tuple[Segment, Stretch]] = []
    shift_s, end = 0.0, 0
    for first, stop in pairwise(cuts):
        shift_s += shifts.get(first, 0.0)
        if stop <= first or any(low <= first < high for low, high in holes):
            continue
        onset = max(end, round(first + shift_s * rate_hz))
        end = onset + stop - first
        found.append((Segment(onset, first, stop - first), Stretch(onset / rate_hz, (stop - first) / rate_hz)))
    return found, joins


def _by_clock(marks: Sequence[tuple[int, float | None]], rate_hz: float) -> list[Pause]:
    """Pauses between marks (sample, clock seconds): how much more the clock went on than samples did."""
    pauses = []
    for (before, was), (sample, now) in pairwise(sorted(marks, key=lambda mark: mark[0])):
        known = was is not None and now is not None
        pauses.append(Pause(sample, now - was - (sample - before) / rate_hz if known else None))
    return pauses


def _clock(digits: str | None, form: str) -> datetime | None:
    try:
        return datetime.strptime(digits, form) if digits else None
    except ValueError:
        return None
