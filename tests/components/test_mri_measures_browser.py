"""Measuring in Chromium: values in millimetres on a grid that is not square, handles, keys, what is kept, no page run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.builders.mri_site import MriSite, a_series, a_viewer_study, digest_of

pytestmark = pytest.mark.browser

#: 1.5 x 0.75 x 3 mm, turned about the patient's axis by 10 degrees: neither square nor upright.
_TURN = np.deg2rad(10)
AFFINE = np.eye(4)
AFFINE[:3, :3] = np.array([[np.cos(_TURN), -np.sin(_TURN), 0], [np.sin(_TURN), np.cos(_TURN), 0], [0, 0, 1]]) @ np.diag(
    [1.5, 0.75, 3.0]
)
SHAPE = (120, 240, 40)
AFFINE[:3, 3] = -AFFINE[:3, :3] @ (np.array(SHAPE) - 1) / 2
FINE = np.diag([1.0, 1.0, 1.0, 1.0])
FINE_SHAPE = (180, 180, 120)
FINE[:3, 3] = -(np.array(FINE_SHAPE) - 1) / 2
THICK, THIN, OTHER, MASK = (digest_of(name) for name in ("thick", "thin", "other", "mask"))


def _ball(shape, affine, radius, value):
    """A ball about the origin: `value` inside 20 mm, half of it to `radius`."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    away = np.linalg.norm(index @ affine[:3, :3].T + affine[:3, 3], axis=-1)
    return np.where(away < 20, value, np.where(away < radius, value // 2, 0)).astype(np.int16)


@pytest.fixture(scope="module")
def server():
    """A ball on two grids."""
    site = MriSite()
    site.put_volume(THICK, _ball(SHAPE, AFFINE, 55, 800), AFFINE, (400, 800))
    site.put_volume(THIN, _ball(FINE_SHAPE, FINE, 55, 300), FINE, (150, 300))
    site.put_volume(OTHER, _ball(SHAPE, AFFINE, 30, 800), AFFINE, (400, 800))
    bits = (_ball(SHAPE, AFFINE, 55, 800) == 800).astype(np.uint8)
    site.put_mask(MASK, bits, bits)
    running = site.serve()
    yield site
    running.should_exit = True


@pytest.fixture
def page(browser, server):
    """The viewer's page; an error on it fails the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(server.address)
    opened.wait_for_function("window.ready")
    yield opened
    opened.close()
    assert errors == []


def a_study(**said):
    """Two series of one frame on different grids."""
    series = [
        a_series(THICK, np.empty(SHAPE), AFFINE),
        a_series(THIN, np.empty(FINE_SHAPE), FINE, sequence="t2", label="T2", description="T2"),
    ]
    return a_viewer_study("S-ONE", series, **{"reader": "reader", **said})


def with_result(**said):
    """The same with a model's finding, selected."""
    region = {"name": "whole", "words": "whole", "bit": 0, "colour": "#56b4e9", "experimental": False,
              "evaluated": True, "visible": True}  # fmt: skip
    finding = {"id": "1", "number": 1, "component": 1, "title": "Left-sided", "lines": [], "state": "open",
               "state_words": "to review", "score_words": "", "centre_lps": [0.0, 0.0, 0.0], "kind": "lesion",
               "thumbnail": ""}  # fmt: skip
    return a_study(prediction={"digest": MASK, "grid": THICK, "regions": [region]}, findings=[finding], selected="1",
                   **said)  # fmt: skip


def show(page, data, *, series=THICK):
    """Hand the data over, and wait for the whole picture of a series."""
    page.evaluate("data => window.show(data)", data)
    wait_series(page, series)
    page.wait_for_timeout(500)


def wait_series(page, series):
    page.wait_for_function("d => (window.canvases()[0]?.dataset.drawn ?? '').split(' ')[1] === d", arg=series)


def place(page, lps, *, pane=0, affine=AFFINE, shape=SHAPE):
    """Where a point of the patient lies on the page, axial pane, as fitted: rows and columns run along i and j."""
    index = np.linalg.inv(affine) @ [*lps, 1]
    box = page.locator("canvas.mri-canvas").nth(pane).bounding_box()
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    scale = 0.96 * min(box["width"] / (shape[0] * spacing[0]), box["height"] / (shape[1] * spacing[1]))
    x = box["x"] + box["width"] / 2 + (index[0] - (shape[0] - 1) / 2) * spacing[0] * scale
    y = box["y"] + box["height"] / 2 + (index[1] - (shape[1] - 1) / 2) * spacing[1] * scale
    return x, y


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    page.wait_for_timeout(60)


def measured(page):
    """The measures as the next report has them, after a press outside the viewer."""
    page.mouse.click(5, 5)
    page.wait_for_timeout(60)
    reports = page.evaluate("window.sent.filter(({name}) => name === 'report').map(({value}) => value)")
    return reports[-1]["view"].get("measures", [])


def words(page, pane=0):
    """What the measures on a pane say."""
    return page.evaluate("n => window.canvases()[n].dataset.measures", pane)


def points_of(one):
    numbers = [x for x in one[2:] if not isinstance(x, str)]
    return np.array(numbers).reshape(-1, 3)


def in_plane(*lps):
    """A point on the middle slice of the first series."""
    middle = AFFINE[2, 2] * (SHAPE[2] // 2) + AFFINE[2, 3]
    return (*lps, middle)


def test_a_length_is_in_patient_millimetres_on_a_turned_grid_that_is_not_square(page):
    show(page, a_study())
    page.keyboard.press("Shift+L")
    one, other = in_plane(-20.0, -15.0), in_plane(22.0, 17.0)
    drag(page, place(page, one), place(page, other))
    (kept,) = measured(page)
    assert kept[:2] == ["ruler", "axial"]
    points = points_of(kept)
    assert points == pytest.approx(np.array([one, other]), abs=0.5)
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(np.hypot(42, 32), abs=0.7)


def test_measuring_runs_no_page(page):
    show(page, a_study())
    page.wait_for_timeout(1500)
    before = page.evaluate("window.sent.length")
    for key in ("Shift+L", "Shift+B", "Shift+E", "Shift+G"):
        page.keyboard.press(key)
        drag(page, place(page, in_plane(-20, -25)), place(page, in_plane(12, 20)))
    page.keyboard.press("Escape")
    page.wait_for_timeout(1800)
    assert page.evaluate("window.sent.length") == before
    assert page.evaluate("window.keys").count("Shift") == 4
    assert {"L", "B", "E", "G"}.isdisjoint(page.evaluate("window.keys")), "keys that the viewer takes reach nobody else"


def test_the_perpendicular_is_dragged_and_stays_perpendicular(page):
    show(page, a_study())
    page.keyboard.press("Shift+B")
    drag(page, place(page, in_plane(-20, 0)), place(page, in_plane(20, 0)))
    drag(page, place(page, in_plane(0, 10)), place(page, in_plane(-8, 26)))
    a, b, c, d = points_of(measured(page)[0])
    ends = sorted((c, d), key=lambda point: point[1])
    assert ends[1][:2] == pytest.approx([-8, 26], abs=0.6)
    assert ends[0][:2] == pytest.approx([-8, -10], abs=0.6)
    drag(page, place(page, tuple(b)), place(page, in_plane(24, 14)))
    a, b, c, d = points_of(measured(page)[0])
    assert b[:2] == pytest.approx([24, 14], abs=0.6)
    cosine = (b - a) @ (d - c) / np.linalg.norm(b - a) / np.linalg.norm(d - c)
    assert abs(cosine) < 1e-3


def test_an_ellipse_says_mean_and_deviation_of_each_series(page, screenshots):
    show(page, a_study())
    page.keyboard.press("Shift+E")
    drag(page, place(page, in_plane(-8, -8)), place(page, in_plane(8, 8)))
    assert words(page).endswith("mean 800, SD 0.00")
    page.keyboard.press("s")
    wait_series(page, THIN)
    page.wait_for_timeout(600)
    assert words(page).endswith("mean 300, SD 0.00")
    centre, a, _ = points_of(measured(page)[0])
    assert np.linalg.norm(a - centre) == pytest.approx(8, abs=1.6)
    page.screenshot(path=screenshots / "mri_measure_ellipse.png")


def test_a_measure_stays_through_series_zoom_layout_and_reload_and_only_on_its_slice(page, screenshots):
    show(page, a_study())
    page.keyboard.press("Shift+L")
    drag(page, place(page, in_plane(-20, -15)), place(page, in_plane(22, 17)))
    page.keyboard.press("Escape")
    before = measured(page)
    assert lines(page) == [True, False, False]
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(100)
    assert lines(page) == [False, False, False]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert lines(page)[0]
    page.keyboard.press("s")
    wait_series(page, THIN)
    page.wait_for_timeout(500)
    assert lines(page)[0], "on the other grid too"
    page.keyboard.press("l")
    page.keyboard.press("l")
    page.wait_for_timeout(500)
    assert lines(page)[:2] == [True, True], "on both series in step"
    assert measured(page) == before
    page.screenshot(path=screenshots / "mri_measure_series.png")
    page.reload()
    page.wait_for_function("window.ready")
    show(page, a_study())
    assert lines(page)[0]
    assert measured(page) == before
    show(page, a_study(reader="another"))
    page.reload()
    page.wait_for_function("window.ready")
    show(page, a_study(reader="another"))
    assert measured(page) == [], "another reader's"


def lines(page):
    """Whether each pane shows the colour of a measure."""
    return page.evaluate("""() => window.canvases().map((canvas) => {
      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let seen = 0;
      for (let at = 0; at < data.length; at += 4) {
        const close = (r, g, b) => Math.abs(data[at] - r) < 24 && Math.abs(data[at + 1] - g) < 24 && Math.abs(data[at + 2] - b) < 24;
        if (close(0xb5, 0xf0, 0x8a)) seen += 1;
      }
      return seen > 60;
    })""")


def test_the_selected_measure_is_moved_and_deleted(page):
    show(page, a_study())
    page.keyboard.press("Shift+L")
    drag(page, place(page, in_plane(-20, -15)), place(page, in_plane(22, 17)))
    drag(page, place(page, in_plane(-30, 10)), place(page, in_plane(-30, 30)))
    drag(page, place(page, in_plane(1, 1)), place(page, in_plane(11, -4)))
    first, second = measured(page)
    assert points_of(first)[0][:2] == pytest.approx([-10, -20], abs=0.7)
    assert points_of(second)[0][:2] == pytest.approx([-30, 10], abs=0.7)
    page.keyboard.press("Delete")
    assert measured(page) == [second]
    page.keyboard.press("Delete")
    assert measured(page) == [second], "nothing is selected any more"
    page.mouse.click(*place(page, in_plane(-30, 20)))
    page.keyboard.press("Backspace")
    page.mouse.click(5, 5)
    assert measured(page) == []


def test_a_recorded_view_brings_its_measures_back_and_keeps_nothing_of_the_replay(page):
    show(page, a_study())
    page.keyboard.press("Shift+B")
    drag(page, place(page, in_plane(-20, 0)), place(page, in_plane(20, 0)))
    measured(page)
    said = words(page)
    view = page.evaluate("window.sent.filter(({name}) => name === 'report').at(-1).value.view")
    page.evaluate("sessionStorage.clear()")
    page.reload()
    page.wait_for_function("window.ready")
    show(page, a_study(view=view, replay=7))
    assert lines(page)[0]
    assert words(page) == said != ""
    assert page.evaluate("sessionStorage.length") == 0


def test_what_does_not_fit_the_view_is_said(page):
    show(page, a_study())
    page.keyboard.press("Shift+B")
    for row in range(24):
        drag(page, place(page, in_plane(-30.2, row * 3.2 - 38)), place(page, in_plane(28.3, row * 3.2 - 38)))
    kept = measured(page)
    view = page.evaluate("window.sent.filter(({name}) => name === 'report').at(-1).value.view")
    assert len(kept) + view["measures_left_out"] == 24 and 5 < len(kept) < 24
    assert len(json.dumps(view)) <= 2000
    assert f"keeps {len(kept)} of 24 measures" in page.locator(".mri-note").inner_text()


def test_another_study_shows_none_of_them_and_a_blind_read_none_drawn_beside_a_mask(page):
    show(page, with_result())
    page.keyboard.press("Shift+L")
    drag(page, place(page, in_plane(-20, -15)), place(page, in_plane(22, 17)))
    other = a_viewer_study("S-TWO", [a_series(OTHER, np.empty(SHAPE), AFFINE)], reader="reader")
    show(page, other, series=OTHER)
    assert measured(page) == []
    assert not page.locator(".mri-measure").is_visible()
    show(page, a_study(blind=True))
    page.reload()
    page.wait_for_function("window.ready")
    show(page, a_study(blind=True))
    assert measured(page) == []
    page.keyboard.press("Shift+L")
    drag(page, place(page, in_plane(-5, -15)), place(page, in_plane(5, 17)))
    assert len(measured(page)) == 1
    page.reload()
    page.wait_for_function("window.ready")
    show(page, with_result())
    assert len(measured(page)) == 2, "both, once the reader has committed"
    page.reload()
    page.wait_for_function("window.ready")
    show(page, a_study(blind=True))
    assert measured(page) == [], "a second blind read finds nothing of the first"


def test_a_porus_line_is_told_for_the_selected_finding_alone(page):
    show(page, with_result())
    page.keyboard.press("Shift+P")
    drag(page, place(page, in_plane(5, -30)), place(page, in_plane(5, 30)))
    told = page.evaluate("window.sent.filter(({name}) => name === 'porus').map(({value}) => value)")
    assert len(told) == 1
    assert (told[0]["study"], told[0]["prediction"]) == ("S-ONE", MASK)
    assert np.array(told[0]["lines"]["1"]) == pytest.approx(np.array([in_plane(5, -30), in_plane(5, 30)]), abs=0.5)
    drag(page, place(page, in_plane(15, -30)), place(page, in_plane(15, 30)))
    told = page.evaluate("window.sent.filter(({name}) => name === 'porus').at(-1).value.lines")
    assert list(told) == ["1"] and told["1"][0][0] == pytest.approx(15, abs=0.5), "a finding has one line"
    page.keyboard.press("Delete")
    assert page.evaluate("window.sent.filter(({name}) => name === 'porus').at(-1).value.lines") == {}
    show(page, a_study(blind=True))
    page.keyboard.press("Shift+P")
    assert not page.locator(".mri-measure").is_visible()


def blue(page):
    """Pixels of the outline on the first pane."""
    return page.evaluate("""() => {
      const canvas = window.canvases()[0];
      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let seen = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [r, g, b] = data.subarray(at, at + 3);
        if (Math.abs(r - 0x56) < 30 && Math.abs(g - 0xb4) < 30 && Math.abs(b - 0xe9) < 30) seen += 1;
      }
      return seen;
    }""")


def test_outlines_have_the_width_that_was_chosen(page, screenshots):
    show(page, with_result())
    page.wait_for_function("(window.canvases()[0].dataset.drawn ?? '').split(' ')[4] !== '-'")
    counts = []
    for width in (1, 2, 3, 4):
        page.locator(f'[data-region="line {width}"]').click()
        page.wait_for_timeout(120)
        counts.append(blue(page))
    assert counts == sorted(counts) and counts[3] > 2.5 * counts[0] > 0, counts
    page.keyboard.press("Shift+O")
    page.wait_for_timeout(120)
    assert blue(page) == counts[0], "after the widest comes the thinnest"
    page.mouse.click(5, 5)
    page.wait_for_timeout(60)
    assert page.evaluate("window.sent.filter(({name}) => name === 'report').at(-1).value.view.line") == 1
    page.screenshot(path=screenshots / "mri_line_widths.png")


def test_each_series_in_step_has_a_window_of_its_own(page):
    show(page, a_study())
    page.keyboard.press("l")
    page.keyboard.press("l")
    page.wait_for_function("window.canvases().length === 2")
    page.wait_for_timeout(600)
    before = [middle_grey(page, pane) for pane in (0, 1)]
    assert min(before) > 200, "each series begins with the window of its own values"
    box = page.locator("canvas.mri-canvas").nth(1).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 200, y, steps=4)
    page.mouse.up(button="right")
    page.wait_for_timeout(150)
    after = [middle_grey(page, pane) for pane in (0, 1)]
    assert after[0] == before[0] and after[1] < before[1] - 20


def middle_grey(page, pane):
    """Grey beside the middle of a pane, away from the crosshair."""
    return page.evaluate(
        """(n) => {
      const canvas = window.canvases()[n];
      return canvas.getContext('2d').getImageData(canvas.width / 2 + 8, canvas.height / 2 + 8, 1, 1).data[0];
    }""",
        pane,
    )
