"""Labelled recordings for the seizure detector: what the manifest, the events files and the experts' votes say."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain import Channel, Float32Array, MicrovoltSignal, Recording
from ..eeg import detector_blocks, detector_labels, find_recordings

__all__ = [
    "FOLDERS",
    "LabelledRecording",
    "SignalInput",
    "array_recording",
    "labelled_recording",
    "manifest_rows",
    "montaged_signal",
    "recording_of",
    "vote_share",
]

FOLDERS = ("seizure", "iiic", "icu", "normal", "artefact")
"""Folders of the shared EEG data that are read; Bonn is not one of them."""


@dataclass(frozen=True)
class SignalInput:
    """The part of a manifest's `input` that shapes the signal before the network sees it."""

    rate_hz: float = 100.0
    montage: str = "longitudinal_bipolar"
    highpass: float | None = 0.5
    lowpass: float | None = 30.0
    notch: float | None = None


@dataclass(frozen=True, eq=False)
class LabelledRecording:
    """A montaged recording with a target for each second.

    Attributes
    ----------
    signal_uv : (channel, sample) float32
        Rows of the montage at the input's rate; NaN inside gaps.
    target : (second,) float32
        Share of experts who call it seizure, 0 to 1; NaN where nobody said.
    involved : (channel,) float32 or None
        Which rows take part in the seizure, where that is known (synthetic), else None.
    source : str
        Folder of the shared data, 'synthetic' or 'mixed'.
    """

    name: str
    group: str
    source: str
    labels: tuple[str, ...]
    signal_uv: MicrovoltSignal
    target: Float32Array
    involved: Float32Array | None = None


@dataclass(frozen=True, eq=False)
class _ArraySource:
    """Samples that are in memory, as a recording's source."""

    signal_uv: MicrovoltSignal
    rate_hz: float

    def read(self, start_s: float, stop_s: float, channels: tuple[int, ...]) -> MicrovoltSignal:
        first, last = int(np.ceil(start_s * self.rate_hz - 1e-6)), int(np.ceil(stop_s * self.rate_hz - 1e-6))
        return self.signal_uv[list(channels), max(first, 0) : last]


def array_recording(labels: tuple[str, ...], rate_hz: float, signal_uv: MicrovoltSignal, name: str) -> Recording:
    """A recording whose (channel, sample) microvolts are in memory, all channels EEG."""
    channels = tuple(Channel(label, label, rate_hz) for label in labels)
    duration = signal_uv.shape[1] / rate_hz
    return Recording(name, duration, channels, (), (), "", _ArraySource(signal_uv, rate_hz))


def manifest_rows(data: Path, split: str) -> Iterator[dict[str, str]]:
    """Rows of MANIFEST.csv of EDF files in FOLDERS that belong to a split, in the manifest's order."""
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["file"].split("/")[0] in FOLDERS and row["file"].endswith(".edf") and row["split"] == split:
                yield row


def vote_share(data: Path, file: str) -> float | None:
    """Share of expert votes for seizure over a clip's central 10 s; None where nobody voted."""
    for table in ("iiic_irr_votes.csv", "iiic_sparcnet_votes_and_model.csv"):
        with (data / "reference" / table).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["file"] == file:
                    votes = {name: int(value) for name, value in row.items() if name.startswith("votes_")}
                    return votes["votes_SZ"] / sum(votes.values())
    return None


def recording_of(data: Path, file: str) -> Recording:
    """The recording of one file of the shared data; its error is raised where it can't be read."""
    path = data / file
    intake = find_recordings([path], path.parent)
    for _, error in intake.refused:
        raise error
    return intake.recordings[0].recording


def montaged_signal(recording: Recording, signal_input: SignalInput) -> tuple[tuple[str, ...], MicrovoltSignal]:
    """The whole recording as the network sees it: labels of the rows and (row, sample) at the input's rate."""
    labels = detector_labels(recording, signal_input)
    samples = round(recording.duration_s * signal_input.rate_hz)
    signal = np.full((len(labels), samples), np.nan, dtype=np.float32)
    for start_s, block in detector_blocks(recording, signal_input):
        first = round(start_s * signal_input.rate_hz)
        last = min(first + block.shape[1], samples)
        signal[:, first:last] = block[:, : last - first]
    return labels, signal


def labelled_recording(data: Path, row: dict[str, str], signal_input: SignalInput) -> LabelledRecording:
    """Read one recording of the shared data with its target.

    Targets: seizure times of the events file; expert votes for the clips of `iiic` (their central 10 s, taken to hold
    for 5 s more on either side); the whole clip for NCSE; elsewhere no seizure.
    """
    file = row["file"]
    labels, signal = montaged_signal(recording_of(data, file), signal_input)
    seconds = int(np.ceil(signal.shape[1] / signal_input.rate_hz))
    return LabelledRecording(
        name=file,
        group=_group(file, row["patient_group"]),
        source=file.split("/")[0],
        labels=labels,
        signal_uv=signal,
        target=_target(data, file, seconds),
    )


def _group(file: str, stated: str) -> str:
    """The patient's group; clips of unknown patients are one each, those of `icu` with the same findings together."""
    if "unknown" not in stated:
        return stated
    return file.split("_vecams")[0]


def _target(data: Path, file: str, seconds: int) -> Float32Array:
    """Share of seizure for each second of a recording, NaN where unknown."""
    folder = file.split("/")[0]
    target = np.zeros(seconds, dtype=np.float32)
    if folder == "seizure":
        unsure_s = 14 if "ombao" in file else 1
        for onset, duration in _events(data / file):
            first, last = int(onset), int(np.ceil(onset + duration))
            target[max(0, first - unsure_s) : last + unsure_s] = np.nan
            target[first:last] = 1.0
    elif folder == "iiic":
        share = vote_share(data, file)
        target[:] = np.nan
        middle = seconds / 2
        if share is not None:
            target[max(0, int(middle - 10)) : int(np.ceil(middle + 10))] = share
    elif "NCSE" in file:
        target[:] = 1.0
    return target


def _events(path: Path) -> list[tuple[float, float]]:
    """Onset and duration of the seizures in a recording's events file."""
    with path.with_name(path.stem + "_events.tsv").open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return [(float(r["onset"]), float(r["duration"])) for r in rows if r["eventType"].startswith("sz")]
