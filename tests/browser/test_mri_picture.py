"""The MRI page's picture: overlay, window, zoom, and nothing of one study on another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_closing, find_objects, label

from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import (
    CORE,
    ENHANCING,
    WHOLE,
    base,
    drawn,
    looks_like,
    middle_of,
    outline,
    pixels,
    place_on_axial,
    settled,
    until,
    wait_open,
)

pytestmark = pytest.mark.browser

SAMPLER = """() => {
  window.seen = [];
  const canvases = (root) => [...root.querySelectorAll('*')].flatMap((e) =>
    e.matches('canvas.mri-canvas') ? [e] : e.shadowRoot ? canvases(e.shadowRoot) : []);
  const look = () => {
    for (const canvas of canvases(document).slice(0, 1)) {
      const { width, height } = canvas;
      if (!width) continue;
      const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
      const halves = [0, 0];
      let lit = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (Math.abs(data[at] - 0x56) < 40 && Math.abs(data[at + 1] - 0xb4) < 40 && Math.abs(data[at + 2] - 0xe9) < 40)
          halves[(at / 4) % width < width / 2 ? 0 : 1] += 1;
        if (data[at] > 60) lit += 1;
      }
      window.seen.push([(canvas.dataset.drawn ?? '').split(' ')[0], ...halves, lit / width / height]);
    }
    window.looking = requestAnimationFrame(look);
  };
  look();
}"""


def tools(page, name):
    """A button of the viewer's tool row."""
    return page.locator(".mri-tools").get_by_role("button", name=name, exact=True)


def go(page, step):
    """To the study before or after this one."""
    page.locator(".st-key-strip").get_by_role("button", name=step).click()


def at_lesion(page, away_mm=13.5):
    """Mean colour of a few pixels between the two outlines of the left-sided lesion."""
    image = pixels(page)
    x, y, _ = place_on_axial(image, 34.0 + away_mm, -20.0)
    return image[int(y) - 8 : int(y) - 3, int(x) - 1 : int(x) + 2].reshape(-1, 3).mean(axis=0)


def test_switching_quickly_between_studies_of_equal_shape_shows_nothing_of_the_other(enter, site):
    page = enter("mri", site.left)
    page.evaluate(SAMPLER)
    for step, study in (("›", site.right), ("‹", site.left), ("›", site.right), ("‹", site.left), ("›", site.right)):
        go(page, step)
        page.locator(f'canvas[data-drawn^="{study} "]').first.wait_for()
    seen = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.seen; }")
    assert {study for study, *_ in seen} >= {site.left, site.right}
    for study, left_half, right_half, lit in seen:
        if study == site.left:
            assert left_half == 0, "an outline of the other study"
        elif study == site.right:
            assert right_half == 0, "an outline of the other study"
        else:
            assert left_half == right_half == 0 and lit < 0.05, "a picture that belongs to no study"
    wait_open(page, site.right)
    fresh = enter("mri", site.right)
    for pane in range(3):
        until(
            lambda at=pane: fresh.wait_for_timeout(80) or np.array_equal(pixels(fresh, pane=at), pixels(page, pane=at)),
            f"in pane {pane} the picture of a page that showed nothing else",
        )


def test_the_strip_and_the_picture_are_of_one_study(enter, site):
    page = enter("mri", site.left)
    go(page, "›")
    wait_open(page, site.right)
    assert site.right[:8] in page.locator(".st-key-strip").inner_text()
    assert "Right-sided" in page.locator(".st-key-verdict").inner_text()
    assert site.left[:8] not in page.locator(".st-key-strip").inner_text()


