"""A row's view again from the Ledger page: the same picture, a banner, and nothing that records."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.terms import Role
from tests.browser.screen import base, drawn, pixels, rows, settled, strike, until, wait_open, wait_row

pytestmark = pytest.mark.browser


def replayed(page, site, row):
    """Open a row's view from the Ledger page, by its number."""
    page.goto(f"{base(site)}/ledger")
    settled(page)
    field = page.get_by_placeholder("Row", exact=True)
    field.fill(row["seq"])
    field.press("Enter")
    button = page.get_by_role("button", name="Replay its view")
    until(button.is_enabled, "a row that can be replayed")
    settled(page)
    button.click()
    wait_open(page, row["study"])
    settled(page)
    until(lambda: f"Replay of row {row['seq']}, read-only" in page.locator(".or-strip").inner_text(), "the banner")


def nothing_records(page, site):
    """Press every key that records on a review page."""
    before = len(rows(site))
    for key in ("a", "m", "Enter", "x", "1", "u", "d", "n", "Shift+Enter"):
        page.keyboard.press(key)
    page.wait_for_timeout(800)
    settled(page)
    assert len(rows(site)) == before
    assert page.locator(".st-key-verdict button").count() == 1  # The way back.


def test_an_mri_verdict_comes_back_with_slice_zoom_layout_and_series(enter, site, screenshots):
    page = enter("mri", site.left)
    for key in ("l", "v", "o", "+", "+", "ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        page.wait_for_timeout(80)
    page.wait_for_timeout(400)
    seen, picture = drawn(page), pixels(page)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["view"]["zoom"] != "fit" and row["view"]["overlay"] == "fill" and "focus_lps" in row["view"]
    replayed(page, site, row)
    until(lambda: drawn(page) == seen, f"the same slice of the same series: {seen}")
    page.wait_for_timeout(300)
    again = pixels(page)
    assert again.shape == picture.shape and (np.abs(again.astype(int) - picture).max(axis=-1) > 24).mean() < 0.01
    page.screenshot(path=screenshots / "replay_mri.png")
    nothing_records(page, site)


def test_an_eeg_verdict_comes_back_with_its_page(enter, site, screenshots):
    page = enter("eeg", site.eeg, role=Role.NEUROLOGIST)
    for key in ("ArrowUp", "ArrowUp", ".", ".", ".", "i"):
        page.keyboard.press(key)
        page.wait_for_timeout(80)
    page.get_by_label("Score at which an event begins (number)").fill("0.97")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    seen, picture = drawn(page, "eeg"), pixels(page, "eeg")
    strike(page, "a")
    row = wait_row(page, site, "accept")
    replayed(page, site, row)
    until(lambda: drawn(page, "eeg") == seen, f"the same page: {seen}")
    page.wait_for_timeout(300)
    again = pixels(page, "eeg")
    assert again.shape == picture.shape and (np.abs(again.astype(int) - picture).max(axis=-1) > 24).mean() < 0.01
    assert page.get_by_label("Score at which an event begins (number)").input_value() == "0.97"
    assert "gained 0, lost 1" in page.locator(".eeg-what-if-words").inner_text(), "the what-if that stood open"
    page.screenshot(path=screenshots / "replay_eeg.png")
    nothing_records(page, site)
    page.get_by_role("button", name="Back to the ledger").click()
    page.get_by_role("button", name="Replay its view").wait_for()
    page.screenshot(path=screenshots / "ledger_replay.png")


def test_whoever_else_looks_leaves_a_row_and_another_row_shows_another_view(enter, site):
    page = enter("mri", site.right)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(400)
    first = drawn(page)
    strike(page, "a")
    one = wait_row(page, site, "accept")
    other = enter(role=Role.AUDITOR)
    replayed(other, site, one)
    until(lambda: drawn(other) == first, "the view of the row")
    (shown,) = rows(site, reader=other.reader, action="present")
    assert shown["study"] == site.right and shown["role"] == "auditor"
