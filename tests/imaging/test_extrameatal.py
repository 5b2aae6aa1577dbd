"""A schwannoma cut at the porus: only what lies on the brain's side counts."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import extrameatal_part
from dashboard.imaging.diameters import longest_diameter
from dashboard.imaging.midline import MidsagittalPlane
from tests.builders.mri_grids import ALL_TURNS, an_ellipsoid, centred_affine, places, turned

SHAPE = (100, 60, 24)
AFFINE = centred_affine(SHAPE, (1.0, 1.0, 2.0))
PLACES = places(SHAPE, AFFINE)
MIDDLE = MidsagittalPlane((1.0, 0.0, 0.0), 0.0)


def a_schwannoma(side):
    """A ball of 20 mm in the angle and a rod of 6 mm that reaches 14 mm into the canal."""
    ball = an_ellipsoid(PLACES, (10, 10, 10), centre=(side * 20, 0, 0))
    x = side * PLACES[..., 0]
    return ball | ((np.linalg.norm(PLACES[..., 1:], axis=-1) < 3) & (x > 20) & (x < 44))


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("order", "flips"), ALL_TURNS[::9])
def test_what_lies_in_the_canal_is_left_out(side, swapped, order, flips):
    mask, affine = turned(a_schwannoma(side), AFFINE, order, flips)
    line = ((side * 30.0, -5.0, 0.0), (side * 30.0, 5.0, 0.0))
    part = extrameatal_part(mask, affine, line[::-1] if swapped else line, MIDDLE)
    assert longest_diameter(mask, affine).longest_mm == pytest.approx(34, abs=1.5)
    assert longest_diameter(part, affine).longest_mm == pytest.approx(20, abs=1.5)
    assert not (part & ~mask).any()


def test_a_slanted_line_cuts_along_itself():
    mask = np.ones(SHAPE, bool)
    part = extrameatal_part(mask, AFFINE, ((20.0, -10.0, 0.0), (40.0, 10.0, 0.0)), MIDDLE)
    beyond = PLACES[..., 0] - 30 - PLACES[..., 1]
    assert part[beyond < -0.1].all() and not part[beyond > 0.1].any()


@pytest.mark.parametrize("line", [((30.0, 0, 0), (30.0, 0, 0)), ((30.0, 0, -5), (30.0, 0, 5))])
def test_a_line_without_length_parts_nothing(line):
    with pytest.raises(ValueError, match="no length"):
        extrameatal_part(np.ones(SHAPE, bool), AFFINE, line, MIDDLE)
