"""What every answer carries, and how the Guard answers by itself. No identity, no path, no traceback in any of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ..errors import OverreadError

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "HEADERS",
    "NO_SESSION_PAGE",
    "Send",
    "answer",
    "answer_error",
    "with_headers",
    "with_page_script",
]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

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
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), display-capture=()",
}
_PAGE_SCRIPT = b"""<script>
delete window.WebAssembly;
(() => {
  const theirs = `stActiveTheme-${location.pathname}-v2`, ours = "overread-theme", store = localStorage;
  store.setItem(theirs, store.getItem(ours) ?? '"Dark"');
  addEventListener("pagehide", () => store.setItem(ours, store.getItem(theirs) ?? '"System"'));
})();
</script>"""
"""What a page's first script does: see `with_page_script`."""
NO_SESSION_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Overread</title>'
    '<meta name="color-scheme" content="dark light">'
    "<style>body{font:15px/1.5 system-ui;max-width:36em;margin:12vh auto;padding:0 1em}</style>"
    "<h1>No session</h1><p>This browser has no session here, or it has ended. "
    "An address that was opened once does not work again.</p>"
    "<p>On the computer where Overread runs, print a new address with</p>"
    "<p><code>overread invite --reader R-04 --role radiologist</code></p><p>and open it in this browser.</p></html>"
)


def with_headers(send: Send) -> Send:
    """A `send` that sets our headers on every response and lets nothing inside replace them."""
    own = {name.encode() for name in HEADERS}

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in own]
            message["headers"] = kept + [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        await send(message)

    return sending


def with_page_script(send: Send) -> Send:
    """A `send` that puts a script of ours before those of a page.

    It hides WebAssembly: a library in Streamlit's pages compiles a few bytes of it to see whether it may, and goes on
    without where it can't; the policy above forbids it, and each try would be reported as a violation. It makes the
    theme one for all pages, dark until the reader chooses another in the menu: Streamlit keeps one for each address and
    begins with the system's.
    """
    held: MutableMapping[str, Any] | None = None

    async def sending(message: MutableMapping[str, Any]) -> None:
        nonlocal held
        if message["type"] == "http.response.start" and _is_page(message):
            held = message
            return
        if held is not None and message["type"] == "http.response.body":
            start, held = held, None
            body = message.get("body", b"").replace(b"<head>", b"<head>" + _PAGE_SCRIPT, 1)
            added = len(body) - len(message.get("body", b""))
            if added:  # Another page than the one whose entity tag Streamlit gave.
                start["headers"] = [
                    (name, str(int(value) + added).encode() if name.lower() == b"content-length" else value)
                    for name, value in start["headers"]
                    if name.lower() not in (b"etag", b"last-modified")
                ]
            await send(start)
            message = {**message, "body": body}
        await send(message)

    return sending


def _is_page(start: MutableMapping[str, Any]) -> bool:
    kinds = [value for name, value in start.get("headers", []) if name.lower() == b"content-type"]
    return start["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)


async def answer(send: Send, status: int, body: str, kind: str, *further: tuple[str, str]) -> None:
    """A whole response that no browser keeps."""
    data = body.encode()
    head = [
        ("content-type", f"{kind}; charset=utf-8"),
        ("content-length", str(len(data))),
        ("cache-control", "no-store"),
    ]
    headers = [(name.encode(), value.encode()) for name, value in (*head, *further)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})


async def answer_error(send: Send, status: int, error: OverreadError) -> None:
    """An error as JSON: code, what, why, what_to_do."""
    await answer(send, status, json.dumps(error.as_dict()), "application/json")
