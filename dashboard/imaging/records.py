"""What reading images gives back: studies as found, what was refused, and who the files name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..domain import Issue, Volume
from ..errors import OverreadError

__all__ = ["FoundStudy", "MrIntake", "SourceIdentity"]


@dataclass(frozen=True)
class SourceIdentity:
    """What names the patient and the source objects; it is written to `identities` and nowhere else.

    Attributes
    ----------
    series_uids, frame_uids : dict
        By volume digest: SeriesInstanceUID and FrameOfReferenceUID.
    instance_uids : dict
        By volume digest: SOPInstanceUIDs in the order of the volume's slices (of one multi-frame file: one).
    """

    issuer: str = ""
    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    accession: str = ""
    study_instance_uid: str = ""
    series_uids: dict[str, str] = field(default_factory=dict)
    frame_uids: dict[str, str] = field(default_factory=dict)
    instance_uids: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundStudy:
    """One MR study as it lay in files.

    Attributes
    ----------
    path : str
        Where it lay: its folder or file, relative to what was named.
    key : str
        Short digest that groups its files; of no use outside one reading.
    acquired_on : str
        'YYYY-MM-DD', or empty.
    age_years : int or None
        At the time of the study, capped at 90.
    set_aside : tuple of str
        Base names of masks, captures, localizers and results that came with it and were not read.
    """

    path: str
    key: str
    volumes: tuple[Volume, ...]
    identity: SourceIdentity = SourceIdentity()
    synthetic: bool = False
    acquired_on: str = ""
    age_years: int | None = None
    sex: str = ""
    issues: tuple[Issue, ...] = ()
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class MrIntake:
    """Studies, refusals by relative path, and the files that are no images at all."""

    studies: tuple[FoundStudy, ...]
    refused: tuple[tuple[str, OverreadError], ...]
    unused: tuple[Path, ...]
