"""Series in one space or not, and labels that go from grid to grid and back without moving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.domain import apply_affine
from dashboard.imaging import apart_from, model_grid, moved, overlap, resample
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, places, turned
from tests.builders.mri_heads import a_head_volume, a_rigid_motion

FIXED = a_head_volume("t1", shape=(32, 36, 30), spacing=(6.0, 6.0, 6.0))


def a_shifted(x=0.0, y=0.0, z=0.0, angles=(0, 0, 0), **said):
    return replace(FIXED, affine=a_rigid_motion(angles, (x, y, z)) @ FIXED.affine, **said)


def test_fields_that_meet_and_fields_that_do_not():
    assert overlap(FIXED, FIXED) and overlap(FIXED, a_shifted(x=180)) and not overlap(FIXED, a_shifted(x=200))
    # boxes around both would meet, the oblique fields themselves do not
    assert not overlap(FIXED, a_shifted(x=200, y=170, angles=(0, 0, 45)))
    # a small field within a large one, without any corner of the large one in it
    small = replace(FIXED, array=FIXED.array[:3, :3, :3], affine=a_rigid_motion((0, 0, 0), (90, 90, 90)) @ FIXED.affine)
    assert overlap(FIXED, small) and overlap(small, FIXED)


def test_other_frames_and_missing_overlap_are_told_apart():
    other, beyond = a_shifted(x=5, frame="two"), a_shifted(z=400)
    assert apart_from(FIXED, (FIXED, other, beyond)) == ((other,), (beyond,))


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, -15, 30)])
@pytest.mark.parametrize(("order", "flips"), ALL_TURNS[::11])
def test_a_label_goes_from_an_oblique_grid_to_the_models_and_back_unmoved(angles, order, flips):
    # the study's grid: oblique, 2 x 2 x 4 mm, axes in any order
    shape = (60, 70, 30)
    affine = a_rigid_motion(angles, (12, -30, 40)) @ np.diag([2.0, 2.0, 4.0, 1.0])
    label = an_ellipsoid(places(shape, np.diag([2.0, 2.0, 4.0, 1.0])), (20, 24, 22), centre=(50, 80, 64))
    mask, own = turned(label, affine, order, flips)
    to, size = model_grid(own, mask.shape, 1.0, "RAS")
    there = resample(mask.astype(np.uint8), own, to, size, order=0)
    back = resample(there, to, own, mask.shape, order=0) > 0
    assert (back != mask).sum() <= 0.01 * mask.sum()
    centres = [apply_affine(a, np.argwhere(m)).mean(axis=0) for a, m in ((own, mask), (to, there), (own, back))]
    assert np.linalg.norm(centres[0] - centres[2]) < 0.1 and np.linalg.norm(centres[0] - centres[1]) < 0.6


def test_a_label_of_a_registered_series_lands_where_the_anatomy_is():
    # the same head, twice: once turned and in a frame of its own; a label drawn on the second
    motion = a_rigid_motion((6, -9, 12), (25, -40, 60))
    second = replace(FIXED, affine=motion @ FIXED.affine, frame="two")
    label = an_ellipsoid(places(FIXED.shape, FIXED.affine), (18, 18, 18), centre=(35, -25, 25)).astype(np.uint8)
    home = moved(second, np.linalg.inv(motion), FIXED.frame, "r" * 64)
    assert np.array_equal(resample(label, home.affine, FIXED.affine, FIXED.shape, order=0), label)
    unmoved = resample(label, second.affine, FIXED.affine, FIXED.shape, order=0)
    assert 2 * (unmoved & label).sum() / (unmoved.sum() + label.sum()) < 0.3
