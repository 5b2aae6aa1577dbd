"""A row's view again: the same result and verdicts, for looking only, and never round the gate of a blind read."""

from __future__ import annotations

import pytest

from dashboard.casework import Intent, erase_study, finding_list, record_read, record_verdict, replay
from dashboard.errors import NotHere, StudyErased, VerdictRule
from dashboard.terms import Action, Role
from tests.builders.cases import BLIND, a_head_study, a_reader, a_script, a_workspace, lesions_of

VIEW = {"series": "a" * 64, "slice": 3, "zoom": 2.5, "layout": "one", "window": [300, 80]}


def presents(workspace, reader):
    return [e for e in workspace.ledger.entries() if e.action == Action.PRESENT and e.reader == reader.session.reader]


@pytest.fixture
def case(tmp_path):
    """R-01 accepted finding 1 with a view and rejected finding 2 later."""
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    reader.opens(study)
    row = reader.judges(study, prediction, 1, view=VIEW)
    reader.judges(study, prediction, 2, Action.REJECT, reason="vessel", view=VIEW)
    return workspace, study, prediction, reader, row


def test_the_view_and_the_verdicts_are_those_of_the_row(case):
    workspace, study, prediction, reader, row = case
    rows = len(workspace.ledger.entries())
    said = replay(workspace, reader.session, row.seq)
    assert said.row.view == VIEW and said.study.id == study.id and not said.blind
    assert said.one.prediction.digest == prediction.digest
    assert {n: e.action for n, e in said.verdicts.items()} == {"1": "accept"}  # The second came later.
    assert len(workspace.ledger.entries()) == rows  # Its own reader had been shown it before.


def test_whoever_else_looks_leaves_a_present_row(case):
    workspace, _, prediction, _, row = case
    other = a_reader(workspace, "R-02")
    replay(workspace, other.session, row.seq)
    (shown,) = presents(workspace, other)
    assert shown.prediction == prediction.digest and "LOCALIZATION" in shown.exposure
    replay(workspace, other.session, row.seq)
    assert len(presents(workspace, other)) == 1


def test_an_older_result_comes_back_though_a_newer_one_is_there(case):
    workspace, study, prediction, reader, row = case
    lesions_of(workspace, study, 1, model="glioma-test-2", made_at="2026-11-21T10:01")
    assert replay(workspace, reader.session, row.seq).one.prediction.digest == prediction.digest


def test_rows_without_a_view_and_rows_that_are_not_there_are_refused(case):
    workspace, study, prediction, reader, _ = case
    script = a_script(workspace)
    bare = record_verdict(workspace, script.session, study, Action.ACCEPT, prediction, prediction.finding(1), Intent())
    for seq in (bare.seq, 0, 10_000):
        with pytest.raises(NotHere):
            replay(workspace, reader.session, seq)
    row = reader.judges(study, prediction, 1, view=VIEW)
    erase_study(workspace, script.session, study.id, basis="b", requester="r", approver="a")
    with pytest.raises(StudyErased):
        replay(workspace, reader.session, row.seq)


def test_a_withheld_row_is_answered_like_one_that_is_not_there(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    first, second = a_reader(workspace), a_reader(workspace, "R-02")
    read = record_read(workspace, first.session, study, present=False, intent=first.intent(study, view=VIEW))
    first.opens(study)
    row = first.judges(study, prediction, 1, view=VIEW)
    told = set()
    for seq in (row.seq, read.seq, 9_999):
        with pytest.raises(NotHere) as refused:
            replay(workspace, second.session, seq)
        told.add(str(refused.value))
    assert len(told) == 1 and presents(workspace, second) == []
    record_read(workspace, second.session, study, present=False, intent=second.intent(study))
    assert replay(workspace, second.session, row.seq).one is not None


def test_a_read_before_the_ai_comes_back_without_it(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study = a_head_study(workspace)
    lesions_of(workspace, study)
    reader, auditor = a_reader(workspace), a_reader(workspace, "A-01", Role.AUDITOR)
    read = record_read(workspace, reader.session, study, present=False, intent=reader.intent(study, view=VIEW))
    said = replay(workspace, auditor.session, read.seq)
    assert said.blind and said.one is None and said.own == () and presents(workspace, auditor) == []


def test_a_new_version_starts_new_findings_and_no_verdict_carries_over(case):
    workspace, study, _, reader, _ = case
    reader.signs(study)
    newer = lesions_of(workspace, study, 3, made_at="2026-11-21T10:01")
    lines = {line.id: line.verdict for line in finding_list(workspace, reader.session, study)}
    assert [v for n, v in lines.items() if n.startswith(newer.digest[:12])] == ["", "", ""]
    assert sorted(v for n, v in lines.items() if not n.startswith(newer.digest[:12])) == ["accept", "reject"]
    with pytest.raises(VerdictRule, match="signed"):  # The study is closed for this reader until reopened.
        reader.judges(study, newer, 1)
