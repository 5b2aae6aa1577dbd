"""Stretches and marks of a recording that no row holds yet: kept for their reader, given back only where they belong."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import pytest

from dashboard.casework import INTERVAL, keep_read, kept_interval, kept_read
from dashboard.domain import ModelIdentity
from tests.builders.cases import BLIND
from tests.builders.served import a_browser, a_risk, a_serving, an_eeg_study


@pytest.fixture
def case(tmp_path):
    """A workspace, a reader's session, a recording of 30 s and a result on it."""
    serving = a_serving(tmp_path)
    study = an_eeg_study(serving.workspace, tmp_path)
    prediction = a_risk(serving.workspace, study, ModelIdentity("detector", "1", "a" * 64))[0]
    return serving.workspace, a_browser(serving).session, study, prediction


def put(case, base, **said):
    workspace, session, study, _ = case
    header = json.dumps({"base": base}).encode()
    data = struct.pack("<I", len(header)) + header + json.dumps(said).encode()
    return workspace.drafts.put(session.reader, study.id, INTERVAL, data)


def test_a_dragged_stretch_is_given_back_to_its_reader(case):
    workspace, session, study, prediction = case
    digest = put(case, prediction.digest, onset_s=3.0, duration_s=2.5)
    assert kept_interval(workspace, session, study, prediction) == {"onset_s": 3.0, "duration_s": 2.5, "digest": digest}
    assert kept_interval(workspace, replace(session, reader="R-99"), study, prediction) is None


def test_moved_edges_hold_for_the_result_beside_which_they_were_moved(case):
    workspace, session, study, prediction = case
    put(case, prediction.digest, onset_s=3.0, duration_s=2.5, event="1")
    assert kept_interval(workspace, session, study, prediction)["event"] == "1"
    newer = replace(prediction, digest="e" * 64)
    assert kept_interval(workspace, session, study, newer) is None
    put(case, prediction.digest, onset_s=3.0, duration_s=2.5)
    assert kept_interval(workspace, session, study, newer)["onset_s"] == 3.0, (
        "a stretch of no event is the reader's own"
    )


def test_a_blind_read_is_given_only_what_was_dragged_blind(tmp_path):
    serving = a_serving(tmp_path, BLIND)
    workspace, session = serving.workspace, a_browser(serving).session
    study = an_eeg_study(workspace, tmp_path)
    prediction = a_risk(workspace, study, ModelIdentity("detector", "1", "a" * 64))[0]
    case = workspace, session, study, prediction
    put(case, prediction.digest, onset_s=3.0, duration_s=2.5)
    assert kept_interval(workspace, session, study, None) is None
    assert workspace.drafts.of(session.reader, study.id) == (), "nothing can go on from it"
    put(case, "", onset_s=3.0, duration_s=2.5)
    assert kept_interval(workspace, session, study, None)["onset_s"] == 3.0
    put(case, "", onset_s=3.0, duration_s=2.5, event="1")
    assert kept_interval(workspace, session, study, prediction) is None, "an event of no result"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"onset_s": 31.0, "duration_s": 1.0},
        {"onset_s": -1.0, "duration_s": 1.0},
        {"onset_s": 1.0, "duration_s": float("nan")},
        {"onset_s": "soon", "duration_s": 1.0},
        {"onset_s": None, "duration_s": None},
    ],
)
def test_what_is_no_stretch_of_the_recording_is_not_given_back(case, said):
    workspace, session, study, prediction = case
    put(case, "", **said)
    assert kept_interval(workspace, session, study, prediction) is None


def test_a_damaged_draft_is_none(case):
    workspace, session, study, prediction = case
    for data in (b"", b"\xff" * 40, struct.pack("<I", 2) + b"{}[]"):
        workspace.drafts.put(session.reader, study.id, INTERVAL, data)
        assert kept_interval(workspace, session, study, prediction) is None
        workspace.drafts.put(session.reader, study.id, "read", data)
        assert kept_read(workspace, session, study) == []


def test_marks_of_a_read_are_kept_until_there_is_none(case):
    workspace, session, study, _ = case
    marks = [{"onset_s": 3.0, "duration_s": 2.5, "sure": 4}, {"onset_s": 20.0, "duration_s": 5.0, "sure": 2}]
    keep_read(workspace, session, study, marks)
    assert kept_read(workspace, session, study) == marks
    assert kept_read(workspace, replace(session, reader="R-99"), study) == []
    keep_read(workspace, session, study, [])
    assert kept_read(workspace, session, study) == [] and workspace.drafts.of(session.reader, study.id) == ()
