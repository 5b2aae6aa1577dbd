"""The demonstration's recordings: what is in them, and that each part lies where and looks as it does on a scalp."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import welch

from dashboard.demo import LABELS, EegPlan, demo_recordings, synthetic_recording, write_eeg
from dashboard.demo.eegs_artefacts import blinks, electrode_pops, muscle
from dashboard.eeg import find_recordings

RATE = 200.0
QUIET = {"blinks": 0, "gazes": 0, "muscle": 0, "pops": 0, "movements": 0}


def row(label: str) -> int:
    return LABELS.index(label)


def power(signal, low, high):
    """Mean power of each channel between two frequencies."""
    hertz, density = welch(signal, RATE, nperseg=800)
    return density[:, (hertz >= low) & (hertz < high)].mean(axis=1)


@pytest.fixture(scope="module")
def quiet():
    """Five minutes of background alone, awake with closed eyes."""
    return synthetic_recording(
        EegPlan("quiet", seed=3, duration_s=300, open_share=0, drowsy_share=0, **QUIET)
    ).signal_uv


def test_there_are_recordings_of_10_to_30_minutes_one_without_a_seizure_and_one_hard():
    plans = demo_recordings()
    assert len(plans) >= 3
    assert all(600 <= plan.duration_s <= 1800 and plan.seed < 1000 for plan in plans)
    assert any(not plan.seizures for plan in plans)
    assert min(s.end_uv for plan in plans for s in plan.seizures) <= 40


def test_the_background_is_20_to_100_microvolts_and_falls_with_frequency(quiet):
    swing = np.percentile(quiet, 97.5, axis=1) - np.percentile(quiet, 2.5, axis=1)
    assert ((swing > 20) & (swing < 100)).all()
    hertz, density = welch(quiet, RATE, nperseg=800)
    used = ((hertz > 2) & (hertz < 7)) | ((hertz > 14) & (hertz < 45))
    slope = np.polyfit(np.log(hertz[used]), np.log(density[:, used].mean(axis=0)), 1)[0]
    assert -2.5 < slope < -0.8


def test_alpha_is_posterior_and_stands_out(quiet):
    alpha, beside = power(quiet, 9, 11), power(quiet, 14, 18)
    assert alpha[row("O1")] > 5 * alpha[row("Fp1")]
    assert alpha[row("O1")] > 5 * beside[row("O1")]


def test_blinks_are_frontal_and_positive():
    signal = blinks(np.random.default_rng(0), 12_000, RATE, 20)
    assert signal[row("Fp1")].max() > 70 and signal.min() >= 0
    assert np.abs(signal[[row("O1"), row("Pz")]]).max() == 0


def test_muscle_lies_over_the_rim_above_20_hertz():
    signal = muscle(np.random.default_rng(1), 60_000, RATE, 6)
    assert signal[row("T3")].std() > 3 * signal[row("Cz")].std()
    assert power(signal, 25, 60)[row("T3")] > 20 * power(signal, 1, 10)[row("T3")]


def test_an_electrode_pops_alone_and_steeply():
    signal = electrode_pops(np.random.default_rng(2), 12_000, RATE, 4)
    together = (np.abs(signal) > 1).sum(axis=0)
    assert 1 <= together.max() <= 2
    assert np.abs(np.diff(signal)).max() > 50


def test_a_seizure_slows_and_grows_over_its_focus():
    plan = demo_recordings()[0]
    made = synthetic_recording(plan)
    onset, duration, channels = made.seizures[0]
    focus = made.signal_uv[row(plan.seizures[0].focus)]
    early = focus[int((onset + 5) * RATE) : int((onset + 20) * RATE)]
    late = focus[int((onset + duration - 20) * RATE) : int((onset + duration - 5) * RATE)]
    assert late.std() > 1.5 * early.std()
    assert _peak_hz(late) < _peak_hz(early)
    assert plan.seizures[0].focus in channels


def _peak_hz(signal) -> float:
    hertz, density = welch(signal, RATE, nperseg=600)
    inside = (hertz > 2) & (hertz < 12)
    return float(hertz[inside][np.argmax(density[inside])])


def test_a_written_recording_reads_back_as_synthetic_and_the_same(tmp_path):
    plan = EegPlan("short", seed=4, sex="F", duration_s=20)
    found = find_recordings([write_eeg(plan, tmp_path)], tmp_path).recordings[0]
    assert (found.synthetic, found.sex, found.recording.duration_s) == (True, "F", 20)
    read = found.recording.source.read(0, 20, found.recording.eeg_channels)
    assert np.abs(read - synthetic_recording(plan).signal_uv).max() < 0.1
