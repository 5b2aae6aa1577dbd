"""The Guard: every request and websocket passes it, Streamlit's own included. Pure ASGI, since only that sees both."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import cookie_parser

from ..access import SessionStore
from ..errors import NotSignedIn, OverreadError, TooLarge
from .policy import NO_SESSION_PAGE, Send, answer, answer_error, with_headers, with_page_script
from .serving import COOKIE

__all__ = ["BODY_LIMITS", "Guard"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMITS: Mapping[str, int] = {"/_stcore/upload_file/": 2049 << 20, "/api/draft/": 64 << 20, "/": 1 << 20}
"""Bytes that a request may bring, by the beginning of its path; the first that fits counts."""

_SAFE = {"GET", "HEAD"}
_POLICY_VIOLATION = 1008
_SHORTENS = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?\Z")
_LOG = logging.getLogger(__name__)


class Guard:
    """Refuse what does not come from a browser with a session, on an allowed address.

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
        if scope["type"] == "http":
            await self._http(scope, receive, with_page_script(with_headers(send)))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A websocket lives no longer than its session: each message from the browser asks again."""
        headers = _headers(scope)
        cookie = _cookie(headers)
        if not self._host_allowed(headers) or not _same_origin(headers) or self._sessions.lookup(cookie) is None:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return

        async def receiving() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "websocket.receive" and self._sessions.lookup(cookie, touch=False) is None:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}
            return message

        await self._app(scope, receiving, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        path, method = scope["path"], scope["method"]
        if not self._host_allowed(headers):
            await answer(send, 421, "This address is not served here.\n", "text/plain")
        elif path == "/healthz" and method in _SAFE:
            await self._pass(scope, receive, send)
        elif method not in _SAFE and not _same_origin(headers):
            await answer(send, 403, "The request came from another site.\n", "text/plain")
        elif path == "/" and method == "GET" and (token := _launch_token(scope)):
            await self._enter(scope, send, token, headers)
        elif (session := self._sessions.lookup(_cookie(headers))) is not None:
            scope["overread.session"] = session
            await self._pass(_as_plain_page(scope, headers), receive, send)
        elif path.startswith("/api/"):
            error = NotSignedIn("The data were not sent.", "The session has ended.", "Open a new address.")
            await answer_error(send, 401, error)
        else:
            await answer(send, 401, NO_SESSION_PAGE, "text/html")

    async def _enter(self, scope: Scope, send: Send, token: str, headers: Mapping[str, str]) -> None:
        """Exchange a launch token and go on to the clean address, so that the token stays in no history."""
        cookie = self._sessions.exchange(token)
        if cookie is not None:
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            setting = f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}"
            await answer(send, 303, "", "text/plain", ("location", "/"), ("set-cookie", setting))
        elif self._sessions.lookup(_cookie(headers)) is not None:
            await answer(send, 303, "", "text/plain", ("location", "/"))
        else:
            await answer(send, 401, NO_SESSION_PAGE, "text/html")

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on with a limit on its body; whatever fails inside is answered without saying where."""
        limit = next(bytes_ for prefix, bytes_ in BODY_LIMITS.items() if scope["path"].startswith(prefix))
        started = False
        brought = 0

        async def receiving() -> MutableMapping[str, Any]:
            nonlocal brought
            message = await receive()
            brought += len(message.get("body", b""))
            if brought > limit:
                raise _too_large(limit)
            return message

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if _said_length(scope) > limit:
                raise _too_large(limit)
            await self._app(scope, receiving, sending)
        except TooLarge as error:
            if started:
                raise
            await answer_error(send, 413, error)
        except Exception as error:
            _LOG.error("%s at %s", type(error).__name__, _place(error))
            if started:
                raise
            said = OverreadError("The server could not answer.", "Something in it failed.", "Reload the page.")
            await answer_error(send, 500, said)

    def _host_allowed(self, headers: Mapping[str, str]) -> bool:
        found = _HOST.match(headers.get("host", ""))
        return found is not None and found[1].strip("[]").lower() in self._hosts


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; what comes twice is joined, so that two hosts are none."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}; {text}" if key in found else text
    return found


def _as_plain_page(scope: Scope, headers: Mapping[str, str]) -> Scope:
    """The request for a page, to be answered whole and not compressed, since `with_page_script` adds to it."""
    if "text/html" not in headers.get("accept", ""):
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _SHORTENS]
    return {**scope, "headers": kept}


def _same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the Origin is there and is the very address that the request was sent to."""
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return bool(origin.netloc) and origin.scheme in ("http", "https") and origin.netloc == headers.get("host")


def _cookie(headers: Mapping[str, str]) -> str:
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _launch_token(scope: Scope) -> str:
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("launch", [""])[0]


def _said_length(scope: Scope) -> int:
    said = _headers(scope).get("content-length", "")
    return int(said) if said.isdecimal() else 0


def _too_large(limit: int) -> TooLarge:
    return TooLarge("The data were not kept.", f"They are over {limit} bytes.", "Send less.")


def _place(error: BaseException) -> str:
    """The module and line where an error arose: no path above the package, no value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
