"""Training, export and the Bonn exercise, in small, where torch is installed."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest

from dashboard.models import read_manifest
from dashboard.recipes.seizure_corpus import Corpus
from dashboard.recipes.seizure_data import SignalInput
from dashboard.recipes.seizure_evaluation import EventRules
from dashboard.recipes.seizure_folder import write_folder
from dashboard.recipes.seizure_synthetic import synthetic_recordings

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="export needs the extra `train`")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def trained():
    from dashboard.recipes.seizure_training import train_network

    torch.set_num_threads(1)
    corpus = Corpus(synthetic_recordings(range(1000, 1003), SignalInput(), 300.0), 100.0, seed=1)
    losses: list[float] = []
    network = train_network(
        corpus, steps=12, batch=6, seed=1, on_progress=lambda done, total, loss: losses.append(loss)
    )
    return network, losses


def test_the_exported_network_scores_as_the_trained_one(trained, tmp_path):
    from dashboard.recipes.seizure_training import export_network

    network, losses = trained
    assert len(losses) == 1 and losses[0] < 1.0
    assert export_network(network, tmp_path / "model.onnx", 100.0) < 1e-4
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    signal = np.random.default_rng(0).normal(0, 25, (5, 11, 1000)).astype(np.float32)
    with torch.inference_mode():
        wanted = network(torch.from_numpy(signal))
    for ours, theirs in zip(session.run(None, {"signal": signal}), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-4)


def test_rows_that_are_only_padding_change_nothing(trained):
    network, _ = trained
    signal = torch.randn(2, 6, 1000) * 20
    padded = torch.cat([signal, torch.zeros(2, 3, 1000)], dim=1)
    mask = torch.cat([torch.ones(2, 6), torch.zeros(2, 3)], dim=1)
    with torch.inference_mode():
        alone, rows = network.logits(signal)
        beside, padded_rows = network.logits(padded, mask)
    assert torch.allclose(alone, beside, atol=1e-5) and torch.allclose(rows, padded_rows[:, :6], atol=1e-5)


def test_a_short_recording_is_one_window_and_flat_rows_are_left_out(trained):
    from dashboard.recipes.seizure_training import scores_of

    signal = np.random.default_rng(1).normal(0, 20, (3, 600)).astype(np.float32)
    signal[1] = 7.0
    times, scores, rows = scores_of(trained[0], signal - np.float32([[0], [7], [0]]), 100.0, 2.0)
    assert times.tolist() == [5.0]
    assert np.isnan(rows).tolist() == [[False, True, False]]
    without, _ = scores_of(trained[0], signal[[0, 2]], 100.0, 2.0)[1:]
    np.testing.assert_allclose(scores, without, atol=1e-6)


def test_a_written_folder_has_a_sound_manifest(trained, tmp_path):
    from dashboard.recipes.seizure_training import export_network, golden_of

    export_network(trained[0], tmp_path / "model.onnx", 100.0)
    row = {"file": "seizure/x.edf", "hours": 0.1, "reference": 1, "found": 0, "false_alarms": 0, "peak": 0.2}
    part = {
        "recordings": [row],
        "summary": {"recordings": 1, "hours": 0.1, "reference": 1, "found": 0, "false_alarms": 0, "undecided": 0},
    }
    alarms = {"recordings": 0, "hours": 0.1, "false_alarms": 0, "upper_per_hour": 30.0}
    evaluation = {
        "rules": {"on": 0.8, "off": 0.6, "min_duration_s": 4.0, "merge_gap_s": 4.0},
        **part,
        "held_out_of_train": {"how": "two networks", **part, "real": {**part["summary"], "upper_per_hour": 9.0}},
        "dev_alarms": {"healthy": alarms, "critically_ill": alarms},
        "left_out": [row],
        "demonstration": part,
        "golden": golden_of(trained[0], 100.0),
    }
    training = {
        "stride_s": 2.0, "parameters": 1, "recordings": [], "plan": {"synthetic": 2}, "command": "x", "seconds": 60,
    }  # fmt: skip
    write_folder(tmp_path, SignalInput(), 2.0, EventRules(**evaluation["rules"]), evaluation, training)
    assert read_manifest(tmp_path).events.on == 0.8
    assert "Missed in dev: `seizure/x.edf`" in (tmp_path / "card.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8")) == training


def test_bonn_exercise_tells_loud_from_quiet_and_states_the_confound():
    from dashboard.recipes.bonn_exercise import CONFOUND, bonn_exercise, table_lines

    rng = np.random.default_rng(2)
    seconds = np.arange(4097) / 173.61
    segments = {
        "C": rng.normal(0, 40, (5, 4097)).astype(np.float32),
        "E": (rng.normal(0, 40, (5, 4097)) + 600 * np.sin(2 * np.pi * 3 * seconds)).astype(np.float32),
    }
    (row,) = bonn_exercise(segments, tasks=["C-E"], steps=14, on_progress=lambda words: None)
    assert row["segments"] == 10 and row["accuracy"] > 0.75
    line = table_lines([row])[-1]
    assert "alike" in line and "0.99 to 1.00" in line
    assert "intracranial" in CONFOUND and "folds by segment" in CONFOUND
