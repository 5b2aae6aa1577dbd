"""A brain mask carried to another grid, and what it leaves of a series."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import reference_volume, stripped, with_margin
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned
from tests.builders.mri_heads import a_head_volume, a_rigid_motion

AFFINE = centred_affine((60, 72, 40), (3.0, 3.0, 4.5))
BRAIN = an_ellipsoid(places((60, 72, 40), AFFINE), (68, 88, 78), centre=(0, 2, 2))


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS[::7])
def test_on_another_oblique_grid_only_the_brain_is_left_and_unchanged(order, flips):
    head = a_head_volume("t2", shape=(64, 80, 60), affine=a_rigid_motion((8, -5, 10), (0, 0, 0)) @ centred_affine(
        (64, 80, 60), (3.0, 3.0, 3.4)))  # fmt: skip
    mask, affine = turned(BRAIN, AFFINE, order, flips)
    made = stripped(head, mask, affine, "r" * 64)
    inside = an_ellipsoid(places(head.shape, head.affine), (64, 84, 74), centre=(0, 2, 2))
    outside = ~an_ellipsoid(places(head.shape, head.affine), (73, 93, 83), centre=(0, 2, 2))
    assert np.array_equal(made.array[inside], head.array[inside]) and not made.array[outside].any()
    assert made.array.dtype == head.array.dtype and np.array_equal(made.affine, head.affine)
    assert (made.made_from, made.made_how, made.frame) == (head.digest, "brain", head.frame)
    assert made.digest not in ("", head.digest)


def test_a_margin_is_in_millimetres_whatever_the_spacing():
    grown = with_margin(BRAIN, AFFINE, 6.0)
    away = places((60, 72, 40), AFFINE)
    assert grown[BRAIN].all() and not grown[~an_ellipsoid(away, (76, 96, 86), centre=(0, 2, 2))].any()
    # 6 mm are two voxels across and one along
    assert grown[:, 36, 20].sum() == BRAIN[:, 36, 20].sum() + 4
    assert not with_margin(np.zeros_like(BRAIN), AFFINE).any()


def test_the_grid_is_the_series_as_it_was_acquired():
    head = a_head_volume("t1", shape=(60, 72, 40), spacing=(3.0, 3.0, 4.5))
    made = stripped(head, BRAIN, AFFINE, "r" * 64)
    assert reference_volume((made, head)) is head and reference_volume((head, made)) is head
    assert reference_volume((made,)) is made
