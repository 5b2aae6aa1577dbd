"""A queue of jobs, one JSON file each; claims are taken by an exclusive link, never shared."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..files import read_json, write_json

__all__ = ["HEARTBEAT_DEAD_S", "Job", "JobQueue"]

HEARTBEAT_DEAD_S = 60.0
"""A running job whose heartbeat is older than this lost its process."""
_SETTLED_NS = 3_000_000_000
"""Coarser than any file system's clock."""


@dataclass(frozen=True)
class Job:
    """One prediction to make, or one step to compute on a study's series. `error` is an error's code.

    Attributes
    ----------
    state : str
        queued, running, failed or done.
    step, series : str
        A step's kind, and the digest of the series that it is for; a prediction has neither, a step no model.
    """

    id: str
    study: str
    model: str
    state: str = "queued"
    pid: int = 0
    heartbeat: float = 0.0
    attempts: int = 0
    progress: float = 0.0
    error: str = ""
    what: str = ""
    why: str = ""
    what_to_do: str = ""
    queued_at: float = 0.0
    step: str = ""
    series: str = ""


class JobQueue:
    """The jobs of one workspace.

    Parameters
    ----------
    folder : Path
        `<workspace>/jobs`.
    clock : callable
        Seconds since the epoch; tests give their own.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock
        self._cache: dict[str, tuple[tuple[int, int, int], Job]] = {}
        self._listed: tuple[int, tuple[Job, ...]] = (0, ())

    def submit(self, study: str, model: str, *, step: str = "", series: str = "") -> Job:
        """Queue a prediction or a step; an unfinished job for the same is answered with itself."""
        for job in self.jobs():
            if (job.study, job.model, job.step, job.series) == (study, model, step, series) and job.state in {
                "queued",
                "running",
            }:
                return job
        job = Job(uuid.uuid4().hex, study, model, queued_at=self._clock(), step=step, series=series)
        self._write(job)
        return job

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, oldest first. An unreadable file is left alone and left out.

        Every change of a job is a rename into the folder, so that a folder whose time has stood still holds the same
        jobs; times so young that a further change might bear the same one prove nothing.
        """
        try:
            changed = os.stat(self.folder).st_mtime_ns
        except OSError:
            return ()
        if self._listed[0] == changed:
            return self._listed[1]
        is_old = time.time_ns() - changed > _SETTLED_NS
        cache: dict[str, tuple[tuple[int, int, int], Job]] = {}
        for name in [name for name in os.listdir(self.folder) if name.endswith(".json")]:
            path = self.folder / name
            try:
                state = os.stat(path)
                stamp = (state.st_ino, state.st_mtime_ns, state.st_size)
                known = self._cache.get(name)
                cache[name] = known if known and known[0] == stamp else (stamp, Job(**read_json(path)))
            except (ValueError, TypeError, OSError):
                continue
        self._cache = cache
        found = tuple(sorted((job for _, job in cache.values()), key=lambda job: (job.queued_at, job.id)))
        self._listed = (changed, found) if is_old else (0, ())
        return found

    def latest(self) -> dict[tuple[str, str], Job]:
        """The newest job of each study and model; steps are none of a model's."""
        return {(job.study, job.model): job for job in self.jobs() if not job.step}

    def claim(self, job_id: str | None = None) -> Job | None:
        """Take the oldest queued job (or the named one), for this process alone; None where there is none.

        A running job without a heartbeat for a minute is queued again once, then failed with `worker_died`.
        """
        self._revive()
        for job in self.jobs():
            if job.state != "queued" or (job_id and job.id != job_id):
                continue
            try:
                descriptor = os.open(self._claim_path(job), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            except FileExistsError:
                self._free_abandoned(job)
                continue
            os.close(descriptor)
            claimed = replace(job, state="running", pid=os.getpid(), heartbeat=self._clock(), attempts=job.attempts + 1)
            self._write(claimed)
            return claimed
        return None

    def beat(self, job: Job, progress: float) -> Job:
        """Say that the job is alive, and how far it is (0 to 1)."""
        return self._write(replace(job, heartbeat=self._clock(), progress=progress))

    def finish(self, job: Job) -> Job:
        """Mark a job done."""
        return self._end(replace(job, state="done", progress=1.0))

    def fail(self, job: Job, error: str, what: str, why: str = "", what_to_do: str = "") -> Job:
        """Mark a job failed, with an error's code and its three sentences."""
        return self._end(replace(job, state="failed", error=error, what=what, why=why, what_to_do=what_to_do))

    def _free_abandoned(self, job: Job) -> None:
        """A claim whose process died before it could say that the job runs; the job can be claimed the next time."""
        path = self._claim_path(job)
        try:
            if self._clock() - path.stat().st_mtime > HEARTBEAT_DEAD_S:
                path.unlink()
        except FileNotFoundError:
            return

    def _revive(self) -> None:
        for job in self.jobs():
            if job.state == "running" and self._clock() - job.heartbeat > HEARTBEAT_DEAD_S:
                if job.attempts >= 2:
                    self.fail(job, "worker_died", "The process that did it died twice.")
                else:
                    self._end(replace(job, state="queued"))

    def _end(self, job: Job) -> Job:
        self._write(job)
        self._claim_path(job).unlink(missing_ok=True)
        return job

    def _write(self, job: Job) -> Job:
        write_json(self.folder / f"{job.id}.json", asdict(job))
        return job

    def _claim_path(self, job: Job) -> Path:
        return self.folder / f"{job.id}.claim"
