"""Unlabelled windows: nothing tells alerts from controls, nothing of the model comes before the last, and rows say it all."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from dashboard.audit import control_windows, draw
from dashboard.casework import (
    Intent,
    Withheld,
    audit,
    export_study,
    finding_list,
    judge_window,
    ledger_table,
    record_sign_off,
    record_verdict,
    reveal,
    undo,
    unlabelled,
    visible_entries,
)
from dashboard.domain import Finding, ModelIdentity
from dashboard.errors import BlindOpen, FindingNotFound, VerdictRule
from dashboard.ledger import last_act
from dashboard.terms import Action, Role, Scope
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import a_reader, a_script, a_workspace
from tests.builders.served import a_risk, an_eeg_study

ON = "[review]\ncontrol_rate = 0.25\n"
ALERTS = ((130.0, 12.0), (140.0, 5.0), (421.5, 20.0))


def with_alerts(tmp_path, settings=ON, alerts=ALERTS):
    """A recording of 600 s with alerts, of which two begin in one window."""
    workspace = a_workspace(tmp_path, settings)
    study = an_eeg_study(workspace, tmp_path, seconds=600, rate_hz=16)
    made, risk = a_risk(workspace, study, ModelIdentity("rise-finder", "1.0", "b" * 64))
    findings = tuple(Finding(n, "seizure", 0.9, onset_s=a, duration_s=d) for n, (a, d) in enumerate(alerts, start=1))
    newer = replace(made, digest="", findings=findings, settings={"another": 1}, made_at="2026-11-23T10:00:00.000Z")
    return workspace, study, PredictionStore(workspace.predictions_folder).put(newer, risk=risk)


def judge(workspace, reader, study, number, action=Action.REJECT, **said):
    """A verdict on a window as the page has it."""
    window = unlabelled(workspace, reader.session, study)[number - 1]
    intent = Intent(**{"shown": True, "drawn_with": window.state, **said})
    return judge_window(workspace, reader.session, study, number, action, intent)


def test_off_is_off(tmp_path):
    workspace, study, _ = with_alerts(tmp_path, "")
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    assert unlabelled(workspace, reader.session, study) == () and not isinstance(reader.opens(study), Withheld)
    assert not any(e.action == Action.SAMPLE for e in workspace.ledger.entries())


def test_the_row_says_how_it_was_drawn_and_the_draw_follows_from_it(tmp_path):
    workspace, study, _prediction = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    windows = unlabelled(workspace, reader.session, study)
    (row,) = [e for e in workspace.ledger.entries() if e.action == Action.SAMPLE]
    stratum = control_windows(600.0, ALERTS)
    assert row.details["size"] == len(stratum) == 12 and row.details["drawn"] == 3
    assert row.details["inclusion_probability"] == round(3 / 12, 6) and row.identity == "system"
    drawn = [(stratum[n].onset_s, stratum[n].duration_s) for n in draw(12, 3, row.details["seed"])]
    alerts = [(120.0, 30.0), (420.0, 30.0)]  # The two alerts at 130 and 140 s are one window.
    assert [(w.onset_s, w.duration_s) for w in windows] == sorted([*drawn, *alerts])
    assert unlabelled(workspace, a_reader(workspace, "R-02").session, study) == windows
    assert sum(e.action == Action.SAMPLE for e in workspace.ledger.entries()) == 1


def test_a_reader_is_told_nothing_that_tells_an_alert_from_a_control(tmp_path):
    workspace, study, prediction = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    windows = unlabelled(workspace, reader.session, study)
    assert {frozenset(asdict(w)) for w in windows} == {
        frozenset({"number", "onset_s", "duration_s", "verdict", "state"})
    }
    assert all(w.onset_s % 30 == 0 and w.duration_s == 30 for w in windows)
    for number in range(1, len(windows)):  # All but the last.
        judge(workspace, reader, study, number)
        seen = reveal(workspace, reader.session, study)
        assert isinstance(seen, Withheld) and seen.code == "windows_open"
        assert not any(e.study == study.id for e in visible_entries(workspace, reader.session))
        text = ledger_table(workspace, reader.session, "jsonl", study=study.id)
        assert prediction.digest not in text and "control" not in text
    exposed = [e for e in workspace.ledger.entries() if e.action == Action.PRESENT]
    assert [e.exposure for e in exposed] == ["PRIORITY"]


def test_after_the_last_window_the_model_is_shown_and_the_draw_only_after_sign_off(tmp_path):
    workspace, study, prediction = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)

    def signs():
        act = last_act(workspace.ledger.entries(), study.id, reader.session.reader)
        intent = Intent(drawn_with=act)
        return record_sign_off(workspace, reader.session, study, Scope.AI_FINDINGS,
                               displayed={study.recording.digest: 1.0}, intent=intent)  # fmt: skip

    for number in range(1, len(unlabelled(workspace, reader.session, study)) + 1):
        with pytest.raises(VerdictRule, match="windows"):
            signs()
        row = judge(workspace, reader, study, number)
        assert row.exposure == "PRIORITY" and row.details["window_s"][1] == 30
    assert unlabelled(workspace, reader.session, study) == ()
    assert reader.opens(study).newest.prediction.digest == prediction.digest
    assert not any(e.action == Action.SAMPLE for e in visible_entries(workspace, reader.session))
    signs()
    assert any(e.action == Action.SAMPLE for e in visible_entries(workspace, reader.session))


def test_one_verdict_goes_for_all_alerts_of_a_window_and_can_be_changed_and_withdrawn(tmp_path):
    workspace, study, _ = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    at = next(w.number for w in unlabelled(workspace, reader.session, study) if w.onset_s == 120)
    judge(workspace, reader, study, at, Action.ACCEPT)
    rows = [e for e in workspace.ledger.entries() if e.action == Action.ACCEPT]
    assert [e.finding for e in rows] == ["1", "2"] and "onset_s" not in rows[0].details
    assert unlabelled(workspace, reader.session, study)[at - 1].verdict == "accept"
    judge(workspace, reader, study, at, Action.UNSURE)
    assert unlabelled(workspace, reader.session, study)[at - 1].verdict == "unsure"
    undo(workspace, reader.session, workspace.ledger.entries()[-1].event_id)
    assert unlabelled(workspace, reader.session, study)[at - 1].verdict == ""
    with pytest.raises(FindingNotFound):
        judge_window(workspace, reader.session, study, 99, Action.ACCEPT, Intent(shown=True))


def test_the_estimate_follows_from_the_rows(tmp_path):
    workspace, study, _ = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    stood = {120.0, 420.0}
    windows = unlabelled(workspace, reader.session, study)
    control = next(w.onset_s for w in windows if w.onset_s not in stood)
    for w in windows:
        judge(workspace, reader, study, w.number, Action.ACCEPT if w.onset_s in {*stood, control} else Action.REJECT)
    prediction = reader.opens(study).newest.prediction
    last = [e for e in workspace.ledger.entries() if e.details.get("window_s")][-1]
    with pytest.raises(VerdictRule, match="stays"):
        undo(workspace, reader.session, last.event_id)
    reader.judges(study, prediction, 3, Action.REJECT, reason="muscle")  # With its edges; the estimate stays.
    auditor = a_reader(workspace, "A-01", Role.AUDITOR)
    report = audit(workspace, auditor.session)
    (made,) = report.named("sensitivity_sampled")
    assert made.beside["true_alerts"] == 3 and made.beside["missed_found"] == 1
    assert made.value == pytest.approx(3 / (3 + 12 / 3)) and made.low is None  # One patient gives no interval.
    (acceptance,) = [m for m in report.named("acceptance") if m.group == "all"]
    assert acceptance.n.findings == 3  # Controls are nobody's alerts.
    assert json.dumps(made.as_dict()) and np.isfinite(made.value)


def test_who_does_not_read_is_not_asked_and_who_has_seen_the_result_no_more(tmp_path):
    workspace, study, _ = with_alerts(tmp_path, "")
    early = a_reader(workspace, role=Role.NEUROLOGIST)
    early.opens(study)
    (workspace.root / "settings.toml").write_text(ON)
    later = type(workspace).open(workspace.root)
    assert unlabelled(later, early.session, study) == ()
    assert unlabelled(later, a_reader(later, "A-01", Role.AUDITOR).session, study) == ()
    assert unlabelled(later, a_reader(later, "R-02").session, study)


def test_a_recording_without_alerts_is_drawn_from_too(tmp_path):
    workspace, study, _ = with_alerts(tmp_path, alerts=())
    windows = unlabelled(workspace, a_reader(workspace).session, study)
    assert len(windows) == 5  # A quarter of 20.


def test_a_seizure_found_in_a_control_window_is_exported_and_marked_so(tmp_path):
    workspace, study, prediction = with_alerts(tmp_path)
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    windows = unlabelled(workspace, reader.session, study)
    alert_at = [w.number for w in windows if w.onset_s in (120, 420)]
    first, second, third = (w for w in windows if w.number not in alert_at)
    given = {alert_at[0]: Action.ACCEPT, first.number: Action.ACCEPT, second.number: Action.MODIFY}
    for window in windows:
        edges = {"onset_s": second.onset_s + 4, "duration_s": 9.5} if window == second else {}
        judge(workspace, reader, study, window.number, given.get(window.number, Action.REJECT), **edges)

    def exported(format_):
        made = export_study(workspace, reader.session, study, format_, tmp_path / format_)
        separator = "\t" if format_ == "events-tsv" else ","
        with made[-1].open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter=separator)), made

    listed, made = exported("events-tsv")
    assert [(float(r["onset"]), float(r["duration"]), r["foundIn"]) for r in listed] == sorted(
        [
            (130.0, 12.0, "alert"),
            (140.0, 5.0, "alert"),
            (first.onset_s, 30.0, "control window"),
            (second.onset_s + 4, 9.5, "control window"),
        ]
    )
    assert all(r["confidence"] == "n/a" for r in listed if r["foundIn"] == "control window")
    assert "foundIn" not in made[0].read_text() and str(third.onset_s) not in {r["onset"] for r in listed}
    found = {r["finding_kind"]: r for r in exported("csv")[0] if r["action"] in ("accept", "modify")}
    assert json.loads(found["control"]["details"])["window_s"] and found["seizure"]["prediction"] == prediction.digest
    reader.opens(study)
    own = Intent(shown=True, onset_s=first.onset_s + 2, duration_s=11.0)
    record_verdict(workspace, reader.session, study, Action.ADD, None, None, own)
    listed, _made = exported("events-tsv")
    assert len(listed) == 4, "marked anew, it is still one seizure"
    assert [r["duration"] for r in listed if float(r["onset"]) == first.onset_s + 2] == ["11.0000"]
    assert [r["foundIn"] for r in listed].count("control window") == 2


def test_a_script_is_refused_what_the_page_does_not_show(tmp_path):
    workspace, study, _ = with_alerts(tmp_path)
    for name in ("script", "R-01"):
        with pytest.raises(BlindOpen, match="windows"):
            finding_list(workspace, a_script(workspace, name).session, study)
    assert not any(e.action == Action.PRESENT for e in workspace.ledger.entries())
    assert finding_list(workspace, a_script(workspace).session, study, operator=True)
    reader = a_reader(workspace)
    for number in range(1, len(unlabelled(workspace, reader.session, study)) + 1):
        judge(workspace, reader, study, number)
    assert finding_list(workspace, a_script(workspace, "R-01").session, study)
