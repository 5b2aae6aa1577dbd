"""Somebody else's list of events is reviewed like a model's: shown after commitment, judged, exported, audited."""

from __future__ import annotations

import pytest

from dashboard.casework import add_paths, add_prediction, audit, check_files, export_study
from dashboard.errors import NotRecognised
from dashboard.terms import Action, Role, StudyKind
from tests.builders.cases import a_reader, a_workspace
from tests.builders.eeg_files import an_edf

HEAD = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"


@pytest.fixture
def case(tmp_path):
    workspace = a_workspace(tmp_path / "workspace")
    report = add_paths(workspace, [an_edf(tmp_path / "a.edf")], as_demonstration=True)
    study = workspace.study(report.added[0].study)
    table = tmp_path / "events.tsv"
    table.write_text(HEAD + "1.5\t2\tsz\t0.8\tFp1,F7\tn/a\t10\n6\t3\tsz\tn/a\tall\tn/a\t10\n", encoding="utf-8")
    made = add_prediction(workspace, study, table, model_name="Other Detector", model_version="2.1")
    return workspace, study, made, table


def test_its_events_are_findings(case):
    workspace, _, made, _ = case
    assert made.imported and made.kind == "risk"
    found = [(f.number, f.kind, f.onset_s, f.duration_s, f.score, f.channels) for f in made.findings]
    assert found == [(1, "seizure", 1.5, 2, 0.8, ("Fp1", "F7")), (2, "seizure", 6, 3, None, ())]
    assert "events" not in made.settings  # nobody's threshold made them, so that none is tried on them
    assert workspace.ledger.entries()[-1].action == Action.PREDICT


def test_the_same_list_twice_is_one_result(case):
    workspace, study, made, table = case
    rows = len(workspace.ledger.entries())
    again = add_prediction(workspace, study, table, model_name="Other Detector", model_version="2.1")
    assert again.digest == made.digest
    assert len(workspace.ledger.entries()) == rows


def test_it_is_judged_signed_exported_and_scored_like_a_models(case, tmp_path):
    workspace, study, made, _ = case
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    reader.opens(study)
    reader.judges(study, made, 1, Action.ACCEPT)
    reader.judges(study, made, 2, Action.REJECT, reason="muscle")
    reader.signs(study)
    written = export_study(workspace, reader.session, study, "events-tsv", tmp_path / "out")
    reviewed = next(path for path in written if "review" in path.name).read_text(encoding="utf-8")
    assert [line.split("\t")[:3] for line in reviewed.splitlines()[1:]] == [["1.5000", "2.0000", "sz"]]
    report = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session, kind=StudyKind.EEG)
    (alarms,) = report.named("false_alarm_rate")
    assert alarms.group == "Other Detector 2.1"
    assert alarms.beside["false_alarms"] == 0  # nearer than 90 s to the accepted one: scored as one event with it
    assert check_files(workspace)[0] == ()


def test_another_recordings_list_is_refused(case, tmp_path):
    workspace, study, _, _ = case
    (tmp_path / "b.tsv").write_text(HEAD + "100\t20\tsz\tn/a\tall\tn/a\t600\n", encoding="utf-8")
    with pytest.raises(NotRecognised):
        add_prediction(workspace, study, tmp_path / "b.tsv", model_name="other", model_version="1")
