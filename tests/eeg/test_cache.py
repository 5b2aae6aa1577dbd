"""The signal cache: every sample as it was, gaps too, and a folder that is whole or refused."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from dashboard.eeg import open_signal, store_signal
from dashboard.errors import TruncatedFile
from tests.builders.eeg_files import a_recording_in_memory, a_square_wave, an_edf, read_one


@pytest.fixture
def gapped(tmp_path):
    signals = {"Fp1": a_square_wave(4, 256), "SaO2": np.linspace(90, 99, 4)}
    return read_one(
        an_edf(tmp_path / "a.edf", signals, rate_hz={"Fp1": 256, "SaO2": 1}, units={"Fp1": "uV", "SaO2": "%"},
               onsets=[0, 1, 7.5, 8.5], discontinuous=True, annotations=[(2, b"+8\x14mark\x14\0")])
    )  # fmt: skip


@pytest.mark.parametrize("bdf", [False, True])
def test_a_square_wave_of_50_microvolts_stays_one(tmp_path, bdf):
    wave = a_square_wave(10, 256)
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": wave, "O1": -wave}, rate_hz=256, bdf=bdf))
    store_signal(recording, tmp_path / "signal")
    got = open_signal(tmp_path / "signal").source.read(0, 10, (0, 1))
    assert np.abs(got - [wave, -wave]).max() < 0.051
    assert np.median(got[0][wave > 0]) == pytest.approx(50, abs=0.051)


def test_what_comes_back_is_what_went_in(tmp_path, gapped):
    store_signal(gapped, tmp_path / "signal")
    stored = open_signal(tmp_path / "signal")
    for name in ("digest", "duration_s", "channels", "gaps", "annotations", "starts_at", "issues"):
        assert getattr(stored, name) == getattr(gapped, name), name
    for channel in (0, 1):
        for start, stop in ((0, 9.5), (1.7, 8.1), (2.5, 3), (9, 12)):
            before, after = (r.source.read(start, stop, (channel,)) for r in (gapped, stored))
            np.testing.assert_array_equal(before, after)


def test_a_stored_recording_can_be_stored_again(tmp_path, gapped):
    store_signal(gapped, tmp_path / "one")
    store_signal(open_signal(tmp_path / "one"), tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_no_identity_is_in_the_cache(tmp_path):
    path = an_edf(tmp_path / "a.edf", onsets=range(10), patient="MRN4711 F 02-AUG-1951 Ann_Miller")
    store_signal(read_one(path), tmp_path / "signal")
    for file in (tmp_path / "signal").iterdir():
        data = file.read_bytes()
        assert b"Miller" not in data and b"MRN4711" not in data and b"1951" not in data


def test_progress_ends_at_its_total(tmp_path, gapped):
    said = []
    store_signal(gapped, tmp_path / "signal", lambda *words: said.append(words))
    assert said[-1][0] == said[-1][1] == 4 * 256 + 4


def _shorten(folder):
    path = folder / "group-0.bin"
    path.write_bytes(path.read_bytes()[:-2])


def _lose(folder):
    (folder / "group-0.bin").unlink()


def _garble(folder):
    (folder / "signal.json").write_text('{"format": 1')


def _age(folder):
    text = (folder / "signal.json").read_text()
    (folder / "signal.json").write_text(text.replace('"format": 1', '"format": 99'))


@pytest.mark.parametrize("damage", [_shorten, _lose, _garble, _age])
def test_a_damaged_cache_is_refused(tmp_path, gapped, damage):
    store_signal(gapped, tmp_path / "signal")
    damage(tmp_path / "signal")
    with pytest.raises(TruncatedFile):
        open_signal(tmp_path / "signal")


def test_samples_of_another_making_are_not_stored(tmp_path):
    with pytest.raises(TypeError):
        store_signal(a_recording_in_memory(np.zeros((1, 10)), 10, ["Fp1"]), tmp_path / "signal")


def test_memory_does_not_grow_with_the_recording(tmp_path):
    """19 channels of 20 minutes are 11.7 MB on disk and would be 47 MB as float64."""
    rng = np.random.default_rng(0)
    minute = rng.normal(0, 30, 60 * 256)
    path = an_edf(tmp_path / "a.edf", {f"Fp{n}": np.tile(minute, 20) for n in range(1, 20)}, rate_hz=256)
    tracemalloc.start()
    recording = read_one(path)
    recording.source.read(600, 610, range(19))
    reading = tracemalloc.get_traced_memory()[1]
    store_signal(recording, tmp_path / "signal")
    storing = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading < 8e6
    assert storing < 30e6
