"""Who sits at this page: the workspace being served and the reader's session."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ..domain import Session
from ..routes import Serving, serving
from ..terms import Role
from ..workspace import Workspace

__all__ = ["Desk", "desk", "name_reader", "notice", "set_notice", "token_for"]

_COOKIE = "overread_session"


@dataclass(frozen=True)
class Desk:
    """One reader at one workspace."""

    workspace: Workspace
    session: Session
    serving: Serving

    @property
    def has_reader(self) -> bool:
        """Whether the session has been given a reader's name."""
        return bool(self.session.reader)


def desk() -> Desk:
    """The desk of the browser that asks; the page stops where its session has ended."""
    here = serving()
    session = here.sessions.lookup(st.context.cookies.get(_COOKIE, ""))
    if session is None:
        st.error("Your session has ended. Run `overread invite` on this computer and open the address it prints.")
        st.stop()
    return Desk(here.workspace, session, here)


def name_reader(reader: str, role: Role) -> None:
    """Give this browser's session its reader, once."""
    here = serving()
    here.sessions.name(st.context.cookies.get(_COOKIE, ""), reader, role)


def token_for(at: Desk, study: str, *what: str) -> str:
    """A capability token for this session, this study and these kinds of bytes."""
    return at.serving.token(at.session, study, what)


def set_notice(text: str, detail: str = "", *, error: bool = False) -> None:
    """Keep one sentence for the page to show after the rerun."""
    st.session_state["notice"] = {"text": text, "detail": detail, "error": error}


def notice() -> dict[str, object] | None:
    """The sentence kept by `set_notice`, or None."""
    return st.session_state.get("notice")
