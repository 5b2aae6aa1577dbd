"""Other people's detections: which marks count, at what time, and what is refused as another recording's."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.domain import Gap
from dashboard.eeg import EventLine, read_detections, write_events_tsv
from dashboard.errors import NotRecognised
from tests.builders.eeg_files import a_recording_in_memory, a_square_wave, an_edf, read_one
from tests.builders.shared import shared_data

HEAD = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"


def a_recording(seconds: int = 60, gaps: tuple[Gap, ...] = ()):
    return a_recording_in_memory(np.ones((1, seconds * 128), np.float32), 128, ["Fp1"], gaps)


def of(tmp_path, text, recording=None, name="a.tsv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_detections(tmp_path / name, recording or a_recording())


def times(found):
    return [(event.onset_s, event.duration_s) for event in found.events]


def test_an_events_table_of_szcore_comes_back_as_it_was_written(tmp_path):
    lines = [EventLine(5, 10, "sz", 0.75, ("Fp1",)), EventLine(30.5, 8, "sz_foc_ia")]
    write_events_tsv(tmp_path / "a.tsv", lines, a_recording())
    found = read_detections(tmp_path / "a.tsv", a_recording())
    assert times(found) == [(5, 10), (30.5, 8)]
    assert [(e.score, e.channels) for e in found.events] == [(0.75, ("Fp1",)), (None, ())]
    assert found.warnings == ()


def test_background_is_no_event_and_other_types_are_told(tmp_path):
    assert of(tmp_path, HEAD + "0\t60\tbckg\tn/a\tn/a\tn/a\t60\n").events == ()
    found = of(tmp_path, HEAD + "1\t5\tartefact\tn/a\tn/a\tn/a\t60\n9\t5\tsz\tn/a\tall\tn/a\t60\n")
    assert times(found) == [(9, 5)]
    assert found.warnings == ("1 events of other types than seizure were left out",)


@pytest.mark.parametrize("onset, duration, length", [(55, 10, "60"), (-5, 3, "60"), (5, 10, "45"), (5, 10, "3600")])
def test_times_of_another_recording_are_refused(onset, duration, length, tmp_path):
    with pytest.raises(NotRecognised, match="not those of the study"):
        of(tmp_path, HEAD + f"{onset}\t{duration}\tsz\tn/a\tall\tn/a\t{length}\n")


def test_a_detector_that_read_over_gaps_is_put_right(tmp_path):
    recording = a_recording(60, (Gap(10, 20), Gap(40, 5)))
    text = HEAD + "5\t4\tsz\tn/a\tall\tn/a\t35\n12\t3\tsz\tn/a\tall\tn/a\t35\n22\t5\tsz\tn/a\tall\tn/a\t35\n"
    found = of(tmp_path, text, recording)
    assert times(found) == [(5, 4), (32, 3), (47, 5)]
    assert "read over the gaps" in found.warnings[0]


def test_an_event_in_a_gap_is_told(tmp_path):
    found = of(tmp_path, HEAD + "12\t4\tsz\tn/a\tall\tn/a\t60\n", a_recording(60, (Gap(10, 20),)))
    assert "lies in a gap" in found.warnings[0]


def test_another_table_with_words_counts_what_names_a_seizure(tmp_path):
    text = "Onset;Duration;Description\n3;4;Seizure\n9;2;chewing\n20;5;no seizure\n"
    found = of(tmp_path, text, name="a.csv")
    assert times(found) == [(3, 4)]
    assert found.warnings == ("2 other marks were left out",)


def test_confidences_outside_their_range_are_left_out(tmp_path):
    found = of(tmp_path, HEAD + "3\t4\tsz\t87\tall\tn/a\t60\n")
    assert found.events[0].score is None and "confidences" in found.warnings[0]


@pytest.mark.parametrize(
    "text", ["", "Patient moved.\n", "a\tb\n1\t2\n", "onset\tduration\tdescription\n3\t4\tchewing\n"]
)
def test_what_lists_no_seizure_is_refused(text, tmp_path):
    with pytest.raises(NotRecognised):
        of(tmp_path, text)


class TestEdfAnnotations:
    """A recording's file with marks, read as somebody's list."""

    def of(self, tmp_path, *lists, **more):
        signals = {"Fp1": a_square_wave(30, 64)}
        path = an_edf(
            tmp_path / "a.edf", signals, rate_hz=64, onsets=range(30), annotations=[(0, raw) for raw in lists], **more
        )
        return read_detections(path, read_one(an_edf(tmp_path / "b.edf", signals, rate_hz=64, onsets=range(30))))

    def test_starts_and_ends_are_paired(self, tmp_path):
        found = self.of(tmp_path, b"+5\x14Seizure starts\x14\0", b"+17.5\x14seizure ends\x14\0", b"+8\x14cough\x14\0")
        assert times(found) == [(5, 12.5)]

    def test_a_detectors_own_marks_are_taken_and_people_are_left_to_themselves(self, tmp_path):
        found = self.of(tmp_path, b"+5\x14SEIZURE starts\x14\0", b"+9\x14SeizureDetection\x14\0")
        assert times(found) == [(9, 1)]
        assert found.warnings == ("1 other marks were left out", "marks without a duration are shown 1 s long")

    def test_a_list_with_a_later_start_is_moved(self, tmp_path):
        found = self.of(tmp_path, b"+5\x152\x14sz\x14\0", start=("11.03.24", "14.02.13"))
        assert times(found) == [(15, 2)] and "starts 10 s after" in found.warnings[0]


def test_comments_of_persyst(tmp_path):
    text = "[FileInfo]\nFile=x.dat\n[Comments]\n12.5,8.0,0,100,Seizure\n20.0,0.0,0,100,XLSpike, left\n"
    found = of(tmp_path, text, name="a.lay")
    assert (found.form, times(found)) == ("Persyst comments", [(12.5, 8)])


@pytest.mark.shared
def test_lists_of_the_shared_recordings():
    """Each events.tsv belongs to its recording; of the demonstration's own marks Persyst's counts."""
    for name in ("epviz_uw_demo", "ombao_tle", "wang_A_fast-spike", "wang_C_slow-wave", "wang_D_EMG-related"):
        recording = read_one(shared_data("eeg", "seizure", f"{name}.edf"))
        found = read_detections(shared_data("eeg", "seizure", f"{name}_events.tsv"), recording)
        assert len(found.events) >= 1 and found.warnings == (), name
    path = shared_data("eeg", "seizure", "epviz_uw_demo.edf")
    found = read_detections(path, read_one(path))
    assert [(round(e.onset_s, 4), e.text) for e in found.events] == [(20.7656, "Persyst SeizureDetection")]
    with pytest.raises(NotRecognised):
        read_detections(shared_data("eeg", "seizure", "ombao_tle_events.tsv"), read_one(path))
