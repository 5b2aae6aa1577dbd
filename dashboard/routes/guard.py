"""The Guard: every request and websocket passes it, Streamlit's own included. Pure ASGI, since only that sees both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..review import SessionStore
from .serving import COOKIE

__all__ = ["CONTENT_SECURITY_POLICY", "HEADERS", "Guard"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=()",
}
_SAFE = {"GET", "HEAD"}
_POLICY_VIOLATION = 1008
_NO_SESSION = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Overread</title>'
    "<style>body{font:15px system-ui;max-width:34em;margin:12vh auto;padding:0 1em}</style>"
    "<h1>No session</h1><p>This browser has no session, or it has ended.</p>"
    "<p>On the computer where Overread runs, print a new address with<br>"
    "<code>overread invite --reader CODE --role radiologist</code><br>and open it here.</p></html>"
)


class Guard:
    """Refuse what does not come from a signed-in browser on an allowed address.

    Parameters
    ----------
    app : ASGI application
    sessions : SessionStore
    hosts : frozenset of str
        Host names that the server answers to; any other is refused, against DNS rebinding.
    """

    def __init__(self, app: App, sessions: SessionStore, hosts: frozenset[str]) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or websocket through, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, headers)
        else:
            await self._http(scope, receive, _with_headers(send), headers)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        session = self._sessions.lookup(_cookie(headers))
        if not self._host_allowed(headers) or not _same_origin(headers) or session is None:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        scope["overread.session"] = session
        await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        if not self._host_allowed(headers):
            await _answer(send, 421, "This address is not served here.")
            return
        path, method = scope["path"], scope["method"]
        if path == "/healthz" and method in _SAFE:
            await self._app(scope, receive, send)
            return
        if method not in _SAFE and not _same_origin(headers):
            await _answer(send, 403, "The request came from another site.")
            return
        launch = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("launch")
        if path == "/" and launch and method == "GET":
            cookie = self._sessions.exchange(launch[0])
            if cookie is not None:
                await _redirect(send, cookie)
                return
        session = self._sessions.lookup(_cookie(headers))
        if session is None:
            await _answer(send, 401, _NO_SESSION, html=True)
            return
        scope["overread.session"] = session
        await self._app(scope, receive, send)

    def _host_allowed(self, headers: dict[str, str]) -> bool:
        return urlsplit(f"//{headers.get('host', '')}").hostname in self._hosts


def _same_origin(headers: dict[str, str]) -> bool:
    """Whether the Origin is there and is the very address that the request was sent to."""
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.scheme in ("http", "https") and origin.netloc == headers.get("host")


def _cookie(headers: dict[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = {name.encode() for name in HEADERS}
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in own]
            message["headers"] = kept + [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str, *, html: bool = False) -> None:
    body = text.encode()
    kind = b"text/html; charset=utf-8" if html else b"text/plain; charset=utf-8"
    head = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _redirect(send: Send, cookie: str) -> None:
    """To the clean address, with the cookie: the token stays in no history and no log."""
    head = [
        (b"location", b"/"),
        (b"set-cookie", f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax".encode()),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": head})
    await send({"type": "http.response.body", "body": b""})
