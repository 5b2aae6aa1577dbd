"""Steps started from the MRI page, computed by the worker, looked at, used, and taken back."""

from __future__ import annotations

import pytest

from dashboard.casework import add_paths, run_study
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
from tests.browser.screen import rows, settled, until
from tests.browser.site import Site, served, stopped
from tests.builders.mri_files import a_dicom_series
from tests.builders.mri_heads import a_head_volume, a_rigid_motion
from tests.builders.shared import shared_data

pytestmark = pytest.mark.browser

_SHAPE, _SPACING = (48, 56, 30), (4.0, 4.0, 6.0)


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """A served workspace with a T1 with contrast and a FLAIR in two frames of reference, the head moved between them."""
    folder = tmp_path_factory.mktemp("apart")
    for name, weighting, motion, words in (
        ("t1c", "t1", None, {"SeriesDescription": "T1 post Gd", "ContrastBolusAgent": "Gd"}),
        ("flair", "t2", a_rigid_motion((4, -3, 6), (9, -6, 5)), {"SeriesDescription": "t2 flair"}),
    ):
        head = a_head_volume(weighting, shape=_SHAPE, spacing=_SPACING, motion=motion)
        a_dicom_series(folder / name, shape=_SHAPE, spacing=_SPACING, values=head.array, study_uid="1.2.3.4",
                       series_uid=f"1.2.3.4.{len(name)}", frame_uid=f"1.2.3.9.{len(name)}",
                       elements={"PatientID": "X1", **words})  # fmt: skip
    place = Workspace.open(folder / "workspace", create=WorkspaceKind.CLINICAL)
    report = add_paths(place, [folder / "t1c", folder / "flair"])
    built = served(Site(place.root, left=report.added[0].study))
    yield built
    stopped(built)


@pytest.fixture
def head(browser, tmp_path):
    """A served workspace with a real head whose skull a model is about to refuse."""
    place = Workspace.open(tmp_path / "workspace", create=WorkspaceKind.CLINICAL)
    (added,) = add_paths(place, [shared_data("mri", "clinical", "native_tcga_fg6692")]).added
    run_study.queue_all(place)
    run_study.run_job(place, place.jobs.claim(), "cpu")
    built = served(Site(place.root, left=added.study))
    yield built
    stopped(built)


def decisions(site):
    """What has been decided about steps, oldest first."""
    said = [row for row in rows(site, study=site.left, action="intake") if row["details"].get("decision")]
    return [(row["details"]["decision"], row["reader"]) for row in said]


def looks_and_uses(page, title, least_height, path):
    """Open what waits to be looked at, see its picture, and use it."""
    page.get_by_role("button", name=title).click(timeout=120_000)
    picture = page.locator('[data-testid="stPopoverBody"] img')
    until(
        lambda: page.wait_for_timeout(50) or picture.evaluate("(image) => image.naturalHeight") > least_height,
        "the picture",
    )
    page.screenshot(path=path)
    page.get_by_role("button", name="I have looked at it: use it").click()


def takes_back(page, title, path):
    """Open what is in use, see by whose word, and take it back."""
    page.get_by_role("button", name=title).click(timeout=60_000)
    page.get_by_text(f"as {page.reader} said").wait_for()
    page.screenshot(path=path)
    page.get_by_role("button", name="Take it back").click()


def test_a_registration_is_started_looked_at_used_and_taken_back(enter, site, screenshots):
    page = enter("mri", site.left)
    series = page.locator('[aria-label="Series"]')
    start = page.get_by_role("button", name="Align FLAIR")
    start.wait_for()
    settled(page)
    page.screenshot(path=screenshots / "mri_step_offered.png")
    start.click()
    page.get_by_text("Align FLAIR: ").first.wait_for()
    page.screenshot(path=screenshots / "mri_step_running.png")
    page.get_by_role("button", name="Check: FLAIR aligned to T1c").wait_for(timeout=120_000)
    assert decisions(site) == [] and "aligned" not in series.inner_text(), "computing changes nothing"
    looks_and_uses(page, "Check: FLAIR aligned to T1c", 900, screenshots / "mri_step_check.png")
    until(lambda: page.wait_for_timeout(50) or "aligned" in series.inner_text(), "the aligned series")
    takes_back(page, "In use: FLAIR aligned to T1c", screenshots / "mri_step_in_use.png")
    start.wait_for()
    until(lambda: page.wait_for_timeout(50) or "aligned" not in series.inner_text(), "the aligned series gone")
    assert page.get_by_role("button", name="In use: ").count() == 0
    assert decisions(site) == [("accepted", page.reader), ("withdrawn", page.reader)]


@pytest.mark.shared
def test_shared_a_mask_is_started_where_a_model_refused_a_head_used_and_taken_back(head, enter, screenshots):
    page = enter("mri", head.left, at=head)
    page.get_by_text("A model refused this head").wait_for()
    page.get_by_role("button", name="Compute a brain mask").click()
    looks_and_uses(page, "Check: computed brain mask", 500, screenshots / "mri_mask_check.png")
    takes_back(page, "In use: computed brain mask", screenshots / "mri_mask_in_use.png")
    until(lambda: page.wait_for_timeout(50) or len(decisions(head)) == 2, "both rows")
    assert decisions(head) == [("accepted", page.reader), ("withdrawn", page.reader)]
    assert all(not volume.made_from for volume in head.workspace.study(head.left).volumes)
