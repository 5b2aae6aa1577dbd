"""A demonstration in which one subject was scanned three times: in the frame of the current study, in another, and now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dashboard.casework import add_paths, add_prediction
from dashboard.imaging import write_dicom_series, write_nifti_mask
from dashboard.workspace import Workspace
from tests.browser.site import AFFINE, Site, a_demonstration, a_head

__all__ = ["MOVED", "Course", "a_course", "moved_affine"]

MOVED = (6.0, -9.0, 12.0)
"""Where the second scan's frame puts what the current one has at the origin, LPS millimetres: whole voxels."""
_PATIENT = "course-of-three"


@dataclass(frozen=True)
class Course:
    """Pseudonyms of one subject's studies: lesions of 10, 14 and 18 mm radius at the same place."""

    baseline: str
    before: str
    now: str


def moved_affine() -> np.ndarray:
    """The grid of the second scan: the same head, elsewhere in its scanner."""
    affine = AFFINE.copy()
    affine[:3, 3] += MOVED
    return affine


def _scan(
    workspace: Workspace, folder: Path, name: str, radius: float, day: str, frame: str, affine: np.ndarray
) -> str:
    image, labels = a_head(34.0, radius=radius)
    shared = {"study_uid": f"1.2.826.0.1.3680043.8.498.77.{day}", "patient_id": _PATIENT, "synthetic": True,
              "frame_uid": f"1.2.826.0.1.3680043.8.498.78.{frame}", "age_years": 63, "patient_sex": "F",
              "study_date": day}  # fmt: skip
    write_dicom_series(folder / name / "t1c", image, affine, sequence="t1c", series_number=2, **shared)
    if name != "before":
        write_dicom_series(folder / name / "t1", image // 2, affine, sequence="t1", series_number=1, **shared)
    (study,) = (one.study for one in add_paths(workspace, [folder / name]).added)
    mask = folder / f"{name}.nii.gz"
    write_nifti_mask(labels, affine, mask, synthetic=True)
    add_prediction(workspace, workspace.study(study), mask, model_name="ball-finder", model_version="1.0")
    return study


def a_course(root: Path, *, settings: str = "") -> tuple[Site, Course]:
    """The demonstration with that subject added; the second scan has no T1 before contrast."""
    site = a_demonstration(root, settings=settings)
    folder = root.parent / f"{root.name}-course"
    scans = (("baseline", 10.0, "20231201", "1", AFFINE), ("before", 14.0, "20240311", "2", moved_affine()),
             ("now", 18.0, "20240601", "1", AFFINE))  # fmt: skip
    return site, Course(*(_scan(site.workspace, folder, *scan) for scan in scans))
