"""Background work: a queue of jobs as files. It knows neither models nor studies, only their names."""

from .queue import HEARTBEAT_DEAD_S, Job, JobQueue

__all__ = ["HEARTBEAT_DEAD_S", "Job", "JobQueue"]
