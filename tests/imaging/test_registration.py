"""Rigid registration against movements that are known, and what it must not do."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from dashboard.domain import apply_affine, foremost
from dashboard.errors import ImagingRefused, MissingExtra
from dashboard.files import array_digest
from dashboard.imaging import find_mr_studies, moved, register_rigid, registration_picture
from tests.builders.mri_heads import a_head_volume, a_rigid_motion
from tests.builders.shared import shared_data

# corners of the box around the head
CORNERS = np.array([(x, y, z) for x in (-78, 78) for y in (-98, 98) for z in (-88, 88)], dtype=float)
MOTIONS = [
    ((4, -6, 8), (7, -5, 6)),
    ((-10, 5, -12), (60, 150, -90)),  # no overlap by the files' own positions
]


@pytest.mark.parametrize(("angles", "shift"), MOTIONS)
def test_a_phantom_moved_by_a_known_movement_is_brought_back_within_half_a_millimetre(angles, shift):
    fixed = a_head_volume("t1")
    motion = a_rigid_motion(angles, shift)
    # the scanner's second picture: other contrast, other grid, and the head somewhere else
    affine = a_rigid_motion((0, 0, 0), shift) @ a_head_volume("t2", shape=(72, 88, 64), spacing=(2.8, 2.8, 3.2)).affine
    moving = a_head_volume("t2", shape=(72, 88, 64), affine=affine, motion=motion, frame="other", seed=1)
    found = register_rigid(fixed, moving)
    at = apply_affine(found.matrix, apply_affine(motion, CORNERS))
    assert np.linalg.norm(at - CORNERS, axis=1).max() < 0.5
    assert found.similarity_after >= found.similarity_before - 0.02
    turn = np.rad2deg(np.arccos((np.trace(motion[:3, :3]) - 1) / 2))
    assert found.rotation_deg == pytest.approx(turn, abs=0.5)
    assert np.allclose(found.matrix[:3, :3] @ found.matrix[:3, :3].T, np.eye(3), atol=1e-9)
    assert np.linalg.det(found.matrix[:3, :3]) == pytest.approx(1)


def test_thick_voxels_are_brought_back_within_a_millimetre():
    thick = {"shape": (62, 62, 45), "spacing": (4.0, 4.0, 6.0)}
    motion = a_rigid_motion((3, 2, -4), (5, 0, -6))
    found = register_rigid(
        a_head_volume("t1", **thick), a_head_volume("t2", motion=motion, frame="other", seed=1, **thick)
    )
    at = apply_affine(found.matrix, apply_affine(motion, CORNERS))
    assert np.linalg.norm(at - CORNERS, axis=1).max() < 1.0


def test_the_same_series_give_the_same_movement():
    coarse = {"shape": (40, 48, 40), "spacing": (5.0, 5.0, 5.0)}
    fixed = a_head_volume("t1", **coarse)
    moving = a_head_volume("t2", motion=a_rigid_motion((3, 2, -4), (5, 0, -6)), **coarse)
    assert np.array_equal(register_rigid(fixed, moving).matrix, register_rigid(fixed, moving).matrix)


def test_the_moved_series_has_the_same_voxels_elsewhere_and_says_where_it_comes_from():
    moving = a_head_volume("t2", frame="other")
    motion = a_rigid_motion((3, 2, -4), (5, 0, -6))
    made = moved(moving, motion, "one", "r" * 64)
    assert made.array is moving.array and np.allclose(made.affine, motion @ moving.affine)
    assert made.digest == array_digest(moving.array, made.affine) != moving.digest
    assert (made.frame, made.made_from, made.made_how, made.made_record) == ("one", moving.digest, "aligned", "r" * 64)
    fixed = a_head_volume("t1")
    assert foremost((fixed, moving, made)) == (fixed, made)


def test_the_picture_differs_above_and_below_by_the_movement():
    from io import BytesIO

    from PIL import Image

    fixed, moving = a_head_volume("t1"), a_head_volume("t1", motion=a_rigid_motion((0, 0, 0), (14, 0, 0)))
    png = registration_picture(fixed, moving, a_rigid_motion((0, 0, 0), (-14, 0, 0)))
    pixels = np.asarray(Image.open(BytesIO(png)).convert("L")).astype(float)
    above, below = np.array_split(pixels, 4)[:2]  # The checkerboards; under them each series by itself.
    aligned = registration_picture(fixed, fixed, np.eye(4))
    wanted = np.array_split(np.asarray(Image.open(BytesIO(aligned)).convert("L")).astype(float), 4)[0]
    assert np.abs(below - wanted).mean() < np.abs(above - wanted).mean() / 3


def test_two_pictures_of_nothing_are_refused():
    nothing = replace(a_head_volume("t1"), array=np.zeros((80, 96, 80), np.int16))
    with pytest.raises(ImagingRefused, match="not registered"):
        register_rigid(nothing, replace(nothing, affine=a_rigid_motion((0, 0, 0), (900, 0, 0)) @ nothing.affine))


def test_without_the_extra_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)  # what an import finds where it is not installed
    with pytest.raises(MissingExtra) as caught:
        register_rigid(a_head_volume("t1"), a_head_volume("t2"))
    assert 'python -m pip install "overread[registration]"' in caught.value.what_to_do


@pytest.mark.shared
def test_shared_a_t2_displaced_in_its_header_comes_back():
    folder = shared_data("mri", "glioma", "brats20_001")
    volumes = find_mr_studies([folder / "t1c.nii.gz", folder / "t2.nii.gz"], folder, {}).studies[0].volumes
    t1c, t2 = sorted(volumes, key=lambda v: str(v.sequence))
    middle = apply_affine(t2.affine, (np.array(t2.shape) - 1) / 2)
    home, away = np.eye(4), np.eye(4)
    home[:3, 3], away[:3, 3] = -middle, middle
    motion = away @ a_rigid_motion((5, -3, 8), (12, -7, 9)) @ home
    found = register_rigid(t1c, replace(t2, affine=motion @ t2.affine))
    corners = middle + CORNERS * 0.85  # of the brain's box
    # the data set's own registration is one more estimate: 0.8 mm apart in the mean
    assert np.linalg.norm(apply_affine(found.matrix @ motion, corners) - corners, axis=1).max() < 1.3
    assert found.similarity_after > found.similarity_before + 0.3
