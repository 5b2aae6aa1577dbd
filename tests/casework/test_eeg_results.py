"""EEG results as files: the reviewed recording, the events that others' readers take, and the page to print."""

from __future__ import annotations

import csv

import edfio
import numpy as np
import pytest
from epilepsy2bids.annotations import Annotations, EventType

from dashboard.casework import add_paths, add_prediction, audit, export_study, reopen, undo
from dashboard.errors import VerdictRule
from dashboard.terms import ELECTROGRAPHIC, Action, Role, StudyKind
from tests.builders.cases import a_reader, a_workspace
from tests.builders.eeg_files import an_edf

HEAD = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"
EVENTS = ((1.5, 2), (6, 13), (30, 4))


@pytest.fixture
def case(tmp_path):
    """A recording of a minute with three alerts of somebody's, and a reader who has opened it."""
    workspace = a_workspace(tmp_path / "workspace")
    rng = np.random.default_rng(3)
    source = an_edf(tmp_path / "a.edf", {name: rng.normal(0, 20, 7680) for name in ("Fp1", "F7", "T3", "O2")})
    study = workspace.study(add_paths(workspace, [source], as_demonstration=True).added[0].study)
    table = tmp_path / "events.tsv"
    table.write_text(HEAD + "".join(f"{a}\t{b}\tsz\t0.8\tFp1,F7\tn/a\t60\n" for a, b in EVENTS), encoding="utf-8")
    made = add_prediction(workspace, study, table, model_name="Other Detector", model_version="2.1")
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    reader.opens(study)
    return workspace, study, made, reader, source


def exported(case, format_, tmp_path):
    """Paths of an export, by what stands behind the result's name."""
    workspace, study, _, reader, _ = case
    return export_study(workspace, reader.session, study, format_, tmp_path / "out")


def reviewed(case):
    _, study, made, reader, _ = case
    reader.judges(study, made, 1, Action.ACCEPT)
    reader.judges(study, made, 2, Action.MODIFY, onset_s=6.5, duration_s=12.0)
    reader.judges(study, made, 3, Action.REJECT, reason="muscle")
    reader.signs(study)


def test_the_recording_goes_out_bit_exact_with_what_stands(case, tmp_path):
    reviewed(case)
    (path,) = exported(case, "edf", tmp_path)
    before, after = edfio.read_edf(case[4]), edfio.read_edf(path)
    for one, other in zip(before.signals, after.signals, strict=True):
        np.testing.assert_array_equal(one.digital, other.digital)
    assert [(a.onset, a.duration) for a in after.annotations] == [(1.5, 2), (6.5, 12)]
    assert after.annotations[0].text == "Seizure, reviewed: alert, detector score 0.80"
    assert path.name.startswith(case[1].id) and path.name.endswith("_reviewed.edf")


def test_epilepsy2bids_reads_what_stands(case, tmp_path):
    reviewed(case)
    events = Annotations.loadTsv(str(exported(case, "events-tsv", tmp_path)[1]))
    assert events.getEvents() == [(1.5, 3.5), (6.5, 18.5)]
    assert {event["eventType"] for event in events.events} == {EventType.sz}
    assert events.events[0]["recordingDuration"] == 60 and events.events[0]["channels"] == ["Fp1", "F7"]
    assert f"{events.events[0]['dateTime']}" == "2024-03-11 14:02:03"


def test_the_summary_says_what_stands_and_what_was_not_seen(case, tmp_path):
    reviewed(case)
    page = exported(case, "event-summary", tmp_path)[0].read_text(encoding="utf-8")
    assert "14:02:04" in page and "00:00:06.5" in page
    assert "12.0 s; meets the duration criterion (ACNS 2021)" in page and page.count("criterion (ACNS 2021)") == 1
    assert "2 events, 14 s together" in page and "rejected, muscle" in page
    assert "Not evaluated by the detector" in page and "displayed" in page and "no report" in page
    assert ("SYNTHETIC" in page) == case[1].synthetic


def test_nothing_reviewed_is_said_to_be_nothing_reviewed(case, tmp_path):
    page = exported(case, "event-summary", tmp_path)[0].read_text(encoding="utf-8")
    assert "That is not a finding of no seizure" in page and page.count("not reviewed") == 3
    (path,) = exported(case, "edf", tmp_path)
    assert list(edfio.read_edf(path).annotations) == []


