"""NIfTI files become studies folder by folder, with the right sides, or are refused by name."""

from __future__ import annotations

import gzip
import json

import nibabel
import numpy as np
import pytest

from dashboard.domain import axis_letters, ras_from_lps
from dashboard.imaging import find_mr_studies
from tests.builders.mri_files import MARKER_LPS, a_nifti, marker_of

SMALL = {"shape": (20, 24, 12), "spacing": (8.0, 8.0, 12.0)}


def found_in(folder, as_sequences=None):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return find_mr_studies(files, folder, as_sequences or {})


def only_volume(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    (study,) = intake.studies
    (volume,) = study.volumes
    return volume


def codes(intake):
    return [(path, error.code) for path, error in intake.refused]


def issues(volume):
    return {issue.code for issue in volume.issues}


@pytest.mark.parametrize("axes", ["RAS", "LAS", "LPS", "LIP", "PSR", "ASL"])
def test_marker_is_on_the_left_whatever_the_axes(tmp_path, axes):
    path = a_nifti(tmp_path, axes=axes, shape=(40, 44, 40), spacing=(4.0, 4.0, 4.0))
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2.1)
    image = nibabel.load(path)
    assert np.allclose(ras_from_lps(volume.affine), image.affine, atol=1e-4)
    assert np.array_equal(volume.array, np.asarray(image.dataobj))
    ends = {"R": ("L", "R"), "L": ("R", "L"), "P": ("A", "P"), "A": ("P", "A")}
    assert axis_letters(volume.affine, 0) == ends[axes[0]]
    assert volume.sides_known
    assert volume.issues == ()


def test_scl_slope_is_applied_and_whole_values_stay_small(tmp_path):
    path = a_nifti(tmp_path, **SMALL, slope=4.0, inter=8.0)
    volume = only_volume(tmp_path)
    assert volume.array.dtype == np.int16
    assert np.array_equal(volume.array, nibabel.load(path).get_fdata())
    assert volume.array.max() > 800


def test_fractional_values_are_float32(tmp_path):
    path = a_nifti(tmp_path, **SMALL, slope=0.3)
    volume = only_volume(tmp_path)
    assert volume.array.dtype == np.float32
    assert np.allclose(volume.array, nibabel.load(path).get_fdata(), rtol=1e-6)


@pytest.mark.parametrize("codes_", [(1, 0), (0, 1), (2, 0)])
def test_one_transform_is_enough(tmp_path, codes_):
    a_nifti(tmp_path, codes=codes_)
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2)
    assert volume.issues == ()


def test_sform_wins_over_another_qform_with_a_warning(tmp_path):
    a_nifti(tmp_path, qform=np.diag([4.0, 4.0, 6.0, 1.0]))
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2)
    assert issues(volume) == {"sform_qform_differ"}


def test_a_mirrored_qform_is_told(tmp_path):
    a_nifti(tmp_path, axes="LAS", qform=np.diag([4.0, 4.0, 6.0, 1.0]))
    (issue,) = only_volume(tmp_path).issues
    assert "left and right are the other way round" in issue.message


def test_neither_transform_leaves_the_sides_unknown(tmp_path):
    a_nifti(tmp_path, codes=(0, 0))
    volume = only_volume(tmp_path)
    assert not volume.sides_known
    assert issues(volume) == {"sides_unknown"}
    assert volume.spacing_mm == pytest.approx((4, 4, 6))


def test_metres_become_millimetres(tmp_path):
    path = a_nifti(tmp_path)
    image = nibabel.load(path)
    meters = np.diag([0.001, 0.001, 0.001, 1]) @ image.affine
    moved = nibabel.Nifti1Image(np.asarray(image.dataobj), meters)
    moved.header.set_xyzt_units("meter")
    nibabel.save(moved, path)
    volume = only_volume(tmp_path)
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_affine_that_is_not_finite_is_refused(tmp_path, bad):
    sform = np.diag([4.0, 4.0, 6.0, 1.0])
    sform[0, 3] = bad
    a_nifti(tmp_path, sform=sform)
    assert codes(found_in(tmp_path)) == [("t1.nii.gz", "bad_geometry")]


@pytest.mark.parametrize(
    "affine",
    [[[4, 1, 0], [0, 4, 0], [0, 0, 6]], [[0, 0, 0], [0, 4, 0], [0, 0, 6]], [[400, 0, 0], [0, 4, 0], [0, 0, 6]]],
)
def test_shears_and_impossible_voxels_are_refused(tmp_path, affine):
    sform = np.eye(4)
    sform[:3, :3] = affine
    a_nifti(tmp_path, sform=sform, codes=(1, 0))
    assert codes(found_in(tmp_path)) == [("t1.nii.gz", "bad_geometry")]


