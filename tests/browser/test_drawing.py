"""Drawing on outlines in Chromium: what is painted is what the file holds, and nothing of it is lost."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import read_label_map
from dashboard.server import invitation
from dashboard.terms import Role
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import (
    base,
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
from tests.browser.site import AFFINE, SHAPE, a_demonstration, served, stopped

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
    """(i, j, k) regions as bits of the newest result of a study."""
    store = PredictionStore(site.workspace.predictions_folder)
    return store.mask(study, store.of(study)[-1].digest)


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
    bits = model_of(site, site.left)
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


def begin(page, key="m"):
    """Begin to draw on the selected finding."""
    page.keyboard.press(key)
    until(lambda: page.wait_for_timeout(40) or state_of(page) in ("begun", "kept"), "drawing")


def button(page, name):
    """A button of the drawing's row."""
    return page.locator(f'.mri-edit:visible button[data-value="{name}"]')


def marked(page, x, y, mm=7):
    """Whether the outer region's outline is drawn about a point of the head, LPS mm."""
    shown = outline(page)
    across, down, scale = place_on_axial(pixels(page), x, y)
    reach = mm * scale
    return bool(shown[int(down - reach) : int(down + reach), int(across - reach) : int(across + reach)].any())


def test_a_verdict_pressed_right_after_a_stroke_takes_that_stroke_along(enter, site):
    page = enter("mri", site.left)
    k = slice_on(page)
    begin(page)
    settled(page)
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    drag(page, (50, -58), (50, -54))
    assert state_of(page) == "unsaved"
    strike(page, "Enter")
    own = saved(site, wait_row(page, site, "modify"))
    assert own[(*voxel(34, -63), k)] and own[(*voxel(50, -56), k)], "both strokes"
    until(lambda: page.wait_for_timeout(60) or state_of(page) == "", "the drawing is over")
    assert site.workspace.drafts.of(page.reader, site.left) == ()


def test_undo_and_redo_are_the_drawings_and_withdraw_no_verdict(enter, site):
    page = enter("mri", site.left)
    strike(page, "u")
    wait_row(page, site, "unsure")
    begin(page, "b")
    drag(page, (34, -66), (34, -60))
    drag(page, (50, -58), (50, -54))
    page.keyboard.press("Control+z")
    page.wait_for_timeout(80)
    assert marked(page, 34, -63) and not marked(page, 50, -56, 4)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_timeout(80)
    assert not marked(page, 34, -63, 4)
    page.keyboard.press("Control+Shift+z")
    page.wait_for_timeout(80)
    assert marked(page, 34, -63)
    wait_kept(page)
    settled(page)
    assert rows(site, reader=page.reader, action="amend") == []
    assert len(site.workspace.drafts.of(page.reader, site.left)) == 1
    column = page.locator(".st-key-verdict")
    page.keyboard.press("m")
    for key, words in (
        ("", "Record the edited outline"),
        ("Control+z", "right thing, outline inexact"),
        ("Control+Shift+z", "Record the edited outline"),
        ("Escape", "right thing, outline inexact"),
    ):
        if key:
            page.keyboard.press(key)
        until(
            lambda words=words: page.wait_for_timeout(60) or words in column.inner_text(),
            f"Enter would record what is on screen after {key}: {words}",
        )
    page.get_by_role("button", name="Go on with it").click()
    wait_kept(page)
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    until(
        lambda: page.wait_for_timeout(60) or site.workspace.drafts.of(page.reader, site.left) == (),
        "nothing is left to go on with where all was taken back",
    )
    settled(page)
    assert "Draft from" not in page.locator(".ov.mri").inner_text()


def test_a_draft_is_found_after_a_reload_and_a_restart_and_goes_on(enter, watched, tmp_path):
    own_site = served(a_demonstration(tmp_path / "workspace"))
    try:
        page = enter("mri", own_site.left, at=own_site)
        k = slice_on(page)
        begin(page, "b")
        drag(page, (34, -66), (34, -60))
        wait_kept(page)
        stopped(own_site)
        own_site.said.clear()
        own_site.address = ""
        served(own_site)
        again = watched.page(own_site)
        again.reader = page.reader
        page.close()
        watched.problems.clear()  # The page before lost its server.
        again.goto(invitation(own_site.root, page.reader, Role.RADIOLOGIST))
        settled(again)
        again.goto(f"{base(own_site)}/mri?study={own_site.left}")
        wait_open(again, own_site.left)
        offer = again.locator(".mri-edit:visible")
        assert "Draft from" in offer.inner_text() and not marked(again, 34, -63, 4)
        offer.get_by_text("Go on with it").click()
        until(lambda: again.wait_for_timeout(60) or marked(again, 34, -63), "the drawing")
        strike(again, "m")
        settled(again)
        strike(again, "Enter")
        own = saved(own_site, wait_row(again, own_site, "modify"))
        assert own[(*voxel(34, -63), k)]
    finally:
        stopped(own_site)


