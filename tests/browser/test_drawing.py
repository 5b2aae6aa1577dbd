"""Drawing on outlines in Chromium: what is painted is what the file holds, and nothing of it is lost."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import read_label_map
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import (
    WHOLE,
    drawn,
    outline,
    pixels,
    place_on_axial,
    rows,
    settled,
    strike,
    until,
    verdict,
    wait_open,
    wait_row,
)
from tests.browser.site import AFFINE, SHAPE

pytestmark = pytest.mark.browser

ROOT = "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.ov.mri')).find(Boolean)"


def state_of(page):
    """What the editor says of its draft: '', begun, unsaved, kept, refused, conflict."""
    return page.evaluate(f"() => {ROOT}.dataset.draft ?? ''")


def wait_kept(page):
    until(lambda: page.wait_for_timeout(60) or state_of(page) == "kept", "the draft on the server")


def screen_place(page, x, y):
    """Page coordinates of a point of the head, LPS mm, in the large axial pane."""
    image = pixels(page)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    across, down, scale = place_on_axial(image, x, y)
    ratio = image.shape[1] / box["width"]
    return box["x"] + across / ratio, box["y"] + down / ratio, scale / ratio


def drag(page, *points):
    """A stroke through points of the head, LPS mm."""
    places = [screen_place(page, x, y)[:2] for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.wait_for_timeout(60)


def voxel(x, y):
    """Index along i and j of a point, LPS mm."""
    return round((x + 95) / 2), round((y + 111) / 2)


def slice_on(page):
    return int(drawn(page)[3])


def model_of(site, study):
    """The newest result of a study with its bits and lesion map."""
    store = PredictionStore(site.workspace.predictions_folder)
    prediction = store.of(study)[-1]
    return prediction, store.mask(study, prediction.digest), store.lesion_map(study, prediction.digest)


def saved(site, row):
    """The mask that a row names, (i, j, k) bits."""
    labels, affine = read_label_map(site.root / row["artifact"])
    assert np.allclose(affine, AFFINE, atol=1e-3)
    return labels


def test_what_is_painted_is_what_the_file_holds_left_and_right_included(enter, site, screenshots):
    page = enter("mri", site.left)
    k = slice_on(page)
    page.keyboard.press("m")
    until(lambda: page.wait_for_timeout(40) or state_of(page) == "begun", "drawing")
    drag(page, (34, -60), (34, -50))  # In front of the lesion, on the patient's left.
    wait_kept(page)
    page.screenshot(path=screenshots / "mri_drawing.png")
    shown = outline(page)
    across, down, scale = place_on_axial(pixels(page), 34, -55)
    assert shown[int(down - 8 * scale) : int(down + 8 * scale), int(across - 6 * scale) : int(across + 6 * scale)].any()
    strike(page, "Enter")
    row = wait_row(page, site, "modify")
    prediction, bits, _ = model_of(site, site.left)
    own = saved(site, row)
    added = (own > 0) & (bits == 0)
    assert set(np.unique(np.argwhere(added)[:, 2])) == {k}, "the 2-D brush stays in its slice"
    i, j = voxel(34, -55)
    assert added[i, j, k] and not (own > 0)[SHAPE[0] - 1 - i, j, k]
    assert np.array_equal(np.where(added, 0, own), bits), "nothing else changed"
    near = np.argwhere(added)
    assert np.abs(near[:, 0] * 2.0 - 95 - 34).max() <= 4 and (near[:, 1] * 2.0 - 111).min() >= -64
    assert row["details"]["edit"] == "drawn" and row["details"]["dice"] == pytest.approx(
        2 * (bits > 0).sum() / ((bits > 0).sum() + (own > 0).sum()), abs=1e-4)  # fmt: skip
    assert row["details"]["volume_change_ml"] == pytest.approx(added.sum() * 0.012, abs=1e-3)
    assert row["details"]["added_path_length_mm"] > 10
    page.reload()
    wait_open(page, site.left)
    assert slice_on(page) == k
    again = outline(page)
    assert again[int(down - 8 * scale) : int(down + 8 * scale), int(across - 6 * scale) : int(across + 6 * scale)].any()
