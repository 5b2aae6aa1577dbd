"""How routes answer: checked capability, framed bytes, errors in three sentences, never a traceback."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..domain import Session
from ..errors import (
    AccessRefused,
    BlindOpen,
    FindingNotFound,
    LedgerRefused,
    NotSignedIn,
    OverreadError,
    StudyNotFound,
)
from ..review import Capability
from .serving import Serving

__all__ = ["TOKEN_HEADER", "Handler", "allowed", "framed", "guarded", "immutable", "model_derived"]

Handler = Callable[[Request], Awaitable[Response]]
TOKEN_HEADER = "x-overread-token"


def allowed(serving: Serving, request: Request, what: str) -> tuple[Session, Capability]:
    """The session of a request and what its token allows, if it allows `what`.

    Raises
    ------
    NotSignedIn, TokenRefused
        It does not.
    """
    session = request.scope.get("overread.session")
    if session is None:
        raise NotSignedIn("The data were not sent.", "There is no session.", "Sign in again.")
    return session, serving.capability(request.headers.get(TOKEN_HEADER, ""), session, what)


def guarded(work: Callable[[Request], Response]) -> Handler:
    """Run blocking work in a thread and translate our errors into JSON with a fitting status."""

    async def handle(request: Request) -> Response:
        try:
            return await anyio.to_thread.run_sync(work, request)
        except OverreadError as error:
            return JSONResponse(error.as_dict(), status_code=_status(error), headers={"cache-control": "no-store"})
        except (KeyError, ValueError, IndexError):
            body = {"code": "not_found", "what": "There is nothing at this address.", "why": "", "what_to_do": ""}
            return JSONResponse(body, status_code=404, headers={"cache-control": "no-store"})

    return handle


def _status(error: OverreadError) -> int:
    if isinstance(error, NotSignedIn):
        return 401
    if isinstance(error, AccessRefused | BlindOpen):
        return 403
    if isinstance(error, StudyNotFound | FindingNotFound):
        return 404
    return 503 if isinstance(error, LedgerRefused) else 400


def framed(header: Mapping[str, Any], payload: bytes) -> bytes:
    """A JSON header's length (uint32, little-endian), the header padded with spaces to four bytes, the payload."""
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + payload


def immutable(request: Request, data: bytes, tag: str, media_type: str = "application/octet-stream") -> Response:
    """Bytes that never change under their address: kept by the browser, for this login only."""
    headers = {
        "cache-control": "private, max-age=31536000, immutable",
        "etag": f'"{tag}"',
        "vary": "Cookie",
    }
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=headers)
    return Response(gzip.compress(data, 1), media_type=media_type, headers={**headers, "content-encoding": "gzip"})


def model_derived(data: bytes, media_type: str = "application/octet-stream") -> Response:
    """Bytes that come from a model: never stored by a browser, which would show them to the next reader unasked."""
    headers = {"cache-control": "no-store", "content-encoding": "gzip"}
    return Response(gzip.compress(data, 1), media_type=media_type, headers=headers)
