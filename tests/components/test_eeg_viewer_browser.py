"""The EEG viewer in Chromium: microvolts and seconds in their places, nothing stale, keys that wait."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pytest

from tests.builders.eeg_site import CHANNELS, EegSite, a_recording, a_viewer_recording, an_event
from tests.builders.mri_site import digest_of

pytestmark = pytest.mark.browser

RATE = 256.0
DURATION = 500
GAP = (200.0, 230.0)
ONE, TWO, SQUARE, RISK, OTHER_RISK = (
    digest_of(name) for name in ("rec one", "rec two", "square", "risk", "other risk")
)
SCORED = ("Fp1-F7", "F7-T3", "T3-T5")
LEFT, RIGHT, MIDLINE = (0x1D, 0x4F, 0x91), (0xA3, 0x2A, 0x2A), (0x22, 0x22, 0x22)
PAPER, ONSET, HATCH = (0xFB, 0xFA, 0xF5), (0xC0, 0x39, 0x2B), (0xB9, 0xB6, 0xAA)
GUTTER, MARGIN, FOOT = 82, 9, 36
PIXELS_A_MM = 96 / 25.4


@pytest.fixture(scope="module")
def server():
    """Two recordings with a gap in the first, a square wave, and a score."""
    site = EegSite()
    first = a_recording(DURATION, RATE)
    first[:, int(GAP[0] * RATE) : int(GAP[1] * RATE)] = np.nan
    site.put_recording(ONE, first, RATE)
    site.put_recording(TWO, a_recording(DURATION, RATE, seed=5), RATE)
    site.put_recording(SQUARE, square_wave(), RATE)
    scores = np.full(DURATION, 0.04, np.float32)
    scores[55:90], scores[290:306], scores[195:235] = 0.97, 0.7, np.nan
    of_channels = np.full((len(SCORED), DURATION), 0.04, np.float32)
    of_channels[1, 55:90], of_channels[2, 55:90] = 1.0, np.nan
    site.put_risk(RISK, scores, of_channels, channels=list(SCORED), not_evaluated=[[195, 40]])
    site.put_risk(OTHER_RISK, np.full(DURATION, 0.9, np.float32))
    running = site.serve()
    yield site
    running.should_exit = True


def square_wave():
    """Silence but for one second of -50 uV on T3, of +50 uV on T4 and of -100 uV on Cz, from second 4 on."""
    signal = np.zeros((len(CHANNELS) + 1, int(60 * RATE)))
    for label, uv in (("T3", -50), ("T4", 50), ("Cz", -100)):
        signal[CHANNELS.index(label), int(4 * RATE) : int(5 * RATE)] = uv
    return signal


@pytest.fixture
def site(server):
    """The server, with nothing asked yet and no delay."""
    server.asked.clear()
    server.delay_s.clear()
    return server


@pytest.fixture
def page(browser, site):
    """The viewer's page at the size of the pictures; an error on it fails the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(site.address)
    opened.wait_for_function("window.ready")
    yield opened
    opened.close()
    assert errors == []


def events():
    return [
        an_event(1, 60, 24),
        an_event(2, 292, 13, state="rejected", state_words="rejected, muscle", score_words="score 0.71"),
        an_event(3, 350, 10),
        an_event(1, 420, 12, id="r-1", own=True, state="added", state_words="added", score_words=""),
    ]


def one(**said):
    """The first recording with its prediction of three events, one judged, and one of the reader's own."""
    gaps = [{"onset_s": GAP[0], "duration_s": GAP[1] - GAP[0]}]
    prediction = {"digest": RISK, "on": 0.8, "off": 0.5, "calibrated": False}
    return a_viewer_recording(
        "S-ONE", ONE, DURATION, **{"gaps": gaps, "prediction": prediction, "events": events(), "selected": "1", **said}
    )


def two(**said):
    """The second recording, of equal length, without a prediction."""
    return a_viewer_recording("S-TWO", TWO, DURATION, **said)


def square(**said):
    """Three rows, one a side, hardly filtered."""
    rows = [{"label": label, "plus": {label: 1.0}, "side": side}
            for label, side in (("T3", "left"), ("T4", "right"), ("Cz", "midline"))]  # fmt: skip
    montage = {"name": "referential", "title": "Referential", "rows": rows, "missing": []}
    data = a_viewer_recording("S-SQ", SQUARE, 60, montages=[montage], **said)
    data["defaults"] |= {"low_hz": 0, "high_hz": 100}
    data["recording"]["channels"] = data["recording"]["channels"][:-1]
    return data


