"""The overview's trends: microvolts of the aEEG, the side of an asymmetry, signs of artefact, and nothing over a gap."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.domain import Gap
from dashboard.eeg import trends
from dashboard.eeg.aeeg import aeeg_filter, aeeg_rows, amplitude_band
from dashboard.eeg.hemispheres import mirror_pairs, side_rows
from tests.builders.eeg_files import ELECTRODES, a_recording_in_memory, read_one
from tests.builders.shared import shared_data

RATE = 256
MIRROR = {
    "Fp1": "Fp2", "F3": "F4", "C3": "C4", "P3": "P4", "O1": "O2", "F7": "F8", "T3": "T4", "T5": "T6",
}  # fmt: skip
SWAPPED = tuple({**MIRROR, **{right: left for left, right in MIRROR.items()}}.get(one, one) for one in ELECTRODES)


def noise(seconds, rate=RATE, uv=2.0, seed=0):
    """(electrode, sample) of white noise."""
    return np.random.default_rng(seed).normal(0, uv, (len(ELECTRODES), round(seconds * rate)))


def sine(hertz, peak_to_peak, seconds, rate=RATE):
    return peak_to_peak / 2 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def at(*labels):
    return [ELECTRODES.index(label) for label in labels]


def read(recording):
    """The header, aEEG (side, level, epoch), asymmetry by band with NaN where left out, shares by kind likewise."""
    header, payload = trends(recording)
    a, epochs = header["aeeg"], header["epochs"]
    many = len(a["sides"]) * 4 * a["epochs"]
    aeeg = np.frombuffer(payload, "<f4", many).reshape(len(a["sides"]), 4, -1 if many else 0)
    balance = np.frombuffer(payload, "<i1", 5 * epochs, 4 * many).reshape(5, epochs).astype(float)
    shares = np.frombuffer(payload, np.uint8, 5 * epochs, 4 * many + 5 * epochs).reshape(5, epochs).astype(float)
    assert len(payload) == 4 * many + 10 * epochs
    balance[balance == -128], shares[shares == 255] = np.nan, np.nan
    bands = {band[0]: row / 100 for band, row in zip(header["asymmetry"]["bands"], balance, strict=True)}
    kinds = {kind: row / 250 for kind, row in zip(header["artefacts"]["kinds"], shares, strict=True)}
    return header, aeeg, bands, kinds


@pytest.mark.parametrize("rate", [100, 199.5, 256, 500])
def test_a_sine_reads_in_the_aeeg_as_high_as_it_is_from_peak_to_peak_and_on_its_side(rate):
    signal = noise(60, rate, uv=0.0)
    signal[at("C3")] = sine(10, 50, 60, rate)
    signal[at("C4")] = sine(10, 20, 60, rate)
    header, aeeg, _, _ = read(a_recording_in_memory(signal, rate, ELECTRODES))
    near = 0.02 if rate > 100 else 0.04  # ten samples a period always meet the wave at the same places
    assert (header["aeeg"]["sides"], header["aeeg"]["rows"]) == (["left", "right"], ["C3-P3", "C4-P4"])
    assert np.nanmin(aeeg[0]) == pytest.approx(50, rel=near) and np.nanmax(aeeg[0]) == pytest.approx(50, rel=near)
    assert np.nanmin(aeeg[1]) == pytest.approx(20, rel=near) and np.nanmax(aeeg[1]) == pytest.approx(20, rel=near)


def test_other_names_for_the_sides_turn_aeeg_and_asymmetry_round():
    signal = noise(120)
    signal[at(*MIRROR)] *= 3
    _, aeeg, bands, _ = read(a_recording_in_memory(signal, RATE, ELECTRODES))
    _, other, turned, _ = read(a_recording_in_memory(signal, RATE, SWAPPED))
    assert np.nanmedian(aeeg[0]) > 2 * np.nanmedian(aeeg[1])
    assert np.array_equal(aeeg[0], other[1]) and np.array_equal(aeeg[1], other[0])
    assert np.array_equal(bands["total"], -turned["total"]) and np.nanmax(bands["total"]) < -0.4


def test_the_asymmetric_filter_has_gain_one_at_ten_hertz_twelve_decibel_a_decade_and_steep_ends():
    from scipy.signal import freqz

    hertz = np.array([0.5, 1, 2.5, 5, 10, 14, 19, 25, 50])
    gain = 20 * np.log10(np.abs(freqz(aeeg_filter(RATE), worN=hertz, fs=RATE)[1]) + 1e-12)
    assert gain[2:6] == pytest.approx(12 * np.log10(hertz[2:6] / 10), abs=0.3)
    assert (gain[[0, 1, 6, 7, 8]] < [-45, -25, -30, -45, -60]).all()
    with pytest.raises(ValueError, match="too low"):
        aeeg_filter(32)


def test_the_aeeg_follows_the_envelope_that_hilberts_transform_gives_of_the_whole_recording_at_once():
    """Another way to the same: an ideal filter in the frequency domain, and the analytic signal's length."""
    from scipy.signal import hilbert

    seconds = 300
    t = np.arange(seconds * RATE) / RATE
    envelope = 40 + 25 * np.sin(2 * np.pi * t / 97)
    signal = noise(seconds, uv=0.0)
    signal[at("C3")] = (
        envelope / 2 * np.sin(2 * np.pi * 6 * t) + 300 * np.sin(2 * np.pi * 0.2 * t) + sine(60, 90, seconds)
    )
    levels, _ = amplitude_band(a_recording_in_memory(signal, RATE, ELECTRODES), aeeg_rows(ELECTRODES), 60.0)
    spectrum, hertz = np.fft.rfft(signal[at("C3")[0]]), np.fft.rfftfreq(signal.shape[1], 1 / RATE)
    inside = (hertz >= 2) & (hertz <= 15)
    filtered = np.fft.irfft(
        np.where(inside, spectrum * 10 ** (0.6 * np.log10(np.maximum(hertz, 1e-9) / 10)), 0), len(t)
    )
    expected = 2 * np.abs(hilbert(filtered)).reshape(5, -1)[1:4]
    assert levels[0, 0, 1:4] == pytest.approx(expected.min(axis=1), rel=0.02)
    assert levels[0, 3, 1:4] == pytest.approx(expected.max(axis=1), rel=0.02)
    assert levels[0, 1, 1:4] == pytest.approx(np.quantile(expected, 0.1, axis=1), rel=0.02)


