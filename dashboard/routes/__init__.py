"""The bytes that the viewers fetch, and the Guard before all of them. A new kind of case adds its routes here."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .answers import guarded, nothing_here
from .assets import asset_routes
from .drafts import draft_routes
from .exports import export_routes
from .guard import BODY_LIMITS, Guard
from .health import health_routes
from .masks import mask_routes
from .outlines import outline_routes
from .policy import CONTENT_SECURITY_POLICY, HEADERS
from .risks import risk_routes
from .serving import COOKIE, Serving, serve_workspace, serving, session_store
from .signals import page_bytes, signal_routes
from .volumes import volume_routes

__all__ = [
    "BODY_LIMITS",
    "CONTENT_SECURITY_POLICY",
    "COOKIE",
    "HEADERS",
    "Guard",
    "Serving",
    "build_routes",
    "page_bytes",
    "serve_workspace",
    "serving",
    "session_store",
]

_KINDS = (
    volume_routes,
    mask_routes,
    signal_routes,
    risk_routes,
    draft_routes,
    outline_routes,
    export_routes,
    health_routes,
)


def build_routes(at: Serving, asset_version: str) -> list[Route]:
    """Every route beside Streamlit's own; what else is asked of `/api/` is not here."""

    def unknown(_request: Request) -> Response:
        raise nothing_here()

    def home(_request: Request) -> Response:
        """The worklist stands at the root; Streamlit knows no other address of its first page."""
        return RedirectResponse("/", status_code=307)

    made = [route for kind in _KINDS for route in kind(at)]
    return [
        *asset_routes(asset_version),
        *made,
        Route("/worklist", home),
        Route("/api/{rest:path}", guarded(unknown)),
    ]
