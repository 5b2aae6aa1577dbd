"""Predictions as jobs: queued as files, taken by one process at a time, never computed twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from ..domain import Prediction
from ..errors import OverreadError
from ..jobs import Job
from ..workspace import Workspace
from .predict import model_for, predict
from .standing import model_input_digest

__all__ = ["each", "queue_all", "run_job", "why_unread"]

Progress = Callable[[int, int, str], None]


def queue_all(workspace: Workspace) -> tuple[Job, ...]:
    """Queue every study that has neither a result nor a job for its kind's model."""
    known = workspace.jobs.latest()
    queued = []
    for study_id in workspace.study_ids():
        study = workspace.study(study_id)
        try:
            model = model_for(workspace, study.kind).manifest.id
        except OverreadError:
            continue
        if (study_id, model) not in known:
            queued.append(workspace.jobs.submit(study_id, model))
    return tuple(queued)


def run_job(workspace: Workspace, job: Job, device: str) -> Prediction | OverreadError:
    """Run one claimed job to its end and mark it; an error is given back, not raised."""
    state = job

    def beat(done: int, total: int, _label: str) -> None:
        nonlocal state
        state = workspace.jobs.beat(state, done / max(1, total))

    try:
        while True:
            study = workspace.study(job.study)
            model = model_for(workspace, study.kind, job.model)
            made = predict(workspace, study, model, device=device, on_progress=beat)
            if model_input_digest(workspace.study(job.study), model) == made.input_digest:
                break  # Else a series was assigned anew meanwhile, and the result is of an assignment that is no longer.
    except OverreadError as error:
        workspace.jobs.fail(state, error.code, error.what, error.why, error.what_to_do)
        return error
    workspace.jobs.finish(state)
    return made


def each(
    workspace: Workspace,
    studies: list[str],
    model: str | None,
    device: str,
    at_once: int,
    on_progress: Progress | None = None,
) -> Iterator[tuple[str, Prediction | OverreadError]]:
    """Run a model over studies, `at_once` at a time, and give each outcome as it ends."""

    def one(study_id: str) -> tuple[str, Prediction | OverreadError]:
        try:
            study = workspace.study(study_id)
            name = model_for(workspace, study.kind, model).manifest.id
        except OverreadError as error:
            return study_id, error
        job = workspace.jobs.claim(workspace.jobs.submit(study_id, name).id)
        if job is None:
            return study_id, OverreadError(
                "The study is being read by another process.", "Its job is claimed.", "Wait for it to end."
            )
        return study_id, run_job(workspace, job, device)

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        yield from pool.map(one, studies)


def why_unread(workspace: Workspace, study_id: str) -> tuple[str, str, str] | None:
    """What, why and what to do of the newest run of a model over a study, where it was refused; None elsewhere."""
    runs = [job for job in workspace.jobs.jobs() if job.study == study_id and not job.step]
    newest = max(runs, key=lambda job: job.queued_at, default=None)
    return (newest.what, newest.why, newest.what_to_do) if newest and newest.state == "failed" else None
