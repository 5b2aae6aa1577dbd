"""Threads that share work: each gets its own answer, or the error, and nobody waits for ever."""

from __future__ import annotations

import threading

import pytest

from dashboard.files import Together


def _ask_all(together, questions):
    """What each thread got, by its question; the first holds the work until all the others wait."""
    got: dict[int, object] = {}

    def ask(question):
        try:
            got[question] = together.ask(question)
        except BaseException as error:
            got[question] = error

    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    with together.working:
        for thread in threads:
            thread.start()
        while len(together._queue) < len(threads):
            pass
    for thread in threads:
        thread.join(10)
    assert len(got) == len(threads), "a thread still waits"
    return got


def test_all_who_wait_are_answered_in_one_go():
    batches: list[list[int]] = []

    def work(questions):
        batches.append(list(questions))
        return [question * 10 for question in questions]

    assert _ask_all(Together(work), range(6)) == {n: n * 10 for n in range(6)}
    assert len(batches) == 1 and sorted(batches[0]) == list(range(6))


@pytest.mark.parametrize("error", [OSError(5, "no"), KeyboardInterrupt()])
def test_where_the_work_breaks_off_nobody_takes_it_for_done(error):
    def work(questions):
        raise error

    got = _ask_all(Together(work), range(4))
    assert all(isinstance(found, BaseException) for found in got.values())
    assert error in got.values() and all(isinstance(found, OSError | KeyboardInterrupt) for found in got.values())
