"""The worklist and what a site may switch on: orders that tell, assignment, the soft lock, confidence, bulk, reasons."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.casework import add_prediction
from dashboard.imaging import write_nifti_mask
from dashboard.jobs import Job
from dashboard.terms import Role
from tests.browser.screen import base, rows, settled, strike, until, verdict, wait_open, wait_row
from tests.browser.site import AFFINE, SHAPE, a_demonstration, jobs_at, served, stopped

pytestmark = pytest.mark.browser

SETTINGS = """[review]
confidence = true
active_seconds = true
reasons_mr = "artefact,vessel,other"
"""
SKIPPING = """(() => {
  const real = performance.now.bind(performance);
  let skipped = 0;
  performance.now = () => real() + skipped;
  window.skip = (seconds) => { skipped += 1000 * seconds; };
})();"""
"""A page whose clock, by which the viewers measure activity, a test can put on."""
CENTRES = ((34, -40, 12), (-34, 0, -24), (0, 40, 36))


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The demonstration with everything switched on; the first study has three findings."""
    built = a_demonstration(tmp_path_factory.mktemp("list") / "workspace", settings=SETTINGS)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    place = index @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    labels = np.zeros(SHAPE, np.uint8)
    for centre in CENTRES:
        labels[np.linalg.norm(place - centre, axis=-1) < 12] = 2
    mask = built.root.parent / "three.nii.gz"
    write_nifti_mask(labels, AFFINE, mask, synthetic=True)
    workspace = built.workspace
    add_prediction(workspace, workspace.study(built.left), mask, model_name="three-finder", model_version="1.0")
    yield served(built)
    stopped(built)


def column_fits(page):
    """Whether the verdict column shows all that it holds."""
    return page.evaluate(
        """() => {
          const column = document.querySelector(".st-key-verdict");
          const edge = column.getBoundingClientRect().right;
          return column.scrollHeight <= column.clientHeight
            && [...column.querySelectorAll("button")].every((button) => button.getBoundingClientRect().right <= edge);
        }"""
    )


def states(page):
    """State and note by study."""
    page.locator("tr.row").first.wait_for()
    return {row.get_attribute("data-study"): row.inner_text().split("\t")[-2:] for row in page.locator("tr.row").all()}


def choose(page, words):
    """Choose an order of the worklist."""
    page.locator(".st-key-order-choice").get_by_role("combobox").click()
    page.locator('[role="option"]').filter(has_text=words).first.click()
    settled(page)


def test_a_study_opened_out_of_the_risk_order_is_priority(enter, site, screenshots):
    page = enter()
    choose(page, "Risk")
    page.get_by_text("recorded as PRIORITY").wait_for()
    page.screenshot(path=screenshots / "worklist_risk.png")
    assert rows(site, reader=page.reader) == []
    opened = page.locator("tr.row").first.get_attribute("data-study")
    page.locator("tr.row").first.click()
    wait_open(page, opened)
    told = rows(site, reader=page.reader, action="present", study=opened)
    priority = [n for n, row in enumerate(told) if row["exposure"] == "PRIORITY"]
    shown = [n for n, row in enumerate(told) if "LOCALIZATION" in row["exposure"]]
    assert priority and shown and max(priority) < min(shown)

    plain = enter()
    plain.locator("tr.row").first.click()
    settled(plain)
    until(lambda: plain.wait_for_timeout(60) or rows(site, reader=plain.reader, action="present"), "a present row")
    assert all("PRIORITY" not in row["exposure"] for row in rows(site, reader=plain.reader))


def test_a_study_seen_in_the_risk_order_is_priority_by_whichever_way_it_opens(enter, site):
    page = enter()
    choose(page, "Risk")
    page.get_by_text("recorded as PRIORITY").wait_for()
    choose(page, "First added")
    page.get_by_text("recorded as PRIORITY").wait_for(state="detached")
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    told = [row["exposure"] for row in rows(site, reader=page.reader, action="present", study=site.left)]
    assert "PRIORITY" in told and "PRIORITY" not in told[-1]
    strike(page, "a")
    assert wait_row(page, site, "accept")["exposure"].startswith("PRIORITY+PRESENCE")


