"""A line at the porus, drawn on the page: the part behind it in the panel, the sentence, the row, after a reload and in the replay."""

from __future__ import annotations

import pytest

from tests.browser.screen import base, pixels, place_on_axial, rows, settled, strike, until, wait_open, wait_row
from tests.browser.test_replay import replayed

pytestmark = pytest.mark.browser


def draw(page, x, *, reach=25.0):
    """Drag with the tool in hand from front to back through the lesion's middle, at an x of the head."""
    image = pixels(page)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    ends = [place_on_axial(image, x, -20.0 + away)[:2] for away in (-reach, reach)]
    page.mouse.move(box["x"] + ends[0][0], box["y"] + ends[0][1])
    page.mouse.down()
    for end in ends:
        page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=4)
    page.mouse.up()


def panel(page):
    return page.locator(".st-key-verdict").inner_text()


def measures_of(page):
    return page.locator("canvas.mri-canvas").first.get_attribute("data-measures") or ""


def test_the_extrameatal_part_is_said_only_behind_a_line_and_stays_with_the_verdict(enter, site, screenshots):
    page = enter("mri", site.left)
    assert "extrameatal" not in panel(page).lower()
    page.keyboard.press("Shift+P")
    draw(page, 34.0)
    until(
        lambda: page.wait_for_timeout(60) or "Extrameatal, behind your line" in panel(page), "the part behind the line"
    )
    said = panel(page).split("Extrameatal, behind your line")[1].strip().splitlines()[0]
    sizes, volume = said.split(", ")
    longest, shortest = (float(x) for x in sizes.removesuffix(" mm").split(" × "))
    assert longest == pytest.approx(34, abs=2.5) and shortest == pytest.approx(17, abs=2.5)
    assert float(volume.removesuffix(" ml")) == pytest.approx(10.3, abs=0.9), "half of a ball of 20.6 ml"
    page.screenshot(path=screenshots / "mri_porus_line.png")

    page.reload()
    wait_open(page, site.left)
    until(lambda: page.wait_for_timeout(60) or said in panel(page), "the same after a reload")
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["details"]["extrameatal_mm"] == pytest.approx([longest, shortest], abs=0.51)
    assert row["details"]["extrameatal_ml"] == pytest.approx(float(volume.removesuffix(" ml")), abs=0.06)
    assert [round(end[0]) for end in row["details"]["porus_lps"]] == [34, 34]
    assert row["view"]["measures"][0][0] == "porus"
    replayed(page, site, row)
    until(lambda: page.wait_for_timeout(60) or "porus" in measures_of(page), "the line in the replay")


def test_measures_are_stored_with_the_verdict_and_come_back_in_its_replay(enter, site, screenshots):
    page = enter("mri", site.right)
    page.wait_for_timeout(1500)
    settled(page)
    runs = "() => (window.runs ??= 0)"
    page.evaluate("""() => { window.runs = 0; new MutationObserver(() => { window.runs += 1; })
      .observe(document.querySelector('[data-test-script-state]'), {attributes: true}); }""")
    page.keyboard.press("Shift+B")
    draw(page, -34.0, reach=17.0)
    page.keyboard.press("Escape")
    page.wait_for_timeout(1800)
    assert page.evaluate(runs) == 0, "measuring runs no page"
    said = measures_of(page)
    longest, shortest = (float(x) for x in said.removesuffix(" mm").split(" × "))
    assert longest == pytest.approx(34, abs=1.0) and shortest == pytest.approx(17, abs=1.0)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["view"]["measures"][0][:2] == ["two", "axial"]
    replayed(page, site, row)
    until(lambda: page.wait_for_timeout(60) or measures_of(page) == said, "the measure in the replay")
    page.screenshot(path=screenshots / "replay_measure.png")
    assert len(rows(site, reader=page.reader, action="accept")) == 1 and base(site) in page.url
