"""DICOM series as written, to the attribute, and as the reading half takes them."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from dashboard.imaging import find_mr_studies, resample, write_dicom_series
from dashboard.terms import Sequence
from tests.builders.mri_grids import ALL_TURNS, centred_affine, turned

SHAPE, AFFINE = (12, 14, 9), centred_affine((12, 14, 9), (1.25, 1.25, 3.0))
ARRAY = np.random.default_rng(0).integers(-20, 900, SHAPE).astype(np.int16)


def found_in(folder):
    return find_mr_studies(sorted(folder.rglob("*.dcm")), folder, {})


def only_volume(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    ((volume,),) = [study.volumes for study in intake.studies]
    return volume


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS[::2])
@pytest.mark.parametrize(
    ("spacing", "plane"),
    [((1.25, 1.25, 3.0), "axial"), ((3.0, 1.0, 1.0), "sagittal"), ((1.0, 4.0, 1.0), "coronal"), ((1, 1, 1), "axial")],
)
def test_every_voxel_comes_back_where_it_was(tmp_path, order, flips, spacing, plane):
    array, affine = turned(ARRAY, centred_affine(SHAPE, spacing), order, flips)
    write_dicom_series(tmp_path, array, affine, sequence="t1c")
    volume = only_volume(tmp_path)
    assert np.array_equal(resample(volume.array, volume.affine, affine, array.shape), array)
    assert volume.plane == plane


def test_an_oblique_volume_stays_oblique(tmp_path):
    angle = 0.3
    affine = AFFINE.copy()
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine[:3] = turn @ affine[:3]
    write_dicom_series(tmp_path, ARRAY, affine, sequence="flair")
    volume = only_volume(tmp_path)
    assert np.allclose(volume.affine, affine, atol=1e-6) and np.array_equal(volume.array, ARRAY)


def test_an_axial_series_is_laid_out_as_scanners_do(tmp_path):
    array, affine = turned(ARRAY, AFFINE, (2, 1, 0), (True, False, True))
    paths = write_dicom_series(tmp_path / "new" / "t1", array, affine, sequence="t1", thickness_mm=2.5)
    assert [path.name for path in paths] == [f"{n:04d}.dcm" for n in range(1, 10)]
    files = [pydicom.dcmread(path) for path in paths]
    assert {tuple(float(x) for x in f.ImageOrientationPatient) for f in files} == {(1, 0, 0, 0, 1, 0)}
    assert [float(f.ImagePositionPatient[2]) for f in files] == [-12 + 3 * n for n in range(9)]
    assert [f.InstanceNumber for f in files] == list(range(1, 10))
    first = files[0]
    assert (first.Rows, first.Columns) == (14, 12)
    assert first.SliceThickness == 2.5 and first.SpacingBetweenSlices == 3
    assert np.array_equal(first.pixel_array.T, ARRAY[:, :, 0])


def test_the_files_are_whole_classic_mr_images(tmp_path):
    paths = write_dicom_series(tmp_path, ARRAY, AFFINE, sequence="t2")
    files = [pydicom.dcmread(path) for path in paths]
    for path, file in zip(paths, files, strict=True):
        assert path.read_bytes()[128:132] == b"DICM"
        assert file.SOPClassUID == file.file_meta.MediaStorageSOPClassUID == MRImageStorage
        assert file.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert file.SOPInstanceUID == file.file_meta.MediaStorageSOPInstanceUID
        assert file.Modality == "MR" and "SyntheticData" not in file
    assert len({file.SOPInstanceUID for file in files}) == len(files)
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        (uid,) = {file[name].value for file in files}
        assert pydicom.uid.UID(uid).is_valid


def test_what_is_said_stands_in_the_header(tmp_path):
    write_dicom_series(
        tmp_path, ARRAY, AFFINE, sequence="t1c", patient_id="DEMO-1", patient_name="Synthetic^One", patient_sex="F",
        age_years=57, study_date="20240311", series_number=4, series_description="T1 MPRAGE +C", accession_number="A1",
        study_uid="1.2.3.4", frame_uid="1.2.3.5", series_uid="1.2.3.6", window=(400.0, 800.0), synthetic=True,
    )  # fmt: skip
    file = pydicom.dcmread(tmp_path / "0001.dcm")
    assert (file.PatientID, file.PatientName, file.PatientSex, file.PatientAge) == (
        "DEMO-1",
        "Synthetic^One",
        "F",
        "057Y",
    )
    assert file.StudyDate == file.AcquisitionDate == "20240311" and file.SeriesNumber == 4
    assert (file.StudyInstanceUID, file.FrameOfReferenceUID, file.SeriesInstanceUID) == (
        "1.2.3.4",
        "1.2.3.5",
        "1.2.3.6",
    )
    assert (file.WindowCenter, file.WindowWidth) == (400, 800)
    assert (
        file[0x0008, 0x001C].value == "YES" and file.ImageType[0] == "DERIVED" and "synthetic" in file.StudyDescription
    )
    assert file.ContrastBolusAgent == "Gadolinium"
    study = found_in(tmp_path).studies[0]
    assert (study.synthetic, study.sex, study.age_years, study.acquired_on) == (True, "F", 57, "2024-03-11")


@pytest.mark.parametrize("sequence", ["t1", "t1c", "t2", "flair", "pd"])
@pytest.mark.parametrize("described", [True, False])
def test_the_sequence_is_told_from_the_files(tmp_path, sequence, described):
    write_dicom_series(tmp_path, ARRAY, AFFINE, sequence=sequence, series_description="" if described else "series")
    volume = only_volume(tmp_path)
    assert volume.sequence is Sequence(sequence)
    assert volume.sequence_confidence >= 0.6


def test_series_that_share_uids_are_one_study_in_one_space(tmp_path):
    study_uid, frame_uid = generate_uid(), generate_uid()
    for number, sequence in enumerate(("t1", "t1c", "t2", "flair"), start=1):
        write_dicom_series(tmp_path / sequence, ARRAY + number, AFFINE, sequence=sequence, series_number=number,
                           study_uid=study_uid, frame_uid=frame_uid)  # fmt: skip
    intake = found_in(tmp_path)
    (study,) = intake.studies
    assert {str(volume.sequence) for volume in study.volumes} == {"t1", "t1c", "t2", "flair"}
    assert len({volume.frame for volume in study.volumes}) == 1 and study.volumes[0].frame


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_fractions_are_rounded(tmp_path, scale):
    array = np.linspace(0, 999, ARRAY.size).reshape(SHAPE).astype(np.float32) * scale
    write_dicom_series(tmp_path, array, AFFINE, sequence="t2")
    assert np.array_equal(only_volume(tmp_path).array, np.round(array))


def sheared():
    affine = AFFINE.copy()
    affine[0, 2] = 1.0
    return affine


@pytest.mark.parametrize(
    ("array", "affine", "sequence"),
    [
        (ARRAY.astype(np.int32) * 100, AFFINE, "t1"),
        (np.full(SHAPE, np.nan, np.float32), AFFINE, "t1"),
        (ARRAY[0], AFFINE, "t1"),
        (ARRAY, sheared(), "t1"),
        (ARRAY, AFFINE, "dwi"),
        (ARRAY, AFFINE, "t3"),
    ],
)
def test_what_dicom_cannot_hold_is_not_written(tmp_path, array, affine, sequence):
    with pytest.raises(ValueError):
        write_dicom_series(tmp_path, array, affine, sequence=sequence)
    assert not list(tmp_path.iterdir())
