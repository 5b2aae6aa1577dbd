"""Recordings of other recorders, read through MNE: microvolts by range, pauses kept, nobody's name."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain import Annotation, Channel, Issue, Recording, Severity
from ..errors import BadHeader, MissingExtra, NoSignal, OverreadError, TruncatedFile
from ..files import canonical_digest, digest_file
from .found import FoundRecording
from .identity import HeaderIdentity, without_names
from .labels import Labelled, electrode_side, label_channels
from .mne_identity import mne_identity, opened_as
from .pauses import Pause, brainvision_pauses, eeglab_pauses, file_lines, nihon_pauses, persyst_pauses, stretches_of
from .recorders import Recorder
from .source import GappedSource, RateGroup, Segment, Stretch, gaps_between
from .units import microvolts_per
from .windows import Windows, is_constant

__all__ = ["read_by_mne"]

_VOLT = 107
"""FIFF_UNIT_V."""
_SI = {"µS": "S", "mS": "S", "nS": "S", "n/a": "", "NA": "", "C": "°C"}
_KINDS = {"stim": "trigger", "ecg": "ecg", "eog": "eog", "emg": "emg"}
_STILL_UV = 1e-9


class MneSamples:
    """Samples of an `mne.io.Raw` that is not loaded: a `SampleStore` of numbers in the unit that the file states."""

    dtype: np.dtype[Any] = np.dtype(np.float32)

    def __init__(self, raw: Any, scale: NDArray[np.float64]) -> None:
        self._raw, self._scale = raw, scale

    def take(self, first: int, stop: int, columns: NDArray[np.intp]) -> NDArray[np.float32]:
        """Numbers (sample, column)."""
        with _quiet():
            block = self._raw.get_data(picks=np.asarray(columns), start=first, stop=stop, verbose="ERROR")
        return (block.T * self._scale[columns]).astype(np.float32)


def read_by_mne(path: Path, recorder: Recorder) -> FoundRecording:
    """Read a recording of another recorder, lazily where MNE does.

    Time is the recorder's own: where it was paused there is a gap, as far as the file says so. (MNE joins pauses of
    BrainVision, Persyst, Nihon Kohden and EEGLAB files.) Numbers are kept as float32 in the file's unit: whole numbers of 24 bits stay exact.

    Raises
    ------
    MissingExtra
        MNE needs a package that is not installed.
    TruncatedFile, BadHeader
        A part of the recording is missing, or MNE can't read it.
    NoSignal, UnitUnknown
        As `read_edf`.
    """
    if recorder.needs and importlib.util.find_spec(recorder.needs) is None:
        raise MissingExtra(
            f"{path.name} was not read.",
            f"{recorder.name} files need the package {recorder.needs}, which is not installed.",
            "Install it: pip install 'overread[recorders]'. Or export the recording as EDF+.",
        )
    parts = _named_parts(path, recorder)
    raw, said = _open(path, recorder)
    try:
        return _recording(path, recorder, raw, parts, said)
    except OverreadError:
        raise
    except Exception as exc:
        raise _unreadable(path, recorder, "its samples can't be read") from exc


def _open(path: Path, recorder: Recorder) -> tuple[Any, list[str]]:
    """The file as MNE opens it, and what MNE warned of."""
    import mne

    more = {"ch_type": "eeg"} if recorder.reader == "read_raw_nicolet" else {}
    with _quiet() as caught:
        try:
            with opened_as(path, recorder) as place:
                raw = getattr(mne.io, recorder.reader)(place, preload=False, verbose="WARNING", **more)
            if place != path:
                raw._filenames = [path.with_name(Path(name).name) for name in raw.filenames]
        except FileNotFoundError as exc:
            raise TruncatedFile(
                f"{path.name} was not read.",
                "A file that belongs to the recording is not beside it.",
                "Copy all files of the recording into one folder, and add the folder.",
            ) from exc
        except Exception as exc:
            raise _unreadable(path, recorder, "its header contradicts the file, or is of a kind that MNE does not read") from exc  # fmt: skip
    if raw.n_times < 2 or not raw.ch_names:
        raise NoSignal(f"{path.name} has no signal.", "It holds no samples.", "Export or copy it again.")
    return raw, [str(entry.message) for entry in caught]


def _recording(path: Path, recorder: Recorder, raw: Any, parts: Sequence[Path], said: Sequence[str]) -> FoundRecording:
    rate, samples = float(raw.info["sfreq"]), int(raw.n_times)
    issues = _told(recorder, raw, said)
    units = _units(recorder, raw)
    volts = [unit is not None and microvolts_per(unit) is not None for unit in units]
    scale = np.array([1e6 / (microvolts_per(u) or 1e6) if v else 1.0 for u, v in zip(units, volts, strict=True)])
    store = MneSamples(raw, scale)
    everything = range(len(units))
    windows = Windows(len(units))
    windows.take(store, samples, rate, everything, [(1.0, 0.0)] * len(units))
    if not windows.moves() or is_constant(store, samples, len(units), _STILL_UV):
        raise NoSignal(
            f"{path.name} has no signal.",
            "Every sample of every channel is the same.",
            "Add the recording that belongs to it.",
        )
    shown = [u if v else _SI.get(u or "", u or "") for u, v in zip(units, volts, strict=True)]
    sources = list(zip(raw.ch_names, shown, volts, strict=True))
    labelled, remarks = label_channels(sources, windows.fingerprints())
    issues.extend(remarks)
    labelled = windows.name_ecg(_typed(labelled, raw), issues)
    factors = windows.factors(path.name, [u if v else None for u, v in zip(units, volts, strict=True)], labelled, issues)  # fmt: skip
    annotations = _annotations(raw)
    absent = [(a.onset_s, a.duration_s) for a in annotations if a.text.upper().startswith("BAD_ACQ_SKIP")]
    runs, joins = stretches_of(samples, rate, _pauses(path, recorder, raw, annotations, parts), absent)
    segments = tuple(run[0] for run in runs)
    if joins:
        issues.append(
            Issue("stretches_joined", Severity.WARNING, "recording",
                  f"{joins} times the file joins stretches and does not say how far apart they were recorded.",
                  "Clock times behind the first join are too early; edges there are no discharges.")
        )  # fmt: skip
    identity = mne_identity(path, recorder, raw)
    group = RateGroup(rate, tuple(everything), segments, np.array(factors), np.zeros(len(units)), store)
    stretches = [Stretch(0.0, 0.0)] * (segments[0].onset > 0) + [run[1] for run in runs]
    duration = (segments[-1].onset + segments[-1].count) / rate
    start = raw.info["meas_date"] and raw.info["meas_date"].replace(tzinfo=None) + timedelta(seconds=raw.first_time)
    recording = Recording(
        digest=_digest(path, parts),
        duration_s=round(duration, 7),
        channels=tuple(
            Channel(c.label, without_names(c.source_label, identity.fields), rate, c.kind) for c in labelled
        ),
        gaps=gaps_between(stretches),
        annotations=_placed(annotations, segments, rate, identity),
        starts_at=start.isoformat(timespec="milliseconds" if start.microsecond else "seconds") if start else "",
        source=GappedSource([group], duration),
        issues=tuple(dict.fromkeys(issues)),
    )
    return FoundRecording(
        path=path,
        recording=recording,
        identity=identity.fields,
        synthetic="overread synthetic" in str(raw.info.get("description") or "").lower(),
        age_years=identity.age_years,
        sex=identity.sex,
        acquired_on=start.date().isoformat() if start else "",
        parts=tuple(p for p in map(Path, raw.filenames) if p != path) if recorder.name == "FIF" else tuple(parts),
    )


def _units(recorder: Recorder, raw: Any) -> list[str | None]:
    """The unit that the file states of each channel, or that its format has; None where it is no voltage."""
    stated = getattr(raw, "_orig_units", None) or {}
    units: list[str | None] = []
    for channel in raw.info["chs"]:
        unit = stated.get(channel["ch_name"])
        volt = int(channel["unit"]) == _VOLT
        if volt:
            units.append(unit if unit and microvolts_per(unit) is not None else recorder.unit)
        else:
            units.append(None if unit is None or microvolts_per(unit) is not None else unit)
    return units


def _typed(labelled: Sequence[Labelled], raw: Any) -> list[Labelled]:
    """What MNE knows to be no EEG is none, unless its name says that it is."""
    types = raw.get_channel_types()
    return [
        replace(c, kind=_KINDS[t]) if t in _KINDS and c.kind in ("other", "eeg") and not _is_named(c) else c
        for c, t in zip(labelled, types, strict=True)
    ]


def _is_named(channel: Labelled) -> bool:
    return channel.kind == "eeg" and electrode_side(channel.label) != "unknown"


def _annotations(raw: Any) -> list[Annotation]:
    """As MNE has them, in seconds from the file's first sample."""
    shift = float(raw.first_time) if raw.annotations.orig_time is not None else 0.0
    return [
        Annotation(float(a["onset"]) - shift, max(0.0, float(a["duration"])), " ".join(str(a["description"]).split()))
        for a in raw.annotations
    ]


