"""Diameters against shapes whose size is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.imaging.diameters import longest_diameter
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned


def a_box(shape, low, high):
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return mask


# A box of a x b mm in the axial plane: its diagonal d = sqrt(a^2 + b^2), and at right angles to it the longest line
# that the box holds, b d / a where a is the longer side (the line runs from long side to long side).
BOXES = [
    # spacing, voxels along x, y, z, longest, perpendicular
    ((1.0, 1.0, 1.0), (30, 20, 5), np.hypot(30, 20), 20 * np.hypot(30, 20) / 30),
    ((0.5, 0.5, 6.0), (48, 20, 2), np.hypot(24, 10), 10 * np.hypot(24, 10) / 24),
    # anisotropic in plane, as the axial reformat of a sagittal acquisition of 5 mm slices: x is coarse
    ((5.0, 0.9, 0.9), (4, 40, 30), np.hypot(20, 36), 20 * np.hypot(20, 36) / 36),
    # and of a coronal one: y is coarse
    ((0.9, 6.0, 0.9), (40, 3, 30), np.hypot(36, 18), 18 * np.hypot(36, 18) / 36),
    ((1.0, 1.0, 1.0), (1, 1, 1), np.sqrt(2), np.sqrt(2)),
]


@pytest.mark.parametrize(("spacing", "size", "longest", "perpendicular"), BOXES)
@pytest.mark.parametrize(("order", "flips"), ALL_TURNS[::5])
def test_a_box_has_its_diagonal_and_its_right_angle(spacing, size, longest, perpendicular, order, flips):
    shape = tuple(n + 6 for n in size)
    mask = a_box(shape, (3, 3, 3), tuple(n + 3 for n in size))
    array, affine = turned(mask, centred_affine(shape, spacing), order, flips)
    found = longest_diameter(array, affine)
    assert found.longest_mm == pytest.approx(longest, abs=1e-6)
    assert found.perpendicular_mm == pytest.approx(perpendicular, abs=1e-6)
    axial = order.index(2)
    first, last = (array.shape[axial] - 1 - n if flips[axial] else n for n in (3, 2 + size[2]))
    assert min(first, last) <= found.slice_index <= max(first, last)


@pytest.mark.parametrize("degrees", [0, 17, 45, 80])
def test_an_ellipse_has_its_axes_at_any_angle(degrees):
    angle = np.deg2rad(degrees)
    axes = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine = centred_affine((120, 120, 9), (0.5, 0.5, 2.0))
    mask = an_ellipsoid(places((120, 120, 9), affine), (20, 11, 6), axes=axes)
    found = longest_diameter(mask, affine)
    # on the pixel grid an edge strays by up to a pixel's diagonal at each end
    assert found.longest_mm == pytest.approx(40, abs=1.0)
    assert found.perpendicular_mm == pytest.approx(22, abs=1.0)
    assert found.slice_index == 4


def test_the_slice_of_the_longest_diameter_is_chosen_not_that_of_the_largest_area():
    mask = a_box((40, 40, 4), (5, 5, 0), (15, 15, 1))
    mask[5:35, 20, 2] = True
    found = longest_diameter(mask, centred_affine(mask.shape, (1, 1, 1)))
    assert found.slice_index == 2 and found.longest_mm == pytest.approx(np.hypot(30, 1))


def test_a_ring_is_measured_across_its_necrosis():
    affine = centred_affine((60, 60, 3), (1, 1, 1))
    away = np.linalg.norm(places((60, 60, 3), affine)[..., :2], axis=-1)
    found = longest_diameter((away < 20) & (away > 15), affine)
    assert found.longest_mm == pytest.approx(40, abs=1.5) and found.perpendicular_mm == pytest.approx(40, abs=1.5)


def test_two_pieces_of_a_slice_are_not_joined():
    mask = a_box((60, 20, 1), (2, 2, 0), (12, 8, 1)) | a_box((60, 20, 1), (40, 2, 0), (58, 8, 1))
    assert longest_diameter(mask, np.eye(4)).longest_mm == pytest.approx(np.hypot(18, 6))


def test_an_empty_mask_has_no_diameter():
    assert longest_diameter(np.zeros((4, 4, 4), bool), np.eye(4)) is None


def by_brute_force(piece, steps):
    """Every pair of corners; then every line at right angles, finely sampled."""
    index = np.argwhere(piece)
    corners = np.concatenate([index + d for d in ((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5))]) * steps
    return np.sqrt(((corners[:, None] - corners[None]) ** 2).sum(-1)).max()


@given(seed=st.integers(0, 10_000), steps=st.sampled_from([(1.0, 1.0), (0.7, 3.0), (5.0, 0.9)]))
@settings(max_examples=60, deadline=None)
def test_law_no_two_corners_of_a_piece_lie_farther_apart(seed, steps):
    from scipy.ndimage import binary_dilation, label

    rng = np.random.default_rng(seed)
    mask = binary_dilation(rng.random((12, 12)) < 0.05) | (rng.random((12, 12)) < 0.1)
    found = longest_diameter(mask[:, :, None], np.diag([*steps, 1.0, 1.0]))
    pieces, count = label(mask, np.ones((3, 3)))
    expected = max((by_brute_force(pieces == n, np.array(steps)) for n in range(1, count + 1)), default=None)
    if expected is None:
        assert found is None
    else:
        assert found.longest_mm == pytest.approx(expected)
        assert 0 < found.perpendicular_mm <= found.longest_mm
