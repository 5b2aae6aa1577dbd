"""Grids: what a study's is, what a model's is, and arrays brought from one to the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import Volume, apply_affine, axis_letters, spacing_of
from dashboard.imaging import model_grid, reference_volume, resample
from dashboard.terms import Sequence
from tests.builders.mri_grids import ALL_TURNS, centred_affine, places, turned

TILT = np.array([[0.96, -0.28, 0.0], [0.28, 0.96, 0.0], [0.0, 0.0, 1.0]])


def a_volume(sequence, spacing=(1.0, 1.0, 1.0), digest="d"):
    return Volume(np.zeros((4, 4, 4), np.int16), centred_affine((4, 4, 4), spacing), digest, sequence)


def a_smooth_field(points):
    return 200 + 2.0 * points[..., 0] - 1.5 * points[..., 1] + 3.0 * points[..., 2]


def test_the_reference_grid_is_the_first_sequence_that_is_there():
    t2, flair = a_volume(Sequence.T2), a_volume(Sequence.FLAIR)
    assert reference_volume((t2, flair)) is flair
    assert reference_volume((t2, flair), (Sequence.T2, Sequence.FLAIR)) is t2


def test_of_two_series_of_one_sequence_the_finer_is_the_grid_then_the_smaller_digest():
    thick, fine, twin = (
        a_volume(Sequence.T1C, (1, 1, 5), "a"), a_volume(Sequence.T1C, digest="c"), a_volume(Sequence.T1C, digest="b"),
    )  # fmt: skip
    assert reference_volume((thick, fine)) is fine
    assert reference_volume((thick, fine, twin)) is twin


def test_without_a_known_sequence_the_first_series_is_the_grid():
    first, second = a_volume(Sequence.PD), a_volume(Sequence.OTHER)
    assert reference_volume((first, second)) is first
    with pytest.raises(ValueError):
        reference_volume(())


@given(turn=st.sampled_from(ALL_TURNS), to=st.sampled_from(ALL_TURNS), seed=st.integers(0, 99), tilted=st.booleans())
@settings(max_examples=60, deadline=None)
def test_law_other_axes_and_back_is_exact(turn, to, seed, tilted):
    array = np.random.default_rng(seed).normal(size=(5, 4, 3)).astype(np.float32)
    affine = centred_affine(array.shape, (0.9, 1.2, 5.0))
    if tilted:
        affine[:3] = TILT @ affine[:3]
    one, one_affine = turned(array, affine, *turn)
    other, other_affine = turned(array, affine, *to)
    for order in (0, 1, 3):
        there = resample(one, one_affine, other_affine, other.shape, order=order)
        assert np.array_equal(there, other)
        assert np.array_equal(resample(there, other_affine, one_affine, one.shape, order=order), one)


def test_an_affine_stored_in_single_precision_still_copies():
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    affine = centred_affine((240, 240, 155), (0.9375, 0.9375, 5.5))
    assert np.array_equal(resample(array, affine, affine.astype(np.float32).astype(float), array.shape, 1), array)


@given(shift=st.tuples(*[st.integers(-6, 6)] * 3), shape=st.tuples(*[st.integers(1, 8)] * 3))
@settings(max_examples=60, deadline=None)
def test_law_a_crop_copies_what_overlaps_and_is_zero_elsewhere(shift, shape):
    array = np.arange(1, 5 * 4 * 3 + 1).reshape(5, 4, 3).astype(np.int16)
    affine = centred_affine(array.shape, (1.0, 2.0, 3.0))
    to = affine.copy()
    to[:3, 3] = apply_affine(affine, np.array(shift))
    result = resample(array, affine, to, shape)
    for index in np.ndindex(*shape):
        source = np.array(index) + shift
        inside = (source >= 0).all() and (source < array.shape).all()
        assert result[index] == (array[tuple(source)] if inside else 0)


@pytest.mark.parametrize("order", [1, 3])
def test_a_field_that_is_linear_in_millimetres_stays_what_it_is_on_an_oblique_grid(order):
    affine = centred_affine((40, 40, 20), (1.0, 1.1, 2.5))
    to = centred_affine((12, 14, 10), (1.7, 1.7, 1.7))
    to[:3] = TILT @ to[:3]
    field = a_smooth_field(places((40, 40, 20), affine)).astype(np.float32)
    result = resample(field, affine, to, (12, 14, 10), order=order)
    # a spline bends a little where it ends
    assert np.abs(result - a_smooth_field(places((12, 14, 10), to))).max() < (0.01 if order == 1 else 0.6)


def test_the_field_ends_half_a_voxel_beyond_the_outermost_centres():
    array = np.full((4, 4, 2), 7, np.int16)
    affine = centred_affine((4, 4, 2), (1.0, 1.0, 6.0))
    to = centred_affine((4, 4, 16), (1.0, 1.0, 1.0))
    for order in (0, 1):
        assert (resample(array, affine, to, (4, 4, 16), order=order)[0, 0] == [0, 0, *[7] * 12, 0, 0]).all()


def test_nearest_neighbour_keeps_type_and_labels():
    labels = np.random.default_rng(0).choice([0, 1, 4], (9, 9, 9)).astype(np.uint8)
    affine = centred_affine((9, 9, 9), (1.0, 1.0, 1.0))
    result = resample(labels, affine, *model_grid(affine, (9, 9, 9), 0.6), order=0)
    assert result.dtype == np.uint8 and set(np.unique(result)) == {0, 1, 4}


def test_a_cubic_spline_leaves_stripped_air_at_zero_and_makes_no_new_extremes():
    head = np.zeros((30, 30, 30), np.float32)
    head[10:20, 10:20, 10:20] = 500
    affine = centred_affine(head.shape, (1.0, 1.0, 1.0))
    to, shape = model_grid(affine, head.shape, 0.7)
    result = resample(head, affine, to, shape, order=3)
    assert result.min() >= 0 and result.max() <= 500
    away = np.abs(places(shape, to)).max(axis=-1) > 6.1
    assert away.any() and (result[away] == 0).all()


@pytest.mark.parametrize(("order", "flips"), ALL_TURNS)
def test_the_models_grid_has_its_axes_whatever_the_files(order, flips):
    affine = centred_affine((6, 5, 4), (1.0, 2.0, 3.0))
    array, own = turned(np.arange(120).reshape(6, 5, 4), affine, order, flips)
    to, shape = model_grid(own, array.shape, "native", "LPS")
    assert shape == (6, 5, 4) and np.allclose(to, affine)
    to, shape = model_grid(own, array.shape, "native", "RAS")
    assert [axis_letters(to, axis)[1] for axis in range(3)] == ["R", "A", "S"]
    assert np.allclose(apply_affine(to, np.array([5, 4, 3])), apply_affine(affine, np.array([0, 0, 3])))


def test_the_models_spacing_keeps_the_centre_and_the_field():
    affine = centred_affine((256, 224, 26), (0.9, 0.9, 5.5))
    affine[:3, 3] += (3.0, -7.0, 40.0)
    to, shape = model_grid(affine, (256, 224, 26), (1.0, 1.0, 1.0), "LPS")
    assert shape == (230, 202, 143)
    assert np.allclose(spacing_of(to), 1.0)
    middle = apply_affine(affine, (np.array((256, 224, 26)) - 1) / 2)
    assert np.allclose(apply_affine(to, (np.array(shape) - 1) / 2), middle)


def test_a_spacing_within_one_percent_is_left_alone():
    affine = centred_affine((10, 10, 10), (1.0004, 0.9996, 1.0))
    to, shape = model_grid(affine, (10, 10, 10), [1, 1, 1], "LPS")
    assert shape == (10, 10, 10) and np.array_equal(to, affine)


@pytest.mark.parametrize("orientation", ["LPP", "LP", "XYZ", ""])
def test_an_orientation_names_each_direction_once(orientation):
    with pytest.raises(ValueError):
        model_grid(np.eye(4), (2, 2, 2), "native", orientation)
