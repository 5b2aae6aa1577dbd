"""What the EEG page shows while controls run: windows without labels, and the verdict on one of them.

The draw is made and recorded once a result, when its first reader opens it. That a list of windows is in part the
model's is recorded as PRIORITY before it is handed over.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from ..audit import control_windows, drawn_count
from ..domain import Prediction, Session, Study
from ..errors import FindingNotFound
from ..ledger import LedgerEntry, NewRow, click_event_id, current_event, current_verdicts
from ..review import again_mark, parse_exposure
from ..terms import Action, ExposureClass, Identity, Role
from ..workspace import Workspace
from .columns import columns_of
from .controls import CONTROL, STRATUM, JudgedWindow, alerts_and_gaps, sample_row, windows_of
from .intents import Intent
from .record import record_verdict
from .reveal import is_withheld, present_row
from .shelf import is_veiled, rows_for, rows_of, shelf_of

__all__ = ["UnlabelledWindow", "judge_window", "unlabelled"]


@dataclass(frozen=True)
class UnlabelledWindow:
    """One window as its reader may know it: a number in the order of time, its edges, and their own verdict.

    Attributes
    ----------
    verdict : str
        '' while it is open.
    state : str
        What the page was drawn with, to be sent back as `Intent.drawn_with`.
    """

    number: int
    onset_s: float
    duration_s: float
    verdict: str
    state: str


def unlabelled(workspace: Workspace, session: Session, study: Study) -> tuple[UnlabelledWindow, ...]:
    """The windows that this reader judges before anything of the newest result is shown; none where none are owed.

    Raises
    ------
    LedgerRefused
        The draw or the `present` row could not be made durable; nothing is handed over.
    """
    workspace.refuse_erased(study.id)
    if is_withheld(workspace, session, study.id) or not is_veiled(workspace, session, study.id):
        return ()
    prediction = shelf_of(workspace).predictions.of(study.id)[-1]
    row = sample_row(rows_of(workspace, study.id), prediction.digest) or _draw(workspace, study, prediction)
    if not is_veiled(workspace, session, study.id):  # There is no alert, and nothing to draw from.
        return ()
    _present(workspace, session, study, prediction)
    rows = rows_for(workspace, session, study.id)
    verdicts = current_verdicts(rows)
    windows = []
    for number, window in enumerate(_windows(row, prediction, study), start=1):
        names = [str(finding.number) for finding in window.findings]
        given = [verdicts.get((study.id, prediction.digest, name, session.reader)) for name in names]
        verdict = next((e.action for e in given if e is not None), "") if all(given) else ""
        states = [current_event(rows, study.id, prediction.digest, name, session.reader) for name in names]
        windows.append(UnlabelledWindow(number, window.onset_s, window.duration_s, verdict, "+".join(states)))
    return tuple(windows)


def judge_window(
    workspace: Workspace, session: Session, study: Study, number: int, action: Action, intent: Intent
) -> LedgerEntry:
    """Record a verdict on an unlabelled window: accept means that a seizure is here, modify gives its edges.

    Raises
    ------
    FindingNotFound
        No such window is open for this reader.
    VerdictRefused, LedgerRefused
        As for any verdict.
    """
    known = unlabelled(workspace, session, study)
    if not 1 <= number <= len(known):
        raise FindingNotFound("The verdict was not recorded.", "There is no such window.", "Reload the page.")
    prediction = shelf_of(workspace).predictions.of(study.id)[-1]
    row = sample_row(rows_of(workspace, study.id), prediction.digest)
    assert row is not None
    window = _windows(row, prediction, study)[number - 1]
    edges = (window.onset_s, window.duration_s)
    states = intent.drawn_with.split("+") + [""] * len(window.findings)
    recorded = []
    for finding, state in zip(window.findings, states, strict=False):
        said = replace(intent, drawn_with=state)
        if finding.kind == CONTROL and action in (Action.ACCEPT, Action.MODIFY) and said.onset_s is None:
            said = replace(said, onset_s=edges[0], duration_s=edges[1])
        recorded.append(record_verdict(workspace, session, study, action, prediction, finding, said, window=edges))
    return recorded[-1]


def _windows(row: LedgerEntry, prediction: Prediction, study: Study) -> tuple[JudgedWindow, ...]:
    assert study.recording is not None
    return windows_of(row, prediction, study.recording)


def _present(workspace: Workspace, session: Session, study: Study, prediction: Prediction) -> None:
    """The row that says that the model had a part in what is listed, once a reader and pass."""
    seen = {
        exposure
        for e in rows_for(workspace, session, study.id)
        if (e.action, e.reader, e.prediction) == (Action.PRESENT, session.reader, prediction.digest)
        for exposure in parse_exposure(e.exposure)
    }
    if ExposureClass.PRIORITY not in seen:
        mark = again_mark(rows_of(workspace, study.id), session.reader)
        workspace.ledger.append(present_row(session, study, prediction, {ExposureClass.PRIORITY}, mark))


def _draw(workspace: Workspace, study: Study, prediction: Prediction) -> LedgerEntry:
    """Draw once for a result: two readers at the same moment get the same row."""
    assert study.recording is not None
    size = len(control_windows(study.recording.duration_s, *alerts_and_gaps(prediction, study.recording)))
    drawn = drawn_count(size, float(workspace.settings["review.control_rate"]))
    row = NewRow(
        action=Action.SAMPLE,
        event_id=click_event_id("overread", study.id, "", Action.SAMPLE, "", {"prediction": prediction.digest}),
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        **columns_of(study, prediction),
        details={
            "stratum": STRATUM,
            "size": size,
            "drawn": drawn,
            "inclusion_probability": round(drawn / size, 6) if size else 0,
            "seed": secrets.token_hex(16),
        },
    )
    return workspace.ledger.append(row)[0]
