"""DICOM files become studies with the right sides, or are refused by name while the rest goes on."""

from __future__ import annotations

import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from dashboard.domain import axis_letters, ras_from_lps
from dashboard.files import array_digest
from dashboard.imaging import find_mr_studies
from tests.builders.mri_files import MARKER_LPS, ORIENTATIONS, a_dicom_series, an_enhanced_series, marker_of


def found_in(folder, **named):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder, named)


def only_volume(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    (study,) = intake.studies
    (volume,) = study.volumes
    return volume


def codes(intake):
    return [(path, error.code) for path, error in intake.refused]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_marker_on_the_patients_left_is_at_positive_x(tmp_path, orientation):
    a_dicom_series(tmp_path, orientation=orientation)
    volume = only_volume(tmp_path)
    place = marker_of(volume.array, volume.affine)
    assert place[0] > 0
    assert np.allclose(place, MARKER_LPS, atol=2)
    assert volume.array.dtype == np.int16
    assert volume.array.flags.f_contiguous
    assert volume.digest == array_digest(volume.array, volume.affine)


@pytest.mark.parametrize(
    ("orientation", "letters", "plane"),
    [
        ("axial", ("R", "L"), "axial"),
        ("axial feet first", ("L", "R"), "axial"),
        ("sagittal", ("A", "P"), "sagittal"),
        ("coronal", ("R", "L"), "coronal"),
    ],
)
def test_letters_along_a_row_and_plane(tmp_path, orientation, letters, plane):
    a_dicom_series(tmp_path, orientation=orientation)
    volume = only_volume(tmp_path)
    assert axis_letters(volume.affine, 0) == letters
    assert volume.plane == plane
    assert volume.through_axis == 2


@pytest.mark.parametrize("position", ["HFS", "FFS", "HFP", "HFDR"])
def test_patient_position_does_not_move_the_image(tmp_path, position):
    a_dicom_series(tmp_path, elements={"PatientPosition": position})
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2)


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(-0.9, 0.9)] * 3), st.tuples(*[st.integers(3, 7)] * 3))
def test_affine_is_that_of_every_slice(tmp_path_factory, turns, shape):
    folder = tmp_path_factory.mktemp("law")
    matrix = np.eye(3)
    for axis, turn in enumerate(turns):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[a, a] = step[b, b] = np.cos(turn)
        step[a, b], step[b, a] = -np.sin(turn), np.sin(turn)
        matrix = matrix @ step
    orientation = [float(f"{x:.12f}") for x in (*matrix[:, 0], *matrix[:, 1])]
    paths = a_dicom_series(folder, shape=shape, spacing=(2.0, 3.0, 5.0))
    for k, path in enumerate(paths):
        data = pydicom.dcmread(path)
        data.ImageOrientationPatient = orientation
        data.ImagePositionPatient = [float(f"{x:.9f}") for x in np.array([5.0, -7.0, 9.0]) - k * 5.0 * matrix[:, 2]]
        data.save_as(path)
    volume = only_volume(folder)
    for path in paths:
        data = pydicom.dcmread(path)
        inverse = np.linalg.inv(volume.affine)
        index = inverse @ [*map(float, data.ImagePositionPatient), 1]
        k = round(index[2])
        assert np.allclose(index[:3], [0, 0, k], atol=1e-4)
        assert np.array_equal(volume.array[:, :, k], data.pixel_array.T)
        down = inverse @ [*(np.array(data.ImagePositionPatient, float) + 3.0 * matrix[:, 1]), 1]
        assert np.allclose(down[:3], [0, 1, k], atol=1e-4)


@pytest.mark.filterwarnings("ignore:The DICOM readers are highly experimental")
def test_affine_agrees_with_nibabels_own_reading(tmp_path):
    from nibabel.nicom.dicomwrappers import wrapper_from_data

    paths = a_dicom_series(tmp_path, orientation="oblique")
    volume = only_volume(tmp_path)
    for path in paths[::6]:
        theirs = wrapper_from_data(pydicom.dcmread(path)).affine  # LPS, (row, column) order
        index = np.linalg.inv(volume.affine) @ theirs[:, 3]
        assert np.allclose(index[:2], 0, atol=1e-3)
        assert np.allclose(theirs[:3, 1], volume.affine[:3, 0], atol=1e-6)
        assert np.allclose(theirs[:3, 0], volume.affine[:3, 1], atol=1e-6)
    assert nibabel.aff2axcodes(ras_from_lps(volume.affine))[2] == "S"


