"""A phantom study in a workspace with somebody's result of two lesions, and a reader: what exports are made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.casework import ExportOptions, add_paths, add_prediction, export_study
from dashboard.domain import ModelIdentity, Prediction, Region, RegionMeasure, Study, Volume, apply_affine
from dashboard.imaging import Labels, ResultFinding, Results, write_nifti_mask
from dashboard.terms import Sequence
from dashboard.workspace import Workspace
from tests.builders.cases import Reader, a_reader, a_workspace
from tests.builders.phantoms import Phantom, a_phantom_series

__all__ = [
    "AXIAL",
    "OTHER_LPS",
    "SAGITTAL",
    "SECRETS",
    "SHAPE",
    "ReviewedPhantom",
    "a_mask_file",
    "a_reviewed_phantom",
    "some_results",
]

SHAPE = (10, 12, 8)
_REGIONS = (Region("whole_tumour", 0), Region("tumour_core", 1, evaluated=False), Region("enhancing_tumour", 2))
SAGITTAL = np.array([[0, 0, 4.0, -20], [2, 0, 0, -30], [0, -2, 0, 25], [0, 0, 0, 1.0]])
AXIAL = np.array([[-1.0, 0, 0, 30], [0, -1.5, 0, 25], [0, 0, 3, -20], [0, 0, 0, 1.0]])
OTHER_LPS = np.array([-28.0, 22.0, -12.0])
"""Centre of the second lesion: patient's right, back, below."""
SECRETS = {
    "PatientName": "Quixote^Alonso",
    "PatientID": "MRN-4711",
    "PatientBirthDate": "19470409",
    "AccessionNumber": "ACC-90210",
    "InstitutionName": "Hospital of La Mancha",
    "ReferringPhysicianName": "Panza^Sancho",
    "StationName": "ROCINANTE",
    "StudyDate": "20231105",
    "StudyDescription": "MR head of Quixote",
    "DeviceSerialNumber": "SN-778899",
}
"""What the source says of the patient and the place; none of it may leave under a pseudonym."""


@dataclass(frozen=True, eq=False)
class ReviewedPhantom:
    """The study with finding 1 (the ball, enhancing) and finding 2 (without contrast, on the other side)."""

    folder: Path
    workspace: Workspace
    reader: Reader
    phantom: Phantom
    study: Study
    prediction: Prediction
    labels: np.ndarray

    def export(self, format_: str, to: str = "out", session: Any = None, **options: Any) -> list[Path]:
        """Write results as the reader asks for them."""
        folder = self.folder / to
        session = session or self.reader.session
        return list(
            export_study(self.workspace, session, self.study, format_, folder, options=ExportOptions(**options))
        )


def a_reviewed_phantom(
    folder: Path, *, elements: Mapping[str, Any] | None = None, settings: str = "", **said: Any
) -> ReviewedPhantom:
    """Add a phantom series and a label map of two lesions; `said` goes to the series."""
    workspace = a_workspace(folder, settings)
    phantom = a_phantom_series(folder / "source", elements={**SECRETS, **(elements or {})}, **said)
    report = add_paths(workspace, [folder / "source"])
    assert not report.refused
    study = workspace.study(report.added[0].study)
    volume = study.volumes[0]
    index = np.stack(np.meshgrid(*map(np.arange, volume.shape), indexing="ij"), -1)
    place = apply_affine(volume.affine, index)
    labels = np.zeros(volume.shape, np.uint8)
    labels[np.linalg.norm(place - OTHER_LPS, axis=-1) < 8.5] = 2
    labels[np.linalg.norm(place - phantom.marker_lps, axis=-1) < 11] = 2
    labels[np.asarray(volume.array) > 600] = 3
    file = a_mask_file(folder / "result.nii.gz", labels, study)
    prediction = add_prediction(workspace, study, file, model_name="other tool", model_version="2.1")
    return ReviewedPhantom(folder, workspace, a_reader(workspace), phantom, study, prediction, labels)


def a_mask_file(path: Path, labels: np.ndarray, study: Study) -> Path:
    """A label map on the grid of the study's first series."""
    write_nifti_mask(labels, study.volumes[0].affine, path)
    return path


def _new_uid(words):
    return f"2.25.{int(hashlib.sha256(words.encode()).hexdigest()[:24], 16)}"


def some_results(affine=AXIAL, array=None, **said):
    """One finding of two evaluated regions in a box, the inner smaller; scores fall from 0.9 to 0.3."""
    volume = Volume(
        np.arange(np.prod(SHAPE)).reshape(SHAPE).astype(np.int16) if array is None else array,
        affine, "d" * 64, Sequence.FLAIR, frame="F",
    )  # fmt: skip
    bits = np.full((4, 4, 3), 1, np.uint8)
    bits[1:3, 1:3, 1] |= 4 | 2
    scores = np.zeros((3, 4, 4, 3), np.uint8)
    scores[:] = np.linspace(230, 77, 4).astype(np.uint8)[:, None, None]
    finding = ResultFinding(
        "1", "accepted", False, "S-X 1", _new_uid("finding"),
        (slice(3, 7), slice(2, 6), slice(4, 7)), bits, scores, (RegionMeasure("whole_tumour", 0.2, 8, 6, 5),), "left", 0.6,
    )  # fmt: skip
    return Results("S-AAAAAAAAAA", volume, ModelIdentity("m", "1", ""), _REGIONS, (finding,),
                   Labels("P-A", "P-A^", "S-A", "A-B^", _new_uid), datetime(2026, 1, 2, tzinfo=UTC), "e" * 64, **said)  # fmt: skip
