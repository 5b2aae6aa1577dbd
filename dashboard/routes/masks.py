"""What a model marked in a volume: regions, lesions, probabilities. Revealed by casework, kept by no browser."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..casework import Shares, difference, judged_by_key, judged_marked
from ..domain import Marked
from .answers import allowed, framed, guarded, model_derived, nothing_here, revealed
from .serving import Serving

__all__ = ["mask_routes"]


def mask_routes(serving: Serving) -> list[Route]:
    """`/api/mask/<prediction>/bits`, `/lesions`, `/api/judged/<prediction>.<verdicts>/...`, `/api/probability/<prediction>/<region>`
    and `/api/difference/...`.

    Bits are one byte a voxel. Numbers of findings are two, little-endian: in one byte the 256th and all after it would
    share a number, and a reader who judges one of them would see them all outlined as that one. Both come as the box
    that holds all they mark, its bounds (`box`: first and end along each axis) in the frame's header.
    """

    def bits(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        if not one.prediction.mask_digest:
            raise nothing_here()
        return model_derived(_boxed(one.marked("bits"), "u1"))

    def lesions(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        if not one.prediction.mask_digest:
            raise nothing_here()
        return model_derived(_boxed(one.marked("lesions"), "<u2"))

    def judged(request: Request) -> Response:
        """What verdicts leave of a result; the key names them, so that another verdict is another address."""
        session, capability = allowed(serving, request, "mask")
        study = serving.workspace.study(capability.study)
        what = {"bits": "u1", "lesions": "<u2"}
        part = request.path_params["part"]
        if part not in what:
            raise nothing_here()
        result = judged_by_key(serving.workspace, session, study, request.path_params["key"])
        return model_derived(_boxed(judged_marked(serving.workspace, result, part), what[part]))

    def probability(request: Request) -> Response:
        _, one = revealed(serving, request, "mask")
        region = request.path_params["region"]
        if not one.has_probability or region >= len(one.prediction.regions):
            raise nothing_here()
        header = {"digest": one.prediction.digest, "region": region, "scale": 1 / 255}
        return model_derived(framed(header, np.asarray(one.probability()[region], np.uint8).tobytes(order="F")))

    def differing(request: Request) -> Response:
        """A byte a voxel: 1 where both, 2 only the first, 4 only the second; the header has the sizes. `?row=` replays."""
        session, capability = allowed(serving, request, "mask")
        study = serving.workspace.study(capability.study)
        keys = (request.path_params[name] for name in ("first", "second", "region"))
        row = request.query_params.get("row", "0")
        if not (row.isascii() and row.isdigit() and len(row) < 12):
            raise nothing_here()
        found = difference(serving.workspace, session, study, *keys, row=int(row))
        header = {
            "first": found.first.key,
            "second": found.second.key,
            "region": found.region,
            "grid": found.grid,
            "whole": _said(found.whole),
            "findings": {
                digest: {str(number): _said(shares) for number, shares in findings.items()}
                for digest, findings in found.findings.items()
            },
            "left_out": {str(number): why for number, why in found.left_out.items()},
        }
        return model_derived(framed(header, found.parts.tobytes(order="F")))

    return [
        Route("/api/mask/{digest}/bits", guarded(bits)),
        Route("/api/mask/{digest}/lesions", guarded(lesions)),
        Route("/api/judged/{key}/{part}", guarded(judged)),
        Route("/api/probability/{digest}/{region:int}", guarded(probability)),
        Route("/api/difference/{first}/{second}/{region}", guarded(differing)),
    ]


def _said(shares: Shares) -> dict[str, Any]:
    """Millilitres to a thousandth and the Dice to four digits; null where there is none."""
    dice = shares.dice
    volumes = (shares.agree_ml, shares.only_first_ml, shares.only_second_ml)
    return {"ml": [round(volume, 3) for volume in volumes], "dice": None if dice is None else round(dice, 4)}


def _boxed(marked: Marked, kind: str) -> bytes:
    header = {"box": [list(bounds) for bounds in marked.box], "shape": list(marked.shape)}
    return framed(header, marked.part.astype(kind, casting="safe").tobytes(order="F"))
