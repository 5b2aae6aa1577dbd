"""What a detector is worth by events: whose word counts, and what another threshold would have said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import Intent, audit, record_verdict, threshold_what_if
from dashboard.domain import Finding, ModelIdentity, RiskCurve
from dashboard.ledger import last_act
from dashboard.terms import Action, Role, Scope, StudyKind
from dashboard.workspace.predictions import PredictionStore, digest_of_risk
from tests.builders.cases import a_reader, a_workspace
from tests.builders.served import a_risk, an_eeg_study

RULES = {"on": 0.8, "off": 0.4, "min_duration_s": 2.0, "merge_gap_s": 5.0, "channel_aggregation": "model"}
RISES = ((100, 120, 0.97), (600, 630, 0.7), (1500, 1520, 0.9))
"""First and last second of each rise of the score, and how high it goes; the second stays below the threshold."""


@pytest.fixture
def reviewed(tmp_path):
    """A recording of an hour: one alert accepted, one rejected, and a seizure added where the score rose too little."""
    workspace = a_workspace(tmp_path)
    study = an_eeg_study(workspace, tmp_path, seconds=3600, rate_hz=16)
    made, _ = a_risk(workspace, study, ModelIdentity("rise-finder", "1.0", "b" * 64))
    scores = np.full(3600, 0.1, np.float32)
    for first, last, height in RISES:
        scores[first:last] = height
    risk = RiskCurve(np.arange(3600, dtype=np.float32) + 0.5, scores, np.zeros((0, 3600), np.float32), (), 1.0)
    alerts = tuple(Finding(n, "seizure", 0.9, onset_s=float(first), duration_s=20.0)
                   for n, first in enumerate((100, 1500), start=1))  # fmt: skip
    store = PredictionStore(workspace.predictions_folder)
    prediction = store.put(
        replace(made, digest="", findings=alerts, settings={"events": RULES}, risk_digest=digest_of_risk(risk),
                not_evaluated_s=((0.0, 360.0),), made_at="2026-11-23T10:00:00.000Z"),
        risk=risk,
    )  # fmt: skip
    reader = a_reader(workspace, role=Role.NEUROLOGIST)
    reader.opens(study)
    reader.judges(study, prediction, 1, Action.ACCEPT)
    reader.judges(study, prediction, 2, Action.REJECT, reason="muscle")
    state = last_act(workspace.ledger.entries(), study.id, "R-01")
    intent = Intent(shown=True, drawn_with=state, onset_s=600.0, duration_s=30.0)
    record_verdict(workspace, reader.session, study, Action.ADD, prediction, None, intent)
    return workspace, study, reader


def the_audit(workspace):
    report = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session, kind=StudyKind.EEG)
    return report.named("event_sensitivity"), report.named("false_alarm_rate")


def test_nothing_counts_before_a_reader_has_signed(reviewed):
    workspace, _, _ = reviewed
    assert the_audit(workspace) == ((), ())


def test_alerts_that_were_reviewed_give_alarms_but_no_sensitivity(reviewed):
    workspace, study, reader = reviewed
    reader.signs(study, Scope.AI_FINDINGS)
    (sensitivity,), (alarms,) = the_audit(workspace)
    assert sensitivity.value is None and "whole" in sensitivity.undefined
    assert alarms.group == "rise-finder 1.0"
    assert (alarms.beside["false_alarms"], alarms.unit) == (1, "per h")
    assert alarms.value == pytest.approx(1 / 0.9), "a tenth of the hour was not evaluated"


def test_a_recording_that_was_read_whole_gives_both(reviewed):
    workspace, study, reader = reviewed
    reader.signs(study, Scope.WHOLE_STUDY, displayed=1.0)
    (sensitivity,), _ = the_audit(workspace)
    assert sensitivity.value == 0.5 and sensitivity.beside["events"] == 2


def test_another_threshold_changes_events_and_nothing_in_the_record(reviewed):
    workspace, study, reader = reviewed
    reader.signs(study, Scope.WHOLE_STUDY, displayed=1.0)
    before = (workspace.root / "reviews" / "reviews.csv").read_bytes()
    points = threshold_what_if(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session)["rise-finder 1.0"]
    assert (workspace.root / "reviews" / "reviews.csv").read_bytes() == before
    own = next(point for point in points if point.is_own)
    assert (own.on, own.counts.found, own.gained, own.lost, own.false) == (0.8, 1, 0, 0, 1)
    lower = next(point for point in points if point.on == 0.65)
    assert (lower.counts.found, lower.gained, lower.lost, lower.false) == (2, 1, 0, 1)
    higher = next(point for point in points if point.on == 0.95)
    assert (higher.counts.found, higher.false) == (1, 0), "the rise to 0.97 still reaches it, that to 0.9 does not"
    assert [point.on for point in points] == sorted(point.on for point in points)
