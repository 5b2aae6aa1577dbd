"""Bad input: refused by name with what, why and what to do, or read with its flaw named; the rest goes on."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.eeg import find_recordings
from tests.builders.eeg_files import a_square_wave, an_edf, read_one, refusal_of


def _cut(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    return path


def _zero_bytes(folder):
    (folder / "a.edf").write_bytes(b"")
    return folder / "a.edf"


def _text(folder):
    (folder / "a.edf").write_text("Patient moved to room 4.\n" * 40)
    return folder / "a.edf"


def _web_page(folder):
    (folder / "a.edf").write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
    return folder / "a.edf"


def _pointer(folder):
    (folder / "a.edf").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    return folder / "a.edf"


def _noise(folder):
    (folder / "a.edf").write_bytes(np.random.default_rng(3).integers(0, 256, 4096, dtype=np.uint8).tobytes())
    return folder / "a.edf"


def _mangled(folder):
    path = an_edf(folder / "a.edf")
    data = path.read_bytes()
    path.write_bytes(data[:5120] + data[5120:].decode("utf-8", errors="replace").encode())
    return path


def _annotations_only(folder):
    path = an_edf(folder / "a.edf", {"Fp1": a_square_wave(2, 128)}, onsets=[0, 1])
    data = bytearray(path.read_bytes())
    data[256:272] = b"EDF Annotations ".ljust(16)
    path.write_bytes(bytes(data))
    return path


REFUSED = {
    "zero bytes": (_zero_bytes, "empty_file"),
    "text": (_text, "not_a_recording"),
    "web page": (_web_page, "not_a_recording"),
    "git-lfs pointer": (_pointer, "not_a_recording"),
    "noise": (_noise, "not_a_recording"),
    "went through a text conversion": (_mangled, "not_a_recording"),
    "ends in the fixed header": (lambda f: _cut(an_edf(f / "a.edf"), 300), "truncated"),
    "ends in the signals' header": (lambda f: _cut(an_edf(f / "a.edf"), 2000), "truncated"),
    "ends in the first record": (lambda f: _cut(an_edf(f / "a.edf"), 5120 + 700), "truncated"),
    "ends after the header": (lambda f: _cut(an_edf(f / "a.edf"), 5120), "empty_file"),
    "counts no record": (lambda f: an_edf(f / "a.edf", records="0"), "bad_header"),
    "counts no signal": (lambda f: an_edf(f / "a.edf", count="0"), "bad_header"),
    "counts in words": (lambda f: an_edf(f / "a.edf", records="ten"), "bad_header"),
    "records without length": (lambda f: an_edf(f / "a.edf", record_s="0"), "bad_header"),
    "records of negative length": (lambda f: an_edf(f / "a.edf", record_s="-1"), "bad_header"),
    "header of another length": (lambda f: _cut(an_edf(f / "a.edf", header_bytes="999"), 9000), "bad_header"),
    "no range": (lambda f: an_edf(f / "a.edf", physical_min="5", physical_max="5"), "bad_header"),
    "ranges in words": (lambda f: an_edf(f / "a.edf", physical_min="low"), "bad_header"),
    "annotations only": (_annotations_only, "no_signal"),
    "one value throughout": (lambda f: an_edf(f / "a.edf", {"Fp1": np.zeros(256)}), "no_signal"),
    "gaps and no times": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(2, 128)}, reserved="EDF+D"), "bad_header"
    ),
    "gaps and no readable time": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(2, 128)}, onsets=[None, None], discontinuous=True),
        "bad_header",
    ),
    "times run backwards": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(3, 128)}, onsets=[10, 11, 2], discontinuous=True),
        "bad_header",
    ),
    "a gap of years": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(2, 128)}, onsets=[0, 99999999], discontinuous=True),
        "bad_header",
    ),
    "blank unit, large numbers": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(4, 128, uv=2500)}, units=""), "unit_unknown"
    ),
    "mV of an amplitude between": (
        lambda f: an_edf(f / "a.edf", {"Fp1": a_square_wave(4, 128, uv=5)}, units="mV"), "unit_unknown"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_three_sentences(tmp_path, name):
    build, code = REFUSED[name]
    error = refusal_of(build(tmp_path))
    assert error.code == code
    assert error.what.startswith("a.edf ")
    for sentence in (error.what, error.why, error.what_to_do):
        assert sentence.endswith(".") and len(sentence) > 10
    assert str(tmp_path) not in str(error)


READ = {
    "count left open by the recorder": ({"records": "-1"}, "record_count", 10),
    "fewer records than counted": ({"records": "12"}, "truncated", 10),
    "more records than counted": ({"records": "7"}, "trailing_bytes", 7),
    "header length misstated": ({"header_bytes": "5000"}, "header_length", 10),
    "decimal comma": ({"physical_min": "-3276,7"}, "decimal_comma", 10),
    "unknown reserved field": ({"reserved": "whatever"}, "reserved_field", 10),
    "impossible date": ({"start": ("00.00.00", "14.02.03"), "recording": ""}, "start_date", 10),
    "impossible time": ({"start": ("11.03.24", "25.61.61")}, "start_time", 10),
}


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_its_flaw_named(tmp_path, name):
    said, code, seconds = READ[name]
    clean = read_one(an_edf(tmp_path / "clean.edf"))
    recording = read_one(an_edf(tmp_path / "a.edf", **said))
    assert code in [issue.code for issue in recording.issues]
    assert recording.duration_s == seconds
    assert (recording.source.read(0, seconds, (0, 18)) == clean.source.read(0, seconds, (0, 18))).all()


def test_a_file_cut_within_a_record_is_read_to_the_last_whole_one(tmp_path):
    path = an_edf(tmp_path / "a.edf")
    recording = read_one(_cut(path, path.stat().st_size - 5000))
    assert recording.duration_s == 8
    assert "truncated" in [issue.code for issue in recording.issues]


def test_a_channel_whose_polarity_cannot_be_told_is_left_out_alone(tmp_path):
    path = an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(4, 128), "O1": a_square_wave(4, 128)})
    data = bytearray(path.read_bytes())
    at = 256 + 2 * (16 + 80 + 8 + 8 + 8)
    data[at : at + 8], data[at + 16 : at + 24] = b"32767   ", b"-32767  "
    path.write_bytes(bytes(data))
    recording = read_one(path)
    assert [channel.label for channel in recording.channels] == ["O1"]
    assert "channel_left_out" in [issue.code for issue in recording.issues]


def test_the_rest_of_a_batch_goes_on(tmp_path):
    good = an_edf(tmp_path / "good.edf")
    (tmp_path / "empty.edf").write_bytes(b"")
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "other.vhdr").write_text("Brain Vision Data Exchange Header File Version 1.0")
    deep = tmp_path / "ward" / "night.rec"
    deep.parent.mkdir()
    an_edf(deep)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    intake = find_recordings(files, tmp_path)
    assert sorted(found.path.name for found in intake.recordings) == ["good.edf", "night.rec"]
    assert {path: error.code for path, error in intake.refused} == {
        "empty.edf": "empty_file", "other.vhdr": "bad_header",
    }  # fmt: skip
    assert [path.name for path in intake.unused] == ["letter.pdf"]
    assert good.exists()


def test_no_byte_of_the_header_can_raise_anything_else(tmp_path):
    """Every header byte overwritten in turn, by a few values: a recording or one of our errors."""
    path = an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(2, 64)}, rate_hz=64, onsets=[0, 3], discontinuous=True)
    data = path.read_bytes()
    outcomes = set()
    for at in range(0, 768, 3):
        for value in (0, 0x20, 0x2D, 0x39, 0xFF):
            path.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            intake = find_recordings([path], tmp_path)
            outcomes.add(bool(intake.recordings))
            assert len(intake.recordings) + len(intake.refused) + len(intake.unused) == 1
            for found in intake.recordings:
                signal = found.recording.source.read(0, min(found.recording.duration_s, 60), (0,))
                assert signal.shape[0] == 1
    assert outcomes == {True, False}
