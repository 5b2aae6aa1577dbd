"""Masks out as NIfTI, and as other programs see them."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from dashboard.imaging import read_label_map, write_nifti_mask
from tests.builders.mri_grids import ALL_TURNS, centred_affine, turned

LABELS = np.random.default_rng(0).integers(0, 4, (6, 5, 4)).astype(np.uint8)
AFFINE = centred_affine(LABELS.shape, (0.9, 1.1, 5.0))


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz"])
@pytest.mark.parametrize("turn", ALL_TURNS[::7])
def test_what_is_written_is_read_again(tmp_path, name, turn):
    labels, affine = turned(LABELS, AFFINE, *turn)
    write_nifti_mask(labels, affine, tmp_path / name)
    again, where = read_label_map(tmp_path / name)
    assert np.array_equal(again, labels) and np.allclose(where, affine, atol=1e-5)


def test_another_program_finds_it_in_ras_by_both_of_its_transforms(tmp_path):
    write_nifti_mask(LABELS, AFFINE, tmp_path / "mask.nii.gz")
    image = nibabel.load(tmp_path / "mask.nii.gz")
    assert np.allclose(image.affine[:2], -AFFINE[:2]) and np.allclose(image.affine[2], AFFINE[2])
    assert np.allclose(image.get_qform(), image.get_sform(), atol=1e-5)
    assert image.header["sform_code"] == image.header["qform_code"] == 1
    assert image.header.get_intent()[0] == "label" and image.header.get_data_dtype() == np.uint8


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_synthetic_studys_mask_says_so_and_no_other(tmp_path, synthetic):
    write_nifti_mask(LABELS, AFFINE, tmp_path / "mask.nii.gz", synthetic=synthetic)
    words = bytes(nibabel.load(tmp_path / "mask.nii.gz").header["descrip"]).rstrip(b"\0").decode()
    assert words.startswith("Overread synthetic") == synthetic


def test_without_known_sides_no_position_is_claimed(tmp_path):
    write_nifti_mask(LABELS, AFFINE, tmp_path / "mask.nii.gz", sides_known=False)
    header = nibabel.load(tmp_path / "mask.nii.gz").header
    assert header["sform_code"] == header["qform_code"] == 0
    assert b"sides unknown" in bytes(header["descrip"])
    again, _ = read_label_map(tmp_path / "mask.nii.gz", placed=False)
    assert np.array_equal(again, LABELS)


def test_the_same_mask_gives_the_same_bytes(tmp_path):
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti_mask(LABELS, AFFINE, tmp_path / name)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
