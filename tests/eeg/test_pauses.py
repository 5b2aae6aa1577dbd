"""Where a recorder was paused there is a gap, in files that MNE joins; parts of one recording are found together."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import pytest

from dashboard.domain import Gap
from dashboard.eeg import find_recordings, open_signal, store_signal
from tests.builders.eeg_files import ELECTRODES, read_one, refusal_of
from tests.builders.recorder_files import a_brainvision, a_persyst, an_eeglab


@pytest.fixture
def signal():
    """(channel, sample): 4 s of the 19 electrodes; the third second begins with a step."""
    noise = np.random.default_rng(4).normal(0, 20, (19, 512))
    noise[:, 256:] += 100
    return noise


def joined_by_mne(path):
    import mne

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mne.io.read_raw(path, verbose="ERROR")


PAUSED = {
    "BrainVision": lambda folder, signal: a_brainvision(
        folder, signal, ELECTRODES,
        ["New Segment,,1,1,0,20240311140203000000", "Comment,look,300,1,0", "New Segment,,257,1,0,20240311140305500000"],
    ),
    "Persyst": lambda folder, signal: a_persyst(
        folder, signal, ELECTRODES, [(0, 50523.0), (256, 50585.5)], ["2.34,0.5,0,100,look"]
    ),
    "EEGLAB": lambda folder, signal: an_eeglab(folder, signal, ELECTRODES, [(256.5, 60.5 * 128)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PAUSED)
def test_a_pause_is_a_gap_of_its_length(name, signal, tmp_path):
    path = PAUSED[name](tmp_path, signal)
    recording = read_one(path)
    assert recording.gaps == (Gap(2, 60.5),)
    assert recording.duration_s == 64.5
    store_signal(recording, tmp_path / "signal")
    for source in (recording.source, open_signal(tmp_path / "signal").source):
        whole = source.read(0, 64.5, range(19))
        assert np.isnan(whole[:, 256 : 256 + 7744]).all()
        got = np.concatenate([whole[:, :256], whole[:, -256:]], axis=1)
        assert np.abs(got - signal).max() <= 0.05 + 1e-4
    assert joined_by_mne(path).n_times == 512  # as if nothing had been missing


@pytest.mark.parametrize("name", ["BrainVision", "Persyst"])
def test_marks_behind_a_pause_keep_their_place_in_the_signal(name, signal, tmp_path):
    recording = read_one(PAUSED[name](tmp_path, signal))
    look = next(a for a in recording.annotations if "look" in a.text)
    assert look.onset_s == pytest.approx(2.34 + 60.5, abs=0.01)


def test_a_join_of_unknown_length_is_told(signal, tmp_path):
    markers = ["New Segment,,1,1,0,20240311140203000000", "New Segment,,257,1,0"]
    recording = read_one(a_brainvision(tmp_path, signal, ELECTRODES, markers))
    assert recording.gaps == ()
    assert "stretches_joined" in [issue.code for issue in recording.issues]


def test_clock_times_that_follow_on_make_no_gap(signal, tmp_path):
    markers = ["New Segment,,1,1,0,20240311140203000000", "New Segment,,257,1,0,20240311140205020000"]
    recording = read_one(a_brainvision(tmp_path, signal, ELECTRODES, markers))
    assert (recording.gaps, recording.duration_s, recording.issues) == ((), 4, ())


def test_a_pause_of_a_fif_file_is_a_gap(signal, tmp_path):
    import mne

    raw = mne.io.RawArray(signal * 1e-6, mne.create_info(list(ELECTRODES), 128, "eeg"), verbose="ERROR")
    raw.set_annotations(mne.Annotations([1.0], [1.0], ["BAD_ACQ_SKIP"]))
    raw.save(tmp_path / "a_raw.fif", verbose="ERROR")
    recording = read_one(tmp_path / "a_raw.fif")
    assert recording.gaps == (Gap(1, 1),)
    assert np.abs(recording.source.read(2, 4, range(19)) - signal[:, 256:]).max() < 1e-3


@pytest.mark.parametrize("named", ["a.vhdr", "a.vmrk", "a.eeg"])
def test_any_part_brings_the_whole(named, signal, tmp_path):
    a_brainvision(tmp_path, signal, ELECTRODES, ["New Segment,,1,1,0,20240311140203000000"])
    intake = find_recordings([tmp_path / named], tmp_path)
    assert [found.path.name for found in intake.recordings] == ["a.vhdr"]
    assert intake.refused == () and intake.unused == ()


def test_all_parts_are_one_recording(signal, tmp_path):
    a_brainvision(tmp_path, signal, ELECTRODES, ["New Segment,,1,1,0,20240311140203000000"])
    intake = find_recordings(sorted(tmp_path.iterdir()), tmp_path)
    assert len(intake.recordings) == 1
    assert sorted(path.name for path in intake.parts) == ["a.eeg", "a.vmrk"]


def test_a_part_alone_says_what_is_missing(signal, tmp_path):
    a_brainvision(tmp_path, signal, ELECTRODES, []).unlink()
    for name in ("a.eeg", "a.vmrk"):
        assert refusal_of(tmp_path / name).code == "not_recognised"


@pytest.mark.parametrize("name", ["../b.eeg", "/etc/passwd", "sub/b.eeg", "..\\b.eeg"])
def test_a_header_opens_nothing_outside_its_folder(name, signal, tmp_path):
    error = refusal_of(a_brainvision(tmp_path, signal, ELECTRODES, [], data_file=name))
    assert error.code == "bad_header" and "another folder" in error.why


def test_the_digest_follows_every_part(signal, tmp_path):
    digests = set()
    for number, second in enumerate(("03", "04", "04")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = a_brainvision(
            folder, signal + (number == 2), ELECTRODES, [f"New Segment,,1,1,0,202403111402{second}000000"]
        )
        digests.add(read_one(path).digest)
    assert len(digests) == 3


def test_what_must_be_installed_is_said(monkeypatch, signal, tmp_path):
    path = an_eeglab(tmp_path, signal, ELECTRODES, [])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = refusal_of(path)
    assert error.code == "missing_extra"
    assert "pip install 'overread[recorders]'" in error.what_to_do


def test_nobodys_name_leaves_a_persyst_header(signal, tmp_path):
    said = ["FullName=Ann Miller", "MedicalRecordN=MRN4711"]
    path = a_persyst(
        tmp_path, signal, ELECTRODES, [(0, 50523.0)], ["1.0,0.5,0,100,Miller moves"], patient=said, birth=""
    )
    found = find_recordings([path], tmp_path).recordings[0]
    assert (found.identity["patient_name"], found.identity["patient_id"]) == ("Ann Miller", "MRN4711")
    assert found.recording.annotations[0].text == "[name] moves"
    assert found.recording.starts_at == "2024-03-11T14:02:03"
    assert "Miller" not in repr(found)
