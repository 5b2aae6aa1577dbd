"""Data records of an EDF or BDF file: mapped, timed by their annotation lists, cut into stretches."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain import Annotation, Issue, Severity
from ..errors import BadHeader
from .header import EdfHeader, SignalHeader
from .source import Segment, Stretch
from .tals import RecordTals, read_tals

__all__ = ["RecordSamples", "Timing", "map_records", "read_timing", "segments_of"]

_ROUNDING_S = {True: 0.01, False: 0.05}
"""Time stamps may be this late without a gap, for writers round them; less where the file says it has gaps."""
_LONGEST_S = 366 * 86400.0
_LARGE = 1 << 22


@dataclass(frozen=True)
class Timing:
    """When the records lie.

    Attributes
    ----------
    runs : tuple of (first record, number of records, stretch)
        Records that follow one another without a gap. Times from the first sample of the recording.
    first_s : float
        The first record's onset from the file's clock start.
    annotations : tuple of Annotation
        In time's order, from the first sample of the recording.
    """

    runs: tuple[tuple[int, int, Stretch], ...]
    first_s: float
    annotations: tuple[Annotation, ...]
    issues: tuple[Issue, ...]


def map_records(path: Path, header: EdfHeader) -> NDArray[np.uint8]:
    """The data records as read-only bytes (record, byte), mapped, not loaded."""
    shape = (header.records, header.record_samples * header.sample_bytes)
    mapped = np.memmap(path, dtype=np.uint8, mode="r", offset=header.header_bytes, shape=shape)
    return mapped.view(np.ndarray)


class RecordSamples:
    """Samples of signals that share one rate, gathered out of the records: a `SampleStore`."""

    def __init__(self, records: NDArray[np.uint8], header: EdfHeader, signals: tuple[SignalHeader, ...]) -> None:
        self._bytes = records
        self._map = getattr(records.base, "_mmap", None)
        self._width = header.sample_bytes
        self._offsets = [signal.offset for signal in signals]
        self._per_record = signals[0].samples_per_record
        self.dtype: np.dtype[Any] = np.dtype(np.int16 if self._width == 2 else np.int32)

    def take(self, first: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        """Digital values (sample, column)."""
        record, end = first // self._per_record, -(-stop // self._per_record)
        out = np.empty((stop - first, len(columns)), dtype=self.dtype)
        skip = first - record * self._per_record
        for n, column in enumerate(columns):
            low = self._offsets[column] * self._width
            piece = np.ascontiguousarray(self._bytes[record:end, low : low + self._per_record * self._width])
            out[:, n] = self._whole_numbers(piece)[skip : skip + stop - first]
        if self._map is not None and out.nbytes > _LARGE and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)  # else a day's file stays in memory while it is taken in
        return out

    def _whole_numbers(self, piece: NDArray[np.uint8]) -> NDArray[Any]:
        if self._width == 2:
            return piece.reshape(-1).view("<i2")
        wide = np.zeros((piece.size // 3, 4), dtype=np.uint8)
        wide[:, 1:] = piece.reshape(-1, 3)
        return wide.view("<i4")[:, 0] >> 8


def read_timing(path: Path, header: EdfHeader, records: NDArray[np.uint8]) -> Timing:
    """Time every record by its annotation list, or one after the other where the file has none.

    A record within a sample of where the last one ended continues it; one that is later begins a new stretch at
    its own time. In a file that says it has gaps, a record without a readable time is left out, for nobody knows
    where it belongs.

    Raises
    ------
    BadHeader
        A file with gaps has no time stamps, or the time stamps run backwards.
    """
    tals = _decode(header, records)
    issues: list[Issue] = []
    if tals is None:
        if header.discontinuous:
            raise BadHeader(
                f"{path.name} was not read.",
                "It says that it has gaps, and no time stamps say where they are.",
                "Export it again with its annotations.",
            )
        length = header.records * header.record_s
        return Timing(((0, header.records, Stretch(0.0, length)),), 0.0, (), ())
    onsets = _onsets(header, tals, issues)
    known = np.flatnonzero(~np.isnan(onsets))
    if known.size == 0:
        raise BadHeader(
            f"{path.name} was not read.",
            "It says that it has gaps, and none of its time stamps can be read.",
            "Export it again from the program that made it.",
        )
    first_s = float(onsets[known[0]])
    runs = _runs(path, header, onsets - first_s, known, issues)
    if len(runs) > 1 and not header.discontinuous:
        issues.append(
            Issue("gaps_unannounced", Severity.WARNING, "recording",
                  "The file says that it is continuous, and its time stamps show gaps; the time stamps were believed.")
        )  # fmt: skip
    end = runs[-1][2].onset_s + runs[-1][2].duration_s
    if end > _LONGEST_S:
        raise BadHeader(
            f"{path.name} was not read.",
            "Its time stamps span more than a year.",
            "Export it again from the program that made it.",
        )
    annotations = _annotations(tals, first_s, end, issues)
    return Timing(runs, first_s, annotations, tuple(issues))


def segments_of(timing: Timing, rate_hz: float, per_record: int) -> tuple[Segment, ...]:
    """The stretches in samples of one rate; each keeps its true onset to half a sample."""
    segments: list[Segment] = []
    end = 0
    for first, count, stretch in timing.runs:
        onset = max(end, round(stretch.onset_s * rate_hz))
        segments.append(Segment(onset, first * per_record, count * per_record))
        end = onset + count * per_record
    return tuple(segments)


def _decode(header: EdfHeader, records: NDArray[np.uint8]) -> list[RecordTals] | None:
    """The lists of every record, all annotation signals joined; None where the file has no such signal."""
    signals = [signal for signal in header.signals if signal.is_annotations and signal.samples_per_record]
    if not signals:
        return None
    width = header.sample_bytes
    spans = [(s.offset * width, (s.offset + s.samples_per_record) * width) for s in signals]
    found = []
    for record in records:
        main, *others = (read_tals(record[low:high].tobytes()) for low, high in spans)
        for other in others:
            main = RecordTals(
                main.onset_s,
                main.annotations + other.annotations,
                main.unreadable + other.unreadable,
                main.latin + other.latin,
            )
        found.append(main)
    return found


def _onsets(header: EdfHeader, tals: list[RecordTals], issues: list[Issue]) -> NDArray[np.float64]:
    """Onset of each record; NaN where it is unknown and the file may have gaps."""
    onsets = np.array([np.nan if t.onset_s is None else t.onset_s for t in tals])
    missing = int(np.isnan(onsets).sum())
    if missing == 0:
        return onsets
    if not header.discontinuous:
        known = np.flatnonzero(~np.isnan(onsets))
        base = onsets[known[0]] - known[0] * header.record_s if known.size else 0.0
        steady = base + np.arange(len(onsets)) * header.record_s
        last = -1
        for n in range(len(onsets)):
            if np.isnan(onsets[n]):
                onsets[n] = onsets[last] + (n - last) * header.record_s if last >= 0 else steady[n]
            else:
                last = n
        message = f"{missing} data records have no readable time; they were read as following on."
    else:
        message = f"{missing} data records have no readable time; they were left out as gaps."
    issues.append(Issue("record_time", Severity.WARNING, "recording", message))
    return onsets


def _runs(
    path: Path, header: EdfHeader, onsets: NDArray[np.float64], known: NDArray[np.intp], issues: list[Issue]
) -> tuple[tuple[int, int, Stretch], ...]:
    """Records that follow on, as runs; overlaps of less than a record are closed up and named."""
    length = header.record_s
    rates = [s.samples_per_record / length for s in header.signals if not s.is_annotations and s.samples_per_record]
    tolerance = max(_ROUNDING_S[header.discontinuous], 1.0 / max(rates) if rates and length > 0 else 0.0)
    runs: list[list[float]] = []  # first record, count, onset
    overlaps = 0
    for record in known:
        onset = float(onsets[record])
        if runs:
            first, count, began = runs[-1]
            expected = began + count * length
            late = onset - expected
            if late < -length:
                raise BadHeader(
                    f"{path.name} was not read.",
                    "The times of its data records run backwards.",
                    "Export it again from the program that made it.",
                )
            follows = record == first + count
            if follows and late <= tolerance:
                overlaps += late < -tolerance
                runs[-1][1] += 1
                continue
            onset = max(onset, expected)
        runs.append([int(record), 1, onset])
    if overlaps:
        issues.append(
            Issue("records_overlap", Severity.WARNING, "recording",
                  f"{overlaps} data records begin before the last one ended; they were read as following on.",
                  "Times may be off by less than one data record.")
        )  # fmt: skip
    return tuple((int(first), int(count), Stretch(onset, count * length)) for first, count, onset in runs)


def _annotations(tals: list[RecordTals], first_s: float, end_s: float, issues: list[Issue]) -> tuple[Annotation, ...]:
    found = [
        Annotation(round(a.onset_s - first_s, 7), a.duration_s, a.text) for t in tals for a in t.annotations if a.text
    ]
    unreadable, latin = sum(t.unreadable for t in tals), sum(t.latin for t in tals)
    outside = sum(not -1e-6 <= a.onset_s <= end_s for a in found)
    if unreadable:
        issues.append(
            Issue("annotations_unreadable", Severity.WARNING, "annotations",
                  f"{unreadable} annotation lists could not be read.")
        )  # fmt: skip
    if latin:
        issues.append(
            Issue("annotations_encoding", Severity.NOTE, "annotations",
                  f"{latin} annotations are not UTF-8; they were read as Latin-1.")
        )  # fmt: skip
    if outside:
        issues.append(
            Issue("annotations_outside", Severity.NOTE, "annotations",
                  f"{outside} annotations lie outside the recording.")
        )  # fmt: skip
    return tuple(sorted(found, key=lambda a: (a.onset_s, a.text)))
