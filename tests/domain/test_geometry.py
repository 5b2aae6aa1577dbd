"""Left, right and millimetres, by law and by example."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dashboard.domain import (
    affine_from_axes,
    apply_affine,
    axis_letters,
    lps_from_ras,
    nearest_axes,
    plane_normal_to,
    ras_from_lps,
    spacing_of,
    through_axis_of,
)

FINITE = st.floats(-500, 500, allow_nan=False)


@given(arrays(np.float64, (4, 4), elements=FINITE))
def test_ras_and_back_is_the_same(affine):
    assert np.array_equal(lps_from_ras(ras_from_lps(affine)), affine)


def test_ras_flips_left_and_front_only():
    point = apply_affine(ras_from_lps(np.eye(4)), [10.0, 20.0, 30.0])
    assert point.tolist() == [-10.0, -20.0, 30.0]


@given(st.permutations([0, 1, 2]), st.tuples(*[st.sampled_from([-1, 1])] * 3), st.tuples(*[st.floats(0.3, 6)] * 3))
def test_axes_of_any_scan_are_found(order, signs, spacing):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * spacing[axis]
    assert nearest_axes(affine) == tuple((order[axis], signs[axis]) for axis in range(3))
    assert spacing_of(affine) == pytest.approx(spacing)


def test_an_oblique_scan_still_has_three_planes():
    turn = np.deg2rad(45)
    axes = [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    affine = affine_from_axes(np.zeros(3), *map(np.array, axes))
    assert sorted(world for world, _ in nearest_axes(affine)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("spacing", "plane"), [((1, 1, 5), "axial"), ((5, 1, 1), "sagittal"), ((1, 5, 1), "coronal"), ((1, 1, 1), "axial")]
)
def test_the_coarse_axis_runs_through_the_slices(spacing, plane):
    affine = np.diag([*map(float, spacing), 1.0])
    assert plane_normal_to(affine, through_axis_of(affine)) == plane


def test_letters_name_low_and_high_end():
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    assert [axis_letters(affine, axis) for axis in range(3)] == [("L", "R"), ("P", "A"), ("I", "S")]
    assert axis_letters(affine, 0, sides_known=False) == ("?", "?")
    assert axis_letters(affine, 2, sides_known=False) == ("I", "S")
