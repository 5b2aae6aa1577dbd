"""Sessions: who sits at which browser. Secrets are kept hashed, one file each, mode 0600; they survive a restart.

Trust model: a secret is 256 random bits and is looked up by its SHA-256, so what a lookup takes tells nothing about the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..domain import Session
from ..errors import UsageError
from ..files import read_json, write_json
from ..terms import Identity, Role

__all__ = ["SessionStore"]

_READER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}\Z")
_TOUCH_S = 30.0


@dataclass(frozen=True)
class _Kept:
    """One launch token or session on disk; `secret` is its hash."""

    secret: str
    reader: str
    role: Role
    identity: Identity
    expires: float


class SessionStore:
    """Launch tokens and sessions of one workspace; safe to share between threads.

    Parameters
    ----------
    folder : Path
        `<workspace>/sessions`, mode 0700.
    hours, idle_minutes : float
        A session ends after so many hours, and is locked after so many minutes without a sign of life.
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
        self._naming = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def invite(self, reader: str = "", role: Role = Role.RADIOLOGIST, *, local: bool = False) -> str:
        """A one-time launch token.

        With `local` it is that of the person who started the server: identity `unverified`, under the code given at
        an earlier start, or asked for on the page. Else it is a named reader's, identity `invited`.

        Raises
        ------
        UsageError
            The reader's code is not letters, digits, spaces, dots, dashes and underscores, at most 40.
        """
        if local and not reader:
            known = self._load(self.folder / "local-reader.json")
            reader, role = (known.reader, known.role) if known else ("", role)
        elif not _READER.match(reader):
            raise _bad_code()
        self._sweep()
        token = secrets.token_urlsafe(32)
        identity = Identity.UNVERIFIED if local else Identity.INVITED
        kept = _Kept(_hash(token), reader, role, identity, self._clock() + self._launch_s)
        self._save(self._path("launch", kept.secret), kept)
        return token

    def exchange(self, token: str) -> str | None:
        """The cookie of a new session for a launch token; None where it is unknown, used or too old."""
        path = self._path("launch", _hash(token))
        kept = self._load(path)
        try:
            path.unlink()  # Of two at the same moment only one finds the file.
        except FileNotFoundError:
            return None
        if kept is None or not _is_of(kept, token) or kept.expires < self._clock():
            return None
        cookie = secrets.token_urlsafe(32)
        session = replace(kept, secret=_hash(cookie), expires=self._clock() + self._hours * 3600)
        self._save(self._path("session", session.secret), session)
        return cookie

    def lookup(self, cookie: str, *, touch: bool = True) -> Session | None:
        """The session of a cookie; None where it is unknown, has ended or is locked.

        With `touch` the question counts as a sign of life.
        """
        path = self._path("session", _hash(cookie))
        kept = self._load(path) if cookie else None
        if kept is None or not _is_of(kept, cookie):
            return None
        try:
            seen = path.stat().st_mtime
            now = self._clock()
            if kept.expires < now or now - seen > self._idle_s:
                return None
            if touch and now - seen > _TOUCH_S:
                os.utime(path, (now, now))
        except FileNotFoundError:
            return None
        return Session(kept.secret, kept.reader, kept.role, kept.identity, kept.expires)

    def name(self, cookie: str, reader: str, role: Role) -> None:
        """Give an unnamed session its reader, once; a later start on the same computer remembers it.

        Raises
        ------
        UsageError
            The code is not one, the session has ended, or it has a reader already.
        """
        if not _READER.match(reader):
            raise _bad_code()
        with self._naming:
            path = self._path("session", _hash(cookie))
            kept = self._load(path)
            if kept is None or self.lookup(cookie) is None:
                raise UsageError("The reader was not set.", "The session has ended.", "Open a new address.")
            if kept.reader:
                raise UsageError("The reader was not set.", "The session has one.", "Invite another reader instead.")
            named = replace(kept, reader=reader, role=role)
            self._save(path, named)
            self._save(self.folder / "local-reader.json", replace(named, secret="", expires=0.0))

    def _path(self, kind: str, secret: str) -> Path:
        return self.folder / f"{kind}-{secret}.json"

    def _load(self, path: Path) -> _Kept | None:
        """What a file says; None where it is not there or not one of ours."""
        try:
            said = read_json(path)
            return _Kept(
                str(said["secret"]),
                str(said["reader"]),
                Role(said["role"]),
                Identity(said["identity"]),
                float(said["expires"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _save(self, path: Path, kept: _Kept) -> None:
        write_json(path, asdict(kept), mode=0o600)
        os.utime(path, (self._clock(), self._clock()))  # The file's time is the last sign of life.

    def _sweep(self) -> None:
        """Forget what has run out."""
        for path in self.folder.glob("*-*.json"):
            kept = self._load(path)
            if kept is not None and kept.secret and kept.expires < self._clock():
                path.unlink(missing_ok=True)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _is_of(kept: _Kept, secret: str) -> bool:
    return hmac.compare_digest(kept.secret, _hash(secret))


def _bad_code() -> UsageError:
    return UsageError(
        "The reader was not set.",
        "A reader's code is letters, digits, spaces, dots, dashes and underscores, at most 40.",
        "Choose a code such as R-04.",
    )