def test_four_dimensions_are_refused_and_a_trailing_one_is_dropped(tmp_path):
    a_nifti(tmp_path / "a", values=np.zeros((8, 8, 4, 3), np.int16), shape=(8, 8, 4))
    a_nifti(tmp_path / "b", values=np.arange(256, dtype=np.int16).reshape(8, 8, 4, 1), shape=(8, 8, 4))
    a_nifti(tmp_path / "c", values=np.zeros((8, 8), np.int16), shape=(8, 8, 1))
    intake = found_in(tmp_path)
    assert codes(intake) == [("a/t1.nii.gz", "not_3d"), ("c/t1.nii.gz", "not_3d")]
    assert intake.studies[0].volumes[0].shape == (8, 8, 4)
    assert np.array_equal(intake.studies[0].volumes[0].array.ravel(), np.arange(256))


def test_voxels_that_are_not_finite_become_zero_with_an_issue(tmp_path):
    values = np.full((8, 8, 4), 2.5, np.float32)
    values[1, 2, 3], values[2, 2, 2] = np.nan, np.inf
    a_nifti(tmp_path, values=values, shape=(8, 8, 4))
    volume = only_volume(tmp_path)
    assert volume.array[1, 2, 3] == volume.array[2, 2, 2] == 0
    assert volume.array.sum() == 2.5 * 254
    (issue,) = volume.issues
    assert issue.code == "not_finite"
    assert issue.message.startswith("2 voxels")


def test_colours_are_refused(tmp_path):
    values = np.zeros((8, 8, 4), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nibabel.save(nibabel.Nifti1Image(values, np.diag([2.0, 2, 2, 1])), tmp_path / "t1.nii.gz")
    assert codes(found_in(tmp_path)) == [("t1.nii.gz", "not_an_image")]


def test_files_that_are_no_nifti_are_refused_and_the_rest_goes_on(tmp_path):
    a_nifti(tmp_path, "flair.nii.gz", **SMALL)
    (tmp_path / "t1.nii.gz").write_text("just words")
    (tmp_path / "t2.nii.gz").touch()
    (tmp_path / "pd.nii.gz").write_bytes(gzip.compress(b"zipped words " * 100))
    whole = a_nifti(tmp_path, "adc.nii.gz", **SMALL).read_bytes()
    (tmp_path / "adc.nii.gz").write_bytes(whole[: len(whole) // 2])
    plain = a_nifti(tmp_path, "t1c.nii", **SMALL)
    plain.write_bytes(plain.read_bytes()[:-50])
    intake = found_in(tmp_path)
    assert dict(codes(intake)) == {
        "t1.nii.gz": "not_recognised", "t2.nii.gz": "empty_file", "pd.nii.gz": "not_recognised",
        "adc.nii.gz": "truncated", "t1c.nii": "truncated",
    }  # fmt: skip
    assert [volume.sequence for volume in intake.studies[0].volumes] == ["flair"]


def test_a_wrong_checksum_is_refused(tmp_path):
    path = a_nifti(tmp_path, **SMALL)
    raw = bytearray(path.read_bytes())
    raw[-6] ^= 1
    path.write_bytes(bytes(raw))
    assert codes(found_in(tmp_path)) == [("t1.nii.gz", "truncated")]


def test_zipped_or_not_is_told_by_content(tmp_path):
    plain = a_nifti(tmp_path / "a", "t1.nii", **SMALL)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "t1.nii.gz").write_bytes(plain.read_bytes())
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "t1.nii").write_bytes(gzip.compress(plain.read_bytes()))
    intake = found_in(tmp_path)
    assert len({study.volumes[0].digest for study in intake.studies}) == 1
    assert len(intake.studies) == 3


def test_a_header_that_promises_terabytes_is_refused(tmp_path):
    path = a_nifti(tmp_path, "t1.nii", **SMALL)
    raw = bytearray(path.read_bytes())
    raw[42:48] = np.array([30000] * 3, "<i2").tobytes()
    path.write_bytes(bytes(raw))
    assert codes(found_in(tmp_path)) == [("t1.nii", "not_3d")]


def test_one_folder_is_one_study_in_one_frame_and_labels_are_set_aside(tmp_path):
    for name in ("t1", "t1c", "t2", "flair"):
        a_nifti(
            tmp_path / "case", f"{name}.nii.gz", **SMALL, gain={"t1": 1.0, "t1c": 2.0, "t2": 3.0, "flair": 4.0}[name]
        )
    labels = np.zeros(SMALL["shape"], np.int16)
    labels[5:8, 5:8, 5:8] = 3
    for name in ("seg", "seg_ai_unet", "truth", "thing"):
        a_nifti(tmp_path / "case", f"{name}.nii.gz", **SMALL, values=labels)
    a_nifti(tmp_path / "next", "t1.nii.gz", **SMALL)
    intake = found_in(tmp_path)
    assert intake.refused == ()
    one, other = intake.studies
    assert (one.path, other.path) == ("case", "next/t1.nii.gz")
    assert [str(volume.sequence) for volume in one.volumes] == ["t1", "t1c", "t2", "flair"]
    assert set(one.set_aside) == {"seg.nii.gz", "seg_ai_unet.nii.gz", "truth.nii.gz", "thing.nii.gz"}
    assert len({volume.frame for volume in one.volumes}) == 1
    assert one.issues == ()


def test_label_map_alone_is_refused(tmp_path):
    a_nifti(tmp_path, "seg.nii.gz", **SMALL)
    assert codes(found_in(tmp_path)) == [("seg.nii.gz", "not_an_image")]


def test_other_grids_of_one_space_share_the_frame(tmp_path):
    a_nifti(tmp_path, "t1c.nii.gz")
    a_nifti(tmp_path, "flair.nii.gz", axes="LIP", shape=(30, 20, 30), spacing=(5.0, 6.0, 5.0), center=(10, 10, 10))
    (study,) = found_in(tmp_path).studies
    assert len({volume.frame for volume in study.volumes}) == 1
    for volume in study.volumes:
        assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=3)


