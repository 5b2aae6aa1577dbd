"""A series assigned anew on the MRI page: at once nothing of the model is on screen, and it is never drawn over the new names."""

from __future__ import annotations

import pytest

from dashboard.terms import Role
from tests.browser.screen import drawn, outline, rows, settled, until, verdict, wait_row

pytestmark = pytest.mark.browser

LOOK = """() => {
  window.seen = [];
  const look = () => {
    const deep = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? deep(e.shadowRoot) : [])]);
    const all = deep(document);
    const pressed = all.find((e) => e.matches?.('[aria-label=Series] > [aria-pressed=true]'));
    const masks = all.filter((e) => e.matches?.('canvas.mri-canvas')).map((e) => (e.dataset.drawn || '').split(' ')[4] ?? '');
    window.seen.push([pressed?.textContent ?? '', masks.some((m) => m.length > 1)]);
    window.looking = requestAnimationFrame(look);
  };
  look();
}"""


def assign(page, words):
    page.locator(".mri-sequence").click()
    page.locator(".mri-assign button", has_text=words).first.click()


def pressed(page):
    return page.locator('[aria-label="Series"] > [aria-pressed="true"]').inner_text()


def test_a_corrected_series_takes_the_result_off_the_screen_until_it_is_put_back(enter, site, screenshots):
    page = enter("mri", site.left)
    assert outline(page).sum() > 100 and pressed(page) == "T1c"
    series = drawn(page)[1]
    page.locator(".mri-sequence").click()
    page.screenshot(path=screenshots / "mri_assign_menu.png")
    page.keyboard.press("Escape")
    assert page.locator(".mri-assign").is_hidden()
    page.evaluate(LOOK)
    assign(page, "T2")
    row = wait_row(page, site, "intake")
    assert (row["role"], row["study"]) == ("radiologist", site.left)
    assert (row["details"]["series"], row["details"]["was"], row["details"]["sequence"]) == (series, "t1c", "t2")
    until(
        lambda: page.wait_for_timeout(50) or page.locator('[aria-label="Series"]').inner_text().split() == ["T1", "T2"],
        "T2",
    )
    settled(page)
    seen = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.seen; }")
    assert ["T1c", True] in seen, "the sampler saw the result before"
    assert not [label for label, masked in seen if masked and label != "T1c"], "the result over the new assignment"
    assert all(outline(page, pane=pane).sum() == 0 for pane in range(3))
    assert "No result of these series" in page.locator(".st-key-verdict").inner_text()
    assert page.locator(".mri-findings").get_by_text("No model result.").count() == 1
    page.screenshot(path=screenshots / "mri_assigned_anew.png")
    if pressed(page) != "T2":
        page.locator('[aria-label="Series"] > button', has_text="T2").click()
    assign(page, "T1 with contrast")
    wait_row(page, site, "intake", count=2)
    until(lambda: page.wait_for_timeout(50) or outline(page).sum() > 100, "the result again")
    assert pressed(page) == "T1c"


def test_what_another_page_still_shows_is_not_judged(enter, site):
    other = enter("mri", site.left)
    page = enter("mri", site.left)
    assign(page, "FLAIR")
    wait_row(page, site, "intake")
    verdict(other, "Accept").click()
    until(
        lambda: other.wait_for_timeout(50) or "assigned to another sequence" in other.locator("body").inner_text(),
        "why",
    )
    settled(other)
    assert rows(site, reader=other.reader, action="accept") == []
    until(lambda: other.wait_for_timeout(50) or outline(other).sum() == 0, "nothing of it on that page either")
    if pressed(page) != "FLAIR":
        page.locator('[aria-label="Series"] > button', has_text="FLAIR").click()
    assign(page, "T1 with contrast")
    wait_row(page, site, "intake", count=2)


def test_who_may_not_assign_has_no_control(enter, site):
    page = enter("mri", site.left, role=Role.AUDITOR)
    assert page.locator(".mri-sequence").count() == 0
