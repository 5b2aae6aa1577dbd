"""What a model marked in a volume: regions, lesions, probabilities. Revealed by casework, kept by no browser."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import framed, guarded, model_derived, nothing_here, revealed
from .serving import Serving

__all__ = ["mask_routes"]


def mask_routes(serving: Serving) -> list[Route]:
    """`/api/mask/<prediction>/bits`, `/lesions` and `/api/probability/<prediction>/<region>`.

    Bits are one byte a voxel. Numbers of findings are two, little-endian: in one byte the 256th and all after it would
    share a number, and a reader who judges one of them would see them all outlined as that one.
    """

    def bits(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        if not one.prediction.mask_digest:
            raise nothing_here()
        return model_derived(np.asarray(one.mask(), np.uint8).tobytes(order="F"))

    def lesions(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        if not one.prediction.mask_digest:
            raise nothing_here()
        return model_derived(one.lesion_map().astype("<u2", casting="safe").tobytes(order="F"))

    def probability(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        region = request.path_params["region"]
        if not one.prediction.probability_digest or region >= len(one.prediction.regions):
            raise nothing_here()
        header = {"digest": one.prediction.digest, "region": region, "scale": 1 / 255}
        return model_derived(framed(header, np.asarray(one.probability()[region], np.uint8).tobytes(order="F")))

    return [
        Route("/api/mask/{digest}/bits", guarded(bits)),
        Route("/api/mask/{digest}/lesions", guarded(lesions)),
        Route("/api/probability/{digest}/{region:int}", guarded(probability)),
    ]
