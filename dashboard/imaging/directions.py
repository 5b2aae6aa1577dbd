"""Directions of rows and columns as unit vectors at right angles, of which headers hold a rounding."""

from __future__ import annotations

import numpy as np

__all__ = ["right_angled"]

_EXACT = 1e-9
_ROUNDED = 0.01


def right_angled(orientation: np.ndarray) -> np.ndarray:
    """The six direction cosines as two vectors of length 1 and at right angles.

    A header holds them with six digits or so. Taken as they stand they stretch a picture, and over the width of a mosaic
    or of a large field they shift it by a thousandth of a millimetre and more. What is off by more than a rounding, or
    not finite, is given back as it is, to be refused.

    Parameters
    ----------
    orientation : (6,) float64
        As ImageOrientationPatient has them: along a row, along a column.

    Notes
    -----
    The plane and the direction of a column stay, and a row is taken at right angles to it, as ITK does, so that both
    agree; dcm2niix keeps the row. With cosines of six digits the two differ by 0.0003 mm at most over 256 mm.
    """
    pair = np.asarray(orientation, dtype=np.float64).reshape(2, 3)
    if not np.isfinite(pair).all():
        return orientation
    off = np.abs(pair @ pair.T - np.eye(2)).max()
    if off < _EXACT or off > 2 * _ROUNDED:
        return orientation
    column = pair[1] / np.linalg.norm(pair[1])
    normal = np.cross(pair[0], column)
    return np.concatenate([np.cross(column, normal / np.linalg.norm(normal)), column])
