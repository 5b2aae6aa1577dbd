"""Rows become figures: what counts, what is left out and said so, and what a blind reader's audit holds."""

from __future__ import annotations

import pytest

from dashboard.casework import Intent, audit, record_read, record_verdict
from dashboard.terms import Action, Role
from tests.builders.cases import BLIND, a_head_study, a_reader, a_script, a_workspace, lesions_of

AUDITOR = Role.AUDITOR


@pytest.fixture
def judged(tmp_path):
    """Two studies with three lesions each: R-01 judged all six, one of them in bulk; a script judged one more."""
    workspace = a_workspace(tmp_path)
    reader, studies = a_reader(workspace), [a_head_study(workspace, seed=n) for n in range(2)]
    predictions = [lesions_of(workspace, study, 3) for study in studies]
    for study, prediction, actions in zip(
        studies,
        predictions,
        (
            (Action.ACCEPT, Action.ACCEPT, Action.MODIFY),
            (Action.REJECT, Action.UNSURE, Action.ACCEPT),
        ),
        strict=True,
    ):
        reader.opens(study)
        for number, action in enumerate(actions, start=1):
            bulk = study is studies[1] and number == 3
            reader.judges(
                study, prediction, number, action, reason="vessel" if action is Action.REJECT else "", bulk=bulk
            )
        reader.signs(study)
    a_script(workspace).judges(studies[0], predictions[0], 1, Action.REJECT, reason="vessel")
    return workspace, studies, predictions, reader


def test_acceptance_is_that_of_the_design(judged):
    workspace, studies, _predictions, _reader = judged
    report = audit(workspace, a_reader(workspace, "A-01", AUDITOR).session)
    (whole, by_model, by_kind) = report.named("acceptance")
    assert (whole.group, by_model.group, by_kind.group) == ("all", "glioma-test", "glioma-test, lesion")
    assert whole.value == 3 / 4, "accept + modify over accept + modify + reject; unsure stands beside it"
    assert (whole.n.findings, whole.n.studies, whole.n.patients) == (4, 2, 2)
    assert (whole.left_out.bulk, whole.left_out.scripted) == (1, 1)
    assert whole.beside["unsure"] == 1 and 0 <= whole.low <= whole.value <= whole.high <= 1
    assert report.reasons == {"vessel": 1} and not report.synthetic
    assert set(whole.studies) == {s.id for s in studies}


def test_scripted_and_bulk_verdicts_count_where_they_are_asked_for(judged):
    workspace = judged[0]
    session = a_reader(workspace, "A-01", AUDITOR).session
    scripted = audit(workspace, session, include=["scripted"]).named("acceptance")[0]
    assert scripted.value == 3 / 5 and (scripted.left_out.bulk, scripted.left_out.scripted) == (1, 0)
    both = audit(workspace, session, include=["scripted", "bulk"]).named("acceptance")[0]
    assert both.value == 4 / 6 and (both.left_out.bulk, both.left_out.scripted) == (0, 0)


def test_a_withdrawn_and_a_replaced_verdict_count_no_more(judged):
    workspace, _studies, _predictions, _reader = judged
    study = a_head_study(workspace, seed=9)
    prediction = lesions_of(workspace, study, 1)
    other = a_reader(workspace, "R-02")
    other.judges(study, prediction, 1, Action.REJECT, reason="vessel")
    other.judges(study, prediction, 1, Action.ACCEPT)
    session = a_reader(workspace, "A-01", AUDITOR).session
    assert audit(workspace, session).named("acceptance")[0].value == 4 / 5


def test_added_findings_are_no_acceptance_and_bound_the_sensitivity(judged):
    workspace, _studies, _predictions, _reader = judged
    study = a_head_study(workspace, seed=9)
    other = a_reader(workspace, "R-02")
    record_verdict(workspace, other.session, study, Action.ADD, None, None, other.intent(study, point_lps=(1, 1, 1)))
    report = audit(workspace, a_reader(workspace, "A-01", AUDITOR).session)
    assert report.named("acceptance")[0].value == 3 / 4
    (found,) = report.named("relative_sensitivity_reader_exposed")
    assert found.value == 3 / 4 and found.beside["added"] == 1


def test_readers_are_compared_on_whole_studies_each_read_blind_or_not(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    for seed in range(4):
        study = a_head_study(workspace, seed=seed)
        for name, sees in (("R-01", seed < 2), ("R-02", seed < 3)):
            reader = a_reader(workspace, name)
            own = [Intent(point_lps=(1, 2, 3))] if sees else []
            record_read(workspace, reader.session, study, present=sees, findings=own, intent=reader.intent(study))
    report = audit(workspace, a_reader(workspace, "A-01", AUDITOR).session)
    (pair,) = report.named("reader_agreement_kappa")
    assert pair.group == "R-01, R-02" and pair.n.findings == 4
    assert pair.value == pytest.approx(0.5) and pair.beside["raw"] == 0.75
    assert pair.beside["basis"] == "read before the model was shown"


def test_a_blind_readers_audit_holds_nothing_of_what_is_owed(judged):
    workspace = judged[0]
    (workspace.root / "settings.toml").write_text(BLIND)
    blind = type(workspace).open(workspace.root)
    report = audit(blind, a_reader(blind, "R-09").session)
    assert report.named("acceptance")[0].value is None and report.verdicts == () and report.reasons == {}
    assert audit(blind, a_reader(blind, "A-01", AUDITOR).session).named("acceptance")[0].value == 3 / 4
