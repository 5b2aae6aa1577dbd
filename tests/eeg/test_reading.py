"""What comes out of a file: microvolts, times across gaps, names, annotations, and nobody's identity."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dashboard.domain import Gap
from dashboard.eeg import find_recordings
from tests.builders.eeg_files import ELECTRODES, a_square_wave, an_edf, read_one


def codes(recording):
    return [issue.code for issue in recording.issues]


@pytest.mark.parametrize("bdf", [False, True])
def test_samples_are_microvolts_to_half_a_step(tmp_path, bdf):
    rng = np.random.default_rng(1)
    signals = {label: rng.normal(0, 40, 512) for label in ("Fp1", "O2")}
    recording = read_one(an_edf(tmp_path / "a.edf", signals, bdf=bdf))
    got = recording.source.read(0, 4, (0, 1))
    step = 0.1 if not bdf else 0.1 / 256
    assert got.shape == (2, 512)
    assert np.abs(got - np.array(list(signals.values()))).max() <= step / 2 + 1e-5
    assert recording.duration_s == 4
    assert recording.issues == ()


def test_a_range_begins_at_the_first_sample_at_or_after_it(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": np.arange(1280) * 0.5}))
    assert recording.source.read(1.0, 1.0 + 2 / 128, (0,))[0] == pytest.approx([64.0, 64.5], abs=0.06)
    assert recording.source.read(1.001, 1.0 + 2 / 128, (0,))[0] == pytest.approx([64.5], abs=0.06)
    assert recording.source.read(9.5, 99, (0,)).shape == (1, 64)
    assert recording.source.read(3, 2, (0,)).shape == (1, 0)


def test_channels_of_two_rates_keep_their_own(tmp_path):
    signals = {"Fp1": a_square_wave(4, 256), "EMG": a_square_wave(4, 64)}
    recording = read_one(an_edf(tmp_path / "a.edf", signals, rate_hz={"Fp1": 256, "EMG": 64}))
    assert [channel.rate_hz for channel in recording.channels] == [256, 64]
    assert recording.source.read(0, 4, (1,)).shape == (1, 256)
    with pytest.raises(ValueError, match="rates"):
        recording.source.read(0, 1, (0, 1))


@pytest.mark.parametrize("unit, factor", [("uV", 1), ("\xb5V", 1), ("mV", 1e-3), ("V", 1e-6), ("nV", 1e3)])
def test_every_unit_of_voltage_becomes_microvolts(tmp_path, unit, factor):
    wave = a_square_wave(4, 128)
    signals = {"Fp1": wave * factor, "Fp2": wave * factor}
    path = an_edf(tmp_path / "a.edf", signals, units=unit, physical=(-500 * factor, 500 * factor))
    got = read_one(path).source.read(0, 4, (0,))[0]
    assert np.abs(got - wave).max() < 0.06


class TestGaps:
    """EDF+D: records at 0, 1, 5, 6 and 20.5 s."""

    @pytest.fixture
    def recording(self, tmp_path):
        ramp = {"Fp1": np.repeat([10.0, 20, 30, 40, 50], 128)}
        return read_one(
            an_edf(tmp_path / "a.edf", ramp, onsets=[0, 1, 5, 6, 20.5], discontinuous=True,
                   annotations=[(2, b"+5.25\x14after the gap\x14\0"), (4, b"+21\x152\x14late\x14\0")])
        )  # fmt: skip

    def test_they_keep_their_place_and_length(self, recording):
        assert recording.duration_s == 21.5
        assert recording.gaps == (Gap(2, 3), Gap(7, 13.5))

    def test_samples_lie_at_their_true_times(self, recording):
        for at, value in ((0.5, 10), (1.5, 20), (5.0, 30), (6.99, 40), (20.5, 50), (21.49, 50)):
            assert recording.source.read(at, at + 0.005, (0,)) == pytest.approx(value, abs=0.06), at

    def test_nothing_stands_in_them(self, recording):
        whole = recording.source.read(0, 21.5, (0,))[0]
        assert whole.shape == (2752,)
        there = np.zeros(2752, bool)
        for first, last in ((0, 256), (640, 896), (2624, 2752)):
            there[first:last] = True
        assert (np.isfinite(whole) == there).all()

    def test_annotations_keep_recording_time(self, recording):
        said = [(a.onset_s, a.duration_s, a.text) for a in recording.annotations]
        assert said == [(5.25, 0, "after the gap"), (21, 2, "late")]


def test_seconds_count_from_the_first_sample_where_the_first_record_is_late(tmp_path):
    path = an_edf(
        tmp_path / "a.edf", {"Fp1": np.r_[np.full(128, 5.0), a_square_wave(1, 128)]}, onsets=[100.25, 130],
        discontinuous=True, annotations=[(1, b"+130.5\x14here\x14\0")],
    )  # fmt: skip
    recording = read_one(path)
    assert recording.starts_at == "2024-03-11T14:03:43.250"
    assert recording.gaps == (Gap(1, 28.75),)
    assert recording.annotations[0].onset_s == 30.25


def test_a_continuous_file_whose_times_jump_is_believed_and_told(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(3, 128)}, onsets=[0, 1, 9]))
    assert recording.gaps == (Gap(2, 7),)
    assert "gaps_unannounced" in codes(recording)


def test_times_rounded_by_their_writer_make_no_gap(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(3, 128)}, onsets=[0, 1.01, 1.99]))
    assert recording.gaps == ()
    assert recording.duration_s == 3


def test_a_record_of_unknown_time_is_left_out_where_there_are_gaps(tmp_path):
    path = an_edf(tmp_path / "a.edf", {"Fp1": np.repeat([10.0, 20, 30], 128)}, onsets=[0, None, 8], discontinuous=True)
    recording = read_one(path)
    assert recording.gaps == (Gap(1, 7),)
    assert "record_time" in codes(recording)
    assert 20 not in np.round(recording.source.read(0, 9, (0,)))


def test_texts_of_annotations_are_utf8_or_else_latin1(tmp_path):
    raw = [(0, "+0.5\x14Anfall für Ärzte\x14\0".encode()), (1, "+1.5\x14unterbrochen für\x14\0".encode("latin-1"))]
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(2, 128)}, onsets=[0, 1], annotations=raw))
    assert [a.text for a in recording.annotations] == ["Anfall für Ärzte", "unterbrochen für"]
    assert "annotations_encoding" in codes(recording)


def test_no_identity_leaves_the_header_but_in_its_own_field(tmp_path):
    path = an_edf(
        tmp_path / "a.edf", {"Fp1": a_square_wave(2, 128)}, onsets=[0, 1],
        patient="MRN4711 F 02-AUG-1951 Ann_Miller", recording="Startdate 11-MAR-2024 ADM9 Jones X",
        annotations=[(0, b"+0.5\x14Ms Miller moves\x14\0")],
    )  # fmt: skip
    found = find_recordings([path], tmp_path).recordings[0]
    assert found.identity["patient_id"] == "MRN4711"
    assert found.identity["patient_name"] == "Ann Miller"
    assert (found.age_years, found.sex, found.acquired_on) == (72, "F", "2024-03-11")
    shown = repr(dataclasses.asdict(dataclasses.replace(found.recording, source=None))) + repr(found)
    for secret in ("Miller", "MRN4711", "1951", "Jones", "ADM9"):
        assert secret not in shown, secret
    assert found.recording.annotations[0].text == "Ms [name] moves"


def test_a_patient_called_x_is_nobody(tmp_path):
    found = find_recordings([an_edf(tmp_path / "a.edf")], tmp_path).recordings[0]
    assert "patient_id" not in found.identity


def test_age_is_capped_at_ninety(tmp_path):
    path = an_edf(tmp_path / "a.edf", onsets=range(10), patient="A1 M 01-JAN-1920 Old_Man")
    assert find_recordings([path], tmp_path).recordings[0].age_years == 90


def test_synthetic_is_what_says_so(tmp_path):
    said = an_edf(tmp_path / "a.edf", onsets=range(10), recording="Startdate 11-MAR-2024 X X Overread_synthetic")
    other = an_edf(tmp_path / "b.edf")
    intake = find_recordings([said, other], tmp_path)
    assert [found.synthetic for found in intake.recordings] == [True, False]


def test_equal_bytes_have_equal_digests_and_other_bytes_others(tmp_path):
    one, two = an_edf(tmp_path / "a.edf"), an_edf(tmp_path / "b.edf")
    other = an_edf(tmp_path / "c.edf", start=("12.03.24", "14.02.03"))
    a, b, c = (found.recording.digest for found in find_recordings([one, two, other], tmp_path).recordings)
    assert a == b != c


def test_nineteen_electrodes_are_nineteen_eeg_channels(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf"))
    assert tuple(recording.channels[n].label for n in recording.eeg_channels) == ELECTRODES
