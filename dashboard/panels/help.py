"""The Help page: keys, settings, what is on this machine, and where the documentation is."""

from __future__ import annotations

import streamlit as st

from ..casework import installation_checks
from ..settings import SETTINGS
from .desk import desk

__all__ = ["help_page"]

_KEYS = """
| key | does |
|---|---|
| **Enter** | worklist: read the next study; review: sign off and open the next |
| **Shift+Enter** | sign off the whole study |
| **A M X U** | accept, modify, reject, unsure, on the selected finding |
| **1 to 9, 0** | reason after M or X; 0 shows more reasons; in a blind read: how sure |
| **Enter after M** | right thing, outline inexact |
| **N** | blind read: nothing seen |
| **D**, click, **D** | MRI: add a lesion that the model missed |
| **drag**, **D** | EEG: add an event that the model missed |
| **Ctrl+Z** | withdraw the last verdict (an amendment, nothing is erased) |
| **wheel, ↑ ↓** | MRI: slices; EEG ↑ ↓: sensitivity |
| **right drag** | MRI: window and level |
| **F**, hold | MRI: flash the overlay |
| **Shift+L B E G** | MRI: measure a length, two diameters, an ellipse, an angle; Delete removes, Esc ends |
| **Shift+P** | MRI: porus line of the selected finding |
| **O**, **Shift+O** | MRI: outline or fill; width of the outlines |
| **T**, hold | MRI: the same slice of pre-contrast T1 |
| **J K** | next and previous finding |
| **Y** | copy the finding (EEG: the count and burden of events) as one sentence |
| **← →** | EEG: page; with Shift a third of a page |
| **[ ]** | EEG: onset and end of the selected event |
| **I** | EEG: what other thresholds would make of the detector's score |
"""


def help_page() -> None:
    """Draw the page."""
    at = desk()
    with st.container(key="page"):
        st.html('<p class="or-h1">Help</p><p class="or-sub">The documentation lies in docs/ beside the program.</p>')
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Keys**")
            st.markdown(_KEYS)
        with right:
            st.markdown("**On this machine**")
            st.dataframe(installation_checks(at.workspace), hide_index=True, width="stretch")
            st.markdown("**Settings in force**")
            settings = at.workspace.settings
            st.dataframe(
                [
                    {
                        "setting": s.name,
                        "value": str(settings[s.name]),
                        "from": settings.origins[s.name],
                        "what": s.words,
                    }
                    for s in SETTINGS
                ],
                hide_index=True,
                width="stretch",
            )
