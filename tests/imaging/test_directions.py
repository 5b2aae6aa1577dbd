"""Rounded direction cosines become unit vectors at right angles, and what is no rounding stays, to be refused."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.imaging import find_mr_studies
from dashboard.imaging.directions import right_angled
from tests.builders.other_readers import apart, by_simpleitk
from tests.builders.phantoms import a_phantom_series

angles = st.floats(-3.1, 3.1)


def turned(a, b, c):
    """Row and column of a plane turned about three axes."""
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return (x @ y @ z).T[:2].ravel()


@given(angles, angles, angles, st.integers(3, 9))
def test_rounded_cosines_are_put_right_and_hardly_moved(a, b, c, digits):
    exact = turned(a, b, c)
    found = right_angled(exact.round(digits)).reshape(2, 3)
    assert np.allclose(found @ found.T, np.eye(2), atol=2e-9)
    assert np.abs(found.ravel() - exact).max() < 4 * 10.0**-digits


def test_exact_cosines_stay_to_the_bit():
    exact = np.array([0.0, 1.0, 0.0, 0.0, 0.0, -1.0])
    assert right_angled(exact) is exact


@pytest.mark.parametrize("wrong", [[1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 2, 0], [0, 0, 0, 0, 0, 0], [np.nan, 0, 0, 0, 1, 0]])
def test_what_is_no_rounding_stays(wrong):
    given_ = np.array(wrong, dtype=float)
    assert right_angled(given_) is given_


@pytest.mark.parametrize("digits", [4, 5, 6])
def test_rounded_series_lies_as_simpleitk_reads_it(tmp_path, digits):
    phantom = a_phantom_series(tmp_path, plane="oblique", shape=(256, 192, 3), spacing=(1.0, 1.0, 5.0))
    for path in phantom.paths:
        data = pydicom.dcmread(path)
        data.ImageOrientationPatient = [round(float(x), digits) for x in data.ImageOrientationPatient]
        data.save_as(path)
    (volume,) = find_mr_studies(phantom.paths, tmp_path).studies[0].volumes
    (theirs,) = by_simpleitk(list(phantom.paths))
    found = apart(volume.array, volume.affine, theirs)
    assert found.corners_mm < 1e-4 and found.values == 0
