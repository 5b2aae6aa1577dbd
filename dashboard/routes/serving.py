"""What this process serves: set once by the server, read by routes and panels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..access import Capability, SessionStore, issue_token, read_token
from ..domain import Session
from ..errors import WorkspaceRefused
from ..workspace import Workspace

__all__ = ["COOKIE", "Serving", "serve_workspace", "serving", "session_store"]

COOKIE = "overread_session"


@dataclass(frozen=True)
class Serving:
    """A workspace with its sessions."""

    workspace: Workspace
    sessions: SessionStore

    def token(self, session: Session, study: str, what: Iterable[str]) -> str:
        """A capability token for this session, this study and these kinds of bytes."""
        return issue_token(self.workspace.keys.key("token"), session, study, what)

    def capability(self, token: str, session: Session, what: str) -> Capability:
        """What a token allows; TokenRefused where it is not for this."""
        return read_token(self.workspace.keys.key("token"), token, session, what)


_current: list[Serving] = []


def session_store(workspace: Workspace) -> SessionStore:
    """The sessions of a workspace, with the lengths of its settings."""
    return SessionStore(
        workspace.root / "sessions",
        hours=float(workspace.settings["session.hours"]),
        idle_minutes=float(workspace.settings["session.idle_minutes"]),
    )


def serve_workspace(workspace: Workspace) -> Serving:
    """Make a workspace the one that this process serves."""
    _current[:] = [Serving(workspace, session_store(workspace))]
    return _current[0]


def serving() -> Serving:
    """What this process serves.

    Raises
    ------
    WorkspaceRefused
        Nothing: the pages were started without `overread serve`.
    """
    if not _current:
        raise WorkspaceRefused(
            "No workspace is served.", "The pages were not started by Overread.", "Start them with `overread serve`."
        )
    return _current[0]
