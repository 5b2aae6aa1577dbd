"""Acceptance, Dice and relative sensitivity: counted as stated, undefined where stated."""

from __future__ import annotations

import pytest

from dashboard.audit import acceptance, rejection_reasons, relative_sensitivity, split_verdicts, verdict_dice
from dashboard.audit.measure import share_interval
from tests.builders.rows import a_row, entries_of


def _rows():
    return [
        a_row("accept", finding="1"),
        a_row("modify", finding="2", details={"dice": 0.8}),
        a_row("reject", finding="3", reason="vessel"),
        a_row("unsure", finding="4"),
        a_row("accept", finding="1", study="S-BBBBBBBBBB", subject="P-BBBBBBBBBB"),
        a_row("reject", finding="2", study="S-BBBBBBBBBB", subject="P-BBBBBBBBBB", reason="vessel"),
        a_row("add", finding="r-1", prediction="", study="S-BBBBBBBBBB", subject="P-BBBBBBBBBB"),
        a_row("accept", finding="5", details={"bulk": True}),
        a_row("accept", finding="6", identity="script", exposure="UNKNOWN", reader="s"),
    ]


def test_acceptance_leaves_unsure_added_bulk_and_scripted_out(tmp_path):
    kept, left_out = split_verdicts(entries_of(tmp_path, *_rows()))
    measure = acceptance(kept, left_out, group="all", resamples=200)
    assert measure.value == pytest.approx(3 / 5)
    assert (measure.n.findings, measure.n.studies, measure.n.patients) == (5, 2, 2)
    assert (measure.left_out.bulk, measure.left_out.scripted) == (1, 1)
    assert measure.beside == {"accept": 2, "modify": 1, "reject": 2, "unsure": 1}
    assert 0.5 <= measure.low <= measure.value <= measure.high <= 2 / 3 + 1e-9
    assert measure.studies == ("S-AAAAAAAAAA", "S-BBBBBBBBBB")


def test_left_out_verdicts_count_where_they_are_asked_for(tmp_path):
    entries = entries_of(tmp_path, *_rows())
    assert len(split_verdicts(entries, ("bulk",))[0]) == len(split_verdicts(entries)[0]) + 1
    assert len(split_verdicts(entries, ("bulk", "scripted"))[0]) == len(split_verdicts(entries)[0]) + 2


def test_a_changed_verdict_counts_once_and_a_withdrawn_one_not_at_all(tmp_path):
    first = a_row("accept", event_id="11111111-1111-4111-8111-111111111111")
    second = a_row("reject", reason="vessel", event_id="22222222-2222-4222-8222-222222222222")
    kept, left_out = split_verdicts(entries_of(tmp_path, first, second))
    assert [entry.action for entry in kept] == ["reject"]
    undone = a_row("amend", supersedes=second.event_id)
    kept, left_out = split_verdicts(entries_of(tmp_path / "2", first, second, undone))
    measure = acceptance(kept, left_out, group="all")
    assert kept == [] and measure.value is None and measure.undefined


def test_one_patient_gives_no_interval(tmp_path):
    kept, left_out = split_verdicts(entries_of(tmp_path, a_row("accept"), a_row("reject", finding="2", reason="x")))
    measure = acceptance(kept, left_out, group="all")
    assert measure.value == 0.5 and measure.low is None and measure.high is None


def test_dice_stands_beside_what_was_accepted_and_rejected(tmp_path):
    kept, _ = split_verdicts(entries_of(tmp_path, *_rows()))
    measure = verdict_dice(kept, group="all")
    assert measure.value == 0.8 and measure.n.findings == 1
    assert measure.beside["accepted_share"] == pytest.approx(2 / 5)
    assert measure.beside["rejected_share"] == pytest.approx(2 / 5)


def test_sensitivity_says_that_the_reader_was_exposed(tmp_path):
    kept, _ = split_verdicts(entries_of(tmp_path, *_rows()))
    measure = relative_sensitivity(kept, group="all", resamples=200)
    assert measure.name.endswith("reader_exposed") and measure.value == pytest.approx(3 / 4)


def test_reasons_are_counted(tmp_path):
    kept, _ = split_verdicts(entries_of(tmp_path, *_rows()))
    assert rejection_reasons(kept) == {"vessel": 2}


@pytest.mark.parametrize(("patients", "low"), [(2, 0.158), (3, 0.292), (20, 0.832), (100, 0.964)])
def test_that_all_agree_proves_more_with_more_patients(patients, low):
    """Clopper and Pearson's table for k of k, 95 %, two-sided."""
    items = [(f"P-{n}", True) for n in range(patients)]

    def share(drawn):
        return sum(ok for _, ok in drawn) / len(drawn)

    assert share_interval(items, lambda i: i[0], share) == (pytest.approx(low, abs=5e-4), 1.0)
    none = [(subject, False) for subject, _ in items]
    assert share_interval(none, lambda i: i[0], share) == (0.0, pytest.approx(1 - low, abs=5e-4))


def test_one_patient_is_too_few_for_a_share_too():
    assert share_interval([("P-1", True)] * 9, lambda i: i[0], lambda drawn: 1.0) == (None, None)
