"""Whether everybody can use the pages: axe-core's rules, keys alone, a focus that is seen, text at twice its size."""

from __future__ import annotations

from importlib.resources import files

import pytest

from dashboard.panels.frame import PAGES
from tests.browser.screen import base, settled, strike, verdict, wait_open, wait_row

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const marked = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  };
  const ring = [at, at.parentElement, at.parentElement?.parentElement].filter(Boolean).some(marked);
  return { ring, what: (at.getAttribute('aria-label') || at.innerText || at.tagName).slice(0, 60).trim(), tag: at.tagName };
}"""


def broken_rules(page):
    """Each rule of WCAG 2.1 A and AA that axe-core finds broken, with the first element that breaks it."""
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, { runOnly: tags })", RULES)
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}: {rule['nodes'][0]['failureSummary']}"
            for rule in found["violations"]]  # fmt: skip


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_page_breaks_a_rule_of_wcag(enter, site, theme):
    page = enter("mri", site.left, theme=theme)
    strike(page, "x")
    page.get_by_text("Why rejected?").wait_for()
    assert broken_rules(page) == [], "while a reason is asked for"
    for name in PAGES:
        study = {"mri": site.left, "eeg": site.eeg}.get(name, "")
        page.goto(f"{base(site)}/{'' if name == 'worklist' else name}" + (f"?study={study}" if study else ""))
        settled(page)
        if study:
            wait_open(page, study)
        assert broken_rules(page) == [], name


@pytest.mark.parametrize("where", ["", "mri"])
def test_the_tab_key_reaches_everything_and_is_seen_where_it_is(enter, site, where):
    page = enter(where, site.left if where else "")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            continue
        assert at["ring"], f"no focus is seen on {at}"
        seen.append(at["what"])
    wanted = ("Accept", "Reject", "T1c", "Outline", "Finding 1") if where else ("Read the next study", "S-")
    for words in wanted:
        assert any(words in what for what in seen), (words, seen)


@pytest.mark.parametrize("where", ["mri", "eeg"])
def test_at_twice_the_size_nothing_is_out_of_reach(enter, site, screenshots, where):
    page = enter(where, site.left if where == "mri" else site.eeg, size=(720, 450))
    page.screenshot(path=screenshots / f"{where}_twice.png")
    picture = page.locator("canvas.mri-canvas, canvas.eeg-paper").first.bounding_box()
    assert picture["width"] > 180 and picture["height"] > 100
    for words in ("Accept", "Modify", "Reject", "Unsure"):
        button = verdict(page, words)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 720 and box["y"] + box["height"] <= 450 - 26
    if page.get_by_role("button", name="Expand sidebar").count():  # The browser remembers that it was open.
        page.get_by_role("button", name="Expand sidebar").click()
    page.get_by_role("link", name="Ledger", exact=True).click()
    page.wait_for_url("**/ledger**")
    settled(page)
    page.goto(f"{base(site)}/{where}?study={site.left if where == 'mri' else site.eeg}")
    wait_open(page, site.left if where == "mri" else site.eeg)
    strike(page, "a")
    wait_row(page, site, "accept")
