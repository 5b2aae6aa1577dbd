"""The viewers' styles: each variable that is used is set somewhere, so that no rule silently falls away."""

from __future__ import annotations

import re

import pytest

from dashboard.components.assets import ASSETS_FOLDER
from dashboard.panels.style import TOKENS

_SET = re.compile(r"(--[a-z][a-z0-9-]*)(?=\s*:|\"\s*,)")
_USED = re.compile(r"var\(\s*(--[a-z][a-z0-9-]*)")
_PAGE = {f"--or-{name}" for name in TOKENS["dark"]}
"""Set on Streamlit's root by `panels.style`."""
_STREAMLIT = {"--st-font"}


def _text(pattern: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(ASSETS_FOLDER.rglob(pattern)))


@pytest.mark.parametrize("path", sorted(ASSETS_FOLDER.rglob("*.css")), ids=lambda path: "/".join(path.parts[-2:]))
def test_every_variable_that_is_used_is_set(path):
    known = set(_SET.findall(_text("*.css") + _text("*.js"))) | _PAGE | _STREAMLIT
    assert set(_USED.findall(path.read_text("utf-8"))) - known == set()


def test_every_colour_that_the_eeg_is_drawn_with_is_set():
    wanted = re.search(r"TOKENS = \[(.*?)\]", (ASSETS_FOLDER / "eeg_paper/palette.js").read_text("utf-8"), re.DOTALL)[1]
    names = re.findall(r'"([a-z-]+)"', wanted)
    assert len(names) > 20
    assert {f"--{name}" for name in names} - set(_SET.findall(_text("*.css"))) == set()
