"""Jobs: queued once, claimed by one, given back once when their process dies."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

from dashboard.jobs import HEARTBEAT_DEAD_S, JobQueue


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_same_work_is_queued_once(tmp_path):
    queue = JobQueue(tmp_path)
    assert queue.submit("S-A", "m").id == queue.submit("S-A", "m").id
    assert queue.submit("S-A", "other").id != queue.submit("S-A", "m").id


def test_only_one_of_many_claims_a_job(tmp_path):
    JobQueue(tmp_path).submit("S-A", "m")
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: JobQueue(tmp_path).claim(), range(16)))
    assert sum(claim is not None for claim in claims) == 1


def test_a_dead_job_is_queued_again_once_then_failed(tmp_path):
    clock = _Clock()
    queue = JobQueue(tmp_path, clock)
    queue.submit("S-A", "m")
    assert queue.claim() is not None
    assert queue.claim() is None
    clock.now += HEARTBEAT_DEAD_S + 1
    again = queue.claim()
    assert again is not None and again.attempts == 2
    clock.now += HEARTBEAT_DEAD_S + 1
    assert queue.claim() is None
    assert queue.jobs()[0].state == "failed" and queue.jobs()[0].error == "worker_died"


def test_a_beating_job_is_left_alone(tmp_path):
    clock = _Clock()
    queue = JobQueue(tmp_path, clock)
    queue.submit("S-A", "m")
    job = queue.claim()
    for _ in range(3):
        clock.now += HEARTBEAT_DEAD_S - 1
        job = queue.beat(job, 0.5)
        assert queue.claim() is None
    assert queue.finish(job).state == "done"
    assert queue.latest()[("S-A", "m")].state == "done"


def test_an_unreadable_job_file_stops_nothing(tmp_path):
    queue = JobQueue(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    queue.submit("S-A", "m")
    assert [job.study for job in queue.jobs()] == ["S-A"]
    assert queue.claim().study == "S-A"


def test_a_claim_whose_process_died_before_it_began_is_freed(tmp_path):
    now = [time.time()]
    queue = JobQueue(tmp_path, clock=lambda: now[0])
    job = queue.submit("S-A", "m")
    (tmp_path / f"{job.id}.claim").touch()
    assert queue.claim() is None and queue.claim() is None
    now[0] += HEARTBEAT_DEAD_S + 1
    queue.claim()
    assert queue.claim().id == job.id


def test_a_change_is_seen_even_where_the_folder_bears_the_time_of_the_one_before(tmp_path):
    queue, other = JobQueue(tmp_path), JobQueue(tmp_path)
    job = other.submit("S-A", "m")
    assert [j.state for j in queue.jobs()] == ["queued"]
    state = tmp_path.stat()
    other.fail(job, "worker_died", "It ended.")
    os.utime(tmp_path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert [j.state for j in queue.jobs()] == ["failed"], "two changes within one tick of the clock"
    long_ago = state.st_mtime_ns - 60_000_000_000
    os.utime(tmp_path, ns=(long_ago, long_ago))
    assert [j.state for j in queue.jobs()] == ["failed"] and queue.jobs() is queue.jobs()
    other.submit("S-B", "m")
    assert len(queue.jobs()) == 2
