"""EDF and BDF files byte by byte, also wrong ones: a writer of its own, so that reader and writer share no mistake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.domain import Channel, Gap, Recording
from dashboard.eeg import find_recordings
from dashboard.errors import OverreadError

__all__ = ["ELECTRODES", "ArraySource", "a_recording_in_memory", "a_square_wave", "an_edf", "read_one", "refusal_of"]

ELECTRODES = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5", "T6",
              "Fz", "Cz", "Pz")  # fmt: skip
_ANNOTATION_BYTES = 120


class ArraySource:
    """Samples in memory as a recording's source: (channel, sample) microvolts of one rate."""

    def __init__(self, signal_uv: np.ndarray, rate_hz: float) -> None:
        self.signal_uv, self.rate_hz = signal_uv, rate_hz
        self.most = 0

    def read(self, start_s: float, stop_s: float, channels: Sequence[int]) -> np.ndarray:
        """As `domain.SignalSource`; remembers the longest stretch asked for."""
        first = max(0, int(np.ceil(start_s * self.rate_hz - 1e-6)))
        last = max(first, int(np.ceil(stop_s * self.rate_hz - 1e-6)))
        block = self.signal_uv[list(channels), first:last].astype(np.float32)
        self.most = max(self.most, block.size)
        return block


def a_recording_in_memory(
    signal_uv: np.ndarray, rate_hz: float, labels: Sequence[str], gaps: Sequence[Gap] = ()
) -> Recording:
    """A recording of EEG channels over an array, NaN in its gaps."""
    channels = tuple(Channel(label, label, rate_hz) for label in labels)
    duration = signal_uv.shape[1] / rate_hz
    return Recording("d" * 64, duration, channels, tuple(gaps), (), "", ArraySource(signal_uv, rate_hz))


def a_square_wave(seconds: float, rate_hz: float, *, uv: float = 50.0, half_s: float = 0.5) -> np.ndarray:
    """(sample,) microvolts, from +uv to -uv every `half_s`."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.where((t / half_s + 1e-9).astype(int) % 2 == 0, uv, -uv)


def an_edf(
    path: Path,
    signals: dict[str, np.ndarray] | None = None,
    *,
    rate_hz: int | dict[str, int] = 128,
    units: str | dict[str, str] = "uV",
    physical: tuple[float, float] = (-3276.7, 3276.7),
    digital: tuple[int, int] | None = None,
    bdf: bool = False,
    onsets: Sequence[float | None] | None = None,
    discontinuous: bool = False,
    annotations: Sequence[tuple[int, bytes]] = (),
    patient: str = "X X X X",
    recording: str = "Startdate 11-MAR-2024 X X X",
    start: tuple[str, str] = ("11.03.24", "14.02.03"),
    **said: Any,
) -> Path:
    r"""Write a file of data records of one second and give its path back.

    Parameters
    ----------
    signals : dict of label to (sample,)
        Numbers in the stated unit. Without any: the 19 electrodes, 10 s of noise of 20.
    onsets : sequence of float or None
        Makes it EDF+ with the records' times; None for a record without a time-keeping list.
    discontinuous : bool
        EDF+D instead of EDF+C.
    annotations : sequence of (record, list)
        Raw lists such as ``b"+2.5\x15\x31\x14cough\x14\x00"``, put behind the record's time.
    said
        Header fields as text that replace the true ones: `records`, `header_bytes`, `record_s`, `reserved`, `count`,
        `version`; for all signals `physical_min`, `physical_max`, `digital_min`, `digital_max`.
    """
    if signals is None:
        rng = np.random.default_rng(7)
        hertz = rate_hz if isinstance(rate_hz, int) else 128
        signals = {label: rng.normal(0, 20, 10 * hertz) for label in ELECTRODES}
    digital = digital or ((-8388607, 8388607) if bdf else (-32767, 32767))
    rates = {label: rate_hz if isinstance(rate_hz, int) else rate_hz[label] for label in signals}
    unit = {label: units if isinstance(units, str) else units[label] for label in signals}
    records = min(len(values) // rates[label] for label, values in signals.items())
    width = 3 if bdf else 2
    timed = onsets is not None
    gain = (physical[1] - physical[0]) / (digital[1] - digital[0])
    body = bytearray()
    for record in range(records):
        for label, values in signals.items():
            part = np.asarray(values)[record * rates[label] : (record + 1) * rates[label]]
            numbers = np.round((part - physical[0]) / gain + digital[0]).astype("<i4")
            body += (
                numbers.astype("<i2").tobytes()
                if width == 2
                else numbers.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
            )
        if timed:
            onset = onsets[record]
            lists = b"" if onset is None else f"{onset:+.10g}".encode() + b"\x14\x14\0"
            lists += b"".join(raw for where, raw in annotations if where == record)
            body += lists.ljust(_ANNOTATION_BYTES, b"\0")
    form = "BDF" if bdf else "EDF"
    kind = f"{form}+{'D' if discontinuous else 'C'}" if timed else ("24BIT" if bdf else "")
    names = [*signals, *([f"{form} Annotations"] if timed else [])]
    count = len(names)
    low, high = (-8388608, 8388607) if bdf else (-32768, 32767)
    columns = [
        (16, names),
        (80, [""] * count),
        (8, [*unit.values(), ""]),
        (8, [said.get("physical_min", f"{physical[0]:g}")] * len(signals) + ["-1"]),
        (8, [said.get("physical_max", f"{physical[1]:g}")] * len(signals) + ["1"]),
        (8, [said.get("digital_min", str(digital[0]))] * len(signals) + [str(low)]),
        (8, [said.get("digital_max", str(digital[1]))] * len(signals) + [str(high)]),
        (80, [""] * count),
        (8, [*map(str, rates.values()), str(_ANNOTATION_BYTES // width)]),
        (32, [""] * count),
    ]
    version = said.get("version", b"\xffBIOSEMI" if bdf else b"0       ")
    fixed = [
        (80, patient), (80, recording), (8, start[0]), (8, start[1]),
        (8, said.get("header_bytes", str(256 * (count + 1)))), (44, said.get("reserved", kind)),
        (8, said.get("records", str(records))), (8, said.get("record_s", "1")), (4, said.get("count", str(count))),
    ]  # fmt: skip
    head = version + b"".join(_field(text, size) for size, text in fixed)
    head += b"".join(_field(text, size) for size, texts in columns for text in texts[:count])
    path.write_bytes(head + bytes(body))
    return path


def _field(text: str, size: int) -> bytes:
    raw = text.encode("latin-1")
    assert len(raw) <= size, text
    return raw.ljust(size)


def read_one(path: Path) -> Recording:
    """The recording of a file; its refusal is raised."""
    intake = find_recordings([path], path.parent)
    for _, error in intake.refused:
        raise error
    return intake.recordings[0].recording


def refusal_of(path: Path) -> OverreadError:
    """Why a file was not read."""
    intake = find_recordings([path], path.parent)
    assert intake.recordings == () and len(intake.refused) == 1
    return intake.refused[0][1]