def test_a_running_job_and_a_failed_one_are_told_where_nothing_is_read_blind(enter, site):
    running = Job("running-job", site.empty, "job-model-a", state="running", progress=0.4375)
    with jobs_at(site, running):
        page = enter()
        page.get_by_text(f"{site.empty}: job-model-a running").wait_for()
        assert states(page)[site.empty][0].strip() == "running"
    failed = Job("failed-job", site.empty, "job-model-b", state="failed", error="not_skull_stripped", what="It failed.")
    with jobs_at(site, failed):
        page.reload()
        settled(page)
        assert [cell.strip() for cell in states(page)[site.empty]] == ["not run", "not skull stripped"]


def test_an_operator_assigns_and_others_see_for_whom_and_who_is_at_it(enter, site, screenshots):
    reader = enter("mri", site.right)
    operator = enter(role=Role.OPERATOR)
    assert states(operator)[site.right][1] == f"open: {reader.reader}, just now"
    operator.get_by_placeholder("Reader, such as R-04").fill("R-77")
    operator.get_by_role("button", name="Assign").click()
    row = wait_row(operator, site, "assign")
    assert row["details"] == {"assignee": "R-77"} and row["role"] == "operator"
    operator.reload()
    settled(operator)
    assert "for R-77" in states(operator)[row["study"]][1]
    operator.screenshot(path=screenshots / "worklist_operator.png")
    assert enter().get_by_placeholder("Reader, such as R-04").count() == 0


def test_confidence_reasons_and_seconds_where_a_site_wants_them(enter, site, screenshots):
    page = enter("mri", site.left)
    page.wait_for_timeout(1500)
    page.screenshot(path=screenshots / "mri_all_on.png")
    assert column_fits(page)
    offered = page.locator(".st-key-reasons button").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in offered] == ["artefact", "vessel", "other"]
    page.keyboard.press("Shift+Digit4")
    verdict(page, "sure 4").wait_for()
    settled(page)
    page.mouse.move(500, 500)
    page.wait_for_timeout(1200)
    strike(page, "a")
    row = wait_row(page, site, "accept")
    assert row["confidence"] == "4" and 1 <= float(row["active_s"]) < 120
    page.wait_for_timeout(700)
    strike(page, "x")
    verdict(page, "artefact").click()
    second = wait_row(page, site, "reject")
    assert second["reason"] == "artefact" and second["confidence"] == ""
    assert float(second["active_s"]) < 60


def test_seconds_at_an_eeg_leave_out_what_was_idle(enter, site):
    page = enter(role=Role.NEUROLOGIST)
    page.add_init_script(SKIPPING)
    page.goto(f"{base(site)}/eeg?study={site.eeg}")
    wait_open(page, site.eeg)
    page.mouse.move(600, 400)
    page.evaluate("skip(3600)")
    strike(page, "a")
    first = float(wait_row(page, site, "accept")["active_s"])
    assert 30 <= first < 300, "of an hour without input only its first 30 s count"
    for n in range(30):
        page.evaluate("skip(20)")
        page.mouse.move(600 + n, 400)
    strike(page, "u")
    second = float(wait_row(page, site, "unsure")["active_s"])
    assert 600 <= second < 900, "pauses of 20 s are work, and the hour before belongs to the verdict before"


def test_bulk_accepts_only_what_was_displayed_asks_once_and_says_so(enter, site):
    page = enter("mri", site.left)
    page.wait_for_timeout(1500)
    assert page.locator(".st-key-bulk").count() == 0, "nothing but the first finding has been on screen"
    for number in (1, 2):
        page.locator(".mri-card[data-finding]").nth(number).click()
        settled(page)
        page.wait_for_timeout(1500)
    button = page.locator(".st-key-bulk button")
    button.wait_for()
    assert column_fits(page)
    shown = int(button.inner_text().split()[2])
    button.click()
    settled(page)
    assert rows(site, reader=page.reader, action="accept") == [], "it did not ask"
    page.locator(".st-key-bulk button").filter(has_text="Sure?").click()
    wait_row(page, site, "accept", count=shown)
    accepted = rows(site, reader=page.reader, action="accept")
    assert shown >= 2 and all(row["details"]["bulk"] is True for row in accepted)
    assert page.goto(f"{base(site)}/agreement").ok
