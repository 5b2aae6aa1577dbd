"""A stored recording written back as EDF+ or BDF+: its whole numbers untouched, its gaps kept, with events as annotations."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..domain import Annotation, Recording
from ..errors import UsageError
from ..files import fsync_folder
from .source import GappedSource, RateGroup

__all__ = ["annotated_ending", "write_annotated_edf"]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_RANGES = {2: ((-32768, 32767), (-32767, 32767), (0, 4095), (-2048, 2047), (-2000, 2000), (-1000, 1000)),
           3: ((-8388608, 8388607), (-8388607, 8388607))}  # fmt: skip
"""Digital ranges that recorders use: that whose ends are microvolts of eight characters gives the scale exactly."""
_LONGEST_S = 60.0
_MOST_BYTES = 10 << 20


def annotated_ending(recording: Recording) -> str:
    """'.edf' for 16-bit whole numbers, '.bdf' for 24-bit ones.

    Raises
    ------
    UsageError
        The recorder's file held decimal numbers, which neither format can hold unchanged.
    """
    return ".edf" if _width(_source(recording)) == 2 else ".bdf"


def write_annotated_edf(
    path: Path, recording: Recording, events: Sequence[Annotation], *, patient: str, synthetic: bool, sex: str = ""
) -> float:
    """Write a stored recording as EDF+C, with gaps as EDF+D (BDF+ for 24-bit numbers), whole or not at all.

    Every sample is the whole number that was digitised. The scale is the recording's own in microvolts (also where the
    file had volts); EDF has eight characters for each end of a range. Annotations of the recording are kept. No name,
    birth date or technician is written. Memory is bounded whatever the recording's length.

    Parameters
    ----------
    events : sequence of Annotation
        What was reviewed, seconds from the recording's start.
    patient : str
        Pseudonym for the patient's code.

    Returns
    -------
    float
        The largest relative error of a channel's scale, from the eight characters; 0 where it is exact.

    Raises
    ------
    UsageError
        The samples are decimal numbers, or no length of data record fits all rates and stretches.
    """
    source = _source(recording)
    width = _width(source)
    record_s, counts = _records(source)
    starts = _starts(recording, source, record_s, counts)
    clock = datetime.fromisoformat(recording.starts_at) if recording.starts_at else datetime(1985, 1, 1)
    fraction = clock.microsecond / 1e6
    lists = _lists(starts, [*recording.annotations, *events], fraction, width)
    header, error = _header(recording, source, record_s, counts, lists.shape, clock.replace(microsecond=0), width,
                            (patient, sex, synthetic))  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.new")
    try:
        with building.open("wb") as stream:
            stream.write(header)
            step = max(1, _MOST_BYTES // (sum(counts.values()) * width + lists.shape[1]))
            for at in range(0, len(starts), step):
                stop = min(len(starts), at + step)
                stream.write(
                    np.concatenate([_columns(source, counts, at, stop, width), lists[at:stop]], axis=1).tobytes()
                )
        os.replace(building, path)
    finally:
        building.unlink(missing_ok=True)
    fsync_folder(path.parent)
    return error


def _source(recording: Recording) -> GappedSource:
    if not isinstance(recording.source, GappedSource):
        raise TypeError("only recordings read by this room are written")
    return recording.source


def _width(source: GappedSource) -> int:
    kinds = {group.store.dtype.newbyteorder("=") for group in source.groups}
    if not kinds <= {np.dtype(np.int16), np.dtype(np.int32)}:
        raise _refused("The recorder's file holds decimal numbers, which EDF+ can't hold unchanged.")
    return 2 if kinds == {np.dtype(np.int16)} else 3


def _refused(why: str) -> UsageError:
    return UsageError("No EDF+ was written.", why, "Take the events as events-tsv, beside the recorder's own file.")


def _records(source: GappedSource) -> tuple[float, dict[int, int]]:
    """Length of a data record near one second into which all stretches part evenly, and samples a record by group."""
    first = source.groups[0]
    whole = math.gcd(*(segment.count for segment in first.segments))
    sizes = {n for low in range(1, math.isqrt(whole) + 1) if whole % low == 0 for n in (low, whole // low)}
    for size in sorted(sizes, key=lambda n: abs(math.log(n / first.rate_hz))):
        length = _exact(size / first.rate_hz)
        if length is None or length > _LONGEST_S:
            continue
        counts = {n: round(group.rate_hz * length) for n, group in enumerate(source.groups)}
        if all(_parts(group, counts[n], length) for n, group in enumerate(source.groups)):
            return length, {c: counts[n] for n, group in enumerate(source.groups) for c in group.channels}
    raise _refused("No length of data record fits all of its rates and stretches.")


def _parts(group: RateGroup, count: int, length: float) -> bool:
    fits = count > 0 and abs(count / length - group.rate_hz) <= 1e-6 * group.rate_hz
    return fits and all(segment.count % count == 0 for segment in group.segments)


def _exact(seconds: float) -> float | None:
    """The number as eight characters can say it; None where they can't."""
    said = float(_eight(seconds))
    return said if said > 0 and abs(said - seconds) <= 1e-9 * seconds else None


