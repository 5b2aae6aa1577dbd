"""The MRI page: the right side on the right side, what a key records, and nothing stale."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.browser.screen import (
    ENHANCING,
    LETTER,
    WHOLE,
    base,
    drawn,
    looks_like,
    middle_of,
    pixels,
    place_on_axial,
    rows,
    said,
    settled,
    strike,
    until,
    verdict,
    wait_open,
    wait_row,
)

pytestmark = pytest.mark.browser

HEAD = (-20.0, 12.0)
"""Where both lesions lie in y and z, in LPS millimetres; the one is at x 34, the other at -34."""


@pytest.mark.parametrize(("side", "x"), [("left", 34.0), ("right", -34.0)])
def test_a_lesion_appears_on_the_opposite_side_of_the_screen_beside_its_letter(enter, site, screenshots, side, x):
    page = enter("mri", getattr(site, side))
    image = pixels(page)
    across, down, scale = place_on_axial(image, x, HEAD[0])
    for colour, radius in ((WHOLE, 17), (ENHANCING, 10)):
        mask = looks_like(image, colour)
        found = middle_of(mask)
        assert found == pytest.approx((across, down), abs=2.0 * scale), colour
        extent = np.flatnonzero(mask.any(axis=0))
        assert np.ptp(extent) / 2 == pytest.approx(radius * scale, abs=2.5 * scale)
    width = image.shape[1]
    near = slice(-26, None) if side == "left" else slice(0, 26)
    assert (across > width / 2) == (side == "left")
    middle = image.shape[0] // 2
    assert looks_like(image[middle - 14 : middle + 14, near], LETTER).sum() > 15
    assert "left R, right L" in said(page)
    assert f"{side.capitalize()}-sided" in page.locator(".mri-findings").inner_text()
    page.screenshot(path=screenshots / f"mri_lesion_{side}.png")


def test_the_other_planes_show_it_where_it_is(enter, site):
    page = enter("mri", site.left)
    assert "coronal" in said(page, 1) and "left R, right L, top S, bottom I" in said(page, 1)
    assert "sagittal" in said(page, 2) and "left A, right P, top S, bottom I" in said(page, 2)
    for pane, is_right, is_low in ((1, True, False), (2, False, False)):
        image = pixels(page, pane=pane)
        across, down = middle_of(looks_like(image, WHOLE))
        assert (across > image.shape[1] / 2) == is_right, "x 34 is the patient's left; y -20 is towards the face"
        assert (down > image.shape[0] / 2) == is_low
    before = drawn(page)[3]
    page.locator("canvas.mri-canvas").nth(0).hover()
    page.mouse.wheel(0, 120)
    until(lambda: drawn(page)[3] != before, "another slice")
    assert abs(int(drawn(page)[3]) - int(before)) == 1


def test_a_writes_a_row_with_everything_and_the_chain_holds(enter, site, screenshots):
    page = enter("mri", site.left)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    present = rows(site, reader=page.reader, action="present")
    assert len(present) == 1 and int(present[0]["seq"]) < int(row["seq"])
    assert (row["study"], row["finding"], row["role"], row["identity"]) == (site.left, "1", "radiologist", "invited")
    assert row["exposure"] == present[0]["exposure"] and "LOCALIZATION" in row["exposure"]
    assert row["model"] == "ball-finder" and row["prediction"] == drawn(page)[4]
    assert row["event_id"][14] == "5", "a digest of the click, so that a repeat finds it"
    view = row["view"]
    assert (view["plane"], view["overlay"], view["series"]) == ("axial", "outline", drawn(page)[1])
    assert view["slice"] == int(drawn(page)[3])
    assert "accepted" in page.locator(".mri-findings").inner_text()
    assert f"row {row['seq']}" in page.locator(".st-key-verdict [role=status]").inner_text()
    page.screenshot(path=screenshots / "mri_accepted.png")
    command = [sys.executable, "-m", "dashboard.cli", "ledger", "verify", "--workspace", str(site.root), "--json"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0 and '"problems": []' in told.stdout


def test_x_asks_for_a_reason_and_a_digit_gives_it(enter, site):
    page = enter("mri", site.left)
    strike(page, "x")
    page.get_by_text("Why rejected?").wait_for()
    assert rows(site, reader=page.reader, action="reject") == [], "a rejection waits for its reason"
    strike(page, "4")
    row = wait_row(page, site, "reject")
    assert row["reason"] == "artefact"
    assert "rejected, artefact" in page.locator(".mri-findings").inner_text()


def test_m_then_enter_is_a_modify_that_was_not_drawn(enter, site):
    page = enter("mri", site.left)
    strike(page, "m")
    page.get_by_role("button", name="Record: right thing").wait_for()
    page.wait_for_timeout(600)
    strike(page, "Enter")
    row = wait_row(page, site, "modify")
    assert (row["artifact"], row["reason"]) == ("", "")
    assert rows(site, reader=page.reader, action="sign_off") == []


def test_m_then_a_digit_says_what_is_wrong_with_the_outline(enter, site):
    page = enter("mri", site.left)
    strike(page, "m")
    strike(page, "6")
    assert wait_row(page, site, "modify")["reason"] == "over_segmented"


def test_u_then_undo_writes_an_amendment_and_opens_the_finding_again(enter, site):
    page = enter("mri", site.right)
    strike(page, "u")
    row = wait_row(page, site, "unsure")
    assert "unsure" in page.locator(".mri-findings").inner_text()
    strike(page, "Control+z")
    amend = wait_row(page, site, "amend")
    assert amend["supersedes"] == row["event_id"]
    until(lambda: "to review" in page.locator(".mri-findings").inner_text(), "the finding is open again")
    assert len(rows(site, reader=page.reader, action="unsure")) == 1, "nothing is erased"
    strike(page, "a")
    assert wait_row(page, site, "accept")["finding"] == "1"


def test_a_held_key_counts_once(enter, site):
    page = enter("mri", site.left)
    for _ in range(6):
        page.keyboard.down("a")
        page.wait_for_timeout(40)
    page.keyboard.up("a")
    wait_row(page, site, "accept", count=1)
    assert rows(site, reader=page.reader, action="sign_off") == []


def test_a_double_click_makes_one_row(enter, site):
    page = enter("mri", site.left)
    verdict(page, "Accept").dblclick()
    wait_row(page, site, "accept", count=1)


def test_a_changed_mind_is_a_new_row_that_names_the_old(enter, site):
    page = enter("mri", site.left)
    strike(page, "a")
    first = wait_row(page, site, "accept")
    strike(page, "u")
    assert wait_row(page, site, "unsure")["supersedes"] == first["event_id"]


def test_enter_signs_off_what_is_not_open_and_opens_the_next(enter, site):
    page = enter("mri", site.left)
    strike(page, "Enter")
    page.wait_for_timeout(400)
    assert rows(site, reader=page.reader, action="sign_off") == [], "a finding is open"
    strike(page, "a")
    wait_row(page, site, "accept")
    page.wait_for_timeout(600)
    strike(page, "Enter")
    row = wait_row(page, site, "sign_off")
    assert (row["study"], row["scope"]) == (site.left, "ai_findings")
    until(lambda: page.wait_for_timeout(60) or (drawn(page) and drawn(page)[0] != site.left), "the next study")
    assert drawn(page)[0] in (site.right, site.empty) and drawn(page)[0] in page.url


def test_a_comment_goes_with_the_verdict_as_a_digest(enter, site):
    page = enter("mri", site.left)
    page.get_by_placeholder("Never write names here").fill("axm ring")
    page.get_by_placeholder("Never write names here").blur()
    settled(page)
    assert rows(site, reader=page.reader, action="accept") == [], "letters of a comment are no keys"
    verdict(page, "Accept").click()
    row = wait_row(page, site, "accept")
    assert row["comment"] and "ring" not in row["comment"]
    assert site.workspace.ledger.comments()[row["event_id"]] == "axm ring"


@pytest.mark.parametrize("whole", [False, True], ids=["in part", "all of it"])
def test_a_study_that_no_model_read_can_only_be_signed_as_wholly_read(enter, site, whole):
    page = enter("mri", site.empty)
    assert verdict(page, "Sign off AI findings").count() == 0
    assert "No model result" in page.locator(".mri-findings").inner_text()
    assert "% seen" in verdict(page, "Whole study").inner_text()
    if whole:
        for key, count in (("ArrowUp", 24), ("ArrowDown", 48)):
            for _ in range(count):
                page.keyboard.press(key)
                page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
        page.locator(".mri-displayed").get_by_text("100 %").wait_for()
        verdict(page, "Whole study read, next").wait_for()
        strike(page, "Enter")
    else:
        strike(page, "Enter")
        reason = page.get_by_placeholder("displayed: why")
        assert "%" in reason.get_attribute("placeholder")
        assert rows(site, action="sign_off", study=site.empty) == []
        reason.fill("seen on another screen")
        reason.press("Enter")
    row = wait_row(page, site, "sign_off")
    assert (row["scope"], row["study"]) == ("whole_study", site.empty)
    assert bool(row["reason"]) != whole
    assert (min(row["details"]["displayed"].values()) == 1) == whole


def test_a_missed_lesion_is_added_by_d_a_click_and_d(enter, site, screenshots):
    page = enter("mri", site.empty)
    strike(page, "d")
    page.get_by_text("Click the lesion").wait_for()
    image = pixels(page)
    across, down, _ = place_on_axial(image, -31.0, 29.0)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    page.mouse.click(box["x"] + across, box["y"] + down)
    strike(page, "d")
    row = wait_row(page, site, "add")
    assert row["finding"].startswith("r-") and row["prediction"] == ""
    assert row["details"]["point_lps"][:2] == pytest.approx([-31, 29], abs=2.1)
    assert "missed lesion" in page.locator(".mri-findings").inner_text()
    page.screenshot(path=screenshots / "mri_missed_added.png")


def test_a_signed_study_takes_no_verdict_until_it_is_opened_again(enter, site):
    page = enter("mri", site.left)
    strike(page, "a")
    wait_row(page, site, "accept")
    page.wait_for_timeout(600)
    strike(page, "Enter")
    wait_row(page, site, "sign_off")
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    assert verdict(page, "Accept").count() == 0
    verdict(page, "Open it again").click()
    wait_row(page, site, "reopen")
    verdict(page, "Accept").wait_for()
    strike(page, "x")
    strike(page, "1")
    assert (
        wait_row(page, site, "reject")["supersedes"] == rows(site, reader=page.reader, action="accept")[0]["event_id"]
    )


def test_switching_the_overlay_off_is_one_row(enter, site):
    page = enter("mri", site.right)
    for _ in range(2):
        page.keyboard.down("f")
        page.wait_for_timeout(120)
        page.keyboard.up("f")
        page.wait_for_timeout(120)
    row = wait_row(page, site, "interact")
    assert row["details"] == {"what": "overlay"} and row["prediction"]
