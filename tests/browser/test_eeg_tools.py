"""What an EEG reader has at hand besides the traces: bad channels, cursors, millimetres, times, a second paper, a picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.terms import Role
from tests.browser.screen import drawn, looks_like, pixels, rows, strike, until, wait_row
from tests.browser.test_eeg_page import FOOT, GUTTER, LEFT, baselines, choose, go_to, start_of, wave, x_of

pytestmark = pytest.mark.browser

SECOND = "canvas.eeg-second"


@pytest.fixture
def eeg(enter, site):
    """The recording, opened by a new neurologist."""
    return enter("eeg", site.eeg, role=Role.NEUROLOGIST)


def tool(page, words):
    """A button of the tool row."""
    return page.locator(".eeg-tools").get_by_role("button", name=words)


def second(page):
    """(row, column, 3) uint8 of the second paper."""
    import base64

    address = page.locator(SECOND).evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"))


def test_a_bad_channel_is_faint_said_and_out_of_the_average_and_the_verdicts_view_says_so(eeg, site, screenshots):
    page = eeg
    choose(page, "Montage", "average")
    before = pixels(page, "eeg")
    page.keyboard.press("h")
    page.get_by_role("button", name="Fp1", exact=True).click()
    until(lambda: page.wait_for_timeout(40) or "bFp1" in " ".join(drawn(page, "eeg")), "the average without it")
    page.wait_for_timeout(200)
    after = pixels(page, "eeg")
    assert not np.array_equal(before[:, GUTTER:], after[:, GUTTER:])
    row = slice(2, (after.shape[0] - FOOT) // 19)
    assert looks_like(after[row, GUTTER:], LEFT, 60).sum() < looks_like(before[row, GUTTER:], LEFT, 60).sum() / 2
    page.screenshot(path=screenshots / "eeg_bad_channel.png")
    page.get_by_role("button", name="Fp1, bad").click()
    page.keyboard.press("Escape")
    until(lambda: page.wait_for_timeout(40) or "hFp1" in " ".join(drawn(page, "eeg")), "hidden")
    choose_strips(page, "aEEG", "artefact")
    page.keyboard.press("+")
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["view"]["hidden_channels"] == ["Fp1"] and row["view"]["bad"] == []
    assert row["view"]["strips"] == "cdsa aeeg artefact"
    assert row["view"]["overview_s"][1] == pytest.approx(120 / 1.5, abs=0.1)
    page.screenshot(path=screenshots / "eeg_strips.png")
    page.evaluate("localStorage.removeItem('overread-eeg-strips')")  # The next test has this browser's profile.


def choose_strips(page, *titles):
    """Choose strips of the overview, and wait until they have been computed and drawn."""
    page.keyboard.press("v")
    for title in titles:
        page.locator(".eeg-strips").get_by_role("button", name=title, exact=True).click()
    overview = page.locator("canvas.eeg-overview")
    until(lambda: page.wait_for_timeout(40) or "aEEG left" in (overview.get_attribute("aria-label") or ""), "the aEEG")
    page.keyboard.press("Escape")


def test_two_cursors_measure_the_square_wave(eeg, screenshots):
    page = eeg
    image, baseline = wave(page)
    page.keyboard.press("b")
    box = page.locator("canvas.eeg-paper").bounding_box()
    mm = 96 / 25.4
    high, low = baseline - 50 / 7 * mm, baseline + 50 / 7 * mm
    page.mouse.move(box["x"] + x_of(page, image, 20.0), box["y"] + high)
    page.mouse.down()
    page.mouse.move(box["x"] + x_of(page, image, 20.4), box["y"] + (high + low) / 2)
    page.mouse.move(box["x"] + x_of(page, image, 20.5), box["y"] + low)
    page.mouse.up()
    page.wait_for_timeout(150)
    page.screenshot(path=screenshots / "eeg_cursors.png")
    said = page.locator("canvas.eeg-paper").get_attribute("data-measured")
    milliseconds, hertz, microvolts = (float(word.split()[0]) for word in said.split(" · "))
    assert milliseconds == pytest.approx(500, abs=12) and hertz == pytest.approx(2.0, abs=0.1)
    assert microvolts == pytest.approx(100, abs=4)
    assert rows_of_range(page) == 0, "a caliper marks no event"


def rows_of_range(page):
    """Buttons that would add a dragged stretch."""
    return page.get_by_role("button", name="Add missed event").count()


def test_a_card_against_the_screen_calibrates_the_millimetres_and_a_reload_keeps_them(eeg):
    page = eeg
    image, baseline = wave(page)
    quiet = baselines(image, x_of(page, image, 19.5))
    tool(page, "Millimetres are not calibrated").click()
    slider = page.get_by_label("Width of a bank card")
    slider.evaluate("(s) => { s.value = '650'; s.dispatchEvent(new Event('input')); }")
    page.get_by_role("button", name="Use", exact=True).click()
    page.wait_for_timeout(300)
    after = pixels(page, "eeg")
    scale = 650 / 85.6 / (96 / 25.4)
    across = round(x_of(page, after, 20.25))
    ink = np.flatnonzero(looks_like(after[:-FOOT, across - 8 : across + 9], LEFT, 70).any(axis=1))
    plateau = ink[np.abs(ink - (baseline - 50 / 7 * 96 / 25.4 * scale)).argmin()]
    assert baseline - plateau == pytest.approx(50 / 7 * 96 / 25.4 * scale, rel=0.2)
    assert len(quiet) > 3
    page.reload()
    tool(page, "Millimetres are calibrated").wait_for()
    tool(page, "Millimetres are calibrated").click()
    page.get_by_role("button", name="30 mm/s").click()
    page.wait_for_timeout(300)
    seconds = start_of(page)[1]
    width = page.locator("canvas.eeg-paper").bounding_box()["width"] - GUTTER - 9
    assert seconds == pytest.approx(width / (30 * 650 / 85.6), rel=0.01)
    tool(page, "Millimetres are calibrated").click()
    page.get_by_role("button", name="Forget").click()
    tool(page, "Millimetres are not calibrated").wait_for()


def test_going_to_a_time_and_playing(eeg):
    page = eeg
    page.keyboard.press("g")
    page.keyboard.type("1:05")
    page.keyboard.press("Enter")
    until(lambda: page.wait_for_timeout(30) or (drawn(page, "eeg") and start_of(page)[0] == 65), "01:05")
    page.keyboard.press("g")
    page.keyboard.press("Control+a")
    page.keyboard.type("@14:02:13")
    page.keyboard.press("Enter")
    until(
        lambda: page.wait_for_timeout(30) or (drawn(page, "eeg") and start_of(page)[0] == 10),
        "ten seconds by the clock",
    )
    page.keyboard.press("g")
    page.keyboard.press("Control+a")
    page.keyboard.type("9:00:00")
    page.keyboard.press("Enter")
    page.get_by_text("The recording ends at").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    until(lambda: page.wait_for_timeout(30) or (drawn(page, "eeg") and start_of(page)[0] >= 30), "it plays")
    page.keyboard.press("Space")
    page.wait_for_timeout(1300)
    at = start_of(page)[0]
    page.wait_for_timeout(1300)
    assert start_of(page)[0] == at, "it stands still"


def test_the_unfiltered_page_stands_below_in_step(eeg, screenshots):
    page = eeg
    choose(page, "Low cut", "5")
    go_to(page, 20.5)
    page.keyboard.press("e")
    page.locator(SECOND).wait_for()
    until(lambda: page.wait_for_timeout(30) or page.locator(SECOND).get_attribute("data-drawn"), "the second paper")
    shown = page.locator(SECOND).get_attribute("data-drawn").split()
    assert (shown[0], float(shown[2])) == ("raw", pytest.approx(start_of(page)[0], abs=1e-3))
    assert page.locator(SECOND).get_attribute("aria-label") == "NOT FILTERED"
    below, above = second(page), pixels(page, "eeg")
    assert below.shape[1] == above.shape[1]
    page.screenshot(path=screenshots / "eeg_raw_below.png")
    page.keyboard.press("ArrowRight")
    turned = start_of(page)[0] + start_of(page)[1]
    until(
        lambda: (
            page.wait_for_timeout(30)
            or abs(float((page.locator(SECOND).get_attribute("data-drawn") or "0 0 0").split()[2]) - turned) < 20
        ),
        "it turns too",
    )
    page.keyboard.press("e")
    assert not page.locator(SECOND).is_visible()


def test_the_accepted_seizure_is_pinned_beside_and_taken_down_with_the_verdict(eeg, site, screenshots):
    page = eeg
    page.keyboard.press("p")
    page.get_by_text("No event of this recording has been accepted yet").wait_for()
    strike(page, "a")
    wait_row(page, site, "accept")
    page.keyboard.press("p")
    until(lambda: page.wait_for_timeout(30) or page.locator(SECOND).get_attribute("data-drawn"), "the pinned one")
    assert page.locator(SECOND).get_attribute("aria-label").startswith("PINNED: 1, accepted")
    page.screenshot(path=screenshots / "eeg_pinned.png")
    strike(page, "Control+z")
    wait_row(page, site, "amend")
    until(
        lambda: page.wait_for_timeout(30) or not page.locator(SECOND).is_visible(), "nothing stands, nothing is pinned"
    )
    assert rows(site, reader=page.reader, action="accept")


def test_a_picture_of_the_page_is_saved_with_whose_it_is(eeg, tmp_path):
    page = eeg
    with page.expect_download() as download:
        tool(page, "Save overview and traces").click()
    path = tmp_path / "page.png"
    download.value.save_as(path)
    picture = Image.open(path)
    assert picture.width > 900 and picture.height > 600
    paper = pixels(page, "eeg")
    saved = np.asarray(picture.convert("RGB"))[-paper.shape[0] :]
    assert np.array_equal(saved, paper), "with everything that stands on the paper, its settings included"
    assert looks_like(saved[-FOOT + 20 :, :600], (0x55, 0x53, 0x4B), 60).sum() > 300, "the line of settings"
    assert download.value.suggested_filename.startswith("S-")
