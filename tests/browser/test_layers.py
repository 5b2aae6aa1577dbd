"""The probability map with its threshold, and two masks beside each other: pixels, numbers, keys, and what a row keeps."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from dashboard.imaging import read_label_map
from dashboard.workspace.predictions import PredictionStore
from tests.browser.layers_site import a_site_of_two_models, ball, voxels_above
from tests.browser.screen import (
    base,
    drawn,
    looks_like,
    outline,
    pixels,
    place_on_axial,
    rows,
    settled,
    strike,
    until,
    wait_open,
    wait_row,
)
from tests.browser.site import served, stopped
from tests.browser.test_blind_first import Traffic
from tests.browser.test_drawing import begin, drag, wait_kept

pytestmark = pytest.mark.browser

VOXEL_ML = 0.012
FIRST, SECOND = (0xD5, 0x5E, 0x00), (0xF0, 0xE4, 0x42)


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """Two models' results on the left-sided head, the newer with probabilities; the right-sided has a mask alone."""
    built = served(a_site_of_two_models(tmp_path_factory.mktemp("layers") / "workspace"))
    yield built
    stopped(built)


def look(page):
    """What of the layers has been drawn in the large pane."""
    return page.locator("canvas.mri-canvas").first.get_attribute("data-look") or ""


def heat_on(page):
    """Switch the map on and wait until it is drawn."""
    page.keyboard.press("h")
    until(lambda: page.wait_for_timeout(40) or look(page).endswith(" drawn"), "the map")


def compare_on(page):
    """Switch the comparison on and wait until it is drawn."""
    page.keyboard.press("q")
    until(lambda: page.wait_for_timeout(40) or "/api/difference/" in look(page), "the comparison")


def scale_of(page):
    """Pixels of a millimetre in the large pane."""
    return place_on_axial(pixels(page), 0, 0)[2]


def at_mm(page, away_mm):
    """Mean colour of a few pixels so many millimetres behind the lesion's middle, off the crosshair."""
    image = pixels(page)
    x, y, scale = place_on_axial(image, 34.0, -20.0)
    x, y = x + 5, y + away_mm * scale
    return image[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].reshape(-1, 3).mean(axis=0)


def around(page):
    """The large pane's pixels about the lesion: no letter of the edges among them."""
    image = pixels(page)
    x, y, scale = place_on_axial(image, 34.0, -20.0)
    return image[int(y - 28 * scale) : int(y + 28 * scale), int(x - 28 * scale) : int(x + 28 * scale)]


def reach_of(mask, page):
    """Half the height of what is True within 45 mm of the lesion's middle, millimetres."""
    x, y, scale = place_on_axial(pixels(page), 34.0, -20.0)
    down, across = np.nonzero(mask)
    near = np.hypot(across - x, down - y) < 45 * scale
    return np.ptp(down[near]) / 2 / scale


def ml_above(page):
    return float(re.search(r"([\d.]+) ml above", page.locator(".heat-words").inner_text())[1])


def finding_above(page):
    """Millilitres of the selected finding above the threshold, as the row says it."""
    return float(re.search(r"finding 1: ([\d.]+) ml above", page.locator(".heat-finding").inner_text())[1])


def test_the_map_is_a_colour_wash_below_the_recorded_outline_with_a_scale_and_volumes(enter, site, screenshots):
    page = enter("mri", site.left)
    before = outline(page).sum()
    heat_on(page)
    middle, rim, far = at_mm(page, 4), at_mm(page, 19), at_mm(page, -45)
    assert middle[0] > middle[2] + 60 and middle[1] > middle[2] + 60, "yellow where the model is sure"
    assert rim[1] > rim[0] + 8, "green around one half"
    assert np.ptp(far) < 12, "no colour where the probability is below the floor"
    assert outline(page).sum() > 0.8 * before * (scale_of(page) / place_on_axial(pixels(page), 0, 0)[2]) ** 2 * 0.7
    assert ml_above(page) == pytest.approx(voxels_above(0.5, 19.0) * VOXEL_ML, abs=0.06)
    words = page.locator(".mri-layer:visible").inner_text()
    assert "What if: changes nothing that is recorded" in words and "the mask has" in words
    assert finding_above(page) == ml_above(page), "the study has one finding"
    for tick in ("0.25", "0.5", "0.75"):
        assert tick in page.locator(".heat-ticks").inner_text()
    page.screenshot(path=screenshots / "mri_probability.png")
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert (
        look(page).startswith("outline")
        and "heat" not in look(page)
        and page.locator(".mri-layer:visible").count() == 0
    )