def test_fill_and_opacity_and_flash_change_the_pixels(enter, site, screenshots):
    page = enter("mri", site.left)
    plain = at_lesion(page)
    assert np.ptp(plain) < 12, "an outline leaves what lies between grey"
    tools(page, "Fill").click()
    page.wait_for_timeout(150)
    filled = at_lesion(page)
    assert filled[2] - filled[0] > 25, "the fill is blue"
    page.get_by_label("Opacity of the overlay").fill("1")
    page.wait_for_timeout(150)
    assert at_lesion(page) == pytest.approx(WHOLE, abs=10)
    page.screenshot(path=screenshots / "mri_fill.png")
    page.keyboard.down("f")
    page.wait_for_timeout(150)
    assert np.ptp(at_lesion(page)) < 12 and drawn(page)[4] == "-"
    page.keyboard.up("f")
    page.wait_for_timeout(150)
    assert at_lesion(page) == pytest.approx(WHOLE, abs=10)
    tools(page, "Outline").click()
    page.wait_for_timeout(150)
    assert np.ptp(at_lesion(page)) < 12 and outline(page).sum() > 100


def dashes(page, colour, radius_mm):
    """How many pieces of a colour lie around the lesion, the crosshair bridged, and the typical length of one, in pixels."""
    image = pixels(page)
    x, y, scale = place_on_axial(image, 34.0, -20.0)
    down, across = np.indices(image.shape[:2])
    near = looks_like(image, colour, 70) & (np.hypot(across - x, down - y) < (radius_mm + 4) * scale)
    for row, column in (
        (slice(None), slice(round(x) - 2, round(x) + 3)),
        (slice(round(y) - 2, round(y) + 3), slice(None)),
    ):
        near[row, column] = binary_closing(near, iterations=2)[row, column]
    pieces, count = label(near, np.ones((3, 3)))
    sides = [max(part.stop - part.start for part in box) for box in find_objects(pieces)]
    return count, float(np.median(sides))


def test_regions_differ_in_their_dashes_and_each_can_be_hidden(enter, site, screenshots):
    page = enter("mri", site.left)
    regions = {"whole_tumour": (WHOLE, 17.0), "tumour_core": (CORE, 10.0), "enhancing_tumour": (ENHANCING, 10.0)}
    page.locator('[data-region="line 4"]').click()  # The widest line has the longest dashes.
    met = {}
    for name, (colour, radius) in regions.items():
        for other in regions:
            wanted = str(other == name).lower()
            button = page.locator(f'[data-region="{other}"]')
            if button.get_attribute("aria-pressed") != wanted:
                button.click()
        hidden = [c for n, (c, _) in regions.items() if n != name]
        until(
            lambda hidden=hidden: page.wait_for_timeout(40) or all(outline(page, colour=c).sum() < 60 for c in hidden),
            f"{name} alone",
        )
        met[name] = dashes(page, colour, radius)
        page.screenshot(path=screenshots / f"mri_dashes_{name}.png")
    (whole, _), (core, long), (enhancing, short) = met.values()
    assert whole == 1, met
    assert 6 <= core <= 16 and enhancing >= 1.25 * core and long >= 1.4 * short, met
    for name in regions:
        if page.locator(f'[data-region="{name}"]').get_attribute("aria-pressed") == "true":
            page.locator(f'[data-region="{name}"]').click()
    until(lambda: page.wait_for_timeout(40) or outline(page, colour=ENHANCING).sum() == 0, "no outline")


def test_t_held_shows_the_picture_before_contrast_at_the_same_slice_and_window(enter, site):
    page = enter("mri", site.left)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    series, at, after = drawn(page)[1], drawn(page)[2:4], pixels(page)
    page.keyboard.down("t")
    until(lambda: page.wait_for_timeout(40) or (drawn(page) and drawn(page)[1] != series), "the T1")
    settled(page)
    assert drawn(page)[2:4] == at
    x, y, scale = place_on_axial(after, 0.0, 30.0)
    brain = [image[int(y - 20 * scale) : int(y + 20 * scale), int(x - 20 * scale) : int(x + 20 * scale)].mean()
             for image in (pixels(page), after)]  # fmt: skip
    assert brain[0] < 0.7 * brain[1], "half the values, in the window of the series after contrast: darker"
    page.keyboard.up("t")
    until(lambda: page.wait_for_timeout(40) or (drawn(page) and drawn(page)[1] == series), "the T1c again")


