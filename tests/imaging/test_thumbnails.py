"""Thumbnails: the right way round, in true aspect, with the outline where the lesion is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.domain import Finding, Region, Volume, apply_affine
from dashboard.imaging import key_point, lesions, thumbnail
from dashboard.terms import REGIONS, Sequence
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned

GLIOMA = tuple(Region(term.name, bit) for bit, term in enumerate(REGIONS))


def colour_of(bit):
    code = REGIONS[bit].colour
    return tuple(int(code[n : n + 2], 16) for n in (1, 3, 5))


def where(picture, colour):
    """Row and column span of a colour's pixels, of all of them."""
    found = np.argwhere((picture == np.array(colour)).all(-1))
    return found[:, 0].min(), found[:, 0].max(), found[:, 1].min(), found[:, 1].max()


def a_picture(spacing, shape, *, turn=((0, 1, 2), (False, False, False)), radii=(9, 9, 9)):
    """A ball at the middle, and a bright bar to the patient's left, in front and above it, never both in one slice."""
    affine = centred_affine(shape, spacing)
    at = places(shape, affine)
    image = np.where(an_ellipsoid(at, (70, 80, 60)), 300, 0)
    image[(np.abs(at - (16, -16, 16)) < 4).sum(-1) >= 2] = 1000
    bits = an_ellipsoid(at, radii).astype(np.uint8)
    bits[an_ellipsoid(at, tuple(r / 2 for r in radii))] = 7
    array, own = turned(image.astype(np.int16), affine, *turn)
    marks, _ = turned(bits, affine, *turn)
    (finding,), _ = lesions(marks, GLIOMA, own)
    png = thumbnail(Volume(array, own, "d", Sequence.T1C), marks, finding)
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("turn", ALL_TURNS[::3])
@pytest.mark.parametrize(
    ("spacing", "shape", "right", "down"),
    [
        ((1.0, 1.0, 4.0), (120, 120, 31), 1, -1),  # axial: the left is at the right of the screen, the front is up
        ((1.0, 4.0, 1.0), (120, 31, 120), 1, -1),  # coronal: the left is at the right, the head is up
        ((4.0, 1.0, 1.0), (31, 120, 120), -1, -1),  # sagittal: the face is at the left, the head is up
    ],
)
def test_it_is_in_radiological_convention_in_every_plane_and_order_of_axes(spacing, shape, right, down, turn):
    picture = a_picture(spacing, shape, turn=turn)
    assert picture.shape == (116, 116, 3)
    coloured = np.ptp(picture.astype(int), axis=-1) > 0
    rows, columns = np.nonzero((picture[..., 0] > 200) & ~coloured)
    assert np.sign(np.median(columns) - 58) == right and np.sign(np.median(rows) - 58) == down


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 4.0), (0.5, 2.0, 4.0), (2.0, 0.6, 4.0)])
def test_a_ball_stays_round_whatever_the_pixels(spacing):
    picture = a_picture(spacing, (120, 120, 31))
    top, bottom, left, right = where(picture, colour_of(0))
    # 18 mm of a field of 50 mm on 116 pixels
    assert bottom - top == pytest.approx(18 / 50 * 116, abs=6) and right - left == pytest.approx(18 / 50 * 116, abs=6)
    inner = where(picture, colour_of(2))
    assert top < inner[0] < inner[1] < bottom


def test_the_whole_of_a_large_lesion_is_in_the_picture():
    picture = a_picture((1.0, 1.0, 4.0), (120, 120, 31), radii=(45, 20, 20))
    _, _, left, right = where(picture, colour_of(0))
    assert left > 0 and right < 115


def test_picture_and_first_look_are_the_slice_of_the_largest_diameter_and_not_of_the_largest_area():
    shape, affine = (80, 80, 20), centred_affine((80, 80, 20), (1.0, 1.0, 3.0))
    bits = np.zeros(shape, np.uint8)
    bits[30:50, 30:50, 5:9] = 1  # The largest area, 20 mm a side: 28 mm from corner to corner.
    bits[38:42, 20:60, 9:11] = 1  # The largest diameter, 40 mm.
    (finding,), lesion_map = lesions(bits, GLIOMA[:1], affine)
    assert finding.sized.slice_index in (9, 10)
    point = key_point(lesion_map, finding, affine)
    voxel = np.round(apply_affine(np.linalg.inv(affine), np.array(point))).astype(int)
    assert voxel[2] == finding.sized.slice_index and lesion_map[tuple(voxel)] == 1
    assert apply_affine(np.linalg.inv(affine), np.array(finding.centre_lps))[2] < 9
    volume = Volume(np.full(shape, 100, np.int16), affine, "d", Sequence.T1C)
    picture = np.asarray(Image.open(io.BytesIO(thumbnail(volume, bits, finding))))
    top, bottom, left, right = where(picture, colour_of(0))
    assert bottom - top > 6 * (right - left), "the long bar, front to back"


def test_experimental_regions_are_not_drawn():
    shape, affine = (60, 60, 20), centred_affine((60, 60, 20), (1.0, 1.0, 3.0))
    bits = an_ellipsoid(places(shape, affine), (9, 9, 9)).astype(np.uint8) * 7
    regions = (GLIOMA[0], Region("tumour_core", 1, experimental=True), Region("enhancing_tumour", 2, experimental=True))
    (finding,), _ = lesions(bits, regions, affine)
    volume = Volume(np.full(shape, 100, np.int16), affine, "d", Sequence.T1C)
    picture = np.asarray(Image.open(io.BytesIO(thumbnail(volume, bits, finding))))
    assert (picture == colour_of(0)).all(-1).any() and not (picture == colour_of(2)).all(-1).any()


def test_an_image_of_nothing_still_gives_a_picture():
    shape, affine = (20, 20, 20), np.eye(4)
    bits = np.zeros(shape, np.uint8)
    bits[0:9, 0:9, 0:9] = 1
    (finding,), _ = lesions(bits, GLIOMA, affine)
    png = thumbnail(Volume(np.zeros(shape, np.int16), affine, "d", Sequence.T1C), bits, finding)
    assert Image.open(io.BytesIO(png)).size == (116, 116)


def test_a_finding_without_a_place_has_no_picture():
    volume = Volume(np.zeros((4, 4, 4), np.int16), np.eye(4), "d", Sequence.T1C)
    with pytest.raises(ValueError):
        thumbnail(volume, np.zeros((4, 4, 4), np.uint8), Finding(1, "lesion", None))
