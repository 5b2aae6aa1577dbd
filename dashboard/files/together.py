"""Threads that ask for the same thing at once share the work: whoever comes first does it for all who wait behind it."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Together"]

Q = TypeVar("Q")
A = TypeVar("A")


class _Request(Generic[Q, A]):
    """One caller's question, waiting to be answered together with others'."""

    def __init__(self, question: Q) -> None:
        self.question = question
        self.answers: list[A] = []
        self.error: Exception = OSError(errno.EINTR, os.strerror(errno.EINTR))
        self.done = False


class Together(Generic[Q, A]):
    """Work done for several callers in one go. Each gets an answer or an error, never neither.

    Parameters
    ----------
    work : callable
        From the questions of all who wait to the answer of each.

    Attributes
    ----------
    working : Lock
        Held while the work is done; for who must be alone.
    """

    def __init__(self, work: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self.working = threading.Lock()
        self._work = work
        self._queue: list[_Request[Q, A]] = []
        self._queue_guard = threading.Lock()

    def ask(self, question: Q) -> A:
        """The answer to this question; raises what the work raised, or EINTR where its thread was broken off."""
        request: _Request[Q, A] = _Request(question)
        with self._queue_guard:
            self._queue.append(request)
        with self.working:
            if not request.done:
                with self._queue_guard:
                    batch, self._queue = self._queue, []
                self._answer(batch)
        if not request.answers:
            raise request.error
        return request.answers[0]

    def _answer(self, batch: Sequence[_Request[Q, A]]) -> None:
        try:
            answers = self._work([request.question for request in batch])
            for request, answer in zip(batch, answers, strict=True):
                request.answers = [answer]
        except Exception as exc:
            for request in batch:
                request.error = exc
        finally:
            for request in batch:
                request.done = True
