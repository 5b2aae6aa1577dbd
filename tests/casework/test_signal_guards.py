"""Each input guard of the shipped detector, on synthetic recordings that break one rule; and that no real one is refused wrongly."""

from __future__ import annotations

import csv
from datetime import datetime
from functools import cache

import numpy as np
import pytest

from dashboard.casework import add_paths, predict
from dashboard.casework.inference import detect_events
from dashboard.casework.run_study import each
from dashboard.demo import EegPlan, synthetic_recording
from dashboard.eeg import find_recordings, write_edf
from dashboard.errors import GuardFailed, TooFewChannels
from dashboard.models import load_model, shipped_folder
from dashboard.recipes.seizure_data import array_recording
from dashboard.terms import Action, WorkspaceKind
from dashboard.workspace import Workspace
from tests.builders.shared import shared_data

SECONDS = 60


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_folder() / "seizure-cnn-rnn")


@cache
def _synthetic():
    made = synthetic_recording(EegPlan("guards", seed=11, duration_s=SECONDS))
    return made.labels, made.rate_hz, made.signal_uv


def _detected(model, change=None, rate=None, keep=slice(None)):
    labels, rate_hz, signal = _synthetic()
    signal = signal.copy()
    if change:
        change(signal, labels)
    return detect_events(
        model, array_recording(labels[keep], rate or rate_hz, signal[keep], "guards"), threads=1, device="cpu"
    )


def _mains(uv):
    def change(signal, labels):
        t = np.arange(signal.shape[1]) / _synthetic()[1]
        signal += (np.linspace(1, 3, len(labels))[:, None] * uv * np.sin(2 * np.pi * 50 * t)).astype(np.float32)

    return change


def _flat(*channels, start=0, stop=SECONDS):
    def change(signal, labels):
        rate = round(_synthetic()[1])
        for label in channels:
            signal[labels.index(label), start * rate : stop * rate] = 2.0

    return change


def test_a_sound_recording_passes_without_a_word(model):
    made = _detected(model)
    assert made.result.warnings == () and made.result.not_evaluated_s == ()
    assert made.checked["usable_channels"] == 18 and made.checked["rate_hz"] == 200


def test_too_few_channels(model):
    with pytest.raises(TooFewChannels) as caught:
        _detected(model, keep=slice(0, 1))
    assert "1 usable rows" in caught.value.why and caught.value.what_to_do


@pytest.mark.parametrize("rate, refused", [(40, True), (64, False)])
def test_a_rate_at_which_the_band_is_not_there(model, rate, refused):
    """The model reads up to 30 Hz: below 60 samples a second they are not in the file, below 75 not wholly."""
    if refused:
        with pytest.raises(GuardFailed, match="40 samples a second"):
            _detected(model, rate=rate)
    else:
        assert "64 samples a second" in _detected(model, rate=rate).result.warnings[0]


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_a_wrong_unit_is_refused(model, factor):
    def change(signal, _):
        signal *= factor

    with pytest.raises(GuardFailed, match="unit or scale") as caught:
        _detected(model, change)
    assert caught.value.code == "guard_failed" and "export" in caught.value.what_to_do


@pytest.mark.parametrize("factor, words", [(0.1, "less than 2"), (30.0, "more than 200")])
def test_an_unusual_scale_is_warned_of(model, factor, words):
    def change(signal, _):
        signal *= factor

    assert words in _detected(model, change).result.warnings[0]


def test_a_flat_electrode_is_not_evaluated_in_both_rows_that_need_it(model):
    """The difference of a flat electrode and a live one moves; it is no derivation of the two."""
    made = _detected(model, _flat("T3"))
    rows = dict(zip(made.risk.channel_labels, made.risk.channel_scores, strict=True))
    assert np.isnan(rows["F7-T3"]).all() and np.isnan(rows["T3-T5"]).all() and not np.isnan(rows["Fz-Cz"]).any()
    assert "T3 flat 60 s" in made.result.warnings[0] and made.checked["flat_s"] == {"T3": 60.0}
    assert made.result.not_evaluated_s == ()


def test_a_stretch_in_which_all_is_flat_is_not_evaluated_and_never_quiet(model):
    made = _detected(model, _flat(*_synthetic()[0], start=20, stop=40))
    touching = (made.risk.times_s + 5 > 20) & (made.risk.times_s - 5 < 40)
    np.testing.assert_array_equal(np.isnan(made.risk.scores), touching)
    assert made.result.not_evaluated_s == ((20.0, 20.0),)


def test_a_saturated_channel_is_not_evaluated_while_it_is(model):
    def change(signal, labels):
        rate = round(_synthetic()[1])
        row = signal[labels.index("T4")]
        row[30 * rate : 36 * rate] = np.clip(row[30 * rate : 36 * rate] * 1000, -3000, 3000)

    made = _detected(model, change)
    scores = made.risk.channel_scores[made.risk.channel_labels.index("T4-T6")]
    touching = (made.risk.times_s + 5 > 29) & (made.risk.times_s - 5 < 37)
    np.testing.assert_array_equal(np.isnan(scores), touching)
    assert made.checked["saturated_s"] == {"T4": 8.0} and not np.isnan(made.risk.scores).any()


