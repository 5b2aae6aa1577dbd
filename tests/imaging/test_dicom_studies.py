"""Patients, studies, results and rubbish among DICOM files: told apart, set aside or refused, and nobody named."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from dashboard.files import unpack_zip
from dashboard.imaging import find_mr_studies
from dashboard.imaging.sequences import is_label_name, sequence_from_attributes, sequence_from_name
from tests.builders.mri_files import a_dicom_series, a_nifti, an_enhanced_series

SMALL = {"shape": (16, 20, 4)}


def found_in(folder):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder, {})


def codes(intake):
    return [(path, error.code) for path, error in intake.refused]


def shown(intake):
    """Everything of an intake that may reach a page, a log or a terminal."""
    studies = []
    for study in intake.studies:
        plain = {k: v for k, v in vars(study).items() if k not in ("identity", "volumes")}
        volumes = [{k: v for k, v in vars(volume).items() if k not in ("array", "affine")} for volume in study.volumes]
        studies.append([plain, volumes])
    return repr(studies) + repr([(path, error.as_dict()) for path, error in intake.refused])


def test_computed_tomography_is_refused_once_a_series(tmp_path):
    a_dicom_series(tmp_path / "ct", **SMALL, elements={"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"})
    a_dicom_series(tmp_path / "mr", **SMALL)
    intake = found_in(tmp_path)
    assert len(intake.studies) == 1
    ((path, error),) = intake.refused
    assert path.startswith("ct/")
    assert error.code == "not_mr"
    assert "CT" in error.why
    assert "3 more files" in error.what


def test_two_patients_in_one_folder_are_refused(tmp_path):
    a_dicom_series(tmp_path / "mixed", prefix="a", **SMALL)
    a_dicom_series(tmp_path / "mixed", prefix="b", **SMALL, elements={"PatientID": "case-8"})
    a_dicom_series(tmp_path / "other", **SMALL, elements={"PatientID": "case-9"})
    intake = found_in(tmp_path)
    assert [study.path for study in intake.studies] == ["other"]
    assert codes(intake) == [("mixed", "mixed_patients")]


def test_two_patients_in_two_folders_are_two_studies(tmp_path):
    for patient in ("case-1", "case-2"):
        a_dicom_series(tmp_path / patient, **SMALL, elements={"PatientID": patient})
    intake = found_in(tmp_path)
    assert {study.identity.patient_id for study in intake.studies} == {"case-1", "case-2"}
    assert intake.refused == ()


def test_one_study_that_names_two_patients_is_refused(tmp_path):
    study_uid = generate_uid()
    for patient in ("case-1", "case-2"):
        a_dicom_series(tmp_path / patient, **SMALL, study_uid=study_uid, elements={"PatientID": patient})
    intake = found_in(tmp_path)
    assert intake.studies == ()
    assert codes(intake) == [(tmp_path.name, "mixed_patients")]


def test_one_id_with_two_birth_dates_is_two_patients(tmp_path):
    a_dicom_series(tmp_path, prefix="a", **SMALL)
    a_dicom_series(tmp_path, prefix="b", **SMALL, elements={"PatientBirthDate": "19621212"})
    assert [code for _, code in codes(found_in(tmp_path))] == ["mixed_patients"]


@pytest.mark.parametrize("word", ["", "ANON", "Anonymous", "unknown", "0"])
def test_words_for_nobody_make_no_patient(tmp_path, word):
    a_dicom_series(tmp_path, **SMALL, elements={"PatientID": word})
    (study,) = found_in(tmp_path).studies
    assert study.identity.patient_id == ""


def test_localizers_captures_and_results_are_set_aside_and_named(tmp_path):
    study_uid = generate_uid()
    a_dicom_series(tmp_path, prefix="t1-", **SMALL, study_uid=study_uid)
    for prefix, said in (
        ("scout-", {"SeriesDescription": "3-plane Localizer"}),
        ("shot-", {"Modality": "OT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}),
        ("seg-", {"Modality": "SEG", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}),
        ("burnt-", {"BurnedInAnnotation": "YES"}),
        ("mip-", {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE"]}),
    ):
        a_dicom_series(tmp_path, prefix=prefix, shape=(16, 20, 1), study_uid=study_uid, elements=said)
    intake = found_in(tmp_path)
    assert intake.refused == ()
    (study,) = intake.studies
    assert set(study.set_aside) == {f"{p}000.dcm" for p in ("scout-", "shot-", "seg-", "burnt-", "mip-")}
    assert len(study.volumes) == 1


def test_a_localizer_alone_is_refused(tmp_path):
    a_dicom_series(tmp_path, shape=(16, 20, 1), elements={"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]})
    assert codes(found_in(tmp_path)) == [("im000.dcm", "not_an_image")]


def test_mosaic_is_refused_with_advice(tmp_path):
    a_dicom_series(tmp_path, shape=(16, 20, 1), elements={"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]})
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "mosaic_refused"
    assert "dcm2niix" in error.what_to_do


@pytest.mark.parametrize("cut", [100, 400])
def test_last_file_cut_short_is_named_and_the_rest_read(tmp_path, cut):
    paths = a_dicom_series(tmp_path, **SMALL)
    paths[-1].write_bytes(paths[-1].read_bytes()[:-cut])
    intake = found_in(tmp_path)
    assert codes(intake) == [(paths[-1].name, "truncated")]
    (study,) = intake.studies
    assert study.volumes[0].shape == (16, 20, 3)
    assert "slices_lost" in {issue.code for issue in study.volumes[0].issues}


def test_file_cut_in_the_middle_of_a_stack_leaves_a_gap_that_is_refused(tmp_path):
    paths = a_dicom_series(tmp_path, **SMALL)
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    assert sorted(code for _, code in codes(found_in(tmp_path))) == ["non_uniform_spacing", "truncated"]


@pytest.mark.parametrize("kept", [140, 200, 500])
def test_header_cut_short_is_refused(tmp_path, kept):
    (path,) = a_dicom_series(tmp_path, shape=(16, 20, 1))
    path.write_bytes(path.read_bytes()[:kept])
    intake = found_in(tmp_path)
    assert intake.studies == ()
    assert len(intake.refused) == 1
    assert intake.refused[0][1].code in ("truncated", "not_recognised", "not_mr")


def test_rubbish_is_left_to_others_and_empty_files_are_named(tmp_path):
    a_dicom_series(tmp_path / "mr", **SMALL)
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "fake.dcm").write_text("not DICOM at all, whatever the name says" * 20)
    (tmp_path / "zero.dcm").touch()
    (tmp_path / "zero.edf").touch()
    intake = found_in(tmp_path)
    assert len(intake.studies) == 1
    assert {path.name for path in intake.unused} == {"readme.txt", "fake.dcm", "zero.edf"}
    assert codes(intake) == [("zero.dcm", "empty_file")]


def test_zip_is_read_like_a_folder(tmp_path):
    import zipfile

    paths = a_dicom_series(tmp_path / "mr", **SMALL)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in paths:
            archive.write(path, f"a/b/{path.name}")
    (tmp_path / "out").mkdir()
    files = unpack_zip(tmp_path / "study.zip", tmp_path / "out")
    (zipped,) = find_mr_studies(files, tmp_path / "out", {}).studies
    (plain,) = found_in(tmp_path / "mr").studies
    assert zipped.path == "a/b"
    assert zipped.volumes[0].digest == plain.volumes[0].digest


def test_nothing_of_the_patient_and_no_uid_is_shown(tmp_path):
    said = {
        "PatientName": "Meier^Ottilie", "PatientID": "id-918273", "PatientBirthDate": "19310704", "AccessionNumber": "acc-5566",
        "SeriesDescription": "t1 MEIER id-918273", "FrameOfReferenceUID": "1.2.3.4.555", "StudyInstanceUID": "1.2.3.4.666",
    }  # fmt: skip
    a_dicom_series(tmp_path / "good", **SMALL, elements=said)
    a_dicom_series(
        tmp_path / "gap", shape=(16, 20, 6), slices=[0, 1, 3, 5], elements={**said, "StudyInstanceUID": "1.2.3.4.777"}
    )
    intake = found_in(tmp_path)
    words = shown(intake).lower()
    for secret in (
        "meier",
        "ottilie",
        "918273",
        "19310704",
        "1931-07",
        "5566",
        "1.2.3.4.",
        str(tmp_path.parent).lower(),
    ):
        assert secret not in words
    (study,) = intake.studies
    assert study.volumes[0].description == "t1 [name] [name]"


def test_identity_keeps_what_results_need_to_return(tmp_path):
    paths = a_dicom_series(tmp_path, **SMALL, elements={"IssuerOfPatientID": "clinic", "AccessionNumber": "A1"})
    (study,) = found_in(tmp_path).studies
    (volume,) = study.volumes
    identity = study.identity
    first = pydicom.dcmread(paths[0])
    assert (identity.issuer, identity.patient_id, identity.accession) == ("clinic", "case-7", "A1")
    assert identity.study_instance_uid == first.StudyInstanceUID
    assert identity.series_uids == {volume.digest: first.SeriesInstanceUID}
    assert identity.frame_uids == {volume.digest: first.FrameOfReferenceUID}
    assert identity.instance_uids[volume.digest] == tuple(pydicom.dcmread(p).SOPInstanceUID for p in paths)
    json.dumps(asdict(identity))


def test_frame_is_one_for_series_of_one_frame_and_stands_for_the_study(tmp_path):
    uids = {"study_uid": generate_uid(), "frame_uid": generate_uid()}
    a_dicom_series(tmp_path, prefix="a", **SMALL, **uids)
    a_dicom_series(tmp_path, prefix="b", shape=(16, 20, 5), **uids)
    a_dicom_series(tmp_path, prefix="c", shape=(16, 20, 6), study_uid=uids["study_uid"])
    (study,) = found_in(tmp_path).studies
    frames = {volume.shape[2]: volume.frame for volume in study.volumes}
    assert frames[4] == frames[5] != frames[6]


def test_series_without_frames_share_no_space(tmp_path):
    study_uid = generate_uid()
    for k in (4, 5):
        a_dicom_series(
            tmp_path, prefix=f"{k}-", shape=(16, 20, k), study_uid=study_uid, elements={"FrameOfReferenceUID": None}
        )
    (study,) = found_in(tmp_path).studies
    assert len({volume.frame for volume in study.volumes}) == 2
    assert all("no_frame" in {issue.code for issue in volume.issues} for volume in study.volumes)


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ({"PatientAge": "045Y"}, 45),
        ({"PatientAge": "093Y"}, 90),
        ({"PatientAge": "018M"}, 1),
        ({"PatientAge": "003W"}, 0),
        ({}, 69),
        ({"PatientBirthDate": "19200101"}, 90),
        ({"PatientBirthDate": "20210101"}, None),
        ({"PatientBirthDate": "19000101"}, None),
        ({"PatientBirthDate": ""}, None),
    ],
)
def test_age_at_the_study_capped_at_90(tmp_path, said, years):
    a_dicom_series(tmp_path, **SMALL, elements=said)
    (study,) = found_in(tmp_path).studies
    assert study.age_years == years
    assert study.acquired_on == "2020-03-15"


@pytest.mark.parametrize(("said", "sex"), [("F", "F"), ("M", "M"), ("O", ""), ("", "")])
def test_sex(tmp_path, said, sex):
    a_dicom_series(tmp_path, **SMALL, elements={"PatientSex": said})
    assert found_in(tmp_path).studies[0].sex == sex


def test_synthetic_is_what_says_so(tmp_path):
    a_dicom_series(tmp_path / "a", **SMALL, elements={"SyntheticData": "YES"})
    a_dicom_series(tmp_path / "b", **SMALL)
    studies = {study.path: study.synthetic for study in found_in(tmp_path).studies}
    assert studies == {"a": True, "b": False}


def test_one_synthetic_file_makes_a_study_synthetic_and_is_told(tmp_path):
    study_uid = generate_uid()
    a_dicom_series(tmp_path, prefix="a", **SMALL, study_uid=study_uid, elements={"SyntheticData": "YES"})
    a_dicom_series(tmp_path, prefix="b", shape=(16, 20, 5), study_uid=study_uid)
    (study,) = found_in(tmp_path).studies
    assert study.synthetic
    assert "partly_synthetic" in {issue.code for issue in study.issues}


def test_single_slice_is_read_with_a_warning(tmp_path):
    a_dicom_series(tmp_path, shape=(16, 20, 1))
    (study,) = found_in(tmp_path).studies
    assert study.volumes[0].spacing_mm == pytest.approx((4, 4, 6))
    assert [issue.code for issue in study.volumes[0].issues] == ["single_slice"]


def test_series_over_time_is_refused(tmp_path):
    study = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    for n in range(13):
        values = np.full((8, 8, 2), n, np.int16)
        a_dicom_series(
            tmp_path,
            prefix=f"{n}-",
            shape=(8, 8, 2),
            values=values,
            elements={"TemporalPositionIdentifier": n},
            **study,
        )
    assert [code for _, code in codes(found_in(tmp_path))] == ["not_3d"]


def test_enhanced_phase_picture_is_no_t1(tmp_path):
    an_enhanced_series(tmp_path, elements={"ImageType": ["ORIGINAL", "PRIMARY", "T1", "FIELD_MAP"]})
    assert found_in(tmp_path).studies[0].volumes[0].sequence == "other"


@pytest.mark.parametrize(
    ("words", "timing", "sequence"),
    [
        ("t1_mprage_sag_p2_iso", (3, 2000, 900, "GR"), "t1"),
        ("t1_mprage_tra_KM", (3, 2000, 900, "GR"), "t1c"),
        ("AX T1 POST GD", (10, 550, None, "SE"), "t1c"),
        ("AX T1 post-op", (10, 550, None, "SE"), "t1"),
        ("t2_tse_tra", (95, 5000, None, "SE"), "t2"),
        ("t2_tirm_tra_dark-fluid", (110, 9000, 2500, "SE\\IR"), "flair"),
        ("ep2d_diff_3scan_trace", (90, 6000, None, "EP"), "dwi"),
        ("ep2d_bold_moco", (30, 2000, None, "EP"), "other"),
        ("", (15, 2500, None, "SE"), "pd"),
        ("", (30, 2000, None, "EP"), "other"),
        ("SWI_Images", (20, 28, None, "GR"), "other"),
    ],
)
def test_sequence_by_words_and_timing(words, timing, sequence):
    echo, repetition, inversion, scanning = timing
    found, _ = sequence_from_attributes(
        description=words, echo_ms=echo, repetition_ms=repetition, inversion_ms=inversion, scanning_sequence=scanning
    )
    assert found == sequence


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        ("t1", "t1"), ("t1c", "t1c"), ("t1ce", "t1c"), ("T1Gd", "t1c"), ("t1post", "t1c"), ("t1_post", "t1c"), ("t1wce", "t1c"),
        ("CT1", "t1c"), ("t2", "t2"), ("flair", "flair"), ("pd", "pd"), ("adc", "adc"), ("brain", "other"),
        ("BraTS-GLI-00000-000-t1n", "t1"), ("BraTS-GLI-00000-000-t1c", "t1c"), ("BraTS-GLI-00000-000-t2w", "t2"),
        ("BraTS-GLI-00000-000-t2f", "flair"), ("BraTS20_Training_001_t1ce", "t1c"), ("sub-01_ce-gadolinium_T1w", "t1c"),
        ("sub-01_FLAIR", "flair"), ("T1_pre", "t1"), ("t1_masked", "t1"),
    ],
)  # fmt: skip
def test_sequence_by_file_name(name, sequence):
    assert sequence_from_name(f"{name}.nii.gz")[0] == sequence


@pytest.mark.parametrize(
    "name", ["seg", "seg_ai_x", "BraTS-GLI-00000-000-seg", "brain_mask", "tumor_label", "truth", "sub-1_dseg"]
)
def test_label_names(name):
    assert is_label_name(name)


@pytest.mark.parametrize("name", ["t1", "t1_masked", "flair", "BraTS20_Training_001_t1ce"])
def test_image_names_are_no_label_names(name):
    assert not is_label_name(name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["classic", "enhanced", "nifti"])
def test_changed_bytes_never_give_anything_but_a_study_or_a_refusal(tmp_path, kind):
    if kind == "classic":
        path = a_dicom_series(tmp_path, shape=(8, 8, 3))[0]
    elif kind == "enhanced":
        path = an_enhanced_series(tmp_path, shape=(8, 8, 3))
    else:
        path = a_nifti(tmp_path, "t1.nii", shape=(8, 8, 3))
    good, random = path.read_bytes(), np.random.default_rng(1)
    for n in range(150):
        bad = bytearray(good if n % 3 else good[: random.integers(1, len(good))])
        for place in random.integers(0, min(len(bad), 1500), random.integers(1, 12)):
            bad[place] = random.integers(0, 256)
        path.write_bytes(bytes(bad))
        intake = found_in(tmp_path)
        assert intake.studies or intake.refused or intake.unused
