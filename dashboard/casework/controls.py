"""Unlabelled windows: what an EEG's reader judges before anything of the model is shown, where controls are on.

Pure functions of rows, a prediction and its recording; who asks them is `shelf` for the gate and `unlabelled` for the
page. In doubt the reader still owes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..audit import control_windows, draw, window_of
from ..domain import Finding, Prediction, Recording
from ..ledger import LedgerEntry, current_verdicts
from ..review import READING_ROLES, is_closed, parse_exposure
from ..terms import Action, ExposureClass, Role

__all__ = ["CONTROL", "STRATUM", "JudgedWindow", "alerts_and_gaps", "owes_windows", "sample_row", "windows_of"]

STRATUM = "eeg_30s_without_alert_1"
"""Name of the stratum in `sample` rows; another rule of cutting would be another name."""
CONTROL = "control"
"""`finding_kind` of a verdict on a window without an alert."""
_FIRST = 1_000_001
"""Number of the first control, beyond any alert's."""


@dataclass(frozen=True)
class JudgedWindow:
    """One window, the alerts that begin in it, or the control that it is."""

    onset_s: float
    duration_s: float
    findings: tuple[Finding, ...]


def alerts_and_gaps(
    prediction: Prediction, recording: Recording
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Onset and duration of the prediction's events, and of the recording's gaps."""
    alerts = [(f.onset_s, f.duration_s or 0.0) for f in prediction.findings if f.onset_s is not None]
    return alerts, [(gap.onset_s, gap.duration_s) for gap in recording.gaps]


def sample_row(rows: Sequence[LedgerEntry], prediction: str) -> LedgerEntry | None:
    """The row of the draw for a prediction."""
    return next((e for e in rows if e.action == Action.SAMPLE and e.prediction == prediction), None)


def windows_of(row: LedgerEntry, prediction: Prediction, recording: Recording) -> tuple[JudgedWindow, ...]:
    """Alerts and drawn controls alike, in the order of time; the same from the same row each time."""
    alerts, gaps = alerts_and_gaps(prediction, recording)
    stratum = control_windows(recording.duration_s, alerts, gaps)
    chosen = draw(len(stratum), min(int(row.details["drawn"]), len(stratum)), str(row.details["seed"]))
    held: dict[tuple[float, float], list[Finding]] = {}
    for finding in prediction.findings:
        if finding.onset_s is not None:
            held.setdefault(window_of(finding.onset_s, recording.duration_s), []).append(finding)
    for window in (stratum[number] for number in chosen):
        control = Finding(_FIRST + window.index, CONTROL, None, onset_s=window.onset_s, duration_s=window.duration_s)
        held.setdefault((window.onset_s, window.duration_s), []).append(control)
    return tuple(JudgedWindow(*edges, tuple(findings)) for edges, findings in sorted(held.items()))


def owes_windows(
    rows: Sequence[LedgerEntry],
    prediction: Prediction,
    recording: Recording,
    reader: str,
    role: Role,
    *,
    rate: float,
) -> bool:
    """Whether windows of the prediction are left for this reader, who has not seen anything of it yet."""
    row = sample_row(rows, prediction.digest)
    if role not in READING_ROLES or (row is None and rate <= 0) or is_closed(rows, prediction.study, reader):
        return False
    if any(
        ExposureClass.PRESENCE in parse_exposure(e.exposure)
        for e in rows
        if (e.action, e.reader, e.prediction) == (Action.PRESENT, reader, prediction.digest)
    ):
        return False
    if row is None:
        return True
    judged = current_verdicts(rows)
    return any(
        (prediction.study, prediction.digest, str(finding.number), reader) not in judged
        for window in windows_of(row, prediction, recording)
        for finding in window.findings
    )
