"""MR control studies in the browser: a marked study and a control are sent the same, and nothing of the model, before the read."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dashboard.casework import add_prediction
from dashboard.imaging import write_nifti_mask
from dashboard.terms import Role
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
    wait_open,
    wait_row,
)
from tests.browser.site import AFFINE, SHAPE, a_demonstration, served, stopped
from tests.browser.test_blind_first import RESULTS, Traffic, leaks, words_of_the_model

pytestmark = pytest.mark.browser

OF_THE_DRAW = {"mr_study_", "inclusion_probability", "stratum", "control_rate", "unmarked", "present+", "PRESENCE"}


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The demonstration with controls running; in the head without a lesion the model marked nothing."""
    folder = tmp_path_factory.mktemp("control-studies")
    made = a_demonstration(folder / "workspace", settings="[review]\ncontrol_rate_mr = 1.0\n")
    mask = folder / "none.nii.gz"
    write_nifti_mask(np.zeros(SHAPE, np.uint8), AFFINE, mask, synthetic=True)
    workspace = made.workspace
    add_prediction(workspace, workspace.study(made.empty), mask, model_name="ball-finder", model_version="1.0")
    served(made)
    yield made
    stopped(made)


def the_rest(page):
    """What the page says beside the picture, without what names the study."""
    text = page.locator(".st-key-verdict").inner_text() + page.locator(".or-strip .model").inner_text()
    return re.sub(r"\s+", " ", text)


def test_a_marked_study_and_a_control_are_sent_alike_and_nothing_of_the_model(enter, site, screenshots):
    first = enter()
    first.get_by_text(site.empty[:8]).first.wait_for()
    secret = words_of_the_model(site, site.left) | {r["details"]["seed"] for r in rows(site, action="sample")}
    said = []
    for where in ("", f"mri?study={site.left}", f"mri?study={site.empty}", "ledger", "agreement"):
        tab = first.context.new_page()  # One a page: what was sent before a page is left is gone with it.
        traffic = Traffic(tab)
        tab.goto(f"{base(site)}/{where}")
        settled(tab)
        if where.startswith("mri"):
            wait_open(tab, where.split("=")[1])
            tab.wait_for_timeout(1200)
            assert drawn(tab)[4] == "-" and outline(tab).sum() == 0
            said.append(the_rest(tab))
            tab.screenshot(path=screenshots / f"mri_control_{len(said)}.png")
            assert sum("/api/volume/" in address for address, _ in traffic.bytes()) >= 2
        elif not where:
            for study in (site.left, site.right, site.empty):
                tab.get_by_text(study[:8]).first.wait_for()
        tab.wait_for_timeout(500)
        assert traffic.bytes() and leaks(traffic, secret) == [], where
        if where != "agreement":  # That page has the words of its own headings.
            assert leaks(traffic, {word.decode() for word in RESULTS} | OF_THE_DRAW) == [], where
        assert not [address for address in traffic.asked if re.search("/api/(mask|probability|risk)/", address)]
        tab.close()
    assert said[0] == said[1] and "blind first read" in said[0]
    opened = rows(site, reader=first.reader)
    assert [(r["action"], r["exposure"]) for r in opened] == [("present", "PRIORITY")] * 2
    assert len(rows(site, action="sample")) == 3


def test_a_control_is_committed_with_its_sureness_and_says_then_that_nothing_was_marked(enter, site, screenshots):
    page = enter("mri", site.empty)
    wait_open(page, site.empty)
    page.wait_for_timeout(800)
    strike(page, "4")
    page.get_by_role("button", name="Nothing seen, sure 4 of 5").wait_for()
    assert rows(site, reader=page.reader, action="read") == []
    strike(page, "n")
    row = wait_row(page, site, "read")
    assert (row["confidence"], row["details"], row["exposure"]) == ("4", {"present": False}, "PRIORITY")
    until(
        lambda: "ball-finder" in page.locator(".or-strip").inner_text() or page.wait_for_timeout(60), "the model's name"
    )
    settled(page)
    page.screenshot(path=screenshots / "mri_control_revealed.png")
    shown = rows(site, reader=page.reader, action="present")
    assert "LOCALIZATION" in shown[-1]["exposure"] and int(shown[-1]["seq"]) > int(row["seq"])


def test_the_agreement_page_has_the_study_level_figure_for_who_does_not_read(enter, site, screenshots):
    reader = enter("mri", site.left)
    wait_open(reader, site.left)
    image = pixels(reader)
    across, down, _ = place_on_axial(image, 34.0, -20.0)
    box = reader.locator("canvas.mri-canvas").first.bounding_box()
    reader.mouse.click(box["x"] + across, box["y"] + down)
    strike(reader, "4")
    reader.get_by_text("sure 4 of 5").wait_for()
    reader.wait_for_timeout(600)
    strike(reader, "Enter")
    wait_row(reader, site, "read", count=2)
    if not rows(site, action="read", study=site.empty):
        other = enter("mri", site.empty)
        wait_open(other, site.empty)
        other.wait_for_timeout(800)
        strike(other, "n")
        wait_row(other, site, "read")
    page = enter("agreement", "", role=Role.AUDITOR)
    settled(page)
    card = page.locator(".or-card", has_text="Sensitivity at study level, sampled controls, ball-finder")
    card.wait_for()
    text = card.inner_text()
    assert (
        "1 found by the model, 0 missed; control studies read 1, drawn at probability 1.00" in text
        and "Study level only" in card.text_content()
    )
    assert "0.03 to 1.00" in text, "one patient proves little"
    page.screenshot(path=screenshots / "agreement_controls.png", full_page=True)
