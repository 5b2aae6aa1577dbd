"""Kappa, AC1 and raw agreement against sklearn and published examples; laws; undefined values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from dashboard.audit import Unit, agreement_of, epoch_units, reader_pairs, study_units
from tests.builders.rows import a_row, entries_of

ANSWERS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60)


def _pairs(answers):
    return [
        (Unit("a", f"S{n}", f"P{n}", 0, one), Unit("b", f"S{n}", f"P{n}", 0, other))
        for n, (one, other) in enumerate(answers)
    ]


@given(ANSWERS)
def test_kappa_is_sklearns_or_undefined(answers):
    kappa, ac1, raw, prevalence = agreement_of(_pairs(answers))
    first, second = zip(*answers, strict=True)
    if len(set(first) | set(second)) == 1:
        assert kappa is None and ac1 == 1.0 and raw == 1.0
    elif kappa is not None:
        assert kappa == pytest.approx(cohen_kappa_score(first, second, labels=[False, True]))
    assert 0 <= prevalence <= 1


@given(ANSWERS)
def test_swapping_readers_changes_nothing(answers):
    one = agreement_of(_pairs(answers))
    other = agreement_of(_pairs([(b, a) for a, b in answers]))
    assert (
        one == pytest.approx(other)
        if None not in one
        else [x for x in one if x is not None] == pytest.approx([x for x in other if x is not None])
    )


def test_gwets_own_example_shows_why_ac1_stands_beside_kappa():
    """118 agree on presence, 5 and 2 differ, none agree on absence (Gwet 2008, table 1 type): kappa falls below 0."""
    answers = [(True, True)] * 118 + [(True, False)] * 5 + [(False, True)] * 2
    kappa, ac1, raw, _ = agreement_of(_pairs(answers))
    assert kappa < 0 < 0.9 < ac1
    assert raw == pytest.approx(118 / 125)


def test_readers_meet_on_studies_that_both_signed(tmp_path):
    rows = [
        a_row("accept", reader="R-01"),
        a_row("sign_off", reader="R-01", finding="", scope="ai_findings"),
        a_row("reject", reader="R-02", reason="vessel"),
        a_row("sign_off", reader="R-02", finding="", scope="ai_findings"),
        a_row("sign_off", reader="R-01", finding="", scope="whole_study", study="S-BBBBBBBBBB", subject="P-B"),
        a_row("sign_off", reader="R-02", finding="", scope="whole_study", study="S-BBBBBBBBBB", subject="P-B"),
        a_row("sign_off", reader="R-01", finding="", scope="whole_study", study="S-CCCCCCCCCC", subject="P-C"),
    ]
    units = study_units(entries_of(tmp_path, *rows), blind=False)
    (measure,) = reader_pairs(units, unit="study present or absent", basis="as signed off", resamples=100)
    assert measure.group == "R-01, R-02" and measure.n.findings == 2
    assert measure.beside["raw"] == 0.5


def test_blind_reads_are_their_own_units(tmp_path):
    rows = [
        a_row("read", reader="R-01", finding="", exposure="NONE", details={"present": True}),
        a_row("read", reader="R-02", finding="", exposure="NONE", details={"present": False}),
        a_row("read", reader="R-02", finding="r-1", exposure="NONE"),
    ]
    units = study_units(entries_of(tmp_path, *rows), blind=True)
    assert [(u.reader, u.present) for u in units] == [("R-01", True), ("R-02", False)]


def test_epochs_are_fixed_and_no_model_chose_them(tmp_path):
    rows = [
        a_row("accept", kind="eeg", finding_kind="seizure"),
        a_row("sign_off", kind="eeg", finding="", scope="ai_findings"),
        a_row(
            "add", kind="eeg", reader="R-02", finding="r-1", prediction="", details={"onset_s": 31.0, "duration_s": 9.0}
        ),
        a_row("sign_off", kind="eeg", reader="R-02", finding="", scope="whole_study"),
        a_row("accept", kind="eeg", reader="R-03"),
    ]
    entries = entries_of(tmp_path, *rows)
    events = {("S-AAAAAAAAAA", "p" * 64, "1"): (12.0, 10.0)}
    units = epoch_units(entries, {"S-AAAAAAAAAA": 60.0}, events)
    by_reader = {r: [u.index for u in units if u.reader == r and u.present] for r in ("R-01", "R-02", "R-03")}
    assert by_reader == {"R-01": [1, 2], "R-02": [3], "R-03": []}
    assert len(units) == 12
