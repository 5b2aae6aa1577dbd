"""Twenty alerts in two recordings by keyboard alone; an alert split, two made one, and the list in another order."""

from __future__ import annotations

import pytest

from dashboard.cli.bench_walk_eeg import ALERTS, build_eeg_walk, eeg_walk
from dashboard.server import invitation
from dashboard.terms import ELECTROGRAPHIC, Role
from tests.browser.screen import rows, settled, strike, until, wait_row
from tests.browser.site import Site, served, stopped
from tests.browser.test_eeg_page import mouse_drag, start_of

pytestmark = pytest.mark.browser


@pytest.fixture
def recordings(tmp_path):
    """Two recordings, twenty alerts, served."""
    site = served(Site(build_eeg_walk(tmp_path).root))
    yield site
    stopped(site)


@pytest.fixture
def reader(watched, recordings):
    """A neurologist at the worklist."""
    page = watched.page(recordings)
    page.reader = "R-EEG"
    page.goto(invitation(recordings.root, page.reader, Role.NEUROLOGIST))
    settled(page)
    yield page
    page.close()  # Before its server is stopped.


def test_twenty_alerts_take_two_keys_each_at_most(reader, recordings):
    taken = eeg_walk(reader)
    assert (taken.findings, taken.studies) == (20, 2)
    assert taken.keys <= 2 * taken.findings, taken
    made = {
        action: rows(recordings, reader=reader.reader, action=action) for action in ("accept", "reject", "sign_off")
    }
    assert {action: len(found) for action, found in made.items()} == {"accept": 15, "reject": 5, "sign_off": 2}
    assert len({(row["study"], row["finding"]) for row in made["accept"] + made["reject"]}) == sum(ALERTS)
    assert {row["details"]["event_type"] for row in made["accept"]} == {ELECTROGRAPHIC}


def cards(page):
    """Numbers of the events in the list's order."""
    return [text.split(" ")[0] for text in page.locator(".eeg-card strong").all_inner_texts()]


def test_the_list_is_sorted_by_keyboard(reader, recordings):
    page = reader
    page.keyboard.press("Enter")
    page.locator(".eeg-card").first.wait_for()
    until(lambda: page.locator("canvas.eeg-paper").get_attribute("data-drawn"), "traces")
    settled(page)
    in_time = cards(page)
    page.locator("[data-sort=length]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    until(lambda: page.locator("[data-sort=score]").get_attribute("aria-pressed") == "true", "the order")
    assert cards(page) == in_time, "scores fall with time here"
    strike(page, "a")
    wait_row(page, recordings, "accept")
    page.locator("[data-sort=state]").click()
    until(lambda: cards(page)[-1] == "1", "what is judged last")
    assert sorted(cards(page)) == sorted(in_time)


def test_an_alert_is_split_at_a_dragged_pause_and_two_are_made_one(reader, recordings, screenshots):
    page = reader
    page.keyboard.press("Enter")
    page.locator(".eeg-card").first.wait_for()
    until(lambda: page.locator("canvas.eeg-paper").get_attribute("data-drawn"), "traces")
    page.wait_for_timeout(500)
    start = start_of(page)[0]
    mouse_drag(page, start + 5.0, start + 6.0)
    page.get_by_role("button", name="Split event 1").wait_for()
    page.screenshot(path=screenshots / "eeg_split.png")
    strike(page, "s")
    added = wait_row(page, recordings, "add")
    first = rows(recordings, reader=page.reader, action="modify")[0]
    assert first["details"]["onset_s"] == pytest.approx(40.0) and first["details"]["duration_s"] == pytest.approx(
        start + 5.0 - 40, abs=0.03
    )
    assert added["details"]["split_from"] == first["event_id"]
    assert added["details"]["onset_s"] + added["details"]["duration_s"] == pytest.approx(52.0, abs=0.01)
    settled(page)
    strike(page, "Control+z")
    until(
        lambda: page.wait_for_timeout(50) or len(rows(recordings, reader=page.reader, action="amend")) == 2,
        "both are withdrawn",
    )
    settled(page)
    page.locator(".eeg-card", has_text="3 ·").first.click()
    page.wait_for_timeout(800)
    page.locator(".eeg-card", has_text="2 ·").first.click()
    merge = page.get_by_role("button", name="Events 2 and 3 are one")
    merge.wait_for()
    strike(page, "t")
    until(
        lambda: page.wait_for_timeout(50) or len(rows(recordings, reader=page.reader, action="modify")) == 3, "two rows"
    )
    whole, part = rows(recordings, reader=page.reader, action="modify")[-2:]
    assert (whole["finding"], part["finding"]) == ("2", "3")
    assert whole["details"]["merged"] == [3] and part["details"]["merged_into"] == 2
    assert (whole["details"]["onset_s"], whole["details"]["duration_s"]) == pytest.approx((80.0, 52.0), abs=0.01)
    settled(page)
    assert "52 s" in page.locator(".or-row", has_text="Seizure burden").inner_text()
    page.screenshot(path=screenshots / "eeg_merged.png")
