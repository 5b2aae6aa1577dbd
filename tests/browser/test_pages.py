"""Every page, empty and full, dark and light: no error, no scroll bar where none may be, and a picture to look at."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dashboard.panels.frame import PAGES
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
from tests.browser.screen import base, settled, strike, until, verdict, wait_open, wait_row
from tests.browser.site import Site, served, stopped

pytestmark = pytest.mark.browser

WORK = ("mri", "eeg")
"""Pages that fill the screen exactly."""
ERRORS = '[data-testid="stException"], [data-testid="stAlertContentError"], [data-testid="stModal"], [role="alert"]'
SCROLLS = """() => [document.scrollingElement, ...document.querySelectorAll('.stApp, [data-testid="stMain"], .st-key-verdict')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && !['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
    || e.scrollHeight > e.clientHeight + 1 && !['hidden', 'clip'].includes(getComputedStyle(e).overflowY)
      && !e.matches('.st-key-verdict'))
  .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight}`)"""
GREY = """() => { const [r, g, b] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/[\\d.]+/g);
  return (Number(r) + Number(g) + Number(b)) / 3; }"""


@pytest.fixture(scope="module")
def bare(browser, tmp_path_factory):
    """A workspace in which nothing has happened yet, being served."""
    root = tmp_path_factory.mktemp("bare") / "workspace"
    Workspace.open(root, create=WorkspaceKind.DEMONSTRATION)
    built = served(Site(root))
    yield built
    stopped(built)


def open_page(page, site, name):
    """Go to a page by its address and wait until it is drawn."""
    page.goto(f"{base(site)}/{'' if name == 'worklist' else name}")
    settled(page)
    if name in WORK and site.left:
        wait_open(page, page.url.partition("study=")[2])


def is_sound(page, name):
    """No error is shown, and what must not scroll does not."""
    assert page.locator(ERRORS).count() == 0, page.locator(ERRORS).first.inner_text()
    assert not re.search(r"Traceback|not exist|\bNone\b|\bnan\b", page.locator("body").inner_text())
    assert "Not a medical device" in page.locator(".st-key-foot").inner_text()
    link = page.get_by_role("link", name=PAGES[name], exact=True)
    assert link.count() == 1 and link.is_visible()
    if name in WORK:
        assert page.evaluate(SCROLLS) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("state", ["empty", "full"])
def test_every_page_stands(enter, site, bare, screenshots, theme, state):
    at = site if state == "full" else bare
    page = enter(theme=theme, at=at)
    if state == "full":
        open_page(page, at, "mri")
        strike(page, "a")
        wait_row(page, at, "accept")
    for name in PAGES:
        open_page(page, at, name)
        page.screenshot(path=screenshots / f"{name}_{state}_{theme}.png")
        is_sound(page, name)
        assert (page.evaluate(GREY) > 150) == (theme == "light"), name


def test_an_empty_worklist_says_what_to_do(enter, bare):
    page = enter(at=bare)
    page.get_by_text("overread add").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_timeout(600)
    assert page.locator(ERRORS).count() == 0
    for name in WORK:
        open_page(page, bare, name)
        assert "overread add" in page.locator("body").inner_text()


def test_pages_are_dark_until_light_is_chosen_in_the_menu_and_stay_so(enter, site):
    page = enter("mri", site.left, theme="no-preference")
    assert page.evaluate(GREY) < 60
    before = page.locator(".st-key-verdict").screenshot()
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Light").click()
    until(lambda: page.wait_for_timeout(60) or page.evaluate(GREY) > 150, "the light theme")
    page.keyboard.press("Escape")
    assert page.locator(".st-key-verdict").screenshot() != before
    open_page(page, site, "ledger")
    assert page.evaluate(GREY) > 150, "one theme for all pages"


@pytest.mark.parametrize("where", WORK)
def test_a_smaller_screen_still_serves(enter, site, screenshots, where):
    page = enter(where, site.left if where == "mri" else site.eeg, size=(1280, 800))
    page.screenshot(path=screenshots / f"{where}_1280.png")
    is_sound(page, where)
    canvas = page.locator("canvas.mri-canvas, canvas.eeg-paper").first.bounding_box()
    assert canvas["width"] > 440 and canvas["height"] > 400
    column = page.locator(".st-key-verdict").bounding_box()
    assert column["x"] >= canvas["x"] + canvas["width"] - 1 and column["x"] + column["width"] <= 1281
    for words in ("Accept", "Modify", "Reject", "Unsure"):
        box = verdict(page, words).bounding_box()
        assert box["width"] >= 90 and box["y"] + box["height"] < 800 - 26
    last = page.locator(".st-key-sign-off-whole button")
    last.scroll_into_view_if_needed()
    assert last.bounding_box()["y"] + last.bounding_box()["height"] <= 800 - 26
    strike(page, "a")
    wait_row(page, site, "accept")


def test_the_verdict_column_fits_at_the_usual_size(enter, site):
    page = enter("mri", site.left)
    strike(page, "a")
    wait_row(page, site, "accept")
    heights = [page.locator(f".st-key-{key}").bounding_box() for key in ("verdict", "sign-off-whole")]
    assert heights[1]["y"] + heights[1]["height"] <= 900 - 26, "sign-off is on screen without scrolling"
    comment = page.get_by_placeholder("Never write names here").bounding_box()
    assert comment["height"] >= 24, "a comment can be read"


def test_all_pages_speak_one_typeface_and_one_top(enter, site):
    page = enter()
    tops = []
    for name in ("worklist", "agreement", "ledger"):
        open_page(page, site, name)
        tops.append(page.locator(".st-key-chips").bounding_box()["y"])
        assert "Inter" in page.evaluate("() => getComputedStyle(document.querySelector('.or-h1')).fontFamily")
    assert np.ptp(tops) < 1.5
