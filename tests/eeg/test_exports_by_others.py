"""What we write of real recordings, read by those who know nothing of us: edfio, pyedflib, MNE, epilepsy2bids."""

from __future__ import annotations

import warnings

import edfio
import mne
import numpy as np
import pyedflib
import pytest
from epilepsy2bids.annotations import Annotations

from dashboard.domain import Annotation
from dashboard.eeg import EventLine, open_signal, store_signal, write_annotated_edf, write_events_tsv
from tests.builders.eeg_files import an_edf, read_one
from tests.builders.shared import shared_data

EVENTS = [Annotation(1.5, 2.25, "Seizure, reviewed: alert"), Annotation(7, 1, "Seizure, reviewed: reader's own search")]
REAL = ("seizure/ombao_tle.edf", "iiic/SZ_sparcnet_sample1.edf", "seizure/wang_C_slow-wave.edf")


def exported(source, folder):
    """A recording, stored as a study's and written back with two events."""
    store_signal(read_one(source), folder / "signal")
    recording = open_signal(folder / "signal")
    path = folder / "out.edf"
    write_annotated_edf(path, recording, EVENTS, patient="S-1", synthetic=False)
    return recording, path


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_recordings_by_three_readers(name, tmp_path):
    source = shared_data("eeg", *name.split("/"))
    recording, path = exported(source, tmp_path)
    before, after = edfio.read_edf(source), edfio.read_edf(path)
    assert len(before.signals) == len(after.signals) > 0
    wanted = sorted(
        [
            *((a.onset_s, a.duration_s, a.text) for a in recording.annotations),
            *((a.onset_s, a.duration_s, a.text) for a in EVENTS),
        ]
    )
    with pyedflib.EdfReader(str(path)) as third, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = mne.io.read_raw_edf(path, infer_types=False, encoding="utf8", verbose="error")
        for n, (one, other) in enumerate(zip(before.signals, after.signals, strict=True)):
            np.testing.assert_array_equal(other.digital, one.digital)
            np.testing.assert_array_equal(third.readSignal(n, digital=True), one.digital)
        assert sorted((a.onset, a.duration or 0, a.text) for a in after.annotations) == wanted
        onsets, _, texts = third.readAnnotations()
        assert sorted(onsets) == pytest.approx([onset for onset, _, _ in wanted])
        assert {text for text in texts if "reviewed" in text} == {event.text for event in EVENTS}
        told = [(a["onset"], a["duration"]) for a in raw.annotations if "reviewed" in a["description"]]
        assert told == [(a.onset_s, a.duration_s) for a in EVENTS]
        rates = {channel.rate_hz for channel in recording.channels}
        if len(rates) == 1:
            theirs = raw.get_data(picks=range(5), stop=2000) * 1e6
            np.testing.assert_allclose(
                theirs, recording.source.read(0, recording.duration_s, range(5))[:, : theirs.shape[1]], atol=0.05
            )


class TestGaps:
    """EDF+D: edfio and MNE join the records, with the true times in the annotations; pyedflib refuses such files."""

    def check(self, source, tmp_path):
        recording, path = exported(source, tmp_path)
        assert recording.gaps
        before, after = edfio.read_edf(source), edfio.read_edf(path)
        assert after.reserved == "EDF+D"
        for one, other in zip(before.signals, after.signals, strict=True):
            np.testing.assert_array_equal(other.digital, one.digital)
        told = [(a.onset, a.duration) for a in after.annotations if "reviewed" in a.text]
        assert told == [(a.onset_s, a.duration_s) for a in EVENTS]
        with pytest.raises(OSError, match="iscontinuous"):
            pyedflib.EdfReader(str(path))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raw = mne.io.read_raw_edf(path, infer_types=False, encoding="utf8", verbose="error")
        told = [(a["onset"], a["duration"]) for a in raw.annotations if "reviewed" in a["description"]]
        assert told == [(a.onset_s, a.duration_s) for a in EVENTS]
        again = read_one(path)
        assert (again.gaps, again.duration_s) == (recording.gaps, recording.duration_s)
        for n in range(len(recording.channels)):
            got, was = (one.source.read(0, recording.duration_s, (n,)) for one in (again, recording))
            np.testing.assert_allclose(got, was, rtol=1e-5, atol=0.01)

    def test_of_a_written_file(self, tmp_path):
        self.check(an_edf(tmp_path / "a.edf", onsets=[0, 1, 2, *range(6, 13)], discontinuous=True), tmp_path)

    @pytest.mark.shared
    def test_of_a_real_one(self, tmp_path):
        self.check(shared_data("eeg", "formats", "edfplus_d", "edfPlusD.edf"), tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_events_of_real_recordings_by_epilepsy2bids(name, tmp_path):
    recording = read_one(shared_data("eeg", *name.split("/")))
    lines = [EventLine(1.25, 3, "sz_foc_ia", 0.87, ("Fp1", "O2")), EventLine(6, 2.5)]
    write_events_tsv(tmp_path / "a_events.tsv", lines, recording)
    found = Annotations.loadTsv(str(tmp_path / "a_events.tsv"))
    assert found.getEvents() == [(1.25, 4.25), (6.0, 8.5)]
    for event in found.events:
        assert event["recordingDuration"] == pytest.approx(recording.duration_s, abs=1e-3)
    assert found.events[0]["channels"] == ["Fp1", "O2"]
    mask = found.getMask(1)
    assert len(mask) == int(recording.duration_s) and mask[2] == 1 and mask[5] == 0
