"""A file to take away, in a format that the reader chooses, fetched from our own route with the page's token."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ..assets import shim

__all__ = ["download"]

_CSS = """
.or-download {--edge:color-mix(in srgb, currentColor 25%, transparent); display:flex; gap:6px; align-items:center; flex-wrap:wrap; font-family:Inter,system-ui,sans-serif;}
select, button {font:inherit; font-size:13.5px; height:38px; border-radius:8px; border:1px solid var(--or-line, var(--edge));
  background:var(--or-panel, transparent); color:var(--or-ink, inherit); padding:0 10px; cursor:pointer;}
option {color:initial;} select {flex:1 1 90px; min-width:0;}
button:hover, select:hover {background:var(--or-raised, var(--edge));}
button:disabled {opacity:.6; cursor:default;}
:is(select, button):focus-visible {outline:2px solid var(--or-accent, currentColor); outline-offset:1px;}
p {flex:1 0 100%; margin:0; font-size:12px; color:var(--or-soft, inherit);} p:empty {display:none;}
"""
# Streamlit hangs a popover beside the application, where the page's own colours do not reach.


def download(path: str, token: str, formats: Mapping[str, str], *, key: str) -> None:
    """Show the formats and a button that fetches one and hands it to the browser as a file.

    Parameters
    ----------
    path : str
        The route, which takes `{"format": name}` and answers with a file.
    formats : mapping
        What the page calls each format, by the name that the route knows.
    """
    shown = st.components.v2.component(
        "overread.download", html='<div class="or-download"></div>', css=_CSS, js=shim("download/index.js")
    )
    said = {"path": path, "token": token, "formats": [[name, words] for name, words in formats.items()]}
    shown(data=said, key=key, height="content")
