"""A reader's own outlines as they stand in the record: what the viewer shows in place of a model's. Kept by no browser."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..casework import Withheld, outline_of, reveal
from ..errors import BlindOpen
from .answers import allowed, framed, guarded, model_derived, nothing_here
from .serving import Serving

__all__ = ["outline_routes"]


def outline_routes(serving: Serving) -> list[Route]:
    """`/api/outline/<prediction>/<finding>/<digest>`: regions as bits, in the box that holds them.

    `prediction` is `none` where no model read the study. The digest is that of the mask in the reader's current
    verdict: another one is answered with 404, so that no older outline passes for the present one.
    """

    def outline(request: Request) -> Response:
        session, capability = allowed(serving, request, "mask")
        study = serving.workspace.study(capability.study)
        seen = reveal(serving.workspace, session, study)
        if isinstance(seen, Withheld):
            raise BlindOpen("The outline was not sent.", seen.why, "Commit your own read first.")
        of = request.path_params["prediction"]
        one = None if of == "none" else seen.by_digest(of)
        finding, digest = request.path_params["finding"], request.path_params["digest"]
        bits = outline_of(serving.workspace, session, study, one, finding, digest)
        if bits is None:
            raise nothing_here()
        index = np.argwhere(bits)
        low, high = (index.min(axis=0), index.max(axis=0) + 1) if len(index) else (np.zeros(3, int), np.ones(3, int))
        box = [[int(a), int(b)] for a, b in zip(low, high, strict=True)]
        part = bits[tuple(slice(a, b) for a, b in box)]
        header = {"digest": digest, "box": box, "shape": list(bits.shape)}
        return model_derived(framed(header, part.tobytes(order="F")))

    return [Route("/api/outline/{prediction}/{finding}/{digest}", guarded(outline))]
