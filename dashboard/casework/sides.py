"""Which masks of a study may be held against each other before this reader: models', the reader's own, other readers'.

`reveal` decides first. Another reader's marks come only where that reader's rows may reach this one, and no earlier than
this one's own judgement: after their own sign-off, or on the adjudicator's page. They are unnamed, in the order of
`review.shown_to`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..domain import Prediction, Session, Study
from ..errors import BlindOpen, StalePage
from ..ledger import LedgerEntry, current_verdicts
from ..review import READING_ROLES, first_pass, is_closed, shown_to
from ..terms import Action, StudyKind
from ..workspace import Workspace
from .adjudicate import adjudication_of
from .reveal import Revealed, RevealedPrediction, reveal
from .shelf import rows_for, visible_of

__all__ = ["Side", "compared_sides", "may_be_compared", "side_of", "sides_then"]

_DRAWS = (Action.REJECT, Action.MODIFY, Action.ADD)


@dataclass(frozen=True)
class Side:
    """One of two masks that are held against each other.

    Attributes
    ----------
    key : str
        The prediction's digest; of a reader's marks, a dot and 16 digits of the verdicts that they rest on follow, so
        that a further verdict makes another key.
    who : str
        'model', 'own', 'reader', or 'theirs': of the reader whose row is replayed, before somebody else.
    number : int
        Of an unnamed reader, 1 the first; else 0.
    rows : tuple of LedgerEntry
        A reader's verdicts in force: on the prediction, and on findings of their own.
    """

    key: str
    one: RevealedPrediction
    who: str = "model"
    number: int = 0
    rows: tuple[LedgerEntry, ...] = ()

    @property
    def prediction(self) -> Prediction:
        """The model's result that this side is, or that its reader judged."""
        return self.one.prediction


def compared_sides(workspace: Workspace, session: Session, study: Study) -> tuple[Side, ...]:
    """Every mask that this reader may see of an MR study: results newest first, then own verdicts, then others'.

    Own verdicts are one where they draw something else than the model: a rejection, another outline, an added finding
    with one. Empty where a read of their own is owed.

    Raises
    ------
    LedgerRefused
        The `present` row could not be made durable.
    """
    seen = reveal(workspace, session, study) if study.kind is StudyKind.MR else None
    if not isinstance(seen, Revealed):
        return ()
    marked = [one for one in reversed(seen.predictions) if one.prediction.mask_digest]
    found = [Side(one.prediction.digest, one) for one in marked]
    mine = _verdicts(rows_for(workspace, session, study.id), session.reader)
    others = _others(workspace, session, study)
    for one in marked:
        found += [_of_reader(one, "own", 0, rows) for rows in [_on(one, mine)] if any(map(_draws, rows))]
    for number, said in enumerate(others, start=1):
        for one in marked:
            rows = _on(one, said)
            if any(row.prediction for row in rows):
                found.append(_of_reader(one, "reader", number, rows))
    return tuple(found)


def sides_then(workspace: Workspace, session: Session, study: Study, row: LedgerEntry) -> tuple[Side, ...]:
    """The two masks that stood beside each other in a row's view, with the verdicts as they were just before the row.

    Returns
    -------
    tuple of Side
        First and second. Empty where the view compared nothing, where one of the two may not reach this session, and
        where neither the results nor the verdicts of then make the keys that the view holds.
    """
    wanted = row.view.get("compare")
    seen = reveal(workspace, session, study) if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(seen, Revealed):
        return ()
    marked = [one for one in seen.predictions if one.prediction.mask_digest]
    found = [Side(one.prediction.digest, one) for one in marked]
    before = tuple(entry for entry in visible_of(workspace, session, study.id) if entry.seq < row.seq)
    own = "own" if row.reader == session.reader else "theirs"
    for rows in (before, first_pass(before)):
        found += [_of_reader(one, own, 0, _on(one, _verdicts(rows, row.reader))) for one in marked]
    said = shown_to(first_pass(before), row.reader)
    others = [rows[:-1] for rows in said if rows[-1].reader != row.reader]
    found += [_of_reader(one, "reader", n, _on(one, rows)) for n, rows in enumerate(others, start=1) for one in marked]
    if adjudication_of(workspace, session, study) is None and _owes_judgement(workspace, session, study):
        found = [side for side in found if side.who in ("model", "own")]
    by_key = {_short(side.key): side for side in reversed(found)}
    keys = (str(wanted.get("first")), str(wanted.get("second")))
    return tuple(by_key[key] for key in keys) if all(key in by_key for key in keys) else ()


def _short(key: str) -> str:
    """A side's key as a view holds it: 12 digits of the result, then those of the verdicts."""
    return key[:12] + key[64:]


def may_be_compared(first: Side, second: Side) -> bool:
    """Two models' masks, or two sides of one model's result: verdicts say nothing of what another model marked."""
    both_models = first.who == second.who == "model"
    return first.key != second.key and (both_models or first.prediction.digest == second.prediction.digest)


def side_of(workspace: Workspace, session: Session, study: Study, *keys: str) -> tuple[Side, ...]:
    """The sides of these keys.

    Raises
    ------
    BlindOpen
        The reader owes the study a read of their own.
    StalePage
        One of them is not, or no longer, what this reader may compare.
    """
    sides = {side.key: side for side in compared_sides(workspace, session, study)}
    if not sides and not isinstance(reveal(workspace, session, study), Revealed):
        raise BlindOpen("Nothing was compared.", "The study is read blind.", "Commit your own read first.")
    if any(key not in sides for key in keys):
        raise StalePage(
            "Nothing was compared.",
            "A verdict was recorded since, or one of the two is not for this reader to see.",
            "Choose the comparison again.",
        )
    return tuple(sides[key] for key in keys)


def _others(workspace: Workspace, session: Session, study: Study) -> list[tuple[LedgerEntry, ...]]:
    """Verdicts in force of the other readers who signed, reader by reader, unnamed and in random order."""
    told = adjudication_of(workspace, session, study)
    if told is not None:
        return [tuple(said.verdicts.values()) for said in told.readers]
    if _owes_judgement(workspace, session, study):
        return []
    said = shown_to(first_pass(visible_of(workspace, session, study.id)), session.reader)
    return [rows[:-1] for rows in said if rows[-1].reader != session.reader]


def _owes_judgement(workspace: Workspace, session: Session, study: Study) -> bool:
    """Whether the session is of a reader who has not signed the study off: others' marks come after their own judgement."""
    rows = rows_for(workspace, session, study.id)
    return session.role in READING_ROLES and not is_closed(rows, study.id, session.reader)


def _verdicts(rows: Iterable[LedgerEntry], reader: str) -> tuple[LedgerEntry, ...]:
    return tuple(row for row in current_verdicts(rows).values() if row.reader == reader)


def _on(one: RevealedPrediction, verdicts: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Those on one result, and those on findings of the reader's own that have an outline."""
    digest = one.prediction.digest
    kept = [row for row in verdicts if row.prediction == digest or (row.action == Action.ADD and row.artifact)]
    return tuple(sorted(kept, key=lambda row: row.seq))


def _draws(row: LedgerEntry) -> bool:
    return row.action in _DRAWS and (bool(row.artifact) or row.action == Action.REJECT)


def _of_reader(one: RevealedPrediction, who: str, number: int, rows: tuple[LedgerEntry, ...]) -> Side:
    state = hashlib.sha256("\n".join(row.event_id for row in rows).encode()).hexdigest()[:16]
    return Side(f"{one.prediction.digest}.{state}", one, who, number, rows)
