"""Every file of the shared MR data is read rightly or refused in words; pydicom and nibabel say what right is."""

from __future__ import annotations

import warnings

import nibabel
import numpy as np
import pydicom
import pytest

from dashboard.domain import ras_from_lps
from dashboard.imaging import find_mr_studies
from dashboard.imaging.nifti import is_nifti_name
from tests.builders.shared import shared_data

pytestmark = pytest.mark.shared


def found_in(folder):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder, {})


@pytest.fixture(scope="module")
def dicom():
    folder = shared_data("mri", "dicom")
    return {place.name: (place, found_in(place)) for place in sorted(folder.iterdir())}


def test_everything_is_read_set_aside_or_refused_in_three_sentences(dicom):
    for place, intake in dicom.values():
        assert intake.unused == (), place.name
        assert intake.studies or intake.refused
        for _, error in intake.refused:
            assert error.what.endswith(".") and error.why.endswith(".") and error.what_to_do
        told = " ".join(f"{path} {error.what}" for path, error in intake.refused)
        if not intake.studies:
            assert "was not read" in told or "were not read" in told


def test_what_becomes_of_each_folder(dicom):
    read = {name: [volume.shape for study in i.studies for volume in study.volumes] for name, (_, i) in dicom.items()}
    refused = {name: sorted({error.code for _, error in i.refused}) for name, (_, i) in dicom.items()}
    assert {name: shapes for name, shapes in read.items() if shapes} == {
        "enhanced_multiframe_philips": [(64, 64, 32)] * 2,
        "enhanced_siemens_xa10": [(64, 64, 6)] * 2,
        "head_dwv_bbmri": [(256, 256, 6)],
        "head_papaya": [(256, 256, 19)],
        "hitachi_anatomical": [(64, 64, 4)],
        "nibabel_odd_headers": [(128, 96, 1)],
        "non_isotropic": [(64, 28, 4)],
        "pydicom_data_mr": [(1024, 1024, 1)],
        "pydicom_mr_small": [(64, 64, 1)],
        "siemens_mosaic": [(72, 72, 5)] * 2,
        "siemens_mosaic_cor": [(64, 64, 35)],
        "siemens_mosaic_jpeg2000": [(86, 86, 36)],
        "siemens_mosaic_jpeglossless": [(86, 86, 36)],
        "siemens_mosaic_sag": [(64, 64, 35)],
    }
    assert {name: found for name, found in refused.items() if found} == {
        "nibabel_odd_headers": ["mosaic_refused", "not_an_image", "truncated"],
        "pydicom_data_mr": ["bad_geometry", "not_an_image"],
        "pydicom_mr_small": ["truncated"],
        "pydicom_rt_emri": ["not_an_image"],
        "seg_dcmqi": ["not_an_image", "not_mr"],
        "seg_highdicom": ["not_an_image", "not_mr"],
    }


def test_every_slice_lies_where_its_file_says_and_holds_its_pixels(dicom):
    checked = 0
    for place, intake in dicom.values():
        if "mosaic" in place.name:  # taken apart: test_against_others.py compares them with dcm2niix
            continue
        files = {}
        for path in sorted(place.iterdir()):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data = pydicom.dcmread(path, force=True)
            files.setdefault(str(data.get("SOPInstanceUID", "")), data)
        for study in intake.studies:
            for volume in study.volumes:
                for uid in study.identity.instance_uids[volume.digest]:
                    checked += check_against(files[uid], volume) if uid else 0
    assert checked == 32 * 2 + 6 * 2 + 6 + 19 + 4 + 4 + 1 + 1


def check_against(data, volume):
    """Compare the frames of a file with the slices of a volume; how many belonged to it."""
    pixels = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    groups = data.get("PerFrameFunctionalGroupsSequence")
    inverse, found = np.linalg.inv(volume.affine), 0
    for n, plane in enumerate(pixels):
        if groups:
            place = groups[n].PlanePositionSequence[0].ImagePositionPatient
            scale = groups[n].get("PixelValueTransformationSequence", [pydicom.Dataset()])[0]
        else:
            place, scale = data.ImagePositionPatient, data
        index = inverse @ [*map(float, place), 1]
        k = round(float(index[2]))
        lies = np.abs(volume.affine @ [0, 0, k, 1] - np.array([*map(float, place), 1])).max()
        values = plane.T * float(scale.get("RescaleSlope", 1)) + float(scale.get("RescaleIntercept", 0))
        if np.allclose(volume.array[:, :, k], values, rtol=1e-5, atol=1e-3):
            assert lies < 0.1  # positions of one series are rounded to a tenth of a millimetre
            found += 1
    return found


def test_nifti_folders_agree_with_nibabel():
    for name in ("clinical", "glioma"):
        for place in sorted(shared_data("mri", name).iterdir()):
            intake = found_in(place)
            assert intake.refused == ()
            assert intake.unused == ()
            (study,) = intake.studies
            for volume in study.volumes:
                image = nibabel.load(place / f"{volume.description}.nii.gz")
                assert np.allclose(ras_from_lps(volume.affine), image.affine, atol=1e-4)
                assert np.allclose(volume.array, np.asarray(image.dataobj), rtol=1e-6)
            images = [p for p in place.iterdir() if is_nifti_name(p) and not p.name.startswith("seg")]
            assert len(study.volumes) == len(images)
            assert len({volume.frame for volume in study.volumes}) == 1
