"""The first minute: the address that was printed, the worklist, Enter, a second reader, and who gets no further."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dashboard.terms import Role
from tests.browser.screen import (
    CORE,
    ENHANCING,
    LETTER,
    WHOLE,
    base,
    drawn,
    looks_like,
    outline,
    pixels,
    place_on_axial,
    rows,
    said,
    settled,
    strike,
    until,
    verdict,
    wait_open,
    wait_row,
)

pytestmark = pytest.mark.browser

STATES = {"to review", "new", "running", "done", "in progress", "failed", "signed off"}


def words_of(page):
    return page.locator("body").inner_text()


def table(page):
    """Cells of the worklist's table, row by row."""
    lines = page.locator("tr.row")
    lines.first.wait_for()
    return [line.locator("td").all_inner_texts() for line in lines.all()]


def test_the_first_screen_is_the_worklist_with_what_a_reader_must_know(enter, screenshots):
    page = enter()
    listed = table(page)
    page.screenshot(path=screenshots / "first_screen.png")
    text = words_of(page)
    assert page.get_by_role("link", name="Worklist").is_visible()
    assert "Synthetic data" in text
    assert re.search(r"not a medical device", text, re.IGNORECASE) and "Verdicts are not reports" in text
    assert page.reader in text and "radiologist" in text and "invited" in text
    assert re.search(r"ledger:? \d+ rows,? verified", text)
    assert re.search(r"Read the next study\W+Enter", text) or re.search(r"Enter:? [Rr]ead the next study", text)
    assert len(listed) == 4 and [row[1] for row in listed].count("EEG") == 1


def test_the_worklist_tells_states_and_no_score_and_no_volume(enter, site):
    page = enter()
    listed = table(page)
    assert {row[5] for row in listed} <= STATES
    text = " ".join(" ".join(row) for row in listed)
    assert not re.search(r"\b\d+(\.\d+)? ?ml\b|\b0\.\d+\b|\bmm\b|left|right|score|volume", text, re.IGNORECASE)
    assert not any(name in words_of(page) for name in ("ball-finder", "Rise finder")), "who found what is told inside"
    assert rows(site, reader=page.reader) == [], "nothing of a model has reached this reader yet"


def test_each_model_stands_there_with_its_worth(enter):
    page = enter()
    assert re.search(r"\d+\.\d+\.\d+", words_of(page))
    assert "Not for" in words_of(page)


def test_enter_opens_a_study_with_letters_scale_bar_window_and_an_outlined_lesion(enter, site, screenshots):
    page = enter()
    strike(page, "Enter")
    wait_open(page, site.left)
    assert drawn(page)[0] == site.left and page.url.endswith(f"/mri?study={site.left}")
    image = pixels(page)
    height = image.shape[0]
    assert "left R, right L, top A, bottom P" in said(page)
    middle = slice(height // 2 - 14, height // 2 + 14)
    for letters in (image[middle, :26], image[middle, -26:]):
        assert looks_like(letters, LETTER).sum() > 15
    assert looks_like(image[-46:, :120], (0xE8, 0xED, 0xF3)).sum() > 60, "the window's numbers"
    bar = longest_run(looks_like(image[-50:, -150:], (0xE8, 0xED, 0xF3), 60))
    scale = place_on_axial(image, 0, 0)[2]
    assert any(bar == pytest.approx(mm * scale, abs=2.5) for mm in (5, 10, 20, 50, 100)), (bar, scale)
    for colour in (WHOLE, ENHANCING):
        assert outline(page, colour=colour).sum() > 100
    assert outline(page, colour=CORE).sum() == 0 or outline(page, colour=ENHANCING).sum() > 100
    page.screenshot(path=screenshots / "first_study.png")


def longest_run(mask):
    """Length of the longest horizontal run of True."""
    best = 0
    for line in mask.astype(np.int8):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line, [0]))))
        best = max(best, *(edges[1::2] - edges[::2]), 0)
    return best


def test_a_row_of_the_table_opens_by_keyboard(enter, site):
    page = enter()
    table(page)
    page.locator(f'tr[data-study="{site.left}"]').focus()
    page.keyboard.press("ArrowDown")
    strike(page, "Enter")
    wait_open(page, site.right)
    assert site.right in page.url


def test_search_and_kind_leave_what_fits(enter, site):
    page = enter()
    table(page)
    page.get_by_role("button", name=re.compile("^EEG$", re.IGNORECASE)).or_(
        page.get_by_role("radio", name=re.compile("^EEG$", re.IGNORECASE))
    ).first.click()
    until(lambda: page.wait_for_timeout(80) or len(table(page)) == 1, "one EEG")
    assert table(page)[0][1] == "EEG"


def test_a_second_reader_is_invited_and_sees_nothing_of_the_first_one_s_verdicts(enter, watched, site):
    first, second = enter("mri", site.right), watched.page(site)
    second.goto(site.launch("N-02", Role.NEUROLOGIST))
    table(second)
    assert "neurologist" in words_of(second) and "N-02" in words_of(second)
    second.goto(f"{base(site)}/mri?study={site.right}")
    wait_open(second, site.right)
    strike(first, "a")
    wait_row(first, site, "accept")
    second.reload()
    wait_open(second, site.right)
    assert "to review" in second.locator(".mri-findings").inner_text()
    assert verdict(second, "Sign off AI findings").is_disabled()
    assert rows(site, reader="N-02", action="accept") == []


def test_a_used_address_shows_the_page_that_names_the_command(watched, site):
    address = site.launch("R-01")
    first = watched.page(site)
    first.goto(address)
    settled(first)
    assert "launch" not in first.url, "the token stays in no history"
    second = watched.page(site)
    answer = second.goto(address)
    assert answer.status == 401
    assert "overread invite --reader R-04 --role radiologist" in words_of(second)
    assert "Synthetic data" not in words_of(second)
    watched.problems[:] = [problem for problem in watched.problems if problem != f"answered 401: {base(site)}/"]


def test_a_session_without_a_name_is_asked_once_and_its_rows_say_unverified(watched, site, screenshots):
    page = watched.page(site)
    page.goto(site.address)
    settled(page)
    assert page.locator("tr.row").count() == 0
    page.screenshot(path=screenshots / "who_is_reading.png")
    page.get_by_label("Reader", exact=True).fill("R-77")
    page.get_by_role("button", name="Begin").click()
    table(page)
    page.reader = "R-77"
    assert "R-77" in words_of(page) and "unverified" in words_of(page)
    page.reload()
    table(page)
    page.locator(f'tr.row[data-study="{site.left}"]').click()  # Enter leaves out what others have begun.
    wait_open(page, site.left)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert (row["identity"], row["reader"], row["role"]) == ("unverified", "R-77", "radiologist")
