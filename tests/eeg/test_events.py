"""Scores into events: examples that can be counted by hand, and laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.eeg import risk_events

RULES = {"step_s": 1.0, "on": 0.8, "off": 0.5, "min_duration_s": 0.0, "merge_gap_s": 0.0}


def events(scores, breaks=(), times=None, **said):
    times = np.arange(len(scores)) + 0.5 if times is None else times
    found = risk_events(times, scores, breaks=breaks, **{**RULES, **said})
    return [(event.onset_s, event.end_s) for event in found]


def test_an_event_reaches_as_far_as_the_lower_threshold():
    assert events([0.1, 0.6, 0.9, 0.5, 0.4, 0.9]) == [(1, 4), (5, 6)]


def test_what_never_reaches_the_upper_threshold_is_none():
    assert events([0.1, 0.7, 0.79, 0.7, 0.1]) == []


def test_the_peak_is_the_highest_score():
    (event,) = risk_events([0.5, 1.5, 2.5], [0.8, 0.95, 0.6], **RULES)
    assert event.peak == pytest.approx(0.95)
    assert (event.onset_s, event.duration_s, event.end_s) == (0, 3, 3)


def test_near_events_become_one_before_short_ones_fall_away():
    scores = [0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9]
    assert events(scores, merge_gap_s=1) == [(0, 3), (6, 7)]
    assert events(scores, merge_gap_s=1, min_duration_s=2) == [(0, 3)]
    assert events(scores, merge_gap_s=3) == [(0, 7)]


def test_a_window_that_was_not_judged_parts_events_and_is_never_merged_over():
    assert events([0.9, 0.9, np.nan, 0.9], merge_gap_s=10) == [(0, 2), (3, 4)]


def test_a_missing_window_does_too():
    times = np.array([0.5, 1.5, 5.5, 6.5])
    assert events([0.9] * 4, times=times, merge_gap_s=10) == [(0, 2), (5, 7)]


def test_a_gap_of_the_recording_parts_events_and_no_event_reaches_into_it():
    assert events([0.9] * 8, breaks=[(3, 2)], merge_gap_s=10) == [(0, 3), (5, 8)]
    assert events([0.9] * 4, breaks=[(2.75, 0.5)], merge_gap_s=10) == [(0, 2.75), (3.25, 4)]


def test_overlapping_windows_stand_for_their_step_only():
    times = np.array([5, 6, 7, 8.0])
    assert events([0.1, 0.9, 0.9, 0.1], times=times) == [(5.5, 7.5)]


def test_nothing_gives_nothing():
    assert events([]) == []


@pytest.mark.parametrize("wrong", [{"off": 0.9}, {"step_s": 0.0}])
def test_rules_that_contradict_themselves_are_refused(wrong):
    with pytest.raises(ValueError):
        events([0.9], **wrong)


def test_one_score_a_window():
    with pytest.raises(ValueError):
        risk_events([0.5, 1.5], [0.9], **RULES)


scores_ = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=60)
breaks_ = st.lists(st.tuples(st.floats(0, 60), st.floats(0.01, 9)), max_size=4).map(
    lambda each: [b for n, b in enumerate(sorted(each)) if all(a[0] + a[1] < b[0] for a in sorted(each)[:n])]
)
rules_ = st.fixed_dictionaries(
    {
        "step_s": st.sampled_from([0.5, 1.0, 2.0]),
        "on": st.floats(0.5, 0.9),
        "off": st.floats(0.1, 0.5),
        "min_duration_s": st.floats(0, 6),
        "merge_gap_s": st.floats(0, 12),
    }
)


@given(scores_, breaks_, rules_)
def test_laws(scores, breaks, rules):
    times = (np.arange(len(scores)) + 0.5) * rules["step_s"]
    found = risk_events(times, scores, breaks=breaks, **rules)
    values = np.array(scores)
    for event in found:
        assert event.onset_s >= 0
        assert event.duration_s >= rules["min_duration_s"] - 1e-6
        assert event.end_s <= len(scores) * rules["step_s"] + 1e-9
        inside = (times > event.onset_s - 1e-9) & (times < event.end_s + 1e-9)
        assert event.peak == np.nanmax(values[inside])
        assert event.peak >= rules["on"]
        assert not np.isnan(values[inside]).any()
        for low, length in breaks:
            assert min(event.end_s, low + length) - max(event.onset_s, low) <= 1e-6
    for before, after in itertools.pairwise(found):
        assert before.end_s <= after.onset_s + 1e-9


@given(scores_, rules_)
def test_every_window_at_the_upper_threshold_is_in_an_event_where_nothing_is_too_short(scores, rules):
    times = (np.arange(len(scores)) + 0.5) * rules["step_s"]
    found = risk_events(times, scores, **{**rules, "min_duration_s": 0})
    for time, score in zip(times, scores, strict=True):
        if score >= rules["on"]:
            assert any(event.onset_s <= time <= event.end_s for event in found)


@given(scores_, breaks_, rules_)
def test_later_by_an_hour_is_later_by_an_hour(scores, breaks, rules):
    times = (np.arange(len(scores)) + 0.5) * rules["step_s"]
    here = risk_events(times + 60, scores, breaks=[(a + 60, b) for a, b in breaks], **rules)
    later = risk_events(times + 3660, scores, breaks=[(a + 3660, b) for a, b in breaks], **rules)
    assert [e.onset_s + 3600 for e in here] == pytest.approx([e.onset_s for e in later])
    assert [e.duration_s for e in here] == pytest.approx([e.duration_s for e in later], abs=1e-6)
