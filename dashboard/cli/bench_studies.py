"""The studies that the bench of the pages shows: a synthetic head with a mask, one with probabilities, a recording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..casework import add_paths, add_prediction, model_for, predict
from ..demo import EegPlan, SeizurePlan, SyntheticEeg, demo_heads, synthetic_recording, write_head
from ..domain import BoolVolume, ImageVolume, Study
from ..eeg import write_edf
from ..imaging import bits_from_labels, write_nifti_mask
from ..terms import Sequence, StudyKind, WorkspaceKind
from ..workspace import Workspace

__all__ = ["PAGE_S", "BenchStudies", "build_recording", "build_studies"]

PAGE_S = 10
_RATE_HZ = 256.0
"""A rate that many recorders have; the demonstration's own is 200 Hz."""
_SEED = 901


@dataclass(frozen=True, eq=False)
class BenchStudies:
    """A workspace with an MR study and a recording, and what they show, for the other side.

    Attributes
    ----------
    workspace : Path
    mr, eeg, likely : str
        Pseudonyms; the last of a head of which the shipped model has made masks and probabilities.
    grey : (i, j, k) int16
        The series that is on screen first; its slices are k.
    mask : (i, j, k) bool
        What the overlay covers of it.
    """

    workspace: Path
    mr: str
    eeg: str
    likely: str
    grey: ImageVolume
    mask: BoolVolume
    recording: SyntheticEeg


def build_studies(folder: Path, *, recording_s: float) -> BenchStudies:
    """Write a head of four DICOM series with a label map, and an EDF+ recording, and take them into a new workspace.

    The head is the demonstration's first, of 3 mm slices; its tumour stands in for what a model found. The second head
    is read by the shipped model.

    Raises
    ------
    MissingExtra
        nilearn, which carries the template of the heads, is not installed.
    """
    head = write_head(demo_heads()[0], folder / "head")
    write_nifti_mask(head.labels, head.affine, folder / "labels.nii.gz", synthetic=True)
    recording = build_recording(folder, recording_s=recording_s)
    workspace = Workspace.open(folder / "workspace", WorkspaceKind.DEMONSTRATION)
    added = {one.kind: one.study for one in add_paths(workspace, [folder / "head", folder / "bench.edf"]).added}
    study: Study = workspace.study(added["mr"])
    add_prediction(workspace, study, folder / "labels.nii.gz", model_name="truth", model_version="1")
    write_head(demo_heads()[1], folder / "likely")
    likely = add_paths(workspace, [folder / "likely"]).added[0].study
    predict(workspace, workspace.study(likely), model_for(workspace, StudyKind.MR))
    shown = next(series for series in head.series if series.plan.sequence is Sequence.T1C)
    bits = bits_from_labels(head.labels, head.affine, shown.affine, shown.array.shape)
    return BenchStudies(workspace.root, study.id, added["eeg"], likely, shown.array, bits > 0, recording)


def build_recording(folder: Path, *, recording_s: float) -> SyntheticEeg:
    """Write the recording of `bench.edf`, 19 channels at 256 Hz."""
    seizure = SeizurePlan(onset_s=42, duration_s=30, focus="T3")
    made = synthetic_recording(
        EegPlan("bench", seed=_SEED, duration_s=recording_s, rate_hz=_RATE_HZ, seizures=(seizure,))
    )
    write_edf(folder / "bench.edf", made.labels, _RATE_HZ, made.signal_uv, starts_at="2024-01-01T08:00:00")
    return made
