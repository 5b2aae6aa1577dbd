"""Volumes, and what models marked on them. Array bytes go in Fortran order: i fastest, little-endian."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..casework import RevealedPrediction, Withheld, reveal
from ..domain import Volume
from ..errors import BlindOpen
from .answers import allowed, framed, guarded, immutable, model_derived
from .serving import Serving

__all__ = ["image_routes"]

_INT16 = 32767


class _Lazy:
    """A volume that is equal to any other, so that the digest alone is the cache's key."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Lazy)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _scaling(digest: str, lazy: _Lazy) -> tuple[float, float, tuple[float, float]]:
    """Slope, intercept and window [centre, width] of a volume as it is sent; computed once a digest."""
    array = lazy.volume.array
    step = max(1, int(np.ceil(np.prod(array.shape) / 4e6)))
    sample = np.asarray(array.ravel(order="K")[::step], dtype=np.float32)
    sample = sample[np.isfinite(sample)]
    if array.dtype == np.int16:
        slope, intercept = 1.0, 0.0
    else:
        low, high = (float(np.nanmin(array)), float(np.nanmax(array))) if sample.size else (0.0, 1.0)
        slope = max((high - low) / (2 * _INT16), 1e-12)
        intercept = (high + low) / 2
    shown = sample[sample != 0]
    p_low, p_high = np.percentile(shown, [1, 99.5]) if shown.size else (0.0, 1.0)
    width = max(float(p_high - min(p_low, 0.0)), slope)
    return slope, intercept, (float(p_high) - width / 2, width)


def _stored(volume: Volume, part: np.ndarray) -> bytes:
    """A part of a volume as little-endian int16 in Fortran order."""
    slope, intercept, _ = _scaling(volume.digest, _Lazy(volume))
    if part.dtype != np.int16:
        scaled = np.round((np.nan_to_num(np.asarray(part, np.float32), nan=intercept) - intercept) / slope)
        part = np.clip(scaled, -_INT16, _INT16).astype("<i2")
    return np.asarray(part, dtype="<i2").tobytes(order="F")


def image_routes(serving: Serving) -> list[Route]:
    """`/api/volume/...` and `/api/mask/...`."""
    workspace = serving.workspace

    def volume_of(request: Request) -> Volume:
        _, capability = allowed(serving, request, "volume")
        return workspace.study(capability.study).volume(request.path_params["digest"])

    def head(request: Request) -> Response:
        volume = volume_of(request)
        slope, intercept, window = _scaling(volume.digest, _Lazy(volume))
        said = {
            "digest": volume.digest,
            "shape": list(volume.shape),
            "affine": [float(x) for x in np.asarray(volume.affine).ravel()],
            "dtype": "int16",
            "slope": slope,
            "intercept": intercept,
            "through": volume.through_axis,
            "window": list(window),
            "frame": volume.frame,
        }
        return immutable(request, json.dumps(said).encode(), volume.digest[:32], "application/json")

    def slab(request: Request) -> Response:
        volume = volume_of(request)
        axis = "ijk".index(request.path_params["axis"])
        first, last = (int(x) for x in request.path_params["range"].split("-"))
        if not 0 <= first <= last < volume.shape[axis]:
            raise IndexError(first)
        cut = [slice(None)] * 3
        cut[axis] = slice(first, last + 1)
        tag = f"{volume.digest[:32]}-{axis}-{first}-{last}"
        return immutable(request, _stored(volume, volume.array[tuple(cut)]), tag)

    def revealed(request: Request) -> RevealedPrediction:
        session, capability = allowed(serving, request, "mask")
        seen = reveal(workspace, session, workspace.study(capability.study))
        if isinstance(seen, Withheld):
            raise BlindOpen("The mask was not sent.", seen.why, "Commit your own read first.")
        return seen.by_digest(request.path_params["digest"])

    def bits(request: Request) -> Response:
        return model_derived(np.asarray(revealed(request).mask(), np.uint8).tobytes(order="F"))

    def lesion_map(request: Request) -> Response:
        return model_derived(np.minimum(revealed(request).lesion_map(), 255).astype(np.uint8).tobytes(order="F"))

    def probability(request: Request) -> Response:
        one = revealed(request)
        maps = one.probability()
        region = int(request.path_params["region"])
        header = {"digest": one.prediction.digest, "region": region, "scale": 1 / 255}
        return model_derived(framed(header, np.asarray(maps[region], np.uint8).tobytes(order="F")))

    return [
        Route("/api/volume/{digest}", guarded(head)),
        Route("/api/volume/{digest}/slab/{axis}/{range}", guarded(slab)),
        Route("/api/mask/{digest}/bits", guarded(bits)),
        Route("/api/mask/{digest}/lesions", guarded(lesion_map)),
        Route("/api/probability/{digest}/{region:int}", guarded(probability)),
    ]
