"""A series assigned anew: the record keeps it, and no result of the assignment before is shown as of this one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import (
    Intent,
    add_paths,
    add_prediction,
    adjudication_of,
    case_list,
    correct_sequence,
    erase_study,
    export_study,
    finding_list,
    is_replayable,
    models_of,
    predict,
    record_adjudication,
    record_read,
    record_verdict,
    replay,
    reveal,
    run_study,
    series_of,
    visible_entries,
)
from dashboard.errors import (
    FindingNotFound,
    LedgerWriteFailed,
    NotHere,
    RoleRefused,
    StalePage,
    StudyErased,
    UsageError,
)
from dashboard.imaging import write_nifti_mask
from dashboard.ledger import Ledger, NewRow
from dashboard.terms import Action, Role, Sequence
from dashboard.workspace import Workspace
from tests.builders.cases import a_head_study, a_reader, a_script, a_session, a_workspace, lesions_of
from tests.builders.mri_files import a_nifti
from tests.builders.onnx_models import an_installed_model

SMALL = {"shape": (20, 24, 12), "spacing": (8.0, 8.0, 12.0)}


@pytest.fixture
def workspace(tmp_path):
    return a_workspace(tmp_path)


@pytest.fixture
def with_model(tmp_path):
    """A workspace with a small model that reads t1c and flair, and a study that has both, and a t2."""
    an_installed_model(tmp_path / "models" / "small")
    workspace = a_workspace(tmp_path, f'[models]\nfolders = "{tmp_path / "models"}"\n')
    study = added(workspace, tmp_path / "case", {"t1c": 1.0, "flair": 2.0, "t2": 3.0})
    return workspace, study


def added(workspace, folder, gains):
    for name, gain in gains.items():
        a_nifti(folder, f"{name}.nii.gz", **SMALL, gain=gain)
    report = add_paths(workspace, [folder])
    return workspace.study(report.added[0].study)


def small(workspace):
    return next(m for m in models_of(workspace) if m.folder.name == "small")


def of(study, sequence):
    return next(v for v in study.volumes if v.sequence == sequence)


def test_a_correction_is_kept_with_the_study_and_has_a_row(workspace):
    study = a_head_study(workspace)
    row = correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    after = Workspace.open(workspace.root).study(study.id)
    (volume,) = after.volumes
    assert (volume.sequence, volume.recognised, volume.sequence_confidence) == ("t2", "flair", 1.0)
    assert after.input_digest != study.input_digest
    assert (row.action, row.reader, row.role, row.input_digest) == ("intake", "R-01", "radiologist", after.input_digest)
    assert row.details == {
        "joined": study.input_digest, "series": volume.digest, "was": "flair", "sequence": "t2",
    }  # fmt: skip


def test_the_same_again_is_no_row_and_a_confirmed_guess_is_one(workspace, tmp_path):
    study = added(workspace, tmp_path / "x", {"thing": 1.0, "t1": 2.0})
    guess = of(study, "other")
    assert guess.sequence_confidence == 0 and guess.issues
    row = correct_sequence(workspace, a_session(), study, guess.digest, Sequence.OTHER)
    assert row is not None and row.input_digest == study.input_digest
    confirmed = workspace.study(study.id)
    assert (of(confirmed, "other").sequence_confidence, of(confirmed, "other").issues) == (1.0, ())
    assert confirmed.corrected_at == ""
    assert correct_sequence(workspace, a_session(), study, guess.digest, Sequence.OTHER) is None


def test_files_added_again_do_not_bring_the_old_guess_back(workspace, tmp_path):
    study = added(workspace, tmp_path / "case", {"t1": 1.0, "t2": 2.0})
    wrong = of(study, "t1")
    correct_sequence(workspace, a_session(), study, wrong.digest, Sequence.T1C)
    a_nifti(tmp_path / "case", "flair.nii.gz", **SMALL, gain=3.0)
    assert add_paths(workspace, [tmp_path / "case"]).added[0].study == study.id
    again = workspace.study(study.id)
    assert sorted(str(v.sequence) for v in again.volumes) == ["flair", "t1c", "t2"]
    assert again.volume(wrong.digest).sequence == "t1c" and again.corrected_at


def test_a_result_of_another_assignment_is_not_shown_listed_exported_or_judged(workspace, tmp_path):
    study = a_head_study(workspace)
    made = lesions_of(workspace, study)
    reader = a_reader(workspace)
    assert [p.prediction.digest for p in reader.opens(study).predictions] == [made.digest]
    correct_sequence(workspace, a_session("R-02"), study, study.volumes[0].digest, Sequence.T2)
    after = workspace.study(study.id)
    seen = reader.opens(after)
    assert (seen.predictions, seen.newest, seen.former) == ((), None, 1)
    with pytest.raises(FindingNotFound):
        seen.by_digest(made.digest)
    assert finding_list(workspace, a_session(), after) == ()
    assert export_study(workspace, a_session(), after, "nifti", tmp_path / "out") == ()
    with pytest.raises(StalePage):
        reader.judges(study, made, 1)
    assert not [e for e in workspace.ledger.entries() if e.action == Action.ACCEPT]


def test_an_open_page_of_the_study_as_it_was_shows_nothing_more(workspace):
    """The page holds the study of before; what counts is the record."""
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    assert a_reader(workspace).opens(study).predictions == ()


def test_the_list_says_that_the_study_is_unread_again(workspace):
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    assert [c.state for c in case_list(workspace, a_session())] == ["to_review"]
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    (case,) = case_list(workspace, a_session(), "risk")
    assert case.state == "new" or case.state == "running"
    assert case.series_or_channels == "T2"


def test_put_back_the_result_stands_again(with_model):
    workspace, study = with_model
    made = predict(workspace, study, small(workspace))
    wrong = of(study, "t1c")
    correct_sequence(workspace, a_session(), study, wrong.digest, Sequence.T1)
    assert reveal(workspace, a_session(), study).predictions == ()
    correct_sequence(workspace, a_session(), study, wrong.digest, Sequence.T1C)
    assert reveal(workspace, a_session(), study).newest.prediction.digest == made.digest


def test_a_model_reads_anew_and_the_new_result_is_shown_alone(with_model):
    workspace, study = with_model
    model = small(workspace)
    old = predict(workspace, study, model)
    correct_sequence(workspace, a_session(), study, of(study, "flair").digest, Sequence.OTHER)
    correct_sequence(workspace, a_session(), study, of(study, "t2").digest, Sequence.FLAIR)
    (job,) = workspace.jobs.jobs()
    assert (job.study, job.model, job.state) == (study.id, model.manifest.id, "queued")
    ((_, new),) = run_study.each(workspace, [study.id], small(workspace).manifest.id, "cpu", 1)
    assert new.digest != old.digest and new.input_digest != old.input_digest
    seen = reveal(workspace, a_session(), workspace.study(study.id))
    assert [p.prediction.digest for p in seen.predictions] == [new.digest] and seen.former == 1


def test_a_series_that_a_result_lacked_fells_it(with_model, tmp_path):
    """Taken for something else, the t1c was not read; the result without it must not pass for one with it."""
    workspace, _ = with_model
    study = added(workspace, tmp_path / "other", {"thing": 4.0, "flair": 5.0})
    predict(workspace, study, small(workspace))
    assert reveal(workspace, a_session(), study).newest is not None
    correct_sequence(workspace, a_session(), study, of(study, "other").digest, Sequence.T1C)
    assert reveal(workspace, a_session(), study).predictions == ()


def test_a_series_that_no_model_reads_changes_nothing(with_model):
    workspace, study = with_model
    made = predict(workspace, study, small(workspace))
    correct_sequence(workspace, a_session(), study, of(study, "t2").digest, Sequence.PD)
    assert reveal(workspace, a_session(), study).newest.prediction.digest == made.digest
    assert workspace.jobs.jobs() == ()


def test_another_tools_result_falls_with_the_series_of_its_grid_only(workspace, tmp_path):
    study = added(workspace, tmp_path / "case", {"t1c": 1.0, "flair": 2.0})
    labels = np.zeros(SMALL["shape"], np.uint8)
    labels[8:12, 8:12, 4:8] = 3
    write_nifti_mask(labels, of(study, "t1c").affine, tmp_path / "mask.nii.gz")
    made = add_prediction(workspace, study, tmp_path / "mask.nii.gz", model_name="other tool", model_version="1")
    correct_sequence(workspace, a_session(), study, of(study, "flair").digest, Sequence.T2)
    assert reveal(workspace, a_session(), study).newest.prediction.digest == made.digest
    correct_sequence(workspace, a_session(), study, of(study, "t1c").digest, Sequence.T1)
    assert reveal(workspace, a_session(), study).predictions == ()
    again = add_prediction(
        workspace, workspace.study(study.id), tmp_path / "mask.nii.gz", model_name="other tool", model_version="1"
    )
    assert again.digest != made.digest
    assert reveal(workspace, a_session(), study).newest.prediction.digest == again.digest


def test_a_verdict_of_before_is_not_replayed_over_the_new_assignment(workspace):
    study = a_head_study(workspace)
    made = lesions_of(workspace, study)
    reader = a_reader(workspace)
    reader.opens(study)
    row = reader.judges(study, made, 1, view={"series": study.volumes[0].digest})
    assert is_replayable(row) and replay(workspace, a_session(), row.seq).one is not None
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    with pytest.raises(NotHere, match="assigned to another sequence"):
        replay(workspace, a_session(), row.seq)


def test_a_series_assigned_while_a_model_reads_is_read_again(with_model, monkeypatch):
    workspace, study = with_model
    inputs = []

    def reading(place, case, model, **said):
        made = predict(place, case, model, **said)
        inputs.append(made.input_digest)
        if len(inputs) == 1:
            correct_sequence(place, a_session(), case, of(case, "flair").digest, Sequence.T2)
        return made

    monkeypatch.setattr(run_study, "predict", reading)
    ((_, made),) = run_study.each(workspace, [study.id], small(workspace).manifest.id, "cpu", 1)
    assert len(set(inputs)) == 2 and made.input_digest == inputs[-1]
    assert reveal(workspace, a_session(), study).newest.prediction.digest == made.digest


def test_without_its_row_nothing_has_changed(workspace, monkeypatch):
    study = a_head_study(workspace)
    lesions_of(workspace, study)

    def full(*_rows):
        raise LedgerWriteFailed("The row was not recorded.", "The disk is full.", "Make room.")

    monkeypatch.setattr(Ledger, "append", full)
    with pytest.raises(LedgerWriteFailed):
        correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    assert workspace.study(study.id).volumes[0].sequence == "flair"
    assert workspace.study(study.id).input_digest == study.input_digest


def test_a_row_lost_to_a_crash_is_made_by_the_next_attempt(workspace):
    study = a_head_study(workspace)
    digest = study.volumes[0].digest
    correct_sequence(workspace, a_session(), study, digest, Sequence.T2)
    workspace.studies.reassign(study.id, digest, Sequence.T1, "2026-11-20T10:00:00.000Z")  # The row never came.
    row = correct_sequence(workspace, a_session(), study, digest, Sequence.T1)
    assert row is not None and row.input_digest == workspace.study(study.id).input_digest


def test_a_correction_does_not_bring_an_erased_study_back(workspace):
    study = a_head_study(workspace)
    script = a_script(workspace).session
    row = correct_sequence(workspace, script, study, study.volumes[0].digest, Sequence.T2)
    erase_study(workspace, script, study.id, basis="test", requester="a", approver="b")
    with pytest.raises(StudyErased):
        correct_sequence(workspace, script, study, study.volumes[0].digest, Sequence.T1)
    late = {name: getattr(row, name) for name in ("action", "study", "subject", "kind", "input_digest", "details")}
    workspace.ledger.append(NewRow(reader="x", role=row.role, identity=row.identity, exposure="UNKNOWN", **late))
    assert study.id in workspace.erased_studies()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.NEUROLOGIST, Role.ADJUDICATOR])
def test_others_may_not(workspace, role):
    study = a_head_study(workspace)
    with pytest.raises(RoleRefused):
        correct_sequence(workspace, a_session(role=role), study, study.volumes[0].digest, Sequence.T2)
    assert workspace.study(study.id) is not None and workspace.study(study.id).corrected_at == ""


def test_a_series_is_named_by_digits_number_description_or_sequence(workspace, tmp_path):
    study = added(workspace, tmp_path / "case", {"t1": 1.0, "head_t1": 2.0, "flair": 3.0})
    flair = of(study, "flair")
    assert series_of(study, flair.digest[:8]) is flair is series_of(study, "FLAIR")
    assert series_of(study, "head_t1").description == "head_t1"
    numbered = replace(study, volumes=tuple(replace(v, series_number=n) for n, v in enumerate(study.volumes, 4)))
    assert series_of(numbered, "5") is numbered.volumes[1]
    for unclear in ("t9", "", flair.digest[:4]):
        with pytest.raises(UsageError):
            series_of(study, unclear)


def test_an_own_finding_is_kept_whatever_the_assignment(workspace):
    study = a_head_study(workspace)
    reader = a_reader(workspace)
    reader.opens(study)
    record_verdict(workspace, reader.session, study, Action.ADD, None, None,
                   Intent(shown=True, point_lps=(1.0, 2.0, 3.0), drawn_with=""))  # fmt: skip
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    assert [line.kind for line in finding_list(workspace, a_session(), workspace.study(study.id))] == ["lesion"]


def test_a_sequence_given_to_add_does_not_change_a_series_that_is_here(workspace, tmp_path):
    study = added(workspace, tmp_path / "case", {"t1": 1.0, "t2": 2.0})
    report = add_paths(workspace, [], as_sequences={Sequence.T1C: tmp_path / "case" / "t1.nii.gz"})
    assert [(a.study, a.new) for a in report.added] == [(study.id, False)]
    (refused,) = report.refused
    assert refused.what == "t1 stays what it was." and f"overread sequence {study.id}" in refused.what_to_do
    assert workspace.study(study.id).input_digest == study.input_digest


def test_nothing_is_decided_on_a_result_that_fell(tmp_path):
    workspace = a_workspace(tmp_path, "[review]\nreaders = 2\n")
    study = a_head_study(workspace)
    made = lesions_of(workspace, study, 1)
    for name, action, reason in (("R-01", Action.ACCEPT, ""), ("R-02", Action.REJECT, "vessel")):
        reader = a_reader(workspace, name)
        reader.opens(study)
        reader.judges(study, made, 1, action, reason=reason)
        reader.signs(study)
    judge = a_reader(workspace, "J-01", Role.ADJUDICATOR)
    record_read(workspace, judge.session, study, present=False, intent=judge.intent(study))
    told = adjudication_of(workspace, judge.session, study)
    assert told is not None
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.T2)
    assert adjudication_of(workspace, judge.session, study) is None
    decision = {told.findings[0]: Action.REJECT}
    with pytest.raises(StalePage):
        record_adjudication(workspace, judge.session, study, decision, shown=told.shown, intent=judge.intent(study))
    correct_sequence(workspace, a_session(), study, study.volumes[0].digest, Sequence.FLAIR)
    assert adjudication_of(workspace, judge.session, study) is None, "of a model that nobody can ask what it read"


def test_who_corrected_a_series_is_kept_from_a_reader_who_is_blinded_to_others(tmp_path):
    workspace = a_workspace(tmp_path, "[review]\nreaders = 2\n")
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    one, other = a_session("R-01"), a_session("R-02")
    a_reader(workspace, "R-01").opens(study)
    row = correct_sequence(workspace, one, study, study.volumes[0].digest, Sequence.T2)
    assert row.exposure != "NONE"
    assert row.event_id in {entry.event_id for entry in visible_entries(workspace, one)}
    assert row.event_id not in {entry.event_id for entry in visible_entries(workspace, other)}
