"""A prior beside the current study: in step, on the same side, each with its own outline, and never taken one for the other."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.priors_site import a_course
from tests.browser.screen import (
    LETTER,
    base,
    drawn,
    looks_like,
    middle_of,
    outline,
    pixels,
    rows,
    said,
    settled,
    strike,
    until,
    wait_open,
    wait_row,
)
from tests.browser.site import served, stopped

pytestmark = pytest.mark.browser

BAND = (0xA8, 0xE0, 0x5F)


@pytest.fixture(scope="module")
def course(browser, tmp_path_factory):
    """The demonstration with a subject of three studies, served."""
    site, studies = a_course(tmp_path_factory.mktemp("course") / "workspace")
    served(site)
    yield site, studies
    stopped(site)


@pytest.fixture
def beside(enter, course):
    """Opens the newest study with its prior beside it."""

    def opening(**said):
        site, studies = course
        page = enter("mri", studies.now, at=site, **said)
        page.get_by_role("button", name="Prior", exact=True).click()
        page.locator(f'canvas[data-drawn^="{studies.before} "]').wait_for()
        until(lambda: drawn(page, pane=1)[-1] != "-", "the prior's outline")
        return page

    return opening


def axial_place(page, pane):
    """(x, y) in CSS pixels of the middle of the T2/FLAIR outline in a pane."""
    return middle_of(outline(page, pane))


def slice_of(page, pane):
    return int(drawn(page, pane=pane)[3])


def wheel(page, pane, notches):
    page.locator("canvas.mri-canvas").nth(pane).hover()
    for _ in range(abs(notches)):
        page.mouse.wheel(0, 120 if notches > 0 else -120)


def test_a_prior_says_what_it_is_in_words_and_in_a_colour_of_its_own(beside, course, screenshots):
    _, studies = course
    page = beside()
    assert page.locator("canvas.mri-canvas:visible").count() == 2
    assert looks_like(pixels(page, pane=1)[2:6], BAND).mean() > 0.95
    assert looks_like(pixels(page, pane=1)[:, :2], BAND).mean() > 0.95, "and a rim all the way down"
    assert not looks_like(pixels(page, pane=0)[:70], BAND, 20).any()
    assert looks_like(pixels(page, pane=0), BAND, 12).mean() < 1e-4
    assert f"PRIOR · {studies.before[:8]}" in said(page, 1) and "11 Mar 2024 · 3 months earlier" in said(page, 1)
    assert "CURRENT" in said(page, 0)
    page.screenshot(path=screenshots / "mri_prior.png")
    light = beside(theme="light")
    light.screenshot(path=screenshots / "mri_prior_light.png")


def test_left_and_right_are_equal_on_both(beside):
    page = beside()
    for pane in (0, 1):
        image = pixels(page, pane=pane)
        assert axial_place(page, pane)[0] > image.shape[1] / 2, "the patient's left is on the right of the screen"
        assert "left R, right L" in said(page, pane)
        letters = looks_like(image, LETTER)
        assert letters[:, -26:].sum() > 15 and letters[:, :26].sum() > 15


def test_each_pane_has_its_own_outline_and_no_other(beside, course):
    _, studies = course
    page = beside()
    now, before = (drawn(page, pane=pane) for pane in (0, 1))
    assert (now[0], before[0]) == (studies.now, studies.before)
    assert before[4] != now[4] and "." in before[4], "its own result, with the verdicts on it"
    wide = [np.ptp(np.flatnonzero(outline(page, pane).any(axis=0))) for pane in (0, 1)]
    assert wide[1] / wide[0] == pytest.approx(14 / 18, abs=0.06), "each as large as its own lesion, at one scale"
    page.locator("[data-region=whole_tumour]").click()
    until(lambda: not outline(page, 0).any() and not outline(page, 1).any(), "hidden in both")
    page.locator("[data-region=whole_tumour]").click()
    page.keyboard.down("f")
    until(lambda: drawn(page, pane=1)[4] == "-", "flashed away")
    page.keyboard.up("f")


def test_scroll_zoom_and_crosshair_go_together_by_the_middles_until_a_place_is_paired(beside):
    page = beside()
    assert "PLACE NOT PAIRED" in page.locator(".prior-bar").inner_text()
    assert slice_of(page, 0) == slice_of(page, 1), "one grid about the middle of each"
    first = slice_of(page, 0)
    wheel(page, 0, 2)
    until(lambda: (slice_of(page, 0), slice_of(page, 1)) == (first + 2, first + 2), "both scrolled")
    wheel(page, 1, -1)
    until(lambda: (slice_of(page, 0), slice_of(page, 1)) == (first + 1, first + 1), "from the prior's pane too")
    wheel(page, 0, -1)
    until(lambda: slice_of(page, 1) == first, "back")
    places = [axial_place(page, pane) for pane in (0, 1)]
    assert places[0] == pytest.approx(places[1], abs=4)
    page.keyboard.press("+")
    page.keyboard.press("+")
    until(lambda: axial_place(page, 0) != pytest.approx(places[0], abs=4), "zoomed")
    assert axial_place(page, 0) == pytest.approx(axial_place(page, 1), abs=6)
    box = page.locator("canvas.mri-canvas").nth(1).bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 300)
    page.mouse.down(button="middle")
    page.mouse.move(box["x"] + 190, box["y"] + 320)
    page.mouse.up(button="middle")
    assert axial_place(page, 0) == pytest.approx(axial_place(page, 1), abs=6), "moved on the prior's pane, both went"


def test_link_here_pairs_two_slices_and_escape_takes_it_back(beside):
    page = beside()
    first = slice_of(page, 0)
    page.keyboard.press("Shift+S")
    wheel(page, 1, 4)
    until(lambda: slice_of(page, 1) == first + 4, "the prior went alone")
    assert slice_of(page, 0) == first
    page.keyboard.press("Escape")
    until(lambda: slice_of(page, 1) == first, "the link of before")
    page.keyboard.press("Shift+S")
    wheel(page, 1, 3)
    page.keyboard.press("Shift+S")
    page.get_by_text("place paired by you").first.wait_for()
    settled(page)
    wheel(page, 0, 1)
    until(lambda: (slice_of(page, 0), slice_of(page, 1)) == (first + 1, first + 4), "together from there")
    page.reload()
    settled(page)
    page.get_by_role("button", name="Prior", exact=True).click()
    until(
        lambda: "PLACE NOT PAIRED" in page.locator(".prior-bar").inner_text(), "a new session of the page begins anew"
    )


def test_one_frame_of_reference_needs_no_pairing(beside, course):
    _, studies = course
    page = beside()
    page.get_by_label("Prior study", exact=True).locator("visible=true").first.wait_for()
    page.locator(".prior-bar select").select_option(studies.baseline)
    page.locator(f'canvas[data-drawn^="{studies.baseline} "]').wait_for()
    until(lambda: "one frame of reference" in page.locator(".prior-bar").inner_text(), "said")
    assert "same place: one frame of reference" in page.locator(".prior-bar").inner_text()
    assert page.locator(f'canvas[data-drawn^="{studies.before} "]').count() == 0
    until(lambda: drawn(page, pane=1)[-1] != "-", "its outline")
    wide = [np.ptp(np.flatnonzero(outline(page, pane).any(axis=0))) for pane in (0, 1)]
    assert wide[1] / wide[0] == pytest.approx(10 / 18, abs=0.06)


def test_the_window_of_each_is_its_own(beside):
    page = beside()
    before = [pixels(page, pane=pane) for pane in (0, 1)]
    box = page.locator("canvas.mri-canvas").nth(1).bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 300)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 350, box["y"] + 200)
    page.mouse.up(button="right")
    until(lambda: not np.array_equal(pixels(page, pane=1), before[1]), "the prior's window")
    assert np.array_equal(pixels(page, pane=0), before[0])


def test_a_sequence_that_the_prior_lacks_is_said_and_nothing_else_is_put_in_its_place(beside, course):
    _, studies = course
    page = beside()
    page.get_by_role("button", name="T1", exact=True).click()
    until(lambda: said(page, 1) == "The prior has no T1", "said")
    assert drawn(page, pane=1) == [] and not outline(page, 1).any()
    assert looks_like(pixels(page, pane=1)[2:6], BAND).mean() > 0.95
    page.locator(".prior-bar select").select_option(studies.baseline)
    page.locator(f'canvas[data-drawn^="{studies.baseline} "]').wait_for()


def test_verdicts_and_shares_are_of_the_current_study_alone(beside, course):
    site, studies = course
    page = beside()
    wheel(page, 1, 3)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["study"] == studies.now
    view = row["view"]
    assert view["layout"] == "prior" and view["prior"]["study"] == studies.before and view["prior"]["by"] == "middles"
    assert rows(site, reader=page.reader, action="accept", study=studies.before) == []
    assert len(rows(site, reader=page.reader, action="present", study=studies.before)) == 1, (
        "what was shown of the prior"
    )
    page.wait_for_timeout(1300)
    settled(page)
    page.get_by_role("button", name="T1c", exact=True).first.wait_for()
    strike(page, "Shift+Enter")
    page.wait_for_timeout(1500)
    assert set(view["regions"]) >= {"whole_tumour"}
    assert page.locator(".mri-share").count() == 1, "displayed of the current study's series, not of the prior's"


def test_another_study_takes_the_prior_off_the_screen(beside, course):
    site, studies = course
    page = beside()
    page.goto(f"{base(site)}/mri?study={site.right}")
    wait_open(page, site.right)
    assert page.locator(f'canvas[data-drawn^="{studies.before} "]').count() == 0
    assert page.get_by_role("button", name="Prior", exact=True).count() == 0


def test_the_next_study_in_the_same_viewer_shows_nothing_of_a_prior(beside, course):
    _, studies = course
    page = beside()
    page.get_by_role("button", name="‹", exact=True).click()
    until(lambda: drawn(page)[:1] == [studies.before], "the study before, as the current one")
    settled(page)
    kinds = [
        one[0] for pane in range(page.locator("canvas.mri-canvas:visible").count()) if (one := drawn(page, pane=pane))
    ]
    assert kinds[0] == studies.before and set(kinds) <= {studies.before, studies.baseline}
    assert "PRIOR" not in said(page, 0)


def test_the_bytes_of_a_prior_come_once(enter, course):
    site, studies = course
    asked = []
    page = enter("mri", studies.now, at=site)
    page.on(
        "request",
        lambda request: asked.append(request.url) if "/slab/" in request.url or "/judged/" in request.url else None,
    )
    for _ in range(2):
        page.get_by_role("button", name="Prior", exact=True).click()
        page.locator(f'canvas[data-drawn^="{studies.before} "]').wait_for()
        page.get_by_role("button", name="3 planes", exact=True).click()
        page.wait_for_timeout(300)
    assert len([url for url in asked if "/slab/" in url]) == len({url for url in asked if "/slab/" in url})


def test_sizes_over_time_are_named_by_what_they_are_held_against(beside, course, screenshots):
    page = beside()
    page.get_by_role("button", name="Over time, 3 studies").click()
    table = page.locator(".or-course")
    table.wait_for()
    words = table.inner_text()
    assert [words.count(named) for named in ("from baseline", "from nadir")] == [2, 2], "of volume and of area"
    assert "unreviewed" in words and "place not paired" in words and "one frame of reference" in words
    assert not [word for word in ("progress", "response", "stable") if word in words.lower()]
    page.get_by_text("nadir + 40 %").wait_for()
    for line in ("nadir + 25 %", "baseline − 50 %", "baseline − 65 %"):
        assert page.get_by_text(line).count() == 1
    page.screenshot(path=screenshots / "mri_over_time.png")
    page.get_by_label("Lesion").click()
    page.get_by_role("option", name="1, left").click()
    page.get_by_label("In 11 Mar 2024: they overlap, place not paired").wait_for()
    settled(page)
    assert "+1" in table.inner_text()


def test_the_reader_may_say_that_a_lesion_is_new(beside, course):
    page = beside()
    page.get_by_role("button", name="Over time, 3 studies").click()
    page.get_by_label("Lesion").click()
    page.get_by_role("option", name="1, left").click()
    page.get_by_label("In 11 Mar 2024: they overlap, place not paired").wait_for()
    settled(page)
    page.get_by_label("In 11 Mar 2024: they overlap, place not paired").click()
    page.get_by_role("option", name="new, not there").click()
    page.get_by_label("In 11 Mar 2024: said by you").wait_for()
    settled(page)
    row = page.locator(".or-course tbody tr").nth(1)
    assert "–" in row.locator("td").first.inner_text(), "no value where the lesion is not"


def test_series_stand_in_step_each_with_its_own_window(enter, site, screenshots):
    page = enter("mri", site.left)
    page.get_by_role("button", name="2×2", exact=True).click()
    until(lambda: page.locator("canvas.mri-canvas:visible").count() == 2, "two series")
    until(lambda: drawn(page, pane=1) and drawn(page, pane=1)[1] != drawn(page)[1], "the other one")
    first = slice_of(page, 0)
    wheel(page, 1, 2)
    until(lambda: (slice_of(page, 0), slice_of(page, 1)) == (first + 2, first + 2), "in step from either pane")
    before = [pixels(page, pane=pane) for pane in (0, 1)]
    box = page.locator("canvas.mri-canvas").nth(1).bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 300)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.up(button="right")
    until(lambda: not np.array_equal(pixels(page, pane=1), before[1]), "its own window")
    assert np.array_equal(pixels(page, pane=0), before[0])
    page.screenshot(path=screenshots / "mri_in_step.png")
