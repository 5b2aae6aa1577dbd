"""Named aliases of the arrays that pass between rooms, and the part of one that is not 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Affine",
    "BitmaskVolume",
    "BoolVolume",
    "Float32Array",
    "Float32Volume",
    "ImageVolume",
    "Marked",
    "MicrovoltSignal",
    "ProbabilityMaps",
]

Affine = NDArray[np.float64]
"""(4, 4) voxel index (i, j, k, 1) to patient millimetres, LPS; voxel centres at integer indices."""
ImageVolume = NDArray[Any]
"""(i, j, k) int16 or float32."""
Float32Array = NDArray[np.float32]
"""Of any shape; the attribute says which."""
Float32Volume = NDArray[np.float32]
"""(i, j, k)."""
BoolVolume = NDArray[np.bool_]
"""(i, j, k)."""
BitmaskVolume = NDArray[np.uint8]
"""(i, j, k); bit r set where region r of the prediction holds. At most 8 regions."""
ProbabilityMaps = NDArray[np.float32]
"""(region, i, j, k), 0 to 1."""
MicrovoltSignal = NDArray[np.float32]
"""(channel, sample) in microvolts."""


@dataclass(frozen=True, eq=False)
class Marked:
    """The part of an array that holds all that is not 0.

    Attributes
    ----------
    part : (i, j, k)
    box : ((first, end), ...)
        Where it lies along each axis, the end not included.
    shape : tuple of int
        Of the whole.
    """

    part: np.ndarray
    box: tuple[tuple[int, int], ...]
    shape: tuple[int, ...]

    def whole(self) -> np.ndarray:
        """The array with its zeros."""
        if self.part.shape == self.shape:
            return self.part
        array = np.zeros(self.shape, self.part.dtype)
        array[tuple(slice(first, end) for first, end in self.box)] = self.part
        return array
