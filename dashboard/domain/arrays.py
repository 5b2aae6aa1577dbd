"""Named aliases of the arrays that pass between rooms."""

from __future__ import annotations

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
