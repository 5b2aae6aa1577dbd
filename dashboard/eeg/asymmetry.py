"""Asymmetry: by how much the power of one side outweighs that of the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ASYMMETRY_BANDS", "asymmetry"]

ASYMMETRY_BANDS = (
    ("total", 1.0, 25.0),
    ("delta", 1.0, 4.0),
    ("theta", 4.0, 8.0),
    ("alpha", 8.0, 13.0),
    ("beta", 13.0, 25.0),
)
"""Name, and the edges in Hz: the lower one belongs to the band, the upper to the next."""


def asymmetry(
    left: NDArray[np.floating], right: NDArray[np.floating], frequencies: NDArray[np.float64], usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give the relative asymmetry of power in each band, from -1 (all on the left) to 1 (all on the right).

    Parameters
    ----------
    left, right : (pair, frequency) float
        Power of homologous derivations, in equal units.
    frequencies : (frequency,) float64
        In Hz.
    usable : (pair,) bool
        False leaves a pair out, such as one with a flat electrode.

    Returns
    -------
    (band,) float64
        In the order of `ASYMMETRY_BANDS`; NaN without a usable pair, without power, or where the band lies above the
        highest frequency.

    Notes
    -----
    (R - L) / (R + L) of the band's power, pair by pair, then the mean over pairs: the terms of the brain symmetry index
    (van Putten 2007, doi:10.1016/j.clinph.2007.07.019), pair by pair as in its pairwise form, but with their sign, so that
    the side can be read off it. One electrode of large amplitude moves it by no more than its share of the pairs.
    """
    found = np.full(len(ASYMMETRY_BANDS), np.nan)
    for n, (_, low, high) in enumerate(ASYMMETRY_BANDS):
        inside = (frequencies >= low - 1e-9) & (frequencies < high - 1e-9)
        if not inside.any() or frequencies[-1] < high - 1.0:
            continue
        of_left, of_right = left[usable][:, inside].sum(axis=1), right[usable][:, inside].sum(axis=1)
        both = of_left + of_right
        there = both > 0
        if there.any():
            found[n] = float(np.mean((of_right[there] - of_left[there]) / both[there]))
    return found