def test_enhanced_multiframe_with_reversed_frames(tmp_path):
    an_enhanced_series(tmp_path, orientation="oblique")
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2)


def test_enhanced_without_positions_is_refused(tmp_path):
    an_enhanced_series(tmp_path, elements={"PerFrameFunctionalGroupsSequence": None})
    assert codes(found_in(tmp_path)) == [("enhanced.dcm", "bad_geometry")]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_uncompressed_syntaxes_give_one_digest(tmp_path, syntax):
    a_dicom_series(tmp_path / "plain", shape=(20, 24, 6))
    paths = a_dicom_series(tmp_path / "other", shape=(20, 24, 6))
    for path in paths:
        data = pydicom.dcmread(path)
        if syntax == ExplicitVRBigEndian:
            data.PixelData = data.pixel_array.astype(">i2").tobytes()
        data.file_meta.TransferSyntaxUID = syntax
        pydicom.dcmwrite(
            path, data, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian
        )
    assert only_volume(tmp_path / "other").digest == only_volume(tmp_path / "plain").digest


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_compressed_syntaxes_give_the_same_voxels(tmp_path, syntax):
    a_dicom_series(tmp_path / "plain", shape=(40, 48, 4))
    paths = a_dicom_series(tmp_path / "other", shape=(40, 48, 4))
    for path in paths:
        data = pydicom.dcmread(path)
        if not pydicom.pixels.get_encoder(syntax).is_available:
            pytest.skip(f"no encoder of {syntax.name} is installed")
        data.compress(syntax)
        data.save_as(path)
    assert only_volume(tmp_path / "other").digest == only_volume(tmp_path / "plain").digest


def test_unknown_compression_names_the_extra(tmp_path):
    (path,) = a_dicom_series(tmp_path, shape=(20, 24, 1))
    data = pydicom.dcmread(path)
    data.PixelData = pydicom.encaps.encapsulate([data.PixelData])
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
    data.save_as(path)
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "codec_missing"
    assert "overread[codecs]" in error.what_to_do


def test_rescale_by_slice_gives_float_values(tmp_path):
    paths = a_dicom_series(tmp_path, shape=(20, 24, 3))
    for path, slope in zip(paths, (1.0, 2.0, 0.5), strict=True):
        data = pydicom.dcmread(path)
        data.RescaleSlope, data.RescaleIntercept = slope, -1
        data.save_as(path)
    volume = only_volume(tmp_path)
    assert volume.array.dtype == np.float32
    for k, (path, slope) in enumerate(zip(paths, (1.0, 2.0, 0.5), strict=True)):
        assert np.allclose(volume.array[:, :, k], pydicom.dcmread(path).pixel_array.T * slope - 1)


def test_monochrome1_is_turned_over(tmp_path):
    a_dicom_series(tmp_path, elements={"PhotometricInterpretation": "MONOCHROME1"})
    assert only_volume(tmp_path).array[0, 0, 0] == 900


def test_unsigned_values_above_int16_are_kept(tmp_path):
    values = np.zeros((8, 8, 2), np.uint16)
    values[3, 4, 1] = 60000
    a_dicom_series(tmp_path, shape=(8, 8, 2), values=values, elements={"PixelRepresentation": 0})
    volume = only_volume(tmp_path)
    assert volume.array[3, 4, 1] == 60000
    assert volume.array.sum() == 60000


