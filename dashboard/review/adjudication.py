"""Where readers differ, which studies an adjudicator gets, and in what order the verdicts are shown there.

Trust model: the order and the letters hide who said what from an adjudicator who sees no other surface; the row
lists the event ids in the order shown, so that an auditor can tell afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations

from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action, Role
from .index import once
from .policy import ReadingPolicy, is_drawn

__all__ = ["differ", "is_settled", "needs_adjudication", "shown_to", "signed_readers"]

_CLOSING = frozenset({Action.SIGN_OFF, Action.REOPEN, Action.AMEND})
_STANDS = {Action.ACCEPT, Action.MODIFY, Action.ADD}


@once
def signed_readers(rows: Sequence[LedgerEntry]) -> dict[str, str]:
    """Readers who have signed the study off, with the row by which they did; an adjudicator is none of them."""
    signed: dict[str, str] = {}
    for row in [row for row in rows if row.action in _CLOSING]:
        if row.action == Action.SIGN_OFF:
            if row.role != Role.ADJUDICATOR:
                signed[row.reader] = row.event_id
        elif row.action == Action.REOPEN or (row.action == Action.AMEND and row.supersedes == signed.get(row.reader)):
            signed.pop(row.reader, None)
    return signed


def is_settled(rows: Sequence[LedgerEntry]) -> bool:
    """Whether an adjudicator's decision on the study stands: not withdrawn, and no reader has reopened it since."""
    decision = ""
    signed: set[str] = set()
    for row in rows:
        if row.action == Action.ADJUDICATE and not row.finding:
            decision = row.event_id
        elif row.action == Action.SIGN_OFF and row.role != Role.ADJUDICATOR:
            signed.add(row.event_id)
        else:
            taken_back = row.action == Action.AMEND and row.supersedes in {decision, *signed}
            reopened = row.action == Action.REOPEN and row.role != Role.ADJUDICATOR
            decision = "" if taken_back or reopened else decision
    return bool(decision)


def differ(rows: Sequence[LedgerEntry], readers: Sequence[str]) -> bool:
    """Whether any two of the readers differ.

    Two differ where one lets a finding stand (accept, modify) that the other rejects or is unsure of, where one added
    a missed finding and the other none, or where only one of them leaves anything standing.
    """
    said: dict[str, dict[tuple[str, str], str]] = {reader: {} for reader in readers}
    for (_, prediction, finding, reader), row in current_verdicts(rows).items():
        if reader in said:
            unit = ("", "added") if row.action == Action.ADD else (prediction, finding)
            said[reader][unit] = "stands" if row.action in _STANDS else str(row.action)
    for one, other in combinations(said.values(), 2):
        if ("stands" in one.values()) != ("stands" in other.values()):
            return True
        if (("", "added") in one) != (("", "added") in other):
            return True
        if any(one[unit] != other[unit] for unit in one.keys() & other.keys()):
            return True
    return False


def needs_adjudication(rows: Sequence[LedgerEntry], policy: ReadingPolicy, study: str) -> bool:
    """Whether a study waits for an adjudicator: all its readers have signed, and differ or the draw takes it.

    Parameters
    ----------
    rows : sequence of LedgerEntry
        The study's, without second passes.
    """
    signed = tuple(signed_readers(rows))
    if len(signed) < max(2, policy.readers) or is_settled(rows):
        return False
    return differ(rows, signed) or is_drawn("adjudicate", policy.seed, study, policy.adjudicate_agreements)


def shown_to(rows: Sequence[LedgerEntry], adjudicator: str) -> tuple[tuple[LedgerEntry, ...], ...]:
    """What the readers who signed said, reader by reader in random order: verdicts in force, then the sign-off.

    The order follows from SHA-256 over adjudicator and sign-off row, so that a page drawn again shows the same one,
    and it differs from study to study.
    """
    signed = signed_readers(rows)
    by_id = {row.event_id: row for row in rows}
    shuffled = sorted(signed, key=lambda r: hashlib.sha256(f"{adjudicator}\n{signed[r]}".encode()).digest())
    verdicts = sorted(current_verdicts(rows).values(), key=lambda row: row.seq)
    return tuple((*(v for v in verdicts if v.reader == reader), by_id[signed[reader]]) for reader in shuffled)
