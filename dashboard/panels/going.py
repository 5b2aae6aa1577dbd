"""The way from page to page, which no rerun in between can lose.

A click is heard in one run of the script only, and a report of a viewer may end that run before it has gone anywhere.
Where to go is therefore kept until the session has arrived.
"""

from __future__ import annotations

import streamlit as st

from ..casework import KINDS
from ..terms import StudyKind

__all__ = ["arrive", "go", "go_to_study", "on_the_way"]

_TRIES = 3


def on_the_way(page: str, **query: str) -> None:
    """Leave a wish to go to a page; in a callback, after which the script runs."""
    st.session_state["going"] = (page, query, 0)


def go(page: str, **query: str) -> None:
    """Leave this page at once for another, or for the same with another address."""
    on_the_way(page, **query)
    st.switch_page(st.session_state["pages"][page], query_params=query)


def go_to_study(study: str, kind: StudyKind) -> None:
    """Go to the page that reads this kind of study."""
    go(KINDS[kind].page, study=study)


def arrive(here: str) -> None:
    """Take up a wish that an earlier run was kept from carrying out; `here` is the page's path, '' for the first.

    After three tries the wish is dropped: a page that sends its visitors elsewhere must not be asked for ever.
    """
    page, query, tries = st.session_state.get("going") or ("", {}, 0)
    if not page:
        return
    target = st.session_state["pages"][page]
    there = target.url_path == here and all(st.query_params.get(name) == value for name, value in query.items())
    if there or tries >= _TRIES:
        del st.session_state["going"]
        return
    st.session_state["going"] = (page, query, tries + 1)
    st.switch_page(target, query_params=query)