def test_a_finding_has_picture_and_sentence_and_the_next_studys_images_are_fetched_and_nothing_of_its_model(
    enter, site
):
    page = enter()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    workspace = site.workspace
    following = workspace.study(site.right)
    fetched = lambda digest: any(f"/api/volume/{digest}" in url for url in asked)  # noqa: E731
    until(lambda: page.wait_for_timeout(60) or any(fetched(v.digest) for v in following.volumes), "the next's images")
    store = PredictionStore(workspace.predictions_folder)
    for prediction in store.of(site.right):
        assert not [url for url in asked if prediction.digest in url]
    assert not [url for url in asked if "/api/mask/" in url and store.of(site.left)[-1].digest not in url]
    picture = page.locator(".mri-card img").first
    assert (
        picture.get_attribute("src").startswith("data:image/png") and picture.evaluate("one => one.naturalWidth") > 50
    )
    finding = store.of(site.left)[-1].finding(1)
    assert int(drawn(page)[3]) == finding.sized.slice_index, "it opens on the slice of the largest diameter"
    page.keyboard.press("y")
    until(lambda: "Left-sided" in page.evaluate("navigator.clipboard.readText()"), "the sentence")
    sentence = page.evaluate("navigator.clipboard.readText()")
    sizes = f"{finding.sized.longest_mm:.0f} x {finding.sized.perpendicular_mm:.0f} mm axial"
    assert sentence.startswith("Left-sided enhancing lesion") and sizes in sentence, sentence
    assert f"image {finding.sized.slice_index + 1})" in sentence and "AI finding, not reviewed" in sentence, sentence
    assert "\n" not in sentence


def test_a_right_drag_sets_the_window(enter, site):
    page = enter("mri", site.left)
    image = pixels(page)
    x, y, _ = place_on_axial(image, -30.0, 30.0)
    patch = lambda: pixels(page)[int(y) - 20 : int(y) + 20, int(x) - 20 : int(x) + 20].mean()  # noqa: E731
    before, words = patch(), pixels(page)[-46:, :140].copy()
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + x + 180, box["y"] + y, steps=4)
    page.mouse.up(button="right")
    page.wait_for_timeout(150)
    assert patch() < before - 20, "a wider window is darker here"
    assert not np.array_equal(words, pixels(page)[-46:, :140]), "its numbers stand in the corner"


def test_plus_and_the_wheel_zoom_and_home_fits_again(enter, site):
    page = enter("mri", site.left)
    width = lambda: np.ptp(np.flatnonzero(outline(page).any(axis=0)))  # noqa: E731
    before, fitted = width(), pixels(page)
    page.keyboard.press("+")
    page.wait_for_timeout(150)
    assert width() == pytest.approx(1.25 * before, abs=4)
    page.locator("canvas.mri-canvas").first.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    page.wait_for_timeout(150)
    assert width() > 1.3 * before
    page.keyboard.press("Home")
    page.wait_for_timeout(150)
    assert np.array_equal(pixels(page), fitted)


def test_the_crosshair_moves_all_planes(enter, site):
    page = enter("mri", site.left)
    image = pixels(page)
    x, y, _ = place_on_axial(image, -20.0, 40.0)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    until(
        lambda: page.wait_for_timeout(40) or drawn(page, pane=1)[3] == str(round((40 + 111) / 2)), "the coronal slice"
    )
    assert looks_like(pixels(page, pane=1), WHOLE).sum() == 0, "the lesion does not reach that far back"


def test_two_layouts_more(enter, site, screenshots):
    page = enter("mri", site.left)
    tools(page, "1").click()
    until(lambda: page.wait_for_timeout(40) or page.locator("canvas.mri-canvas:visible").count() == 1, "one pane")
    alone = middle_of(outline(page))
    assert alone[0] > pixels(page).shape[1] / 2
    tools(page, "2×2").click()
    settled(page)
    assert page.locator("canvas.mri-canvas:visible").count() == 2
    assert drawn(page, pane=0)[1] != drawn(page, pane=1)[1] and drawn(page, pane=0)[3] == drawn(page, pane=1)[3]
    page.screenshot(path=screenshots / "mri_two_series.png")
