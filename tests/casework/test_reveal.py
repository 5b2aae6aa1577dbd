"""What of a model reaches whom: the row first, the picture after it, and nothing at all before an owed read."""

from __future__ import annotations

import errno
import os
import threading

import numpy as np
import pytest

from dashboard.casework import (
    FULL_VIEW,
    Revealed,
    Withheld,
    case_list,
    export_study,
    finding_list,
    ledger_state,
    ledger_table,
    record_read,
    reveal,
    revealed_or_refused,
    visible_entries,
)
from dashboard.errors import BlindOpen, FindingNotFound, LedgerWriteFailed
from dashboard.terms import Action, ExposureClass, Role
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import BLIND, a_head_study, a_reader, a_script, a_workspace, lesions_of


@pytest.fixture
def blind(tmp_path):
    """A workspace read blind, a study with two lesions that R-02 has judged, and R-01 who owes a read."""
    workspace = a_workspace(tmp_path, BLIND)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    other = a_reader(workspace, "R-02")
    record_read(workspace, other.session, study, present=False, intent=other.intent(study))
    other.opens(study)
    other.judges(study, prediction, 1, comment="R-02 says so")
    return workspace, study, prediction, a_reader(workspace)


def test_the_present_row_is_durable_before_anything_is_handed_over(tmp_path, monkeypatch):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    order: list[str] = []
    real_sync, real_mask = os.fsync, PredictionStore.mask

    def sync(descriptor):
        real_sync(descriptor)
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith("reviews.csv"):
            order.append("durable")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(PredictionStore, "mask", lambda *given: (order.append("mask"), real_mask(*given))[1])
    seen = a_reader(workspace).opens(study)
    assert isinstance(seen, Revealed) and order == ["durable"]
    assert seen.newest.mask().sum() == 16 and order == ["durable", "mask"]
    (row,) = workspace.ledger.entries()
    assert (row.action, row.prediction, row.reader) == ("present", prediction.digest, "R-01")
    assert row.exposure == "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"


def test_when_the_row_cannot_be_written_nothing_is_shown(tmp_path, monkeypatch):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    assert workspace.ledger.entries() == ()

    def fail(_descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LedgerWriteFailed):
        a_reader(workspace).opens(study)


