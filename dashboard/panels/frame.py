"""What stands on every page: header chips, foot, and the one question for a name."""

from __future__ import annotations

import html
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

import streamlit as st

from ..casework import ledger_state
from ..errors import OverreadError
from ..terms import Role
from ..viewmodels import ledger_chip, role_words
from .desk import desk, name_reader
from .style import style_block

__all__ = ["PAGES", "ask_reader", "chips", "foot", "has_reader", "style", "trouble_told"]

_LOG = logging.getLogger(__name__)

PAGES = {
    "worklist": "Worklist",
    "mri": "MRI",
    "eeg": "EEG",
    "agreement": "Agreement",
    "ledger": "Ledger",
    "models": "Models",
    "help": "Help",
}
"""Pages by script name, in the order of the header."""

_FOOT = {
    "worklist": "started with 127.0.0.1 only",
    "mri": "<b>T</b> hold: before contrast &nbsp; <b>F</b> flash &nbsp; <b>Y</b> copy sentence",
    "eeg": "<b>&larr; &rarr;</b> page &nbsp; <b>drag, D</b> add an event &nbsp; <b>[ ]</b> onset, end "
    "&nbsp; <b>Y</b> copy summary",
    "agreement": "every figure leads back to its studies",
}


def style() -> None:
    """Lay the look over Streamlit's markup."""
    st.html(style_block())


def has_reader() -> bool:
    """Whether this session knows who reads."""
    return desk().has_reader


def ask_reader() -> None:
    """Ask once for a reader's code and role; every row of this session then says 'unverified'."""
    with st.container(key="page"):
        _, middle, _ = st.columns([1, 1.2, 1])
        with middle:
            st.html(
                '<p class="or-h1">Who is reading?</p><p class="or-sub">Asked once for this session. Use a code '
                "such as R-04, not a name: it stands in every row of the ledger, marked as unverified.</p>"
            )
            with st.form("reader", border=False):
                reader = st.text_input("Reader", max_chars=40, placeholder="R-04")
                role = st.selectbox("Role", list(Role), format_func=role_words)
                if st.form_submit_button("Begin", type="primary") and role is not None:
                    try:
                        name_reader(reader.strip(), role)
                    except OverreadError as error:
                        st.error(f"{error.what} {error.why} {error.what_to_do}")
                    else:
                        st.rerun()


@contextmanager
def trouble_told() -> Iterator[None]:
    """Say in three sentences why a page could not be drawn; the log gets a type and a place, never a value."""
    try:
        yield
    except OverreadError as error:
        _trouble(error)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
        _LOG.error("a page failed: %s at %s", type(error).__name__, place)
        _trouble(
            OverreadError(
                "This page could not be drawn.",
                f"Something in it failed ({type(error).__name__}, {place}).",
                "Reload it. What you recorded is in the ledger, what was refused is kept as a draft.",
            )
        )


def _trouble(error: OverreadError) -> None:
    st.html(
        f'<div class="or-notice error" role="alert" style="margin:18px 24px"><b>{html.escape(error.what)}</b> '
        f"{html.escape(error.why)} {html.escape(error.what_to_do)}<br><code>{html.escape(error.code)}</code></div>"
    )


def chips() -> None:
    """The state of data, ledger and reader, at the top right of every page."""
    at = desk()
    parts = []
    if at.workspace.is_demonstration:
        parts.append('<span class="or-chip synthetic">Synthetic data</span>')
    chip = ledger_chip(ledger_state(at.workspace, at.session))
    parts.append(
        f'<span class="or-chip ledger"><span class="or-dot" style="background:var(--or-{chip.colour})"></span>'
        f"{html.escape(chip.text)}</span>"
    )
    parts.append(
        f'<span class="or-chip">reader <b>{html.escape(at.session.reader)}</b> '
        f"&middot; {role_words(at.session.role)} &middot; {at.session.identity}</span>"
    )
    with st.container(key="chips"):
        st.html("".join(parts))


def foot(page: str) -> None:
    """The line that no page goes without."""
    with st.container(key="foot"):
        st.html(
            '<div class="or-foot"><span>Research and quality use. Not a medical device. Verdicts are not reports.'
            f"</span><span>{_FOOT.get(page, '')}</span></div>"
        )
