"""Fourth step of a case: what the reader says becomes a row that lasts.

Every function takes the session that acts, asks the review room's rules, and appends. What a rule or the disk
refuses is kept as a draft, so that no judgement is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..domain import Finding, Prediction, Session, Study, new_own_finding
from ..errors import LedgerRefused, NoFrameInCommon, OverreadError, VerdictRefused, VerdictRule
from ..files import array_digest, canonical_digest
from ..imaging import dice, read_label_map, resample, write_nifti_mask
from ..ledger import LedgerEntry, NewRow, click_event_id, current_verdicts
from ..review import check_amendment, check_sign_off, check_verdict, committed_read, exposure_at
from ..terms import Action, Identity, Scope, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .reveal import is_withheld

__all__ = ["Intent", "protocol_digest", "record_read", "record_sign_off", "record_verdict", "reopen", "undo"]


@dataclass(frozen=True)
class Intent:
    """What a reader meant by one click, beside the action: everything that the row will say of it.

    Attributes
    ----------
    shown : bool
        The finding had been on this reader's screen.
    drawn_with : str
        The event that was current for the finding when the page was drawn; '' for none. An outdated page
        is refused.
    mask : Path or None
        The reader's own mask, a NIfTI label map, for `modify` and `add`.
    """

    reason: str = ""
    comment: str = ""
    confidence: int | None = None
    shown: bool = False
    bulk: bool = False
    drawn_with: str = ""
    occurred_at: str = ""
    view: Mapping[str, Any] = field(default_factory=dict)
    active_s: float | None = None
    mask: Path | None = None
    onset_s: float | None = None
    duration_s: float | None = None
    point_lps: tuple[float, float, float] | None = None
    channels: tuple[str, ...] = ()
    event_type: str = ""


def protocol_digest(workspace: Workspace) -> str:
    """Digest of the reading rules in force: the `review` settings."""
    return canonical_digest({k: v for k, v in workspace.settings.values.items() if k.startswith("review.")})


def record_verdict(
    workspace: Workspace,
    session: Session,
    study: Study,
    action: Action,
    prediction: Prediction | None,
    finding: Finding | None,
    intent: Intent,
) -> LedgerEntry:
    """Record accept, modify, reject, unsure on a model's finding, or `add` for one that it missed.

    Raises
    ------
    VerdictRefused, LedgerRefused
        A rule forbids it, or the row could not be made durable; the verdict is kept as a draft.
    """
    number = str(finding.number) if finding else ""
    own = number or new_own_finding()
    try:
        entries = workspace.ledger.entries()
        if is_withheld(workspace, session, study.id, entries):
            raise VerdictRule(
                "The verdict was not recorded.",
                "The study is read blind and this reader has not committed a read of their own.",
                "Commit your own read first.",
            )
        check_verdict(
            entries,
            action=action,
            study=study.id,
            prediction=prediction.digest if prediction else "",
            finding=number,
            reader=session.reader,
            reason=intent.reason,
            shown=intent.shown,
            scripted=session.identity is Identity.SCRIPT,
            drawn_with=intent.drawn_with,
            reason_on_reject=bool(workspace.settings["review.reason_on_reject"]),
        )
        details = _details(intent)
        artifact, artifact_digest = "", ""
        if intent.mask is not None:
            artifact, artifact_digest, measured = _store_mask(workspace, study, prediction, finding, intent.mask)
            details.update(measured)
        row = NewRow(
            action=action,
            finding=own,
            finding_kind=finding.kind if finding else ("seizure" if study.kind is StudyKind.EEG else "lesion"),
            score=finding.score if finding else None,
            reason=intent.reason,
            comment=intent.comment,
            confidence=intent.confidence,
            artifact=artifact,
            artifact_digest=artifact_digest,
            view=dict(intent.view) or None,
            details=details,
            supersedes=_superseded(entries, study.id, prediction, number, session.reader),
            event_id=_click(session, study.id, number, action, intent) if number else "",
            **_who(session, intent, workspace, study, prediction),
        )
        return workspace.ledger.append(row)[0]
    except (VerdictRefused, LedgerRefused) as error:
        _keep_draft(workspace, session, study.id, own, action, intent, error)
        raise


def record_sign_off(
    workspace: Workspace,
    session: Session,
    study: Study,
    scope: Scope,
    *,
    displayed: Mapping[str, float],
    intent: Intent,
) -> LedgerEntry:
    """Close a study for this reader: 'AI findings reviewed' or 'whole study read'.

    Parameters
    ----------
    displayed : mapping
        Share of slices per series digest, or of the recording under its digest, 0 to 1.

    Raises
    ------
    VerdictRefused, LedgerRefused
        Findings are open, the scope is not offered, a reason is missing, or the disk failed.
    """
    store = PredictionStore(workspace.predictions_folder)
    predictions = store.of(study.id)
    prediction = predictions[-1] if predictions else None
    try:
        entries = workspace.ledger.entries()
        if is_withheld(workspace, session, study.id, entries):
            raise VerdictRule(
                "The study was not signed off.",
                "It is read blind and this reader has not committed a read of their own.",
                "Commit your own read first.",
            )
        check_sign_off(
            entries,
            study=study.id,
            reader=session.reader,
            scope=scope,
            prediction=prediction.digest if prediction else "",
            findings=tuple(str(f.number) for f in prediction.findings) if prediction else (),
            displayed=min(displayed.values(), default=0.0),
            reason=intent.reason,
            scripted=session.identity is Identity.SCRIPT,
        )
        row = NewRow(
            action=Action.SIGN_OFF,
            scope=scope,
            reason=intent.reason,
            comment=intent.comment,
            view=dict(intent.view) or None,
            details={"displayed": {digest: round(share, 4) for digest, share in displayed.items()}},
            **_who(session, intent, workspace, study, prediction),
        )
        return workspace.ledger.append(row)[0]
    except (VerdictRefused, LedgerRefused) as error:
        _keep_draft(workspace, session, study.id, "sign_off", Action.SIGN_OFF, intent, error)
        raise


def record_read(
    workspace: Workspace,
    session: Session,
    study: Study,
    *,
    present: bool,
    findings: Sequence[Intent] = (),
    intent: Intent,
) -> LedgerEntry:
    """Commit a reader's own read: a row for each finding and, last, one for the study that opens the gate.

    Raises
    ------
    VerdictRule
        Present without a finding named by a reader on the page, or absent with one; or already committed.
    """
    if not present and findings:
        raise VerdictRule("The read was not committed.", "It says 'nothing seen' and names findings.", "Choose one.")
    if present and not findings and session.identity is not Identity.SCRIPT:
        raise VerdictRule(
            "The read was not committed.", "It names no finding.", "Click a lesion or drag an event, or say N for none."
        )
    if committed_read(workspace.ledger.entries(), study.id, session.reader) is not None:
        raise VerdictRule(
            "The read was not committed.", "This reader has committed one before.", "Go on to the review."
        )
    kind = "seizure" if study.kind is StudyKind.EEG else "lesion"
    rows = [
        NewRow(
            action=Action.READ,
            finding=new_own_finding(),
            finding_kind=kind,
            confidence=own.confidence,
            comment=own.comment,
            details=_details(own),
            **_who(session, own, workspace, study, None),
        )
        for own in findings
    ]
    rows.append(
        NewRow(
            action=Action.READ,
            comment=intent.comment,
            confidence=intent.confidence,
            details={"present": present},
            **_who(session, intent, workspace, study, None),
        )
    )
    return workspace.ledger.append(*rows)[-1]


def undo(workspace: Workspace, session: Session, event_id: str) -> LedgerEntry:
    """Withdraw a row of this reader's by an `amend` row; nothing is erased.

    Raises
    ------
    VerdictRule
        The row is not this reader's, is no verdict or sign-off, or was withdrawn before.
    """
    row = check_amendment(workspace.ledger.entries(), event_id=event_id, reader=session.reader)
    study = workspace.study(row.study)
    return workspace.ledger.append(
        NewRow(
            action=Action.AMEND,
            supersedes=event_id,
            finding=row.finding,
            model=row.model,
            model_version=row.model_version,
            model_digest=row.model_digest,
            prediction=row.prediction,
            **_who(session, Intent(), workspace, study, None, with_model=False),
        )
    )[0]


def reopen(workspace: Workspace, session: Session, study: Study, reason: str = "") -> LedgerEntry:
    """Open a signed study again for this reader."""
    return workspace.ledger.append(
        NewRow(action=Action.REOPEN, reason=reason, **_who(session, Intent(), workspace, study, None))
    )[0]


def _who(
    session: Session,
    intent: Intent,
    workspace: Workspace,
    study: Study,
    prediction: Prediction | None,
    *,
    with_model: bool = True,
) -> dict[str, Any]:
    common = {
        "reader": session.reader,
        "role": session.role,
        "identity": session.identity,
        "occurred_at": intent.occurred_at,
        "exposure": exposure_at(
            workspace.ledger.entries(), study.id, session.reader, scripted=session.identity is Identity.SCRIPT
        ),
        "study": study.id,
        "subject": study.subject,
        "kind": study.kind,
        "input_digest": prediction.input_digest if prediction else study.input_digest,
        "active_s": intent.active_s,
        "protocol": protocol_digest(workspace),
    }
    if with_model and prediction is not None:
        common |= {
            "model": prediction.model.id,
            "model_version": prediction.model.version,
            "model_digest": prediction.model.digest,
            "prediction": prediction.digest,
        }
    return common


def _details(intent: Intent) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if intent.bulk:
        details["bulk"] = True
    if intent.onset_s is not None and intent.duration_s is not None:
        details |= {"onset_s": round(intent.onset_s, 3), "duration_s": round(intent.duration_s, 3)}
    if intent.point_lps is not None:
        details["point_lps"] = [round(float(x), 2) for x in intent.point_lps]
    if intent.channels:
        details["channels"] = list(intent.channels)
    if intent.event_type:
        details["event_type"] = intent.event_type
    return details


def _superseded(
    entries: tuple[LedgerEntry, ...], study: str, prediction: Prediction | None, finding: str, reader: str
) -> str:
    if not finding or prediction is None:
        return ""
    known = current_verdicts(entries).get((study, prediction.digest, finding, reader))
    return known.event_id if known else ""


def _click(session: Session, study: str, finding: str, action: Action, intent: Intent) -> str:
    if session.identity is Identity.SCRIPT:
        return ""
    said = {
        "reason": intent.reason,
        "comment": intent.comment,
        "confidence": intent.confidence,
        "onset_s": intent.onset_s,
        "duration_s": intent.duration_s,
    }
    return click_event_id(session.reader, study, finding, action, intent.drawn_with, said)


def _store_mask(
    workspace: Workspace, study: Study, prediction: Prediction | None, finding: Finding | None, file: Path
) -> tuple[str, str, dict[str, Any]]:
    """Bring a reader's mask to the grid, keep it as a file, and measure it against the model's."""
    labels, affine = read_label_map(file)
    grid = study.volume(prediction.grid) if prediction else study.volumes[0]
    own = resample((labels > 0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
    if not own.any():
        raise NoFrameInCommon(
            "The mask was not taken.", "None of its voxels lies on the study's grid.", "Check that it is of this study."
        )
    digest = array_digest(own.astype(np.uint8), grid.affine)
    relative = f"artifacts/{study.id}/{digest}.nii.gz"
    target = workspace.root / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    write_nifti_mask(own.astype(np.uint8), grid.affine, target, synthetic=study.synthetic)
    measured: dict[str, Any] = {"edit": "imported"}
    if prediction is not None and finding is not None:
        store = PredictionStore(workspace.predictions_folder)
        model_mask = store.lesion_map(study.id, prediction.digest) == finding.component
        measured["dice"] = round(float(dice(own, model_mask)), 4)
        voxel_ml = float(np.prod(grid.spacing_mm)) / 1000
        measured["volume_ml"] = round(float(own.sum()) * voxel_ml, 4)
    return relative, digest, measured


def _keep_draft(
    workspace: Workspace,
    session: Session,
    study: str,
    finding: str,
    action: Action,
    intent: Intent,
    error: OverreadError,
) -> None:
    """Keep what could not be recorded; a full disk may refuse this too, and the first error is the one told."""
    kept = {"action": str(action), "intent": asdict(intent), "error": error.code}
    try:
        workspace.drafts.put(session.reader, study, f"refused-{finding}", json.dumps(kept, default=str).encode())
    except OSError:
        return
