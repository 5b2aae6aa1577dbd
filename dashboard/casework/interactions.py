"""That a reader handled the model's overlay: one row a reader, result and kind of deed."""

from __future__ import annotations

from ..domain import Prediction, Session, Study
from ..errors import VerdictRule
from ..ledger import LedgerEntry, NewRow, click_event_id
from ..terms import Action
from ..workspace import Workspace
from .intents import Intent, who
from .shelf import rows_of

__all__ = ["record_interaction"]

_KINDS = ("overlay", "threshold")


def record_interaction(
    workspace: Workspace, session: Session, study: Study, prediction: Prediction, what: str
) -> LedgerEntry:
    """Record the first time that a reader switched the overlay or moved a threshold; later times find that row.

    Raises
    ------
    VerdictRule
        The kind is unknown, or nothing of the model was shown to this reader.
    """
    shown = any(
        (row.action, row.reader, row.prediction) == (Action.PRESENT, session.reader, prediction.digest)
        for row in rows_of(workspace, study.id)
    )
    if what not in _KINDS or not shown:
        raise VerdictRule("The deed was not recorded.", "Nothing of a model is on this screen.", "Reload the page.")
    said = {"prediction": prediction.digest, "what": what}
    row = NewRow(
        action=Action.INTERACT,
        event_id=click_event_id(session.reader, study.id, "", Action.INTERACT, "", said),
        details={"what": what},
        **who(session, Intent(), workspace, study, prediction),
    )
    return workspace.ledger.append(row)[0]
