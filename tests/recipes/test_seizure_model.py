"""The shipped seizure detector is the network that its manifest, its card and its golden scores speak of."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from dashboard.models import read_manifest
from dashboard.recipes import golden_signal

FOLDER = Path(__file__).resolve().parents[2] / "model_weights" / "seizure-cnn-rnn"


@pytest.fixture(scope="module")
def network():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(FOLDER / "model.onnx", options)


@pytest.fixture(scope="module")
def evaluation():
    return json.loads((FOLDER / "evaluation.json").read_text(encoding="utf-8"))


def _scores(network, signal):
    return network.run(["score", "channel_score"], {"signal": signal})


def test_golden_scores(network, evaluation):
    golden = evaluation["golden"]
    score, rows = _scores(network, golden_signal(**golden["input"]))
    np.testing.assert_allclose(score, golden["score"], atol=2e-3)
    np.testing.assert_allclose(rows, golden["channel_score"], atol=2e-3)
    assert np.ptp(golden["score"]) > 0.2, "golden windows that all score alike would show no change"


def test_manifest_speaks_of_these_files(evaluation):
    manifest = read_manifest(FOLDER)
    assert manifest.sha256 == hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()
    assert manifest.evaluation.digest == hashlib.sha256((FOLDER / "evaluation.json").read_bytes()).hexdigest()
    assert manifest.output.calibration is None
    rules = evaluation["rules"]
    assert {name: getattr(manifest.events, name) for name in rules} == rules
    assert (FOLDER / "model.onnx").stat().st_size < 2_000_000


def test_card_leads_with_the_worst_and_the_dev_figures(evaluation):
    card = (FOLDER / "card.md").read_text(encoding="utf-8")
    lead = card.split("\n\n")
    summary = evaluation["summary"]
    missed = summary["reference"] - summary["found"]
    assert lead[1].startswith(f"Misses {missed} of {summary['reference']} seizures in dev; at most ")
    assert f"at most {evaluation['dev_alarms']['healthy']['upper_per_hour']:.1f} false alarms an hour" in lead[1]
    assert f"{summary['found']} of {summary['reference']} seizures found" in lead[2]
    assert f"n = {summary['recordings']} recordings" in lead[2]
    for figures in evaluation["dev_alarms"].values():
        assert f"{figures['false_alarms']} false alarm" in card and f"in {figures['hours']:.3f} h" in card
        assert f"{figures['upper_per_hour']:.1f} an hour" in card
    for row in evaluation["recordings"]:
        assert row["found"] == row["reference"] or f"Missed in dev: `{row['file']}`" in card
    assert "Uncalibrated" in card and "not a medical device" in card


def test_upper_limits_are_those_of_the_counts(evaluation):
    from scipy.stats import poisson

    for figures in (*evaluation["dev_alarms"].values(), evaluation["summary"]):
        limit = figures["upper_per_hour"] * figures["hours"]
        assert poisson.cdf(figures["false_alarms"], limit) == pytest.approx(0.05, abs=2e-3)


def test_recordings_left_out_of_training_are_flagged(evaluation):
    found = {row["file"]: row["found"] for row in evaluation["left_out"]}
    assert found["iiic/SZ_sparcnet_sample1.edf"] == found["seizure/ombao_tle.edf"] == 1


@pytest.mark.parametrize("rows", [1, 2, 19, 30])
def test_any_number_of_rows_and_windows(network, rows):
    signal = np.random.default_rng(rows).normal(0, 20, (3, rows, 1000)).astype(np.float32)
    score, channels = _scores(network, signal)
    assert score.shape == (3,) and channels.shape == (3, rows)
    assert ((score >= 0) & (score <= 1)).all() and ((channels >= 0) & (channels <= 1)).all()


def test_the_order_of_rows_does_not_matter(network):
    signal = golden_signal(seed=3, windows=2, rows=7, samples=1000, rate_hz=100.0)
    order = np.random.default_rng(0).permutation(7)
    score, rows = _scores(network, signal)
    again, reordered = _scores(network, np.ascontiguousarray(signal[:, order]))
    np.testing.assert_allclose(again, score, atol=1e-5)
    np.testing.assert_allclose(reordered, rows[:, order], atol=1e-5)


def test_windows_do_not_touch_each_other(network):
    signal = golden_signal(seed=4, windows=3, rows=5, samples=1000, rate_hz=100.0)
    together, _ = _scores(network, signal)
    apart = [float(_scores(network, signal[n : n + 1])[0][0]) for n in range(3)]
    np.testing.assert_allclose(together, apart, atol=1e-5)


def test_a_flat_or_huge_signal_gives_a_score(network):
    for level in (0.0, 1e5):
        score, _ = _scores(network, np.full((1, 18, 1000), level, dtype=np.float32))
        assert np.isfinite(score).all() and 0 <= score[0] <= 1
