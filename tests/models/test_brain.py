"""The brain mask's networks: what they find, in which order of axes, and that a changed file is not run."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import dashboard.models.brain as brain
from dashboard.errors import ModelDigestMismatch
from dashboard.models import brain_of_head, shipped_folder
from tests.builders.shared import shared_data


def test_an_image_of_one_value_has_no_brain():
    assert not brain_of_head(np.zeros((20, 24, 18), np.float32)).any()


def test_a_changed_file_is_not_run(tmp_path, monkeypatch):
    shutil.copytree(shipped_folder() / "brain-mask", tmp_path / "brain-mask")
    with (tmp_path / "brain-mask" / "where.onnx").open("ab") as file:
        file.write(b"\0")
    monkeypatch.setattr(brain, "shipped_folder", lambda: tmp_path)
    with pytest.raises(ModelDigestMismatch):
        brain_of_head(np.random.default_rng(0).random((20, 24, 18)).astype(np.float32))


@pytest.mark.parametrize("shape", [(7, 12, 5), (128, 128, 128), (64, 200, 1)])
def test_to_another_size_and_back_every_voxel_stays_in_its_place(shape):
    ramp = np.add.outer(np.add.outer(np.arange(shape[0]), np.arange(shape[1])), np.arange(shape[2])).astype(np.float32)
    there = brain._sized(ramp, (128, 128, 128))
    back = brain._sized(there, shape)
    assert back.shape == shape and np.abs(back - ramp).max() <= sum(max(1, n / 128) for n in shape)


def test_the_box_has_a_tenth_to_spare_and_stays_inside():
    rough = np.zeros((128, 128, 128), bool)
    rough[30:90, 40:100, 0:60] = True
    spans = brain._box(rough, (256, 128, 64))
    assert [(s.start, s.stop) for s in spans] == [(48, 192), (34, 106), (0, 33)]
    assert brain._box(np.zeros_like(rough), (10, 10, 10)) is None


@pytest.mark.shared
def test_shared_a_brain_of_the_right_size_lies_where_the_head_is():
    import nibabel

    path = shared_data("mri", "clinical", "healthy_brainchop_t1", "t1.nii.gz")
    image = nibabel.as_closest_canonical(nibabel.load(path))
    found = brain_of_head(image.get_fdata(dtype=np.float32))
    assert 1250 < found.sum() / 1000 < 1420  # ml; deepbet itself gives 1330
    head = np.asarray(image.dataobj) > 20
    middle, spread = np.argwhere(found).mean(0), np.argwhere(found).std(0)
    assert middle[2] > np.argwhere(head).mean(0)[2]  # the brain lies in the upper part of a head with its neck
    assert spread[1] > spread[0]  # and is longer than wide
