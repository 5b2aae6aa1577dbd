"""The Streamlit script: navigation, frame, and the page that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.panels import frame, going

_HERE = Path(__file__).resolve().parent
_PAGES = _HERE / "_pages" if (_HERE / "_pages").is_dir() else _HERE.parent / "pages"


def main() -> None:
    """Draw one page in its frame, for a session that has a reader."""
    st.set_page_config(page_title="Overread", layout="wide", initial_sidebar_state="collapsed")
    frame.style()
    pages = {name: st.Page(_PAGES / f"{name}.py", title=title, url_path=name, default=name == "worklist")
             for name, title in frame.PAGES.items()}  # fmt: skip
    chosen = st.navigation(list(pages.values()), position="top")
    st.session_state["pages"] = pages
    if not frame.has_reader():
        frame.ask_reader()
        return
    going.arrive(chosen.url_path)
    frame.chips()
    with frame.trouble_told():
        chosen.run()
    frame.foot(chosen.url_path or "worklist")


main()