def test_the_outline_and_the_volume_follow_the_threshold_within_a_frame_and_p_restores_it(enter, site):
    page = enter("mri", site.left)
    heat_on(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    frames = page.evaluate(
        """() => new Promise((done) => {
          const bar = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).find((r) => r?.querySelector('.heat-scale'));
          const slider = bar.querySelector('.heat-scale input'), canvas = bar.querySelector('canvas.mri-canvas');
          slider.value = '0.2';
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          requestAnimationFrame(() => setTimeout(() => done([canvas.dataset.look, bar.querySelector('.heat-words').textContent]), 0));
        })"""
    )
    assert " 0.2 " in frames[0] and f"{voxels_above(0.2, 19.0) * VOXEL_ML:.1f} ml above" in frames[1]
    lines = pixels(page)
    page.keyboard.press("p")
    page.wait_for_timeout(80)
    low = reach_of((lines != pixels(page)).any(axis=-1), page)
    page.get_by_label("Threshold of the probability map").fill("0.2")
    assert low == pytest.approx(19 + 3 * np.log(4), abs=3.0), "the dashed line lies where the probability is 0.2"
    for _ in range(3):
        page.keyboard.press(".")
    page.keyboard.press(",")
    page.wait_for_timeout(60)
    assert page.locator(".heat-at").inner_text() == "≥ 0.22"
    assert ml_above(page) == pytest.approx(voxels_above(0.22, 19.0) * VOXEL_ML, abs=0.06)
    assert finding_above(page) == ml_above(page), "it follows, beyond its mask too"
    page.keyboard.press("p")
    page.wait_for_timeout(60)
    assert page.locator(".heat-at").inner_text() == "≥ 0.50"
    page.locator('[aria-label="Region of the probability map"]').select_option("enhancing_tumour")
    until(lambda: page.wait_for_timeout(40) or " drawn" in look(page), "the other region's map")
    assert page.locator(".heat-at").inner_text() == "≥ 0.40", "each region has the manifest's own threshold"
    assert page.locator(".heat-mark").get_attribute("title") == "The model's own threshold, 0.40"
    assert ml_above(page) == pytest.approx((np.round(ball(10.0) * 255) >= 102).sum() * VOXEL_ML, abs=0.06)
    assert [url for url in asked if "/api/" in url and "/probability/" not in url and "/volume/" not in url] == []


def test_a_verdict_while_the_map_is_on_is_about_the_recorded_mask_and_says_that_it_was_on(enter, site):
    page = enter("mri", site.left)
    heat_on(page)
    for _ in range(4):
        page.keyboard.press(",")
    until(lambda: page.wait_for_timeout(60) or rows(site, reader=page.reader, action="interact"), "the deed's row")
    settled(page)
    recorded = outline(page).sum()
    page.locator('[data-region="whole_tumour"]').click()
    page.wait_for_timeout(100)
    hidden = outline(page).sum()
    assert hidden < 0.85 * recorded, "hidden by the reader; some of the colours are bluish too"
    page.evaluate(
        """() => window.addEventListener('keydown', () => {
          const root = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).find((r) => r?.querySelector('canvas.mri-canvas'));
          const canvas = root.querySelector('canvas.mri-canvas'), data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          let blue = 0;
          for (let at = 0; at < data.length; at += 4)
            if (Math.abs(data[at] - 0x56) < 40 && Math.abs(data[at + 1] - 0xb4) < 40 && Math.abs(data[at + 2] - 0xe9) < 40) blue += 1;
          window.blueAtTheVerdict ??= blue;
        })"""
    )
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert page.evaluate("window.blueAtTheVerdict") == pytest.approx(recorded, rel=0.02), (
        "the recorded outline was back before the key went through"
    )
    assert row["view"]["heat"] == {"region": "whole_tumour", "threshold": 0.46, "own": 0.5}
    assert row["artifact"] == "" and "whole_tumour" in row["view"]["regions"]
    kinds = [r["details"]["what"] for r in rows(site, reader=page.reader, action="interact")]
    assert sorted(kinds) == ["overlay", "threshold"]


def test_a_mask_without_probabilities_has_no_map_and_says_why(enter, site, screenshots):
    page = enter("mri", site.right)
    assert page.locator('[data-layer="H"]:visible').count() == 0
    assert "ball-finder 1.0 came as a mask alone" in page.locator(".layer-why").inner_text()
    page.keyboard.press("h")
    page.wait_for_timeout(100)
    assert "heat" not in look(page)
    page.keyboard.press("q")
    page.wait_for_timeout(100)
    assert "compare" not in look(page), "there is one mask only"
    page.screenshot(path=screenshots / "mri_no_probability.png")


def test_another_study_takes_the_layer_off_at_once(enter, site):
    page = enter("mri", site.left)
    for switch in (heat_on, compare_on):
        switch(page)
        page.locator(".st-key-strip").get_by_role("button", name="›").click()
        wait_open(page, site.right)
        assert not re.search("heat|compare", look(page)) and page.locator(".mri-layer:visible").count() == 0
        image = pixels(page)
        x, y, scale = place_on_axial(image, 34.0, -20.0)
        there = image[int(y - 9 * scale) : int(y + 9 * scale), int(x - 9 * scale) : int(x + 9 * scale)].reshape(-1, 3)
        assert np.ptp(there.astype(int), axis=1).max() < 30, "grey where the other study's layer was"
        page.locator(".st-key-strip").get_by_role("button", name="‹").click()
        wait_open(page, site.left)


def test_two_models_are_laid_beside_each_other_in_three_patterns_with_dice_and_volumes(enter, site, screenshots):
    page = enter("mri", site.left)
    compare_on(page)
    store = PredictionStore(site.workspace.predictions_folder)
    older, newer = store.of(site.left)
    one, other = (store.mask(site.left, p.digest) & 1 > 0 for p in (newer, older))
    both, only = (one & other).sum() * VOXEL_ML, (one & ~other).sum() * VOXEL_ML
    legend = page.locator(".compare-legend").inner_text().replace("\n", " ")
    assert f"both {both:.1f} ml" in legend and f"only Soft finder 2.0 {only:.2f} ml" in legend
    assert "only ball-finder 1.0 0.00 ml" in legend and f"Dice {2 * both / (2 * both + only):.2f}" in legend
    assert "finding 1: Dice" in legend
    agreed = at_mm(page, 12)
    assert agreed[1] > agreed[0] + 25, "green where both marked"
    assert looks_like(pixels(page), FIRST, 60).sum() > 60 and looks_like(around(page), SECOND, 40).sum() == 0
    page.screenshot(path=screenshots / "mri_compare.png")
    page.locator('[data-side="first"]').select_option(older.digest)
    until(
        lambda: page.wait_for_timeout(40) or f"/api/difference/{older.digest}/" in look(page), "the pair turned round"
    )
    legend = page.locator(".compare-legend").inner_text().replace("\n", " ")
    assert f"only Soft finder 2.0 {only:.2f} ml" in legend and "only ball-finder 1.0 0.00 ml" in legend
    assert looks_like(around(page), SECOND, 60).sum() > 60, "yellow dots now"


def test_the_readers_verdicts_are_a_side_and_a_further_verdict_replaces_what_is_drawn(enter, site):
    page = enter("mri", site.left)
    strike(page, "x")
    page.locator(".st-key-reasons").get_by_role("button").first.wait_for()
    page.wait_for_timeout(700)
    strike(page, "1")
    row = wait_row(page, site, "reject")
    settled(page)
    compare_on(page)
    legend = page.locator(".compare-legend").inner_text().replace("\n", " ")
    whole = rows(site, action="predict", study=site.left)
    assert (
        whole
        and "only You, on Soft finder 2.0 0.00 ml" in legend
        and "both 0.00 ml" in legend
        and "Dice 0.00" in legend
    )
    assert at_mm(page, 4)[0] > at_mm(page, 4)[2] + 15, "all of it is the model's alone"
    before = look(page)
    page.wait_for_timeout(700)
    strike(page, "u")
    wait_row(page, site, "unsure")
    until(lambda: page.wait_for_timeout(40) or look(page) != before, "the old comparison gone")
    settled(page)
    assert row["prediction"] and "You, on" not in page.locator(".mri-layer:visible").all_inner_texts().__str__()


def edited(page, site, *, first, then=()):
    """Draw on the finding and erase from it, record it, sign the study off, open it again, and give the saved bits."""
    begin(page)
    drag(page, *first)
    if then:
        page.keyboard.press("e")
        drag(page, *then)
    wait_kept(page)
    strike(page, "Enter")
    row = wait_row(page, site, "modify")
    strike(page, "Enter")
    wait_row(page, site, "sign_off")
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    return read_label_map(site.root / row["artifact"])[0] & 1 > 0


def parts_on_screen(page, k, mine, theirs):
    """Which (row, column) pixels about the lesion show voxels that both marked, only the first, only the second, a voxel's rim left out."""
    image = pixels(page)
    left, top, scale = place_on_axial(image, 0, 0)
    down, across = np.indices(image.shape[:2])
    i, j = np.round(((across - left) / scale + 95) / 2), np.round(((down - top) / scale + 111) / 2)
    near = np.hypot((across - left) / scale - 34, (down - top) / scale + 20) < 60
    inside = near & (i >= 0) & (j >= 0) & (i < mine.shape[0]) & (j < mine.shape[1])
    at = (np.where(inside, i, 0).astype(int), np.where(inside, j, 0).astype(int), k)
    return [inside & part[at] for part in (mine & theirs, mine & ~theirs, theirs & ~mine)]


def test_two_readers_outlines_of_one_finding_are_laid_beside_each_other(enter, site, screenshots):
    other, page = enter("mri", site.left), enter("mri", site.left)
    theirs = edited(other, site, first=((34, -60), (34, -48)))
    assert "Reader A" not in str(page.locator('[data-side="second"] option').all_inner_texts()), "not signed off yet"
    mine = edited(page, site, first=((34, 14), (34, 24)), then=((30, -20), (40, -20)))
    compare_on(page)
    page.locator('[data-side="first"]').select_option(label="You, on Soft finder 2.0")
    page.locator('[data-side="second"]').select_option(label="Reader A, on Soft finder 2.0")
    until(lambda: page.wait_for_timeout(40) or (look(page).count(".") > 1 and "/api/" in look(page)), "the two readers")
    counted = [int(part.sum()) for part in (mine & theirs, mine & ~theirs, theirs & ~mine)]
    assert min(counted) > 20, "each of the two drew something of their own"
    both, own, others = (f"{n * VOXEL_ML:.{2 if n * VOXEL_ML < 10 else 1}f} ml" for n in counted)
    legend = page.locator(".compare-legend").inner_text().replace("\n", " ")
    assert f"both {both}" in legend and f"only You, on Soft finder 2.0 {own}" in legend, legend
    assert f"only Reader A, on Soft finder 2.0 {others}" in legend
    dice = 2 * counted[0] / (mine.sum() + theirs.sum())
    assert legend.count(f"Dice {dice:.2f}") == 2, "of the study, and of its one finding"
    assert other.reader not in legend + str(page.locator(".mri-layer option").all_inner_texts())
    image = pixels(page)
    at_both, at_own, at_theirs = parts_on_screen(page, int(drawn(page)[3]), mine, theirs)
    for colour, where in ((FIRST, at_own), (SECOND, at_theirs)):
        shown = looks_like(image, colour, 60) & binary_dilation(at_both | at_own | at_theirs, iterations=4)
        assert where.sum() > 200 and shown[where].mean() > 0.1, "each part has its pattern"
        assert (shown & ~binary_dilation(where, iterations=4)).sum() < 0.02 * shown.sum(), "and no other has it"
    agreed = image[binary_erosion(at_both, iterations=6)].astype(int)
    assert (agreed[:, 1] > agreed[:, 0] + 20).mean() > 0.9, "green where both marked"
    page.screenshot(path=screenshots / "mri_two_readers.png")


def test_a_verdict_with_a_comparison_on_keeps_the_pair_in_its_view(enter, site):
    page = enter("mri", site.left)
    compare_on(page)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    older, newer = PredictionStore(site.workspace.predictions_folder).of(site.left)
    assert row["view"]["compare"] == {
        "first": newer.digest[:12], "second": older.digest[:12], "region": "whole_tumour",
    }  # fmt: skip
    legend, picture = page.locator(".compare-legend").inner_text(), pixels(page)
    page.goto(f"{base(site)}/mri?study={site.left}&replay={row['seq']}")
    until(lambda: page.wait_for_timeout(60) or "/api/difference/" in look(page), "the comparison of the recorded view")
    settled(page)
    assert page.locator(".compare-legend").inner_text() == legend
    again = pixels(page)
    assert again.shape == picture.shape and (np.abs(again.astype(int) - picture).max(axis=-1) > 24).mean() < 0.01


def test_flash_hides_the_layer_too_and_escape_and_a_second_press_close_it(enter, site):
    page = enter("mri", site.left)
    plain = pixels(page)
    heat_on(page)
    page.keyboard.down("f")
    page.wait_for_timeout(100)
    assert np.ptp(at_mm(page, 4)) < 12 and drawn(page)[4] == "-"
    page.keyboard.up("f")
    page.wait_for_timeout(100)
    assert np.ptp(at_mm(page, 4)) > 50
    page.keyboard.press("q")
    until(lambda: page.wait_for_timeout(40) or "/api/difference/" in look(page), "the other layer")
    assert "heat" not in look(page), "one at a time"
    page.keyboard.press("q")
    page.wait_for_timeout(300)
    assert np.array_equal(pixels(page), plain)


def test_a_replayed_view_shows_the_map_as_it_was(enter, site):
    page = enter("mri", site.left)
    heat_on(page)
    for _ in range(6):
        page.keyboard.press(".")
    strike(page, "a")
    row = wait_row(page, site, "accept")
    page.goto(f"{base(site)}/mri?study={site.left}&replay={row['seq']}")
    until(lambda: page.wait_for_timeout(60) or " drawn" in look(page), "the map of the recorded view")
    assert "heat whole_tumour 0.56" in look(page)


def test_a_blind_reader_is_sent_nothing_of_a_layer(browser, enter, tmp_path_factory):
    blind = served(
        a_site_of_two_models(tmp_path_factory.mktemp("blind") / "workspace", settings="[review]\nblind_first = true\n")
    )
    try:
        page = enter(at=blind)
        page.goto("about:blank")
        traffic = Traffic(page)
        page.goto(f"{base(blind)}/mri?study={blind.left}")
        settled(page)
        wait_open(page, blind.left)
        for key in ("h", "q", ",", "."):
            page.keyboard.press(key)
        page.wait_for_timeout(1200)
        sent = traffic.bytes()
        assert len(sent) > 20
        words = {
            "Soft finder",
            "soft-finder",
            "ball-finder",
            *(p.digest for p in PredictionStore(blind.workspace.predictions_folder).of(blind.left)),
        }
        assert [(where, word) for where, body in sent for word in words if word.encode() in body] == []
        assert not [url for url in traffic.asked if re.search("/api/(mask|probability|difference)/", url)]
        assert not re.search("heat|compare", look(page)) and page.locator("[data-layer]:visible").count() == 0
        assert rows(blind, reader=page.reader) == []
        strike(page, "n")
        wait_row(page, blind, "read")
        until(lambda: page.wait_for_timeout(60) or page.locator('[data-layer="H"]:visible').count(), "the layers")
    finally:
        stopped(blind)
