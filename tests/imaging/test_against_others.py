"""Every readable series of the shared data beside SimpleITK and dcm2niix: same place, same values, or a named cause."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import find_mr_studies
from tests.builders.other_readers import Theirs, apart, by_dcm2niix, by_simpleitk
from tests.builders.shared import shared_data, shared_root

CORNERS_MM = 1e-4
VALUES = 2e-7
"""Relative to the greatest: float32 rounding where a slope is applied, else values are equal."""

SIMPLEITK_DIFFERS = {
    "enhanced_multiframe_philips": "it stacks the frames of both volumes into one of 64 slices",
    "enhanced_siemens_xa10": "it reads no series of several multi-frame files",
    "pydicom_mr_small": "it stacks copies of one slice in eight codings as eight slices",
    "siemens_mosaic": "it does not take mosaics apart",
    "siemens_mosaic_cor": "it does not take mosaics apart",
    "siemens_mosaic_jpeg2000": "it does not take mosaics apart",
    "siemens_mosaic_jpeglossless": "it does not take mosaics apart",
    "siemens_mosaic_sag": "it does not take mosaics apart",
}
DCM2NIIX_DIFFERS = {
    "head_papaya": "positions are rounded, and it takes the distance of the first two slices for all",
    "pydicom_data_mr": "it can't decode JPEG 2000 in several fragments",
}
FOLDERS = sorted(path.name for path in (shared_root() / "data" / "mri" / "dicom").glob("*"))
NIFTI_CASES = [
    f"{group}/{path.name}"
    for group in ("clinical", "glioma")
    for path in sorted((shared_root() / "data" / "mri" / group).glob("*"))
]


def volumes_of(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return files, [volume for study in find_mr_studies(files, folder).studies for volume in study.volumes]


def agrees(volume, theirs):
    """Whether one of their volumes lies and is as ours; the thickness of a single slice is not compared."""
    for other in theirs:
        affine = other.affine.copy()
        if volume.shape[2] == 1 and 1 in other.array.shape:
            affine[:3, other.array.shape.index(1)] = volume.affine[:3, 2]
        found = apart(volume.array, volume.affine, Theirs(other.name, other.array, affine))
        if found.corners_mm <= CORNERS_MM and found.values <= (VALUES if volume.array.dtype == np.float32 else 0):
            return True
    return False


@pytest.mark.shared
@pytest.mark.parametrize("name", FOLDERS)
def test_dicom_series_lie_and_are_as_simpleitk_reads_them(name):
    files, volumes = volumes_of(shared_data("mri", "dicom", name))
    agreed = [agrees(volume, by_simpleitk(files)) for volume in volumes]
    assert all(agreed) != (name in SIMPLEITK_DIFFERS), SIMPLEITK_DIFFERS.get(name, "a difference without a cause")


@pytest.mark.parametrize("name", FOLDERS)
def test_dicom_series_lie_and_are_as_dcm2niix_reads_them(tmp_path, name):
    """Not marked as shared, so that it may skip where dcm2niix is not installed."""
    folder = shared_data("mri", "dicom", name)
    theirs = by_dcm2niix(folder, tmp_path)
    agreed = [agrees(volume, theirs) for volume in volumes_of(folder)[1]]
    assert all(agreed) != (name in DCM2NIIX_DIFFERS), DCM2NIIX_DIFFERS.get(name, "a difference without a cause")


@pytest.mark.shared
@pytest.mark.parametrize("case", NIFTI_CASES)
def test_nifti_volumes_lie_and_are_as_simpleitk_reads_them(case):
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    folder = shared_data("mri", *case.split("/"))
    _, volumes = volumes_of(folder)
    assert volumes
    for volume in volumes:
        image = sitk.ReadImage(str(folder / f"{volume.description}.nii.gz"))
        affine = np.eye(4)
        affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
        affine[:3, 3] = image.GetOrigin()
        assert agrees(volume, [Theirs(case, sitk.GetArrayFromImage(image).T, affine)])