def _placed(
    annotations: Sequence[Annotation], segments: Sequence[Segment], rate_hz: float, identity: HeaderIdentity
) -> tuple[Annotation, ...]:
    """Annotations in recording time, without names; MNE's own marks of joins are none."""
    found = []
    for a in annotations:
        if not a.text or a.text.upper().startswith(("BAD_ACQ_SKIP", "BAD BOUNDARY", "EDGE BOUNDARY")):
            continue
        at = a.onset_s * rate_hz
        segment = next((s for s in reversed(segments) if s.stored <= at + 0.5), segments[0])
        onset = a.onset_s + (segment.onset - segment.stored) / rate_hz
        found.append(Annotation(round(onset, 7), a.duration_s, without_names(a.text, identity.fields)))
    return tuple(sorted(found, key=lambda a: (a.onset_s, a.text)))


def _pauses(
    path: Path, recorder: Recorder, raw: Any, annotations: Sequence[Annotation], parts: Sequence[Path]
) -> list[Pause]:
    rate = float(raw.info["sfreq"])
    if recorder.name == "BrainVision":
        markers = next((p for p in parts if p.suffix.lower() == ".vmrk"), None)
        return brainvision_pauses(markers, rate) if markers else []
    if recorder.name == "Persyst":
        return persyst_pauses(path, rate)
    if recorder.name == "Nihon Kohden":
        return nihon_pauses(path, raw)
    if recorder.name == "EEGLAB":
        return eeglab_pauses(path, rate)
    joins = [a for a in annotations if a.text.upper().startswith("EDGE BOUNDARY")]
    return [Pause(round(a.onset_s * rate), None) for a in joins]


