"""Diameters inside a region, against shapes of known size and against every line there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.imaging.diameters import longest_3d_mm
from dashboard.imaging.solid import smallest_measurable_mm, solid_part
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned

TURNS = ALL_TURNS[::7]


def a_rod(size, spacing, margin=2):
    """A box of so many voxels in a grid with room around it."""
    mask = np.zeros(tuple(n + 2 * margin for n in size), bool)
    mask[tuple(slice(margin, margin + n) for n in size)] = True
    return mask, centred_affine(mask.shape, spacing)


def a_ring(outer, inner, slices=6, spacing=(1.0, 1.0, 3.0)):
    affine = centred_affine((2 * outer + 11, 2 * outer + 11, slices), spacing)
    away = np.linalg.norm(places((2 * outer + 11, 2 * outer + 11, slices), affine)[..., :2], axis=-1)
    return (away < outer) & (away > inner), affine


@pytest.mark.parametrize(("order", "flips"), TURNS)
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.5, 5.0), (4.0, 0.9, 0.9), (0.9, 3.0, 0.9)])
def test_a_full_box_has_its_diagonal_and_the_line_that_crosses_it(order, flips, spacing):
    mask, affine = a_rod((20, 14, 3), spacing)
    found = solid_part(*turned(mask, affine, order, flips)).diameter
    long, short = sorted((20 * spacing[0], 14 * spacing[1]), reverse=True)
    # from corner to corner; the line that crosses it at right angles runs from one long side to the other
    assert found.longest_mm == pytest.approx(np.hypot(long, short), abs=0.75 * max(spacing[:2]))
    assert found.perpendicular_mm == pytest.approx(short * np.hypot(long, short) / long, abs=0.75 * max(spacing[:2]))


# the line touches the hole from outside; what crosses it is longest at its ends, or beside the hole
@pytest.mark.parametrize(("inner", "across"), [(0, 60.0), (15, 52.0), (24, 24 - np.sqrt(24**2 - 18**2))])
def test_a_ring_is_not_measured_across_its_necrosis(inner, across):
    mask, affine = a_ring(30, inner)
    found = solid_part(mask, affine)
    assert found.diameter.longest_mm == pytest.approx(2 * np.sqrt(30**2 - inner**2), abs=1.5)
    assert found.diameter.perpendicular_mm == pytest.approx(across, abs=1.5)
    assert found.measurable is (inner < 24)


def test_a_nodule_on_the_wall_of_a_cyst_is_what_counts():
    mask, affine = a_ring(20, 18)
    assert not solid_part(mask, affine).measurable
    with_nodule = mask | (np.linalg.norm(places(mask.shape, affine)[..., :2] - (12, 0), axis=-1) < 7)
    found = solid_part(with_nodule, affine)
    assert found.measurable and found.diameter.longest_mm < 30


def test_two_nodules_are_not_one():
    mask = np.zeros((60, 20, 3), bool)
    mask[2:14, 4:16], mask[40:58, 4:16] = True, True
    assert solid_part(mask, np.eye(4)).diameter.longest_mm == pytest.approx(np.hypot(18, 12), abs=0.5)


# spacing along the slices, voxels of 1 mm in plane, slices that hold the box, and whether it is measurable
MEASURABLE = [
    (1.0, 10, (3, 4), True),
    (1.0, 10, (3,), False),  # one slice only
    (1.0, 10, (3, 5), False),  # not neighbours
    (1.0, 6, (3, 4), False),  # 8.5 mm along its diagonal
    (5.0, 10, (3, 4), True),  # 5 mm is not above 5 mm
    (6.0, 10, (3, 4), True),  # its diagonals are 14.1 mm, and 12 mm is asked for
    (6.0, 8, (3, 4), False),  # diagonals of 11.3 mm
    (7.5, 10, (3, 4), False),  # 15 mm is asked for
]


@pytest.mark.parametrize(("through", "side", "held", "expected"), MEASURABLE)
@pytest.mark.parametrize(("order", "flips"), TURNS)
def test_measurable_from_ten_millimetres_on_two_slices_or_twice_a_thick_slice(
    through, side, held, expected, order, flips
):
    mask = np.zeros((30, 30, 8), bool)
    for number in held:
        mask[5 : 5 + side, 7 : 7 + side, number] = True
    array, affine = turned(mask, centred_affine(mask.shape, (1.0, 1.0, through)), order, flips)
    assert solid_part(array, affine).measurable is expected


def test_a_sagittal_acquisition_is_reformatted_and_judged_by_its_own_slices():
    # slices of 6 mm from left to right; the axial reformat has pixels of 6 x 1 mm
    affine = centred_affine((20, 80, 80), (6.0, 1.0, 1.0))
    assert smallest_measurable_mm(affine) == 12
    ball = an_ellipsoid(places((20, 80, 80), affine), (15, 15, 15))
    found = solid_part(ball, affine)
    assert found.diameter.longest_mm == pytest.approx(30, abs=6) and found.measurable
    assert abs(found.diameter.slice_index - 39.5) < 4
    small = an_ellipsoid(places((20, 80, 80), affine), (5.5, 5.5, 5.5))
    assert not solid_part(small, affine).measurable


def test_nothing_has_no_diameter_and_one_voxel_has_its_edges():
    assert solid_part(np.zeros((3, 3, 3), bool), np.eye(4)) is None
    one = np.zeros((3, 3, 3), bool)
    one[1, 1, 1] = True
    found = solid_part(one, np.diag([1.0, 2.0, 4.0, 1.0]))
    assert (found.diameter.longest_mm, found.diameter.perpendicular_mm) == (2, 1) and not found.measurable


def by_every_line(piece, steps):
    """The longest of all lines between two voxels' centres that stays inside, looked at finely; with its ends."""
    index = np.argwhere(piece).astype(float)
    longest = float(max(steps))
    for n, one in enumerate(index):
        for other in index[n + 1 :]:
            along = one + (np.arange(200) + 0.5)[:, None] / 200 * (other - one)
            # a line along an edge counts as inside
            up, down = np.floor(along + 0.5 + 1e-9).astype(int), np.ceil(along - 0.5 - 1e-9).astype(int)
            at = piece[up[:, 0], up[:, 1]] | piece[down[:, 0], down[:, 1]]
            at |= piece[up[:, 0], down[:, 1]] | piece[down[:, 0], up[:, 1]]
            if at.all():
                reach = np.abs(other - one).max()
                longest = max(longest, float(np.linalg.norm((other - one) * steps)) * (1 + 1 / reach))
    return longest


