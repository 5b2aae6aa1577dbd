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

from ..access import Capability
from ..casework import RevealedPrediction, Withheld, reveal
from ..domain import Session, Study
from ..errors import (
    AccessRefused,
    BlindOpen,
    FindingNotFound,
    LedgerRefused,
    ModelNotFound,
    NotHere,
    NotSignedIn,
    OverreadError,
    StudyNotFound,
    TooLarge,
)
from .serving import Serving

__all__ = [
    "TOKEN_HEADER",
    "Handler",
    "allowed",
    "framed",
    "guarded",
    "immutable",
    "json_bytes",
    "model_derived",
    "nothing_here",
    "revealed",
]

Handler = Callable[[Request], Awaitable[Response]]
TOKEN_HEADER = "x-overread-token"
_BYTES = "application/octet-stream"
_STATUS: tuple[tuple[type[OverreadError], int], ...] = (
    (NotSignedIn, 401),
    (NotHere, 404),
    (StudyNotFound, 404),
    (FindingNotFound, 404),
    (ModelNotFound, 404),
    (TooLarge, 413),
    (AccessRefused, 403),
    (BlindOpen, 403),
    (LedgerRefused, 503),
)


def allowed(serving: Serving, request: Request, what: str) -> tuple[Session, Capability]:
    """The session of a request and what its token allows, if it allows `what`.

    Raises
    ------
    NotSignedIn
        There is no session, or it has no reader yet.
    TokenRefused
        The token in the header is missing or not for this.
    """
    session: Session | None = request.scope.get("overread.session")
    if session is None or not session.reader:
        raise NotSignedIn("The data were not sent.", "It is not known who is reading.", "Say so on the page.")
    return session, serving.capability(request.headers.get(TOKEN_HEADER, ""), session, what)


def revealed(serving: Serving, request: Request, what: str) -> tuple[Study, RevealedPrediction]:
    """The model's result that a request asks for, once casework has revealed it to this reader.

    Raises
    ------
    BlindOpen
        The reader owes the study a read of their own.
    """
    session, capability = allowed(serving, request, what)
    study = serving.workspace.study(capability.study)
    seen = reveal(serving.workspace, session, study)
    if isinstance(seen, Withheld):
        raise BlindOpen("Nothing of the model was sent.", seen.why, "Commit your own read first.")
    return study, seen.by_digest(request.path_params["digest"])


def nothing_here() -> NotHere:
    """The error for an address that names nothing in the token's study."""
    return NotHere("There is nothing at this address.", "It names nothing of this study.", "Reload the page.")


def guarded(work: Callable[[Request], Response]) -> Handler:
    """Run blocking work in a thread and translate our errors into JSON with a fitting status.

    Anything else that fails is the Guard's to answer.
    """

    async def handle(request: Request) -> Response:
        try:
            return await anyio.to_thread.run_sync(work, request)
        except OverreadError as error:
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
            return JSONResponse(error.as_dict(), status_code=status, headers={"cache-control": "no-store"})

    return handle


def json_bytes(said: Mapping[str, Any]) -> bytes:
    """Compact JSON; a number that is not finite is a defect, since no browser reads it."""
    return json.dumps(said, separators=(",", ":"), allow_nan=False).encode()


def framed(header: Mapping[str, Any], payload: bytes) -> bytes:
    """A JSON header's length (uint32, little-endian), the header padded with spaces to four bytes, the payload."""
    text = json_bytes(header)
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + payload


def immutable(request: Request, tag: str, make: Callable[[], bytes], media_type: str = _BYTES) -> Response:
    """Bytes that never change under their address: kept by this browser, for this login only.

    A browser looks at the Cookie header of `Vary` too late to tell two logins apart (Chromium adds cookies below its
    cache), but at the token's in time; the token is of one login, and without it the address gives nothing.
    """
    headers = {
        "cache-control": "private, max-age=31536000, immutable",
        "etag": f'"{tag}"',
        "vary": "Cookie, X-Overread-Token, Accept-Encoding",
    }
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=headers)
    return Response(gzip.compress(make(), 1), media_type=media_type, headers={**headers, "content-encoding": "gzip"})


def model_derived(data: bytes) -> Response:
    """Bytes that come from a model: never stored by a browser, which would show them to the next reader unasked."""
    headers = {"cache-control": "no-store", "content-encoding": "gzip"}
    return Response(gzip.compress(data, 1), media_type=_BYTES, headers=headers)