def show(page, data, *, drawn=True):
    page.evaluate("data => window.show(data)", data)
    if drawn:
        wait_drawn(page, data["study"])


def wait_drawn(page, study):
    page.wait_for_function(
        "study => (window.inside('.eeg-paper')?.dataset.drawn ?? '').startsWith(study + ' ')", arg=study
    )
    page.wait_for_timeout(60)


def settled(page):
    """Wait until score and spectra have come, and neighbours are made."""
    page.wait_for_timeout(700)


def pixels(page, canvas="paper"):
    """(row, column, 3) uint8 of a canvas as it is on screen."""
    from PIL import Image

    bytes_ = page.evaluate(
        "async (name) => { const b = await new Promise((r) => window.inside('.eeg-' + name).toBlob(r));"
        " return [...new Uint8Array(await b.arrayBuffer())]; }",
        canvas,
    )
    return np.asarray(Image.open(io.BytesIO(bytes(bytes_))).convert("RGB"))


def near(image, colour, tolerance=24):
    """(row, column) bool where a colour is."""
    return np.abs(image.astype(int) - colour).max(axis=-1) <= tolerance


def x_of(image, seconds, start, span):
    """Where a time of the page is drawn."""
    return GUTTER + (seconds - start) / span * (image.shape[1] - GUTTER - MARGIN)


def start_of(page):
    """Where the page on screen begins, from what the canvas says that it shows."""
    return float(page.evaluate("window.inside('.eeg-paper').dataset.drawn").split(" ")[-3])


def row_line(image, row, x):
    """Height at which the trace of one of three rows crosses a column: the centre of its ink, in parts of a pixel."""
    third = (image.shape[0] - FOOT) // 3
    ink = np.subtract(PAPER, image[row * third : (row + 1) * third, round(x)].astype(int)).sum(axis=-1)
    ink[ink < 40] = 0
    assert ink.sum() > 100, f"no trace at {x}"
    return (ink * np.arange(third)).sum() / ink.sum()


