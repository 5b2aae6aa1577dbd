"""Volumes as they were acquired. Array bytes go in Fortran order: i fastest, little-endian int16."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..domain import ImageVolume, Volume
from .answers import allowed, guarded, immutable, json_bytes, nothing_here
from .serving import Serving

__all__ = ["Scaling", "scaling_of", "stored_bytes", "volume_routes"]

_INT16 = 32767
_SAMPLED = 1_000_000
_AS_IT_IS = (1.0, 0.0)
_RANGE = re.compile(r"([0-9]{1,6})-([0-9]{1,6})\Z")


@dataclass(frozen=True)
class Scaling:
    """How a volume is sent and first shown: value = stored * slope + intercept; window as centre and width."""

    slope: float
    intercept: float
    window: tuple[float, float]


def scaling_of(array: ImageVolume) -> Scaling:
    """The scaling of a volume's array, int16 or float32.

    int16 goes as it is. float32 is spread over int16 from its least to its greatest finite value; what is not finite
    is sent as the middle. The window runs from zero (or from the 1st percentile, where that is negative) to the 99.5th
    percentile of voxels that are neither zero nor not finite; of a large volume every n-th voxel is counted.
    """
    flat = array.ravel(order="K")
    sample = np.asarray(flat[:: max(1, -(-flat.size // _SAMPLED))], dtype=np.float32)
    shown = sample[np.isfinite(sample) & (sample != 0)]
    slope, intercept = _AS_IT_IS if array.dtype == np.int16 else _spread(array)
    low, high = (float(x) for x in np.percentile(shown, [1, 99.5])) if shown.size else (0.0, 1.0)
    width = max(high - min(low, 0.0), slope)
    return Scaling(slope, intercept, (high - width / 2, width))


def _spread(array: ImageVolume) -> tuple[float, float]:
    """Slope and intercept that spread the finite values over int16."""
    finite = np.isfinite(array)
    low = float(np.min(array, where=finite, initial=np.inf))
    high = float(np.max(array, where=finite, initial=-np.inf))
    if low > high:
        return 1.0, 0.0
    return (high - low) / (2 * _INT16) or 1.0, (high + low) / 2


def stored_bytes(part: ImageVolume, slope: float, intercept: float) -> bytes:
    """A part of a volume as little-endian int16 in Fortran order."""
    if part.dtype != np.int16:
        value = (np.asarray(part, np.float64) - intercept) / slope
        part = np.clip(np.round(np.where(np.isfinite(value), value, 0)), -_INT16, _INT16)
    return np.asarray(part).astype("<i2", copy=False).tobytes(order="F")


class _Scalings:
    """Scalings by digest, computed once; the oldest question goes first."""

    def __init__(self, bound: int = 256) -> None:
        self._bound = bound
        self._known: OrderedDict[str, Scaling] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, volume: Volume) -> Scaling:
        with self._lock:
            if volume.digest not in self._known:
                self._known[volume.digest] = scaling_of(volume.array)
            self._known.move_to_end(volume.digest)
            while len(self._known) > self._bound:
                self._known.popitem(last=False)
            return self._known[volume.digest]


def volume_routes(serving: Serving) -> list[Route]:
    """`/api/volume/<digest>` and its slabs."""
    scalings = _Scalings()

    def volume_of(request: Request) -> Volume:
        _, capability = allowed(serving, request, "volume")
        try:
            return serving.workspace.study(capability.study).volume(request.path_params["digest"])
        except KeyError:
            raise nothing_here() from None

    def head(request: Request) -> Response:
        volume = volume_of(request)

        def make() -> bytes:
            scaling = scalings.of(volume)
            return json_bytes(
                {
                    "digest": volume.digest,
                    "shape": list(volume.shape),
                    "affine": [float(x) for x in np.asarray(volume.affine).ravel()],
                    "dtype": "int16",
                    "slope": scaling.slope,
                    "intercept": scaling.intercept,
                    "through": volume.through_axis,
                    "window": list(scaling.window),
                    "frame": volume.frame,
                }
            )

        return immutable(request, volume.digest[:32], make, "application/json")

    def slab(request: Request) -> Response:
        volume = volume_of(request)
        axis = "ijk".find(request.path_params["axis"])
        asked = _RANGE.match(request.path_params["range"])
        first, last = (int(asked[1]), int(asked[2])) if asked else (1, 0)
        if len(request.path_params["axis"]) != 1 or axis < 0 or not first <= last < volume.shape[axis]:
            raise nothing_here()
        cut = (slice(None),) * axis + (slice(first, last + 1),)
        tag = f"{volume.digest[:32]}-{'ijk'[axis]}-{first}-{last}"

        def make() -> bytes:
            if volume.array.dtype == np.int16:  # Nothing to work out: the first picture waits for this slab alone.
                return stored_bytes(volume.array[cut], *_AS_IT_IS)
            scaling = scalings.of(volume)
            return stored_bytes(volume.array[cut], scaling.slope, scaling.intercept)

        return immutable(request, tag, make)

    return [
        Route("/api/volume/{digest}", guarded(head)),
        Route("/api/volume/{digest}/slab/{axis}/{range}", guarded(slab)),
    ]