def test_volumes_that_do_not_overlap_get_frames_of_their_own(tmp_path):
    a_nifti(tmp_path, "t1.nii.gz", **SMALL)
    a_nifti(tmp_path, "t2.nii.gz", **SMALL, values=np.ones(SMALL["shape"], np.int16), center=(900, 0, 0))
    (study,) = found_in(tmp_path).studies
    assert len({volume.frame for volume in study.volumes}) == 2
    assert [issue.code for issue in study.issues] == ["no_overlap"]


def test_volumes_without_position_share_a_frame_only_with_their_own_grid(tmp_path):
    a_nifti(tmp_path, "t1.nii.gz", **SMALL, codes=(0, 0))
    a_nifti(tmp_path, "t2.nii.gz", **SMALL, codes=(0, 0), gain=3.0)
    a_nifti(tmp_path, "flair.nii.gz", **SMALL)
    (study,) = found_in(tmp_path).studies
    frames = {str(volume.sequence): volume.frame for volume in study.volumes}
    assert frames["t1"] == frames["t2"] != frames["flair"]


def test_sequences_given_by_hand_are_one_study_wherever_they_lie(tmp_path):
    one = a_nifti(tmp_path / "x", "series_0001.nii.gz", **SMALL)
    other = a_nifti(tmp_path / "y", "seg_of_old.nii.gz", **SMALL, gain=3.0)
    intake = find_mr_studies([one, other], tmp_path / "x", {"t1c": one, "flair": other})
    (study,) = intake.studies
    assert {str(volume.sequence): volume.sequence_confidence for volume in study.volumes} == {"t1c": 1.0, "flair": 1.0}
    assert intake.refused == ()


def test_nnunet_channels_need_the_list_of_the_data_set(tmp_path):
    for case in ("glioma_001", "glioma_002"):
        for channel in range(2):
            a_nifti(
                tmp_path / "imagesTr", f"{case}_{channel:04d}.nii.gz", **SMALL, gain=channel + 1.0 + (case[-1] == "2")
            )
    bare = found_in(tmp_path)
    assert len(bare.studies) == 2
    assert all(issues(v) == {"sequence_unknown"} and v.sequence == "other" for s in bare.studies for v in s.volumes)
    (tmp_path / "dataset.json").write_text(json.dumps({"channel_names": {"0": "FLAIR", "1": "T1Gd"}}))
    known = found_in(tmp_path)
    assert [[str(v.sequence) for v in study.volumes] for study in known.studies] == [["t1c", "flair"]] * 2


def test_several_cases_in_one_folder_are_told_apart_by_their_numbers(tmp_path):
    for case in ("BraTS20_001", "BraTS20_002"):
        for name in ("t1", "flair", "seg"):
            a_nifti(tmp_path, f"{case}_{name}.nii.gz", **SMALL, gain=2.0 if name == "t1" else 3.0)
    studies = found_in(tmp_path).studies
    assert [[v.description for v in study.volumes] for study in studies] == [
        ["BraTS20_001_t1", "BraTS20_001_flair"], ["BraTS20_002_t1", "BraTS20_002_flair"],
    ]  # fmt: skip
    assert [study.set_aside for study in studies] == [("BraTS20_001_seg.nii.gz",), ("BraTS20_002_seg.nii.gz",)]


def test_synthetic_is_what_says_so(tmp_path):
    a_nifti(tmp_path / "a", descrip="Overread synthetic, seed 3", **SMALL)
    a_nifti(tmp_path / "b", descrip="FSL5.0", **SMALL)
    studies = {study.path.split("/")[0]: study.synthetic for study in found_in(tmp_path).studies}
    assert studies == {"a": True, "b": False}


def test_one_image_under_two_names_is_taken_once(tmp_path):
    a_nifti(tmp_path, "t1.nii.gz", **SMALL)
    a_nifti(tmp_path, "t1_copy.nii.gz", **SMALL)
    (study,) = found_in(tmp_path).studies
    assert len(study.volumes) == 1
    assert study.set_aside == ("t1_copy.nii.gz",)
