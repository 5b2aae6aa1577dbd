"""The end of a case: its data are erased on request or by retention, and the way back to the record is looked up.

The `erase` row comes first and is durable; from then on the study counts as erased, whatever still lies on the disk.
Removal follows and can be repeated, so that a crash between the two is mended by running the same command again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..domain import Session, is_study
from ..errors import RoleRefused, StudyNotFound, UsageError
from ..ledger import LedgerEntry, NewRow
from ..terms import Action, Role
from ..workspace import Workspace, remove_study

__all__ = ["Erased", "LookedUp", "due_for_erasure", "erase_study", "look_up"]

_MAY = (Role.OPERATOR, Role.ENGINEER)
_LONGEST = 200


@dataclass(frozen=True)
class Erased:
    """One study that is erased. `again` is true where its row had been written before; `removed` is what went now."""

    study: str
    row: int
    removed: tuple[str, ...]
    again: bool


@dataclass(frozen=True)
class LookedUp:
    """Whose study it is, for the terminal alone; empty where the files named nobody."""

    study: str
    accession: str
    patient_id: str
    issuer: str


def erase_study(
    workspace: Workspace, session: Session, study: str, *, basis: str, requester: str, approver: str
) -> Erased:
    """Erase a study: the row that says on what basis, then data, results, masks, drafts, comments, identity, key.

    Parameters
    ----------
    basis, requester, approver : str
        Legal basis, who asked, who approved; for good in the ledger, so offices or references rather than patients.

    Raises
    ------
    UsageError
        One of the three is missing or too long.
    RoleRefused
        The session's role may not.
    StudyNotFound
        No such study is here or was erased.
    """
    said = _said(basis, requester, approver)
    _check_role(session, "Nothing was erased.")
    if not is_study(study):
        raise StudyNotFound("Nothing was erased.", "That is no study's pseudonym.", "`overread cases` lists them.")
    with workspace.recording:
        before = erase_row(workspace, study) if study in workspace.erased_studies() else None
        row = before or _record(workspace, session, study, said)
        return Erased(study, row.seq, remove_study(workspace, study, row.subject), before is not None)


def due_for_erasure(workspace: Workspace, older_than_days: float, now: datetime | None = None) -> tuple[str, ...]:
    """Studies that were taken in more than so many days ago, oldest first: those that retention would erase.

    Raises
    ------
    UsageError
        The number of days is negative.
    """
    if not older_than_days >= 0:
        raise UsageError("Nothing was listed.", "Days count from 0.", "Give --older-than a number of days.")
    before = (now or datetime.now(UTC)) - timedelta(days=older_than_days)
    aged = [(datetime.fromisoformat(workspace.study(study).added_at), study) for study in workspace.study_ids()]
    return tuple(study for added, study in sorted(aged) if added < before)


def erase_row(workspace: Workspace, study: str) -> LedgerEntry:
    """The newest row by which a study was erased; StudyNotFound where there is none."""
    rows: Sequence[LedgerEntry] = workspace.ledger.entries()
    for entry in reversed(rows):
        if entry.action == Action.ERASE and entry.study == study:
            return entry
    raise StudyNotFound("There is no such study here.", "Nothing of it was erased.", "`overread cases` lists them.")


def look_up(workspace: Workspace, session: Session, study: str) -> LookedUp:
    """Accession and patient id of a study, once the `lookup` row is durable.

    Raises
    ------
    RoleRefused
        Only operators and engineers may.
    StudyNotFound, StudyErased
        There is no such study, or its identity was erased.
    """
    _check_role(session, "The identity was not looked up.")
    case = workspace.study(study)
    workspace.ledger.append(_row(session, Action.LOOKUP, case.id, case.subject, str(case.kind), case.input_digest))
    known = workspace.identity(study)
    number = known.get("accession") or known.get("admission")  # EDF+ has the hospital's code of the investigation.
    return LookedUp(study, *(str(said or "") for said in (number, known.get("patient_id"), known.get("issuer"))))


def _record(workspace: Workspace, session: Session, study: str, said: dict[str, str]) -> LedgerEntry:
    try:
        case = workspace.study(study)
        about = (case.id, case.subject, str(case.kind), case.input_digest)
    except StudyNotFound:
        raise
    except Exception:  # A study too damaged to open is erased all the same; its rows say whose it was.
        known = next((e for e in workspace.ledger.entries() if e.study == study and e.subject), None)
        if known is None:
            raise
        about = (study, known.subject, known.kind, known.input_digest)
    return workspace.ledger.append(_row(session, Action.ERASE, *about, details=said))[0]


def _row(
    session: Session,
    action: Action,
    study: str,
    subject: str,
    kind: str,
    digest: str,
    details: dict[str, str] | None = None,
) -> NewRow:
    """A row about a study as such; nothing of a model is shown by it, and a terminal's exposure is not known."""
    return NewRow(
        action=action,
        reader=session.reader,
        role=session.role,
        identity=session.identity,
        exposure="UNKNOWN",
        study=study,
        subject=subject,
        kind=kind,
        input_digest=digest,
        details=details or {},
    )


def _said(basis: str, requester: str, approver: str) -> dict[str, str]:
    said = {"basis": basis.strip(), "requester": requester.strip(), "approver": approver.strip()}
    for name, text in said.items():
        if not text or len(text) > _LONGEST:
            raise UsageError(
                "Nothing was erased.",
                f"The {name} is missing or over {_LONGEST} characters.",
                "Give --basis, --requester and --approver, without a patient's name.",
            )
    return said


def _check_role(session: Session, what: str) -> None:
    if session.role not in _MAY:
        raise RoleRefused(what, f"A {session.role} may not do that.", "Ask an operator or engineer of this workspace.")
