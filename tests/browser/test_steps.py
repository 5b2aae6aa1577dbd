"""A computed registration on the MRI page: shown with its picture, used or dropped by a button."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.imaging import registration_picture
from dashboard.workspace import Workspace
from tests.browser.screen import until, wait_row

pytestmark = pytest.mark.browser


def test_a_step_is_looked_at_and_used_and_another_is_dropped(enter, site, screenshots):
    place = Workspace.open(site.root)
    study = place.study(site.left)
    fixed, moving = study.volumes[:2]
    for shift in (3.0, 9.0):
        matrix = np.eye(4)
        matrix[0, 3] = shift
        record = {"step": "registration", "moving": moving.digest, "moving_sequence": str(moving.sequence),
                  "fixed": fixed.digest, "fixed_sequence": str(fixed.sequence), "matrix": matrix.ravel().tolist(),
                  "rotation_deg": 0.0, "shift_mm": shift}  # fmt: skip
        place.steps.put(study.id, record, registration_picture(fixed, moving, matrix))
    page = enter("mri", site.left)
    check = page.get_by_role("button", name="Check: ")
    assert check.count() == 2
    check.last.click()
    page.get_by_text("9.0 mm").wait_for()
    picture = page.locator('[data-testid="stPopoverBody"] img')
    until(lambda: page.wait_for_timeout(50) or picture.evaluate("(image) => image.naturalWidth") > 100, "the picture")
    assert picture.bounding_box()["height"] > 150, "what is to be looked at can be seen"
    page.screenshot(path=screenshots / "mri_check_step.png")
    page.get_by_role("button", name="Do not use it").click()
    until(lambda: page.wait_for_timeout(50) or check.count() == 1, "the dropped one gone")
    check.click()
    page.get_by_role("button", name="I have looked at it: use it").click()
    row = wait_row(page, site, "intake")
    assert row["details"]["decision"] == "accepted"
    until(
        lambda: page.wait_for_timeout(50) or "aligned" in page.locator('[aria-label="Series"]').inner_text(), "series"
    )
    assert check.count() == 0
    assert [step.state for step in place.steps.of(study.id)] == ["accepted", "discarded"]
