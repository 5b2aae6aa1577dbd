"""The recording with its events: whole numbers untouched, by edfio, pyedflib and MNE, gaps kept."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import edfio
import mne
import numpy as np
import pyedflib
import pytest

from dashboard.domain import Annotation
from dashboard.eeg import annotated_ending, write_annotated_edf
from dashboard.eeg.source import GappedSource
from dashboard.errors import UsageError
from tests.builders.eeg_files import an_edf, read_one

EVENTS = [
    Annotation(1.25, 3.5, "Seizure, reviewed: alert"),
    Annotation(7, 0.5, "Seizure, reviewed: reader's own search"),
]


def rewritten(tmp_path, **said):
    """A file, and what we wrote of it."""
    original = an_edf(tmp_path / "a.edf", **said)
    recording = read_one(original)
    path = tmp_path / f"b{annotated_ending(recording)}"
    error = write_annotated_edf(path, recording, EVENTS, patient="S-1", synthetic=True)
    return original, recording, path, error


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"digital": (-2048, 2047), "physical": (-204.8, 204.7)},
        {"rate_hz": 200},
        {"units": "mV", "physical": (-3.2767, 3.2767)},
    ],
)
def test_three_readers_find_every_digital_sample_and_the_events(tmp_path, said):
    original, recording, path, error = rewritten(tmp_path, **said)
    before, after = edfio.read_edf(original), edfio.read_edf(path)
    with pyedflib.EdfReader(str(path)) as third:
        for n, (one, other) in enumerate(zip(before.signals, after.signals, strict=True)):
            np.testing.assert_array_equal(one.digital, other.digital)
            np.testing.assert_array_equal(third.readSignal(n, digital=True), one.digital)
            assert third.getPhysicalDimension(n).strip() == "uV"
        onsets, lengths, texts = third.readAnnotations()
    assert list(zip(onsets, [float(x) for x in lengths], texts, strict=True)) == [
        (a.onset_s, a.duration_s, a.text) for a in EVENTS
    ]
    raw = mne.io.read_raw_edf(path, verbose="error")
    assert [(a["onset"], a["duration"], a["description"]) for a in raw.annotations] == [
        (a.onset_s, a.duration_s, a.text) for a in EVENTS
    ]
    assert error < 1e-6
    np.testing.assert_allclose(
        raw.get_data() * 1e6, recording.source.read(0, 10, range(len(recording.channels))), atol=0.01
    )
    assert [a.text for a in after.annotations] == [a.text for a in EVENTS]


def test_what_we_read_back_is_the_same_recording(tmp_path):
    _, recording, path, _ = rewritten(tmp_path, rate_hz={"Fp1": 256, "ECG": 64}, signals={
        "Fp1": np.random.default_rng(0).normal(0, 20, 2560), "ECG": np.random.default_rng(1).normal(0, 90, 640)})  # fmt: skip
    again = read_one(path)
    assert (again.duration_s, again.starts_at, again.gaps) == (recording.duration_s, recording.starts_at, ())
    for n, channel in enumerate(recording.channels):
        assert again.channels[n] == channel
        np.testing.assert_allclose(again.source.read(0, 10, (n,)), recording.source.read(0, 10, (n,)), rtol=1e-6)
    assert list(again.annotations) == EVENTS


def test_gaps_stay_gaps_and_24_bits_stay_24_bits(tmp_path):
    onsets = [0, 1, 2, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5]
    _, recording, path, _ = rewritten(tmp_path, bdf=True, onsets=onsets, discontinuous=True)
    assert path.suffix == ".bdf" and recording.gaps
    again = read_one(path)
    assert (again.gaps, again.duration_s) == (recording.gaps, recording.duration_s)
    stop = recording.duration_s
    np.testing.assert_allclose(again.source.read(0, stop, (0, 5)), recording.source.read(0, stop, (0, 5)), rtol=1e-6)
    for one, other in zip(again.source.groups, recording.source.groups, strict=True):
        columns = np.arange(19)
        np.testing.assert_array_equal(
            one.store.take(0, one.samples, columns), other.store.take(0, other.samples, columns)
        )


def test_no_name_goes_out_and_synthetic_is_said(tmp_path):
    _, _, path, _ = rewritten(tmp_path, patient="123 F 02-MAY-1951 Ann_Miller")
    head = path.read_bytes()[:256].decode("ascii")
    assert "Miller" not in head and "1951" not in head and "Overread_synthetic" in head and "S-1" in head


def test_decimal_numbers_are_refused(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf"))
    group = recording.source.groups[0]
    store = SimpleNamespace(dtype=np.dtype(np.float32), take=group.store.take)
    decimal = replace(recording, source=GappedSource([replace(group, store=store)], recording.duration_s))
    with pytest.raises(UsageError, match="decimal"):
        write_annotated_edf(tmp_path / "b.edf", decimal, [], patient="S", synthetic=True)
    assert not (tmp_path / "b.edf").exists()
