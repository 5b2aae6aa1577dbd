"""Erasure: the row first, then everything that could name or show the patient; the chain holds, and a crash is mended."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from dashboard.casework import (
    Intent,
    add_paths,
    case_list,
    due_for_erasure,
    erase_study,
    finding_list,
    look_up,
    record_read,
    record_verdict,
    reveal,
)
from dashboard.errors import RoleRefused, StudyErased, StudyNotFound, UsageError
from dashboard.terms import Action, Identity, Role, WorkspaceKind
from dashboard.workspace import Workspace, removal
from tests.builders.cases import a_head_study, a_reader, a_script, a_session, a_workspace, lesions_of
from tests.builders.mri_files import a_dicom_series
from tests.builders.served import a_volume, an_mr_study

WHY = {"basis": "GDPR article 17", "requester": "data protection office", "approver": "R-09"}


def everything_in(workspace: Workspace, *, but: tuple[str, ...] = ("reviews.csv", "reviews.head")) -> bytes:
    """All bytes and names of the workspace, the ledger's own file left out."""
    files = [p for p in workspace.root.rglob("*") if p.name not in but]
    return b"".join(str(p).encode() + (p.read_bytes() if p.is_file() else b"") for p in files)


@pytest.fixture
def judged(tmp_path):
    """A study with a result, a redrawn mask, a comment, a draft, a job and an identity; another of another subject."""
    workspace = a_workspace(tmp_path)
    study, other = a_head_study(workspace), a_head_study(workspace, seed=1)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    reader.opens(study)
    reader.judges(study, prediction, 1, comment="a scar that only this patient has")
    kept = a_reader(workspace, "R-02")
    kept_of = lesions_of(workspace, other)
    kept.opens(other)
    kept.judges(other, kept_of, 1, comment="stays")
    (workspace.root / "artifacts" / study.id).mkdir(parents=True)
    (workspace.root / "artifacts" / study.id / "mask.nii.gz").write_bytes(b"drawn")
    workspace.drafts.put("R-01", study.id, "2", b"half a judgement")
    workspace.jobs.submit(study.id, "glioma-test")
    workspace.save_identity(study.id, {"patient_id": "PAT-4711", "accession": "A-99"})
    return workspace, study, prediction, other


def test_nothing_of_the_study_is_left_but_its_rows(judged):
    workspace, study, _, other = judged
    assert b"only this patient" in everything_in(workspace)
    rows = len(workspace.ledger.entries())
    erased = erase_study(workspace, a_script(workspace).session, study.id, **WHY)
    assert set(erased.removed) == {"data", "predictions", "masks", "drafts", "identity", "jobs", "comments"}
    left = everything_in(workspace)
    assert study.id.encode() not in left and b"only this patient" not in left and b"PAT-4711" not in left
    assert workspace.ledger.verify().problems == () and len(workspace.ledger.entries()) == rows + 1
    row = workspace.ledger.entries()[-1]
    assert (row.action, row.study, row.subject, row.details) == ("erase", study.id, study.subject, WHY)
    assert workspace.study_ids() == (other.id,) and list(workspace.ledger.comments().values()) == ["stays"]


def test_pages_and_commands_say_that_it_is_erased(judged):
    workspace, study, prediction, other = judged
    reader = a_reader(workspace)
    click = reader.intent(study, prediction, 2)
    erase_study(workspace, a_script(workspace).session, study.id, **WHY)
    assert [case.study for case in case_list(workspace, reader.session)] == [other.id]
    with pytest.raises(StudyErased, match="is erased"):
        workspace.study(study.id)
    with pytest.raises(StudyErased):  # A page that was open when it went.
        reveal(workspace, reader.session, study)
    with pytest.raises(StudyErased):
        finding_list(workspace, reader.session, study)
    with pytest.raises(StudyErased):
        record_verdict(workspace, reader.session, study, Action.ACCEPT, prediction, prediction.finding(2), click)
    with pytest.raises(StudyErased):
        record_read(workspace, reader.session, study, present=False, intent=Intent())
    assert workspace.drafts.of("R-01", study.id) == ()


