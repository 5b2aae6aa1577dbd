"""The fixed header of EDF, EDF+ and BDF files: strict about what would move samples, tolerant about the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from ..domain import Issue, Severity
from ..errors import BadHeader, EmptyFile, NotARecording, TruncatedFile
from .text import damaged_by_text, field_text, refuse_other_kinds

__all__ = ["EdfHeader", "SignalHeader", "is_edf", "read_header"]

_BDF = b"\xffBIOSEMI"
_WHOLE = re.compile(r"[+-]?\d{1,10}\Z")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?\Z")
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class SignalHeader:
    """What the header says of one signal, under EDF's own names. Ranges are None where they are no numbers."""

    label: str
    physical_dimension: str
    physical_min: float | None
    physical_max: float | None
    digital_min: float | None
    digital_max: float | None
    samples_per_record: int
    offset: int
    """Samples before this signal within a data record."""

    @property
    def is_annotations(self) -> bool:
        """Whether this is an annotation signal, not a voltage."""
        return self.label in ("EDF Annotations", "BDF Annotations")


@dataclass(frozen=True)
class EdfHeader:
    """A header that was read, with what had to be mended in it.

    Attributes
    ----------
    sample_bytes : int
        2 for EDF, 3 for BDF.
    records : int
        Whole data records that are in the file and that the header counts.
    discontinuous : bool
        The file says EDF+D or BDF+D.
    start : datetime or None
        Clock start, without time zone, as the file has it; None where it has no valid date.
    patient, recording : str
        The two identity fields. They go to `identity.py` and nowhere else.
    """

    sample_bytes: int
    header_bytes: int
    records: int
    record_s: float
    discontinuous: bool
    plus: bool
    start: datetime | None
    signals: tuple[SignalHeader, ...]
    patient: str
    recording: str
    issues: tuple[Issue, ...]

    @property
    def record_samples(self) -> int:
        """Samples of all signals in one data record."""
        return sum(signal.samples_per_record for signal in self.signals)


def is_edf(first: bytes) -> bool:
    """Whether a file's first eight bytes are those of EDF or BDF."""
    return first == _BDF or (first[:1] == b"0" and first[1:].strip(b" \0") == b"" and len(first) == 8)


