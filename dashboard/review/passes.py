"""A reader who is given a study again, for intra-reader agreement: where the second pass begins, and what it hides.

Trust model: a system row opens the second pass; until the reader has signed it off, nothing of the first reaches
them. That the reader does not remember the study can't be enforced, only made likelier by what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..ledger import LedgerEntry
from ..terms import Action
from .index import StudyIndex, once
from .policy import ReadingPolicy, is_drawn
from .rules import is_closed

__all__ = ["AGAIN", "again_mark", "as_passes", "current_pass", "first_pass", "is_again_hidden", "is_repeat_due"]

_ASSIGN = Action.ASSIGN
AGAIN = " again"
"""What stands behind a reader's code where the second pass is counted."""


@once
def _marks(rows: Sequence[LedgerEntry]) -> dict[str, LedgerEntry]:
    """The first row by reader that gives them the study again."""
    marks: dict[str, LedgerEntry] = {}
    for row in [row for row in rows if row.action == _ASSIGN]:
        if row.details.get("again"):
            marks.setdefault(str(row.details.get("assignee", "")), row)
    return marks


def again_mark(rows: Sequence[LedgerEntry], reader: str) -> str:
    """Event id of the row with which the reader's second pass over the study began; '' where none did."""
    mark = _marks(rows).get(reader)
    return mark.event_id if mark else ""


def current_pass(rows: Sequence[LedgerEntry], reader: str) -> tuple[LedgerEntry, ...]:
    """A study's rows without those of this reader's first pass, where a second has begun."""
    mark = _marks(rows).get(reader)
    if mark is None:
        return rows if isinstance(rows, tuple) else tuple(rows)
    return tuple(row for row in rows if row.reader != reader or row.seq > mark.seq)


def first_pass(rows: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """A study's rows without anybody's second pass: what states, adjudication and agreement with others rest on."""
    marks = _marks(rows)
    if not marks:
        return rows if isinstance(rows, tuple) else tuple(rows)
    return tuple(row for row in rows if row.reader not in marks or row.seq < marks[row.reader].seq)


def as_passes(rows: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Rows of any number of studies, those of a second pass under the reader's code and ' again'."""
    marks: dict[tuple[str, str], int] = {}
    told = []
    for row in rows:
        if row.action == Action.ASSIGN and row.details.get("again"):
            marks.setdefault((row.study, str(row.details.get("assignee", ""))), row.seq)
        is_second = marks.get((row.study, row.reader), row.seq) < row.seq
        told.append(replace(row, reader=row.reader + AGAIN) if is_second else row)
    return tuple(told)


def is_repeat_due(index: StudyIndex, policy: ReadingPolicy, study: str, reader: str) -> bool:
    """Whether the reader is to read the study again, by the draw, and has not begun to.

    Due once the reader signed it off, and `repeat_after` others since.
    """
    if policy.repeat_share <= 0 or not is_drawn("repeat", policy.seed, study, policy.repeat_share, reader=reader):
        return False
    rows = index.of(study)
    if reader in _marks(rows) or not is_closed(rows, study, reader):
        return False
    signed = max(row.seq for row in rows if row.action == Action.SIGN_OFF and row.reader == reader)
    return index.signed_since(reader, signed) >= policy.repeat_after


def is_again_hidden(rows: Sequence[LedgerEntry], study: str, reader: str) -> bool:
    """Whether a second pass has begun that the reader has not signed off: the first stays hidden until then."""
    return again_mark(rows, reader) != "" and not is_closed(current_pass(rows, reader), study, reader)
