"""From rows and predictions to event scores: what stood in each recording, what the detector said, and what it would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..audit import (
    AGAIN,
    Counts,
    Measure,
    ScoredRecording,
    event_counts,
    event_scores,
    reference_rows,
    sample_scores,
    verdict_interval,
)
from ..domain import Prediction, Recording, Session
from ..eeg import risk_events
from ..ledger import LedgerEntry, current_verdicts
from ..review import as_passes
from ..terms import Action, Identity, Role, Scope, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .controls import CONTROL
from .reveal import visible_entries

__all__ = ["ThresholdPoint", "event_measures", "threshold_what_if"]

_STANDS = (Action.ACCEPT, Action.MODIFY, Action.ADD)
_STEPS = tuple(round(0.05 * n, 2) for n in range(1, 20))


@dataclass(frozen=True)
class ThresholdPoint:
    """What a detector would have said at another threshold, on recordings that were signed off.

    Attributes
    ----------
    on : float
        The score at which an event would begin; `off` moves with it in proportion.
    counts : Counts
        Over recordings that were read whole: events that stood, found of them.
    gained, lost : int
        Events that stood, in recordings read whole, which the detector as it is misses and would find, or the other
        way round.
    false : int
        False alarms over all of the recordings, in `evaluated_h`.
    """

    on: float
    counts: Counts
    gained: int
    lost: int
    false: int
    evaluated_h: float
    recordings: int
    is_own: bool = False


@dataclass(frozen=True)
class _Reviewed:
    """A recording as its reader left it, with the prediction whose alerts were judged."""

    scored: ScoredRecording
    prediction: Prediction
    recording: Recording


def event_measures(
    workspace: Workspace, entries: Sequence[LedgerEntry], *, resamples: int, include_scripted: bool = False
) -> list[Measure]:
    """Sensitivity to events and seconds, and false alarms, of each detector whose alerts were judged in signed-off recordings."""
    by_model: dict[str, list[ScoredRecording]] = {}
    for one in _reviewed(workspace, entries, include_scripted):
        by_model.setdefault(_name(one.prediction), []).append(one.scored)
    return [
        measure
        for name, scored in sorted(by_model.items())
        for measure in (
            *event_scores(scored, group=name, resamples=resamples),
            sample_scores(scored, group=name, resamples=resamples),
        )
    ]


def threshold_what_if(
    workspace: Workspace, session: Session, *, include: Sequence[str] = ()
) -> dict[str, tuple[ThresholdPoint, ...]]:
    """What each detector would have found and raised at other thresholds; it changes nothing in the record.

    Only detectors whose score lies here are asked; another tool's events have none. Minimum duration and merge gap are
    those with which the prediction's events were made.

    Returns
    -------
    dict
        Points by model, lowest threshold first, the detector's own among them.
    """
    entries = tuple(e for e in as_passes(visible_entries(workspace, session)) if not e.reader.endswith(AGAIN))
    store = PredictionStore(workspace.predictions_folder)
    by_model: dict[str, list[_Reviewed]] = {}
    for one in _reviewed(workspace, entries, "scripted" in include):
        if one.prediction.risk_digest and "on" in one.prediction.settings.get("events", {}):
            by_model.setdefault(_name(one.prediction), []).append(one)
    return {name: _points(store, reviewed) for name, reviewed in sorted(by_model.items())}


def _points(store: PredictionStore, reviewed: Sequence[_Reviewed]) -> tuple[ThresholdPoint, ...]:
    own = float(reviewed[0].prediction.settings["events"]["on"])
    before = {one.scored.study: _found(one.scored) for one in reviewed}
    points = []
    for on in sorted({*_STEPS, own}):
        counts, gained, lost, false = Counts(), 0, 0, 0
        for one in reviewed:
            said = one.scored if on == own else replace(one.scored, alerts=_alerts(store, one, on))
            scored = event_counts(said.reference, said.alerts, said.duration_s)
            false += scored.false
            if not said.whole:
                continue
            counts += scored
            now = _found(said)
            gained += sum(new and not old for new, old in zip(now, before[said.study], strict=True))
            lost += sum(old and not new for new, old in zip(now, before[said.study], strict=True))
        hours = sum(one.scored.evaluated_h for one in reviewed)
        points.append(ThresholdPoint(on, counts, gained, lost, false, hours, len(reviewed), on == own))
    return tuple(points)


def _found(one: ScoredRecording) -> list[bool]:
    """For each event that stood, by itself, whether an alert meets it."""
    return [
        event_counts([event], one.alerts, one.duration_s, as_they_are=True).found == 1
        for event in sorted(one.reference)
    ]


def _alerts(store: PredictionStore, one: _Reviewed, on: float) -> tuple[tuple[float, float], ...]:
    rules = one.prediction.settings["events"]
    risk = store.risk(one.prediction.study, one.prediction.digest)
    found = risk_events(
        risk.times_s,
        risk.scores,
        step_s=risk.step_s,
        on=on,
        off=float(rules["off"]) / float(rules["on"]) * on,
        min_duration_s=float(rules["min_duration_s"]),
        merge_gap_s=float(rules["merge_gap_s"]),
        breaks=[(gap.onset_s, gap.duration_s) for gap in one.recording.gaps],
    )
    return tuple((event.onset_s, event.duration_s) for event in found)


def _reviewed(workspace: Workspace, entries: Sequence[LedgerEntry], include_scripted: bool) -> list[_Reviewed]:
    """Recordings that a reader signed off: the last who did says what stood, an adjudicator before all readers."""
    store = PredictionStore(workspace.predictions_folder)
    here = set(workspace.study_ids())
    withdrawn = {e.supersedes for e in entries if e.action == Action.AMEND}
    signed = {
        e.study: e
        for e in entries
        if e.action == Action.SIGN_OFF
        and e.kind == StudyKind.EEG
        and e.role != Role.ADJUDICATOR
        and e.event_id not in withdrawn
        and e.study in here
        and (include_scripted or e.identity != Identity.SCRIPT)
    }
    verdicts = [e for e in current_verdicts(reference_rows(entries)).values() if e.finding_kind != CONTROL]
    whole = {(e.study, e.prediction, e.finding, e.reader) for e in verdicts if e.action in _STANDS}
    found = []
    for study_id, sign_off in sorted(signed.items()):
        study = workspace.study(study_id)
        prediction = next((p for p in store.of(study_id) if p.digest == sign_off.prediction), None)
        if study.recording is None or prediction is None:
            continue
        alerts = {(study_id, prediction.digest, str(f.number)): (f.onset_s or 0.0, f.duration_s or 0.0)
                  for f in prediction.findings}  # fmt: skip
        stands = [
            interval
            for e in verdicts
            if e.study == study_id
            and (e.study, e.prediction, str(e.details.get("merged_into")), e.reader) not in whole
            and e.action in _STANDS
            and (e.reader == sign_off.reader or e.role == Role.ADJUDICATOR)
            for interval in [verdict_interval(e, alerts)]
            if interval
        ]
        gaps = [(gap.onset_s, gap.duration_s) for gap in study.recording.gaps]
        scored = ScoredRecording(
            study_id, study.subject, tuple(stands), tuple(alerts.values()), study.recording.duration_s,
            (*prediction.not_evaluated_s, *gaps), sign_off.scope == Scope.WHOLE_STUDY,
        )  # fmt: skip
        found.append(_Reviewed(scored, prediction, study.recording))
    return found


def _name(prediction: Prediction) -> str:
    return f"{prediction.model.id} {prediction.model.version}"