def test_a_draft_can_be_dropped(enter, site):
    page = enter("mri", site.left)
    begin(page, "b")
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    page.keyboard.press("Escape")
    until(
        lambda: page.wait_for_timeout(60) or "Draft from" in page.locator(".mri-edit:visible").inner_text(), "the offer"
    )
    assert not marked(page, 34, -63, 4), "what is not recorded is not shown as if it were"
    page.locator(".mri-edit:visible").get_by_text("Drop it").click()
    until(lambda: page.wait_for_timeout(60) or page.locator(".mri-edit:visible").count() == 0, "it is gone")
    assert site.workspace.drafts.of(page.reader, site.left) == ()


def test_where_the_draft_is_refused_nothing_is_recorded_and_the_edit_stays(enter, watched, site):
    page = enter("mri", site.left)
    begin(page)
    settled(page)
    said = '{"code":"ledger_write_failed","what":"The draft was not kept.","why":"The disk can\'t be written.","what_to_do":"Free space on it."}'
    page.route("**/api/draft/**", lambda route: route.fulfill(status=503, content_type="application/json", body=said))
    drag(page, (34, -66), (34, -60))
    until(lambda: page.wait_for_timeout(60) or state_of(page) == "refused", "the refusal")
    page.keyboard.press("Enter")
    page.wait_for_timeout(2600)
    settled(page)
    assert rows(site, reader=page.reader, action="modify") == []
    assert "Not kept" in page.locator(".edit-status").inner_text() and marked(page, 34, -63)
    verdict(page, "Record").click()
    settled(page)
    assert rows(site, reader=page.reader, action="modify") == [], "nor by a click"
    page.unroute("**/api/draft/**")
    wait_kept(page)
    strike(page, "Enter")
    assert saved(site, wait_row(page, site, "modify"))[(*voxel(34, -63), slice_on(page))]
    watched.problems[:] = [one for one in watched.problems if "/api/draft/" not in one]


def test_two_windows_do_not_overwrite_each_other_unasked(enter, watched, site):
    page = enter("mri", site.left)
    other = page.context.new_page()
    other.reader = page.reader
    other.goto(page.url)
    wait_open(other, site.left)
    begin(page, "b")
    begin(other, "b")
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    drag(other, (50, -58), (50, -54))
    until(lambda: other.wait_for_timeout(60) or state_of(other) == "conflict", "the conflict")
    assert "another window" in other.locator(".mri-edit:visible").last.inner_text()
    other.keyboard.press("m")
    other.wait_for_timeout(2400)
    other.locator(".mri-edit:visible").get_by_text("Keep this one").click()
    wait_kept(other)
    drag(page, (20, -66), (20, -60))
    until(lambda: page.wait_for_timeout(60) or state_of(page) == "conflict", "the first window is told")
    page.locator(".mri-edit:visible").get_by_text("Show that draft").click()
    until(lambda: page.wait_for_timeout(60) or marked(page, 50, -56), "the other's drawing")
    assert not marked(page, 20, -63, 4)
    other.close()
    watched.problems[:] = [one for one in watched.problems if "/api/draft/" not in one]


def test_an_edited_outline_is_not_accepted_as_the_models(enter, site):
    page = enter("mri", site.left)
    begin(page, "b")
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    page.keyboard.press("a")
    until(
        lambda: page.wait_for_timeout(60) or "was edited" in page.locator(".st-key-notice").inner_text(), "the notice"
    )
    assert rows(site, reader=page.reader, action="accept") == []


