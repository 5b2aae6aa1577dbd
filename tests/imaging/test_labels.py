"""Label maps: read or refused by name, and brought to the study's grid as nested regions."""

from __future__ import annotations

import gzip

import nibabel
import numpy as np
import pytest

from dashboard.errors import (
    BadGeometry,
    EmptyFile,
    ImagingRefused,
    NoFrameInCommon,
    NotRecognised,
    NotThreeDimensional,
    TruncatedFile,
)
from dashboard.imaging import bits_from_labels, dice, find_mr_studies, read_label_map, reference_volume, resample
from tests.builders.mri_grids import ALL_TURNS, a_label_file, centred_affine, turned
from tests.builders.shared import shared_data

SHAPE = (12, 10, 8)
AFFINE = centred_affine(SHAPE, (1.0, 1.5, 3.0))


def some_labels():
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:8, 2:8, 2:6] = 2
    labels[3:7, 3:7, 3:5] = 1
    labels[4, 4, 4], labels[4, 5, 4] = 3, 4
    return labels


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["seg.nii", "seg.nii.gz"])
def test_labels_are_read_with_their_place_in_lps(tmp_path, dtype, name):
    labels, affine = read_label_map(a_label_file(tmp_path / name, some_labels().astype(dtype), AFFINE))
    assert labels.dtype == np.uint8 and np.array_equal(labels, some_labels())
    assert np.allclose(affine, AFFINE)


def test_a_fourth_dimension_of_one_is_no_dimension(tmp_path):
    labels, _ = read_label_map(a_label_file(tmp_path / "seg.nii", some_labels()[..., None], AFFINE))
    assert labels.shape == SHAPE


def a_text(path):
    path.write_text("not an image")


def nothing(path):
    path.write_bytes(b"")


def half_a_file(path):
    a_label_file(path, np.random.default_rng(0).integers(0, 4, SHAPE).astype(np.uint8), AFFINE)
    path.write_bytes(path.read_bytes()[:700])


def half_a_packed_file(path):
    noise = np.random.default_rng(0).integers(0, 4, (40, 40, 40)).astype(np.uint8)
    a_label_file(path.with_name("whole.nii"), noise, AFFINE)
    path.write_bytes(gzip.compress(path.with_name("whole.nii").read_bytes())[:4000])


def nan_affine(path):
    a_label_file(path, some_labels(), AFFINE)
    raw = bytearray(path.read_bytes())
    raw[280:284] = np.float32(np.nan).tobytes()
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize(
    ("name", "made", "error"),
    [
        ("seg.nii", nothing, EmptyFile),
        ("seg.nii", a_text, NotRecognised),
        ("seg.nii.gz", a_text, NotRecognised),
        ("seg.txt", a_text, NotRecognised),
        ("seg.nii", lambda path: None, NotRecognised),
        ("seg.nii", half_a_file, TruncatedFile),
        ("seg.nii.gz", half_a_packed_file, TruncatedFile),
        ("seg.nii", nan_affine, BadGeometry),
        ("seg.nii", lambda p: a_label_file(p, np.zeros((4, 4, 4, 3), np.uint8), AFFINE), NotThreeDimensional),
        ("seg.nii", lambda p: a_label_file(p, np.zeros((4, 4), np.uint8), AFFINE), NotThreeDimensional),
        ("seg.nii", lambda p: a_label_file(p, np.full((2, 2, 2), 0.5, np.float32), AFFINE), ImagingRefused),
        ("seg.nii", lambda p: a_label_file(p, np.full((2, 2, 2), np.nan, np.float32), AFFINE), ImagingRefused),
        ("seg.nii", lambda p: a_label_file(p, np.full((2, 2, 2), -1, np.int16), AFFINE), ImagingRefused),
        ("seg.nii", lambda p: a_label_file(p, np.full((2, 2, 2), 1j, np.complex64), AFFINE), ImagingRefused),
        ("seg.nii", lambda p: a_label_file(p, some_labels(), AFFINE, code=0), BadGeometry),
    ],
)
def test_what_is_no_label_map_is_refused_in_three_sentences(tmp_path, name, made, error):
    made(tmp_path / name)
    with pytest.raises(error) as caught:
        read_label_map(tmp_path / name)
    assert type(caught.value) is error
    assert caught.value.what and caught.value.why and caught.value.what_to_do
    assert str(tmp_path) not in str(caught.value)


