"""Take a study's results away as files, from the page on which they were judged."""

from __future__ import annotations

import streamlit as st

from ..casework import is_adjudicated
from ..components import download
from ..domain import Study
from ..viewmodels import result_files
from .desk import Desk, token_for

__all__ = ["draw_export"]


def draw_export(at: Desk, study: Study) -> None:
    """A menu of the formats for this kind of study; the route gives nothing to a reader who owes a read."""
    decided = is_adjudicated(at.workspace, at.session, study.id)
    with st.popover("Export"):
        st.html(
            f'<p class="or-small">What {"was let stand" if decided else "you accepted, modified or added"}, under pseudonyms. Results for the patient\'s record: '
            "<code>overread export --identified</code>.</p>"
        )
        token = token_for(at, study.id, "export")
        download("/api/export", token, result_files(study.kind, decided), key=f"export-{study.id}")
