"""The EEG page: negative up, microvolts and seconds in their places, and what a key records."""

from __future__ import annotations

import json
import re
from datetime import datetime

import numpy as np
import pytest

from dashboard.casework import add_paths, add_prediction
from dashboard.eeg import write_edf
from dashboard.terms import ELECTROGRAPHIC, Role
from tests.browser.screen import (
    drawn,
    looks_like,
    pixels,
    rows,
    settled,
    strike,
    until,
    verdict,
    wait_open,
    wait_row,
)
from tests.browser.site import CHANNELS, WARNING

pytestmark = pytest.mark.browser

LEFT, RIGHT, MIDLINE, PAPER = (0x1D, 0x4F, 0x91), (0xA3, 0x2A, 0x2A), (0x22, 0x22, 0x22), (0xFB, 0xFA, 0xF5)
ONSET = (0xC0, 0x39, 0x2B)
GUTTER, MARGIN, FOOT = 82, 9, 36
PIXELS_A_MM = 96 / 25.4
"""CSS defines an inch as 96 pixels; the page says 'uncalibrated mm, 96 dpi'."""


@pytest.fixture
def eeg(enter, site):
    """The recording, opened by a new neurologist."""
    return enter("eeg", site.eeg, role=Role.NEUROLOGIST)


def start_of(page):
    """Where the page on screen begins and how long it is, in seconds."""
    begins, spans = drawn(page, "eeg")[-3:-1]
    return float(begins), float(spans)


def montage_of(page):
    """Name of the montage on screen."""
    return drawn(page, "eeg")[4]


def x_of(page, image, seconds):
    """Where a time is drawn."""
    start, span = start_of(page)
    return GUTTER + (seconds - start) / span * (image.shape[1] - GUTTER - MARGIN)


def go_to(page, seconds):
    """Turn pages until a time is on screen, and not at its edge."""
    page.keyboard.press("Home")
    for _ in range(40):
        start, span = start_of(page)
        if start + 0.1 * span <= seconds <= start + 0.9 * span:
            break
        page.keyboard.press("Shift+ArrowRight")
        until(lambda before=start: page.wait_for_timeout(20) or start_of_or_none(page) not in (None, before), "a page")
    page.wait_for_timeout(150)


def start_of_or_none(page):
    """Where the page on screen begins, None while nothing is drawn."""
    return start_of(page)[0] if drawn(page, "eeg") else None


def baselines(image, x, colour=LEFT):
    """Heights of the traces of a colour in a quiet place, from the top."""
    ink = np.flatnonzero(looks_like(image[:-FOOT, round(x) - 6 : round(x) + 7], colour, 70).any(axis=1))
    return [group.mean() for group in np.split(ink, np.flatnonzero(np.diff(ink) > 8) + 1)]


def stroke(image, x, through):
    """Top and bottom of the upright stroke at a place, as far as its ink hangs together with a height."""
    red, _, blue = np.moveaxis(image[:-FOOT, round(x) - 3 : round(x) + 4].astype(int), -1, 0)
    ink = ((red < 200) & (blue > red + 20)).any(axis=1)  # A line between two columns is pale in both.
    top = bottom = round(through)
    while ink[top - 2 : top].any():
        top -= 1
    while ink[bottom + 1 : bottom + 3].any():
        bottom += 1
    return top, bottom


def choose(page, label, value):
    """Choose in a drop-down list of the tool row."""
    page.get_by_label(label).select_option(value)
    until(lambda: page.wait_for_timeout(30) or drawn(page, "eeg"), "traces")
    page.wait_for_timeout(150)


def wave(page):
    """Go to the square wave, hardly filtered, in Fp1-F3, which has room: the picture, and its baseline."""
    choose(page, "Low cut", "0.1")
    choose(page, "High cut", "100")
    go_to(page, 20.5)
    image = pixels(page, "eeg")
    return image, baselines(image, x_of(page, image, 19.5))[4]


def test_a_square_wave_that_is_negative_first_goes_up_first_and_measures_50_uv(eeg, screenshots):
    page = eeg
    image, baseline = wave(page)
    assert montage_of(page) == "longitudinal_bipolar"
    page.screenshot(path=screenshots / "eeg_square.png")
    height = 50 / 7 * PIXELS_A_MM
    bar = looks_like(image[-FOOT - 90 : -FOOT, -90:], MIDLINE, 60).sum(axis=0).max()
    assert bar == pytest.approx(height, abs=2.5), "the calibration bar of 50 uV"
    for seconds, above, below in ((20.0, 1, 0), (20.5, 1, 1), (21.0, 0, 1)):
        top, bottom = stroke(image, x_of(page, image, seconds), baseline)
        assert baseline - top == pytest.approx(above * height, abs=0.22 * height), f"upwards at {seconds} s"
        assert bottom - baseline == pytest.approx(below * height, abs=0.22 * height), f"downwards at {seconds} s"
    between = round((x_of(page, image, 20.1) + x_of(page, image, 20.4)) / 2)
    first_half = np.flatnonzero(
        looks_like(image[: round(baseline) - 8, between - 12 : between + 12], LEFT, 70).any(axis=1)
    )
    assert baseline - first_half.max() == pytest.approx(height, abs=0.12 * height), "the negative half lies above"


