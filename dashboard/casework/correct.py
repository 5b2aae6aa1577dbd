"""A person says which sequence a series is: the study keeps it, the ledger has a row, models read it anew."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain import Prediction, Session, Study, Volume, utc_text
from ..errors import ModelNotFound, OverreadError, RoleRefused, UsageError
from ..ledger import LedgerEntry, NewRow
from ..review import exposure_at
from ..terms import Action, Identity, Role, StudyKind
from ..terms import Sequence as MrSequence
from ..workspace import Workspace
from .columns import columns_of
from .predict import model_for
from .shelf import rows_of, shelf_of

__all__ = ["correct_sequence", "may_correct", "read_anew", "series_of"]

_MAY = (Role.RADIOLOGIST, Role.OPERATOR, Role.ENGINEER)
_WHAT = "The series was not assigned."


def may_correct(session: Session) -> bool:
    """Whether the session's role may say which sequence a series is: whoever reads MR or runs the workspace."""
    return session.role in _MAY


def series_of(study: Study, name: str) -> Volume:
    """The series that a command line means: by its digest or the first eight digits or more of it, its number, its
    description, or its sequence, whichever of these names exactly one.

    Raises
    ------
    UsageError
        None or several are meant.
    """
    asked = name.strip()
    kinds = (
        lambda v: len(asked) >= 8 and v.digest.startswith(asked.lower()),
        lambda v: asked.isdecimal() and v.series_number == int(asked),
        lambda v: bool(asked) and v.description == asked,
        lambda v: str(v.sequence) == asked.lower(),
    )
    for means in kinds:
        found = [volume for volume in study.volumes if means(volume)]
        if len(found) == 1:
            return found[0]
    known = "; ".join(f"{v.digest[:8]} {v.sequence}" for v in study.volumes)
    raise UsageError(
        _WHAT, "The series' name means none, or several, of the study's.", f"Name one by its digits: {known}."
    )


def correct_sequence(
    workspace: Workspace, session: Session, study: Study, series: str, sequence: MrSequence
) -> LedgerEntry | None:
    """Take a series for a sequence from now on, and record who said so; None where that was so already.

    The study's input digest changes with it, results of the assignment before no longer stand (`standing`), and where
    one fell a job is queued that lets the model read anew. What was said of a series stays with the study, so that
    its files added again do not bring the old guess back.

    Parameters
    ----------
    series : str
        Digest of one of the study's volumes.
    sequence : Sequence
        The same as before confirms a guess.

    Raises
    ------
    RoleRefused
        Neither radiologist nor operator.
    UsageError
        The study has no such series.
    StudyErased, LedgerRefused
        The study was erased; the row could not be made durable, and everything is as it was.
    """
    if not may_correct(session):
        raise RoleRefused(_WHAT, f"A {session.role} does not assign series.", "Ask a radiologist or the operator.")
    with workspace.recording:
        workspace.refuse_erased(study.id)
        before = workspace.study(study.id)
        if before.kind is not StudyKind.MR or all(v.digest != series for v in before.volumes):
            raise UsageError(
                _WHAT, "The study has no such series.", "Reload the page, or see `overread sequence STUDY`."
            )
        old = before.volume(series)
        recorded = _recorded(workspace, before)
        if old.sequence == sequence and old.sequence_confidence == 1.0 and recorded:
            return None
        stood = shelf_of(workspace).standing(study.id)
        after = workspace.studies.reassign(before.id, series, sequence, utc_text())
        try:
            row = workspace.ledger.append(_row(workspace, session, before, after, old))[0]
        except OverreadError:
            workspace.studies.restore(before)
            raise
        stands = {prediction.digest for prediction in shelf_of(workspace).standing(study.id)}
        read_anew(workspace, after, [prediction for prediction in stood if prediction.digest not in stands])
    return row


def _recorded(workspace: Workspace, study: Study) -> bool:
    """Whether the newest intake row names the study's input digest; a crash may have come between file and row."""
    rows = [row for row in rows_of(workspace, study.id) if row.action == Action.INTAKE]
    return not rows or rows[-1].input_digest == study.input_digest


def read_anew(workspace: Workspace, study: Study, fallen: Sequence[Prediction]) -> None:
    """Queue a job for every model that is here and whose result fell."""
    for name in dict.fromkeys(prediction.model.id for prediction in fallen if not prediction.imported):
        try:
            model = model_for(workspace, study.kind, name)
        except ModelNotFound:
            continue
        workspace.jobs.submit(study.id, model.manifest.id)


def _row(workspace: Workspace, session: Session, before: Study, after: Study, old: Volume) -> NewRow:
    scripted = session.identity is Identity.SCRIPT
    return NewRow(
        action=Action.INTAKE,
        reader=session.reader,
        role=session.role,
        identity=session.identity,
        exposure=exposure_at(rows_of(workspace, after.id), after.id, session.reader, scripted=scripted),
        details={
            "joined": before.input_digest,
            "series": old.digest,
            "was": str(old.sequence),
            "sequence": str(after.volume(old.digest).sequence),
        },
        **columns_of(after, None),
    )