def test_a_square_wave_of_50_uv_measures_right_and_negative_goes_up(page, screenshots):
    show(page, square())
    image = pixels(page)
    expected = 50 / 7 * PIXELS_A_MM
    before, within = x_of(image, 3.5, 0, 10), x_of(image, 4.5, 0, 10)
    heights = {}
    for row, (name, sign) in enumerate((("T3", -1), ("T4", 1), ("Cz", -2))):
        heights[name] = row_line(image, row, within) - row_line(image, row, before)
        assert heights[name] == pytest.approx(sign * expected, abs=0.6), name
    box = near(image, MIDLINE, 60)[-FOOT - 90 : -FOOT, -90:]
    bar = box.sum(axis=0).max()
    assert bar == pytest.approx(abs(heights["T3"]), abs=2.1), "the calibration bar of 50 uV is as high as the wave"
    edge = np.nonzero(near(image[: image.shape[0] // 3], LEFT, 90).sum(axis=0) > expected / 2)[0]
    assert edge.min() == pytest.approx(x_of(image, 4, 0, 10), abs=2)
    assert edge.max() == pytest.approx(x_of(image, 5, 0, 10), abs=2)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(80)
    image = pixels(page)
    larger = row_line(image, 0, within) - row_line(image, 0, before)
    assert larger == pytest.approx(-expected * 7 / 5, abs=0.6)
    page.screenshot(path=screenshots / "eeg_viewer_square.png")


def test_left_is_blue_right_is_red_midline_is_dark_on_light_paper(page):
    show(page, one(events=[], selected=None, prediction=None))
    image = pixels(page)
    assert tuple(image[2, 2]) == PAPER
    plot = image[:-FOOT, GUTTER:-MARGIN]
    rows = page.evaluate("window.data.montages[0].rows.map((row) => row.side)")
    assert rows.count("left") == rows.count("right") == 8
    for colour in (LEFT, RIGHT, MIDLINE):
        assert near(plot, colour).sum() > 500
    height = plot.shape[0]
    top = plot[: height // 6]
    assert near(top, LEFT).sum() > 500 and near(top, RIGHT).sum() == 0, "the first chain is the left temporal one"


@pytest.mark.parametrize("page_s", [10, 60])
def test_a_gap_is_hatched_at_its_true_time_and_no_trace_crosses_it(page, page_s, screenshots):
    data = one(events=[], selected=None, prediction=None)
    data["defaults"]["page_s"] = page_s
    show(page, data)
    for _ in range(int(190 // page_s)):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    while start_of(page) + page_s <= GAP[0]:
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(200)
    page.wait_for_timeout(300)
    image, start = pixels(page), start_of(page)
    plot = image[:-FOOT]
    left, right = x_of(image, GAP[0], start, page_s), min(x_of(image, GAP[1], start, page_s), image.shape[1] - MARGIN)
    hatched = np.nonzero(near(plot, HATCH, 20).sum(axis=0) > 40)[0]
    assert hatched.min() == pytest.approx(left, abs=1.5)
    assert hatched.max() == pytest.approx(right, abs=1.5)
    inside = plot[:, int(left) + 2 : int(right) - 2]
    assert near(inside, LEFT).sum() == near(inside, RIGHT).sum() == 0
    assert near(plot[:, int(left) - 6 : int(left)], LEFT).sum() > 10, "the signal goes up to the gap"
    page.screenshot(path=screenshots / f"eeg_viewer_gap_{page_s}s.png")


def test_an_event_opens_with_its_onset_one_third_into_the_page(page, screenshots):
    show(page, one())
    settled(page)
    page.screenshot(path=screenshots / "eeg_viewer_dark.png")
    for key, onset in ((None, 60), ("j", 292), ("j", 350), ("k", 292)):
        if key:
            page.keyboard.press(key)
            page.wait_for_timeout(150)
        image = pixels(page)
        colour = ONSET if onset != 292 else (0x6F, 0x5F, 0x5A)
        lines = np.nonzero(near(image[:-FOOT], colour, 30).mean(axis=0) > 0.8)[0]
        assert lines.mean() == pytest.approx(GUTTER + (image.shape[1] - GUTTER - MARGIN) / 3, abs=1.5), onset
        assert start_of(page) == pytest.approx(onset - 10 / 3, abs=1e-3)
    page.keyboard.press("]")
    page.wait_for_timeout(150)
    assert start_of(page) == pytest.approx(292 + 13 - 20 / 3, abs=1e-3)


def test_an_event_near_the_start_too_opens_one_third_in_and_what_lies_before_is_hatched(page):
    show(page, one(events=[an_event(1, 2, 5)], selected="1"))
    image = pixels(page)
    assert start_of(page) == pytest.approx(2 - 10 / 3, abs=1e-3)
    before = image[:-FOOT, GUTTER + 2 : int(x_of(image, 0, 2 - 10 / 3, 10)) - 2]
    assert near(before, LEFT).sum() == 0 and near(before, HATCH, 20).sum() > 500


def test_switching_between_recordings_leaves_no_stale_pixel(page, site):
    show(page, one())
    settled(page)
    site.delay_s[TWO] = 0.5
    show(page, two(), drawn=False)
    assert page.evaluate("window.inside('.eeg-paper').dataset.drawn") == ""
    image = pixels(page)[:-FOOT, GUTTER:]
    for colour in (LEFT, RIGHT, MIDLINE, ONSET):
        assert near(image, colour, 12).sum() == 0
    overview = pixels(page, "overview")[:100, GUTTER + 80 :]
    assert near(overview, (0xEF, 0x6F, 0x5E)).sum() == near(overview, (0x6C, 0xB6, 0xFF)).sum() == 0
    wait_drawn(page, "S-TWO")
    show(page, one())
    show(page, two())
    settled(page)
    switched = pixels(page), pixels(page, "overview")
    page.reload()
    page.wait_for_function("window.ready")
    show(page, two())
    settled(page)
    fresh = pixels(page), pixels(page, "overview")
    assert np.array_equal(switched[0], fresh[0]) and np.array_equal(switched[1], fresh[1]), (
        "a fresh page shows the same"
    )


def test_a_late_score_of_another_prediction_is_never_drawn(page, site):
    site.delay_s[RISK] = 0.7
    show(page, one())
    show(page, one(prediction={"digest": OTHER_RISK, "on": 0.8, "off": 0.5, "calibrated": False}))
    settled(page)
    before = pixels(page, "overview")
    page.wait_for_timeout(800)
    assert np.array_equal(before, pixels(page, "overview"))


def test_the_score_is_asked_for_again_after_leaving_and_the_signal_is_not(page, site):
    show(page, one())
    settled(page)
    site.asked.clear()
    page.evaluate("document.getElementById('host').remove(); window.unmount()")
    page.wait_for_timeout(50)
    page.evaluate("window.remount()")
    show(page, one())
    settled(page)
    assert site.asked == [f"/api/risk/{RISK}"]


def test_a_blind_read_fetches_and_shows_nothing_of_a_model(page, site, screenshots):
    show(page, one(blind=True, prediction=None, events=[], selected=None))
    settled(page)
    before = pixels(page)
    page.keyboard.press("w")
    page.wait_for_timeout(200)
    assert np.array_equal(before, pixels(page)), "no shading by score"
    assert page.locator(".eeg-tools").get_by_role("button", name="by the detector's score").count() == 0
    assert site.asked and not any("risk" in path for path in site.asked)
    overview = pixels(page, "overview")[:88, GUTTER:]
    for colour in ((0xEF, 0x6F, 0x5E), (0x6C, 0xB6, 0xFF)):
        assert near(overview, colour).sum() == 0
    assert "No detector score" in page.evaluate("window.inside('.eeg-overview').getAttribute('aria-label')")
    assert "score" not in page.evaluate("window.inside('.eeg-events').innerText")
    page.screenshot(path=screenshots / "eeg_viewer_blind.png")


def test_even_if_sent_a_blind_viewer_does_not_draw_a_models_events(page, site):
    show(page, one(blind=True))
    settled(page)
    assert not any("risk" in path for path in site.asked)
    assert near(pixels(page)[:-FOOT], ONSET, 12).sum() == 0
    assert "01:00" not in page.evaluate("window.inside('.eeg-events').innerText")


def test_the_overview_shows_score_thresholds_lanes_and_spectra_in_their_places(page):
    show(page, one())
    settled(page)
    image = pixels(page, "overview")
    accent, alarm = (0x6C, 0xB6, 0xFF), (0xEF, 0x6F, 0x5E)
    x = lambda seconds: int(x_of(image, seconds, 0, DURATION))  # noqa: E731
    high = near(image[8:16, GUTTER:-MARGIN], accent, 40).any(axis=0).nonzero()[0] + GUTTER
    assert high.min() == pytest.approx(x(55), abs=3) and high.max() == pytest.approx(x(90), abs=3)
    lane = near(image[79], alarm, 30).nonzero()[0]
    lane = lane[lane < x(100)]
    assert lane.min() == pytest.approx(x(60), abs=2) and lane.max() == pytest.approx(x(84), abs=2)
    assert near(image[94, x(420) : x(432)], (0x3F, 0xB6, 0x8B), 12).mean() > 0.8, (
        "the reader's own event, in the reader's lane"
    )
    seizure, background = image[107:133, x(70)].mean(), image[107:133, x(110)].mean()
    assert seizure != background
    spectra = image[105:135, x(205) : x(225)]
    assert len(np.unique(spectra.reshape(-1, 3), axis=0)) > 1 and spectra.mean() < 90, (
        "gaps are hatched over the spectra"
    )


def test_chosen_strips_show_the_side_of_a_seizure_leave_gaps_empty_and_stay_chosen(page, site, screenshots):
    show(page, one())
    settled(page)
    assert not any("trends" in path for path in site.asked), "nothing is computed that nobody looks at"
    page.keyboard.press("v")
    for words in ("aEEG", "asymmetry", "artefact"):
        page.locator(".eeg-strips").get_by_role("button", name=words, exact=True).click()
    page.wait_for_function("window.inside('.eeg-overview').getAttribute('aria-label').includes('aEEG left')")
    assert page.locator(".eeg-strips").get_by_text("how computed").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    image = pixels(page, "overview")
    left, right = (0x8D, 0xBC, 0xF5), (0xF2, 0x9A, 0x93)
    x = lambda seconds: int(x_of(image, seconds, 0, DURATION))  # noqa: E731
    height = lambda strip, colour, seconds: near(image[strip, x(seconds)], colour, 60).sum()  # noqa: E731
    upper, lower, middle = slice(171, 211), slice(213, 253), slice(257, 295)
    tops = [np.nonzero(near(image[upper, x(at)], left, 60))[0].min() for at in (110, 75)]
    assert tops[1] < tops[0], "the run on the left lifts its aEEG"
    assert (
        near(image[upper, GUTTER:-MARGIN], right, 40).sum() == near(image[lower, GUTTER:-MARGIN], left, 40).sum() == 0
    )
    assert height(middle, left, 75) > 8 and height(middle, right, 75) == 0, "asymmetry goes to the left, downwards"
    below = near(image[276:295, x(75)], left, 60).sum()
    assert below == height(middle, left, 75)
    for strip in (upper, lower, middle):
        inside = image[strip, x(GAP[0]) + 3 : x(GAP[1]) - 3]
        assert near(inside, left, 40).sum() == near(inside, right, 40).sum() == 0, "nothing stands in a gap"
    label = page.evaluate("window.inside('.eeg-overview').getAttribute('aria-label')")
    assert "to the left" in label and "µV" in label
    assert page.locator(".eeg-paper").bounding_box()["height"] > 360, "traces keep their room with all strips chosen"
    page.screenshot(path=screenshots / "eeg_viewer_strips.png")
    page.reload()
    page.wait_for_function("window.ready")
    show(page, one())
    page.wait_for_function("window.inside('.eeg-overview').getAttribute('aria-label').includes('aEEG left')")
    assert np.array_equal(pixels(page, "overview").shape, image.shape), "the choice is kept in this browser"


def test_channels_are_shaded_by_their_scores_once_asked_for_and_what_was_not_judged_is_hatched(page, screenshots):
    show(page, one(events=[], selected=None))
    page.keyboard.press("g")
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    settled(page)
    plain = pixels(page).astype(int)
    page.keyboard.press("w")
    page.wait_for_timeout(200)
    page.screenshot(path=screenshots / "eeg_viewer_score.png")
    legend = page.evaluate("window.inside('.eeg-score').innerText").replace("\n", " ")
    assert "Detector score per channel, uncalibrated 0 1 not judged" in legend and "3 of 18 rows" in legend
    page.evaluate("window.inside('.eeg-score').hidden = true")  # So that the rows lie where they lay.
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    page.wait_for_timeout(200)
    shaded = pixels(page).astype(int)
    row = (shaded.shape[0] - FOOT - 12) / 22.3  # Rows, gaps and the ECG's.
    darker = (255 - shaded[:, GUTTER:-MARGIN]).mean(axis=(1, 2))
    low, high, none, other = (darker[int(8 + n * row + 2) : int(8 + (n + 1) * row - 2)].mean() for n in range(4))
    assert high > low + 15 and high > other + 15, "a score of 1 is darker than one of 0.04, and than a row without one"
    assert none > other, "hatched"
    page.keyboard.press("w")
    page.wait_for_timeout(200)
    assert np.array_equal(pixels(page), plain), "and off again"


def test_annotations_have_a_lane_of_their_own_with_their_words(page, screenshots):
    notes = [{"onset_s": 3.0, "duration_s": 2.0, "text": "eyes closed"}, {"onset_s": 9.5, "duration_s": 0.0, "text": "hyperventilation"},
             {"onset_s": 61.0, "duration_s": 0.0, "text": "arm moves"}]  # fmt: skip
    show(page, one(events=[], selected=None))
    without = pixels(page)
    page.evaluate("window.texts = []; const fill = CanvasRenderingContext2D.prototype.fillText;"
                  "CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {"
                  " window.texts.push(text); return fill.call(this, text, ...rest); }; 0")  # fmt: skip
    show(page, one(events=[], selected=None, annotations=notes))
    texts = page.evaluate("window.texts")
    assert "eyes closed" in texts and "annotations" in texts and "arm moves" not in texts
    image = pixels(page)
    lane = image[-FOOT - 31 : -FOOT]
    assert not near(lane[:, GUTTER + 2 : -MARGIN], LEFT, 30).any(), "no trace runs through it"
    assert near(without[-FOOT - 31 : -FOOT, GUTTER:-MARGIN], (0x5A, 0x4A, 0x1E), 60).any(), "the ECG did, without it"
    bar = near(lane[-3:], (0x86, 0x84, 0x7E), 30).any(axis=0).nonzero()[0]
    bar = bar[bar < x_of(image, 6, 0, 10)]
    assert (bar.min(), bar.max()) == pytest.approx((x_of(image, 3, 0, 10), x_of(image, 5, 0, 10)), abs=2)
    box = page.locator(".eeg-paper").bounding_box()
    page.mouse.move(box["x"] + x_of(image, 9.5, 0, 10), box["y"] + box["height"] - FOOT - 10)
    assert page.locator(".eeg-paper").get_attribute("title") == "00:00:09.5 · hyperventilation"
    assert "Annotations: eyes closed" in page.locator(".eeg-paper").get_attribute("aria-label")
    page.screenshot(path=screenshots / "eeg_viewer_annotations.png")


def test_a_click_in_the_overview_jumps_and_a_drag_goes_along(page):
    show(page, one())
    settled(page)
    box = page.locator(".eeg-overview").bounding_box()
    at = lambda seconds: box["x"] + GUTTER + seconds / DURATION * (box["width"] - GUTTER - MARGIN)  # noqa: E731
    page.mouse.move(at(400), box["y"] + 40)
    page.mouse.down()
    page.wait_for_timeout(500)
    assert start_of(page) == pytest.approx(395, abs=0.5)
    page.mouse.move(at(120), box["y"] + 40)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert start_of(page) == pytest.approx(115, abs=0.5)
    shown = "window.inside('.eeg-overview').getAttribute('aria-label')"
    page.mouse.wheel(0, -100)
    page.wait_for_function(f"{shown}.includes('zoomed to')")
    once = page.evaluate(shown)
    page.keyboard.press("+")
    page.wait_for_function(f"said => {shown} !== said", arg=once)
    from_s, to_s = (
        int(found[0]) * 60 + int(found[1]) for found in re.findall(r"00:(\d\d):(\d\d)", page.evaluate(shown))[1:3]
    )
    assert to_s - from_s == pytest.approx(DURATION / 1.5**2, abs=1.5)
    inner = lambda seconds: (  # noqa: E731
        box["x"] + GUTTER + (seconds - from_s) / (to_s - from_s) * (box["width"] - GUTTER - MARGIN)
    )
    page.mouse.click(inner(150), box["y"] + 40)
    page.wait_for_timeout(300)
    assert start_of(page) == pytest.approx(145, abs=1.5), "a click means the time under it"
    page.keyboard.press("End")
    page.wait_for_function(f"{shown}.includes('to 00:08:20')")
    page.locator(".eeg-whole").click()
    page.wait_for_function(f"!{shown}.includes('zoomed')")
    page.keyboard.down("Shift")
    page.mouse.move(at(100), box["y"] + 40)
    page.mouse.down()
    page.mouse.move(at(160), box["y"] + 40)
    page.mouse.move(at(200), box["y"] + 40)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_function(f"{shown}.includes('zoomed to 00:01:40 to 00:03:20')")
    page.keyboard.press("z")
    page.wait_for_function(f"!{shown}.includes('zoomed')")


def sent(page, name):
    return [event["value"] for event in page.evaluate("window.sent") if event["name"] == name]


def drag(page, from_s, to_s, *, start, span=10, y=200):
    box = page.locator(".eeg-paper").bounding_box()
    at = lambda seconds: box["x"] + GUTTER + (seconds - start) / span * (box["width"] - GUTTER - MARGIN)  # noqa: E731
    page.mouse.move(at(from_s), box["y"] + y)
    page.mouse.down()
    page.mouse.move(at((from_s + to_s) / 2), box["y"] + y)
    page.mouse.move(at(to_s), box["y"] + y)
    page.mouse.up()
    page.wait_for_timeout(120)


def test_a_drag_over_the_traces_sends_a_range_and_escape_takes_it_back(page, screenshots):
    show(page, one(events=[], selected=None))
    drag(page, 7.5, 3.25, start=0)
    dragged = sent(page, "range")[-1]
    assert dragged["study"] == "S-ONE" and "event" not in dragged
    assert dragged["onset_s"] == pytest.approx(3.25, abs=0.011) and dragged["duration_s"] == pytest.approx(
        4.25, abs=0.02
    )
    image = pixels(page)
    band = image[4, int(x_of(image, 5, 0, 10)) + 3]
    assert int(band[2]) - int(band[0]) > 10, "a blue band"
    page.screenshot(path=screenshots / "eeg_viewer_range.png")
    page.keyboard.press("Escape")
    page.wait_for_timeout(80)
    assert sent(page, "range")[-1]["onset_s"] is None
    assert tuple(pixels(page)[4, int(x_of(image, 5, 0, 10)) + 3]) == PAPER


def test_an_edge_is_dragged_with_its_events_id_and_an_added_event_takes_the_bands_place(page):
    show(page, one())
    start = 60 - 10 / 3
    drag(page, 60, 62, start=start)
    moved = sent(page, "range")[-1]
    assert moved["event"] == "1"
    assert moved["onset_s"] == pytest.approx(62, abs=0.02) and moved["onset_s"] + moved["duration_s"] == pytest.approx(
        84, abs=0.01
    )
    page.keyboard.press("j")
    page.wait_for_timeout(100)
    assert sent(page, "range")[-1]["onset_s"] is None, "a moved edge does not outlive the choice of another event"
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    drag(page, 2, 5, start=0)
    stretch = sent(page, "range")[-1]
    own = an_event(2, stretch["onset_s"], stretch["duration_s"], id="r-9", own=True, state="added", state_words="added")
    page.evaluate("event => window.show({...window.data, events: [...window.data.events, event]})", own)
    page.wait_for_timeout(60)
    image = pixels(page)
    x = int(x_of(image, 3.5, 0, 10)) + 3
    assert int(image[60, x][1]) > int(image[60, x][0]), "green, as an added event, and no longer blue"


def keys_that_passed(page):
    return page.evaluate("window.keys.splice(0)")


def test_verdict_keys_are_dead_until_traces_are_drawn(page, site):
    show(page, two())
    site.delay_s[ONE] = 0.5
    show(page, one(), drawn=False)
    for key in ("a", "Enter", "3"):
        page.keyboard.press(key)
    assert keys_that_passed(page) == []
    wait_drawn(page, "S-ONE")
    page.keyboard.press("a")
    assert keys_that_passed(page) == ["a"]


def test_a_held_key_counts_once_and_the_viewers_own_keys_stay_its_own(page):
    show(page, one())
    settled(page)
    for key in ("ArrowRight", "Shift+ArrowLeft", "ArrowUp", "Home", "End", "[", "]", "j", "k", "f"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert [key for key in keys_that_passed(page) if key != "Shift"] == []
    page.keyboard.down("a")
    for _ in range(4):
        page.keyboard.down("a")
    page.keyboard.up("a")
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    assert keys_that_passed(page) == ["a"]
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    assert keys_that_passed(page) == ["Enter"]


def test_a_verdict_key_waits_for_the_next_events_traces_and_for_the_echo(page, site):
    show(page, one())
    site.delay_s[ONE] = 0.4
    page.evaluate("window.answersIn = 300; window.takes = true")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert keys_that_passed(page) == []
    page.wait_for_timeout(1500)
    assert keys_that_passed(page) == ["x"]
    assert page.evaluate("window.data.selected") == "2"


def test_without_an_echo_the_key_is_dropped_with_a_note(page):
    show(page, one())
    settled(page)
    page.evaluate("window.answersIn = null")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_timeout(2300)
    assert keys_that_passed(page) == []
    assert "not taken" in page.evaluate("window.inside('.eeg-note').textContent")


def test_the_list_selects_in_the_viewer_at_once_and_says_states_in_words(page):
    show(page, one())
    settled(page)
    page.evaluate("window.answersIn = 5000")
    text = page.evaluate("window.inside('.eeg-events').innerText")
    for words in ("2 OF 3 OPEN", "1 · 01:00", "24 s", "rejected, muscle", "score 0.71", "+ · 07:00", "added by reader"):
        assert words in text, words
    page.locator("[data-event='3']").click()
    page.wait_for_timeout(150)
    assert start_of(page) == pytest.approx(350 - 10 / 3, abs=1e-3)
    assert page.evaluate("window.inside('[aria-selected=true]').dataset.event") == "3"
    assert sent(page, "selected")[-1]["event"] == "3"
    page.wait_for_timeout(400)
    assert sent(page, "report")[-1]["shown"] == ["1", "3"] and sent(page, "report")[-1]["on_screen"] == "3"
    page.locator("[data-event='3']").press("ArrowUp")
    page.wait_for_timeout(100)
    assert sent(page, "selected")[-1]["event"] == "2"


def test_a_report_tells_what_was_displayed_when_the_reader_rests(page):
    show(page, one(events=[], selected=None, prediction=None))
    page.wait_for_timeout(300)
    page.evaluate("window.sent.length = 0")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    assert page.evaluate("window.sent.length") == 0, "flipping reruns nothing"
    page.wait_for_timeout(1200)
    report = sent(page, "report")[-1]
    assert report["intervals"] == [[0, 50]] and report["drawn"] == ONE
    assert report["displayed"] == pytest.approx(50 / 470, abs=1e-3), "of the signal, without the gap"
    assert report["view"] == {"start_s": 40, "page_s": 10, "montage": "longitudinal_bipolar", "uv_per_mm": 7, "low_hz": 1,
                              "high_hz": 70, "notch_hz": 0, "paper": "light", "marks": True}  # fmt: skip


def test_f_hides_the_marks_while_held_and_the_first_time_is_told(page):
    show(page, one())
    settled(page)
    marked = pixels(page)
    page.keyboard.down("f")
    page.wait_for_timeout(80)
    assert near(pixels(page)[:-FOOT], ONSET, 12).sum() == 0
    page.keyboard.up("f")
    page.wait_for_timeout(80)
    assert np.array_equal(pixels(page), marked)
    page.keyboard.press("f")
    assert [told["kind"] for told in sent(page, "interact")] == ["overlay"]


def test_the_next_recordings_first_page_is_loaded_in_advance_and_nothing_else_of_it(page, site):
    show(page, one(next={"study": "S-TWO", "token": two()["token"], "digest": TWO}))
    settled(page)
    assert [path for path in site.asked if TWO in path] == [f"/api/signal/{TWO}/page?start=0&stop=30"]
    site.asked.clear()
    show(page, two())
    assert f"/api/signal/{TWO}/page?start=0&stop=30" not in site.asked


def test_a_refused_signal_says_what_why_and_what_to_do(page, screenshots):
    show(page, {**two(), "token": "out of date"}, drawn=False)
    page.wait_for_function("window.inside('.eeg-paper')?.getAttribute('aria-label')?.includes('run out')")
    page.screenshot(path=screenshots / "eeg_viewer_refused.png")
    page.keyboard.press("a")
    assert keys_that_passed(page) == []


def test_filters_are_kept_below_nyquist_and_the_page_says_so(page, site):
    digest = digest_of("slow")
    site.put_recording(digest, a_recording(60, 100.0), 100.0)
    show(page, a_viewer_recording("S-SLOW", digest, 60))
    page.evaluate("window.texts = []; const fill = CanvasRenderingContext2D.prototype.fillText;"
                  "CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {"
                  " window.texts.push(text); return fill.call(this, text, ...rest); }; 0")  # fmt: skip
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    words = " ".join(page.evaluate("window.texts"))
    assert "1 to 45 Hz, zero phase" in words and "high cut 70 Hz is above what 100 Hz sampling holds" in words
    assert "uncalibrated mm" in words and "negative up" in words and "00:00:10" in words


def crowded():
    """A hundred alerts and 42 rows."""
    data = one(events=[an_event(n + 1, 4.5 * n + 3, 2, state_words="to review") for n in range(100)], selected="40")
    data["montages"] = [{**data["montages"][2], "rows": [*data["montages"][2]["rows"], *data["montages"][0]["rows"],
                                                         *data["montages"][1]["rows"][:5]]}]  # fmt: skip
    return data


def test_pictures_of_each_state_and_the_time_of_a_page_flip(page, screenshots):
    show(page, one())
    settled(page)
    times = page.evaluate(
        """async () => { const times = [];
        const task = () => new Promise((r) => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); });
        for (let n = 0; n < 40; n++) { const began = performance.now();
          window.dispatchEvent(new KeyboardEvent("keydown", {key: n < 20 ? "ArrowRight" : "ArrowLeft"}));
          await new Promise((r) => requestAnimationFrame(r)); await task(); times.push(performance.now() - began);
          await new Promise((r) => setTimeout(r, 120)); }
        return times.sort((a, b) => a - b); }"""
    )
    sys.stdout.write(f"page flip, 19 channels, key to frame: median {times[20]:.1f} ms, slowest {times[-1]:.1f} ms\n")
    page.evaluate("window.inside('[data-tool=\"Page 30\"]').click()")
    settled(page)
    page.screenshot(path=screenshots / "eeg_viewer_30s.png")
    page.evaluate(
        "window.inside('[data-tool=\"Page 10\"]').click(); document.documentElement.style.colorScheme = 'light'"
    )
    settled(page)
    assert pixels(page, "overview")[3, 3].min() > 200, "the overview follows the theme"
    page.screenshot(path=screenshots / "eeg_viewer_light.png")
    page.evaluate("document.documentElement.style.colorScheme = 'dark'; window.inside('[data-tool=Paper]').click()")
    settled(page)
    assert pixels(page)[3, 3].max() < 60
    page.screenshot(path=screenshots / "eeg_viewer_dark_paper.png")
    page.evaluate("window.inside('[data-tool=Paper]').click()")
    show(page, crowded())
    settled(page)
    page.screenshot(path=screenshots / "eeg_viewer_crowded.png")
    show(page, two(montages=[]), drawn=False)
    settled(page)
    assert "No row can be drawn" in page.evaluate("window.inside('.eeg-paper').getAttribute('aria-label')")
    page.screenshot(path=screenshots / "eeg_viewer_no_rows.png")
