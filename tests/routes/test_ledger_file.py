"""The ledger as a file from the Ledger page: every format by our own route, of the rows that may reach who asks."""

from __future__ import annotations

import csv
import io
import json

import pytest

from dashboard.casework import LEDGER_FORMATS, ledger_export
from dashboard.routes import serve_workspace
from dashboard.viewmodels import LEDGER_FILES
from tests.builders.cases import BLIND, a_reader
from tests.builders.readings import a_case, reviews
from tests.builders.served import a_browser


@pytest.fixture
def served(tmp_path):
    """A study that R-01 read blind, being served."""
    workspace, study, prediction = a_case(tmp_path, BLIND)
    reviews(a_reader(workspace), study, prediction, blind=True)
    return serve_workspace(workspace), study


def asked(browser, format_, *what, study=""):
    """The answer of the route; the token is for the ledger unless a study is named."""
    token = browser.serving.token(browser.session, study, what or ("export",))
    return browser.send("POST", "/api/export/ledger", token, json={"format": format_})


def test_the_page_offers_what_the_command_writes():
    assert tuple(LEDGER_FILES) == LEDGER_FORMATS


@pytest.mark.parametrize("format_", LEDGER_FORMATS)
def test_a_reader_who_has_read_gets_what_the_command_writes(served, format_):
    serving, study = served
    browser = a_browser(serving)
    answer = asked(browser, format_)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.content.decode() == ledger_export(serving.workspace, browser.session, format_)[0]
    assert study.id in answer.text
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="overread-ledger') and ".txt" not in disposition


@pytest.mark.parametrize("format_", LEDGER_FORMATS)
def test_one_who_owes_a_read_gets_nothing_of_the_study(served, format_):
    serving, study = served
    answer = asked(a_browser(serving, "R-02"), format_)
    assert answer.status_code == 200 and study.id not in answer.text and "R-01" not in answer.text


def test_what_comes_is_whole(served):
    serving, _study = served
    browser = a_browser(serving)
    count = len(serving.workspace.ledger.entries())
    assert len(list(csv.DictReader(io.StringIO(asked(browser, "csv").text, newline="")))) == count
    assert len([json.loads(line) for line in asked(browser, "jsonl").text.splitlines()]) == count
    assert asked(browser, "dses").json()["ledger"]["seq"] == count
    assert asked(browser, "fhir").json()["resourceType"] == "Bundle"


def test_a_token_of_a_study_or_for_something_else_opens_nothing(served):
    serving, study = served
    browser = a_browser(serving)
    assert asked(browser, "csv", study=study.id).status_code == 404
    assert asked(browser, "csv", "volume").status_code == 403
    assert browser.send("POST", "/api/export/ledger", json={"format": "csv"}).status_code == 403
    order = {"study": study.id, "format": "csv"}
    token = serving.token(browser.session, "", ("export",))
    assert browser.send("POST", "/api/export", token, json=order).status_code == 404


def test_an_order_that_is_none_is_refused_in_three_sentences(served):
    serving, _study = served
    browser = a_browser(serving)
    token = serving.token(browser.session, "", ("export",))
    for sent in (b"", b"[]", b'{"study": "S"}'):
        answer = browser.send("POST", "/api/export/ledger", token, content=sent)
        assert answer.status_code == 400 and answer.json()["what_to_do"] == "Reload the page.", sent
    assert asked(browser, "xlsx").status_code == 400