def test_each_newly_reached_set_of_classes_is_one_row(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    reader = a_reader(workspace)
    reveal(workspace, reader.session, study, [ExposureClass.PRIORITY])
    for _ in range(3):
        reader.opens(study)
    reveal(workspace, reader.session, study, [ExposureClass.PRESENCE, ExposureClass.PRIORITY])
    lesions_of(workspace, study, 1, model="second")
    reader.opens(study)
    a_reader(workspace, "R-02").opens(study)
    assert [(e.reader, e.model, e.exposure) for e in workspace.ledger.entries()] == [
        ("R-01", "glioma-test", "PRIORITY"),
        ("R-01", "glioma-test", "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"),
        ("R-01", "second", "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"),
        ("R-02", "glioma-test", "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"),
        ("R-02", "second", "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"),
    ]


def test_two_requests_at_the_same_moment_make_one_row(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    reader = a_reader(workspace)
    gate = threading.Barrier(6)
    threads = [threading.Thread(target=lambda: (gate.wait(), reader.opens(study))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(workspace.ledger.entries()) == 1


def test_a_verdicts_exposure_is_all_that_had_reached_its_reader(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    assert reader.judges(study, prediction, 1).exposure == "NONE"
    reveal(workspace, reader.session, study, [ExposureClass.LOCALIZATION])
    assert reader.judges(study, prediction, 2).exposure == "LOCALIZATION"
    reveal(workspace, reader.session, study, [ExposureClass.PRIORITY])
    assert reader.judges(study, prediction, 2, Action.UNSURE).exposure == "PRIORITY+LOCALIZATION"
    assert a_reader(workspace, "R-02").judges(study, prediction, 1).exposure == "NONE"


def test_before_the_read_no_surface_says_anything(blind):
    workspace, study, _prediction, reader = blind
    assert isinstance(reader.opens(study), Withheld)
    with pytest.raises(BlindOpen):
        finding_list(workspace, reader.session, study)
    for format_ in ("nifti", "csv"):
        with pytest.raises(BlindOpen):
            export_study(workspace, reader.session, study, format_, workspace.root / "out")
    assert not (workspace.root / "out").exists()
    assert visible_entries(workspace, reader.session) == ()
    assert ledger_state(workspace, reader.session).rows is None
    for format_ in ("csv", "jsonl"):
        table = ledger_table(workspace, reader.session, format_)
        assert "R-02" not in table and study.id not in table
    (case,) = case_list(workspace, reader.session)
    assert (case.state, case.readers, case.detail) == ("new", (), "")
    assert not any(e.reader == "R-01" for e in workspace.ledger.entries()), "looking at nothing left a row"


def test_a_job_is_no_state_for_a_blind_reader(blind):
    workspace, study, _prediction, reader = blind
    workspace.jobs.fail(workspace.jobs.submit(study.id, "m"), "not_skull_stripped", "What.")
    assert case_list(workspace, reader.session)[0].state == "new"
    workspace.jobs.submit(study.id, "m2")
    assert case_list(workspace, reader.session)[0].state == "new"


def test_the_read_opens_the_gate_for_its_reader_alone(blind):
    workspace, study, prediction, reader = blind
    third = a_reader(workspace, "R-03")
    record_read(workspace, reader.session, study, present=False, intent=reader.intent(study))
    seen = reader.opens(study)
    assert isinstance(seen, Revealed) and len(seen.newest.prediction.findings) == 2
    assert len(finding_list(workspace, reader.session, study)) == 2
    assert ledger_state(workspace, reader.session).rows == len(workspace.ledger.entries())
    assert isinstance(third.opens(study), Withheld)
    assert seen.by_digest(prediction.digest).prediction.digest == prediction.digest
    with pytest.raises(FindingNotFound):
        seen.by_digest("0" * 64)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADJUDICATOR, Role.ENGINEER, Role.OPERATOR])
def test_who_does_not_read_owes_no_read_and_leaves_a_row(blind, role):
    workspace, study, _prediction, _reader = blind
    assert isinstance(a_reader(workspace, "A-01", role).opens(study), Revealed)
    assert workspace.ledger.entries()[-1].reader == "A-01"


def test_a_script_is_refused_what_its_reader_owes_unless_an_operator_says_so(blind):
    workspace, study, _prediction, _reader = blind
    for reader in ("script", "R-01"):
        with pytest.raises(BlindOpen, match="--operator"):
            finding_list(workspace, a_script(workspace, reader).session, study)
    before = len(workspace.ledger.entries())
    lines = finding_list(workspace, a_script(workspace).session, study, operator=True)
    assert len(lines) == 2 and [e.action for e in workspace.ledger.entries()[before:]] == ["present"]
    assert revealed_or_refused(workspace, a_script(workspace, "R-02").session, study, FULL_VIEW).newest is not None


def test_without_blind_first_nothing_is_withheld(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    assert isinstance(reader.opens(study), Revealed)
    reader.judges(study, prediction, 1)
    first, second = finding_list(workspace, reader.session, study)
    assert (first.verdict, second.verdict) == ("accept", "")
    assert first.id == f"{prediction.digest[:12]}.1" and np.isclose(first.volume_ml, 0.016)
    _, found = revealed_or_refused(workspace, reader.session, study).finding(second.id)
    assert found.number == 2
    for wrong in ("2", ".2", f"{prediction.digest[:12]}.3", f"{prediction.digest[:12]}.x", "-"):
        with pytest.raises(FindingNotFound):
            revealed_or_refused(workspace, reader.session, study).finding(wrong)
