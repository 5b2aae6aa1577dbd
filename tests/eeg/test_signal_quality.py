"""What is measured of a recording before a detector reads it: rate, amplitude, mains, flat and saturated stretches."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import Channel, Gap, Recording
from dashboard.eeg import detector_blocks, signal_quality
from tests.builders.eeg_files import ELECTRODES, ArraySource, a_recording_in_memory

RATE = 200
INPUT = SimpleNamespace(rate_hz=100.0, montage="longitudinal_bipolar", highpass=0.5, lowpass=30.0, notch=None)


def _noise(seconds=60, uv=10.0, seed=1, rate=RATE):
    return np.random.default_rng(seed).normal(0, uv, (len(ELECTRODES), seconds * rate)).astype(np.float32)


def _measured(signal, rate=RATE, gaps=()):
    return signal_quality(a_recording_in_memory(signal, rate, ELECTRODES, gaps), INPUT)


def _at(label):
    return ELECTRODES.index(label)


def test_of_white_noise_the_amplitude_is_that_in_the_band():
    """Two electrodes' difference has sqrt 2 times their noise, of which 0.5 to 30 of 100 Hz are in the band."""
    found = _measured(_noise())
    assert found.amplitude_uv == pytest.approx(10 * np.sqrt(2 * 29.5 / 100), rel=0.03)
    assert found.rate_hz == RATE and found.flat == {} == found.saturated
    assert set(found.lost_rows.values()) == {0.0} and len(found.lost_rows) == 18


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_the_amplitude_follows_the_unit(factor):
    usual = _measured(_noise()).amplitude_uv
    assert _measured(_noise() * factor).amplitude_uv == pytest.approx(usual * factor, rel=1e-3)


@pytest.mark.parametrize("hertz", [50.0, 60.0])
def test_mains_is_told_by_its_share_and_its_rows(hertz):
    signal, t = _noise(), np.arange(60 * RATE) / RATE
    signal[_at("T3")] += (100 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)
    found = _measured(signal)
    noisy = {row for row, share in found.mains_rows.items() if share > 0.5}
    assert noisy == {"F7-T3", "T3-T5"} and found.mains_share < 0.1
    signal += np.linspace(50, 150, len(ELECTRODES), dtype=np.float32)[:, None] * np.sin(2 * np.pi * hertz * t)
    found = _measured(signal)
    assert found.mains_hz == hertz and found.mains_share > 0.3


def test_mains_on_the_common_reference_alone_is_none_of_the_rows():
    signal = _noise() + 300 * np.sin(2 * np.pi * 50 * np.arange(60 * RATE) / RATE).astype(np.float32)
    assert _measured(signal).mains_share < 0.1


def test_where_the_rate_does_not_reach_mains_nothing_is_said_of_it():
    found = _measured(_noise(rate=100), rate=100)
    assert found.mains_hz is None and found.mains_share is None and found.rate_hz == 100


def test_a_channel_is_flat_where_it_does_not_move_for_five_seconds():
    signal = _noise()
    signal[_at("Cz"), 10 * RATE : 16 * RATE] = 3.0
    signal[_at("Pz"), 10 * RATE : 14 * RATE] = 3.0
    found = _measured(signal)
    assert found.flat == {"Cz": ((10.0, 6.0),)} and found.saturated == {}
    lost = {row: share for row, share in found.lost_rows.items() if share}
    assert lost == {"Fz-Cz": 0.1, "Cz-Pz": 0.1}


def test_a_channel_is_saturated_where_it_stands_at_its_rail_with_a_second_on_either_side():
    signal = _noise()
    signal[_at("T6"), 30 * RATE : 31 * RATE] *= 40
    signal[_at("T6")] = np.clip(signal[_at("T6")], -200, 200)
    found = _measured(signal)
    assert found.saturated == {"T6": ((29.0, 3.0),)} and found.flat == {}


def test_a_quiet_coarsely_digitised_channel_is_neither():
    signal = np.round(_noise(uv=1.0))
    assert np.unique(signal).size < 15
    found = _measured(signal)
    assert found.flat == {} == found.saturated


def test_a_gap_is_no_flat_stretch():
    signal = _noise()
    signal[:, 20 * RATE : 40 * RATE] = np.nan
    found = _measured(signal, gaps=[Gap(20.0, 20.0)])
    assert found.flat == {} == found.saturated and found.amplitude_uv == pytest.approx(7.7, rel=0.05)


def test_nothing_is_measured_of_nothing():
    found = _measured(np.zeros((len(ELECTRODES), 60 * RATE), np.float32))
    assert found.amplitude_uv is None and set(found.flat) == set(ELECTRODES)
    assert set(found.lost_rows.values()) == {1.0}
    assert _measured(_noise(1)).amplitude_uv is None
    ecg = Recording(
        "d" * 64, 9.0, (Channel("ECG", "ECG", 9.0, "ecg"),), (), (), "", ArraySource(np.zeros((1, 81)), 9.0)
    )
    assert signal_quality(ecg, INPUT).rate_hz == 0


def test_left_out_channels_open_their_rows_and_no_others():
    recording = a_recording_in_memory(_noise(130), RATE, ELECTRODES)
    usual = np.concatenate([b for _, b in detector_blocks(recording, INPUT)], axis=1)
    out = {"Cz": ((10.0, 6.0), (59.0, 2.0)), "nobody": ((0.0, 130.0),)}
    found = np.concatenate([b for _, b in detector_blocks(recording, INPUT, left_out=out)], axis=1)
    inside = np.zeros(13_000, bool)
    inside[1000:1600] = inside[5900:6100] = True
    of_cz = np.array(["Cz" in row.split("-") for row in _labels(recording)])
    assert np.isnan(found[of_cz][:, inside]).all() and of_cz.sum() == 2
    np.testing.assert_array_equal(found[~of_cz], usual[~of_cz])
    np.testing.assert_array_equal(found[of_cz][:, ~inside], usual[of_cz][:, ~inside])


def test_an_average_of_many_goes_on_without_the_bad_one():
    average = SimpleNamespace(**{**vars(INPUT), "montage": "average"})
    signal = _noise(20)
    signal[_at("T6")] += 5000
    recording = a_recording_in_memory(signal, RATE, ELECTRODES)
    ((_, found),) = detector_blocks(recording, average, left_out={"T6": ((5.0, 5.0),)})
    assert np.isnan(found[_at("T6"), 500:1000]).all() and not np.isnan(np.delete(found, _at("T6"), axis=0)).any()


def _labels(recording):
    from dashboard.eeg import detector_labels

    return detector_labels(recording, INPUT)


@settings(max_examples=40, deadline=None)
@given(
    stretches=st.lists(st.tuples(st.integers(0, 50), st.integers(5, 20)), max_size=3),
    channel=st.sampled_from(ELECTRODES),
)
def test_every_stretch_that_was_made_flat_is_found(stretches, channel):
    """Law: seconds that were made flat, and only they, are told; where two meet they are one."""
    signal, seconds = _noise(), np.zeros(60, bool)
    for first, length in stretches:
        seconds[first : first + length] = True
        signal[_at(channel), first * RATE : (first + length) * RATE] = 7.0
    edges = np.flatnonzero(np.diff(seconds.astype(int), prepend=0, append=0))
    wanted = tuple((float(a), float(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True))
    assert _measured(signal).flat == ({channel: wanted} if wanted else {})
