"""The overview's spectra: the right side, the right row, the right level, nothing in gaps."""

from __future__ import annotations

import numpy as np

from dashboard.domain import Gap
from dashboard.eeg import spectra
from tests.builders.eeg_files import ELECTRODES, a_recording_in_memory


def a_rhythm(electrode, hertz, uv, seconds=60, rate=256):
    signal = np.random.default_rng(0).normal(0, 0.5, (19, seconds * rate))
    signal[ELECTRODES.index(electrode)] += uv * np.sin(2 * np.pi * hertz * np.arange(seconds * rate) / rate)
    return signal


def test_the_picture_has_the_shape_that_its_header_says():
    header, levels = spectra(a_recording_in_memory(a_rhythm("T3", 6, 50), 256, ELECTRODES))
    assert header["sides"] == ["left", "right"]
    assert levels.shape == (2, header["rows"], header["columns"]) == (2, 40, 60)
    assert levels.dtype == np.uint8
    assert header["columns"] * header["step_s"] >= 60
    assert header["f_max_hz"] == 20


def test_a_rhythm_lies_on_its_side_and_in_its_row():
    signal = a_rhythm("T3", 6, 50) + a_rhythm("F7", 6, -50) + a_rhythm("C3", 6, 50) + a_rhythm("P3", 6, -50)
    _, levels = spectra(a_recording_in_memory(signal, 256, ELECTRODES))
    assert (levels[0].argmax(axis=0) == 11).all()
    assert levels[0, 11].min() > levels[1].max() + 50


def test_a_level_is_decibel_of_microvolts_squared_a_hertz():
    rng = np.random.default_rng(1)
    density = 4.0
    signal = rng.normal(0, np.sqrt(density * 128 / 2), (19, 300 * 256))
    header, levels = spectra(a_recording_in_memory(signal, 256, ELECTRODES))
    low, high = header["db_low"], header["db_high"]
    decibel = low + (np.median(levels) - 1) / 254 * (high - low)
    assert abs(decibel - 10 * np.log10(density * np.log(2))) < 0.5  # a median of power is ln 2 of its mean


def test_one_bad_electrode_does_not_colour_a_side():
    quiet = spectra(a_recording_in_memory(a_rhythm("T3", 6, 0), 256, ELECTRODES))[1]
    bad = spectra(a_recording_in_memory(a_rhythm("T3", 6, 5000), 256, ELECTRODES))[1]
    assert abs(int(np.median(bad[0, 11])) - int(np.median(quiet[0, 11]))) < 30


def test_gaps_are_black_and_what_lies_around_them_is_not():
    signal = a_rhythm("T3", 6, 50)
    signal[:, 20 * 256 : 30 * 256] = np.nan
    _, levels = spectra(a_recording_in_memory(signal, 256, ELECTRODES, [Gap(20, 10)]))
    assert (levels[:, :, 20:30] == 0).all()
    assert (levels[:, :, :19] > 0).all() and (levels[:, :, 31:] > 0).all()


def test_unknown_sides_are_one_picture_and_no_channel_is_none():
    recording = a_recording_in_memory(a_rhythm("T3", 6, 50)[:4], 256, ("Ch1", "Ch2", "Ch3", "Ch4"))
    header, levels = spectra(recording)
    assert (header["sides"], levels.shape[0]) == (["all"], 1)
    header, levels = spectra(a_recording_in_memory(np.zeros((0, 2560)), 256, ()))
    assert (header["sides"], levels.shape) == ([], (0, 40, header["columns"]))


def test_a_long_recording_has_no_more_columns_than_a_screen():
    recording = a_recording_in_memory(np.random.default_rng(0).normal(0, 9, (2, 40 * 9000)), 40, ("Fp1", "Fp2"))
    header, levels = spectra(recording)
    assert header["columns"] <= 1800
    assert header["step_s"] == 5
    assert recording.source.most <= 2 * 40 * 3
    assert (levels[..., :39, :] > 0).all()