def test_a_map_without_a_place_joins_only_a_study_without_one(tmp_path):
    unplaced = a_label_file(tmp_path / "unplaced.nii", some_labels(), AFFINE, code=0)
    placed = a_label_file(tmp_path / "placed.nii", some_labels(), AFFINE)
    labels, _ = read_label_map(unplaced, placed=False)
    assert np.array_equal(labels, some_labels())
    with pytest.raises(BadGeometry):
        read_label_map(placed, placed=False)


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS)
def test_a_map_in_any_order_of_axes_lands_on_the_same_voxels(order, flips):
    mask, affine = turned(some_labels(), AFFINE, order, flips)
    bits = bits_from_labels(mask, affine, AFFINE, SHAPE)
    expected = np.array([0, 3, 1, 7, 7], np.uint8)[some_labels()]
    assert bits.dtype == np.uint8 and np.array_equal(bits, expected)


def test_regions_are_nested_and_a_map_of_nothing_is_no_error():
    bits = bits_from_labels(some_labels(), AFFINE, centred_affine((30, 30, 30), (0.7, 0.7, 0.7)), (30, 30, 30))
    assert set(np.unique(bits)) == {0, 1, 3, 7}
    assert not bits_from_labels(np.zeros(SHAPE, np.uint8), AFFINE, AFFINE, SHAPE).any()


@pytest.mark.parametrize("labels", [some_labels(), np.zeros(SHAPE, np.uint8)])
def test_a_map_beside_the_study_has_no_frame_in_common(labels):
    elsewhere = AFFINE.copy()
    elsewhere[:3, 3] += (0, 0, 400)
    with pytest.raises(NoFrameInCommon):
        bits_from_labels(labels, elsewhere, AFFINE, SHAPE)


def test_a_label_whose_meaning_is_unknown_is_named():
    labels = some_labels()
    labels[0, 0, 0] = 255
    with pytest.raises(ImagingRefused, match="255"):
        bits_from_labels(labels, AFFINE, AFFINE, SHAPE)


@pytest.mark.shared
def test_shared_image_and_mask_of_different_axis_order_join_without_interpolation():
    case = shared_data("mri", "clinical", "postop_lumiere_w056")
    volume = find_mr_studies([case / "t1c.nii.gz"], case, {}).studies[0].volumes[0]
    labels, affine = read_label_map(case / "seg.nii.gz")
    assert labels.shape != volume.shape
    bits = bits_from_labels(labels, affine, volume.affine, volume.shape)
    assert int((bits > 0).sum()) == int((labels > 0).sum())
    image = nibabel.load(case / "t1c.nii.gz")
    same_axes = nibabel.as_closest_canonical(image).get_fdata()
    mask = nibabel.as_closest_canonical(nibabel.load(case / "seg.nii.gz")).get_fdata()
    back = resample(bits, volume.affine, affine, labels.shape, order=0)
    assert np.array_equal(back > 0, labels > 0)
    # the same voxels by nibabel's own way: enhancing tumour takes up contrast, so a mirrored mask would be darker
    assert volume.array[(bits & 4) > 0].mean() == pytest.approx(same_axes[mask >= 3].mean(), rel=0.02)


@pytest.mark.shared
def test_shared_all_six_masks_of_one_patient_are_read_and_agree_with_the_expert_as_stated():
    case = shared_data("mri", "glioma", "brats20_001")
    grid = reference_volume(find_mr_studies(sorted(case.glob("t*.nii.gz")), case, {}).studies[0].volumes)

    def whole(name):
        return bits_from_labels(*read_label_map(case / f"{name}.nii.gz"), grid.affine, grid.shape) & 1

    stated = {"unet_attention": 0.903, "unet_no_attention": 0.884, "wave_attention": 0.833,
              "wave_no_attention": 0.897, "deepscan": 0.932, "brats_toolkit": 0.789}  # fmt: skip
    expert = whole("seg")
    for name, value in stated.items():
        assert dice(whole(f"seg_ai_{name}"), expert) == pytest.approx(value, abs=0.001)