def test_sensitivity_changes_the_height_and_is_said(eeg):
    page = eeg
    heights = {}
    for uv in ("7", "15"):
        image, baseline = wave(page)
        heights[uv] = np.ptp(stroke(image, x_of(page, image, 20.5), baseline))
        choose(page, "Sensitivity", "15")
    assert heights["7"] / heights["15"] == pytest.approx(15 / 7, rel=0.15)
    assert page.get_by_label("Sensitivity").input_value() == "15"


def test_left_is_blue_and_right_is_red_in_two_montages(eeg, screenshots):
    page = eeg
    seen = {}
    for words in ("longitudinal_bipolar", "average"):
        choose(page, "Montage", words)
        page.wait_for_timeout(300)
        image = pixels(page, "eeg")
        seen[montage_of(page)] = image
        plot = image[:-FOOT, GUTTER:-MARGIN]
        assert looks_like(image[2:3, 2:3], PAPER, 2).all()
        for colour in (LEFT, RIGHT, MIDLINE):
            assert looks_like(plot, colour, 30).sum() > 150, (words, colour)
        page.screenshot(path=screenshots / f"eeg_{words}.png")
    first, second = seen.values()
    assert len(seen) == 2 and not np.array_equal(first, second)
    quarter = first[: (first.shape[0] - FOOT) // 6, GUTTER:-MARGIN]
    assert looks_like(quarter, LEFT, 30).sum() > 300 and looks_like(quarter, RIGHT, 12).sum() == 0


def test_keys_turn_pages(eeg):
    page = eeg
    page.keyboard.press("Home")
    until(lambda: page.wait_for_timeout(30) or start_of_or_none(page) == 0, "the start")
    for key, start in (
        ("ArrowRight", 10),
        ("ArrowRight", 20),
        ("ArrowLeft", 10),
        ("Shift+ArrowRight", 10 + 10 / 3),
        ("End", 110),
        ("ArrowRight", 110),
    ):
        page.keyboard.press(key)
        until(lambda at=start: page.wait_for_timeout(30) or start_of_or_none(page) == pytest.approx(at, abs=1e-3), key)


def test_an_alert_opens_with_its_onset_one_third_in(eeg, screenshots):
    page = eeg
    image = pixels(page, "eeg")
    start, span = start_of(page)
    assert (start, span) == pytest.approx((10 - 10 / 3, 10), abs=1e-3)
    lines = np.flatnonzero(looks_like(image[:-FOOT], ONSET, 30).mean(axis=0) > 0.8)
    assert lines.mean() == pytest.approx(GUTTER + (image.shape[1] - GUTTER - MARGIN) / 3, abs=2)
    page.screenshot(path=screenshots / "eeg_alert.png")
    page.keyboard.press("]")
    until(
        lambda: page.wait_for_timeout(30) or start_of_or_none(page) == pytest.approx(16 - 20 / 3, abs=1e-3), "the end"
    )
    page.keyboard.press("[")
    until(
        lambda: page.wait_for_timeout(30) or start_of_or_none(page) == pytest.approx(10 - 10 / 3, abs=1e-3), "the onset"
    )


def test_the_timeline_shows_the_score_and_the_alert_in_their_places(eeg):
    image = pixels(eeg, "overview")
    x = lambda seconds: GUTTER + seconds / 120 * (image.shape[1] - GUTTER - MARGIN)  # noqa: E731
    lane = np.flatnonzero(looks_like(image[79], (0xEF, 0x6F, 0x5E), 30))
    assert (lane.min(), lane.max()) == pytest.approx((x(10), x(16)), abs=3)
    note = eeg.locator(".or-input")
    assert note.locator("summary").inner_text() == "Input: 1 warning" and not note.get_by_text(WARNING).is_visible()
    note.locator("summary").click()
    note.get_by_text(WARNING).wait_for()


def proposed(page):
    """Onset and duration of the events that the what-if has drawn; None while it has none."""
    return json.loads(page.locator(".eeg-what-if").get_attribute("data-proposed") or "null")


def test_other_thresholds_are_drawn_at_once_and_nothing_is_recorded_but_in_the_view(eeg, site, screenshots):
    page = eeg
    before, recorded = pixels(page, "overview"), rows(site, reader=page.reader)
    page.keyboard.press("i")
    until(lambda: page.wait_for_timeout(30) or proposed(page) == [[10, 6]], "the recorded rules' own events")
    words = page.locator(".eeg-what-if-words")
    assert words.inner_text() == "1 event, 6 s · recorded: 1 · gained 0, lost 0"
    on = page.get_by_label("Score at which an event begins (number)")
    on.fill("0.09")
    until(
        lambda: page.wait_for_timeout(30) or len(proposed(page)) == 2, "two stretches, parted by what was not evaluated"
    )
    assert proposed(page) == [[0, 3], [4, 116]] and "gained 1, lost 0" in words.inner_text()
    image = pixels(page, "overview")
    assert not np.array_equal(image[70:90], before[70:90]), "hatched over the model's lane"
    assert np.array_equal(image[90:100, :600], before[90:100, :600]), "the reader's lane is as it was"
    page.screenshot(path=screenshots / "eeg_what_if.png")
    page.get_by_role("button", name="reset").click()
    until(lambda: page.wait_for_timeout(30) or proposed(page) == [[10, 6]], "the recorded rules again")
    on.fill("0.97")
    until(lambda: page.wait_for_timeout(30) or proposed(page) == [], "nothing")
    assert "gained 0, lost 1" in words.inner_text()
    page.keyboard.press("Enter")
    assert [row for row in rows(site, reader=page.reader) if row not in recorded] == []
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["view"]["what_if"] == {"on": 0.97, "off": 0.45, "min_duration_s": 2, "merge_gap_s": 4}
    assert len(json.dumps(row["view"])) <= 2048
    until(lambda: "lost 1, 1 of them accepted" in words.inner_text(), "an accepted event would be lost")
    page.keyboard.press("Escape")
    page.locator(".eeg-what-if").wait_for(state="hidden")
    strike(page, "Control+z")
    wait_row(page, site, "amend")
    assert "what_if" not in rows(site, reader=page.reader, action="amend")[0]["view"]


def test_a_writes_a_row_about_the_alert(eeg, site):
    page = eeg
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert (row["study"], row["kind"], row["finding"], row["finding_kind"]) == (site.eeg, "eeg", "1", "seizure")
    assert (row["role"], row["model"]) == ("neurologist", "rise-finder")
    assert float(row["score"]) == pytest.approx(0.95)
    assert {"PRESENCE", "LOCALIZATION"} <= set(row["exposure"].split("+"))
    assert row["view"]["start_s"] == pytest.approx(10 - 10 / 3, abs=1e-3)
    assert row["view"]["montage"] == montage_of(page)
    until(lambda: "accepted" in page.locator(".eeg-events").inner_text(), "its state in the list")


def test_x_and_a_digit_reject_with_a_reason_and_undo_amends(eeg, site):
    page = eeg
    page.keyboard.press("x")
    strike(page, "1")  # At once, as who knows the reasons by heart: it waits for the question.
    row = wait_row(page, site, "reject")
    assert row["reason"] == "muscle"
    strike(page, "Control+z")
    assert wait_row(page, site, "amend")["supersedes"] == row["event_id"]


def mouse_drag(page, from_s, to_s, y=0.4):
    """Drag over the paper from a time to a time."""
    image = pixels(page, "eeg")
    box = page.locator("canvas.eeg-paper").bounding_box()
    height = box["y"] + y * box["height"]
    page.mouse.move(box["x"] + x_of(page, image, from_s), height)
    page.mouse.down()
    page.mouse.move(box["x"] + x_of(page, image, to_s), height, steps=5)
    page.mouse.up()


def test_a_missed_event_is_dragged_and_added_where_it_was_dragged(eeg, site, screenshots):
    page = eeg
    go_to(page, 63)
    start = start_of(page)[0]
    mouse_drag(page, start + 2.0, start + 7.5)
    page.get_by_role("button", name="Add missed event").wait_for()
    kept = lambda: site.workspace.drafts.of(page.reader, site.eeg)  # noqa: E731
    until(lambda: page.wait_for_timeout(30) or kept() == ("interval",), "the stretch on the server")
    page.reload()
    wait_open(page, site.eeg)
    button = page.get_by_role("button", name="Add missed event")
    button.wait_for()
    assert start_of(page)[0] == pytest.approx(start + 2.0 - 10 / 3, abs=0.05), "it is on screen again"
    page.screenshot(path=screenshots / "eeg_range_after_reload.png")
    strike(page, "d")
    row = wait_row(page, site, "add")
    until(lambda: page.wait_for_timeout(30) or kept() == (), "no draft once a row holds it")
    assert row["details"]["onset_s"] == pytest.approx(start + 2.0, abs=0.02)
    assert row["details"]["duration_s"] == pytest.approx(5.5, abs=0.03)
    assert row["finding"].startswith("r-") and row["prediction"] == "" and row["finding_kind"] == "seizure"
    until(lambda: "added" in page.locator(".eeg-events").inner_text(), "the event in the list")
    page.screenshot(path=screenshots / "eeg_missed_added.png")


def test_dragged_edges_make_a_modify_with_their_times(eeg, site):
    page = eeg
    mouse_drag(page, 16.0, 14.0)
    strike(page, "m")
    page.get_by_role("button", name="Record with these edges").wait_for()
    page.wait_for_timeout(600)
    strike(page, "Enter")
    details = wait_row(page, site, "modify")["details"]
    assert (details["onset_s"], details["duration_s"]) == pytest.approx((10.0, 4.0), abs=0.03)


def test_enter_signs_off_and_goes_on(eeg, site):
    page = eeg
    assert verdict(page, "Sign off AI findings").is_disabled()
    strike(page, "a")
    wait_row(page, site, "accept")
    page.wait_for_timeout(600)
    strike(page, "Enter")
    row = wait_row(page, site, "sign_off")
    assert (row["study"], row["scope"]) == (site.eeg, "ai_findings")
    assert 0 < row["details"]["displayed"][drawn_digest(site)] < 1
    settled(page)
    assert page.locator(".st-key-page, .st-key-strip").first.is_visible()


def drawn_digest(site):
    """Digest of the recording."""
    return site.workspace.study(site.eeg).recording.digest


def test_it_says_that_it_is_synthetic_and_whose_reading_it_is(eeg, site):
    text = eeg.locator("body").inner_text()
    assert "Synthetic data" in text and site.eeg[:8] in text
    assert re.search("not a medical device", text, re.IGNORECASE)
    assert "score 0.95" in eeg.locator(".eeg-events").inner_text()
    assert "score, 0 to 1, uncalibrated" in eeg.locator("canvas.eeg-overview").get_attribute("aria-label")
    strip = eeg.locator(".or-strip").inner_text()
    assert "41 F" in strip, "the age of the file's patient field"
    assert "1983" not in eeg.content() and "BROWSER-TEST" not in eeg.content(), "neither birth date nor patient id"


def test_events_of_another_tool_are_reviewed_alike_without_a_score_to_try_thresholds_on(
    enter, site, tmp_path, screenshots
):
    path, events = tmp_path / "other.edf", tmp_path / "other_events.tsv"
    signal = np.random.default_rng(4).normal(0, 12, (len(CHANNELS), 256 * 60)).astype(np.float32)
    write_edf(path, CHANNELS, 256, signal, starts_at=datetime(2024, 3, 11), sex="M", age_years=50, patient="OTHER")
    events.write_text("onset\tduration\teventType\tconfidence\n20\t12\tsz\t0.8\n")
    study = add_paths(site.workspace, [path]).added[0].study
    add_prediction(site.workspace, site.workspace.study(study), events, model_name="Tool", model_version="3")
    page = enter("eeg", study, role=Role.NEUROLOGIST)
    assert start_of(page)[0] == pytest.approx(20 - 10 / 3, abs=1e-3)
    note = page.locator(".or-input")
    assert note.locator("summary").inner_text() == "Events of another tool"
    note.locator("summary").click()
    note.get_by_text("its guards checked nothing, and without a score no other threshold can be tried").wait_for()
    assert not page.locator(".eeg-what-if-open").is_visible()
    page.keyboard.press("i")
    page.get_by_text("no other threshold can be tried").last.wait_for()
    assert not page.locator(".eeg-what-if").is_visible()
    page.screenshot(path=screenshots / "eeg_of_another_tool.png")
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert (row["study"], row["model"], row["finding"]) == (study, "Tool", "1")
    assert row["details"]["event_type"] == ELECTROGRAPHIC
    until(lambda: "12 s" in page.locator(".or-row", has_text="Seizure burden").inner_text(), "the burden")
    page.get_by_text("Meets the duration criterion for an electrographic seizure (ACNS 2021)").wait_for()
    page.keyboard.press("y")
    page.get_by_text(
        "1 event accepted or added in 1 min of EEG, 12 s in total, longest 12 s, worst hour 12 s"
    ).wait_for()