def test_a_lesion_of_ones_own_is_drawn_and_added_with_its_outline(enter, site):
    page = enter("mri", site.left)
    k = slice_on(page)
    strike(page, "d")
    page.locator(".mri-hint").filter(has_text="Click the lesion").wait_for()
    begin(page, "b")
    button(page, "ball-on").click()
    for _ in range(3):
        page.keyboard.press("]")
    drag(page, (-34, -40), (-34, -30))
    wait_kept(page)
    verdict(page, "Add the drawn lesion").wait_for()
    settled(page)
    strike(page, "d")
    row = wait_row(page, site, "add")
    own = saved(site, row)
    assert own[(*voxel(-34, -35), k)] == 1 and own[(*voxel(-34, -35), k + 1)] == 1 and not own[(*voxel(34, -20), k)]
    assert row["prediction"] == "" and row["details"]["edit"] == "drawn"
    until(lambda: page.wait_for_timeout(60) or (state_of(page) == "" and marked(page, -34, -35)), "it is shown")
    page.reload()
    wait_open(page, site.left)
    assert page.locator(".mri-card").count() == 2


def test_every_tool_changes_the_voxels_that_it_should(enter, site):
    page = enter("mri", site.left)
    k = slice_on(page)
    begin(page)
    settled(page)
    button(page, "region-enhancing_tumour").click()
    drag(page, (34, -66), (34, -62))  # Enhancing: the regions around it come with it.
    button(page, "region-whole_tumour").click()
    drag(page, (-40, -40), (-40, -20), (-20, -20), (-20, -40), (-40, -40))  # A ring on the right.
    button(page, "tool-fill").click()
    page.mouse.click(*screen_place(page, -30, -30)[:2])
    page.keyboard.press("e")
    page.keyboard.press("]")
    drag(page, (34, -6), (34, -5))  # Erases at the lesion's back.
    button(page, "tool-grow").click()
    settled(page)
    wait_kept(page)
    strike(page, "Enter")
    own = saved(site, wait_row(page, site, "modify"))
    assert own[(*voxel(34, -64), k)] == 7
    assert own[(*voxel(-40, -30), k)] == 1 and own[(*voxel(-30, -30), k)] == 1, "the ring and its hole"
    assert not own[(*voxel(-30, -30), k + 1)]
    bits = model_of(site, site.left)
    i, j = voxel(34, -6)
    assert bits[i, j, k] and not own[i, j, k]


def test_a_brush_within_a_range_and_growing_keep_to_what_is_alike(enter, site):
    """The ball's core is 900 in a head of 320: a stroke over its edge with the range on stays inside."""
    page = enter("mri", site.left)
    k = slice_on(page)
    begin(page)
    settled(page)
    button(page, "clear").click()
    button(page, "tool-grow").click()
    page.mouse.click(*screen_place(page, 34, -20)[:2])
    wait_kept(page)
    page.keyboard.press("Enter")
    grown = saved(site, wait_row(page, site, "modify"))
    core = (model_of(site, site.left) & 4) > 0
    assert np.array_equal(grown[:, :, k] > 0, core[:, :, k]) and grown[:, :, k + 1].sum() == 0
    page = enter("mri", site.left)
    begin(page)
    settled(page)
    button(page, "clear").click()
    page.keyboard.press("b")
    page.keyboard.press("Shift+T")
    for _ in range(4):
        page.keyboard.press("]")
    drag(page, (34, -20), (34, 0))
    wait_kept(page)
    strike(page, "Enter")
    ranged = saved(site, wait_row(page, site, "modify"))
    assert ranged[(*voxel(34, -20), k)] and not (ranged.astype(bool) & ~core).any()


def test_a_stroke_reruns_no_page_and_is_on_screen_soon(enter, site):
    page = enter("mri", site.left)
    begin(page, "b")
    settled(page)
    page.evaluate(
        "() => { window.ran = 0; new MutationObserver((all) => { window.ran += all.length; }).observe("
        "document.querySelector('[data-test-script-state]'), { attributes: true, attributeFilter: ['data-test-script-state'] }); }"
    )
    places = [screen_place(page, x, y)[:2] for x, y in ((34, -70), (60, -40), (30, -30), (-30, -60))]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=40)
    assert page.evaluate("() => window.ran") == 0, "no rerun while painting"
    page.mouse.up()
    spent = page.evaluate("() => performance.getEntriesByName('overread-brush').map((one) => one.duration)")
    assert len(spent) > 20, "each movement tells how long it took; `overread bench ui` gives the median"
    wait_kept(page)


