"""The worklist as readers, an operator and an adjudicator meet it: orders, assignment, soft lock, second passes."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from dashboard.casework import (
    Revealed,
    Withheld,
    adjudication_of,
    assign,
    audit,
    case_list,
    finding_list,
    ledger_state,
    next_study,
    offered_orders,
    open_out_of,
    order_shown,
    record_adjudication,
    record_place,
    record_read,
    visible_entries,
)
from dashboard.domain import ModelIdentity
from dashboard.errors import LedgerWriteFailed, StalePage, UsageError, VerdictRule
from dashboard.terms import Action, Role
from dashboard.workspace import Workspace
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import BLIND, a_head_study, a_reader, a_workspace, lesions_of

TWO = "[review]\nreaders = 2\n"


def three_studies(workspace):
    """Studies with results of highest score 0.8, 0.5 and none, in the order in which they were added."""
    studies = [a_head_study(workspace, seed=n) for n in range(3)]
    store = PredictionStore(workspace.predictions_folder)
    for study, scores in zip(studies, ((0.8,), (0.5,), ()), strict=True):
        made = lesions_of(workspace, study, len(scores))
        findings = tuple(replace(f, score=s) for f, s in zip(made.findings, scores, strict=True))
        store.put(
            replace(
                made, findings=findings, made_at="2026-11-21T10:00:00.000Z", model=ModelIdentity("m", "2", "b" * 64)
            )
        )
    return sorted(studies, key=lambda s: (s.added_at, s.id))


def judges_all(reader, study, action, **said):
    """Open, judge the one finding of the newest result, and sign off."""
    seen = reader.opens(study)
    assert isinstance(seen, Revealed)
    newest = seen.newest.prediction
    for finding in newest.findings:
        reader.judges(study, newest, finding.number, action, **said)
    return reader.signs(study)


def order_of(workspace, session, order):
    """Studies of the list in an order."""
    return [case.study for case in case_list(workspace, session, order)]


def test_a_study_opened_out_of_a_risk_order_is_priority_before_it_opens(tmp_path):
    workspace = a_workspace(tmp_path)
    studies = three_studies(workspace)
    reader = a_reader(workspace)
    high = max(
        studies,
        key=lambda s: max(
            (f.score for f in PredictionStore(workspace.predictions_folder).of(s.id)[-1].findings), default=0
        ),
    )
    listed = order_of(workspace, reader.session, "risk")
    assert listed[0] == high.id and sorted(listed) == sorted(s.id for s in studies)
    assert order_of(workspace, reader.session, "last_added") == [s.id for s in reversed(studies)]
    assert order_of(workspace, reader.session, "disagreement")[0] != high.id
    assert workspace.ledger.entries() == (), "looking at a list left a row"
    first = next_study(workspace, reader.session, order="risk")
    assert first == high.id
    open_out_of(workspace, reader.session, first, "risk")
    rows = workspace.ledger.entries()
    assert {(r.action, r.exposure, r.study) for r in rows} == {("present", "PRIORITY", high.id)}
    open_out_of(workspace, reader.session, studies[-1].id, "last_added")
    assert len(workspace.ledger.entries()) == len(rows), "an order of age told something of a model"
    reader.opens(high)
    judged = reader.judges(high, PredictionStore(workspace.predictions_folder).of(high.id)[-1], 1)
    assert judged.exposure.startswith("PRIORITY+PRESENCE")
    with pytest.raises(UsageError, match="order"):
        case_list(workspace, reader.session, "best")


def test_when_priority_cannot_be_recorded_the_study_does_not_open(tmp_path, monkeypatch):
    workspace = a_workspace(tmp_path)
    study = three_studies(workspace)[0]
    assert workspace.ledger.entries() == ()

    def fail(_descriptor):
        raise OSError("no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LedgerWriteFailed):
        open_out_of(workspace, a_reader(workspace).session, study.id, "risk")


def test_who_owes_blind_reads_is_offered_no_order_of_the_model(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    studies = three_studies(workspace)
    reader = a_reader(workspace)
    assert [o.key for o in offered_orders(workspace, reader.session)] == ["first_added", "last_added"]
    for order in ("risk", "disagreement"):
        assert order_of(workspace, reader.session, order) == [s.id for s in studies]
    record_read(workspace, reader.session, studies[2], present=False, intent=reader.intent(studies[2]))
    assert len(offered_orders(workspace, reader.session)) == 4
    assert order_of(workspace, reader.session, "risk") == [studies[2].id, studies[0].id, studies[1].id]
    open_out_of(workspace, reader.session, studies[0].id, "risk")
    assert not [e for e in workspace.ledger.entries() if e.action == "present"]


def test_two_readers_are_blinded_to_each_other_until_the_study_is_settled(tmp_path):
    workspace = a_workspace(tmp_path, TWO)
    study = a_head_study(workspace)
    lesions_of(workspace, study, 1)
    one, other, third = (a_reader(workspace, name) for name in ("R-01", "R-02", "R-03"))
    auditor, judge = a_reader(workspace, "A-01", Role.AUDITOR), a_reader(workspace, "J-01", Role.ADJUDICATOR)
    judges_all(one, study, Action.ACCEPT)
    (case,) = case_list(workspace, other.session)
    assert (case.state, case.readers, case.detail) == ("to_review", (), "")
    assert visible_entries(workspace, other.session) == () and ledger_state(workspace, other.session).rows is None
    assert finding_list(workspace, other.session, study)[0].verdict == ""
    assert audit(workspace, other.session).verdicts == ()
    (full,) = case_list(workspace, auditor.session)
    assert (full.state, full.readers, full.detail) == ("in_review", ("R-01",), "1 of 2 readers signed")
    assert next_study(workspace, one.session) is None and next_study(workspace, other.session) == study.id

    judges_all(other, study, Action.REJECT, reason="vessel")
    assert next_study(workspace, third.session) is None, "a third reader was sent to a study that has its two"
    for reader in (one, other):
        assert {e.reader for e in visible_entries(workspace, reader.session)} == {reader.session.reader}
        assert case_list(workspace, reader.session)[0].state == "done"
    assert case_list(workspace, auditor.session)[0].state == "adjudicate"
    (waiting,) = case_list(workspace, judge.session)
    assert (waiting.state, waiting.readers, waiting.detail) == ("adjudicate", (), "")
    assert next_study(workspace, judge.session) == study.id

    assert isinstance(judge.opens(study), Withheld) and adjudication_of(workspace, judge.session, study) is None
    record_read(workspace, judge.session, study, present=False, intent=judge.intent(study))
    assert isinstance(judge.opens(study), Revealed)
    told = adjudication_of(workspace, judge.session, study)
    assert told is not None and len(told.readers) == 2 and len(told.shown) == 4 and len(told.findings) == 1
    assert {e.reader for e in visible_entries(workspace, judge.session)} == {"J-01"}
    for wrong in ({}, {told.findings[0]: Action.ADD}):
        with pytest.raises(VerdictRule):
            record_adjudication(workspace, judge.session, study, wrong, shown=told.shown, intent=judge.intent(study))
    decision = {told.findings[0]: Action.REJECT}
    with pytest.raises(StalePage):
        record_adjudication(
            workspace, judge.session, study, decision, shown=told.shown[:-1], intent=judge.intent(study)
        )
    intent = judge.intent(study)
    row = record_adjudication(workspace, judge.session, study, decision, shown=told.shown, intent=intent)
    assert row.details == {"shown": list(told.shown), "present": False}
    again = record_adjudication(workspace, judge.session, study, decision, shown=told.shown, intent=intent)
    assert again.event_id == row.event_id, "a double click made two decisions"
    for reader in (one, other, judge, auditor):
        assert len(visible_entries(workspace, reader.session)) == len(workspace.ledger.entries())
        assert case_list(workspace, reader.session)[0].state == "done"

    (accepted,) = [m for m in audit(workspace, auditor.session).measures if m.name == "acceptance" and m.group == "all"]
    assert (accepted.value, accepted.n.findings) == (0.5, 2)
    settled = audit(workspace, auditor.session, adjudicated=True)
    (accepted,) = [m for m in settled.measures if m.name == "acceptance" and m.group == "all"]
    assert (accepted.value, accepted.n.findings) == (0.0, 1)
    pairs = [m for m in settled.measures if m.name == "reader_agreement_kappa"]
    assert {m.group for m in pairs} == {"R-01, R-02"} and pairs[0].beside["raw"] == 0.0


def test_readers_who_agree_need_no_adjudicator_unless_drawn(tmp_path):
    for name, extra, wanted in (("no", "", "done"), ("all", "adjudicate_agreements = 1.0\n", "adjudicate")):
        workspace = a_workspace(tmp_path / name, TWO + extra)
        study = a_head_study(workspace)
        lesions_of(workspace, study, 1)
        for reader in ("R-01", "R-02"):
            judges_all(a_reader(workspace, reader), study, Action.ACCEPT)
        auditor = a_reader(workspace, "A-01", Role.AUDITOR)
        assert case_list(workspace, auditor.session)[0].state == wanted


def test_assignment_is_the_operators_and_decides_who_is_next(tmp_path):
    workspace = a_workspace(tmp_path)
    studies = three_studies(workspace)
    operator, one, other = a_reader(workspace, "O-01", Role.OPERATOR), a_reader(workspace), a_reader(workspace, "R-02")
    with pytest.raises(VerdictRule):
        assign(workspace, one.session, studies[2], "R-02")
    with pytest.raises(UsageError):
        assign(workspace, operator.session, studies[2], "=cmd")
    row = assign(workspace, operator.session, studies[2], "R-02")
    assert (row.action, row.reader, row.details) == ("assign", "O-01", {"assignee": "R-02"})
    assert next_study(workspace, other.session) == studies[2].id
    assert next_study(workspace, one.session) == studies[0].id
    assert case_list(workspace, one.session)[2].assigned == ("R-02",)
    assert next_study(workspace, one.session, after=studies[1].id) == studies[0].id, "another's study was handed out"
    judges_all(one, studies[2], Action.ACCEPT)  # An assignment forbids nobody a verdict.


def test_an_open_study_goes_to_others_last_and_is_handed_over_when_time_runs_out(tmp_path):
    workspace = a_workspace(tmp_path)
    studies = three_studies(workspace)
    one, other = a_reader(workspace), a_reader(workspace, "R-02")
    workspace.presence.touch("R-01", studies[0].id)
    assert next_study(workspace, other.session) == studies[1].id
    assert next_study(workspace, one.session) == studies[0].id
    case = case_list(workspace, other.session)[0]
    assert list(case.open_by) == ["R-01"] and case.open_by["R-01"] < 60
    assert not case_list(workspace, one.session)[0].open_by
    judges_all(other, studies[0], Action.ACCEPT)  # Nor does a lock.
    reopened = Workspace.open(workspace.root)
    path = next((workspace.root / "presence").iterdir())
    os.utime(path, (1, 1))
    assert not case_list(reopened, a_reader(reopened, "R-03").session)[0].open_by
    workspace.presence.touch("R-01", studies[1].id)
    workspace.presence.release("R-01", studies[1].id)
    assert next_study(workspace, other.session) == studies[1].id


def test_a_second_pass_is_unlabelled_hides_the_first_and_counts_as_again(tmp_path):
    workspace = a_workspace(tmp_path, "[review]\nrepeat_share = 1.0\nrepeat_after = 2\n")
    studies = three_studies(workspace)
    reader, auditor = a_reader(workspace), a_reader(workspace, "A-01", Role.AUDITOR)
    target = next(s for s in studies if PredictionStore(workspace.predictions_folder).of(s.id)[-1].findings)
    judges_all(reader, target, Action.ACCEPT)
    for study in studies:
        if study is not target:
            assert case_list(workspace, reader.session)[studies.index(target)].state == "done"
            judges_all(reader, study, Action.ACCEPT)
    fresh = case_list(workspace, reader.session)[studies.index(target)]
    assert (fresh.state, fresh.readers, fresh.detail, fresh.assigned) == ("to_review", (), "", ())
    assert next_study(workspace, reader.session) == target.id
    assert case_list(workspace, auditor.session)[studies.index(target)].state == "done"
    open_out_of(workspace, reader.session, target.id, "first_added")
    open_out_of(workspace, reader.session, target.id, "first_added")
    marks = [e for e in workspace.ledger.entries() if e.action == "assign"]
    assert len(marks) == 1 and marks[0].details == {"assignee": "R-01", "again": True}
    assert finding_list(workspace, reader.session, target)[0].verdict == ""
    assert not [
        e
        for e in visible_entries(workspace, reader.session)
        if e.study == target.id and e.action in ("accept", "assign")
    ]
    second = judges_all(reader, target, Action.REJECT, reason="vessel", drawn_with="")
    assert second.action == "sign_off" and case_list(workspace, reader.session)[studies.index(target)].state == "done"
    report = audit(workspace, auditor.session)
    (again,) = [m for m in report.measures if m.name == "reader_agreement_kappa" and "R-01 again" in m.group]
    assert again.group == "R-01, R-01 again" and again.beside["raw"] == 0.0
    (accepted,) = [m for m in report.measures if m.name == "acceptance" and m.group == "all"]
    assert accepted.beside["reject"] == 0, "a second pass counted as a further verdict"


def test_a_study_reviewed_under_an_earlier_result_says_so(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    made = lesions_of(workspace, study, 1)
    reader = a_reader(workspace)
    judges_all(reader, study, Action.ACCEPT)
    assert case_list(workspace, reader.session)[0].reviewed_under == ""
    from dashboard.casework.predict import predict_row

    newer = PredictionStore(workspace.predictions_folder).put(
        replace(made, model=ModelIdentity("glioma-test", "2.0", "b" * 64))
    )
    workspace.ledger.append(predict_row(study, newer))
    case = case_list(workspace, reader.session)[0]
    assert case.reviewed_under == "glioma-test 1.0"


def test_figures_of_single_readers_are_off_until_asked_for(tmp_path):
    for name, text, wanted in (("off", "", set()), ("on", "[audit]\nreaders = true\n", {"reader R-01"})):
        workspace = a_workspace(tmp_path / name, text)
        study = a_head_study(workspace)
        lesions_of(workspace, study, 1)
        judges_all(a_reader(workspace), study, Action.ACCEPT, active_s=12.5)
        measures = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session).measures
        assert {m.group for m in measures if m.group.startswith("reader ")} == wanted
        assert [m.value for m in measures if m.name == "active_seconds"] == ([12.5] if wanted else [])


def priority_of(workspace, reader="R-01"):
    """Studies whose place in an order of the model is recorded for a reader."""
    return {
        e.study for e in workspace.ledger.entries()
        if e.action == "present" and e.reader == reader and "PRIORITY" in e.exposure
    }  # fmt: skip


def test_a_place_that_was_shown_is_recorded_however_the_study_opens_afterwards(tmp_path):
    workspace = a_workspace(tmp_path)
    studies = three_studies(workspace)
    marked = next(s for s in studies if PredictionStore(workspace.predictions_folder).of(s.id)[-1].findings)
    reader = a_reader(workspace)
    shown, hidden = marked.id, next(s.id for s in studies if s is not marked)
    order_shown(workspace, reader.session, "last_added", [s.id for s in studies])
    record_place(workspace, reader.session, shown)
    assert workspace.ledger.entries() == (), "an order of age told something of a model"
    order_shown(workspace, reader.session, "risk", [shown])
    assert workspace.ledger.entries() == (), "nothing was opened yet"
    open_out_of(workspace, reader.session, shown, "first_added")
    assert priority_of(workspace) == {shown}
    count = len(workspace.ledger.entries())
    record_place(workspace, reader.session, shown)
    open_out_of(workspace, reader.session, hidden, "first_added")
    assert len(workspace.ledger.entries()) == count, "recorded once, and nothing of what was not on the list"
    other = a_reader(workspace, "R-02")
    record_place(workspace, other.session, shown)
    assert priority_of(workspace, "R-02") == set(), "what another session was shown"
    again = a_reader(Workspace.open(workspace.root))
    order_shown(again.workspace, again.session, "risk", [hidden])
    later = a_reader(Workspace.open(workspace.root))
    record_place(later.workspace, later.session, hidden)
    assert priority_of(later.workspace) == {shown, hidden}, "a server that began anew forgot what the session had seen"
    reader.opens(marked)
    judged = reader.judges(marked, PredictionStore(workspace.predictions_folder).of(shown)[-1], 1)
    assert judged.exposure.startswith("PRIORITY+PRESENCE")


def test_a_place_that_told_nothing_of_a_model_is_not_recorded(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    studies = three_studies(workspace)
    bare = a_head_study(workspace, seed=9)
    reader = a_reader(workspace)
    record_read(workspace, reader.session, studies[0], present=False, intent=reader.intent(studies[0]))
    order_shown(workspace, reader.session, "risk", [s.id for s in (*studies, bare)])
    record_read(workspace, reader.session, studies[1], present=False, intent=reader.intent(studies[1]))
    lesions_of(workspace, bare)
    record_read(workspace, reader.session, bare, present=False, intent=reader.intent(bare))
    for study in (*studies, bare):
        record_place(workspace, reader.session, study.id)
    assert priority_of(workspace) == {studies[0].id}, "a read was owed, or there was no result, when the list was shown"


def test_a_place_that_cannot_be_recorded_keeps_the_study_shut(tmp_path, monkeypatch):
    workspace = a_workspace(tmp_path)
    study = three_studies(workspace)[0]
    reader = a_reader(workspace)
    (workspace.root / "orders").write_text("in the way")
    order_shown(workspace, reader.session, "disagreement", [study.id])

    def fail(_descriptor):
        raise OSError("no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LedgerWriteFailed):
        open_out_of(workspace, reader.session, study.id, "first_added")