def table_of(case, tmp_path):
    """Lines of the reviewed events.tsv."""
    with exported(case, "events-tsv", tmp_path)[1].open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_an_alert_that_is_two_seizures_is_split_and_put_together_again(case, tmp_path):
    workspace, study, made, reader, _ = case
    row = reader.judges(study, made, 2, Action.MODIFY, onset_s=6.0, duration_s=4.0, parts=((13.0, 6.0),),
                        event_type=ELECTROGRAPHIC, channels=("Fp1",))  # fmt: skip
    added = workspace.ledger.entries()[-1]
    assert (added.action, added.finding_kind, added.prediction) == (Action.ADD, "seizure", "")
    assert added.details == {"onset_s": 13.0, "duration_s": 6.0, "split_from": row.event_id,
                             "event_type": ELECTROGRAPHIC, "channels": ["Fp1"]}  # fmt: skip
    lines = table_of(case, tmp_path)
    assert [(line["onset"], line["duration"], line["foundIn"]) for line in lines] == [
        ("6.0000", "4.0000", "alert"), ("13.0000", "6.0000", "split from an alert")]  # fmt: skip
    assert {line["seizureType"] for line in lines} == {ELECTROGRAPHIC}
    assert {line["eventType"] for line in lines} == {"sz"}
    undo(workspace, reader.session, row.event_id)
    page = exported(case, "event-summary", tmp_path)[0].read_text(encoding="utf-8")
    assert page.count("not reviewed") == 3 and "No event was accepted" in page


def test_two_alerts_that_are_one_count_once(case, tmp_path):
    workspace, study, made, reader, _ = case
    row = reader.judges(study, made, 2, Action.MODIFY, onset_s=6.0, duration_s=28.0, merged=("3",))
    part = workspace.ledger.entries()[-1]
    assert (part.action, part.finding) == (Action.MODIFY, "3")
    assert part.details == {"merged_into": 2, "split_from": row.event_id} and row.details["merged"] == [3]
    reader.judges(study, made, 1, Action.REJECT, reason="muscle")
    assert [(x["onset"], x["duration"]) for x in table_of(case, tmp_path)] == [("6.0000", "28.0000")]
    reader.signs(study)
    report = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session, kind=StudyKind.EEG)
    assert report.named("false_alarm_rate")[0].beside["false_alarms"] == 0
    reopen(workspace, reader.session, study)
    undo(workspace, reader.session, row.event_id)
    page = exported(case, "event-summary", tmp_path)[0].read_text(encoding="utf-8")
    assert page.count("not reviewed") == 2


def test_a_merged_alert_stands_by_itself_where_the_other_is_rejected(case, tmp_path):
    _, study, made, reader, _ = case
    reader.judges(study, made, 2, Action.MODIFY, onset_s=6.0, duration_s=28.0, merged=("3",))
    reader.judges(study, made, 2, Action.REJECT, reason="muscle")
    assert [(x["onset"], x["duration"]) for x in table_of(case, tmp_path)] == [("30.0000", "4.0000")]


@pytest.mark.parametrize(
    "said",
    [
        {"onset_s": 6.0, "duration_s": 9.0, "parts": ((13.0, 6.0),)},
        {"onset_s": 6.0, "duration_s": 4.0, "parts": ((13.0, 0.0),)},
        {"onset_s": 6.0, "duration_s": 20.0, "merged": ("3",)},
        {"onset_s": 6.0, "duration_s": 28.0, "merged": ("7",)},
        {"event_type": "typical absence seizure"},
    ],
)
def test_what_can_not_be_is_refused_and_kept(case, said):
    workspace, study, made, reader, _ = case
    before = len(workspace.ledger.entries())
    with pytest.raises(VerdictRule):
        reader.judges(study, made, 2, Action.MODIFY, **said)
    assert len(workspace.ledger.entries()) == before
    assert workspace.drafts.get(reader.session.reader, study.id, "refused-2")


def test_a_clinical_type_goes_with_video_and_szcore_still_says_sz(case, tmp_path):
    _, study, made, reader, _ = case
    row = reader.judges(
        study, made, 1, Action.ACCEPT, event_type="typical absence seizure", video=True, channels=("O2",)
    )
    assert row.details["video"] is True
    (line,) = table_of(case, tmp_path)
    assert (line["eventType"], line["seizureType"], line["channels"]) == ("sz", "typical absence seizure", "O2")