def test_a_piece_split_off_becomes_a_finding_of_its_own_with_the_verdict(enter, site):
    page = enter("mri", site.left)
    k = slice_on(page)
    begin(page)
    settled(page)
    drag(page, (-34, -40), (-34, -30))
    button(page, "split").click()
    page.locator(".mri-note").filter(has_text="split off").wait_for()
    wait_kept(page)
    strike(page, "Enter")
    row = wait_row(page, site, "modify")
    (split,) = rows(site, reader=page.reader, action="add")
    assert split["details"]["split_from"] == row["event_id"] and row["details"]["dice"] == 1.0
    piece = saved(site, split)
    assert piece[(*voxel(-34, -35), k)] and not saved(site, row)[(*voxel(-34, -35), k)]
    settled(page)
    page.keyboard.press("Control+z")
    until(
        lambda: page.wait_for_timeout(60) or len(rows(site, reader=page.reader, action="amend")) == 2, "both withdrawn"
    )


def test_a_blind_read_is_offered_nothing_to_draw_on(enter, watched, tmp_path):
    """The grid of a result would tell that there is one."""
    blind = served(a_demonstration(tmp_path / "workspace", settings="[review]\nblind_first = true\n"))
    try:
        page = enter("mri", blind.left, at=blind)
        page.keyboard.press("b")
        page.keyboard.press("e")
        page.wait_for_timeout(200)
        assert page.locator(".mri-edit:visible").count() == 0 and state_of(page) == ""
    finally:
        stopped(blind)


def test_in_a_blind_read_an_own_lesion_is_drawn_where_the_site_offers_it(enter, tmp_path):
    rules = "[review]\nblind_first = true\ndraw_blind = true\n"
    blind = served(a_demonstration(tmp_path / "workspace", settings=rules))
    try:
        page = enter("mri", blind.left, at=blind)
        k = slice_on(page)
        begin(page, "b")
        drag(page, (34, -24), (34, -16))
        wait_kept(page)
        verdict(page, "sure 4").wait_for()
        settled(page)
        strike(page, "4")
        page.locator(".or-card").filter(has_text="outline drawn, sure 4 of 5").wait_for()
        until(lambda: page.wait_for_timeout(60) or state_of(page) == "", "the drawing is taken")
        assert marked(page, 34, -20), "and stays on screen"
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(600)
        assert not [url for url in asked if "/api/mask" in url or "/api/prob" in url]
        strike(page, "Enter")
        until(lambda: page.wait_for_timeout(60) or len(rows(blind, reader=page.reader, action="read")) == 2, "the read")
        own = next(row for row in rows(blind, reader=page.reader, action="read") if row["finding"])
        assert own["artifact"] and own["confidence"] == "4" and own["exposure"] == "NONE"
        assert saved(blind, own)[(*voxel(34, -20), k)] == 1
        assert blind.workspace.drafts.of(page.reader, blind.left) == ()
        settled(page)
    finally:
        stopped(blind)


def test_a_withdrawn_verdict_leaves_its_drawing_as_a_draft(enter, site):
    page = enter("mri", site.left)
    begin(page)
    settled(page)
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    strike(page, "Enter")
    wait_row(page, site, "modify")
    until(lambda: page.wait_for_timeout(60) or (state_of(page) == "" and marked(page, 34, -63)), "the recorded outline")
    page.wait_for_timeout(600)
    strike(page, "Control+z")
    until(lambda: page.wait_for_timeout(60) or rows(site, reader=page.reader, action="amend"), "it is withdrawn")
    offer = page.locator(".mri-edit:visible")
    until(lambda: page.wait_for_timeout(60) or (offer.count() and "Draft from" in offer.inner_text()), "the draft")
    assert not marked(page, 34, -63, 4)


def test_where_no_model_read_the_study_a_lesion_is_drawn_on_its_own_grid(enter, site):
    page = enter("mri", site.empty)
    k = slice_on(page)
    begin(page, "b")
    drag(page, (34, -66), (34, -60))
    wait_kept(page)
    verdict(page, "Add the drawn lesion").wait_for()
    settled(page)
    strike(page, "d")
    row = wait_row(page, site, "add")
    assert saved(site, row)[(*voxel(34, -63), k)] == 1
    assert row["details"]["regions"] == ["whole_tumour", "tumour_core", "enhancing_tumour"]
