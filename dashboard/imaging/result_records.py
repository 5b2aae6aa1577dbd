"""What the writers of results are told: the findings as they stand, the series they lie on, and under which names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from ..domain import BitmaskVolume, BoolVolume, ModelIdentity, Region, RegionMeasure, Volume
from .records import SourceIdentity

__all__ = ["Box", "Labels", "ResultFinding", "Results", "Standing"]

Box = tuple[slice, slice, slice]


class Standing:
    """How a finding stands, in words that go into labels and file names."""

    ACCEPTED = "accepted"
    MODIFIED = "modified"
    ADDED = "added"
    REJECTED = "rejected"
    UNSURE = "unsure"
    UNREVIEWED = "unreviewed"
    STANDS = (ACCEPTED, MODIFIED, ADDED)
    ON_DEMAND = (REJECTED, UNSURE, UNREVIEWED)


@dataclass(frozen=True, eq=False)
class ResultFinding:
    """One finding as it is written.

    Attributes
    ----------
    id : str
        Its number in the prediction, or 'r-...' of the reader's own.
    standing : str
        A word of `Standing`.
    edited : bool
        The outline is the reader's.
    box : three slices or None
        Where on the grid; None for one that was marked by a point alone.
    bits : (i, j, k) uint8
        Bitmask of the regions within the box.
    tracking_id, tracking_uid : str
        The same in every object that speaks of the finding.
    """

    id: str
    standing: str
    edited: bool
    tracking_id: str
    tracking_uid: str
    box: Box | None = None
    bits: BitmaskVolume | None = None
    scores: np.ndarray | None = None
    """(region, i, j, k) uint8 within the box, 255 is 1.0; None where the model gave none."""
    measures: tuple[RegionMeasure, ...] = ()
    side: str = "unknown"
    score: float | None = None
    reason: str = ""
    confidence: int | None = None
    point_lps: tuple[float, float, float] | None = None

    @property
    def title(self) -> str:
        """'Finding 3', or 'Added finding'; with its standing where that is not one that stands."""
        name = f"Finding {self.id}" if self.id.isdigit() else f"Added finding {self.id[2:10]}"
        return name if self.standing in Standing.STANDS else f"{name} ({self.standing})"

    def mask(self, region: Region) -> BoolVolume:
        """Where a region of the finding lies, within its box."""
        assert self.bits is not None
        return (self.bits >> region.bit) & 1 == 1


@dataclass(frozen=True)
class Labels:
    """Under which names results are written.

    Attributes
    ----------
    patient_id, patient_name, study_id : str
        Pseudonyms, or what the source says.
    reader : str
        The reader's code, or a pseudonym of it.
    new_uid : callable
        A UID for words; the same words give the same one, and nobody without the subject's key can make it.
    source : SourceIdentity or None
        The UIDs of the slices that results refer to where they are others' files: the source's own where results go
        back to it, those of its copies where such are written.
    identified : bool
        The names are the source's.
    """

    patient_id: str
    patient_name: str
    study_id: str
    reader: str
    new_uid: Callable[[str], str]
    source: SourceIdentity | None = None
    identified: bool = False


@dataclass(frozen=True, eq=False)
class Results:
    """One model's result of one MR study as one reader let it stand.

    Attributes
    ----------
    volume : Volume
        The series on whose grid the findings lie.
    made_at : datetime
        When the newest thing of it was done: the same state gives the same files.
    digest : str
        Of all that it says; new contents get new UIDs.
    source_instances : int
        How many DICOM objects the volume came from; 0 where the study was none.
    copies_from : Path or None
        The study's own DICOM files, of which copies without names go beside the results.
    copy_uids : dict
        Old UID to new, for these.
    further : tuple of str
        Words of `Standing` whose findings are in it though they don't stand.
    review : str
        reviewed, by one reader; adjudicated, between several.
    """

    study: str
    volume: Volume
    model: ModelIdentity
    regions: tuple[Region, ...]
    findings: tuple[ResultFinding, ...]
    labels: Labels
    made_at: datetime
    digest: str
    synthetic: bool = False
    sex: str = ""
    acquired_on: str = ""
    source_instances: int = 0
    copies_from: Path | None = None
    copy_uids: Mapping[str, str] = field(default_factory=dict)
    further: tuple[str, ...] = ()
    review: str = "reviewed"

    @property
    def further_words(self) -> str:
        """' (with rejected, unreviewed)', or nothing."""
        return f" (with {', '.join(self.further)})" if self.further else ""