@pytest.mark.parametrize("crash_at", range(7))
def test_a_crash_in_the_middle_is_finished_by_a_second_run(judged, monkeypatch, crash_at):
    workspace, study, _, other = judged
    session = a_script(workspace).session
    real, done = removal._remove, []

    def cut(path):
        if len(done) == crash_at:
            raise KeyboardInterrupt
        done.append(path)
        real(path)

    monkeypatch.setattr(removal, "_remove", cut)
    if crash_at < 6:
        with pytest.raises(KeyboardInterrupt):
            erase_study(workspace, session, study.id, **WHY)
    else:  # Everything but the comments.
        monkeypatch.setattr(type(workspace.ledger), "erase_comments", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase_study(workspace, session, study.id, **WHY)
    monkeypatch.undo()
    again = Workspace.open(workspace.root)
    with pytest.raises(StudyErased):
        again.study(study.id)
    assert again.study_ids() == (other.id,)
    finished = erase_study(again, session, study.id, **WHY)
    assert finished.again and finished.removed
    assert study.id.encode() not in everything_in(again) and b"only this patient" not in everything_in(again)
    assert sum(e.action == Action.ERASE for e in again.ledger.entries()) == 1
    assert erase_study(again, session, study.id, **WHY).removed == ()


def test_the_row_stands_before_anything_is_removed(judged, monkeypatch):
    workspace, study, _, _ = judged
    monkeypatch.setattr(type(workspace.ledger), "append", lambda *_: 1 / 0)
    before = everything_in(workspace)
    with pytest.raises(ZeroDivisionError):
        erase_study(workspace, a_script(workspace).session, study.id, **WHY)
    assert everything_in(workspace) == before


def test_the_subject_key_goes_with_the_last_study(tmp_path):
    workspace = Workspace.open(tmp_path / "w", create=WorkspaceKind.CLINICAL)
    session = a_session("op", Role.OPERATOR, Identity.SCRIPT)
    for number in (1, 2):
        a_dicom_series(tmp_path / f"in-{number}", center=(2.0 * number, 0, 0), elements={"PatientID": "PAT-4711"})
    first, second = (add_paths(workspace, [tmp_path / f"in-{n}"]).added[0].study for n in (1, 2))
    assert workspace.study(first).subject == workspace.study(second).subject
    keys = workspace.root / "keys" / "subjects.json"
    assert "subject key" not in erase_study(workspace, session, first, **WHY).removed and json.loads(keys.read_text())
    again = add_paths(workspace, [tmp_path / "in-1"]).added[0]
    assert again.study == first and again.new and workspace.study(first)  # The key was still there: the same name.
    assert first not in workspace.erased_studies()
    assert "subject key" in {*erase_study(workspace, session, first, **WHY).removed,
                             *erase_study(workspace, session, second, **WHY).removed}  # fmt: skip
    assert json.loads(keys.read_text()) == {}
    assert add_paths(workspace, [tmp_path / "in-1"]).added[0].study not in (first, second)


def test_what_a_crash_left_of_an_erased_study_does_not_come_back(tmp_path, monkeypatch):
    workspace = Workspace.open(tmp_path / "w", create=WorkspaceKind.CLINICAL)
    a_dicom_series(tmp_path / "in", elements={"PatientID": "PAT-4711"})
    study = add_paths(workspace, [tmp_path / "in"]).added[0].study
    monkeypatch.setattr(removal, "_remove", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase_study(workspace, a_session("op", Role.OPERATOR, Identity.SCRIPT), study, **WHY)
    monkeypatch.undo()
    added = add_paths(workspace, [tmp_path / "in"]).added[0]
    assert added.new and added.study != study and workspace.study_ids() == (added.study,)


def test_it_needs_a_basis_a_role_and_a_study(judged):
    workspace, study, _, _ = judged
    with pytest.raises(UsageError, match="basis"):
        erase_study(workspace, a_script(workspace).session, study.id, **{**WHY, "basis": " "})
    with pytest.raises(RoleRefused):
        erase_study(workspace, a_reader(workspace).session, study.id, **WHY)
    for other in ("S-AAAAAAAAAA", "../keys", f"../studies/{study.id}", ""):
        with pytest.raises(StudyNotFound):
            erase_study(workspace, a_script(workspace).session, other, **WHY)
    assert workspace.study(study.id) and not any(e.action == Action.ERASE for e in workspace.ledger.entries())


def test_a_study_too_damaged_to_open_is_erased(judged):
    workspace, study, _, _ = judged
    (workspace.root / "studies" / study.id / "study.json").write_text("{")
    erased = erase_study(workspace, a_script(workspace).session, study.id, **WHY)
    assert "data" in erased.removed and study.id.encode() not in everything_in(workspace)


def test_retention_counts_from_intake(tmp_path):
    workspace = a_workspace(tmp_path)
    study = an_mr_study(workspace, a_volume(np.zeros((4, 4, 4), np.int16)))
    now = datetime(2026, 12, 20, 10, 0, 0, tzinfo=UTC)
    assert due_for_erasure(workspace, 29.9, now) == (study.id,) and due_for_erasure(workspace, 30, now) == ()
    with pytest.raises(UsageError):
        due_for_erasure(workspace, -1, now)


def test_looking_up_leaves_its_row_first(judged, monkeypatch):
    workspace, study, _, _ = judged
    found = look_up(workspace, a_script(workspace).session, study.id)
    assert (found.accession, found.patient_id) == ("A-99", "PAT-4711")
    row = workspace.ledger.entries()[-1]
    assert (row.action, row.study, row.identity, row.details) == ("lookup", study.id, "script", {})
    with pytest.raises(RoleRefused):
        look_up(workspace, a_reader(workspace).session, study.id)
    monkeypatch.setattr(type(workspace.ledger), "append", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        look_up(workspace, a_script(workspace).session, study.id)
