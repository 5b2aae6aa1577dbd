"""The head's midsagittal plane, and sides against it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.imaging import find_mr_studies, head_mask
from dashboard.imaging.midline import MidsagittalPlane, midsagittal_plane, side_of
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned
from tests.builders.shared import shared_data

SHAPE, AFFINE = (80, 80, 64), centred_affine((80, 80, 64), (3.0, 3.0, 3.0))
PLACES = places(SHAPE, AFFINE)


def head_axes(yaw_deg, roll_deg):
    """Directions of a turned head: to its left, to its back, up."""
    yaw, roll = np.deg2rad([yaw_deg, roll_deg])
    left = np.array([np.cos(yaw) * np.cos(roll), np.sin(yaw) * np.cos(roll), np.sin(roll)])
    back = np.array([-np.sin(yaw), np.cos(yaw), 0])
    return np.stack([left, back, np.cross(left, back)])


def a_turned_head(yaw_deg=0.0, roll_deg=0.0, shift=(0.0, 0.0, 0.0)):
    return an_ellipsoid(PLACES, (70, 88, 62), centre=shift, axes=head_axes(yaw_deg, roll_deg))


@given(
    yaw=st.floats(-22, 22), roll=st.floats(-18, 18),
    shift=st.tuples(st.floats(-20, 20), st.floats(-10, 10), st.floats(-10, 10)),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_law_a_shifted_and_tilted_heads_plane_is_found(yaw, roll, shift):
    plane = midsagittal_plane(a_turned_head(yaw, roll, shift), AFFINE)
    turn = np.rad2deg(np.arccos(min(1.0, float(np.dot(plane.normal, head_axes(yaw, roll)[0])))))
    # An ellipsoid of 3 mm voxels has no falx: 1.8 degrees at most in 250 turns, 0.5 in the median.
    assert turn < 2.2
    assert abs(float(plane.distance_mm(np.array(shift)))) < 1.0


def test_a_missing_piece_of_one_side_moves_the_plane_little():
    head = a_turned_head(8, -5)
    head &= np.linalg.norm(PLACES - (60, 20, 20), axis=-1) > 28
    plane = midsagittal_plane(head, AFFINE)
    assert abs(float(plane.distance_mm(np.zeros(3)))) < 2.5
    assert np.rad2deg(np.arccos(float(np.dot(plane.normal, head_axes(8, -5)[0])))) < 3


# the field of view ends within the head: what is kept of 240 x 240 x 192 mm, slabs of voxels of 3 mm
CUTS = {
    "below": np.s_[:, :, 20:], "above": np.s_[:, :, :44], "left": np.s_[:50, :, :], "right": np.s_[27:, :, :],
    "front": np.s_[:, 25:, :], "below and left": np.s_[:56, :, 22:],
}  # fmt: skip


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("yaw", "roll"), [(0, 0), (10, 0), (0, 10), (-12, 8), (15, -10)])
def test_a_head_cut_by_the_field_of_view_keeps_its_plane(cut, yaw, roll):
    kept = CUTS[cut]
    affine = AFFINE.copy()
    affine[:3, 3] += AFFINE[:3, :3] @ [part.start or 0 for part in kept]
    plane = midsagittal_plane(a_turned_head(yaw, roll)[kept], affine)
    # the middle of the piece that is left lies up to 19 mm off; its plane follows the whole head's
    assert np.rad2deg(np.arccos(min(1.0, float(np.dot(plane.normal, head_axes(yaw, roll)[0]))))) < 4
    assert abs(float(plane.distance_mm(np.zeros(3)))) < 2


def test_a_head_wider_on_one_side_has_its_sides():
    # 12 mm wider on the left: the falx stays at 0, the plane may lie half the difference off
    left, right = an_ellipsoid(PLACES, (76, 88, 62)), an_ellipsoid(PLACES, (64, 88, 62))
    plane = midsagittal_plane(np.where(PLACES[..., 0] > 0, left, right), AFFINE)
    assert abs(float(plane.distance_mm(np.zeros(3)))) <= 6.5
    for x, side in ((20, "left"), (-20, "right"), (50, "left"), (-50, "right")):
        assert side_of(PLACES[an_ellipsoid(PLACES, (8, 8, 8), centre=(x, 0, 0))], plane) == side


@pytest.mark.parametrize("brightness", [20, 100, 900, 3000])
@pytest.mark.parametrize("air", ["zero", "noise"])
def test_a_huge_lesion_of_one_side_moves_nothing_and_has_its_side(brightness, air):
    head = a_turned_head(8, -5)
    lesion = an_ellipsoid(PLACES, (27, 48, 38), centre=(31, 0, 2)) & head
    assert lesion.sum() * 0.027 > 190  # ml
    noise = np.abs(np.random.default_rng(2).normal(0, 15, SHAPE)) if air == "noise" else 0
    image = np.where(lesion, brightness, np.where(head, 300, 0)) + noise
    plane = midsagittal_plane(head_mask(image.astype(np.int16)), AFFINE)
    assert abs(float(plane.distance_mm(np.zeros(3)))) < 2
    assert float(np.dot(plane.normal, head_axes(8, -5)[0])) > np.cos(np.deg2rad(2.5))
    assert side_of(PLACES[lesion], plane) == "left"


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS)
def test_the_plane_does_not_depend_on_the_order_of_axes(order, flips):
    head, affine = turned(a_turned_head(10, 4, (12, 0, 0)), AFFINE, order, flips)
    plane = midsagittal_plane(head, affine)
    assert float(np.dot(plane.normal, head_axes(10, 4)[0])) > np.cos(np.deg2rad(1.5))
    assert abs(float(plane.distance_mm(np.array([12, 0, 0])))) < 1


def test_too_little_to_be_a_head_has_no_plane():
    assert midsagittal_plane(np.zeros(SHAPE, bool), AFFINE) is None
    assert midsagittal_plane(an_ellipsoid(PLACES, (15, 15, 15)), AFFINE) is None
    scattered = np.random.default_rng(0).random((160, 160, 128)) < 0.05
    assert midsagittal_plane(scattered, centred_affine(scattered.shape, (1.0, 1.0, 1.0))) is None


# The head lies 30 mm to the left of the scanner's middle: x = 0 would call everything left of -30 'left'.
SIDES = [
    ((60, 0, 0), "left"), ((36.5, 0, 0), "left"), ((33, 0, 0), "midline"), ((27, 0, 0), "midline"),
    ((10, 0, 0), "right"), ((-20, 0, 0), "right"),
]  # fmt: skip


@pytest.mark.parametrize(("centre", "side"), SIDES)
def test_a_side_is_told_against_the_head_not_the_scanner(centre, side):
    plane = midsagittal_plane(a_turned_head(shift=(30, 0, 0)), AFFINE)
    assert side_of(PLACES[an_ellipsoid(PLACES, (8, 8, 8), centre=centre)], plane) == side


def test_a_butterfly_is_bilateral_and_a_lesion_that_crosses_a_little_is_not():
    plane = MidsagittalPlane((1.0, 0.0, 0.0), 0.0)
    assert side_of(PLACES[an_ellipsoid(PLACES, (40, 15, 15))], plane) == "bilateral"
    assert side_of(PLACES[an_ellipsoid(PLACES, (30, 15, 15), centre=(22, 0, 0))], plane) == "left"
    assert side_of(PLACES[an_ellipsoid(PLACES, (6, 15, 15))], plane) == "midline"


def test_without_a_plane_no_side_is_known():
    assert side_of(np.array([[40.0, 0, 0]]), None) == "unknown"


@pytest.mark.parametrize("air", ["zero", "noise"])
def test_the_head_is_found_in_air_and_in_noise(air):
    rng = np.random.default_rng(1)
    head = a_turned_head()
    image = np.where(head, 400.0, 0.0) + (0 if air == "zero" else np.abs(rng.normal(0, 30, SHAPE)))
    image[an_ellipsoid(PLACES, (20, 20, 12))] *= 0.02
    found = head_mask(image.astype(np.int16))
    assert 2 * (found & head).sum() / (found.sum() + head.sum()) > 0.97
    assert found[40, 40, 32]


def test_an_image_of_one_value_holds_no_head():
    assert not head_mask(np.full((20, 20, 20), 7, np.int16)).any()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("case", "name", "turn_deg"),
    # read off the pictures: the angle of the falx to the image's vertical
    [("native_tcga_fg6692", "flair", 13.5), ("healthy_brainchop_t1", "t1", 0.5), ("meningioma_mida_M013", "t1c", 10.5)],
)
def test_shared_the_plane_follows_the_falx(case, name, turn_deg):
    folder = shared_data("mri", "clinical", case)
    volume = find_mr_studies([folder / f"{name}.nii.gz"], folder, {}).studies[0].volumes[0]
    plane = midsagittal_plane(head_mask(volume.array), volume.affine)
    assert np.rad2deg(np.arctan2(-plane.normal[1], plane.normal[0])) == pytest.approx(turn_deg, abs=3)
