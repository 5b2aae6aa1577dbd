"""Last step of a case: the verdicts of all cases become agreement, and every figure leads back to its studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..audit import (
    AGAIN,
    Measure,
    acceptance,
    active_seconds,
    epoch_units,
    reader_pairs,
    reason_groups,
    reference_rows,
    rejection_reasons,
    relative_sensitivity,
    split_verdicts,
    study_units,
    verdict_dice,
)
from ..domain import Session
from ..ledger import LedgerEntry
from ..review import as_passes
from ..terms import StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .controls import CONTROL
from .event_audit import event_measures
from .reveal import visible_entries
from .sensitivity import controlled_sensitivity

__all__ = ["AuditReport", "audit"]

_SIZES = (("Over 10 ml", 10.0, float("inf")), ("1 to 10 ml", 1.0, 10.0), ("Under 1 ml", 0.0, 1.0))


@dataclass(frozen=True)
class AuditReport:
    """All figures of one kind of study, or of all, with the rows behind them."""

    measures: tuple[Measure, ...]
    by_size: tuple[Measure, ...]
    reasons: dict[str, int]
    reason_groups: dict[str, int]
    verdicts: tuple[LedgerEntry, ...]
    synthetic: bool

    def named(self, name: str) -> tuple[Measure, ...]:
        """The measures of that name."""
        return tuple(m for m in self.measures if m.name == name)


def audit(
    workspace: Workspace,
    session: Session,
    *,
    kind: StudyKind | None = None,
    model: str | None = None,
    include: Sequence[str] = (),
    adjudicated: bool = False,
) -> AuditReport:
    """Compute acceptance by model and kind, Dice of redrawn masks and agreement of readers.

    Parameters
    ----------
    include : sequence of str
        'scripted' and 'bulk' verdicts are left out unless named here.
    adjudicated : bool
        Where an adjudicator has decided on a finding, the decision counts in place of the readers' verdicts. Figures
        of readers among themselves stay theirs.
    """
    entries = tuple(
        e
        for e in as_passes(visible_entries(workspace, session))
        if (kind is None or e.kind in ("", kind)) and (model is None or e.model in ("", model))
    )
    resamples = int(workspace.settings["audit.resamples"])
    once = tuple(e for e in entries if not e.reader.endswith(AGAIN))  # A second pass is nobody's further verdict.
    verdicts, left_out = split_verdicts(
        [e for e in (reference_rows(once) if adjudicated else once) if e.finding_kind != CONTROL], include
    )
    measures: list[Measure] = [acceptance(verdicts, left_out, group="all", resamples=resamples)]
    for name in sorted({v.model for v in verdicts if v.model}):
        of_model = [v for v in verdicts if v.model == name]
        measures.append(acceptance(of_model, left_out, group=name, resamples=resamples))
        for finding_kind in sorted({v.finding_kind for v in of_model}):
            rows = [v for v in of_model if v.finding_kind == finding_kind]
            measures.append(acceptance(rows, left_out, group=f"{name}, {finding_kind}", resamples=resamples))
    measures.append(verdict_dice(verdicts, group="all", resamples=resamples))
    measures.append(relative_sensitivity(verdicts, group="all", resamples=resamples))
    if workspace.settings["audit.readers"]:
        for name in sorted({v.reader for v in verdicts}):
            rows = [v for v in verdicts if v.reader == name]
            measures.append(acceptance(rows, left_out, group=f"reader {name}", resamples=resamples))
            measures.append(active_seconds(rows, group=f"reader {name}", resamples=resamples))
    scripted = "scripted" in include
    measures += controlled_sensitivity(once, resamples=resamples, include_scripted=scripted)
    for blind, basis in ((True, "read before the model was shown"), (False, "as signed off, model shown")):
        units = study_units(entries, blind=blind, include_scripted=scripted)
        measures += reader_pairs(units, unit="study present or absent", basis=basis, resamples=resamples)
    if kind is not StudyKind.MR:
        durations, events = _eeg_lengths(workspace, entries)
        units = epoch_units(entries, durations, events, include_scripted=scripted)
        measures += event_measures(workspace, once, resamples=resamples, include_scripted=scripted)
        measures += reader_pairs(units, unit="10 s epochs", basis="as signed off, model shown", resamples=resamples)
    return AuditReport(
        measures=tuple(measures),
        by_size=_by_size(workspace, verdicts, resamples),
        reasons=dict(rejection_reasons(verdicts)),
        reason_groups=dict(reason_groups(verdicts)),
        verdicts=tuple(verdicts),
        synthetic=workspace.is_demonstration,
    )


def _eeg_lengths(
    workspace: Workspace, entries: Sequence[LedgerEntry]
) -> tuple[dict[str, float], dict[tuple[str, str, str], tuple[float, float]]]:
    store = PredictionStore(workspace.predictions_folder)
    durations: dict[str, float] = {}
    events: dict[tuple[str, str, str], tuple[float, float]] = {}
    here = set(workspace.study_ids())
    for study_id in sorted({e.study for e in entries if e.kind == StudyKind.EEG} & here):
        recording = workspace.study(study_id).recording
        if recording is not None:
            durations[study_id] = recording.duration_s
        for prediction in store.of(study_id):
            for finding in prediction.findings:
                if finding.onset_s is not None and finding.duration_s is not None:
                    key = (study_id, prediction.digest, str(finding.number))
                    events[key] = (finding.onset_s, finding.duration_s)
    return durations, events


def _by_size(workspace: Workspace, verdicts: Sequence[LedgerEntry], resamples: int) -> tuple[Measure, ...]:
    store = PredictionStore(workspace.predictions_folder)
    here = set(workspace.study_ids())
    volumes: dict[tuple[str, str, str], float] = {}
    for study_id in sorted({v.study for v in verdicts if v.kind == StudyKind.MR} & here):
        for prediction in store.of(study_id):
            for finding in prediction.findings:
                if finding.volume_ml is not None:
                    volumes[(study_id, prediction.digest, str(finding.number))] = finding.volume_ml
    bands = []
    for words, low, high in _SIZES:
        rows = [v for v in verdicts if low <= volumes.get((v.study, v.prediction, v.finding), -1.0) < high]
        if rows:
            _, left_out = split_verdicts(())
            bands.append(acceptance(rows, left_out, group=words, resamples=resamples))
    return tuple(bands)