def test_nothing_is_carried_over_a_gap_and_epochs_that_touch_one_are_left_out_and_counted():
    signal = noise(120, uv=0.3)
    signal[at("C3", "C4")] += np.concatenate([sine(10, 20, 60), sine(10, 80, 60)])
    signal[:, 45 * RATE : 60 * RATE] = np.nan
    header, aeeg, bands, kinds = read(a_recording_in_memory(signal, RATE, ELECTRODES, [Gap(45, 15)]))
    left = aeeg[0]
    assert np.isnan(left[:, 4:6]).all() and header["aeeg"]["gap_epochs"] == 2
    assert left[:, 3] == pytest.approx(20, rel=0.05) and left[:, 6] == pytest.approx(80, rel=0.05)
    assert header["gap_epochs"] == 8
    for row in (bands["total"], kinds["muscle"]):
        assert np.isnan(row[22:30]).all() and not np.isnan(row[:22]).any() and not np.isnan(row[30:]).any()


def test_asymmetry_is_right_less_left_over_both_in_its_band_alone():
    rng = np.random.default_rng(5)
    both = rng.normal(0, 4, (8, 120 * RATE))
    signal = noise(120, uv=0.0)
    signal[at(*MIRROR)] = both
    signal[at(*MIRROR.values())] = 0.5 * both
    _, _, bands, _ = read(a_recording_in_memory(signal, RATE, ELECTRODES))
    for values in bands.values():
        assert values == pytest.approx((0.25 - 1) / (0.25 + 1), abs=0.006)
    signal[at(*MIRROR.values())] = both
    signal[at("F8", "T6")] += sine(10, 400, 120)
    _, _, bands, _ = read(a_recording_in_memory(signal, RATE, ELECTRODES))
    assert np.median(bands["alpha"]) == pytest.approx(0.5, abs=0.05), "four of the eight pairs are all but one-sided"
    assert bands["delta"] == pytest.approx(0, abs=0.02) and bands["beta"] == pytest.approx(0, abs=0.02)


def test_a_pair_with_a_flat_electrode_is_left_out_and_counted_and_electrodes_without_a_counterpart_are_named():
    signal = noise(20)
    signal[at("T4")] = 0
    header, _, bands, kinds = read(a_recording_in_memory(signal, RATE, ELECTRODES))
    assert header["asymmetry"]["unpaired"] == ["Fz", "Cz", "Pz"]
    assert header["asymmetry"]["dropped"] == 2 * 10, "F8-T4 and T4-T6, in ten epochs"
    assert np.abs(bands["total"]).max() < 0.35 and not np.isnan(bands["total"]).any()
    assert kinds["flat"] == pytest.approx(1 / 19, abs=0.005)
    few = [n for n, label in enumerate(ELECTRODES) if label != "F8"]
    header, _, _, _ = read(a_recording_in_memory(signal[few], RATE, [ELECTRODES[n] for n in few]))
    assert header["asymmetry"]["unpaired"] == ["F7", "Fz", "Cz", "Pz"]
    assert not any("F7" in pair[0] for pair in header["asymmetry"]["pairs"])


