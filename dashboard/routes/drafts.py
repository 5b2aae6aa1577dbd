"""A reader's unsaved masks, intervals and reads: kept whole, with the digest of what they were begun on."""

from __future__ import annotations

import json
import re
import struct

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..domain import is_own_finding, new_own_finding
from ..errors import UsageError
from .answers import allowed, framed, guarded, nothing_here
from .serving import Serving

__all__ = ["BASE_HEADER", "draft_routes"]

BASE_HEADER = "x-overread-base"
"""Digest of the prediction or volume on which the draft was begun; absent for a reader's own read."""

_DIGEST = re.compile(r"([0-9a-f]{64})?\Z")


def draft_routes(serving: Serving) -> list[Route]:
    """`/api/draft/<study>/<finding>`: a finding's number, an own finding's id, `read`; `new` makes an id."""
    drafts = serving.workspace.drafts

    def place(request: Request) -> tuple[str, str, str]:
        session, capability = allowed(serving, request, "draft")
        finding = request.path_params["finding"]
        if request.path_params["study"] != capability.study:
            raise nothing_here()
        if not (finding in ("new", "read") or finding.isdecimal() or is_own_finding(finding)):
            raise nothing_here()
        return session.reader, serving.workspace.study(capability.study).id, finding

    async def put(request: Request) -> Response:
        data = await request.body()

        def keep(asked: Request) -> Response:
            reader, study, finding = place(asked)
            base = asked.headers.get(BASE_HEADER, "")
            if not _DIGEST.match(base):
                raise UsageError("The draft was not kept.", "Its base is not a digest.", "Reload the page.")
            finding = new_own_finding() if finding == "new" else finding
            drafts.put(reader, study, finding, framed({"base": base}, data))
            return JSONResponse({"finding": finding, "bytes": len(data)}, headers={"cache-control": "no-store"})

        return await guarded(keep)(request)

    def get(request: Request) -> Response:
        kept = drafts.get(*place(request))
        if kept is None:
            raise nothing_here()
        (length,) = struct.unpack_from("<I", kept)
        base = json.loads(kept[4 : 4 + length])["base"]
        headers = {"cache-control": "no-store", BASE_HEADER: base}
        return Response(kept[4 + length :], media_type="application/octet-stream", headers=headers)

    return [
        Route("/api/draft/{study}/{finding}", put, methods=["PUT"]),
        Route("/api/draft/{study}/{finding}", guarded(get), methods=["GET"]),
    ]
