"""Headers spoilt at random give a recording or one of our errors, nothing else. A fixed budget, always the same cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.eeg import find_recordings, read_detections
from dashboard.errors import OverreadError
from tests.builders.eeg_files import a_recording_in_memory, a_square_wave, an_edf
from tests.builders.recorder_files import a_brainvision, a_persyst

BUDGET = settings(
    max_examples=300, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
FIELDS = [(0, 8), (8, 80), (88, 80), (168, 8), (176, 8), (184, 8), (192, 44), (236, 8), (244, 8), (252, 4)]
NUMBERS = st.sampled_from(
    [b"0", b"-1", b"1", b"2", b"1e9", b"1e-9", b"9" * 8, b"-9999999", b"nan", b"inf", b"1,5", b"+3", b"0x10", b"", b"7 8",
     b"\xb9\xb2", b"99999999", b"00000001", b"1e308"]
)  # fmt: skip
VALUES = st.one_of(NUMBERS, st.binary(max_size=12), st.text(max_size=8).map(lambda t: t.encode("utf-8")))


def outcome(path, folder):
    """What became of a file, its first second read where it was taken."""
    intake = find_recordings([path], folder)
    assert len(intake.recordings) + len(intake.refused) + len(intake.unused) == 1
    for _, error in intake.refused:
        assert isinstance(error, OverreadError) and error.what and error.why and error.what_to_do
        assert str(folder) not in str(error)
    for found in intake.recordings:
        recording = found.recording
        for n, channel in enumerate(recording.channels):
            assert channel.rate_hz > 0
            stop = min(recording.duration_s, 1e4 / channel.rate_hz)
            assert recording.source.read(0, stop, (n,)).shape[0] == 1
    return bool(intake.recordings)


@pytest.mark.parametrize("bdf", [False, True])
def test_fields_of_edf(bdf, tmp_path):
    signals = {"Fp1": a_square_wave(3, 64), "O2": a_square_wave(3, 32)}
    path = an_edf(
        tmp_path / "a.edf", signals, rate_hz={"Fp1": 64, "O2": 32}, onsets=[0, 1, 9], discontinuous=True, bdf=bdf
    )
    data = path.read_bytes()
    widths, fields, at = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32), list(FIELDS), 256
    for width in widths:
        fields += [(at + n * width, width) for n in range(3)]
        at += 3 * width
    read = set()

    @BUDGET
    @given(st.lists(st.tuples(st.sampled_from(fields), VALUES), min_size=1, max_size=4), st.integers(0, len(data)))
    def spoil(edits, keep):
        spoilt = bytearray(data)
        for (where, width), value in edits:
            spoilt[where : where + width] = value[:width].ljust(width)
        path.write_bytes(bytes(spoilt) if keep % 3 else bytes(spoilt[:keep]))
        read.add(outcome(path, tmp_path))

    spoil()
    assert read == {True, False}


@BUDGET
@given(data=st.binary(max_size=3000), start=st.sampled_from([b"0       ", b"\xffBIOSEMI", b""]))
def test_any_bytes(tmp_path, data, start):
    path = tmp_path / "a.edf"
    path.write_bytes(start + data)
    outcome(path, tmp_path)


@settings(BUDGET, max_examples=120)
@given(lists=st.binary(max_size=110))
def test_any_annotation_list(tmp_path, lists):
    path = an_edf(
        tmp_path / "a.edf", {"Fp1": a_square_wave(2, 64)}, rate_hz=64, onsets=[0, 1], annotations=[(1, lists)]
    )
    outcome(path, tmp_path)


@pytest.mark.parametrize("build", [a_brainvision, a_persyst])
def test_headers_of_text(build, tmp_path):
    signal = np.random.default_rng(5).normal(0, 20, (2, 256))
    last = ["New Segment,,1,1,0,20240311140203000000"] if build is a_brainvision else [(0, 50523.0)]
    path = build(tmp_path, signal, ("Fp1", "O2"), last)
    lines = path.read_bytes().splitlines()

    @settings(BUDGET, max_examples=120)
    @given(st.lists(st.tuples(st.integers(0, len(lines) - 1), VALUES), min_size=1, max_size=3))
    def spoil(edits):
        spoilt = list(lines)
        for n, value in edits:
            key, _, _ = spoilt[n].partition(b"=")
            spoilt[n] = key + b"=" + value.replace(b"\n", b" ")
        path.write_bytes(b"\n".join(spoilt))
        outcome(path, tmp_path)

    spoil()


@BUDGET
@given(
    rows=st.lists(
        st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["1", "sz", "-5", "1e9", "nan", "bckg"])), max_size=8),
        max_size=5,
    )
)
def test_tables_of_events(tmp_path, rows):
    recording = a_recording_in_memory(np.ones((1, 1280)), 128, ["Fp1"])
    head = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"
    (tmp_path / "a.tsv").write_text(
        head + "\n".join("\t".join(row) for row in rows), encoding="utf-8", errors="replace"
    )
    try:
        found = read_detections(tmp_path / "a.tsv", recording)
    except OverreadError as error:
        assert error.what and error.why and error.what_to_do
        return
    for event in found.events:
        assert event.onset_s >= 0 and event.onset_s + event.duration_s <= 10 + 1e-5 and event.duration_s >= 0
