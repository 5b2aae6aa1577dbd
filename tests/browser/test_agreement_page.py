"""The Agreement page of EEG: event scores with their scorer, and what another threshold would have said."""

from __future__ import annotations

import pytest

from dashboard.terms import Action, Role, Scope
from tests.browser.screen import base, settled
from tests.builders.cases import a_reader

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def signed(site):
    """The recording of the site, signed off as read whole by a reader who let its alert stand."""
    workspace = site.workspace
    study = workspace.study(site.eeg)
    reader = a_reader(workspace, "R-EVENTS", Role.NEUROLOGIST)
    one = reader.opens(study).newest
    reader.judges(study, one.prediction, 1, Action.ACCEPT)
    reader.signs(study, Scope.WHOLE_STUDY, displayed=1.0)
    return site


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_event_scores_say_their_scorer_and_their_hours(enter, signed, screenshots, theme):
    page = enter(role=Role.AUDITOR, at=signed, theme=theme)
    page.goto(f"{base(signed)}/agreement")
    settled(page)
    page.get_by_role("radio", name="EEG").click()
    page.get_by_text("Sensitivity to events").wait_for()
    settled(page)
    said = page.locator(".st-key-page").inner_text()
    assert "1 of 1 events" in said and "evaluated hours of 1 recording" in said and "per h" in said
    assert "SYNTHETIC" in said
    page.screenshot(path=screenshots / f"agreement_events_{theme}.png", full_page=True)
    how = page.locator("details.or-how").filter(has_text="timescoring").first
    assert "90 s" in how.evaluate("(details) => details.textContent")
    assert "per 24 h" not in said, "two minutes give no rate a day"
