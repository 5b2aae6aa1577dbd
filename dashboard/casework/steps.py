"""What a person decides about a computed step: from then on it counts, and the ledger has a row."""

from __future__ import annotations

from ..domain import Session, Study, Volume, utc_text
from ..errors import NotSkullStripped, OverreadError, RoleRefused, UsageError
from ..ledger import LedgerEntry, NewRow
from ..review import exposure_at
from ..terms import Action, Identity
from ..workspace import Step, Workspace
from .columns import columns_of
from .correct import may_correct, read_anew
from .shelf import rows_of, shelf_of

__all__ = ["decide_step", "discard_step", "steps_in_force", "waiting_steps"]

_WHAT = "The step was not decided."


def decide_step(
    workspace: Workspace, session: Session, study: Study, step: Step, state: str, made: tuple[Volume, ...]
) -> LedgerEntry:
    """Let the series that a step makes join the study ('accepted'), or take them out again ('withdrawn').

    Results of models that would read other series now no longer stand, and a job is queued for each of these models.

    Raises
    ------
    RoleRefused
        Neither radiologist nor operator nor engineer.
    UsageError
        The step is not in a state from which it can be decided so.
    StudyErased, LedgerRefused
        The study was erased; the row could not be made durable, and everything is as it was.
    """
    if not may_correct(session):
        raise RoleRefused(_WHAT, f"A {session.role} does not change series.", "Ask a radiologist or the operator.")
    with workspace.recording:
        workspace.refuse_erased(study.id)
        wanted = "accepted" if state == "withdrawn" else "proposed"
        now = workspace.steps.get(study.id, step.digest)
        if now.state != wanted:
            raise UsageError(_WHAT, f"It is {now.state} already.", "Compute it anew if it is wanted after all.")
        before = workspace.study(study.id)
        gone = _made_with(before, now.series) if state == "withdrawn" else ()
        stood = shelf_of(workspace).standing(study.id)
        at = utc_text()
        after = workspace.studies.replace_made(study.id, made, gone, before.issues, at)
        try:
            row = workspace.ledger.append(_row(workspace, session, before, after, step, state))[0]
        except OverreadError:
            workspace.studies.restore(before)
            raise
        workspace.steps.decide(
            study.id, step, state, by=session.reader, at=at, series=tuple(v.digest for v in made) or now.series
        )
        stands = {prediction.digest for prediction in shelf_of(workspace).standing(study.id)}
        read_anew(workspace, after, [prediction for prediction in stood if prediction.digest not in stands])
        if state == "accepted":
            _read_at_last(workspace, after)
    return row


def _read_at_last(workspace: Workspace, study: Study) -> None:
    """Queue a job for every model that had refused the study as it was."""
    for (of, model), job in workspace.jobs.latest().items():
        if of == study.id and job.state == "failed" and job.error == NotSkullStripped.code:
            workspace.jobs.submit(study.id, model)


def waiting_steps(workspace: Workspace, study: Study) -> tuple[Step, ...]:
    """Steps that were computed and that nobody has decided, whose series are still what they were."""
    here = {volume.digest for volume in study.volumes}
    named = ("moving", "fixed", "source")
    return tuple(
        step
        for step in workspace.steps.of(study.id)
        if step.state == "proposed" and all(step.record[name] in here for name in named if name in step.record)
    )


def steps_in_force(workspace: Workspace, study: Study) -> tuple[Step, ...]:
    """Steps that were accepted, and of which any series that they made is still in the study."""
    here = {volume.digest for volume in study.volumes}
    return tuple(
        step for step in workspace.steps.of(study.id) if step.state == "accepted" and here.intersection(step.series)
    )


def discard_step(workspace: Workspace, session: Session, study: Study, step: Step) -> Step:
    """Say of a computed step that it is not to be used. Nothing was changed by it, and no row is written."""
    if not may_correct(session):
        raise RoleRefused(_WHAT, f"A {session.role} does not change series.", "Ask a radiologist or the operator.")
    if step.state != "proposed":
        raise UsageError(_WHAT, f"It is {step.state} already.", "An accepted step is withdrawn.")
    at = utc_text()
    return workspace.steps.decide(study.id, step, "discarded", by=session.reader, at=at)


def _made_with(study: Study, series: tuple[str, ...]) -> tuple[str, ...]:
    """Series and all that were made from them."""
    gone = set(series)
    while more := {v.digest for v in study.volumes if v.made_from in gone} - gone:
        gone |= more
    return tuple(gone)


def _row(workspace: Workspace, session: Session, before: Study, after: Study, step: Step, state: str) -> NewRow:
    scripted = session.identity is Identity.SCRIPT
    return NewRow(
        action=Action.INTAKE,
        reader=session.reader,
        role=session.role,
        identity=session.identity,
        exposure=exposure_at(rows_of(workspace, after.id), after.id, session.reader, scripted=scripted),
        details={"joined": before.input_digest, "step": step.digest, "decision": state},
        **columns_of(after, None),
    )
