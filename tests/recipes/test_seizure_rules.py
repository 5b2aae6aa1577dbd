"""Targets, batches, rules and counts of the seizure recipe, without torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.demo import LABELS, demo_recordings, involved_channels, synthetic_recording
from dashboard.recipes import poisson_upper
from dashboard.recipes.seizure_corpus import Corpus, fold_of_groups, window_target
from dashboard.recipes.seizure_data import LabelledRecording, SignalInput
from dashboard.recipes.seizure_evaluation import Curve, EventRules, alarms_of, choose_rules, evaluation_of
from dashboard.recipes.seizure_synthetic import (
    FIRST_SEED,
    random_plan,
    synthetic_recordings,
)

RULES = EventRules(on=0.8, off=0.5, min_duration_s=4.0, merge_gap_s=4.0)


def _curve(name, bumps, reference=(), undecided=False, seconds=600):
    """A curve at 0.1 with bumps (from, to, height)."""
    times = np.arange(5, seconds - 4, 2, dtype=np.float32)
    scores = np.full(len(times), 0.1, dtype=np.float32)
    for start, stop, height in bumps:
        scores[(times >= start) & (times < stop)] = height
    return Curve(name, seconds / 3600, 2.0, times, scores, reference, undecided)


def _recording(name, group, source, target, seed=0):
    signal = np.random.default_rng(seed).normal(0, 10, (4, len(target) * 100)).astype(np.float32)
    return LabelledRecording(name, group, source, ("a", "b", "c", "d"), signal, np.asarray(target, np.float32))


def test_upper_limits_of_poisson_counts():
    """Garwood 1936, one-sided 95 %: 2.996 for none, 4.744 for one, 16.962 for ten."""
    assert [round(poisson_upper(n), 3) for n in (0, 1, 10)] == [2.996, 4.744, 16.962]


def test_a_window_is_seizure_from_half_of_it_on():
    target = np.zeros(40, dtype=np.float32)
    target[20:40] = 1
    assert window_target(target, 0) == 0
    assert window_target(target, 12) == pytest.approx(0.4)
    assert window_target(target, 15) == 1
    assert window_target(np.full(10, 0.3, np.float32), 0) == pytest.approx(0.3)
    target[5] = np.nan
    assert np.isnan(window_target(target, 0))


def test_found_and_false_alarms_are_counted():
    curves = [
        _curve("seizure/x", [(100, 130, 0.9), (300, 320, 0.9)], reference=((95.0, 140.0),)),
        _curve("normal/y", [(50, 60, 0.7)]),
        _curve("iiic/z", [(50, 70, 0.95)], undecided=True),
    ]
    made = evaluation_of(curves, RULES, "dev")
    assert [(r["found"], r["false_alarms"], r["undecided_alarms"]) for r in made["recordings"]] == [
        (1, 1, 0),
        (0, 0, 0),
        (0, 0, 1),
    ]
    summary = made["summary"]
    assert summary["hours"] == pytest.approx(1200 / 3600, abs=1e-4)
    assert summary["upper_per_hour"] == pytest.approx(4.744 / (1200 / 3600), rel=1e-3)
    quiet = alarms_of(curves, RULES, ("normal", "seizure", "iiic"))
    assert (quiet["recordings"], quiet["false_alarms"]) == (1, 0)


def test_rules_are_chosen_within_the_allowed_alarms():
    curves = [
        _curve("seizure/a", [(100, 130, 0.95)], reference=((100.0, 130.0),)),
        _curve("seizure/b", [(200, 230, 0.62)], reference=((200.0, 230.0),)),
        _curve("normal/c", [(20, 40, 0.72), (120, 140, 0.72), (220, 240, 0.72)], seconds=1200),
    ]
    strict, _ = choose_rules(curves, alarms_per_hour=1.0)
    loose, trail = choose_rules(curves, alarms_per_hour=20.0)
    assert strict.on > 0.72 and loose.on <= 0.62
    assert strict.off <= strict.on and {row["on"] for row in trail} >= {0.3, 0.95}


def test_folds_part_patients_and_share_out_seizures():
    recordings = [_recording(f"s{n}", f"g{n}", "seizure", [1.0] * 12) for n in range(4)]
    recordings += [_recording(f"n{n}", f"h{n // 2}", "normal", [0.0] * 12) for n in range(6)]
    recordings.append(_recording("m", "h0", "mixed", [1.0] * 12))
    folds = fold_of_groups(recordings, 2)
    assert set(folds) == {"g0", "g1", "g2", "g3", "h0", "h1", "h2"}
    assert sorted(folds[f"g{n}"] for n in range(4)) == [0, 0, 1, 1]


def test_batches_are_balanced_and_repeat_by_seed():
    recordings = [
        _recording("s", "s", "seizure", [0.0] * 30 + [1.0] * 30, seed=1),
        _recording("n", "n", "normal", [0.0] * 60, seed=2),
    ]
    batch = Corpus(recordings, 100.0, seed=3).batch(64)
    again = Corpus(recordings, 100.0, seed=3).batch(64)
    np.testing.assert_array_equal(batch.signal_uv, again.signal_uv)
    assert batch.signal_uv.shape == (64, 4, 1000) and np.isfinite(batch.signal_uv).all()
    assert 0.25 < (batch.target >= 0.3).mean() < 0.65
    assert np.isnan(batch.row_target[batch.target > 0]).all(), "which rows take part is unknown in a real seizure"
    assert (batch.row_target[batch.target == 0] == 0).all()


def test_synthetic_recordings_repeat_and_hold_their_seizures():
    focal = [s for s in range(FIRST_SEED, FIRST_SEED + 50) if {x.focus for x in random_plan(s).seizures} & set(LABELS)]
    seed = next(
        s for s in focal if random_plan(s).seizures[0].focus != "generalised" and random_plan(s).seizures[0].reach < 1
    )
    first, second = (synthetic_recordings([seed], SignalInput(), 300.0)[0] for _ in range(2))
    np.testing.assert_array_equal(first.signal_uv, second.signal_uv)
    plan = random_plan(seed)
    middle = plan.seizures[0].onset_s + plan.seizures[0].duration_s / 2
    assert first.target[int(middle)] == 1
    assert first.target.sum() == pytest.approx(sum(s.duration_s for s in plan.seizures), abs=4)
    without = synthetic_recording(replace(plan, seizures=())).signal_uv
    added = np.abs(synthetic_recording(plan).signal_uv - without)[:, int((middle - 3) * 200) : int((middle + 3) * 200)]
    takes_part = np.isin(LABELS, involved_channels(plan.seizures[0]))
    assert added[takes_part].mean() > 2 * added[~takes_part].mean() > 0
    assert 0 < first.involved.sum() < len(first.labels)


def test_demonstration_seeds_are_not_those_of_training():
    assert {plan.seed < FIRST_SEED for plan in demo_recordings()} == {True}
    assert [plan.seed for plan in (random_plan(FIRST_SEED), random_plan(FIRST_SEED + 1))] == [1000, 1001]