def test_two_echoes_in_one_series_become_two_volumes(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    for name, echo in (("a", 10.0), ("b", 90.0)):
        said = {"EchoTime": echo, "SeriesDescription": "PD T2"}
        values = np.full((20, 24, 5), int(echo), np.int16)
        a_dicom_series(tmp_path, prefix=name, shape=(20, 24, 5), values=values, elements=said, **uids)
    (study,) = found_in(tmp_path).studies
    assert [volume.description for volume in study.volumes] == ["PD T2, echo 10", "PD T2, echo 90"]
    assert [volume.array.max() for volume in study.volumes] == [10, 90]
    assert {issue.code for volume in study.volumes for issue in volume.issues} >= {"series_split"}
    assert len({volume.frame for volume in study.volumes}) == 1


def test_two_different_images_at_one_place_are_refused(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    a_dicom_series(tmp_path, prefix="a", shape=(20, 24, 5), **uids)
    a_dicom_series(tmp_path, prefix="b", shape=(20, 24, 5), values=np.ones((20, 24, 5), np.int16), **uids)
    assert [code for _, code in codes(found_in(tmp_path))] == ["bad_geometry"]


def test_missing_slice_in_the_middle_is_refused(tmp_path):
    a_dicom_series(tmp_path, slices=[0, 1, 2, 4, 5, 6])
    ((path, error),) = found_in(tmp_path).refused
    assert error.code == "non_uniform_spacing"
    assert "1 slice is missing" in error.why
    assert path.startswith("im")


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImagePositionPatient", None),
        ("ImageOrientationPatient", None),
        ("PixelSpacing", None),
        ("ImageOrientationPatient", [1, 0, 0, 1, 0, 0]),
        ("ImageOrientationPatient", [1, 0, 0, 0, 2, 0]),
        ("PixelSpacing", [0, 0]),
        ("RescaleSlope", 0),
    ],
)
def test_geometry_that_cant_be_trusted_is_refused(tmp_path, keyword, value):
    a_dicom_series(tmp_path, shape=(20, 24, 4), elements={keyword: value})
    intake = found_in(tmp_path)
    assert intake.studies == ()
    assert [code for _, code in codes(intake)] == ["bad_geometry"]


def test_position_that_is_not_a_number_is_refused(tmp_path):
    paths = a_dicom_series(tmp_path, shape=(20, 24, 4))
    raw = paths[1].read_bytes()
    data = pydicom.dcmread(paths[1])
    old = "\\".join(map(str, data["ImagePositionPatient"].value)).encode()
    new = b"nan" + old[3:]
    assert raw.count(old) == 1
    paths[1].write_bytes(raw.replace(old, new))
    assert [code for _, code in codes(found_in(tmp_path))] == ["bad_geometry"]


def test_tilted_stack_is_refused(tmp_path):
    for k, path in enumerate(a_dicom_series(tmp_path, shape=(20, 24, 6))):
        data = pydicom.dcmread(path)
        data.ImagePositionPatient[1] += k * 2.0
        data.save_as(path)
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "bad_geometry"
    assert "tilted" in error.why


def test_one_volume_under_two_series_is_taken_once(tmp_path):
    study_uid = generate_uid()
    for name in ("a", "b"):
        a_dicom_series(tmp_path / name, shape=(20, 24, 5), study_uid=study_uid)
    (study,) = found_in(tmp_path).studies
    assert len(study.volumes) == 1
    assert [issue.code for issue in study.issues] == ["series_twice"]


def test_order_and_names_of_files_play_no_part(tmp_path):
    a_dicom_series(tmp_path / "a", shape=(20, 24, 6))
    for n, path in enumerate(sorted(a_dicom_series(tmp_path / "b", shape=(20, 24, 6)), reverse=True)):
        path.rename(path.with_name(f"{(n * 37) % 11}"))  # also without a suffix
    assert only_volume(tmp_path / "a").digest == only_volume(tmp_path / "b").digest


def test_copies_of_slices_are_set_aside(tmp_path):
    paths = a_dicom_series(tmp_path, shape=(20, 24, 4))
    (tmp_path / "zcopy.dcm").write_bytes(paths[0].read_bytes())
    intake = found_in(tmp_path)
    assert intake.refused == ()
    (study,) = intake.studies
    assert study.set_aside == ("zcopy.dcm",)
    assert study.volumes[0].shape == (20, 24, 4)
