"""Region colours as readers see them who lack one kind of cone: apart from each other and from every grey."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from dashboard.terms import REGIONS

_CONES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Linear sRGB to linear sRGB: Machado, Oliveira and Fernandes 2009 (doi:10.1109/TVCG.2009.113), severity 1."""
_LEAST = 25.0
"""CIELAB units; 2.3 is just noticeable, side by side and at rest."""


def _lab(rgb: tuple[float, ...], cones: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of an 8-bit sRGB colour as it is seen."""
    share = np.asarray(rgb, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(cones) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("sight", _CONES)
def test_region_colours_are_told_apart_from_each_other_and_from_greys(sight):
    cones = np.asarray(_CONES[sight])
    seen = {region.name: _lab(_rgb(region.colour), cones) for region in REGIONS}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= _LEAST, (sight, one, other)
    greys = np.array([_lab((grey, grey, grey), cones) for grey in range(256)])
    for name, colour in seen.items():
        assert np.linalg.norm(greys - colour, axis=1).min() >= _LEAST, (sight, name)


def test_the_simulation_knows_colours_that_are_not_told_apart():
    deutan = np.asarray(_CONES["deuteranopia"])
    greys = np.array([_lab((grey, grey, grey), deutan) for grey in range(256)])
    assert np.linalg.norm(greys - _lab((0xFF, 0x7A, 0xB8), deutan), axis=1).min() < 5, "a pink that looks grey"