@given(seed=st.integers(0, 10_000), steps=st.sampled_from([(1.0, 1.0), (0.7, 3.0)]), turn=st.sampled_from(ALL_TURNS))
@settings(max_examples=60, deadline=None)
def test_law_no_line_inside_is_longer_in_any_order_of_axes(seed, steps, turn):
    from scipy.ndimage import binary_dilation

    rng = np.random.default_rng(seed)
    mask = np.pad(binary_dilation(rng.random((8, 8)) < 0.08) | (rng.random((8, 8)) < 0.1), 1)
    if not mask.any():
        return
    affine = centred_affine((10, 10, 1), (*steps, 9.0))
    found = solid_part(*turned(mask[:, :, None], affine, *turn)).diameter
    expected = by_every_line(mask, np.array(steps))
    # a line that leaves the region for less than a quarter of a voxel may pass
    assert expected - 1e-6 <= found.longest_mm <= expected + 1.3 * max(steps)
    assert 0 < found.perpendicular_mm <= found.longest_mm


@given(seed=st.integers(0, 10_000), turn=st.sampled_from(ALL_TURNS))
@settings(max_examples=40, deadline=None)
def test_law_the_greatest_distance_in_space_is_that_of_the_farthest_corners(seed, turn):
    rng = np.random.default_rng(seed)
    mask = rng.random((5, 4, 6)) < 0.15
    affine = centred_affine(mask.shape, (0.7, 1.1, 5.0))
    found = longest_3d_mm(*turned(mask, affine, *turn))
    if not mask.any():
        assert found is None
        return
    shifts = np.stack(np.meshgrid(*[(-0.5, 0.5)] * 3, indexing="ij"), -1).reshape(-1, 3)
    corners = (np.argwhere(mask)[:, None] + shifts).reshape(-1, 3) * (0.7, 1.1, 5.0)
    assert found == pytest.approx(np.sqrt(((corners[:, None] - corners[None]) ** 2).sum(-1)).max())
