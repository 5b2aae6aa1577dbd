"""Two readers read a study blind and differ; an adjudicator reads it too, sees both unnamed, and decides."""

from __future__ import annotations

import csv
import io
import re

import pytest

from dashboard.casework import ledger_table
from dashboard.domain import Session
from dashboard.terms import Identity, Role
from tests.browser.screen import base, rows, settled, strike, until, verdict, wait_open, wait_row
from tests.browser.site import a_demonstration, served, stopped
from tests.browser.test_blind_first import RESULTS, Traffic, leaks, words_of_the_model

pytestmark = pytest.mark.browser

SETTINGS = "[review]\nblind_first = true\nreaders = 2\n"


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The demonstration, read blind by two readers a study."""
    built = served(a_demonstration(tmp_path_factory.mktemp("two") / "workspace", settings=SETTINGS))
    yield built
    stopped(built)


def opened(enter, site, study, **said):
    """The study's page in a browser of its own, with all that it was ever sent."""
    page = enter(**said)
    page.goto("about:blank")
    traffic = Traffic(page)
    page.goto(f"{base(site)}/eeg?study={study}")
    settled(page)
    wait_open(page, study)
    page.wait_for_timeout(1200)
    return page, traffic


def commits_nothing_seen(page, site):
    """Say 'nothing seen', which opens the gate."""
    strike(page, "n")
    row = wait_row(page, site, "read", finding="")
    assert row["exposure"] == "NONE" and row["details"] == {"present": False}
    wait_open(page, site.eeg)


def judges(page, site, key, action, reason=""):
    """Judge the one alert and sign off."""
    page.wait_for_timeout(600)
    strike(page, key)
    if reason:
        verdict(page, reason).click()
    row = wait_row(page, site, action)
    assert "LOCALIZATION" in row["exposure"] and row["reason"] == (reason and reason.lower())
    page.wait_for_timeout(700)
    strike(page, "Enter")
    wait_row(page, site, "sign_off")
    return row


def test_two_readers_differ_and_an_adjudicator_decides(enter, site, screenshots):
    study = site.eeg
    secret = words_of_the_model(site, study)
    first, heard_first = opened(enter, site, study, role=Role.NEUROLOGIST)
    second, heard_second = opened(enter, site, study, role=Role.NEUROLOGIST)
    for _page, heard, other in ((first, heard_first, second), (second, heard_second, first)):
        assert len(heard.bytes()) > 10
        assert leaks(heard, secret) == []
        assert leaks(heard, {word.decode() for word in RESULTS}) == []
        assert leaks(heard, {other.reader}) == [], "who else reads reached a blinded reader"
        assert not [address for address in heard.asked if re.search("/api/(mask|probability|risk)/", address)]
    commits_nothing_seen(first, site)
    accepted = judges(first, site, "a", "accept")

    # The second has had the page open all the while, and looks at every other page before committing.
    told = {word.decode() for word in RESULTS} | {first.reader, accepted["event_id"], accepted["hash"]}
    for where in ("", "ledger", "agreement", f"eeg?study={study}"):
        tab = second.context.new_page()
        heard = Traffic(tab)
        tab.goto(f"{base(site)}/{where}")
        settled(tab)
        tab.wait_for_timeout(800)
        assert leaks(heard, secret) == [] and leaks(heard, told) == [], where
        assert not [address for address in heard.asked if re.search("/api/(mask|probability|risk)/", address)]
        tab.close()
    assert leaks(heard_second, secret) == [] and leaks(heard_second, told) == []
    second.bring_to_front()
    second.screenshot(path=screenshots / "two_readers_second_blind.png")
    commits_nothing_seen(second, site)
    rejected = judges(second, site, "x", "reject", "Muscle")
    of_the_first = {first.reader, accepted["event_id"], accepted["hash"]}
    assert leaks(heard_second, of_the_first) == [], "the other's verdict reached a reader before the decision"
    assert leaks(heard_first, {second.reader, rejected["event_id"], rejected["hash"]}) == []

    judge, heard = opened(enter, site, study, role=Role.ADJUDICATOR)
    said = of_the_first | {second.reader, rejected["event_id"], rejected["hash"]}
    assert leaks(heard, said | secret) == [], "an adjudicator was told something before reading"
    commits_nothing_seen(judge, site)
    column = judge.locator(".st-key-verdict")
    column.get_by_text("readers unnamed").wait_for()
    until(lambda: re.search(r"Reader A\s+(accepted|rejected)", column.inner_text()), "what the readers said")
    text = column.inner_text()
    assert re.search(r"Reader B\s+(accepted|rejected)", text) and "accepted" in text and "rejected, muscle" in text
    assert first.reader not in judge.content() and second.reader not in judge.content()
    judge.screenshot(path=screenshots / "two_readers_adjudicator.png")
    assert judge.evaluate("document.querySelector('.st-key-verdict').scrollHeight") <= judge.evaluate(
        "document.querySelector('.st-key-verdict').clientHeight"
    )
    judge.wait_for_timeout(600)
    strike(judge, "x")
    column.get_by_role("button", name="Record decision").wait_for()
    judge.wait_for_timeout(900)
    strike(judge, "Enter")
    decision = wait_row(judge, site, "adjudicate", finding="")
    alone = rows(site, reader=judge.reader, action="adjudicate", finding=accepted["finding"])
    assert [row["details"]["decision"] for row in alone] == ["reject"]
    assert sorted(alone[0]["details"]["shown"]) == sorted([accepted["event_id"], rejected["event_id"]])
    shown = decision["details"]["shown"]
    signed = {row["event_id"] for row in rows(site, action="sign_off", study=study)}
    assert (
        set(shown) == {accepted["event_id"], rejected["event_id"], *signed} and decision["details"]["present"] is False
    )
    order = [event for event in shown if event in (accepted["event_id"], rejected["event_id"])]
    assert (text.index("accepted") < text.index("rejected")) == (order[0] == accepted["event_id"])

    # The CSV tells the story, in its order.
    auditor = Session("s", "A-01", Role.AUDITOR, Identity.INVITED)
    table = csv.DictReader(io.StringIO(ledger_table(site.workspace, auditor, "csv", study=study), newline=""))
    people = (first.reader, second.reader, judge.reader)
    story = [(row["reader"], row["action"]) for row in table if row["reader"] in people and row["action"] != "interact"]
    assert story == [
        (first.reader, "read"), (first.reader, "present"), (first.reader, "accept"), (first.reader, "sign_off"),
        (second.reader, "read"), (second.reader, "present"), (second.reader, "reject"), (second.reader, "sign_off"),
        (judge.reader, "read"), (judge.reader, "present"), (judge.reader, "adjudicate"), (judge.reader, "adjudicate"),
    ]  # fmt: skip


def test_the_worklist_says_where_a_study_stands_to_each_as_much_as_they_may_know(enter, site, screenshots):
    page = enter(role=Role.OPERATOR)
    page.locator("tr.row").first.wait_for()
    row = page.locator(f'tr.row[data-study="{site.eeg}"]')
    assert "done" in row.inner_text()
    page.screenshot(path=screenshots / "two_readers_worklist_operator.png")
    blind = enter(role=Role.NEUROLOGIST)
    blind.locator("tr.row").first.wait_for()
    assert blind.locator(f'tr.row[data-study="{site.eeg}"]').inner_text().split("\t")[-2:] == ["new", ""]
    blind.locator(".st-key-page").get_by_role("combobox").first.click()
    choices = blind.locator('[role="option"]').all_inner_texts()
    assert choices == ["First added", "Last added"], "an order of the model was offered to a blind reader"
