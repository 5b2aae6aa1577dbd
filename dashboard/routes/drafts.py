"""A reader's unsaved masks, intervals and reads: kept whole, with the digest of what they were begun on."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..casework import INTERVAL, is_withheld, unframed
from ..domain import is_own_finding, new_own_finding
from ..errors import LedgerWriteFailed, UsageError
from ..files import digest_bytes
from .answers import allowed, framed, guarded, nothing_here
from .serving import Serving

__all__ = ["BASE_HEADER", "DIGEST_HEADER", "OVER_HEADER", "draft_routes"]

BASE_HEADER = "x-overread-base"
"""Digest of the prediction, mask or volume on which the draft was begun; absent for a reader's own read."""
OVER_HEADER = "x-overread-over"
"""Digest of the draft that this one goes on from, `none` for none; absent, it replaces whatever is there."""
DIGEST_HEADER = "x-overread-digest"
"""Digest of the draft as it is kept."""

_DIGEST = re.compile(r"([0-9a-f]{64})?\Z")


def draft_routes(serving: Serving) -> list[Route]:
    """`/api/draft/<study>/<finding>`: a finding's number, an own finding's id, `read`, `interval`; `new` makes an id."""
    drafts = serving.workspace.drafts

    def place(request: Request) -> tuple[str, str, str]:
        session, capability = allowed(serving, request, "draft")
        finding = request.path_params["finding"]
        if request.path_params["study"] != capability.study:
            raise nothing_here()
        if not (finding in ("new", "read", INTERVAL) or finding.isdecimal() or is_own_finding(finding)):
            raise nothing_here()
        study = serving.workspace.study(capability.study)
        if finding.isdecimal() and is_withheld(serving.workspace, session, study.id):
            raise nothing_here()  # A number is of a model's finding: a first pass may have left a draft of it.
        return session.reader, study.id, finding

    async def put(request: Request) -> Response:
        data = await request.body()

        def keep(asked: Request) -> Response:
            reader, study, finding = place(asked)
            base, over = _digest(asked, BASE_HEADER) or "", _digest(asked, OVER_HEADER)
            finding = new_own_finding() if finding == "new" else finding
            try:
                digest = drafts.put(reader, study, finding, framed({"base": base}, data), over=over)
            except OSError as error:
                raise LedgerWriteFailed(
                    "The draft was not kept.", "The disk can't be written.", "Free space on it; the edit stays here."
                ) from error
            said = {"finding": finding, "bytes": len(data), "digest": digest}
            return JSONResponse(said, headers={"cache-control": "no-store"})

        return await guarded(keep)(request)

    def get(request: Request) -> Response:
        kept = drafts.get(*place(request))
        if kept is None:
            raise nothing_here()
        header, payload = unframed(kept)
        session, capability = allowed(serving, request, "draft")
        if header["base"] and is_withheld(serving.workspace, session, capability.study):
            raise nothing_here()  # Begun beside a model's result.
        said = {"cache-control": "no-store", BASE_HEADER: header["base"], DIGEST_HEADER: digest_bytes(kept)}
        return Response(payload, media_type="application/octet-stream", headers=said)

    def drop(request: Request) -> Response:
        """Only the draft that is named: one that another window has changed since stays."""
        where = place(request)
        if _digest(request, OVER_HEADER) == drafts.digest(*where):
            drafts.drop(*where)
        return JSONResponse({"digest": drafts.digest(*where)}, headers={"cache-control": "no-store"})

    return [
        Route("/api/draft/{study}/{finding}", put, methods=["PUT"]),
        Route("/api/draft/{study}/{finding}", guarded(get), methods=["GET"]),
        Route("/api/draft/{study}/{finding}", guarded(drop), methods=["DELETE"]),
    ]


def _digest(request: Request, header: str) -> str | None:
    """The digest in a header; '' for `none`, None where there is no such header."""
    said = request.headers.get(header)
    if said is not None and said != "none" and not _DIGEST.match(said):
        raise UsageError("The draft was not kept.", f"{header} is not a digest.", "Reload the page.")
    return "" if said == "none" else said
