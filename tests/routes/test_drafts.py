"""Drafts over the wire: whole or not at all, over the one that they go on from, for their reader alone."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.casework import record_verdict
from dashboard.files import digest_bytes
from dashboard.terms import Action
from tests.builders.cases import BLIND, Reader, lesions_of
from tests.builders.drawings import a_drawing
from tests.builders.served import a_browser, a_serving, a_volume, an_mr_study
from tests.routes.test_masks import unboxed


@pytest.fixture
def open_study(tmp_path):
    """A browser that has a study with a result open, and a token for it."""
    serving = a_serving(tmp_path)
    study = an_mr_study(serving.workspace, a_volume(np.zeros((12, 12, 6), np.int16)))
    prediction = lesions_of(serving.workspace, study)
    browser = a_browser(serving)
    return browser, study, prediction, browser.token(study, "draft", "mask")


def put(browser, study, token, data, finding="1", **headers):
    named = {f"X-Overread-{name.capitalize()}": value for name, value in headers.items()}
    return browser.send("PUT", f"/api/draft/{study.id}/{finding}", token, content=data, headers=named)


def test_a_draft_goes_on_only_from_the_one_that_is_there(open_study):
    browser, study, prediction, token = open_study
    first = put(browser, study, token, b"one", over="none", base=prediction.digest).json()["digest"]
    second = put(browser, study, token, b"two", over=first, base=prediction.digest).json()["digest"]
    refused = put(browser, study, token, b"of another window", over=first, base=prediction.digest)
    assert (refused.status_code, refused.json()["code"]) == (400, "stale_page")
    answer = browser.get(f"/api/draft/{study.id}/1", token)
    assert (answer.content, answer.headers["x-overread-digest"]) == (b"two", second)
    assert answer.headers["x-overread-base"] == prediction.digest and answer.headers["cache-control"] == "no-store"


def test_only_the_draft_that_is_named_is_dropped(open_study):
    browser, study, _, token = open_study
    digest = put(browser, study, token, b"one", over="none").json()["digest"]
    path = f"/api/draft/{study.id}/1"
    kept = browser.send("DELETE", path, token, headers={"X-Overread-Over": digest_bytes(b"another")})
    assert kept.json()["digest"] == digest
    assert browser.send("DELETE", path, token, headers={"X-Overread-Over": digest}).json()["digest"] == ""
    assert browser.get(path, token).status_code == 404


def test_a_full_disk_is_said_as_what_it_is(open_study, monkeypatch):
    browser, study, _, token = open_study

    def full(*_said, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dashboard.workspace.drafts.write_atomic", full)
    answer = put(browser, study, token, b"one", over="none")
    assert answer.status_code == 503 and "disk" in answer.json()["why"]


def test_a_recorded_outline_is_sent_to_its_reader_alone_and_kept_by_no_browser(open_study):
    browser, study, prediction, token = open_study
    serving, grid = browser.serving, study.volumes[0]
    bits = np.zeros(grid.shape, np.uint8)
    bits[1:4, 2:4, 2:4] = 1
    digest = put(browser, study, token, a_drawing(grid, prediction, bits), over="none").json()["digest"]
    reader = Reader(serving.workspace, browser.session)
    reader.opens(study)
    finding = prediction.finding(1)
    intent = reader.intent(study, prediction, 1, draft=digest)
    row = record_verdict(serving.workspace, browser.session, study, Action.MODIFY, prediction, finding, intent)
    path = f"/api/outline/{prediction.digest}/1/{row.artifact_digest}"
    answer = browser.get(path, token)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert np.array_equal(unboxed(answer.content, "u1"), bits)
    assert browser.get(path.replace(row.artifact_digest, "0" * 64), token).status_code == 404
    other = a_browser(serving, "R-02", app=browser.client.app)
    assert other.get(path, other.token(study, "mask")).status_code == 404


def test_in_a_blind_read_no_draft_begun_beside_a_models_result_is_sent_or_named(tmp_path):
    serving = a_serving(tmp_path, BLIND)
    study = an_mr_study(serving.workspace, a_volume(np.zeros((12, 12, 6), np.int16)))
    prediction = lesions_of(serving.workspace, study)
    browser = a_browser(serving)
    token = browser.token(study, "draft")
    own = put(browser, study, token, b"drawn blind", "new").json()["finding"]
    assert browser.get(f"/api/draft/{study.id}/{own}", token).content == b"drawn blind"
    assert put(browser, study, token, b"over", own, base=prediction.digest).status_code == 200
    assert browser.get(f"/api/draft/{study.id}/{own}", token).status_code == 404
    serving.workspace.drafts.put("R-01", study.id, "1", b"of a first pass")
    assert browser.get(f"/api/draft/{study.id}/1", token).status_code == 404
    assert put(browser, study, token, b"x", "1", over="none").status_code == 404
