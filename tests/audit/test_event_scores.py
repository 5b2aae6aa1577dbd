"""Event scores: the field's scorer, hours that were evaluated, intervals that are exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring

from dashboard.audit.event_scores import Counts, ScoredRecording, event_counts, event_scores, poisson_interval

HOUR = 3600.0


def a_recording(study="S-1", *, reference=(), alerts=(), hours=1.0, whole=True, **said):
    return ScoredRecording(study, f"P-{study}", tuple(reference), tuple(alerts), hours * HOUR, whole=whole, **said)


@st.composite
def disjoint(draw):
    """(start, end) in order, with room between them."""
    at, events = 0.0, []
    for _ in range(draw(st.integers(0, 8))):
        at += draw(st.integers(2, 3000)) / 10
        length = draw(st.integers(2, 4000)) / 10
        if at + length > 3600:
            break
        events.append((at, at + length))
        at += length
    return events


@given(disjoint(), disjoint())
def test_counts_are_the_scorers_own(reference, alerts):
    theirs = EventScoring(Annotation(list(reference), 10, 36000), Annotation(list(alerts), 10, 36000))
    ours = event_counts(*([(start, end - start) for start, end in side] for side in (reference, alerts)), HOUR)
    assert ours == Counts(theirs.refTrue, theirs.tp, theirs.fp)


@given(disjoint())
def test_a_detector_that_says_what_the_reader_says_finds_all_and_alarms_never_falsely(events):
    same = [(start, end - start) for start, end in events]
    assert event_counts(same, same, HOUR, as_they_are=True) == Counts(len(events), len(events), 0)


def test_overlapping_events_of_one_side_are_one():
    assert event_counts([(10, 20), (25, 20)], [(1000, 10)], HOUR) == Counts(1, 0, 1)


def test_hours_that_were_not_evaluated_are_no_quiet_hours():
    one = a_recording(hours=2, not_evaluated=((0, 1800), (900, 1800), (7000, 1000)))
    assert one.evaluated_h == pytest.approx((7200 - 2700 - 200) / 3600)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_the_poisson_interval_is_the_one_whose_ends_are_just_believable(count):
    low, high = poisson_interval(count)
    assert poisson.cdf(count, high) == pytest.approx(0.025)
    assert low == 0 if count == 0 else poisson.sf(count - 1, low) == pytest.approx(0.025)


def test_sensitivity_rests_on_recordings_read_whole_and_alarms_on_all():
    recordings = [
        a_recording("S-1", reference=[(100, 40), (1000, 30)], alerts=[(105, 20), (2000, 10)]),
        a_recording("S-2", reference=[(100, 40)], alerts=[(100, 40), (3000, 20)], whole=False),
    ]
    sensitivity, alarms = event_scores(recordings, group="detector", resamples=200)
    assert (sensitivity.value, sensitivity.studies) == (0.5, ("S-1",))
    assert (alarms.value, alarms.unit, alarms.beside["false_alarms"]) == (pytest.approx(1.0), "per h", 2)
    assert (alarms.low, alarms.high) == pytest.approx(tuple(bound / 2 for bound in poisson_interval(2)))
    assert "timescoring" in sensitivity.method and "90 s" in sensitivity.method


def test_merged_counts_stand_beside_plain_ones():
    sensitivity, alarms = event_scores(
        [a_recording(reference=[(100, 20), (150, 20)], alerts=[(1000, 10), (1050, 10)])], group="d", resamples=50
    )
    assert (sensitivity.beside["events"], sensitivity.beside["events_as_they_are"]) == (1, 2)
    assert (alarms.beside["false_alarms"], alarms.beside["false_alarms_as_they_are"]) == (1, 2)


def test_no_rate_a_day_from_less_than_a_day():
    (_, short), (_, long) = (
        event_scores([a_recording(alerts=[(100, 10)], hours=hours)], group="d", resamples=50) for hours in (23.9, 48.0)
    )
    assert (short.unit, long.unit) == ("per h", "per 24 h")
    assert long.value == pytest.approx(0.5)


def test_without_events_or_hours_nothing_is_claimed():
    sensitivity, alarms = event_scores([], group="d", resamples=50)
    assert sensitivity.value is None and sensitivity.undefined
    assert alarms.value is None and alarms.undefined
