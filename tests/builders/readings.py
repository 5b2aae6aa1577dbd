"""A case from its intake to a reader's sign-off, by the program's own functions."""

from __future__ import annotations

from pathlib import Path

from dashboard.casework import record_read
from dashboard.casework.predict import predict_row
from dashboard.domain import Prediction, Study
from dashboard.ledger import NewRow
from dashboard.terms import Action
from dashboard.workspace import Workspace
from tests.builders.cases import Reader, a_head_study, a_workspace, lesions_of

__all__ = ["a_case", "another_case", "reviews"]


def a_case(folder: Path, settings: str = "") -> tuple[Workspace, Study, Prediction]:
    """A workspace with a study taken in and read by a model: (workspace, study, prediction)."""
    workspace = a_workspace(folder, settings)
    return workspace, *another_case(workspace)


def another_case(workspace: Workspace, *, seed: int = 0) -> tuple[Study, Prediction]:
    """One more study of a workspace, taken in and read by a model."""
    study = a_head_study(workspace, seed=seed)
    workspace.ledger.append(
        NewRow(action="intake", reader="overread", role="operator", identity="system", study=study.id,
               subject=study.subject, kind=study.kind, input_digest=study.input_digest)
    )  # fmt: skip
    prediction = lesions_of(workspace, study)
    workspace.ledger.append(predict_row(study, prediction))
    return study, prediction


def reviews(reader: Reader, study: Study, prediction: Prediction, *, blind: bool) -> None:
    """A whole reading."""
    if blind:
        record_read(reader.workspace, reader.session, study, present=False, intent=reader.intent(study))
    reader.opens(study)
    reader.judges(study, prediction, 1)
    reader.judges(study, prediction, 2, Action.REJECT, reason="vessel", comment="seen before")
    reader.signs(study)
