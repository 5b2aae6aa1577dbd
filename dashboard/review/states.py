"""The state of each study on the worklist, from what is predicted, running or failed, and from the ledger.

Trust model: where several readers read a study, none of them learns from its state what another did; who does not
read sees the whole. An adjudicator learns that a study waits, not who read it nor whether its readers differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ..ledger import LedgerEntry
from ..terms import FINDING_ACTIONS, Action, Role
from .adjudication import needs_adjudication, signed_readers
from .index import StudyIndex, once
from .passes import first_pass
from .policy import ReadingPolicy
from .rules import is_closed

__all__ = ["READING_ROLES", "StudyState", "assigned_to", "earlier_model", "is_taken", "state_seen_by", "study_state",
           "study_states", "under_review"]  # fmt: skip

READING_ROLES = (Role.RADIOLOGIST, Role.NEUROLOGIST)
_ADJUDICATOR, _ASSIGN = Role.ADJUDICATOR, Action.ASSIGN
_JUDGING = frozenset({*FINDING_ACTIONS, Action.ADD, Action.READ})
_TOUCHING = _JUDGING | {Action.REOPEN, Action.AMEND}
_NEWER = frozenset({Action.PREDICT, Action.SIGN_OFF, Action.AMEND})
_WORDS = {
    "new": "new",
    "running": "running",
    "failed": "not run",
    "to_review": "to review",
    "in_review": "in review",
    "done": "done",
    "adjudicate": "needs adjudication",
}


@dataclass(frozen=True)
class StudyState:
    """One study's state: a key, its words, who is at it or done, and a detail such as why it was not run."""

    state: str
    words: str
    readers: tuple[str, ...] = ()
    detail: str = ""


def study_states(
    studies: Sequence[str],
    entries: Iterable[LedgerEntry],
    *,
    predicted: Set[str],
    running: Set[str],
    failed: Mapping[str, str],
    policy: ReadingPolicy | None = None,
) -> dict[str, StudyState]:
    """States by study as who does not read sees them; one pass over the rows."""
    index = StudyIndex()
    index.catch_up(tuple(entries))
    return {
        study: study_state(
            index.of(study),
            study,
            policy or ReadingPolicy(),
            predicted=study in predicted,
            running=study in running,
            failed=failed.get(study, ""),
        )
        for study in studies
    }


def study_state(
    rows: Sequence[LedgerEntry],
    study: str,
    policy: ReadingPolicy,
    *,
    predicted: bool = False,
    running: bool = False,
    failed: str = "",
) -> StudyState:
    """One study's state.

    It needs adjudication when all its readers have signed it off and differ, or the draw takes it; it is in review
    while anybody is at it or readers are wanting, and done when so many as the site wants have signed it off.
    """
    rows = first_pass(rows)
    signed = tuple(sorted(signed_readers(rows)))
    if needs_adjudication(rows, policy, study):
        return _made("adjudicate", signed)
    at_it = tuple(sorted(under_review(rows) - set(signed)))
    wanting = f"{len(signed)} of {policy.readers} readers signed" if policy.readers > 1 else ""
    if at_it:
        return _made("in_review", at_it, wanting)
    if signed:
        return _made("done", signed) if len(signed) >= policy.readers else _made("in_review", signed, wanting)
    return _unread(predicted, running, failed)


def state_seen_by(
    rows: Sequence[LedgerEntry],
    study: str,
    policy: ReadingPolicy,
    reader: str,
    *,
    predicted: bool = False,
    running: bool = False,
    failed: str = "",
) -> StudyState:
    """One study's state as a reader sees it who is blinded to the others: their own doing alone.

    Parameters
    ----------
    rows : sequence of LedgerEntry
        The study's, of this reader's current pass.
    """
    own = [row for row in rows if row.reader == reader]
    if is_closed(own, study, reader):
        return _made("done", (reader,))
    if reader in under_review(own):
        return _made("in_review", (reader,))
    return _unread(predicted, running, failed)


@once
def under_review(rows: Sequence[LedgerEntry]) -> set[str]:
    """Readers whose verdict or read of the study stands, or who reopened it. An adjudicator is none of them."""
    standing: dict[str, str] = {}
    latest: dict[tuple[str, str, str], str] = {}
    reopened: set[str] = set()
    for row in [row for row in rows if row.action in _TOUCHING]:
        if row.role == _ADJUDICATOR:
            continue
        if row.action in _JUDGING:
            key = (row.reader, row.prediction, row.finding)
            standing.pop(latest.get(key, ""), None)
            latest[key] = row.event_id
            standing[row.event_id] = row.reader
        elif row.action == Action.REOPEN:
            reopened.add(row.reader)
        elif row.action == Action.AMEND:
            standing.pop(row.supersedes, None)
    return {*standing.values(), *reopened}


def assigned_to(rows: Sequence[LedgerEntry], policy: ReadingPolicy) -> tuple[str, ...]:
    """Readers to whom the study is assigned: the last so many as the site wants, so that a new one replaces the oldest."""
    named = [str(row.details.get("assignee", "")) for row in rows
             if row.action == _ASSIGN and not row.details.get("again")]  # fmt: skip
    return tuple(dict.fromkeys(reversed(named)))[: policy.readers]


def is_taken(rows: Sequence[LedgerEntry], policy: ReadingPolicy, reader: str, at_it: Set[str] = frozenset()) -> bool:
    """Whether the study has all the readers it needs without this one.

    Parameters
    ----------
    at_it : set of str
        Readers who have it open just now.
    """
    assigned = assigned_to(rows, policy)
    if reader in assigned:
        return False
    rows = first_pass(rows)
    others = {*signed_readers(rows), *under_review(rows), *assigned, *at_it} - {reader}
    return len(others) >= policy.readers


def earlier_model(rows: Sequence[LedgerEntry], reader: str = "") -> str:
    """'glioma 1.0' where the study was signed off beside that result, and another result came since; else ''.

    Parameters
    ----------
    reader : str
        Only this one's sign-offs count; '' counts everybody's.
    """
    newest: LedgerEntry | None = None
    signed: dict[str, LedgerEntry] = {}
    for row in [row for row in rows if row.action in _NEWER]:
        if row.action == Action.PREDICT:
            newest = row
        elif row.action == Action.SIGN_OFF and reader in ("", row.reader):
            signed[row.reader] = row
        elif row.action == Action.AMEND and signed.get(row.reader) and signed[row.reader].event_id == row.supersedes:
            del signed[row.reader]
    for row in signed.values():
        if newest is not None and row.prediction and row.prediction != newest.prediction and newest.seq > row.seq:
            return f"{row.model} {row.model_version}"
    return ""


def _unread(predicted: bool, running: bool, failed: str) -> StudyState:
    if running:
        return _made("running")
    if predicted:
        return _made("to_review")
    return _made("failed", detail=failed.replace("_", " ")) if failed else _made("new")


def _made(state: str, readers: tuple[str, ...] = (), detail: str = "") -> StudyState:
    return StudyState(state, _WORDS[state], readers, detail)
