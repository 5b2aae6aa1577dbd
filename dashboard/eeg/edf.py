"""EDF, EDF+ and BDF files as recordings: microvolts by range, gaps kept, flaws named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..domain import Annotation, Channel, Issue, Recording, Severity
from ..errors import BadHeader, NoSignal
from ..files import digest_file
from .found import FoundRecording
from .header import EdfHeader, SignalHeader, read_header
from .identity import header_identity, is_synthetic, without_names
from .labels import label_channels
from .records import RecordSamples, Timing, map_records, read_timing, segments_of
from .source import GappedSource, RateGroup, gaps_between
from .units import microvolts_per
from .windows import Windows, is_constant

__all__ = ["read_edf"]


def read_edf(path: Path) -> FoundRecording:
    """Read an EDF, EDF+C, EDF+D, BDF or BDF+ file, lazily.

    Seconds count from the first sample. In EDF+D the time stamps place every stretch where it was recorded; what
    lies between is a gap, never joined over. What was mended or left out is an issue of the recording.

    Raises
    ------
    EmptyFile, NotARecording, BadHeader, TruncatedFile
        See `read_header`.
    NoSignal
        Only annotations, or every sample of every channel is the same.
    UnitUnknown
        The unit of the EEG channels is missing or contradicted by the numbers, and nothing else explains them.
    """
    header = read_header(path)
    ordinary = [signal for signal in header.signals if not signal.is_annotations and signal.samples_per_record]
    if not ordinary:
        raise NoSignal(
            f"{path.name} has no signal.",
            "It holds annotations only.",
            "Add the recording that they belong to.",
        )
    if header.record_s == 0:
        raise BadHeader(
            f"{path.name} was not read.",
            "Its data records last no time, so that no rate can be told.",
            "Export it again from the program that made it.",
        )
    issues = list(header.issues)
    signals = [signal for signal in ordinary if _usable(signal, issues)]
    if not signals:
        raise BadHeader(
            f"{path.name} was not read.",
            "No channel has a range that gives a scale.",
            "Export it again from the program that made it.",
        )
    records = map_records(path, header)
    timing = read_timing(path, header, records)
    issues.extend(timing.issues)
    samples = _Sampled(records, header, signals, timing)
    if samples.is_constant():
        raise NoSignal(
            f"{path.name} has no signal.",
            "Every sample of every channel is the same.",
            "Add the recording that belongs to it.",
        )
    sources = [(s.label, s.physical_dimension, _is_voltage(s)) for s in signals]
    labelled, said = label_channels(sources, samples.windows.fingerprints())
    issues.extend(said)
    labelled = samples.windows.name_ecg(labelled, issues)
    units = [s.physical_dimension if _is_voltage(s) else None for s in signals]
    factors = samples.windows.factors(path.name, units, labelled, issues)
    identity = header_identity(header)
    duration = timing.runs[-1][2].onset_s + timing.runs[-1][2].duration_s
    start = header.start + timedelta(seconds=timing.first_s) if header.start else None
    clock = start.isoformat(timespec="milliseconds" if start.microsecond else "seconds") if start else ""
    recording = Recording(
        digest=digest_file(path),
        duration_s=round(duration, 7),
        channels=tuple(
            Channel(
                c.label, without_names(c.source_label, identity.fields), s.samples_per_record / header.record_s, c.kind
            )
            for c, s in zip(labelled, signals, strict=True)
        ),
        gaps=gaps_between([run[2] for run in timing.runs]),
        annotations=tuple(
            Annotation(a.onset_s, a.duration_s, without_names(a.text, identity.fields)) for a in timing.annotations
        ),
        starts_at=clock,
        source=GappedSource(samples.groups(factors), duration),
        issues=tuple(dict.fromkeys(issues)),
    )
    return FoundRecording(
        path=path,
        recording=recording,
        identity=identity.fields,
        synthetic=is_synthetic(header.recording),
        age_years=identity.age_years,
        sex=identity.sex,
        acquired_on=start.date().isoformat() if start else "",
    )


def _is_voltage(signal: SignalHeader) -> bool:
    return not signal.physical_dimension or microvolts_per(signal.physical_dimension) is not None


def _usable(signal: SignalHeader, issues: list[Issue]) -> bool:
    """Whether the ranges give a scale with a sign. A negative gain is legal where only the physical range is turned."""
    low, high, digital_low, digital_high = (
        signal.physical_min, signal.physical_max, signal.digital_min, signal.digital_max,
    )  # fmt: skip
    why = ""
    if low is None or high is None or digital_low is None or digital_high is None:
        why = "its range is no number"
    elif low == high or digital_low == digital_high:
        why = "its range is nothing, so that it has no scale"
    elif digital_low > digital_high and low < high:
        why = "its digital range is turned round, so that its polarity can't be told"
    if why:
        issues.append(
            Issue("channel_left_out", Severity.WARNING, signal.label, f"The channel {signal.label} was left out: {why}.",
                  "Derivations with it are missing.")
        )  # fmt: skip
    return not why


def _scale(signal: SignalHeader) -> tuple[float, float]:
    """Physical units a digital step, and at digital zero."""
    low, high = float(signal.physical_min or 0), float(signal.physical_max or 0)
    digital_low, digital_high = float(signal.digital_min or 0), float(signal.digital_max or 0)
    gain = (high - low) / (digital_high - digital_low)
    return gain, low - digital_low * gain


class _Sampled:
    """The signals in groups of one rate, and some windows of them to judge units and likeness by."""

    def __init__(
        self, records: NDArray[np.uint8], header: EdfHeader, signals: Sequence[SignalHeader], timing: Timing
    ) -> None:
        self.header, self.signals, self.timing = header, signals, timing
        self.members: dict[int, list[int]] = {}
        for n, signal in enumerate(signals):
            self.members.setdefault(signal.samples_per_record, []).append(n)
        self.stores = {
            per_record: RecordSamples(records, header, tuple(signals[n] for n in members))
            for per_record, members in self.members.items()
        }
        self.windows = Windows(len(signals))
        for per_record, members in self.members.items():
            scales = [_scale(signals[n]) for n in members]
            total, rate = header.records * per_record, per_record / header.record_s
            self.windows.take(self.stores[per_record], total, rate, members, scales)

    def is_constant(self) -> bool:
        """Whether every channel has one value throughout."""
        return not self.windows.moves() and all(
            is_constant(self.stores[per_record], self.header.records * per_record, len(members))
            for per_record, members in self.members.items()
        )

    def groups(self, factors: Sequence[float]) -> list[RateGroup]:
        """The channels as groups of one rate, in microvolts."""
        groups = []
        for per_record, members in self.members.items():
            rate = per_record / self.header.record_s
            scales = np.array([_scale(self.signals[n]) for n in members])
            factor = np.array([factors[n] for n in members])
            segments = segments_of(self.timing, rate, per_record)
            groups.append(
                RateGroup(rate, tuple(members), segments, scales[:, 0] * factor, scales[:, 1] * factor,
                          self.stores[per_record])
            )  # fmt: skip
        return groups
