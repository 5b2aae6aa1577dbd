"""Other people's detections: tables of events (SzCORE, CSV), annotations of EDF+, comments of Persyst."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from ..domain import Recording
from ..errors import NotRecognised, OverreadError, TooLarge
from .header import is_edf, read_header
from .pauses import file_lines
from .records import map_records, read_timing

__all__ = ["Detected", "Detections", "read_detections"]

_MOST_BYTES = 64 << 20
_POINT_S = 1.0
"""Length given to a mark that has none, so that it can be seen and judged."""
_DETECTOR = re.compile(r"(seiz|\bsz).*detect|detect.*(seiz|\bsz)", re.I)
_SEIZURE = re.compile(r"\b(sz|seiz\w*|ictal)\b|seizure", re.I)
_NONE = re.compile(r"\b(no|non|without|not|post|inter|pre)[ -]?(seiz|sz|ictal)|seizure[ -]free|bckg", re.I)
_BEGINS = re.compile(r"\b(start\w*|begin\w*|onset|on)\b", re.I)
_ENDS = re.compile(r"\b(end\w*|stop\w*|offset|off|over)\b", re.I)
_ONSETS = ("onset", "onset_s", "start", "start time", "time", "begin")
_LENGTHS = ("duration", "duration_s", "length")
_WORDS = (
    "eventtype",
    "event_type",
    "trial_type",
    "type",
    "description",
    "annotation",
    "event",
    "text",
    "comment",
    "label",
)


@dataclass(frozen=True)
class Detected:
    """One event that somebody else's detector found. `score` is None where none from 0 to 1 was given."""

    onset_s: float
    duration_s: float
    score: float | None = None
    channels: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Detections:
    """Events in recording time, in its order.

    Attributes
    ----------
    form : str
        'events table', 'EDF+ annotations' or 'Persyst comments'.
    warnings : tuple of str
        What had to be supposed, for the reader.
    """

    form: str
    events: tuple[Detected, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Mark:
    onset_s: float
    duration_s: float
    text: str
    score: float | None = None
    channels: tuple[str, ...] = ()


def read_detections(path: Path, recording: Recording) -> Detections:
    """Read a detector's events for a recording.

    Of a table with SzCORE's column eventType the rows of type `sz` and below it count. Of annotations and comments
    count those that name a detected seizure; where there is none, those that name a seizure, start and end paired.

    Raises
    ------
    NotRecognised
        The file is none of these, names no seizure, or belongs to another recording.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise TooLarge(f"{path.name} was not read.", "It is larger than any list of events.", "Name the list itself.")
    warnings: list[str] = []
    with path.open("rb") as stream:
        first = stream.read(8)
    if is_edf(first):
        form, marks = "EDF+ annotations", _edf_marks(path, recording, warnings)
        events = _seizures(path, marks, warnings)
    elif path.suffix.lower() == ".lay":
        form, marks = "Persyst comments", _persyst_marks(file_lines(path))
        events = _seizures(path, marks, warnings)
    else:
        form, events = "events table", _table(path, recording, warnings)
    return Detections(
        form, _within(path, sorted(events, key=lambda e: e.onset_s), recording, warnings), tuple(warnings)
    )


def _edf_marks(path: Path, recording: Recording, warnings: list[str]) -> list[_Mark]:
    header = read_header(path)
    timing = read_timing(path, header, map_records(path, header))
    shift = 0.0
    if header.start and recording.starts_at:
        began = header.start + timedelta(seconds=timing.first_s)
        apart = (began - datetime.fromisoformat(recording.starts_at)).total_seconds()
        if abs(apart) < recording.duration_s:
            shift = apart
        if abs(apart) > 1:
            warnings.append(
                f"the annotations' file starts {apart:.0f} s after the recording; times were moved by that"
                if shift
                else "the annotations' file has another start date than the recording; times were counted from its start"
            )
    return [_Mark(a.onset_s + shift, a.duration_s, a.text) for a in timing.annotations]


def _persyst_marks(lines: Sequence[str]) -> list[_Mark]:
    """The section [Comments]: onset, duration, state, type, text."""
    marks, section = [], ""
    for line in lines:
        if line.startswith("["):
            section = line.strip("[]").lower()
        elif section == "comments":
            parts = line.split(",", 4)
            onset, length = _number(parts[0]), _number(parts[1]) if len(parts) > 1 else None
            if onset is not None:
                marks.append(_Mark(onset, length or 0.0, parts[-1]))
    return marks


def _table(path: Path, recording: Recording, warnings: list[str]) -> list[Detected]:
    text = "\n".join(path.read_text(encoding="utf-8-sig", errors="replace").splitlines())
    head = text.partition("\n")[0]
    mark = max("\t,;", key=head.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=mark))
    names = {name.strip().lower(): name for name in (rows[0] if rows else dict.fromkeys(head.split(mark))) if name}
    onset, length = _column(names, _ONSETS), _column(names, _LENGTHS)
    words = _column(names, _WORDS)
    if onset is None or (words is None and length is None):
        raise NotRecognised(
            f"{path.name} was not read.",
            "It is no table of events: its first line names no columns for onset and duration or description.",
            "Give an events.tsv of SzCORE, EDF+ annotations, a Persyst .lay file, or a table with these columns.",
        )
    marks = []
    for row in rows:
        at = _when(row.get(onset) or "", recording)
        if at is None:
            warnings.append("a line without a readable onset was left out")
            continue
        score = _number(row.get(names.get("confidence", "")) or "")
        if score is not None and not 0 <= score <= 1:
            warnings.append("confidences outside 0 to 1 were left out")
            score = None
        marks.append(
            _Mark(at, _number(row.get(length or "") or "") or 0.0, (row.get(words or "") or "sz").strip(), score,
                  _channels(row.get(names.get("channels", "")) or ""))
        )  # fmt: skip
    typed = words is not None and words.strip().lower() in ("eventtype", "event_type", "trial_type")
    events = _typed(marks, warnings) if typed else _seizures(path, marks, warnings)
    stated = next((n for r in rows if (n := _number(r.get(names.get("recordingduration", "")) or ""))), None)
    return _unjoined(path, events, stated, recording, warnings)


def _typed(marks: Sequence[_Mark], warnings: list[str]) -> list[Detected]:
    seizures = [m for m in marks if re.match(r"(sz|seiz)", m.text, re.I)]
    others = sum(not re.match(r"(sz|seiz|bckg)", m.text, re.I) for m in marks)
    if others:
        warnings.append(f"{others} events of other types than seizure were left out")
    return [_event(m, warnings) for m in seizures]


def _seizures(path: Path, marks: Sequence[_Mark], warnings: list[str]) -> list[Detected]:
    """What marks in words say: a detector's own, else seizures with their starts and ends paired."""
    named = [m for m in marks if _SEIZURE.search(m.text) and not _NONE.search(m.text)]
    chosen = [m for m in marks if _DETECTOR.search(m.text)] or named
    if not chosen:
        raise NotRecognised(
            f"{path.name} was not read.",
            f"None of its {len(marks)} marks names a seizure.",
            "Give the detector's list: marks of 'seizure', or an events.tsv with the type sz.",
        )
    events: list[Detected] = []
    for m in sorted(chosen, key=lambda mark: mark.onset_s):
        last = events[-1] if events else None
        if m.duration_s == 0 and _ENDS.search(m.text) and not _BEGINS.search(m.text):
            if last is not None and last.duration_s == 0:
                events[-1] = replace(last, duration_s=m.onset_s - last.onset_s)
            else:
                warnings.append("an end without a start was left out")
            continue
        events.append(Detected(m.onset_s, m.duration_s, m.score, m.channels, m.text))
    if len(marks) > len(chosen):
        warnings.append(f"{len(marks) - len(chosen)} other marks were left out")
    return [_event(e, warnings) for e in events]


def _event(mark: _Mark | Detected, warnings: list[str]) -> Detected:
    if mark.duration_s <= 0:
        warnings.append(f"marks without a duration are shown {_POINT_S:.0f} s long")
    length = mark.duration_s if mark.duration_s > 0 else _POINT_S
    return Detected(mark.onset_s, length, mark.score, mark.channels, mark.text)


def _unjoined(
    path: Path, events: list[Detected], stated_s: float | None, recording: Recording, warnings: list[str]
) -> list[Detected]:
    """Events in recording time, where the detector read the stretches as if there were no gap."""
    if stated_s is None or abs(stated_s - recording.duration_s) <= 1:
        return events
    joined = recording.duration_s - sum(gap.duration_s for gap in recording.gaps)
    if abs(stated_s - joined) > 1:
        raise _elsewhere(
            path, f"it is of a recording of {stated_s:.0f} s, and the study's has {recording.duration_s:.0f} s"
        )
    warnings.append("the detector read over the gaps; its times were moved to where the signal lies")

    def moved(seconds: float) -> float:
        for gap in recording.gaps:
            if seconds < gap.onset_s:
                break
            seconds += gap.duration_s
        return seconds

    return [replace(e, onset_s=moved(e.onset_s), duration_s=moved(e.onset_s + e.duration_s) - moved(e.onset_s)) for e in events]  # fmt: skip


def _within(path: Path, events: Sequence[Detected], recording: Recording, warnings: list[str]) -> tuple[Detected, ...]:
    """Events cut to the recording; those in its gaps are told, those outside mean another recording."""
    outside = sum(not (e.onset_s >= -1 and e.onset_s + e.duration_s <= recording.duration_s + 1) for e in events)
    if outside:
        raise _elsewhere(path, f"{outside} of its {len(events)} events lie outside the recording")
    kept = []
    for e in events:
        onset = min(max(0.0, e.onset_s), recording.duration_s)
        kept.append(replace(e, onset_s=round(onset, 6), duration_s=round(min(e.onset_s + e.duration_s, recording.duration_s) - onset, 6)))  # fmt: skip
        if any(
            gap.onset_s <= onset and e.onset_s + e.duration_s <= gap.onset_s + gap.duration_s for gap in recording.gaps
        ):
            warnings.append("an event lies in a gap: the detector's times may not be those of this recording")
    warnings[:] = dict.fromkeys(warnings)
    return tuple(kept)


def _when(text: str, recording: Recording) -> float | None:
    """Seconds, or a clock time of the recording's day."""
    seconds = _number(text)
    clock = re.search(r"\b(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)\Z", text.strip())
    if seconds is not None or clock is None or not recording.starts_at:
        return seconds
    start = datetime.fromisoformat(recording.starts_at)
    began = start.hour * 3600 + start.minute * 60 + start.second + start.microsecond / 1e6
    at = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    return (at - began) % 86400 if recording.duration_s <= 86400 else None


def _number(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e9 else None


def _column(names: dict[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _channels(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    return () if any(part.lower() in ("all", "n/a") for part in parts) else parts


def _elsewhere(path: Path, why: str) -> OverreadError:
    return NotRecognised(
        f"{path.name} was not taken in.",
        f"Its times are not those of the study: {why}.",
        "Check that it belongs to this recording, and count its seconds from the recording's start.",
    )
