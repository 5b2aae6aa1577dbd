"""What a detector sees: equal to the whole recording filtered at once, never across a gap, without aliases."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfiltfilt

from dashboard.domain import Channel, Gap, Recording
from dashboard.eeg import detector_blocks, detector_labels
from tests.builders.eeg_files import ELECTRODES, a_recording_in_memory, a_square_wave, an_edf, read_one


@dataclass(frozen=True)
class Wanted:
    """An input as a manifest states it."""

    rate_hz: float | None = 100.0
    montage: str | None = "referential"
    highpass: float | None = None
    lowpass: float | None = None
    notch: float | None = None


def whole(recording, wanted, block_s=60.0):
    blocks = list(detector_blocks(recording, wanted, block_s=block_s))
    at = 0
    for start_s, block in blocks:
        assert start_s == pytest.approx(at / (wanted.rate_hz or 1), abs=1e-9)
        assert block.dtype == np.float32
        at += block.shape[1]
    return np.concatenate([block for _, block in blocks], axis=1)


def noise(seconds, rate, channels=2, seed=0):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0, 4, (channels, int(seconds * rate))), axis=1) + 300


@pytest.mark.parametrize("block_s", [3.0, 20.0, 61.7, 1000.0])
def test_blocks_equal_the_whole_filtered_by_scipy(block_s):
    signal = noise(200, 200).astype(np.float32)
    recording = a_recording_in_memory(signal, 200, ["Fp1", "O1"])
    sos = np.vstack([butter(2, 0.5, "highpass", fs=200, output="sos"), butter(4, 30, "lowpass", fs=200, output="sos")])
    got = whole(recording, Wanted(200.0, highpass=0.5, lowpass=30.0), block_s)
    assert got.shape == signal.shape
    assert np.abs(got - sosfiltfilt(sos, signal.astype(float), axis=1)).max() < 0.01


@pytest.mark.parametrize("rate", [173.61, 200, 256, 512])
def test_blocks_do_not_depend_on_how_long_they_are(rate):
    signal = noise(50, rate).astype(np.float32)
    recording = a_recording_in_memory(signal, rate, ["Fp1", "O1"])
    wanted = Wanted(highpass=0.5, lowpass=30.0, notch=50.0)
    at_once = whole(recording, wanted, 1000)
    for block_s in (1.0, 7.3, 20.0):
        np.testing.assert_allclose(whole(recording, wanted, block_s), at_once, atol=1e-3)


@pytest.mark.parametrize("rate, up, down", [(256, 25, 64), (200, 1, 2), (500, 1, 5), (64, 25, 16)])
def test_resampling_keeps_what_both_rates_can_hold(rate, up, down):
    t, u = np.arange(20 * rate) / rate, np.arange(2000) / 100
    wave = lambda s: 40 * np.sin(2 * np.pi * 3 * s) + 20 * np.sin(2 * np.pi * 17.3 * s + 1)  # noqa: E731
    got = whole(a_recording_in_memory(wave(t)[None], rate, ["Fp1"]), Wanted())[0]
    inner = slice(60, -60)
    assert np.abs(got - wave(u))[inner].max() < 0.02
    assert np.abs(got - resample_poly(wave(t), up, down))[inner].max() < 0.5


@pytest.mark.parametrize("hertz", [55.0, 70.0, 99.0, 120.0])
def test_nothing_above_the_new_nyquist_frequency_comes_back_as_an_alias(hertz):
    wave = 100 * np.sin(2 * np.pi * hertz * np.arange(20 * 256) / 256)
    got = whole(a_recording_in_memory(wave[None], 256, ["Fp1"]), Wanted())[0]
    assert np.abs(got[60:-60]).max() < 0.05


def test_a_level_stays_where_nothing_is_filtered_and_goes_where_it_is():
    recording = a_recording_in_memory(np.full((2, 256 * 30), 1234.5), 256, ["Fp1", "O1"])
    assert np.abs(whole(recording, Wanted()) - 1234.5).max() < 1e-2
    assert np.abs(whole(recording, Wanted(highpass=0.5))).max() < 1e-3


def test_flat_rows_stay():
    signal = np.zeros((19, 256 * 10))
    signal[ELECTRODES.index("O1")] = 50 * np.sin(2 * np.pi * 10 * np.arange(2560) / 256)
    recording = a_recording_in_memory(signal, 256, ELECTRODES)
    wanted = Wanted(montage="longitudinal_bipolar", highpass=0.5, lowpass=30.0)
    labels, got = detector_labels(recording, wanted), whole(recording, wanted)
    assert len(labels) == len(got) == 18
    alive = {label for label, row in zip(labels, got, strict=True) if np.abs(row).max() > 1e-6}
    assert alive == {"T5-O1", "P3-O1"}


def test_the_montage_is_formed_of_microvolts():
    signal = noise(10, 100, 19).astype(np.float32)
    recording = a_recording_in_memory(signal, 100, ELECTRODES)
    wanted = Wanted(montage="longitudinal_bipolar")
    labels, got = detector_labels(recording, wanted), whole(recording, wanted)
    for label, row in zip(labels, got, strict=True):
        first, second = (ELECTRODES.index(part) for part in label.split("-"))
        assert np.abs(row - (signal[first] - signal[second])).max() < 1e-3


class TestGaps:
    """50 s of signal with 10.5 to 22.25 s missing, and an enormous offset behind the gap."""

    wanted = Wanted(highpass=0.5, lowpass=30.0)

    @pytest.fixture
    def recording(self):
        signal = noise(50, 256)
        signal[:, round(22.25 * 256) :] += 1e5
        signal[:, round(10.5 * 256) : round(22.25 * 256)] = np.nan
        return a_recording_in_memory(signal, 256, ["Fp1", "O1"], [Gap(10.5, 11.75)])

    def test_they_stay_open_and_nothing_else_is(self, recording):
        there = np.isfinite(whole(recording, self.wanted))
        assert not there[:, 1050:2225].any()
        assert there[:, :1050].all() and there[:, 2225:].all()

    @pytest.mark.parametrize("block_s", [4.0, 60.0])
    def test_no_filter_reaches_across(self, recording, block_s):
        signal = recording.source.signal_uv
        got = whole(recording, self.wanted, block_s)
        before = a_recording_in_memory(signal[:, : round(10.5 * 256)], 256, ["Fp1", "O1"])
        np.testing.assert_allclose(got[:, :1050], whole(before, self.wanted), atol=1e-3)
        after = a_recording_in_memory(signal[:, round(22.25 * 256) :], 256, ["Fp1", "O1"])
        np.testing.assert_allclose(got[:, 2225:], whole(after, self.wanted), atol=0.02)
        assert np.nanmax(np.abs(got)) < 1000

    def test_a_row_is_open_where_one_of_its_channels_is(self):
        signal = noise(10, 100)
        signal[1, 300:400] = np.nan
        got = whole(a_recording_in_memory(signal, 100, ["Fp1", "F7"]), Wanted(montage="longitudinal_bipolar"))
        assert np.isnan(got[0, 300:400]).all()
        assert np.isfinite(got[0, :300]).all() and np.isfinite(got[0, 400:]).all()

    def test_a_file_with_gaps_is_read_so(self, tmp_path):
        signals = {label: a_square_wave(12, 128, half_s=0.05 * (n + 1)) for n, label in enumerate(("Fp1", "F7"))}
        path = an_edf(tmp_path / "a.edf", signals, onsets=[*range(6), *range(10, 16)], discontinuous=True)
        got = whole(read_one(path), Wanted(montage="longitudinal_bipolar", highpass=0.5), 5.0)
        assert got.shape == (1, 1600)
        assert np.isnan(got[0, 600:1000]).all()
        assert np.isfinite(got[0, :600]).all() and np.isfinite(got[0, 1000:]).all()

    def test_a_stretch_of_one_sample_is_no_obstacle(self):
        signal = np.full((1, 100), np.nan)
        signal[0, 40] = 7
        got = whole(a_recording_in_memory(signal, 100, ["Fp1"]), Wanted(highpass=None, lowpass=30.0))
        assert np.isfinite(got[0]).sum() == 1


def test_channels_of_two_rates_meet_in_one_row():
    class TwoRates:
        def read(self, start_s, stop_s, channels):
            rate = (128, 256)[channels[0]]
            n = np.arange(
                max(0, int(np.ceil(start_s * rate - 1e-6))), min(20 * rate, int(np.ceil(stop_s * rate - 1e-6)))
            )
            return (30 * np.sin(2 * np.pi * 5 * n / rate))[None].astype(np.float32)

    channels = (Channel("Fp1", "Fp1", 128.0), Channel("F7", "F7", 256.0))
    recording = Recording("d" * 64, 20.0, channels, (), (), "", TwoRates())
    got = whole(recording, Wanted(montage="longitudinal_bipolar"))
    assert np.abs(got[0, 60:-60]).max() < 0.02


def test_only_eeg_channels_are_seen():
    channels = (
        Channel("Fp1", "Fp1", 100.0),
        Channel("ECG", "ECG", 100.0, "ecg"),
        Channel("A1", "A1", 100.0, "reference"),
    )
    recording = Recording(
        "d" * 64, 2.0, channels, (), (), "", a_recording_in_memory(noise(2, 100, 3), 100, "abc").source
    )
    assert detector_labels(recording, Wanted()) == ("Fp1",)


def test_without_an_eeg_channel_there_are_no_rows():
    channels = (Channel("ECG", "ECG", 100.0, "ecg"),)
    recording = Recording("d" * 64, 2.0, channels, (), (), "", a_recording_in_memory(noise(2, 100, 1), 100, "a").source)
    assert detector_labels(recording, Wanted()) == ()
    assert whole(recording, Wanted()).shape == (0, 200)


def test_without_a_rate_the_recordings_own_is_kept():
    signal = noise(4, 250).astype(np.float32)
    (start, block), *_ = detector_blocks(a_recording_in_memory(signal, 250, ["Fp1", "O1"]), Wanted(rate_hz=None))
    assert start == 0
    np.testing.assert_array_equal(block, signal)


def test_a_length_that_is_no_whole_number_of_samples_is_kept_to_the_last_one():
    recording = a_recording_in_memory(noise(9.59375, 128), 128, ["Fp1", "O1"])
    assert whole(recording, Wanted()).shape == (2, 960)


def test_memory_does_not_grow_with_the_recording(tmp_path):
    """19 channels of 40 minutes would be 93 MB as float64."""
    minute = np.random.default_rng(0).normal(0, 30, 60 * 256)
    peaks = []
    for minutes in (10, 40):
        path = an_edf(tmp_path / "a.edf", {label: np.tile(minute, minutes) for label in ELECTRODES}, rate_hz=256)
        recording = read_one(path)
        tracemalloc.start()
        for _ in detector_blocks(recording, Wanted(montage="longitudinal_bipolar", highpass=0.5, lowpass=30.0)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 60e6
