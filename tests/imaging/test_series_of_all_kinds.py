"""What archives really hold: several volumes in one series, flaws of every kind, and rubbish between them."""

from __future__ import annotations

import zipfile

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence as Items
from pydicom.uid import generate_uid

from dashboard.casework import add_paths
from dashboard.imaging import find_mr_studies, open_series
from dashboard.workspace import Workspace
from tests.builders.mri_files import a_dicom_series, an_enhanced_series, marker_of
from tests.builders.phantoms import a_phantom_series

SMALL = {"shape": (20, 24, 5)}


def found_in(folder):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder)


def one_series(folder, parts, **said):
    """Several volumes under one SeriesInstanceUID: a constant value and elements for each."""
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    for number, (value, elements) in enumerate(parts):
        values = np.full((20, 24, 5), value, np.int16)
        a_dicom_series(folder, prefix=f"{number}-", values=values, elements=elements, **SMALL, **uids, **said)


def volumes_of(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    return intake.studies[0].volumes


@pytest.mark.parametrize(
    "parts",
    [
        [(1, {"EchoTime": 10.0}), (2, {"EchoTime": 90.0})],
        [(1, {"TemporalPositionIdentifier": 1}), (2, {"TemporalPositionIdentifier": 2})],
        [(1, {"DiffusionBValue": 0.0}), (2, {"DiffusionBValue": 1000.0})],
        [(1, {"ImageType": ["ORIGINAL", "PRIMARY", "M"]}), (2, {"ImageType": ["ORIGINAL", "PRIMARY", "P"]})],
        [(1, {"InversionTime": 100.0}), (2, {"InversionTime": 2500.0})],
        [(1, {"AcquisitionNumber": 1}), (2, {"AcquisitionNumber": 2})],
    ],
    ids=["echo", "temporal position", "b-value", "image type", "inversion time", "acquisition"],
)  # fmt: skip
def test_one_series_of_two_volumes_is_split(tmp_path, parts):
    one_series(tmp_path, parts)
    first, second = volumes_of(tmp_path)
    assert {int(first.array.min()), int(first.array.max())} == {1}
    assert {int(second.array.min()), int(second.array.max())} == {2}
    assert all("series_split" in {issue.code for issue in volume.issues} for volume in (first, second))


@pytest.mark.parametrize(
    ("group", "creator", "element", "kind", "low", "high"),
    [
        (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "0", "1000"),
        (0x2001, "Philips Imaging DD 001", 0x03, "FL", 0.0, 1000.0),
        (0x0043, "GEMS_PARM_01", 0x39, "IS", ["1000000000", "8", "0", "0"], ["1000001000", "8", "0", "0"]),
    ],
)
def test_private_b_values_split_a_series(tmp_path, group, creator, element, kind, low, high):
    one_series(tmp_path, [(1, {}), (2, {})])
    for path in tmp_path.iterdir():
        data = pydicom.dcmread(path)
        data.private_block(group, creator, create=True).add_new(element, kind, low if path.name[0] == "0" else high)
        data.save_as(path)
    assert [volume.array.max() for volume in volumes_of(tmp_path)] == [1, 2]
    assert [volume.description.split("b value ")[-1] for volume in volumes_of(tmp_path)] == ["0", "1000"]


def test_one_series_of_three_orientations_is_split(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    for orientation in ("axial", "sagittal", "coronal"):
        a_dicom_series(tmp_path, orientation=orientation, prefix=orientation, **uids)
    volumes = volumes_of(tmp_path)
    assert sorted(volume.plane for volume in volumes) == ["axial", "coronal", "sagittal"]
    for volume in volumes:
        assert marker_of(volume.array, volume.affine)[0] > 15


def test_frames_that_only_their_dimension_index_tells_apart(tmp_path):
    path = an_enhanced_series(tmp_path, shape=(20, 24, 6))
    data = pydicom.dcmread(path)
    pixels = data.pixel_array
    frames = [Dataset(frame) for frame in data.PerFrameFunctionalGroupsSequence]
    both = []
    for phase in (1, 2):
        for number, frame in enumerate(frames):
            content = Dataset()
            content.DimensionIndexValues = [phase, number + 1]
            copy = Dataset()
            copy.update(frame)
            copy.FrameContentSequence = Items([content])
            both.append(copy)
    data.DimensionIndexSequence = Items([Dataset(), Dataset()])
    data.DimensionIndexSequence[0].DimensionIndexPointer = 0x00189241  # nominal cardiac trigger delay, or so
    data.DimensionIndexSequence[1].DimensionIndexPointer = 0x00209057  # in-stack position
    data.PerFrameFunctionalGroupsSequence = Items(both)
    data.NumberOfFrames = len(both)
    data.PixelData = np.concatenate([pixels, pixels + 1000]).astype(np.int16).tobytes()
    data.save_as(path)
    first, second = volumes_of(tmp_path)
    assert np.array_equal(first.array + 1000, second.array)


def test_shared_and_per_frame_values_both_count(tmp_path):
    """Per-frame scaling overrides shared scaling; each frame keeps its own."""
    path = an_enhanced_series(tmp_path, shape=(20, 24, 4))
    data = pydicom.dcmread(path)
    plain = data.pixel_array[::-1].astype(np.float32)
    for number, frame in enumerate(data.PerFrameFunctionalGroupsSequence):
        scaling = Dataset()
        scaling.RescaleSlope, scaling.RescaleIntercept = number + 1.5, -number
        frame.PixelValueTransformationSequence = Items([scaling])
    data.save_as(path)
    (volume,) = volumes_of(tmp_path)
    for k in range(4):
        assert np.allclose(volume.array[:, :, k], plain[k].T * (3 - k + 1.5) - (3 - k))


def test_slices_sent_twice_under_other_uids_are_set_aside(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    a_dicom_series(tmp_path, prefix="a", **SMALL, **uids)
    a_dicom_series(tmp_path, prefix="b", slices=[1, 2], **SMALL, **uids)
    (study,) = found_in(tmp_path).studies
    assert study.volumes[0].shape == (20, 24, 5)
    assert len(study.set_aside) == 2
    assert marker_of(study.volumes[0].array, study.volumes[0].affine)[0] > 15


def test_a_slice_sent_twice_with_other_values_is_refused(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    a_dicom_series(tmp_path, prefix="a", **SMALL, **uids)
    a_dicom_series(tmp_path, prefix="b", slices=[1], values=np.ones((20, 24, 5), np.int16), **SMALL, **uids)
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "bad_geometry"
    assert "Two different images" in error.why


def test_mixed_sizes_are_refused(tmp_path):
    uids = {"study_uid": generate_uid(), "series_uid": generate_uid(), "frame_uid": generate_uid()}
    a_dicom_series(tmp_path, prefix="a", slices=[0, 1, 2], **SMALL, **uids)
    a_dicom_series(tmp_path, prefix="b", slices=[3, 4], shape=(24, 24, 5), **uids)
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "bad_geometry"
    assert "different numbers of rows and columns" in error.why


def test_uneven_spacing_is_refused_with_its_distances(tmp_path):
    for k, path in enumerate(a_dicom_series(tmp_path, **SMALL)):
        data = pydicom.dcmread(path)
        data.ImagePositionPatient[2] += 0.4 * k * k
        data.save_as(path)
    ((_, error),) = found_in(tmp_path).refused
    assert error.code == "non_uniform_spacing"
    assert "6.4 and 8.8 mm apart" in error.why


@pytest.mark.parametrize("words", ["3-plane localizer", "SCOUT", "T/S/C FAST PILOT", "Survey_SHC"])
def test_localizers_are_set_aside(tmp_path, words):
    study_uid = generate_uid()
    a_dicom_series(tmp_path, **SMALL, study_uid=study_uid)
    a_dicom_series(
        tmp_path / "loc", shape=(20, 24, 1), study_uid=study_uid, prefix="loc", elements={"SeriesDescription": words}
    )
    (study,) = found_in(tmp_path).studies
    assert len(study.volumes) == 1
    assert study.set_aside == ("loc000.dcm",)


def test_file_without_a_preamble_in_big_endian_is_dicom(tmp_path):
    plain = a_phantom_series(tmp_path / "a", shape=(20, 24, 5))
    (tmp_path / "b").mkdir()
    for path in plain.paths:
        data = pydicom.dcmread(path)
        data.PixelData = data.pixel_array.astype(">i2").tobytes()
        del data.file_meta
        data.preamble = None
        pydicom.dcmwrite(tmp_path / "b" / path.name, data, implicit_vr=False, little_endian=False)
    (volume,) = volumes_of(tmp_path / "b")
    assert np.array_equal(volume.array, plain.array)


def test_a_medium_with_its_index_in_a_zip_with_rubbish(tmp_path):
    """DICOMDIR with files in folders of its own, zipped together with what lies on such discs."""
    phantom = a_phantom_series(
        tmp_path / "in", shape=(20, 24, 5), elements={"StudyID": "1", "SeriesNumber": 1, "StudyTime": "080000"}
    )
    medium = FileSet()
    for path in phantom.paths:
        medium.add(path)
    medium.write(tmp_path / "disc")
    (tmp_path / "disc" / "AUTORUN.INF").write_text("[autorun]\n")
    (tmp_path / "disc" / "viewer.exe").write_bytes(b"MZ\0\0" * 50)
    (tmp_path / "disc" / "empty.dcm").write_bytes(b"")
    (tmp_path / "disc" / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    archive = tmp_path / "disc.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((tmp_path / "disc").rglob("*")):
            packed.write(path, path.relative_to(tmp_path))
    report = add_paths(Workspace.open(tmp_path / "w", "clinical"), [archive])
    (added,) = report.added
    assert added.set_aside == ("DICOMDIR",)
    assert {refused.path.split("/")[-1]: refused.code for refused in report.refused} == {
        "AUTORUN.INF": "not_recognised",
        "viewer.exe": "not_recognised",
        "empty.dcm": "empty_file",
        "broken.dcm": "not_recognised",
    }


def test_opened_series_gives_its_middle_first(tmp_path):
    phantom = a_phantom_series(tmp_path, plane="oblique", shape=(20, 24, 9))
    opened = open_series(sorted(tmp_path.iterdir()))
    assert opened.shape == (20, 24, 9)
    array, affine = opened.middle(3)
    assert np.array_equal(array, phantom.array[:, :, 3:6])
    assert np.allclose(affine[:3] @ [2, 3, 0, 1], phantom.affine[:3] @ [2, 3, 3, 1], atol=1e-4)
    whole, affine = opened.volume()
    assert np.array_equal(whole, phantom.array)
    assert np.allclose(affine, phantom.affine, atol=1e-4)


def test_progress_is_told_after_half_a_second_alone(tmp_path, monkeypatch):
    from dashboard.imaging import intake

    a_phantom_series(tmp_path, shape=(20, 24, 6))
    files = sorted(tmp_path.iterdir())
    monkeypatch.setattr(intake, "monotonic", lambda: 7.0)
    soon: list[tuple[int, int, str]] = []
    find_mr_studies(files, tmp_path, on_progress=lambda *step: soon.append(step))
    assert soon == []
    clock = iter(range(1000))
    monkeypatch.setattr(intake, "monotonic", lambda: next(clock) / 5)
    late: list[tuple[int, int, str]] = []
    find_mr_studies(files, tmp_path, on_progress=lambda *step: late.append(step))
    assert [what for _, _, what in late] == ["headers"] * 4 + ["slices"] * 6
    assert late[-1] == (6, 6, "slices")
