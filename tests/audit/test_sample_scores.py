"""Sample scores: the field's scorer, held against a count of our own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timescoring.annotations import Annotation
from timescoring.scoring import SampleScoring

from dashboard.audit.event_scores import ScoredRecording
from dashboard.audit.sample_scores import Seconds, sample_counts, sample_scores

DURATION_S = 1800
_events = st.lists(st.tuples(st.integers(0, DURATION_S - 1), st.integers(1, 400)), max_size=8)


def _mask(events):
    mask = np.zeros(DURATION_S, dtype=bool)
    for onset, length in events:
        mask[onset : onset + length] = True
    return mask


def a_recording(study, reference, alerts, *, whole=True):
    return ScoredRecording(study, f"P-{study}", tuple(reference), tuple(alerts), float(DURATION_S), whole=whole)


@given(_events, _events)
def test_seconds_are_those_of_the_masks_and_the_scorers_own(reference, alerts):
    ours = sample_counts(reference, alerts, DURATION_S)
    of_reader, of_model = _mask(reference), _mask(alerts)
    assert ours == Seconds(of_reader.sum(), of_model.sum(), (of_reader & of_model).sum())
    theirs = SampleScoring(Annotation(of_reader, 1), Annotation(of_model, 1))
    assert (ours.reference, ours.alerts, ours.both) == (theirs.refTrue, theirs.tp + theirs.fp, theirs.tp)


def test_only_recordings_read_whole_count_and_precision_stands_beside():
    found = sample_scores(
        [
            a_recording("S-1", [(100, 40)], [(120, 40)]),
            a_recording("S-2", [(100, 40)], []),
            a_recording("S-3", [(100, 40)], [(100, 40)], whole=False),
        ],
        group="d",
        resamples=200,
    )
    assert (found.value, found.studies) == (pytest.approx(20 / 80), ("S-1", "S-2"))
    assert (found.beside["found_s"], found.beside["precision"]) == (20, 0.5)
    assert "timescoring" in found.method and "1 Hz" in found.method


def test_without_a_seizure_nothing_is_claimed():
    found = sample_scores([a_recording("S-1", [], [(0, 10)])], group="d", resamples=50)
    assert found.value is None and found.undefined and found.beside["precision"] == 0