def test_where_hardly_anything_is_left_it_is_refused(model):
    kept = ("Fz", "Cz", "Pz")
    with pytest.raises(TooFewChannels, match="flat 60 s"):
        _detected(model, _flat(*(label for label in _synthetic()[0] if label not in kept[:2])))
    with pytest.raises(GuardFailed, match="flat or saturated"):
        _detected(model, _flat(*(label for label in _synthetic()[0] if label not in kept), stop=57))


def test_mains_noise_is_warned_of_and_leaves_the_score_as_it_was(model):
    """What the model's low-pass lets through of 50 Hz is a sixtieth."""
    made, usual = _detected(model, _mains(40)), _detected(model)
    (words,) = made.result.warnings
    assert "Mains noise" in words and "50 Hz" in words and made.checked["mains_hz"] == 50
    assert np.abs(made.risk.scores - usual.risk.scores).max() < 0.2
    assert _detected(model, _mains(1)).result.warnings == ()


def _workspace(tmp_path, factor=1.0, mains_uv=0.0):
    labels, rate, signal = _synthetic()
    signal = signal * np.float32(factor)
    _mains(mains_uv)(signal, labels)
    workspace = Workspace.open(tmp_path / "w", create=WorkspaceKind.DEMONSTRATION)
    write_edf(tmp_path / "guards.edf", labels, rate, signal, starts_at=datetime(2024, 3, 11), sex="F", age_years=40)
    return workspace, add_paths(workspace, [tmp_path / "guards.edf"]).added[0].study


def test_a_warning_is_kept_with_the_result_and_in_the_ledger_and_is_logged(tmp_path, model, caplog):
    workspace, study = _workspace(tmp_path, mains_uv=40)
    made = predict(workspace, workspace.study(study), model, device="cpu")
    assert "Mains noise" in made.warnings[0] and made.settings["input"]["mains_share"] > 0.5
    (row,) = [e for e in workspace.ledger.entries() if e.action == Action.PREDICT]
    assert row.details["warnings"] == list(made.warnings)
    assert study in caplog.text and "Mains noise" in caplog.text


def test_a_refusal_is_kept_with_its_job_and_is_logged_and_makes_no_result(tmp_path, caplog):
    workspace, study = _workspace(tmp_path, factor=300.0)
    ((_, refusal),) = each(workspace, [study], "seizure-cnn-rnn", "cpu", 1)
    assert isinstance(refusal, GuardFailed)
    (job,) = workspace.jobs.jobs()
    assert (job.state, job.error) == ("failed", "guard_failed") and "unit or scale" in job.why and job.what_to_do
    assert study in caplog.text and "unit or scale" in caplog.text
    assert not [e for e in workspace.ledger.entries() if e.action == Action.PREDICT]


REFUSED = {
    "formats/edf/test_uneven_samp.edf": "one channel of 12.8 Hz",
    "formats/edfplus/test_subsecond.edf": "one channel",
    "formats/edfplus/test_utf8.edf": "one channel",
    "formats/edfplus_d/Discontinuous2.edf": "no EEG",
    "formats/eeglab/test_raw_event_duration.set": "one channel",
    "formats/gdf/test_1ch.gdf": "no EEG",
    "formats/ant_cnt/test-user-annotation.cnt": "61 of 64 inputs are not connected",
}
WARNED = {
    "formats/bdfplus/bdfPlusC.bdf": "saturated",  # A generator's square waves and sines.
    "formats/brainvision/test.vhdr": "0.41",
    "formats/brainvision/test_units.vhdr": "0.41",
    "formats/edf/test_edf_stim_channel.edf": "T6 saturated 6 s",
    "formats/edfplus/edfPlusC.edf": "saturated",
    "formats/edfplus/test_utf8_annotations.edf": "saturated",
    "formats/edfplus_d/edfPlusD.edf": "saturated",
    "formats/fif/test_bin_raw.fif": "0.28",
    "formats/nihon_kohden/MB0400FU.EDF": "Mains noise",
    "formats/nihon_kohden/MB0400FU.EEG": "Mains noise",
    "icu/UNREACT-ELV_vecams_58.edf": "1.4 µV",
    "iiic/LRDA_sparcnet_sample1.edf": "Mains noise",
    "iiic/OTHER_sparcnet_sample1.edf": "Mains noise",
}
_HEADERS = (".edf", ".bdf", ".vhdr", ".eeg", ".set", ".cnt", ".fif", ".gdf", ".lay", ".raw", ".dat", ".cdt", ".data")


@pytest.mark.shared
def test_no_real_recording_is_refused_wrongly_and_these_are_warned_of(model):
    data = shared_data("eeg")
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        files = [row["file"] for row in csv.DictReader(stream)]
    refused, warned = set(), {}
    for file in files:
        if not file.lower().endswith(_HEADERS) or file.endswith(".eeg"):
            continue
        found = find_recordings([data / file], (data / file).parent)
        if found.refused or not found.recordings:
            continue
        try:
            made = detect_events(model, found.recordings[0].recording, threads=1, device="cpu")
        except (TooFewChannels, GuardFailed):
            refused.add(file)
            continue
        words = [w for w in made.result.warnings if not w.startswith("Shorter than")]
        if words:
            warned[file] = " ".join(words)
    assert refused == set(REFUSED)
    assert set(warned) == set(WARNED)
    assert all(WARNED[file] in words for file, words in warned.items())
