"""Each selector by which our look reaches into Streamlit's markup still finds something."""

from __future__ import annotations

import re

import pytest

from dashboard.panels.style import REACHED_SELECTORS, style_block
from tests.browser.screen import settled

pytestmark = pytest.mark.browser


def test_every_selector_finds_something(enter, site):
    named = {f'[data-testid="{name}"]' for name in re.findall(r'\[data-testid="(\w+)"\]', style_block())}
    missing = {*REACHED_SELECTORS, *named}
    assert len(missing) > 5
    page = enter()
    for link in ("Worklist", "MRI", "Agreement"):
        page.get_by_role("link", name=link, exact=True).click()
        if link == "MRI":
            page.locator('canvas[data-drawn^="S-"]').first.wait_for()
        settled(page)
        missing = {selector for selector in missing if not page.locator(selector).count()}
    assert missing == set(), "Streamlit has moved these"
