"""A row's view again: the same study, result and settings of the screen, for looking only.

What of a model stood on that screen goes through `reveal`, so that whoever looks owes no read and leaves a `present`
row of their own. A row that this session may not see is answered like one that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..domain import Session, Study
from ..errors import NotHere
from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action
from ..workspace import Workspace
from .reveal import RevealedPrediction, Withheld, reveal, visible_entries
from .sides import Side, sides_then

__all__ = ["Replay", "is_replayable", "replay"]


@dataclass(frozen=True)
class Replay:
    """One row and what its reader had before them.

    Attributes
    ----------
    one : RevealedPrediction or None
        The result that was on screen; None where none was, as in a reader's own read.
    blind : bool
        The row is of a read before the AI: nothing of a model was on screen.
    verdicts : mapping
        That reader's verdicts on the result's findings, by number, as they stood with this row.
    own : tuple of LedgerEntry
        Findings that the reader had added by then.
    sides : tuple of Side
        The two masks that stood beside each other, as they were then; empty where none did, or one may not be shown.
    """

    row: LedgerEntry
    study: Study
    one: RevealedPrediction | None
    blind: bool
    verdicts: Mapping[str, LedgerEntry]
    own: tuple[LedgerEntry, ...]
    sides: tuple[Side, ...] = ()


def is_replayable(row: LedgerEntry) -> bool:
    """Whether a row kept its view: rows of scripts and of the software have none."""
    return bool(row.view) and bool(row.study)


def replay(workspace: Workspace, session: Session, seq: int) -> Replay:
    """What stood on the screen when a row was recorded.

    Parameters
    ----------
    seq : int
        The row's number.

    Raises
    ------
    NotHere
        There is no such row for this session, or it kept no view.
    StudyErased
        The row's study was erased.
    LedgerRefused
        The `present` row of whoever looks could not be made durable; nothing is shown.
    """
    entries = visible_entries(workspace, session)
    row = next((entry for entry in entries if entry.seq == seq), None)
    if row is None:
        raise NotHere("Nothing is replayed.", "There is no such row for you.", "Choose a row on the Ledger page.")
    if not is_replayable(row):
        raise NotHere("Nothing is replayed.", "The row kept no view.", "Choose the row of a verdict made on a page.")
    study = workspace.study(row.study)
    blind = row.action == Action.READ
    one = None
    if not blind:
        seen = reveal(workspace, session, study)
        if isinstance(seen, Withheld):
            raise NotHere("Nothing is replayed.", "There is no such row for you.", "Choose a row on the Ledger page.")
        _check_assignment(study, seen.predictions, row)
        one = seen.by_digest(row.prediction) if row.prediction else _newest_then(seen.predictions, row)
    until = tuple(entry for entry in entries if entry.seq <= seq)
    mine = [e for e in current_verdicts(until).values() if (e.study, e.reader) == (row.study, row.reader)]
    digest = one.prediction.digest if one else ""
    return Replay(
        row=row,
        study=study,
        one=one,
        blind=blind,
        verdicts={e.finding: e for e in mine if digest and e.prediction == digest},
        own=() if blind else tuple(e for e in mine if e.action == Action.ADD),
        sides=() if blind else sides_then(workspace, session, study, row),
    )


def _check_assignment(study: Study, predictions: tuple[RevealedPrediction, ...], row: LedgerEntry) -> None:
    """A result is not drawn over series that have been assigned anew since."""
    stands = any(one.prediction.digest == row.prediction for one in predictions)
    if stands or not study.corrected_at or (not row.prediction and row.recorded_at > study.corrected_at):
        return
    raise NotHere(
        "Nothing is replayed.",
        "A series of the study was assigned to another sequence since: what stood on that screen is of the one before.",
        "Assign the series as it was then to look at it again.",
    )


def _newest_then(predictions: tuple[RevealedPrediction, ...], row: LedgerEntry) -> RevealedPrediction | None:
    """The result that a page showed when a row without one, such as an added finding's, was recorded."""
    known = [one for one in predictions if one.prediction.made_at <= row.recorded_at]
    return known[-1] if known else None
