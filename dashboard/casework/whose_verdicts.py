"""Whose verdicts an export goes by: those of the reader who asks, or what an adjudicator decided between readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..audit import reference_rows
from ..domain import Session
from ..errors import FindingNotFound, UsageError
from ..ledger import LedgerEntry, current_verdicts
from ..review import first_pass, is_settled
from ..terms import Action
from ..workspace import Workspace
from .result_findings import Verdicts
from .shelf import rows_for, rows_of

__all__ = ["CHOICES", "ChosenVerdicts", "chosen_verdicts", "is_adjudicated"]

CHOICES = ("mine", "adjudicated")
"""Whose verdicts may be asked for."""
_PLACE = ("onset_s", "duration_s")


@dataclass(frozen=True)
class ChosenVerdicts:
    """Verdicts in force by (prediction, finding), whose they are, and whether they are an adjudicator's."""

    verdicts: Verdicts
    by: str
    adjudicated: bool = False

    @property
    def word(self) -> str:
        """'reviewed' or 'adjudicated', as file names and descriptions have it."""
        return "adjudicated" if self.adjudicated else "reviewed"


def is_adjudicated(workspace: Workspace, session: Session, study: str) -> bool:
    """Whether an adjudicator's decision on the study stands and may reach this session."""
    return _decision(workspace, session, study) is not None


def chosen_verdicts(workspace: Workspace, session: Session, study: str, wanted: str = "") -> ChosenVerdicts:
    """The verdicts by which a study's results are written.

    Parameters
    ----------
    wanted : str
        `mine`, `adjudicated`, or '': the adjudicated ones where a decision stands that the session may see.

    Raises
    ------
    UsageError
        It is neither.
    FindingNotFound
        Adjudicated ones are asked for, and there are none that the session may see.

    Notes
    -----
    A finding that an adjudicator let stand as modified has the outline, or the times, of the reader who modified it; of
    several readers' the one recorded last. One that they accepted is the model's own, one that a reader added as added.
    """
    if wanted not in ("", *CHOICES):
        raise UsageError("Nothing was written.", "There are no such verdicts.", f"Choose {' or '.join(CHOICES)}.")
    decision = _decision(workspace, session, study) if wanted != "mine" else None
    if decision is not None:
        rows = first_pass(rows_of(workspace, study))
        return ChosenVerdicts(_decided(rows), decision.reader, True)
    if wanted == "adjudicated":
        raise FindingNotFound(
            "Nothing was written.",
            "No adjudicator's decision on this study stands, or it is not for this reader to see.",
            "Ask for --verdicts mine.",
        )
    current = current_verdicts(rows_for(workspace, session, study)).values()
    mine = {(e.prediction, e.finding): e for e in current if e.study == study and e.reader == session.reader}
    return ChosenVerdicts(mine, session.reader)


def _decision(workspace: Workspace, session: Session, study: str) -> LedgerEntry | None:
    """The row that settled the study, where it stands and may reach this session."""
    rows = first_pass(rows_of(workspace, study))
    if not is_settled(rows):
        return None
    last = [row for row in rows if row.action == Action.ADJUDICATE and not row.finding][-1]
    seen = {row.event_id for row in rows_for(workspace, session, study)}
    return last if last.event_id in seen else None


def _decided(rows: Sequence[LedgerEntry]) -> dict[tuple[str, str], LedgerEntry]:
    by_id = {row.event_id: row for row in rows}
    found = {}
    for row in reference_rows(rows):
        if "decision" not in row.details or row.action == Action.ADJUDICATE:
            continue
        said = [by_id[event] for event in row.details.get("shown", ()) if event in by_id]
        verdict = _verdict(row, sorted(said, key=lambda one: one.seq))
        if verdict is not None:
            found[(row.prediction, row.finding)] = verdict
    return found


def _verdict(decided: LedgerEntry, said: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """The decision as the verdict that it is; None of an added finding that was not let stand."""
    added = [one for one in said if one.action == Action.ADD]
    if added:
        return added[-1] if decided.action in (Action.ACCEPT, Action.MODIFY) else None
    drawn = [one for one in said if one.action == Action.MODIFY and (one.artifact or _PLACE[0] in one.details)]
    if decided.action != Action.MODIFY or not drawn:
        return decided
    place = {name: drawn[-1].details[name] for name in _PLACE if name in drawn[-1].details}
    return replace(decided, artifact=drawn[-1].artifact, details={**decided.details, **place})
