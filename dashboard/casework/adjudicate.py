"""Between readers: who is to read a study, and what an adjudicator decides where they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..domain import Session, Study
from ..errors import StalePage, UsageError
from ..ledger import LedgerEntry, NewRow
from ..review import (
    check_adjudication,
    check_assignment,
    committed_read,
    first_pass,
    needs_adjudication,
    shown_to,
)
from ..terms import FINDING_ACTIONS, Action, Identity
from ..workspace import Workspace
from .intents import Intent, click_id, who
from .reveal import is_withheld
from .shelf import rows_of, shelf_of

__all__ = ["Adjudication", "ReaderSaid", "adjudication_of", "assign", "record_adjudication"]

_READER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}\Z")
_STANDS = {Action.ACCEPT, Action.MODIFY}


@dataclass(frozen=True)
class ReaderSaid:
    """What one reader, unnamed, said: their verdicts in force by (prediction, finding), without comments."""

    verdicts: Mapping[tuple[str, str], LedgerEntry]
    scope: str


@dataclass(frozen=True)
class Adjudication:
    """A study that waits for a decision, as its adjudicator sees it once their own read is committed.

    Attributes
    ----------
    readers : tuple of ReaderSaid
        In random order.
    shown : tuple of str
        Event ids of all that they said, in that order: what the row will list.
    findings : tuple of (prediction, finding)
        Everything that is to be decided on: findings of the models that any reader judged, then those that readers added.
    """

    readers: tuple[ReaderSaid, ...]
    shown: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]

    def row_of(self, key: tuple[str, str]) -> LedgerEntry:
        """A reader's row on a finding, for its kind and model."""
        return next(said.verdicts[key] for said in self.readers if key in said.verdicts)


def assign(workspace: Workspace, session: Session, study: Study, reader: str) -> LedgerEntry:
    """Give a study to a reader. As many readers as the site wants keep it; a further one takes the place of the oldest.

    Raises
    ------
    UsageError
        The reader's code is not one.
    VerdictRule
        Whoever assigns is no operator.
    """
    if not _READER.match(reader):
        raise UsageError(
            "The study was not assigned.",
            "A reader's code is letters, digits, spaces, dots, dashes and underscores, at most 40.",
            "Name a code such as R-04.",
        )
    check_assignment(role=session.role, scripted=session.identity is Identity.SCRIPT)
    row = NewRow(action=Action.ASSIGN, details={"assignee": reader}, **who(session, Intent(), workspace, study, None))
    return workspace.ledger.append(row)[0]


def adjudication_of(workspace: Workspace, session: Session, study: Study) -> Adjudication | None:
    """What the readers said, unnamed, for an adjudicator who has read the study; None where nothing waits or may be seen.

    Nothing is decided on a result of another assignment of the series: the study waits until its readers have judged
    the result of this one, or the assignment is put back.
    """
    rows = first_pass(rows_of(workspace, study.id))
    waits = needs_adjudication(rows, shelf_of(workspace).policy, study.id)
    if not waits or is_withheld(workspace, session, study.id):
        return None
    if committed_read(rows, study.id, session.reader) is None:
        return None
    told = _put_together(shown_to(rows, session.reader))
    return None if _fallen(workspace, study, told) else told


def record_adjudication(
    workspace: Workspace,
    session: Session,
    study: Study,
    decisions: Mapping[tuple[str, str], Action],
    *,
    shown: Sequence[str],
    intent: Intent,
) -> LedgerEntry:
    """Record a decision: a row for each finding and, last, one for the study that settles it.

    Parameters
    ----------
    decisions : mapping
        accept, modify, reject or unsure by (prediction, finding), for every finding of `Adjudication.findings`.
    shown : sequence of str
        Event ids that the page showed, in their order.

    Raises
    ------
    VerdictRefused, LedgerRefused
        A rule forbids it, a reader has recorded something since, or the row could not be made durable.
    """
    said = [f"{prediction} {finding} {action}" for (prediction, finding), action in sorted(decisions.items())]
    click = click_id(session, study.id, "", Action.ADJUDICATE, intent, decisions=said, shown=list(shown))
    with workspace.recording:
        known = workspace.ledger.find(click) if click else None
        if known is not None:
            return known
        rows = first_pass(rows_of(workspace, study.id))
        told = _put_together(shown_to(rows, session.reader))
        if _fallen(workspace, study, told):
            raise StalePage(
                "The decision was not recorded.",
                "A series was assigned to another sequence since: what the readers judged is of the assignment before.",
                "Let the readers judge the result of this assignment, or assign the series as it was.",
            )
        check_adjudication(
            role=session.role,
            waits=needs_adjudication(rows, shelf_of(workspace).policy, study.id),
            has_read=committed_read(rows, study.id, session.reader) is not None,
            shown=shown,
            to_show=told.shown,
            decisions={f"{p} {f}": str(action) for (p, f), action in decisions.items()},
            findings=[f"{p} {f}" for p, f in told.findings],
        )
        common = who(session, intent, workspace, study, None)
        decided = [_decided(common, told, key, decisions[key]) for key in told.findings]
        stands = any(action in _STANDS for action in decisions.values())
        last = NewRow(
            action=Action.ADJUDICATE,
            comment=intent.comment,
            view=dict(intent.view) or None,
            details={"shown": list(told.shown), "present": stands},
            event_id=click,
            **common,
        )
        return workspace.ledger.append(*decided, last)[-1]


def _fallen(workspace: Workspace, study: Study, told: Adjudication) -> bool:
    """Whether any verdict is on a result that no longer stands."""
    stand = {prediction.digest for prediction in shelf_of(workspace).standing(study.id)}
    return any(prediction and prediction not in stand for prediction, _ in told.findings)


def _put_together(readers: Sequence[Sequence[LedgerEntry]]) -> Adjudication:
    told = tuple(ReaderSaid({(v.prediction, v.finding): v for v in said[:-1]}, said[-1].scope) for said in readers)
    keys = {key: row for one in told for key, row in one.verdicts.items()}
    models = [key for key, row in keys.items() if row.action in FINDING_ACTIONS]
    own = [key for key, row in keys.items() if row.action == Action.ADD]
    ordered = sorted(models, key=lambda key: (key[0], int(key[1]) if key[1].isdigit() else 0))
    return Adjudication(told, tuple(row.event_id for said in readers for row in said), (*ordered, *own))


def _decided(common: Mapping[str, object], told: Adjudication, key: tuple[str, str], action: Action) -> NewRow:
    row = told.row_of(key)
    said = [v.event_id for one in told.readers for k, v in one.verdicts.items() if k == key]
    taken = {name: getattr(row, name) for name in
             ("prediction", "finding", "finding_kind", "score", "model", "model_version", "model_digest", "input_digest")}  # fmt: skip
    return NewRow(action=Action.ADJUDICATE, details={"shown": said, "decision": str(action)}, **{**common, **taken})
