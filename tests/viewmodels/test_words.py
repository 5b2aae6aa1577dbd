"""Words that every page shares, and sentences that a reader takes away."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.domain import Finding, ModelIdentity, Prediction, RegionMeasure, Study, Volume
from dashboard.ledger import LedgerEntry
from dashboard.terms import Sequence, StudyKind
from dashboard.viewmodels import (
    date_words,
    duration_words,
    finding_cards,
    first_sentence,
    person_words,
    sentence,
    verdict_panel,
)
from dashboard.viewmodels.eeg import burden_sentence, burden_words, criterion_words
from dashboard.viewmodels.findings import FindingCard
from tests.builders.rows import a_row, entries_of


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (84, "1 min 24 s"), (59.6, "1 min"), (3600, "1 h"), (3661, "1 h 1 min 1 s")]
)
def test_durations(seconds, words):
    assert duration_words(seconds) == words


def test_people_are_no_older_than_ninety():
    assert person_words(63, "F") == "63 F"
    assert person_words(97, "") == "90+"
    assert person_words(None, "") == "unknown"


def test_what_is_no_date_stays_as_it_is():
    assert date_words("2024-03-11") == "11 Mar 2024"
    assert date_words("2024") == "2024"
    assert date_words("") == "date unknown"


def test_a_point_in_a_number_ends_no_sentence():
    assert first_sentence("Worst Dice 0.66, mean 0.76. In dev 0.93.") == "Worst Dice 0.66, mean 0.76."
    assert first_sentence("One only") == "One only"


def a_lesion(**said) -> Finding:
    regions = (
        RegionMeasure("whole_tumour", 6.24),
        RegionMeasure("enhancing_tumour", 2.0, longest_mm=23.2, perpendicular_mm=16.8, slice_index=83),
    )
    return Finding(1, "lesion", 0.9, "right", regions, **said)


def a_prediction(*findings: Finding, kind: str = "masks") -> Prediction:
    return Prediction("d" * 64, "S-AAAAAAAAAA", ModelIdentity("m", "1.0", ""), "i" * 64, kind, {}, findings, grid="g")


def a_card(finding: Finding, state: str, words: str, entry: LedgerEntry | None = None) -> FindingCard:
    return FindingCard("1", 1, "Right-sided", (), state, words, "", finding, entry)


MR = Study("S-AAAAAAAAAA", "P-AAAAAAAAAA", StudyKind.MR)


def test_a_sentence_says_side_size_image_volume_and_verdict(tmp_path):
    finding = a_lesion()
    (entry,) = entries_of(tmp_path, a_row())
    said = sentence(MR, a_prediction(finding), a_card(finding, "accepted", "accepted", entry))
    assert said == "Right-sided enhancing lesion, 23 x 17 mm axial (image 84), 6.2 ml, accepted"


def test_the_column_says_of_what_the_diameters_are_and_if_they_are_measurable():
    regions = (
        RegionMeasure("whole_tumour", 6.24, longest_mm=40.0, perpendicular_mm=30.0, longest_3d_mm=47.4),
        RegionMeasure("enhancing_tumour", 2.0, 23.2, 16.8, 83, solid=True, longest_3d_mm=29.0, measurable=True),
    )
    card = a_card(Finding(1, "lesion", 0.9, "right", regions, touches_edge=True), "open", "to review")
    panel = verdict_panel(MR, (card,), "1")
    said = {m.words: m.value for m in panel.measurements}
    assert said["Axial, solid enhancing"] == "23 × 17 mm" and said["Longest in 3-D"] == "47 mm"
    assert said["RANO 2.0, by size"] == "measurable"
    assert panel.subtitle == "reaches the edge of the field: its size is a lower bound"


def test_a_reformatted_slice_is_no_image_of_the_series():
    affine = np.diag([6.0, 1.0, 1.0, 1.0])
    sagittal = Volume(np.zeros((4, 8, 8), np.int16), affine, "g", Sequence.T1C, series_number=5)
    study = Study("S-AAAAAAAAAA", "P-AAAAAAAAAA", StudyKind.MR, volumes=(sagittal,))
    assert "(series 5, reformatted slice 84)" in sentence(
        study, a_prediction(a_lesion()), a_card(a_lesion(), "open", "to review")
    )


def test_what_nobody_reviewed_says_so():
    finding = a_lesion()
    assert sentence(MR, a_prediction(finding), a_card(finding, "open", "to review")).endswith(
        "AI finding, not reviewed"
    )


def test_an_edited_outline_says_so(tmp_path):
    finding = a_lesion()
    (entry,) = entries_of(tmp_path, a_row("modify", artifact="reviews/masks/x.nii.gz", artifact_digest="a" * 64))
    said = sentence(MR, a_prediction(finding), a_card(finding, "modified", "modified", entry))
    assert said.endswith("modified, outline edited by reader")


def an_event(number: int, onset_s: float, duration_s: float, state: str) -> FindingCard:
    finding = Finding(number, "seizure", 0.9, onset_s=onset_s, duration_s=duration_s)
    return FindingCard(str(number), number, "", (), state, state, "", finding)


def test_burden_is_a_union_and_counts_no_rejected_event():
    cards = (
        an_event(1, 10, 30, "accepted"),
        an_event(2, 30, 30, "modified"),
        an_event(3, 100, 50, "rejected"),
        an_event(4, 200, 5, "open"),
    )
    assert burden_words(cards, (), 7.4) == [
        ("Seizure burden, reviewed", "50 s"),
        ("Longest, worst hour", "50 s, 50 s"),
        ("Alerts, unreviewed", "5 s"),
        ("Not evaluated, no statement", "7 s"),
    ]
    assert burden_words((), (), None)[-1] == ("Not evaluated, no statement", "all"), "no detector has read it"
    assert burden_sentence(cards, (), 600) == (
        "2 events accepted or added in 10 min of EEG, 50 s in total, longest 50 s, worst hour 50 s (from 0:00:00); meets the "
        "duration criterion for an electrographic seizure (ACNS 2021); 1 alert not reviewed"
    )


def test_the_worst_hour_is_found_across_its_edges():
    cards = (an_event(1, 3590, 40, "accepted"), an_event(2, 7000, 20, "accepted"))
    assert "worst hour 1 min (from 0:57:00)" in burden_sentence(cards, (), 7200)


def test_the_duration_criterion_is_about_duration():
    assert criterion_words((an_event(1, 0, 9, "accepted"),), ()) == ""
    assert criterion_words((an_event(1, 0, 700, "rejected"), an_event(2, 0, 700, "open")), ()) == ""
    words = criterion_words((an_event(1, 0, 10, "accepted"),), ())
    assert words == "meets the duration criterion for an electrographic seizure (ACNS 2021)"
    many = tuple(an_event(n, 300 * n, 61, "accepted") for n in range(12))
    assert "electrographic status epilepticus" in criterion_words(many, ())


def test_without_an_event_nothing_is_claimed():
    assert burden_sentence((), (), 600) == "No event accepted or added in 10 min of EEG"


def test_cards_of_no_prediction_are_none():
    assert finding_cards(MR, None, {}) == ()


def test_nothing_marked_is_said_only_where_a_model_read():
    assert verdict_panel(MR, (), None).title == "No findings"
    unread = verdict_panel(MR, (), None, has_result=False)
    assert unread.title == "No model result" and "marked" not in unread.subtitle


def test_an_own_finding_on_screen_hides_no_open_one():
    cards = (a_card(a_lesion(), "open", "to review"),)
    panel = verdict_panel(MR, cards, "r-0f8fad5b-d9cb-469f-a165-70867728950e")
    assert (panel.open_count, panel.total) == (1, 1)
    assert panel.title == "Finding added by you"
