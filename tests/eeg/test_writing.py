"""Files that we write: EDF+ for the demonstration, and events as SzCORE and BIDS have them."""

from __future__ import annotations

import csv
from datetime import datetime

import edfio
import numpy as np
import pytest

from dashboard.domain import Annotation
from dashboard.eeg import EventLine, find_recordings, write_edf, write_events_tsv
from tests.builders.eeg_files import a_recording_in_memory, a_square_wave, read_one

CLOCK = "2024-03-11T14:02:03"


def written(path, signal, labels=("Fp1", "O2"), rate=256, **said):
    return write_edf(path, labels, rate, signal, starts_at=CLOCK, **said)


class TestEdf:
    def test_what_we_read_back_is_what_was_written_to_half_a_step(self, tmp_path):
        signal = np.array([a_square_wave(8, 256), np.random.default_rng(0).normal(0, 300, 2048)], np.float32)
        step = written(
            tmp_path / "a.edf", signal, annotations=[Annotation(1, 0, "Augen zu"), Annotation(2.5, 1.5, "ä")]
        )
        assert step < 0.1
        recording = read_one(tmp_path / "a.edf")
        assert np.abs(recording.source.read(0, 8, (0, 1)) - signal).max() <= step / 2 + 1e-4
        assert [channel.label for channel in recording.channels] == ["Fp1", "O2"]
        assert recording.annotations == (Annotation(1, 0, "Augen zu"), Annotation(2.5, 1.5, "ä"))
        assert (recording.starts_at, recording.duration_s, recording.issues) == (CLOCK, 8, ())

    def test_another_reader_finds_the_same(self, tmp_path):
        signal = np.array([a_square_wave(8, 256), 2 * a_square_wave(8, 256)], np.float32)
        step = written(tmp_path / "a.edf", signal)
        edf = edfio.read_edf(tmp_path / "a.edf")
        assert [one.label for one in edf.signals] == ["Fp1", "O2"]
        assert {one.physical_dimension for one in edf.signals} == {"uV"}
        assert edf.reserved == "EDF+C"
        for one, row in zip(edf.signals, signal, strict=True):
            assert np.abs(one.data - row).max() <= step

    def test_nothing_is_nothing(self, tmp_path):
        written(tmp_path / "a.edf", np.array([np.zeros(512), a_square_wave(2, 256)], np.float32))
        assert (read_one(tmp_path / "a.edf").source.read(0, 2, (0,)) == 0).all()

    @pytest.mark.parametrize("age", [0, 1, 41, 89])
    def test_an_age_is_read_back_in_whole_years(self, tmp_path, age):
        signal = a_square_wave(2, 256)[None]
        write_edf(tmp_path / "a.edf", ["Fp1"], 256, signal, starts_at="2024-01-01T00:00:00", age_years=age, sex="F")
        write_edf(tmp_path / "b.edf", ["Fp1"], 256, signal, starts_at="2024-12-31T23:59:59", age_years=age, sex="F")
        for name in ("a.edf", "b.edf"):
            (found,) = find_recordings([tmp_path / name], tmp_path).recordings
            assert (found.age_years, found.sex) == (age, "F")
        field = edfio.read_edf(tmp_path / "a.edf").patient
        assert (field.birthdate.year, field.name, field.code) == (2024 - age, "X", "X")

    def test_no_birth_date_is_made_up_for_a_patient(self, tmp_path):
        with pytest.raises(ValueError, match="synthetic"):
            written(tmp_path / "a.edf", a_square_wave(2, 256)[None], labels=("Fp1",), synthetic=False, age_years=41)
        assert not (tmp_path / "a.edf").exists()

    @pytest.mark.parametrize("synthetic", [True, False])
    def test_synthetic_says_so_and_nothing_names_anybody(self, tmp_path, synthetic):
        written(tmp_path / "a.edf", np.ones((2, 512)) * a_square_wave(2, 256), synthetic=synthetic)
        found = find_recordings([tmp_path / "a.edf"], tmp_path).recordings[0]
        assert found.synthetic is synthetic
        assert "patient_id" not in found.identity and "patient_name" not in found.identity
        assert found.acquired_on == "2024-03-11"

    def test_a_large_peak_is_kept_and_its_step_stated(self, tmp_path):
        signal = np.array([a_square_wave(2, 256, uv=20000), a_square_wave(2, 256)], np.float32)
        step = written(tmp_path / "a.edf", signal)
        assert step == pytest.approx(20000 / 32767)
        got = read_one(tmp_path / "a.edf").source.read(0, 2, (0, 1))
        assert np.abs(got[0] - signal[0]).max() <= step
        assert np.abs(got[1] - signal[1]).max() < 0.001

    def test_the_clock_may_be_a_datetime_with_a_fraction(self, tmp_path):
        clock = datetime(2024, 3, 11, 14, 2, 3, 250000)
        write_edf(tmp_path / "a.edf", ["Fp1"], 256, a_square_wave(2, 256)[None], starts_at=clock)
        assert read_one(tmp_path / "a.edf").starts_at == "2024-03-11T14:02:03.250"

    @pytest.mark.parametrize(
        "signal",
        [np.full((2, 512), np.nan), np.zeros((3, 512)), np.zeros(512), np.zeros((2, 0)), np.full((2, 512), np.inf)],
    )
    def test_what_cannot_be_said_in_it_is_refused_and_leaves_no_file(self, tmp_path, signal):
        with pytest.raises(ValueError):
            written(tmp_path / "a.edf", signal)
        assert list(tmp_path.iterdir()) == []

    def test_samples_that_fill_no_record_are_refused_rather_than_made_up(self, tmp_path):
        with pytest.raises(ValueError):
            written(tmp_path / "a.edf", np.ones((2, 513)))
        assert list(tmp_path.iterdir()) == []


class TestEvents:
    @pytest.fixture
    def recording(self, tmp_path):
        written(tmp_path / "a.edf", np.ones((2, 2560)) * a_square_wave(10, 256))
        return read_one(tmp_path / "a.edf")

    def rows(self, path):
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="\t"))

    def test_columns_are_szcores_and_lines_are_in_order(self, tmp_path, recording):
        lines = [EventLine(6, 2.5), EventLine(1.25, 3, "sz_foc_ia", 0.87, ("Fp1", "O2"))]
        write_events_tsv(tmp_path / "a_events.tsv", lines, recording)
        assert (tmp_path / "a_events.tsv").read_text().splitlines() == [
            "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration",
            "1.2500\t3.0000\tsz_foc_ia\t0.8700\tFp1,O2\t2024-03-11 14:02:03\t10.0000",
            "6.0000\t2.5000\tsz\tn/a\tn/a\t2024-03-11 14:02:03\t10.0000",
        ]

    def test_no_event_is_a_line_of_background(self, tmp_path, recording):
        write_events_tsv(tmp_path / "a_events.tsv", [], recording)
        (row,) = self.rows(tmp_path / "a_events.tsv")
        assert (row["onset"], row["duration"], row["eventType"]) == ("0.0000", "10.0000", "bckg")

    def test_a_recording_without_a_clock_says_so(self, tmp_path):
        recording = a_recording_in_memory(np.zeros((1, 100)), 100, ["Fp1"])
        write_events_tsv(tmp_path / "a_events.tsv", [EventLine(0, 1)], recording)
        assert self.rows(tmp_path / "a_events.tsv")[0]["dateTime"] == "n/a"
