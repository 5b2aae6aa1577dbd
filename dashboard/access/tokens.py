"""Capability tokens: what one session may fetch of one study, until when. Carried in a header, never in an address.

Trust model: a token is worth nothing without its session's cookie, and nothing of a model without `casework.reveal`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..domain import Session
from ..errors import TokenRefused

__all__ = ["CAPABILITIES", "Capability", "issue_token", "read_token"]

CAPABILITIES = frozenset({"volume", "signal", "mask", "risk", "draft", "export"})
_QUARTER = 4


@dataclass(frozen=True)
class Capability:
    """What a token allows."""

    session: str
    reader: str
    study: str
    what: frozenset[str]
    expires: float


def issue_token(
    key: bytes,
    session: Session,
    study: str,
    what: Iterable[str],
    *,
    ttl_s: float = 8 * 3600,
    clock: Callable[[], float] = time.time,
) -> str:
    """A token over session, reader, study, what may be fetched and expiry, signed by HMAC-SHA-256.

    It is good for at least three quarters of `ttl_s` and at most `ttl_s`, never longer than the session. Within a
    quarter the same question gives the same token, so that a browser may keep images under it.

    Raises
    ------
    ValueError
        `what` names something that is no capability.
    """
    wanted = sorted(set(what))
    if not set(wanted) <= CAPABILITIES:
        raise ValueError(f"not a capability: {wanted}")
    quarter = ttl_s / _QUARTER
    expires = math.floor(clock() / quarter + _QUARTER) * quarter
    if session.expires_at:
        expires = min(expires, session.expires_at)
    said = {"s": session.id, "r": session.reader, "y": study, "w": wanted, "e": expires}
    body = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
    return f"{body}.{_sign(key, body)}"


def read_token(
    key: bytes, token: str, session: Session, what: str, *, clock: Callable[[], float] = time.time
) -> Capability:
    """What a token allows, if it is genuine, of this session, not expired, and allows `what`.

    Raises
    ------
    TokenRefused
        It is not.
    """
    body, _, signature = token.partition(".")
    if not hmac.compare_digest(_sign(key, body).encode(), signature.encode("utf-8", "replace")):
        raise _refused("it is missing or not genuine")
    said = json.loads(base64.urlsafe_b64decode(body))
    found = Capability(said["s"], said["r"], said["y"], frozenset(said["w"]), said["e"])
    if found.session != session.id or found.reader != session.reader:
        raise _refused("it is of another session")
    if found.expires <= clock():
        raise _refused("it has expired")
    if what not in found.what:
        raise _refused("it is for something else")
    return found


def _sign(key: bytes, body: str) -> str:
    digest = hmac.new(key, body.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refused(why: str) -> TokenRefused:
    return TokenRefused("The data were not sent.", f"The page's token was refused: {why}.", "Reload the page.")
