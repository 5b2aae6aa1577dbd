"""The bytes that the viewers fetch, and the Guard before all of them. A new kind of case adds its routes here."""

from starlette.routing import Route

from .guard import CONTENT_SECURITY_POLICY, HEADERS, Guard
from .images import image_routes
from .keeping import keeping_routes
from .plain import plain_routes
from .serving import COOKIE, Serving, serve_workspace, serving, session_store
from .signals import page_bytes, signal_routes

__all__ = [
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


def build_routes(at: Serving) -> list[Route]:
    """Every route beside Streamlit's own."""
    return [*plain_routes(at), *image_routes(at), *signal_routes(at), *keeping_routes(at)]
