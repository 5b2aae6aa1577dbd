"""The viewers' modules, styles and fonts. Their address holds their version, so they never change under it."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import guarded, nothing_here

__all__ = ["asset_routes"]

_KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_COMPONENTS = Path(__file__).resolve().parent.parent / "components"


def asset_routes(version: str) -> list[Route]:
    """`/assets/<version>/...`; another version than the one served is not here, lest it be kept under a wrong name."""

    def asset(request: Request) -> Response:
        asked = request.path_params["path"]
        if request.path_params["version"] != version or "\0" in asked:
            raise nothing_here()
        path = (_COMPONENTS / asked).resolve()
        if path.suffix not in _KINDS or not path.is_relative_to(_COMPONENTS) or not path.is_file():
            raise nothing_here()
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(path.read_bytes(), media_type=_KINDS[path.suffix], headers=headers)

    return [Route("/assets/{version}/{path:path}", guarded(asset))]