def test_each_kind_of_artefact_is_seen_where_it_is_and_nowhere_else():
    signal = noise(50)
    ten = slice(10 * RATE, 20 * RATE)
    rng = np.random.default_rng(9)
    signal[at("O1"), 0 : 10 * RATE] = 7.0
    signal[at("F7"), ten] = np.clip(400 * np.sin(2 * np.pi * 3 * np.arange(10 * RATE) / RATE), -200, 200)
    signal[at("Fp1", "Fp2"), 20 * RATE : 30 * RATE] += sine(1, 900, 10)
    signal[at("T3"), 30 * RATE : 40 * RATE] += rng.normal(0, 40, 10 * RATE)
    signal[at("Pz"), 40 * RATE : 50 * RATE] += sine(50, 60, 10)
    _, _, _, kinds = read(a_recording_in_memory(signal, RATE, ELECTRODES))
    seen = {kind: [bool((values[5 * n : 5 * n + 5] > 0).all()) for n in range(5)] for kind, values in kinds.items()}
    for n, kind in enumerate(("flat", "saturated", "high", "muscle", "mains")):
        assert seen[kind] == [m == n for m in range(5)], kind
        assert not (np.delete(kinds[kind], range(5 * n, 5 * n + 5)) > 0).any(), kind
    assert kinds["muscle"][16] == pytest.approx(2 / 18, abs=0.005), "two of the rows"


def test_what_the_sampling_does_not_show_is_said_and_not_drawn_as_clean():
    header, aeeg, _, kinds = read(a_recording_in_memory(noise(40, 100), 100, ELECTRODES))
    assert (
        header["artefacts"]["missing"] == ["mains"]
        and np.isnan(kinds["mains"]).all()
        and not np.isnan(kinds["muscle"]).any()
    )
    header, aeeg, _, _ = read(a_recording_in_memory(noise(40, 32), 32, ELECTRODES))
    assert "too low a rate" in header["aeeg"]["why"] and aeeg.shape == (0, 4, 0)
    assert header["artefacts"]["missing"] == ["muscle", "mains"]


def test_without_known_sides_there_is_neither_aeeg_nor_asymmetry_and_it_says_why():
    header, aeeg, bands, kinds = read(a_recording_in_memory(noise(40)[:4], RATE, ("Ch1", "Ch2", "Ch3", "Ch4")))
    assert aeeg.size == 0 and np.isnan(bands["total"]).all()
    assert "counterpart" in header["aeeg"]["why"] and "counterpart" in header["asymmetry"]["why"]
    assert not np.isnan(kinds["flat"]).any()
    header, *_ = read(a_recording_in_memory(np.zeros((0, 2560)), RATE, ()))
    assert header["asymmetry"]["pairs"] == []


def test_beyond_an_hour_epochs_are_longer_and_memory_is_not():
    header, aeeg, bands, _ = read(recording := a_recording_in_memory(noise(3800, 64), 64, ELECTRODES))
    assert (header["epoch_s"], header["aeeg"]["epoch_s"]) == (10, 60)
    assert aeeg.shape == (2, 4, 64) and bands["total"].shape == (380,)
    assert recording.source.most <= len(ELECTRODES) * 64 * 130
    assert not np.isnan(aeeg[:, :, :63]).any() and np.isnan(aeeg[:, :, 63]).all(), "a last one of 20 s is left out"


def test_counterparts_are_found_whichever_way_round_a_file_has_its_derivations():
    labels = ["F7-Fp1", "Fp2-F8", "C3-Cz", "Cz-C4", "O1-P3"]
    pairs = mirror_pairs(side_rows(labels))
    assert [(left.label, right.label) for left, right in pairs] == [("F7-Fp1", "Fp2-F8"), ("C3-Cz", "Cz-C4")]


def of_shared(*names):
    """Median aEEG (side, level) and mean share of each kind, file by file."""
    for name in names:
        _, aeeg, _, kinds = read(read_one(shared_data("eeg") / name))
        yield name, np.nanmedian(aeeg, axis=2), {kind: float(np.nanmean(values)) for kind, values in kinds.items()}


@pytest.mark.shared
def test_what_experts_called_low_voltage_burst_suppression_or_normal_lies_where_the_aeeg_has_them():
    """Margins of 10 and 5 microvolts (al Naqeeb and others 1999, Pediatrics 103:1263), which were drawn for newborns."""
    low = ("LOWVOLT_vecams_23", "LOWVOLT_vecams_26", "LOWVOLT_vecams_27", "UNREACT-ELV_vecams_58")
    for name, levels, _ in of_shared(*(f"icu/{one}.edf" for one in low)):
        assert levels[:, 2].max() < 10, name
    for name, levels, _ in of_shared("icu/BS_vecams_50.edf", "icu/GPD-UNREACT-BS_vecams_55.edf"):
        assert levels[:, 1].max() < 5 and levels[:, 2].min() > 10, name
    for name, levels, kinds in of_shared(*(f"normal/eegmat_rest_s{n:02}.edf" for n in (0, 1, 2, 4, 6, 10, 14))):
        assert levels[:, 1].min() > 5 and 10 < levels[:, 2].min() <= levels[:, 2].max() < 50, name
        assert max(kinds["flat"], kinds["saturated"], kinds["muscle"], kinds["mains"]) < 0.02, name


@pytest.mark.shared
def test_muscle_and_mains_are_seen_in_the_recordings_that_are_known_for_them():
    (_, _, muscle), *mains = of_shared(
        "seizure/wang_D_EMG-related.edf", *(f"artefact/child_visualtask_v{n}.edf" for n in (107, 110, 299))
    )
    assert muscle["muscle"] > 0.3
    for name, _, kinds in mains:
        assert kinds["mains"] > 0.4 and kinds["muscle"] < 0.05, name