def _told(recorder: Recorder, raw: Any, said: Sequence[str]) -> list[Issue]:
    """What the recorder's file or MNE leaves open."""
    issues = []
    if any("not referenced to the same electrode" in text for text in said):
        issues.append(
            Issue("references_differ", Severity.WARNING, "channels",
                  "Not all channels were recorded against the same electrode.",
                  "Differences of channels may not be what their names say.")
        )  # fmt: skip
    if any("do not match" in text and "sfreq" in text for text in said):
        issues.append(
            Issue("rate_contradicted", Severity.WARNING, "header",
                  "The header states two rates; that of the distance between samples was taken.",
                  "Check the length of a known event before measuring time.")
        )  # fmt: skip
    per_record = np.unique(np.asarray((raw._raw_extras or [{}])[0].get("n_samps", [1])))
    if recorder.name == "GDF" and per_record.size > 1:
        issues.append(
            Issue("rates_made_equal", Severity.WARNING, "channels",
                  "Channels of lower rates were brought to the highest by interpolation.")
        )  # fmt: skip
    if recorder.name == "FIF" and raw.info["meas_date"] is not None:
        issues.append(Issue("clock_utc", Severity.NOTE, "recording", "The clock is universal time, not that of the ward."))  # fmt: skip
    return issues


def _named_parts(path: Path, recorder: Recorder) -> list[Path]:
    """The other files that a header names; a name that leads out of the folder is refused."""
    if recorder.name not in ("BrainVision", "Persyst"):
        return []
    wanted = ("datafile", "markerfile") if recorder.name == "BrainVision" else ("file",)
    parts = []
    for line in file_lines(path):
        key, _, value = line.partition("=")
        if key.strip().lower() not in wanted or not value.strip():
            continue
        name = value.strip().replace("$b", path.stem)
        if "/" in name or "\\" in name or name.startswith("."):
            raise BadHeader(
                f"{path.name} was not read.",
                "Its header names a file in another folder.",
                "Put the files of the recording into one folder and name them without one.",
            )
        near = path.with_name(name)
        own = path.with_suffix(near.suffix)
        parts.extend(p for p in (near, own) if p.exists() and p not in parts)
    return parts


def _digest(path: Path, parts: Sequence[Path]) -> str:
    """SHA-256 of the file; of several, of the object that holds each one's by suffix."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return canonical_digest({p.relative_to(path).as_posix(): digest_file(p) for p in files})
    beside = [*parts, *(p for p in _same_stem(path) if p not in parts)]
    if not beside:
        return digest_file(path)
    return canonical_digest({p.name[len(path.stem) :] or p.name: digest_file(p) for p in (path, *beside)})


def _same_stem(path: Path) -> list[Path]:
    """Files that hold samples or annotations of the recording under its own stem."""
    suffixes = (".fdt", ".dap", ".rs3", ".dpa", ".dpo", ".cef", ".log", ".21e", ".pnt", ".head", ".trg", ".evt")
    return sorted(
        p
        for p in path.parent.iterdir()
        if p != path and p.suffix.lower() in suffixes and p.name.split(".")[0] == path.name.split(".")[0]
    )


@contextlib.contextmanager
def _quiet() -> Any:
    """MNE's warnings caught, and what it prints not shown."""
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        yield caught


def _unreadable(path: Path, recorder: Recorder, why: str) -> OverreadError:
    return BadHeader(
        f"{path.name} was not read.",
        f"It looks like a file of {recorder.name}, and {why}.",
        "Export the recording as EDF+ or BDF+ from the program that made it.",
    )
