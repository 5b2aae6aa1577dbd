"""The MRI viewer in Chromium: left and right, outlines in place, nothing stale, keys that wait."""

from __future__ import annotations

import io

import numpy as np
import pytest

from tests.builders.mri_site import MriSite, a_head, a_series, a_viewer_study, digest_of

pytestmark = pytest.mark.browser

SHAPE = (90, 110, 60)
#: Stored from left to right and back to front, 2 x 2 x 2.5 mm: not as it is shown.
AFFINE = np.array([[-2.0, 0, 0, 89], [0, -2.0, 0, 109], [0, 0, 2.5, -75], [0, 0, 0, 1]])
MARKER = (35.0, -30.0, 20.0)
BLUE, PINK = (0x56, 0xB4, 0xE9), (0xFF, 0x7A, 0xB8)
ONE, TWO, T1, MASK, OTHER_MASK = (digest_of(name) for name in ("one", "two", "t1", "mask", "other mask"))


@pytest.fixture(scope="module")
def server():
    """Two studies of equal shape and a T1, the first with masks: a box on the patient's left, a small one on the right."""
    site = MriSite()
    head = a_head(SHAPE, AFFINE)
    site.put_volume(ONE, head, AFFINE, (400, 800))
    site.put_volume(TWO, np.where(head > 0, 1000 - head // 2, 0).astype(np.int16)[:, ::-1], AFFINE, (400, 800))
    site.put_volume(T1, (head // 3).astype(np.int16), AFFINE, (150, 300))
    bits, lesions = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    bits[15:36, 60:81, 30:46] = 1
    bits[20:30, 65:75, 32:44] |= 2
    lesions[15:36, 60:81, 30:46] = 1
    bits[60:66, 40:46, 20:24] = 1
    lesions[60:66, 40:46, 20:24] = 2
    site.put_mask(MASK, bits, lesions)
    site.put_mask(OTHER_MASK, np.roll(bits, 20, axis=1), np.roll(lesions, 20, axis=1))
    running = site.serve()
    yield site
    running.should_exit = True


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


def a_study(**said):
    """Study one: T1c and T1, with its prediction of two findings, unless said otherwise."""
    series = [
        a_series(ONE, np.empty(SHAPE), AFFINE),
        a_series(T1, np.empty(SHAPE), AFFINE, sequence="t1", label="T1", description="T1"),
    ]
    return a_viewer_study(
        "S-ONE", series, **{"prediction": a_prediction(), "findings": findings(), "selected": "1", **said}
    )


def another_study(**said):
    """Study two, of equal shape, without a prediction."""
    return a_viewer_study("S-TWO", [a_series(TWO, np.empty(SHAPE), AFFINE, description="the other")], **said)


def a_prediction(digest=MASK):
    def region(name, bit, colour, *, experimental=False):
        return {"name": name, "words": name, "bit": bit, "colour": colour, "experimental": experimental,
                "evaluated": True, "visible": not experimental}  # fmt: skip

    return {"digest": digest, "grid": ONE,
            "regions": [region("whole", 0, "#56b4e9"), region("inner", 1, "#ff7ab8", experimental=True)]}  # fmt: skip


def findings():
    def finding(number, index, state):
        centre = (AFFINE @ [*index, 1])[:3].tolist()
        return {"id": str(number), "number": number, "component": number, "title": "Left-sided", "lines": ["13.2 ml"],
                "state": state, "state_words": "to review" if state == "open" else state, "score_words": "score 0.90",
                "centre_lps": centre, "kind": "lesion", "thumbnail": ""}  # fmt: skip

    return [finding(1, (25, 70, 38), "open"), finding(2, (62, 42, 22), "rejected")]


def show(page, data, *, drawn=True):
    """Hand the data over, and wait for the first pane."""
    page.evaluate("data => window.show(data)", data)
    if drawn:
        wait_drawn(page, data["study"], (data["prediction"] or {}).get("digest", "-"))


def wait_drawn(page, study, mask="-"):
    page.wait_for_function(
        "([study, mask]) => { const d = window.canvases()[0]?.dataset.drawn ?? '';"
        " return d.startsWith(study + ' ') && d.endsWith(' ' + mask); }",
        arg=[study, mask],
    )


def whole(page):
    """Wait until every series has arrived."""
    page.wait_for_function("!window.canvases().some((c) => /loading/i.test(c.getAttribute('aria-label')))")
    page.wait_for_timeout(400)


def pixels(page, pane=0):
    """(row, column, 3) uint8 of a pane as it is on screen."""
    from PIL import Image

    bytes_ = page.evaluate(
        "async (n) => { const b = await new Promise((r) => window.canvases()[n].toBlob(r));"
        " return [...new Uint8Array(await b.arrayBuffer())]; }",
        pane,
    )
    return np.array(Image.open(io.BytesIO(bytes(bytes_))).convert("RGB"))


def near(image, colour, tolerance=40):
    """(row, column) bool where a colour is."""
    return (np.abs(image.astype(int) - colour).sum(axis=-1) < tolerance * 3) & (np.ptp(image.astype(int), axis=-1) > 30)


def place(image, index, plane):
    """Where the issue's rule puts a voxel: fitted to 96 %, true aspect, left of the patient on the right of the screen."""
    height, width = image.shape[:2]
    i, j, k = index
    across, down, cols, rows, mm = {
        "axial": (SHAPE[0] - 1 - i, SHAPE[1] - 1 - j, SHAPE[0], SHAPE[1], (2.0, 2.0)),
        "coronal": (SHAPE[0] - 1 - i, SHAPE[2] - 1 - k, SHAPE[0], SHAPE[2], (2.0, 2.5)),
    }[plane]
    scale = 0.96 * min(width / (cols * mm[0]), height / (rows * mm[1]))
    return (width / 2 + (across - (cols - 1) / 2) * mm[0] * scale, height / 2 + (down - (rows - 1) / 2) * mm[1] * scale)


def test_the_patients_left_is_on_the_screens_right_with_its_letter(page):
    show(page, a_study(prediction=None, findings=[], selected=None))
    whole(page)
    page.keyboard.press("ArrowUp")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.wait_for_timeout(100)
    assert "axial 40 / 60, S 22.5 mm; left R, right L, top A, bottom P" in label(page)
    axial = pixels(page)
    rows, columns = np.nonzero((axial > 240).all(axis=-1)[60:-60, 60:-60])
    assert columns.mean() + 60 > axial.shape[1] / 2 + 60
    assert rows.mean() + 60 < axial.shape[0] / 2 - 60
    x, y = place(axial, np.linalg.inv(AFFINE)[:3] @ [*MARKER, 1], "axial")
    assert abs(columns.mean() + 60 - x) < 4 and abs(rows.mean() + 60 - y) < 4
    middle = slice(axial.shape[0] // 2 - 14, axial.shape[0] // 2 + 14)
    for side in (slice(0, 24), slice(-24, None)):
        assert near(axial[middle, side], (0xFF, 0xD8, 0x66)).sum() > 15


def label(page, pane=0):
    return page.evaluate("n => window.canvases()[n].getAttribute('aria-label')", pane)


def test_neurological_and_unknown_sides_are_said_in_red(page, screenshots):
    study = a_study(prediction=None, findings=[], selected=None)
    show(page, {**study, "convention": "neurological"})
    whole(page)
    assert "left L, right R" in label(page)
    for pane in range(3):
        assert near(pixels(page, pane)[:90, :260], (0xFF, 0x5C, 0x4D)).sum() > 40, f"in red on pane {pane}"
    page.screenshot(path=screenshots / "mri_viewer_neurological.png")
    unknown = [{**series, "sides_known": False} for series in study["series"]]
    show(page, {**study, "series": unknown, "study": "S-THREE"})
    assert "left ?, right ?" in label(page)
    image = pixels(page)
    middle = slice(image.shape[0] // 2 - 14, image.shape[0] // 2 + 14)
    assert near(image[middle, :24], (0xFF, 0x5C, 0x4D)).sum() > 10
    page.screenshot(path=screenshots / "mri_viewer_unknown_sides.png")


@pytest.mark.parametrize("pane,plane", [(0, "axial"), (1, "coronal")])
def test_the_outline_lies_on_the_edges_of_the_masks_voxels(page, pane, plane):
    show(page, a_study())
    whole(page)
    image = pixels(page, pane)
    blue = near(image, BLUE)
    blue[:90] = blue[-60:] = False
    rows, columns = np.nonzero(blue)
    right, bottom = place(image, (14.5, 59.5, 29.5), plane)
    left, top = place(image, (35.5, 80.5, 45.5), plane)
    found = columns.min(), columns.max(), rows.min(), rows.max()
    assert np.allclose(found, (left, right, top, bottom), atol=2.6), (found, (left, right, top, bottom))
    inside = blue[int(top) + 5 : int(bottom) - 5, int(left) + 5 : int(right) - 5]
    assert inside.sum() == 0
    assert near(image, PINK).sum() == 0, "an experimental region starts hidden"


def test_a_finding_is_jumped_to_at_once_and_told_with_what_was_shown(page):
    show(page, a_study())
    whole(page)
    page.evaluate("window.answersIn = 5000")
    page.keyboard.press("j")
    assert "axial 23 / 60" in label(page)
    image = pixels(page)
    x, y = place(image, (62.5, 42.5, 22), "axial")
    assert near(image[int(y) - 30 : int(y) + 30, int(x) - 30 : int(x) + 30], BLUE).sum() > 60
    sent = page.evaluate("window.sent")
    assert [event["name"] for event in sent[-2:]] == ["report", "selected"]
    assert sent[-1]["value"]["finding"] == "2" and sent[-1]["value"]["study"] == "S-ONE"
    assert sent[-2]["value"]["shown"] == ["1", "2"] and sent[-2]["value"]["on_screen"] == "2"


def test_switching_between_studies_of_equal_shape_leaves_no_stale_pixel(page, site):
    show(page, a_study())
    whole(page)
    site.delay_s[TWO] = 30
    show(page, another_study(), drawn=False)
    for pane in range(3):
        assert page.evaluate("n => window.canvases()[n].dataset.drawn", pane) == ""
        image = pixels(page, pane)
        assert near(image, BLUE).sum() == 0
        middle = image.shape[0] // 2
        image[middle - 12 : middle + 12] = 0
        assert (image[80:-80, 40:-40].max(axis=-1) > 120).sum() == 0, "nothing but the crosshair and a word of waiting"
    site.delay_s.clear()
    show(page, a_study())
    show(page, another_study(), drawn=False)
    wait_drawn(page, "S-TWO")
    whole(page)
    switched = [pixels(page, pane) for pane in range(3)]
    page.reload()
    page.wait_for_function("window.ready")
    show(page, another_study())
    whole(page)
    for pane in range(3):
        assert np.array_equal(switched[pane], pixels(page, pane)), "a fresh page shows the same"


def test_a_late_mask_of_another_prediction_is_never_drawn(page, site):
    site.delay_s[MASK] = 0.6
    show(page, a_study(), drawn=False)
    wait_drawn(page, "S-ONE")
    show(page, a_study(prediction=a_prediction(OTHER_MASK)))
    whole(page)
    before = pixels(page)
    page.wait_for_timeout(900)
    assert np.array_equal(before, pixels(page))
    assert page.evaluate("window.canvases()[0].dataset.drawn").endswith(OTHER_MASK)


def test_going_back_to_a_study_asks_for_no_image_again_but_for_its_mask(page, site):
    show(page, a_study())
    whole(page)
    show(page, another_study())
    whole(page)
    site.asked.clear()
    show(page, a_study())
    whole(page)
    assert not any(path.startswith("/api/volume") for path in site.asked)
    assert sorted(site.asked) == [f"/api/mask/{MASK}/bits", f"/api/mask/{MASK}/lesions"]


def test_a_blind_read_fetches_and_shows_nothing_of_a_model(page, site, screenshots):
    own = [
        {"id": "r-1", "number": 1, "title": "Left-sided", "lines": ["point, sure 4 of 5"], "centre_lps": list(MARKER)}
    ]
    show(page, a_study(blind=True, prediction=None, findings=[], selected="r-1", own=own))
    whole(page)
    assert not any("mask" in path for path in site.asked)
    text = page.evaluate("window.inside('.mri').innerText")
    assert "YOUR FINDINGS" in text and "opacity" not in text.lower() and "Outline" not in text
    assert page.evaluate("window.inside('.mri-regions').hidden")
    image = pixels(page)
    x, y = place(image, np.linalg.inv(AFFINE)[:3] @ [*MARKER, 1], "axial")
    ring = slice(int(y) - 14, int(y) + 14), slice(int(x) - 14, int(x) + 14)
    assert near(image[ring], (0x6C, 0xB6, 0xFF)).sum() > 30
    image[ring] = 0
    assert near(image, BLUE).sum() == 0
    page.screenshot(path=screenshots / "mri_viewer_blind.png")
    canvas = page.locator("canvas.mri-canvas").first.bounding_box()
    target = place(image, (25, 70, 38), "axial")
    page.mouse.click(canvas["x"] + target[0], canvas["y"] + target[1])
    point = page.evaluate("window.sent.filter((e) => e.name === 'point')")[-1]["value"]
    assert point["voxel"][:2] == [25, 70] and point["series"] == ONE
    assert np.allclose(point["lps"], (AFFINE @ [*point["voxel"], 1])[:3])


def keys_that_passed(page):
    return page.evaluate("window.keys.splice(0)")


def test_verdict_keys_are_dead_until_the_picture_and_its_mask_are_drawn(page, site):
    site.delay_s[MASK] = 0.6
    show(page, a_study(), drawn=False)
    wait_drawn(page, "S-ONE")
    for key in ("a", "Enter", "3"):
        page.keyboard.press(key)
    assert keys_that_passed(page) == []
    wait_drawn(page, "S-ONE", MASK)
    page.keyboard.press("a")
    assert keys_that_passed(page) == ["a"]


def test_a_held_key_counts_once_and_enter_waits_after_an_action(page):
    show(page, a_study())
    whole(page)
    page.keyboard.down("a")
    for _ in range(4):
        page.keyboard.down("a")
    page.keyboard.up("a")
    page.wait_for_timeout(350)
    page.keyboard.press("Enter")
    assert keys_that_passed(page) == ["a"]
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    assert keys_that_passed(page) == ["Enter"]


def test_a_verdict_key_waits_for_the_echo_of_the_selection(page):
    show(page, a_study())
    whole(page)
    page.evaluate("window.answersIn = 500; window.takes = true")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert keys_that_passed(page) == []
    page.wait_for_timeout(900)
    assert keys_that_passed(page) == ["x"]
    assert page.evaluate("window.data.selected") == "2"


def test_a_held_key_is_pressed_until_its_button_listens_and_then_never_again(page):
    show(page, a_study())
    whole(page)
    page.evaluate("window.answersIn = 300; window.takes = true; window.deafFor = 2")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_timeout(1200)
    assert keys_that_passed(page) == ["x", "x", "x"], "two presses that nobody took, and one that was"
    assert page.evaluate("window.inside('.mri-note')?.textContent ?? ''") == ""


def test_a_held_key_that_nothing_asks_for_is_dropped_with_a_note(page):
    show(page, a_study())
    whole(page)
    page.evaluate("window.answersIn = 300")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.wait_for_timeout(1200)
    assert 1 < len(keys_that_passed(page)) < 10
    assert "nothing on screen asks for it" in page.evaluate("window.inside('.mri-note').textContent")


def test_without_an_echo_the_key_is_dropped_with_a_note(page, screenshots):
    show(page, a_study())
    whole(page)
    page.evaluate("window.answersIn = null")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_timeout(2200)
    assert keys_that_passed(page) == []
    assert "not taken" in page.evaluate("window.inside('.mri-note').textContent")
    page.screenshot(path=screenshots / "mri_viewer_note.png")


def test_a_key_held_for_one_finding_never_lands_on_the_next(page):
    show(page, a_study())
    whole(page)
    page.keyboard.press("a")
    page.keyboard.press("a")
    page.evaluate("window.show({...window.data, selected: '2'})")
    page.wait_for_timeout(600)
    assert keys_that_passed(page) == ["a"]
    assert "something else is on screen" in page.evaluate("window.inside('.mri-note').textContent")


def test_a_report_goes_when_the_reader_rests_and_before_a_verdict(page):
    show(page, a_study())
    whole(page)
    page.evaluate("window.sent.length = 0")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(30)
    assert page.evaluate("window.sent.length") == 0, "scrolling reruns nothing"
    page.keyboard.press("a")
    report = page.evaluate("window.sent.at(-1)")
    assert report["name"] == "report" and report["value"]["displayed"] == {ONE: pytest.approx(13 / 60, abs=1e-3)}
    assert report["value"]["view"]["slice"] == 50


def test_wheel_window_zoom_pan_and_fit(page):
    show(page, a_study())
    whole(page)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(80)
    assert "axial 40 / 60" in label(page)
    before = pixels(page)
    page.mouse.down(button="right")
    page.mouse.move(x, y - 120)
    page.mouse.up(button="right")
    page.wait_for_timeout(80)
    head = slice(200, 300), slice(200, 260)
    assert pixels(page)[head].mean() > before[head].mean() + 15, "upwards is brighter"
    page.keyboard.press("i")
    page.keyboard.press("+")
    page.mouse.move(x, y)
    page.mouse.down(button="middle")
    page.mouse.move(x + 50, y + 10)
    page.mouse.up(button="middle")
    page.wait_for_timeout(80)
    assert not np.array_equal(pixels(page), before)
    page.keyboard.press("i")
    page.keyboard.press("Home")
    page.evaluate("window.inside('[data-value=auto]').click()")
    page.wait_for_timeout(80)
    assert np.array_equal(pixels(page), before), "fit and the series' own window give the first picture back"


def test_f_hides_the_overlay_while_held_and_t_shows_the_t1_in_the_same_window(page):
    show(page, a_study())
    whole(page)
    with_overlay = pixels(page)
    page.keyboard.down("f")
    page.wait_for_timeout(80)
    assert near(pixels(page)[90:-60], BLUE, 20).sum() < near(with_overlay[90:-60], BLUE, 20).sum() / 5
    page.keyboard.up("f")
    page.keyboard.down("t")
    page.wait_for_timeout(80)
    held = pixels(page)
    page.keyboard.up("t")
    page.wait_for_timeout(80)
    assert np.array_equal(pixels(page), with_overlay)
    x, y = place(held, (60, 50, 38), "axial")
    spot = slice(int(y), int(y) + 20), slice(int(x), int(x) + 20)
    assert held[spot].mean() == pytest.approx(with_overlay[spot].mean() / 3, abs=6)
    assert [e["value"]["kind"] for e in page.evaluate("window.sent") if e["name"] == "interact"] == ["overlay"]


def test_a_refused_picture_says_what_why_and_what_to_do(page, screenshots):
    show(page, {**another_study(), "token": "out of date"}, drawn=False)
    page.wait_for_function("window.canvases()[0]?.getAttribute('aria-label')?.includes('run out')")
    page.screenshot(path=screenshots / "mri_viewer_refused.png")
    page.keyboard.press("a")
    assert keys_that_passed(page) == []


def test_the_next_studys_images_are_loaded_in_advance_and_nothing_else_of_it(page, site):
    study = another_study()
    show(page, a_study(next={"study": "S-TWO", "token": study["token"], "series": study["series"]}))
    whole(page)
    page.wait_for_timeout(400)
    assert any(TWO in path for path in site.asked)
    site.asked.clear()
    show(page, study)
    assert site.asked == []


def test_pictures_of_each_state(page, screenshots):
    show(page, a_study())
    whole(page)
    page.screenshot(path=screenshots / "mri_viewer_dark.png")
    page.evaluate("window.inside('[data-region=inner]').click()")
    page.keyboard.press("o")
    page.wait_for_timeout(100)
    assert near(pixels(page), PINK, 60).sum() > 200
    page.screenshot(path=screenshots / "mri_viewer_fill.png")
    page.keyboard.press("o")
    page.evaluate("window.inside('[data-value=series]').click()")
    page.wait_for_timeout(200)
    assert page.evaluate("window.canvases().length") == 2
    page.screenshot(path=screenshots / "mri_viewer_series.png")
    page.evaluate("window.inside('[data-value=planes]').click()")
    page.evaluate("document.documentElement.style.colorScheme = 'light'")
    page.wait_for_timeout(100)
    page.screenshot(path=screenshots / "mri_viewer_light.png")
    page.set_viewport_size({"width": 1180, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("window.inside('.mri-column').clientWidth") < 80
    page.screenshot(path=screenshots / "mri_viewer_folded.png")
