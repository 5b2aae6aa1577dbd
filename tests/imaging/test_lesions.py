"""Masks into lesions and back: nothing lost, nothing counted twice, sides and sizes right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dashboard.domain import Region, apply_affine
from dashboard.imaging import bits_from_labels, dice, find_mr_studies, head_mask, lesions, read_label_map
from dashboard.imaging.pieces import bridged_pieces
from dashboard.terms import REGIONS
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned
from tests.builders.shared import shared_data

GLIOMA = tuple(Region(term.name, bit) for bit, term in enumerate(REGIONS))
SHAPE, AFFINE = (64, 72, 40), centred_affine((64, 72, 40), (2.5, 2.5, 4.0))
PLACES = places(SHAPE, AFFINE)
HEAD = an_ellipsoid(PLACES, (68, 85, 70))


def a_tumour(centre=(35, -20, 10), radius=18):
    """Nested balls: whole, core and enhancing tumour."""
    bits = np.zeros(SHAPE, np.uint8)
    for bit, share in enumerate((1, 0.7, 0.45)):
        bits[an_ellipsoid(PLACES, (radius * share,) * 3, centre=centre)] |= 1 << bit
    return bits


MASKS = hnp.arrays(np.uint8, (7, 6, 5), elements=st.sampled_from([0, 0, 0, 0, 0, 1, 3, 7]))


@given(bits=MASKS, spacing=st.sampled_from([(1.0, 1.0, 1.0), (0.5, 0.5, 6.0), (4.0, 2.0, 1.0)]))
@settings(max_examples=80, deadline=None)
def test_law_the_union_of_all_lesions_is_the_mask_and_volumes_add_up(bits, spacing):
    findings, lesion_map = lesions(bits, GLIOMA, centred_affine(bits.shape, spacing))
    assert np.array_equal(lesion_map > 0, bits > 0)
    assert [f.number for f in findings] == list(range(1, len(findings) + 1)) == [f.component for f in findings]
    voxel_ml = math.prod(spacing) / 1000
    for bit in range(3):
        total = sum(f.regions[bit].volume_ml for f in findings)
        assert total == pytest.approx(((bits >> bit) & 1).sum() * voxel_ml, abs=1e-5)
    for f in findings:
        index = np.argwhere(lesion_map == f.number)
        assert f.box == (tuple(index.min(0)), tuple(index.max(0)))
        centre = np.round(apply_affine(np.linalg.inv(centred_affine(bits.shape, spacing)), f.centre_lps)).astype(int)
        assert lesion_map[tuple(centre)] == f.number
    sizes = [f.volume_ml for f in findings if f.kind == "lesion"]
    assert sizes == sorted(sizes, reverse=True)
    assert [f.kind for f in findings][:-1] == ["lesion"] * (len(findings) - 1)


@given(bits=MASKS, turn=st.sampled_from(ALL_TURNS))
@settings(max_examples=60, deadline=None)
def test_law_lesions_do_not_depend_on_the_order_of_axes(bits, turn):
    affine = centred_affine(bits.shape, (3.0, 3.1, 7.0))
    one, _ = lesions(bits, GLIOMA, affine)
    other, _ = lesions(*turned_mask(bits, affine, turn))
    assert sorted((f.kind, f.pieces, *sizes(f)) for f in one) == sorted((f.kind, f.pieces, *sizes(f)) for f in other)


def turned_mask(bits, affine, turn):
    array, own = turned(bits, affine, *turn)
    return array, GLIOMA, own


def sizes(finding):
    """Volumes and longest diameters; of equally long diameters either may stand, so no perpendicular."""
    return [(r.volume_ml, r.longest_mm or 0.0) for r in finding.regions]


@given(mask=hnp.arrays(bool, (6, 6, 4), elements=st.sampled_from([True, False, False, False])))
@settings(max_examples=60, deadline=None)
def test_law_pieces_are_joined_exactly_where_their_edges_lie_within_the_gap(mask):
    spacing, gap = np.array([1.0, 1.5, 4.0]), 3.0
    groups, count = bridged_pieces(mask, tuple(spacing), gap)
    index = np.argwhere(mask)
    edges = np.maximum(np.abs(index[:, None] - index[None]) - 1, 0) * spacing
    near = (edges**2).sum(-1) <= gap**2 + 1e-6
    reached = np.linalg.matrix_power(near.astype(float), max(len(index), 1)) > 0 if len(index) else near
    own = groups[tuple(index.T)]
    assert np.array_equal(own[:, None] == own[None], reached)
    assert count == len(np.unique(own))


@pytest.mark.parametrize(("empty_voxels", "count"), [(1, 1), (3, 1), (4, 2)])
def test_a_gap_of_three_millimetres_is_bridged_and_one_of_four_is_not(empty_voxels, count):
    bits = np.zeros((40, 12, 12), np.uint8)
    bits[2:12, 1:11, 1:11] = 1
    bits[12 + empty_voxels : 22 + empty_voxels, 1:11, 1:11] = 1
    findings, lesion_map = lesions(bits, GLIOMA, np.eye(4))
    assert len(findings) == count
    assert (lesion_map > 0).sum() == 2000


def test_regions_are_parts_of_one_lesion_with_their_own_sizes():
    (finding,), _ = lesions(a_tumour(), GLIOMA, AFFINE, head=HEAD)
    whole, core, enhancing = finding.regions
    assert finding.side == "left" and finding.kind == "lesion" and not finding.touches_edge
    for region, radius in ((whole, 18), (core, 12.6), (enhancing, 8.1)):
        assert region.volume_ml == pytest.approx(4 / 3 * math.pi * radius**3 / 1000, rel=0.12)  # voxels of 25 µl
        assert region.longest_mm == pytest.approx(2 * radius, abs=3.5)
        assert AFFINE[2, 3] + 4.0 * region.slice_index == pytest.approx(10, abs=4)
    assert np.linalg.norm(np.array(finding.centre_lps) - (35, -20, 10)) < 5


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS)
def test_a_left_sided_lesion_is_left_in_every_order_of_axes(order, flips):
    bits, affine = turned(a_tumour(), AFFINE, order, flips)
    head, _ = turned(HEAD, AFFINE, order, flips)
    (finding,), _ = lesions(bits, GLIOMA, affine, head=head)
    assert finding.side == "left"
    mirrored = affine.copy()
    mirrored[0] *= -1
    assert lesions(bits, GLIOMA, mirrored, head=head)[0][0].side == "right"


def test_specks_are_one_finding_the_last_and_counted():
    bits = a_tumour()
    for corner in ((5, 5, 5), (5, 20, 30), (50, 60, 35)):
        bits[corner] = 1
    findings, lesion_map = lesions(bits, GLIOMA, AFFINE, head=HEAD)
    assert [(f.number, f.kind, f.pieces) for f in findings] == [(1, "lesion", 1), (2, "specks", 3)]
    assert findings[1].volume_ml == pytest.approx(3 * 0.025) and findings[1].side == "bilateral"
    assert findings[1].regions[0].longest_mm is None
    assert (lesion_map == 2).sum() == 3


def test_the_enhancing_part_is_measured_solid_and_the_core_across_its_necrosis():
    bits = np.where(an_ellipsoid(PLACES, (20, 20, 20), centre=(30, 0, 0)), 3, 0).astype(np.uint8)
    shell = (bits > 0) & ~an_ellipsoid(PLACES, (14, 14, 14), centre=(30, 0, 0))
    bits[shell] |= 4
    (finding,), _ = lesions(bits, GLIOMA, AFFINE)
    whole, core, enhancing = finding.regions
    assert enhancing.solid and not core.solid and finding.sized is enhancing
    assert core.longest_mm == pytest.approx(40, abs=4) and core.perpendicular_mm == pytest.approx(40, abs=4)
    # off the middle the shell's slices are full discs, on which the largest solid diameters lie
    assert enhancing.longest_mm < 36 and enhancing.measurable is finding.measurable is True
    assert whole.measurable is None and core.measurable is None
    assert finding.longest_3d_mm == pytest.approx(40, abs=6)  # between corners of voxels of 5.3 mm


def test_the_score_is_the_mean_over_the_outermost_region():
    bits = a_tumour()
    probability = np.stack([np.where(bits & 1, 0.8, 0.1), np.zeros(SHAPE), np.zeros(SHAPE)]).astype(np.float32)
    assert lesions(bits, GLIOMA, AFFINE, probability=probability)[0][0].score == pytest.approx(0.8)
    assert lesions(bits, GLIOMA, AFFINE)[0][0].score is None


def test_a_region_that_was_not_evaluated_is_neither_measured_nor_marked():
    regions = (GLIOMA[0], Region("tumour_core", 1, evaluated=False), Region("enhancing_tumour", 2, experimental=True))
    bits = a_tumour()
    bits[2, 2, 2] = 2
    findings, lesion_map = lesions(bits, regions, AFFINE)
    assert [r.name for r in findings[0].regions] == ["whole_tumour", "enhancing_tumour"]
    assert findings[0].regions[1].experimental
    assert lesion_map[2, 2, 2] == 0


def test_what_lies_outside_the_outermost_region_is_still_a_finding():
    bits = np.zeros(SHAPE, np.uint8)
    bits[20:30, 20:30, 20:30] = 6
    (finding,), _ = lesions(bits, GLIOMA, AFFINE)
    assert [r.volume_ml for r in finding.regions] == pytest.approx([0, 25, 25])


def test_a_lesion_at_the_border_of_the_field_says_so():
    assert lesions(a_tumour(centre=(35, -20, 70)), GLIOMA, AFFINE)[0][0].touches_edge


def test_an_empty_mask_has_no_findings():
    findings, lesion_map = lesions(np.zeros(SHAPE, np.uint8), GLIOMA, AFFINE, head=HEAD)
    assert findings == () and lesion_map.shape == SHAPE and not lesion_map.any()


def test_more_than_255_lesions_have_numbers_of_their_own():
    bits = np.zeros((80, 80, 80), np.uint8)
    for corner in np.ndindex(7, 7, 7):
        i, j, k = (n * 11 + 2 for n in corner)
        bits[i : i + 5, j : j + 5, k : k + 5] = 1
    findings, lesion_map = lesions(bits, GLIOMA, np.eye(4))
    assert len(findings) == 343 and lesion_map.dtype == np.uint16 and lesion_map.max() == 343


def test_the_centre_of_a_ring_lies_in_the_ring():
    ring = an_ellipsoid(PLACES, (30, 30, 5)) & ~an_ellipsoid(PLACES, (20, 20, 50))
    (finding,), lesion_map = lesions(ring.astype(np.uint8), GLIOMA, AFFINE)
    index = np.round(apply_affine(np.linalg.inv(AFFINE), finding.centre_lps)).astype(int)
    assert lesion_map[tuple(index)] == 1


def test_dice_of_known_masks():
    a, b = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    assert math.isnan(dice(a, b))
    a[:2] = True
    assert dice(a, b) == 0 and dice(a, a) == 1
    b[1:3] = True
    assert dice(a, b) == 0.5


@pytest.mark.shared
def test_shared_a_right_sided_glioma_is_measured():
    case = shared_data("mri", "glioma", "brats20_001")
    grid = find_mr_studies([case / "t1c.nii.gz"], case, {}).studies[0].volumes[0]
    bits = bits_from_labels(*read_label_map(case / "seg.nii.gz"), grid.affine, grid.shape)
    findings, lesion_map = lesions(bits, GLIOMA, grid.affine, head=head_mask(grid.array))
    # label counts of the data set's manifest, in voxels of a cubic millimetre: 15443 core, 168794 oedema, 27742 enhancing
    assert sum(f.regions[0].volume_ml for f in findings) == pytest.approx(211.979, abs=0.001)
    assert sum(f.regions[1].volume_ml for f in findings) == pytest.approx(43.185, abs=0.001)
    assert sum(f.regions[2].volume_ml for f in findings) == pytest.approx(27.742, abs=0.001)
    assert findings[0].side == "right" and findings[0].pieces == 1
    assert np.array_equal(lesion_map > 0, bits > 0)
