"""Sessions: who sits at which browser. Secrets are kept hashed, one file each, mode 0600; they survive a restart."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..domain import Session
from ..errors import UsageError
from ..files import read_json, write_json
from ..terms import Identity, Role

__all__ = ["SessionStore"]

_READER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}\Z")
_TOUCH_S = 30.0


class SessionStore:
    """Launch tokens and sessions of one workspace.

    Parameters
    ----------
    folder : Path
        `<workspace>/sessions`, mode 0700.
    hours, idle_minutes : float
        A session ends after so many hours, and locks after so many minutes without a request.
    launch_minutes : float
        How long a launch address is good for.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self,
        folder: Path,
        *,
        hours: float = 12.0,
        idle_minutes: float = 60.0,
        launch_minutes: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._hours = hours
        self._idle_s = idle_minutes * 60
        self._launch_s = launch_minutes * 60
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def invite(self, reader: str = "", role: Role = Role.RADIOLOGIST, *, local: bool = False) -> str:
        """A one-time launch token.

        With `local` it is that of the person who started the server: identity `unverified`, under the name given at
        an earlier start, or asked for on the page. Else it is a named reader's, identity `invited`.

        Raises
        ------
        UsageError
            The reader's code is not letters, digits, spaces, dots, dashes and underscores, at most 40.
        """
        identity = Identity.UNVERIFIED if local else Identity.INVITED
        if local and not reader:
            known = self._load(self.folder / "local-reader.json") or {}
            reader, role = known.get("reader", ""), Role(known.get("role", role))
        elif not _READER.match(reader):
            raise _bad_name()
        token = secrets.token_urlsafe(32)
        self._save(
            self.folder / f"launch-{_hash(token)}.json",
            {"reader": reader, "role": role, "identity": identity, "expires": self._clock() + self._launch_s},
        )
        return token

    def exchange(self, token: str) -> str | None:
        """The cookie of a new session for a launch token; None where it is unknown, used or too old."""
        path = self.folder / f"launch-{_hash(token)}.json"
        known = self._load(path)
        try:
            path.unlink()
        except FileNotFoundError:
            return None
        now = self._clock()
        if known is None or known["expires"] < now:
            return None
        cookie = secrets.token_urlsafe(32)
        self._save(self._path(cookie), {**known, "created": now, "seen": now, "expires": now + self._hours * 3600})
        return cookie

    def lookup(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is unknown, has ended or is locked. Counts as a sign of life."""
        if not cookie:
            return None
        path = self._path(cookie)
        known = self._load(path)
        now = self._clock()
        if known is None or known["expires"] < now or now - known["seen"] > self._idle_s:
            return None
        if now - known["seen"] > _TOUCH_S:
            self._save(path, {**known, "seen": now})
        return Session(
            id=_hash(cookie),
            reader=known["reader"],
            role=Role(known["role"]),
            identity=Identity(known["identity"]),
            expires_at=known["expires"],
        )

    def name(self, cookie: str, reader: str, role: Role) -> None:
        """Give an unnamed session its reader, once; a later start of the same computer remembers it.

        Raises
        ------
        UsageError
            The code is not one, or the session has a reader already.
        """
        path = self._path(cookie)
        known = self._load(path)
        if not _READER.match(reader):
            raise _bad_name()
        if known is None or known["reader"]:
            raise UsageError("The reader was not set.", "This session has one.", "Invite another reader instead.")
        self._save(path, {**known, "reader": reader, "role": role})
        self._save(self.folder / "local-reader.json", {"reader": reader, "role": role})

    def _path(self, cookie: str) -> Path:
        return self.folder / f"session-{_hash(cookie)}.json"

    @staticmethod
    def _load(path: Path) -> dict[str, Any] | None:
        try:
            return read_json(path)
        except (OSError, ValueError):
            return None

    @staticmethod
    def _save(path: Path, value: dict[str, Any]) -> None:
        write_json(path, value, mode=0o600)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _bad_name() -> UsageError:
    return UsageError(
        "The reader was not set.",
        "A reader's code is letters, digits, spaces, dots, dashes and underscores, at most 40.",
        "Choose a code such as R-04.",
    )