def _starts(recording: Recording, source: GappedSource, record_s: float, counts: dict[int, int]) -> NDArray[np.float64]:
    """When each data record begins, seconds from the recording's start."""
    group = source.groups[0]
    per_record = counts[group.channels[0]]
    onsets = [0.0, *(gap.onset_s + gap.duration_s for gap in recording.gaps)]
    if len(onsets) != len(group.segments):
        onsets = [segment.onset / group.rate_hz for segment in group.segments]
    runs = [
        onset + np.arange(segment.count // per_record) * record_s
        for onset, segment in zip(onsets, group.segments, strict=True)
    ]
    return np.concatenate(runs)


def _tal(annotation: Annotation, fraction: float) -> bytes:
    length = f"\x15{_seconds(annotation.duration_s)}" if annotation.duration_s > 0 else ""
    text = "".join(c if c.isprintable() else " " for c in annotation.text)
    onset = annotation.onset_s + fraction
    return f"{'+' if onset >= 0 else ''}{_seconds(onset)}{length}\x14{text}\x14\0".encode()


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _lists(
    starts: NDArray[np.float64], annotations: Sequence[Annotation], fraction: float, width: int
) -> NDArray[np.uint8]:
    """Bytes (record, byte) of the annotation signal: each record its own time first, then what fits."""
    times = [f"+{_seconds(start + fraction)}\x14\x14\0".encode() for start in starts]
    tals = [_tal(a, fraction) for a in sorted(annotations, key=lambda a: a.onset_s)]
    longest = max(map(len, tals), default=0)
    size = max(map(len, times)) + longest + math.ceil(sum(map(len, tals)) / len(times))
    size = -(-size // (2 * width)) * 2 * width
    out = np.zeros((len(times), size), np.uint8)
    waiting = iter(tals)
    tal = next(waiting, None)
    for row, kept in zip(out, times, strict=True):
        while tal is not None and len(kept) + len(tal) <= size:
            kept, tal = kept + tal, next(waiting, None)
        row[: len(kept)] = np.frombuffer(kept, np.uint8)
    return out


def _columns(source: GappedSource, counts: dict[int, int], at: int, stop: int, width: int) -> NDArray[np.uint8]:
    """Bytes (record, byte) of all signals in the order of the channels."""
    pieces: dict[int, NDArray[np.uint8]] = {}
    for group in source.groups:
        n = counts[group.channels[0]]
        block = group.store.take(at * n, stop * n, np.arange(len(group.channels)))
        for column, channel in enumerate(group.channels):
            numbers = np.ascontiguousarray(block[:, column], dtype="<i2" if width == 2 else "<i4")
            raw = numbers.view(np.uint8).reshape(-1, 2 if width == 2 else 4)[:, :width]
            pieces[channel] = raw.reshape(stop - at, n * width)
    return np.concatenate([pieces[channel] for channel in sorted(pieces)], axis=1)


def _eight(value: float) -> str:
    """A number in at most eight characters, without an exponent, as precisely as they can say it."""
    for digits in range(7, -1, -1):
        said = f"{value:.{digits}f}"
        said = said.rstrip("0").rstrip(".") if "." in said else said
        if len(said) <= 8:
            return said
    raise _refused("A channel's range is too large for the header.")


def _range(gain: float, offset: float, width: int) -> tuple[tuple[int, int], tuple[str, str], float]:
    """The digital range whose ends in microvolts eight characters say best, and how far the scale is off."""
    best: tuple[tuple[int, int], tuple[str, str], float] | None = None
    for low, high in _RANGES[width]:
        ends = _eight(low * gain + offset), _eight(high * gain + offset)
        said = (float(ends[1]) - float(ends[0])) / (high - low)
        shift = abs(float(ends[0]) - low * said - offset) / max(abs(gain), 1e-12)
        error = abs(said / gain - 1) + shift / (high - low)
        if said != 0 and (best is None or error < best[2] - 1e-12):
            best = (low, high), ends, error
    if best is None:
        raise _refused("A channel's scale is too fine for the header.")
    return best


def _header(
    recording: Recording,
    source: GappedSource,
    record_s: float,
    counts: dict[int, int],
    lists: tuple[int, ...],
    clock: datetime,
    width: int,
    who: tuple[str, str, bool],
) -> tuple[bytes, float]:
    patient, sex, synthetic = who
    scale = {c: _range(float(group.gain[n]), float(group.offset[n]), width)
             for group in source.groups for n, c in enumerate(group.channels)}  # fmt: skip
    channels = [(c, recording.channels[c]) for c in sorted(scale)]
    kind = "EDF" if width == 2 else "BDF"
    day = f"{clock.day:02d}-{_MONTHS[clock.month - 1]}-{clock.year}" if recording.starts_at else "X"
    count = len(channels) + 1
    fixed = [
        (b"0" if width == 2 else b"\xffBIOSEMI", 8),
        (f"{patient.replace(' ', '_')} {sex if sex in ('M', 'F') else 'X'} X X", 80),
        (f"Startdate {day} X X {'Overread_synthetic' if synthetic else 'X'}", 80),
        (f"{clock:%d.%m.%y}", 8), (f"{clock:%H.%M.%S}", 8), (str(256 * (count + 1)), 8),
        (f"{kind}+{'D' if len(source.groups[0].segments) > 1 else 'C'}", 44),
        (str(lists[0]), 8), (_eight(record_s), 8), (str(count), 4),
    ]  # fmt: skip
    whole = {2: ("-32768", "32767"), 3: ("-8388608", "8388607")}[width]
    columns: list[tuple[list[str], int]] = [
        ([_ascii(c.source_label or c.label) for _, c in channels] + [f"{kind} Annotations"], 16),
        ([""] * count, 80),
        (["uV" if c.kind in ("eeg", "ecg", "eog", "emg", "reference") else "" for _, c in channels] + [""], 8),
        ([scale[n][1][0] for n, _ in channels] + ["-1"], 8),
        ([scale[n][1][1] for n, _ in channels] + ["1"], 8),
        ([str(scale[n][0][0]) for n, _ in channels] + [whole[0]], 8),
        ([str(scale[n][0][1]) for n, _ in channels] + [whole[1]], 8),
        ([""] * count, 80),
        ([str(counts[n]) for n, _ in channels] + [str(lists[1] // width)], 8),
        ([""] * count, 32),
    ]
    fields = fixed + [(text, size) for texts, size in columns for text in texts]
    return b"".join(_field(text, size) for text, size in fields), max(error for *_, error in scale.values())


def _ascii(label: str) -> str:
    return label.encode("ascii", "replace").decode()[:16]


def _field(text: str | bytes, size: int) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode("ascii", "replace")
    return raw[:size].ljust(size)
