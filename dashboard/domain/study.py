"""A study and what it holds: volumes or a recording, with the issues found in them."""

from __future__ import annotations

from collections.abc import Sequence as Seq
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ..terms import Sequence, StudyKind
from .arrays import Affine, ImageVolume, MicrovoltSignal
from .geometry import plane_normal_to, spacing_of, through_axis_of

__all__ = [
    "Annotation",
    "Channel",
    "Gap",
    "Issue",
    "Recording",
    "Severity",
    "SignalSource",
    "Study",
    "Volume",
    "foremost",
]


class Severity(StrEnum):
    """How much an issue matters to a reader."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Issue:
    """One flaw in readable data: it is named, and the work goes on."""

    code: str
    severity: Severity
    where: str
    message: str
    suggestion: str = ""


@dataclass(frozen=True, eq=False)
class Volume:
    """One MR series on its own grid.

    Attributes
    ----------
    array : (i, j, k) int16 or float32
        Often a read-only memory map.
    affine : (4, 4) float64
        Voxel index to patient millimetres, LPS.
    digest : str
        `files.array_digest` of array and affine; two volumes are the same if it is.
    frame : str
        Pseudonymous frame of reference; volumes with the same one share space. Empty: unknown.
    sides_known : bool
        False for a NIfTI with neither sform nor qform.
    recognised : Sequence or None
        What the file was taken for, where a person has said otherwise since; `sequence` is what they said.
    made_from, made_how, made_record : str
        Digest of the series that this one was made from, how ('aligned': moved rigidly, 'brain': all but the brain
        set to 0), and the digest of the record of it. Empty for a series as it was acquired.
    """

    array: ImageVolume
    affine: Affine
    digest: str
    sequence: Sequence
    description: str = ""
    frame: str = ""
    sides_known: bool = True
    acquired_on: str = ""
    series_number: int | None = None
    sequence_confidence: float = 1.0
    issues: tuple[Issue, ...] = ()
    recognised: Sequence | None = None
    made_from: str = ""
    made_how: str = ""
    made_record: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""
        return tuple(int(n) for n in self.array.shape)  # type: ignore[return-value]

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Voxel spacing along i, j, k."""
        return spacing_of(self.affine)

    @property
    def through_axis(self) -> int:
        """The array axis through the acquired slices."""
        return through_axis_of(self.affine)

    @property
    def plane(self) -> str:
        """Acquisition plane: axial, coronal or sagittal, the nearest."""
        return plane_normal_to(self.affine, self.through_axis)


def foremost(volumes: Seq[Volume]) -> tuple[Volume, ...]:
    """The volumes that speak for a study: those from which no other one was made."""
    sources = {volume.made_from for volume in volumes}
    return tuple(volume for volume in volumes if volume.digest not in sources)


@dataclass(frozen=True)
class Channel:
    """One channel of a recording, its label normalised ('Fp1', 'T3') and as the file had it."""

    label: str
    source_label: str
    rate_hz: float
    kind: str = "eeg"
    """eeg, ecg, eog, emg, reference, trigger or other."""


@dataclass(frozen=True)
class Gap:
    """A stretch of recording time without any signal: times across it are real, samples are not there."""

    onset_s: float
    duration_s: float


@dataclass(frozen=True)
class Annotation:
    """A mark that came with the file; hidden from a blind reader unless declared human."""

    onset_s: float
    duration_s: float
    text: str


class SignalSource(Protocol):
    """Where a recording's samples come from.

    `read(start_s, stop_s, channels)` gives float32 microvolts, (channel, sample), of channels that all have
    one rate, for recording time [start_s, stop_s); samples inside gaps are NaN, never joined over. The first
    sample is the first at or after `start_s`. Memory is bounded by the range asked for.
    """

    def read(self, start_s: float, stop_s: float, channels: Seq[int]) -> MicrovoltSignal: ...


@dataclass(frozen=True, eq=False)
class Recording:
    """One EEG recording. Seconds count from its start, gaps included.

    Attributes
    ----------
    digest : str
        SHA-256 of the source file's bytes.
    duration_s : float
        From the first sample to the end of the last, gaps included.
    starts_at : str
        Clock start 'YYYY-MM-DDTHH:MM:SS', or empty where the file has none.
    """

    digest: str
    duration_s: float
    channels: tuple[Channel, ...]
    gaps: tuple[Gap, ...]
    annotations: tuple[Annotation, ...]
    starts_at: str
    source: SignalSource = field(repr=False)
    issues: tuple[Issue, ...] = ()

    @property
    def eeg_channels(self) -> tuple[int, ...]:
        """Indices of the EEG channels."""
        return tuple(n for n, channel in enumerate(self.channels) if channel.kind == "eeg")


@dataclass(frozen=True, eq=False)
class Study:
    """One case: an MR study of one or more volumes, or an EEG recording, under pseudonyms.

    `input_digest` is defined in docs/identity.md; `age_years` is capped at 90. `corrected_at` is when a person last
    took a series for another sequence; results of before may then stand for an assignment that is no longer.
    """

    id: str
    subject: str
    kind: StudyKind
    volumes: tuple[Volume, ...] = ()
    recording: Recording | None = None
    input_digest: str = ""
    added_at: str = ""
    acquired_on: str = ""
    age_years: int | None = None
    sex: str = ""
    synthetic: bool = False
    issues: tuple[Issue, ...] = ()
    corrected_at: str = ""

    def volume(self, digest: str) -> Volume:
        """The volume of that digest; KeyError where the study has none."""
        for volume in self.volumes:
            if volume.digest == digest:
                return volume
        raise KeyError(digest)
