"""A step on a study's series from the first offer to its taking back: offered, computed in the background, withdrawn."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..domain import Session, Study
from ..errors import MissingExtra, NotSkullStripped, OverreadError, RoleRefused, UsageError
from ..imaging import need_simpleitk
from ..jobs import Job
from ..ledger import LedgerEntry
from ..terms import StudyKind
from ..workspace import Step, Workspace
from .align import flag_apart, propose_alignment, series_apart
from .correct import may_correct
from .reveal import is_withheld
from .steps import decide_step, waiting_steps
from .strip import propose_brain_mask

__all__ = ["StepOffer", "offered_steps", "run_step", "start_step", "withdraw_step"]

_WHAT = "The step was not started."
_BEAT_S = 1.0


@dataclass(frozen=True)
class StepOffer:
    """A step that a study's series call for.

    Attributes
    ----------
    step : str
        registration or brain_mask.
    series : str
        Digest of the series that would be moved; '' of a brain mask.
    sequence : str
        What that series is.
    missing : str
        What to install before it can be computed; '' where nothing is missing.
    job : Job or None
        The newest job for it, running or ended.
    """

    step: str
    series: str = ""
    sequence: str = ""
    missing: str = ""
    job: Job | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is being computed, or waits for its turn."""
        return self.job is not None and self.job.state in ("queued", "running")


def offered_steps(workspace: Workspace, session: Session, study: Study) -> tuple[StepOffer, ...]:
    """Steps that the study's series call for and that nobody has computed yet; none for who may not change series.

    A registration for each series that shares no frame with the reference series; a brain mask where a model's guard
    refused a head with its skull. That a model refused is something of a model, so that a reader who owes a read of
    their own is not offered the mask.
    """
    if study.kind is not StudyKind.MR or not may_correct(session):
        return ()
    waiting = [step.record for step in waiting_steps(workspace, study)]
    jobs = {(job.step, job.series): job for job in workspace.jobs.jobs() if job.study == study.id and job.step}
    offers = []
    elsewhere, _ = series_apart(study)
    missing = _missing_for_registration() if elsewhere else ""
    for volume in elsewhere:
        if not any(record.get("moving") == volume.digest for record in waiting):
            job = jobs.get(("registration", volume.digest))
            offers.append(StepOffer("registration", volume.digest, str(volume.sequence), missing, job))
    stripped = any(volume.made_how == "brain" for volume in study.volumes)
    waits = any(record["step"] == "brain_mask" for record in waiting)
    if not stripped and not waits and _has_skull(workspace, study) and not is_withheld(workspace, session, study.id):
        offers.append(StepOffer("brain_mask", job=jobs.get(("brain_mask", ""))))
    return tuple(offers)


def start_step(workspace: Workspace, session: Session, study: Study, step: str, series: str = "") -> Job:
    """Queue the computing of a step that is offered; one that is on its way already is answered with its job.

    Raises
    ------
    RoleRefused
        Neither radiologist nor operator nor engineer.
    UsageError
        The study's series do not call for it, or it has been computed.
    MissingExtra
        A part that it needs is not installed.
    """
    if not may_correct(session):
        raise RoleRefused(_WHAT, f"A {session.role} does not change series.", "Ask a radiologist or the operator.")
    offers = [o for o in offered_steps(workspace, session, study) if (o.step, o.series) == (step, series)]
    if not offers:
        raise UsageError(_WHAT, "It is computed already, or the series do not call for it.", "Reload the page.")
    if offers[0].missing:
        need_simpleitk(_WHAT)
    return workspace.jobs.submit(study.id, "", step=step, series=series)


def run_step(workspace: Workspace, job: Job) -> Step | OverreadError:
    """Compute the step of a claimed job and mark the job; an error is given back, not raised."""
    state, said = job, 0.0

    def beat(done: int, total: int, _label: str) -> None:
        nonlocal state, said
        if time.monotonic() - said >= _BEAT_S:
            state, said = workspace.jobs.beat(state, done / max(1, total)), time.monotonic()

    try:
        study = workspace.study(job.study)
        if job.step == "registration":
            made = propose_alignment(workspace, study, study.volume(job.series), on_progress=beat)
        else:
            made = propose_brain_mask(workspace, study, on_progress=beat)
    except OverreadError as error:
        workspace.jobs.fail(state, error.code, error.what, error.why, error.what_to_do)
        return error
    workspace.jobs.finish(state)
    return made


def withdraw_step(workspace: Workspace, session: Session, study: Study, step: Step) -> LedgerEntry:
    """Take back a step that was accepted: the series that it made leave the study, the acquired ones stay.

    Results that were made from them no longer stand, and the row says what was withdrawn and by whom.
    """
    row = decide_step(workspace, session, study, step, "withdrawn", ())
    flag_apart(workspace, workspace.study(study.id))
    return row


def _has_skull(workspace: Workspace, study: Study) -> bool:
    """Whether a model's guard refused the study for its skull when the model was last asked."""
    return any(
        of == study.id and job.state == "failed" and job.error == NotSkullStripped.code
        for (of, _), job in workspace.jobs.latest().items()
    )


def _missing_for_registration() -> str:
    try:
        need_simpleitk(_WHAT)
    except MissingExtra as error:
        return f"{error.why} {error.what_to_do}"
    return ""
