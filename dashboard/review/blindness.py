"""Who still owes a study a read of their own, and which rows reach whom. From ledger rows alone, closed when in doubt.

Trust model: casework asks these before it hands anything out; what a reader learns outside the pages is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..ledger import LedgerEntry
from ..terms import Action, Role
from .adjudication import is_settled, needs_adjudication, signed_readers
from .passes import current_pass, first_pass, is_again_hidden
from .policy import ReadingPolicy
from .states import READING_ROLES

__all__ = ["are_peers_hidden", "committed_read", "owes_blind_read", "owes_read", "visible_rows"]

_NOT_PEERS = {Action.INTAKE, Action.PREDICT}


def committed_read(entries: Iterable[LedgerEntry], study: str, reader: str) -> LedgerEntry | None:
    """The study-level `read` row that opens the gate (its `finding` is empty), if it is there and not withdrawn."""
    found: LedgerEntry | None = None
    for entry in entries:
        if entry.study != study or entry.reader != reader:
            continue
        if entry.action == Action.READ and not entry.finding:
            found = entry
        elif entry.action == Action.AMEND and found is not None and entry.supersedes == found.event_id:
            found = None
    return found


def owes_blind_read(entries: Iterable[LedgerEntry], study: str, reader: str, *, blind_first: bool) -> bool:
    """Whether nothing of a model may reach this reader yet."""
    return blind_first and committed_read(entries, study, reader) is None


def owes_read(rows: Sequence[LedgerEntry], study: str, reader: str, role: Role, policy: ReadingPolicy) -> bool:
    """Whether the role owes the study a read before anything of a model, or of the readers, may reach it.

    Those who read owe one where the site reads blind, and in a second pass owe it anew; an adjudicator owes one of
    each study that waits for a decision; nobody else does.
    """
    if role in READING_ROLES:
        return policy.blind_first and committed_read(current_pass(rows, reader), study, reader) is None
    if role == Role.ADJUDICATOR:
        waits = needs_adjudication(first_pass(rows), policy, study)
        return waits and committed_read(rows, study, reader) is None
    return False


def are_peers_hidden(rows: Sequence[LedgerEntry], study: str, role: Role, policy: ReadingPolicy) -> bool:
    """Whether what other readers said of the study is kept from this role as yet.

    It is while readers are wanting and while a decision is waited for, where a site has several readers a study; and
    from an adjudicator wherever a decision is waited for: the page shows verdicts unnamed.
    """
    if role != Role.ADJUDICATOR and (role not in READING_ROLES or policy.readers == 1):
        return False
    rows = first_pass(rows)
    waits = needs_adjudication(rows, policy, study)
    if policy.readers == 1:
        return waits
    return waits or not (is_settled(rows) or len(signed_readers(rows)) >= policy.readers)


def _is_peers(row: LedgerEntry) -> bool:
    """Whether a row is of somebody who reads or runs the site: a correction of a series tells who was at the study."""
    return row.action not in _NOT_PEERS or "series" in row.details


def visible_rows(
    rows: Sequence[LedgerEntry], study: str, reader: str, role: Role, policy: ReadingPolicy, *, repeat_due: bool = False
) -> tuple[LedgerEntry, ...]:
    """The study's rows that may reach this reader: none while a read is owed; not the first pass during a second;
    of other readers none while they are hidden.

    Parameters
    ----------
    repeat_due : bool
        The reader is to read the study again and has not begun: `is_repeat_due`.
    """
    if owes_read(rows, study, reader, role, policy):
        return ()
    seen = rows if isinstance(rows, tuple) else tuple(rows)
    if repeat_due:
        seen = tuple(row for row in seen if row.reader != reader)
    elif is_again_hidden(rows, study, reader):
        seen = tuple(row for row in current_pass(rows, reader) if not row.details.get("again"))
    if are_peers_hidden(rows, study, role, policy):
        seen = tuple(row for row in seen if row.reader == reader or not _is_peers(row))
    return seen
