"""Seizure burden: each second once, the worst of all windows of 60 min, the durations of ACNS 2021."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import joined
from dashboard.eeg import seizure_burden


@given(st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 900)), max_size=8))
def test_it_is_that_of_the_seconds_themselves(events):
    """Law: second by second, with every window of 60 min tried."""
    seconds = np.zeros(17_000, bool)
    for onset, length in events:
        seconds[onset : onset + length] = True
    found = seizure_burden([(float(a), float(a + length)) for a, length in events])
    sums = np.concatenate([[0], np.cumsum(seconds)])
    hours = sums[3600:] - sums[:-3600]
    edges = np.flatnonzero(np.diff(seconds.astype(int), prepend=0, append=0))
    assert found.total_s == seconds.sum() and found.worst_hour_s == hours.max() and found.count == len(events)
    assert found.longest_s == max(edges[1::2] - edges[::2], default=0)
    assert hours[int(found.worst_hour_at_s)] == hours.max()


@pytest.mark.parametrize(
    "spans, met",
    [
        ([], ""),
        ([(0, 9.9)], ""),
        ([(0, 10)], "seizure"),
        ([(0, 6), (6, 12)], "seizure"),
        ([(0, 599)], "seizure"),
        ([(0, 600)], "status"),
        ([(300 * n, 300 * n + 60) for n in range(12)], "status"),
        ([(300 * n, 300 * n + 59) for n in range(12)], "seizure"),
        ([(400 * n, 400 * n + 60) for n in range(12)], "seizure"),
    ],
)
def test_the_durations_of_acns_2021(spans, met):
    """10 s; 10 min continuous, or 20 % of any 60 min."""
    assert seizure_burden([(float(a), float(b)) for a, b in spans]).meets == met


def test_joined_stretches_are_apart_and_in_order():
    assert joined([(5, 6), (1, 3), (2, 4), (9, 9)]) == ((1, 4), (5, 6))
