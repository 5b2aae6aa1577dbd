"""The bytes of a model and its exports: refused to whoever owes a blind read, kept by no browser afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.casework import record_read
from dashboard.domain import Annotation, ModelIdentity
from dashboard.settings import load_settings
from dashboard.viewmodels import eeg_data
from tests.builders.cases import BLIND, Reader
from tests.builders.served import a_browser, a_mask, a_risk, a_serving, an_eeg_study, an_mr_study

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "blind-reading.md"


@pytest.fixture
def served(tmp_path):
    """Blind reading; an MR and an EEG study with results; and the addresses of all that comes from a model."""
    serving = a_serving(tmp_path, BLIND)
    mr, eeg = an_mr_study(serving.workspace), an_eeg_study(serving.workspace, tmp_path)
    mask = a_mask(serving.workspace, mr)[0].digest
    other = a_mask(serving.workspace, mr, lesions=2)[0].digest
    risk = a_risk(serving.workspace, eeg, ModelIdentity("detector", "1", "a" * 64))[0].digest
    return serving, mr, eeg, [
        (mr, "mask", f"/api/mask/{mask}/bits"),
        (mr, "mask", f"/api/mask/{mask}/lesions"),
        (mr, "mask", f"/api/probability/{mask}/0"),
        (mr, "mask", f"/api/difference/{mask}/{other}/whole_tumour"),
        (eeg, "risk", f"/api/risk/{risk}"),
    ]  # fmt: skip


def test_a_models_bytes_wait_for_the_read(served):
    serving, mr, eeg, addresses = served
    browser = a_browser(serving)
    for study, what, path in addresses:
        answer = browser.get(path, browser.token(study, what))
        assert (answer.status_code, answer.json()["code"]) == (403, "blind_open"), path
        assert answer.headers["cache-control"] == "no-store"
    assert serving.workspace.ledger.entries() == ()
    reader = Reader(serving.workspace, browser.session)
    for study in (mr, eeg):
        record_read(serving.workspace, browser.session, study, present=False, intent=reader.intent(study))
    for study, what, path in addresses:
        answer = browser.get(path, browser.token(study, what))
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
    assert [e.action for e in serving.workspace.ledger.entries()] == ["read"] * 2 + ["present"] * 3
    other = a_browser(serving, "R-02")
    for study, what, path in addresses:
        assert other.get(path, other.token(study, what)).status_code == 403


def test_an_export_waits_for_the_read(served):
    serving, mr, eeg, _addresses = served
    browser = a_browser(serving)
    for study, format_ in ((mr, "nifti"), (mr, "csv"), (eeg, "events-tsv")):
        order = {"study": study.id, "format": format_}
        answer = browser.send("POST", "/api/export", browser.token(study, "export"), json=order)
        assert (answer.status_code, answer.json()["code"]) == (403, "blind_open")


def test_images_and_signal_do_not_wait(served):
    serving, mr, _eeg, _addresses = served
    browser = a_browser(serving)
    answer = browser.get(f"/api/volume/{mr.volumes[0].digest}", browser.token(mr, "volume"))
    assert answer.status_code == 200 and "glioma" not in answer.text


def test_marks_that_came_with_a_recording_are_hidden_too(served):
    _serving, _mr, eeg, _addresses = served
    marked = replace(eeg, recording=replace(eeg.recording, annotations=(Annotation(3.0, 1.0, "detector: SEIZURE"),)))
    shown, hidden = (
        eeg_data(marked, token="t", short="S", blind=blind, settings=load_settings(None, {}), montages=[], one=None,
                 rules=None, cards=[], own=[], selected=None)
        for blind in (False, True)
    )  # fmt: skip
    assert "SEIZURE" in str(shown["annotations"]) and "SEIZURE" not in str(hidden)


def test_the_table_of_surfaces_names_tests_that_are_there():
    named = re.findall(r"`(tests/[\w./]+)`", DOCUMENT.read_text(encoding="utf-8"))
    assert len(named) > 8
    assert [path for path in named if not (DOCUMENT.parents[1] / path).exists()] == []
