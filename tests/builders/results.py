"""A phantom study in a workspace with somebody's result of two lesions, and a reader: what exports are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.casework import ExportOptions, add_paths, add_prediction, export_study
from dashboard.domain import Prediction, Study, apply_affine
from dashboard.imaging import write_nifti_mask
from dashboard.workspace import Workspace
from tests.builders.cases import Reader, a_reader, a_workspace
from tests.builders.phantoms import Phantom, a_phantom_series

__all__ = ["OTHER_LPS", "SECRETS", "ReviewedPhantom", "a_mask_file", "a_reviewed_phantom"]

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