def read_header(path: Path) -> EdfHeader:
    """Read and check the header of an EDF or BDF file.

    Raises
    ------
    EmptyFile
        No bytes at all, or a header with no data record behind it.
    NotARecording
        The bytes are something else: text, a web page, a pointer to a file, or data ruined by a text conversion.
    BadHeader
        A field that decides where samples lie is unreadable or contradicts the file.
    TruncatedFile
        The file ends within the header or within its first data record.

    Notes
    -----
    Kemp and Olivan 2003 (doi:10.1016/S1388-2457(03)00123-8), https://www.edfplus.info/specs/edf.html.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(f"{path.name} is empty.", "It has no bytes.", "Export or copy it again.")
    with path.open("rb") as stream:
        fixed = stream.read(256)
        if not is_edf(fixed[:8]):
            refuse_other_kinds(path, fixed)
            raise NotARecording(
                f"{path.name} is not an EDF or BDF recording.",
                "Its first bytes are not those of the format.",
                "Export the recording as EDF+ or BDF+ from the program that made it.",
            )
        if size < 512:
            raise _truncated(path, "it ends within the header")
        count = _whole(path, fixed[252:256], "number of signals")
        if not 1 <= count <= 4096:
            raise _bad(path, f"it counts {count} signals")
        rest = stream.read(256 * count)
        if len(rest) < 256 * count:
            raise _truncated(path, f"it ends within the header of its {count} signals")
        sample = stream.read(1 << 20)
    if damaged_by_text(sample):
        raise NotARecording(
            f"{path.name} holds no signals any more.",
            "Its bytes were changed by a conversion as if they were text.",
            "Get the original file, copied in binary mode.",
        )
    return _Reading(path, size, fixed, rest, count).header()


class _Reading:
    """One header while it is being read; issues gather here."""

    def __init__(self, path: Path, size: int, fixed: bytes, rest: bytes, count: int) -> None:
        self.path, self.size, self.fixed, self.rest, self.count = path, size, fixed, rest, count
        self.issues: list[Issue] = []

    def header(self) -> EdfHeader:
        fixed = self.fixed
        sample_bytes = 3 if fixed[:8] == _BDF else 2
        kind = field_text(fixed[192:236])
        plus = kind.startswith(("EDF+C", "EDF+D", "BDF+C", "BDF+D"))
        if kind and not plus and kind not in ("24BIT", "BIOSEMI", "EDF", "BDF", "reserved"):
            self.note("reserved_field", "The reserved field holds something unknown; it is read as plain EDF.")
        signals = self.signals()
        record_s = self.number(fixed[244:252])
        if record_s is None or record_s < 0:
            raise _bad(self.path, "the length of its data records is no number")
        record_bytes = sum(signal.samples_per_record for signal in signals) * sample_bytes
        if record_bytes == 0:
            raise _bad(self.path, "its data records hold no samples")
        header_bytes, records = self.extent(record_bytes)
        recording = field_text(fixed[88:168])
        return EdfHeader(
            sample_bytes=sample_bytes,
            header_bytes=header_bytes,
            records=records,
            record_s=record_s,
            discontinuous=kind[:5] in ("EDF+D", "BDF+D"),
            plus=plus,
            start=self.start(field_text(fixed[168:176]), field_text(fixed[176:184]), recording),
            signals=signals,
            patient=field_text(fixed[8:88]),
            recording=recording,
            issues=tuple(self.issues),
        )

    def note(self, code: str, message: str, suggestion: str = "", severity: Severity = Severity.NOTE) -> None:
        self.issues.append(Issue(code, severity, "header", message, suggestion))

    def warn(self, code: str, message: str, suggestion: str = "") -> None:
        self.note(code, message, suggestion, Severity.WARNING)

    def number(self, raw: bytes) -> float | None:
        """A decimal number of the header; a decimal comma is taken and named."""
        text = field_text(raw)
        if not _NUMBER.match(text):
            return None
        if "," in text:
            self.note("decimal_comma", "A number in the header is written with a decimal comma; read as a point.")
        value = float(text.replace(",", "."))
        return value if abs(value) < 1e15 else None

    def signals(self) -> tuple[SignalHeader, ...]:
        columns: list[list[bytes]] = []
        at = 0
        for width in _WIDTHS:
            columns.append([self.rest[at + n * width : at + (n + 1) * width] for n in range(self.count)])
            at += width * self.count
        signals, offset = [], 0
        for n in range(self.count):
            samples = _whole(self.path, columns[8][n], "number of samples in a record")
            if not 0 <= samples <= 10_000_000:
                raise _bad(self.path, f"a signal has {samples} samples in a record")
            low, high, digital_low, digital_high = (self.number(columns[c][n]) for c in (3, 4, 5, 6))
            signals.append(
                SignalHeader(
                    field_text(columns[0][n]),
                    field_text(columns[2][n]),
                    low,
                    high,
                    digital_low,
                    digital_high,
                    samples,
                    offset,
                )
            )
            offset += samples
        return tuple(signals)

    def extent(self, record_bytes: int) -> tuple[int, int]:
        """Where the data start, and how many whole records are there."""
        computed = 256 * (self.count + 1)
        stated_records = _whole(self.path, self.fixed[236:244], "number of data records")
        stated = field_text(self.fixed[184:192])
        data = self.size - computed
        if stated != str(computed):
            if stated_records <= 0 or data != stated_records * record_bytes:
                raise _bad(self.path, f"it says that its header has {stated or 'no'} bytes, and not {computed}")
            self.warn("header_length", f"The header's length is given as {stated} bytes and is {computed}.")
        there = data // record_bytes
        if there == 0:
            if data > 0 and stated_records > 0:
                raise _truncated(self.path, "it ends within its first data record")
            raise EmptyFile(
                f"{self.path.name} has no signal.",
                "It has a header and no data record behind it.",
                "The recorder may not have closed it: export it again.",
            )
        if stated_records == 0 or stated_records < -1:
            raise _bad(self.path, f"it counts {stated_records} data records")
        if stated_records == -1:
            self.warn("record_count", f"The recorder left no count of data records; the {there} in the file were read.")
        elif stated_records > there:
            self.warn(
                "truncated",
                f"The file ends after {there} of the {stated_records} data records that its header counts.",
                "What is missing is not part of this study: get the whole file.",
            )
        elif data != stated_records * record_bytes:
            extra = data - stated_records * record_bytes
            self.warn("trailing_bytes", f"{extra} bytes behind the last counted data record were not read.")
        return computed, there if stated_records == -1 else min(there, stated_records)

    def start(self, day: str, clock: str, recording: str) -> datetime | None:
        """Clock start: the fixed field, or the four-digit date of EDF+ where the fixed one is unusable."""
        said = _plus_date(recording)
        parts = re.match(r"(\d\d)[.:/-](\d\d)[.:/-](\d\d)\Z", day)
        fixed: date | None = None
        if parts:
            d, m, y = (int(p) for p in parts.groups())
            century = 1900 if y >= 85 else 2000
            if said is not None and said.year % 100 == y:
                century = said.year - y
            try:
                fixed = date(century + y, m, d)
            except ValueError:
                fixed = None
        if fixed is not None and "." not in day:
            self.note("start_date", "The start date is not written with points; read as day, month, year.")
        if fixed is None and said is not None:
            self.warn("start_date", "The start date is invalid; the one of the recording field was taken.")
        elif fixed is None:
            self.warn("start_date", "The start date is invalid; the recording has no clock date.")
        elif said is not None and said != fixed:
            self.warn("start_date", "The two start dates in the header differ; the first was taken.")
        parts = re.match(r"(\d\d)[.:](\d\d)[.:](\d\d)\Z", clock)
        try:
            at = time(*(int(p) for p in parts.groups())) if parts else None
        except ValueError:
            at = None
        if at is None:
            self.warn("start_time", "The start time is invalid; the recording has no clock.")
        when = fixed or said
        return datetime.combine(when, at) if when is not None and at is not None else None


def _plus_date(recording: str) -> date | None:
    """The date of 'Startdate dd-MMM-yyyy ...'."""
    match = re.match(r"Startdate (\d\d)-([A-Za-z]{3})-(\d{4})\b", recording)
    if not match or match[2].upper() not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))
    except ValueError:
        return None


def _whole(path: Path, raw: bytes, name: str) -> int:
    text = field_text(raw)
    if not _WHOLE.match(text):
        raise _bad(path, f"its {name} is no whole number")
    return int(text)


def _bad(path: Path, why: str) -> BadHeader:
    return BadHeader(
        f"{path.name} was not read.",
        f"Its header can't be trusted: {why}.",
        "Export it again from the program that made it.",
    )


def _truncated(path: Path, why: str) -> TruncatedFile:
    return TruncatedFile(f"{path.name} is cut off.", f"Reason: {why}.", "Copy or export it again.")
