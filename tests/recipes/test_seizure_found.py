"""What the shipped detector finds by the program's own path: synthetic recordings, and real ones where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.casework.inference import detect_events
from dashboard.demo import demo_recordings, synthetic_recording
from dashboard.models import load_model
from dashboard.recipes.seizure_data import array_recording, recording_of
from tests.builders.shared import shared_data

FOLDER = Path(__file__).resolve().parents[2] / "model_weights" / "seizure-cnn-rnn"


@pytest.fixture(scope="module")
def model():
    return load_model(FOLDER)


def _of_demonstration(model, name):
    eeg = synthetic_recording(next(plan for plan in demo_recordings() if plan.name == name))
    recording = array_recording(eeg.labels, eeg.rate_hz, eeg.signal_uv, name)
    return eeg, detect_events(model, recording, threads=1)


def _overlap(event, onset_s, duration_s):
    return min(event.end_s, onset_s + duration_s) - max(event.onset_s, onset_s)


def test_clear_seizures_of_the_demonstration_are_found_where_they_are(model):
    eeg, made = _of_demonstration(model, "generalised-seizures")
    assert len(made.events) == len(eeg.seizures) == 2
    for event, (onset, duration, _) in zip(made.events, eeg.seizures, strict=True):
        assert _overlap(event, onset, duration) > 0.8 * duration
        assert abs(event.onset_s - onset) <= 8 and abs(event.end_s - onset - duration) <= 12


def test_the_demonstration_without_a_seizure_raises_at_most_two_alerts(model):
    _, made = _of_demonstration(model, "no-seizure")
    assert len(made.events) <= 2
    assert sum(event.duration_s for event in made.events) < 40
    assert made.result.not_evaluated_s == ()


@pytest.mark.shared
@pytest.mark.parametrize("file", ["iiic/SZ_sparcnet_sample1.edf", "seizure/ombao_tle.edf", "seizure/epviz_uw_demo.edf"])
def test_real_seizures_are_flagged(model, file):
    made = detect_events(model, recording_of(shared_data("eeg"), file), threads=1)
    onset, duration = {"iiic/SZ_sparcnet_sample1.edf": (20, 10), "seizure/ombao_tle.edf": (350, 85)}.get(file, (15, 29))
    assert any(_overlap(event, onset, duration) > 0 for event in made.events)


@pytest.mark.shared
def test_the_program_scores_dev_recordings_as_the_evaluation_says(model):
    """Training scores with torch in memory; the program with ONNX Runtime, block by block."""
    listed = json.loads((FOLDER / "evaluation.json").read_text(encoding="utf-8"))["recordings"]
    rows = {row["file"]: row for row in listed}
    for file in ("icu/NCSE_vecams_54.edf", "iiic/SZ-LPD_irr_C.edf", "seizure/wang_D_EMG-related.edf"):
        made = detect_events(model, recording_of(shared_data("eeg"), file), threads=1)
        assert float(made.risk.scores.max()) == pytest.approx(rows[file]["peak"], abs=0.003)
        assert bool(made.events) == bool(rows[file]["found"])
