"""Orders, draws, second passes, adjudication and assignment: each rule tried and broken."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists

from dashboard.errors import StalePage, VerdictRule
from dashboard.review import (
    ORDERS,
    ReadingPolicy,
    StudyIndex,
    as_passes,
    assigned_to,
    check_adjudication,
    check_assignment,
    current_pass,
    differ,
    earlier_model,
    expected_disagreement,
    in_order,
    is_drawn,
    is_repeat_due,
    is_settled,
    is_taken,
    owes_read,
    shown_to,
    study_state,
    visible_rows,
)
from dashboard.review.index import once
from dashboard.terms import Role
from tests.builders.rows import a_row, entries_of

STUDY = "S-AAAAAAAAAA"
SIGN = {"finding": "", "scope": "ai_findings"}
TWO = ReadingPolicy(readers=2)


def two_who_differ(folder):
    """Rows of two readers who signed off, one having accepted what the other rejected."""
    return entries_of(
        folder,
        a_row("accept"),
        a_row("sign_off", **SIGN),
        a_row("reject", reader="R-02", reason="vessel"),
        a_row("sign_off", reader="R-02", **SIGN),
    )


def test_an_order_of_the_model_declares_priority_and_the_others_nothing():
    assert {key: set(order.exposure) for key, order in ORDERS.items()} == {
        "first_added": set(), "last_added": set(), "risk": {"PRIORITY"}, "disagreement": {"PRIORITY"},
    }  # fmt: skip


def test_orders_are_what_they_say():
    studies, scores = ("a", "b", "c", "d"), {"a": (0.2, 0.55), "b": (0.99,), "c": (), "d": (0.5,)}
    assert in_order(ORDERS["first_added"], studies, scores, set()) == studies
    assert in_order(ORDERS["last_added"], studies, scores, set()) == ("d", "c", "b", "a")
    assert in_order(ORDERS["risk"], studies, scores, set()) == ("b", "a", "d", "c")
    assert in_order(ORDERS["disagreement"], studies, scores, set()) == ("d", "a", "b", "c")


@given(
    lists(lists(floats(0, 1), max_size=3), min_size=4, max_size=4),
    lists(lists(floats(0, 1), max_size=3), min_size=4, max_size=4),
)
def test_where_owed_studies_stand_does_not_depend_on_their_scores(one, other):
    studies = ("a", "b", "c", "d")
    owed = {"b", "d"}
    scores = dict(zip(studies, one, strict=True))
    changed = {**scores, **{s: other[n] for n, s in enumerate(studies) if s in owed}}
    for order in ORDERS.values():
        assert in_order(order, studies, scores, owed) == in_order(order, studies, changed, owed)


def test_expected_disagreement_is_highest_at_one_half():
    assert expected_disagreement([0.5]) == 0.5 and expected_disagreement([]) == 0
    assert expected_disagreement([0.1, 0.9]) == pytest.approx(0.18)


def test_a_draw_can_be_made_again_by_anybody():
    said = hashlib.sha256(f"overread draw 1\nrepeat\n7\n{STUDY}\nR-01\n".encode()).digest()
    value = int.from_bytes(said[:8], "big") / 2**64
    assert is_drawn("repeat", "7", STUDY, value + 1e-9, reader="R-01")
    assert not is_drawn("repeat", "7", STUDY, value - 1e-9, reader="R-01")
    drawn = sum(is_drawn("adjudicate", "1", f"S-{n}", 0.3) for n in range(4000))
    assert 1100 < drawn < 1300
    assert not is_drawn("adjudicate", "1", STUDY, 0.0) and is_drawn("adjudicate", "1", STUDY, 1.0)


def test_readers_differ_on_a_finding_an_added_one_or_the_whole(tmp_path):
    assert differ(two_who_differ(tmp_path / "1"), ("R-01", "R-02"))
    same = entries_of(tmp_path / "2", a_row("accept"), a_row("modify", reader="R-02", reason="over_segmented"))
    assert not differ(same, ("R-01", "R-02"))
    unsure = entries_of(tmp_path / "3", a_row("reject", reason="vessel"), a_row("unsure", reader="R-02"))
    assert differ(unsure, ("R-01", "R-02"))
    added = entries_of(tmp_path / "4", a_row("accept"), a_row("accept", reader="R-02"),
                       a_row("add", finding="r-1", prediction=""))  # fmt: skip
    assert differ(added, ("R-01", "R-02")) and not differ(added[:2], ("R-01", "R-02"))


def test_the_order_shown_is_the_same_again_and_another_elsewhere(tmp_path):
    rows = two_who_differ(tmp_path)
    first = shown_to(rows, "A-01")
    assert first == shown_to(rows, "A-01") and len(first) == 2
    orders = {tuple(said[-1].reader for said in shown_to(rows, f"A-{n:02d}")) for n in range(40)}
    assert len(orders) == 2, "the order follows from who signed first"


def test_an_adjudicator_owes_a_read_and_sees_nobodys_rows(tmp_path):
    rows = two_who_differ(tmp_path)
    assert owes_read(rows, STUDY, "A-01", Role.ADJUDICATOR, TWO)
    assert visible_rows(rows, STUDY, "A-01", Role.ADJUDICATOR, TWO) == ()
    rows = entries_of(tmp_path, a_row("read", reader="A-01", role="adjudicator", finding="", exposure="NONE"))
    assert not owes_read(rows, STUDY, "A-01", Role.ADJUDICATOR, TWO)
    assert {r.reader for r in visible_rows(rows, STUDY, "A-01", Role.ADJUDICATOR, TWO)} == {"A-01"}
    rows = entries_of(tmp_path, a_row("adjudicate", reader="A-01", role="adjudicator", finding=""))
    assert is_settled(rows) and visible_rows(rows, STUDY, "A-01", Role.ADJUDICATOR, TWO) == rows
    assert visible_rows(rows, STUDY, "R-01", Role.RADIOLOGIST, TWO) == rows


def test_a_decision_needs_role_read_state_and_a_word_on_each_finding():
    said = {"role": Role.ADJUDICATOR, "waits": True, "has_read": True, "shown": ["1", "2"], "to_show": ["1", "2"],
            "decisions": {"p 1": "accept"}, "findings": ["p 1"]}  # fmt: skip
    check_adjudication(**said)
    for changed in ({"role": Role.RADIOLOGIST}, {"waits": False}, {"has_read": False}, {"decisions": {}},
                    {"decisions": {"p 1": "add"}}, {"decisions": {"p 1": "accept", "p 2": "accept"}}):  # fmt: skip
        with pytest.raises(VerdictRule):
            check_adjudication(**{**said, **changed})
    for order in (["2", "1"], ["1"]):
        with pytest.raises(StalePage):
            check_adjudication(**{**said, "shown": order})


def test_only_an_operator_or_a_script_assigns():
    check_assignment(role=Role.OPERATOR, scripted=False)
    check_assignment(role=Role.RADIOLOGIST, scripted=True)
    with pytest.raises(VerdictRule, match="operator"):
        check_assignment(role=Role.RADIOLOGIST, scripted=False)


def test_the_newest_assignment_replaces_the_oldest(tmp_path):
    rows = entries_of(
        tmp_path, *(a_row("assign", finding="", details={"assignee": r}) for r in ("R-01", "R-02", "R-03"))
    )
    assert assigned_to(rows, ReadingPolicy()) == ("R-03",)
    assert assigned_to(rows, TWO) == ("R-03", "R-02")
    assert is_taken(rows, TWO, "R-01") and not is_taken(rows, TWO, "R-02")


def test_a_study_is_taken_when_others_suffice(tmp_path):
    rows = entries_of(tmp_path, a_row("accept"))
    assert is_taken(rows, ReadingPolicy(), "R-02") and not is_taken(rows, ReadingPolicy(), "R-01")
    assert not is_taken(rows, TWO, "R-02") and is_taken(rows, TWO, "R-02", {"R-03"})


def test_a_second_pass_is_due_after_others_and_hides_the_first(tmp_path):
    policy = ReadingPolicy(repeat_share=1.0, repeat_after=2, blind_first=True)
    read = {"finding": "", "exposure": "NONE", "details": {"present": True}}
    mine = [a_row("read", **read), a_row("accept"), a_row("sign_off", **SIGN)]
    index = StudyIndex()
    index.catch_up(entries_of(tmp_path, *mine, a_row("sign_off", study="S-BBBBBBBBBB", **SIGN)))
    assert not is_repeat_due(index, policy, STUDY, "R-01")
    index.catch_up(entries_of(tmp_path, a_row("sign_off", study="S-CCCCCCCCCC", **SIGN)))
    assert is_repeat_due(index, policy, STUDY, "R-01")
    assert not is_repeat_due(index, policy, STUDY, "R-02")
    assert not is_repeat_due(index, ReadingPolicy(repeat_share=0.0, repeat_after=2), STUDY, "R-01")
    due = visible_rows(index.of(STUDY), STUDY, "R-01", Role.RADIOLOGIST, policy, repeat_due=True)
    assert due == ()

    again = a_row("assign", reader="overread", role="operator", identity="system", exposure="", finding="",
                  details={"assignee": "R-01", "again": True})  # fmt: skip
    index.catch_up(entries_of(tmp_path, again))
    rows = index.of(STUDY)
    assert not is_repeat_due(index, policy, STUDY, "R-01")
    assert owes_read(rows, STUDY, "R-01", Role.RADIOLOGIST, policy), "the read of the first pass opened the gate again"
    assert not owes_read(rows, STUDY, "R-01", Role.RADIOLOGIST, ReadingPolicy())
    assert current_pass(rows, "R-01") == (rows[-1],) and current_pass(rows, "R-02") == rows
    unlabelled = visible_rows(rows, STUDY, "R-01", Role.RADIOLOGIST, ReadingPolicy())
    assert unlabelled == (), "the second pass is labelled, or the first shows"

    index.catch_up(
        entries_of(tmp_path, a_row("read", **read), a_row("reject", reason="vessel"), a_row("sign_off", **SIGN))
    )
    rows = index.of(STUDY)
    assert visible_rows(rows, STUDY, "R-01", Role.RADIOLOGIST, policy) == rows
    assert [(row.reader, row.action) for row in as_passes(rows)] == [
        ("R-01", "read"), ("R-01", "accept"), ("R-01", "sign_off"), ("overread", "assign"),
        ("R-01 again", "read"), ("R-01 again", "reject"), ("R-01 again", "sign_off"),
    ]  # fmt: skip


def test_a_study_signed_under_an_earlier_result_says_so(tmp_path):
    system = {"reader": "overread", "role": "operator", "identity": "system", "finding": "", "exposure": ""}
    rows = entries_of(tmp_path, a_row("predict", prediction="p" * 64, **system),
                      a_row("sign_off", model="glioma", model_version="1.0", **SIGN))  # fmt: skip
    assert earlier_model(rows) == ""
    rows = entries_of(tmp_path, a_row("predict", prediction="q" * 64, **system))
    assert earlier_model(rows) == "glioma 1.0" and earlier_model(rows, "R-02") == ""
    rows = entries_of(tmp_path, a_row("sign_off", model="glioma", model_version="2.0", prediction="q" * 64, **SIGN))
    assert earlier_model(rows) == ""


def test_an_index_of_another_file_starts_anew(tmp_path):
    index = StudyIndex()
    index.catch_up(entries_of(tmp_path / "1", a_row("accept"), a_row("accept", finding="2")))
    other = entries_of(tmp_path / "2", a_row("reject", reason="vessel"), a_row("unsure"), a_row("unsure", finding="3"))
    index.catch_up(other)
    assert index.of(STUDY) == other
    index.catch_up(other[:1])
    assert index.of(STUDY) == other[:1] and index.studies() == (STUDY,)


def test_what_is_worked_out_of_a_studys_rows_is_worked_out_once_and_anew_after_a_row(tmp_path):
    asked = []

    @once
    def count(rows):
        asked.append(len(rows))
        return len(rows)

    entries = entries_of(tmp_path, a_row("accept"), a_row("accept", finding="2"), a_row("sign_off", finding=""))
    index = StudyIndex()
    index.catch_up(entries[:2])
    study = entries[0].study
    assert (count(index.of(study)), count(index.of(study)), asked) == (2, 2, [2])
    assert study_state(index.of(study), study, ReadingPolicy()).state == "in_review"
    index.catch_up(entries)
    assert (count(index.of(study)), asked) == (3, [2, 3])
    assert study_state(index.of(study), study, ReadingPolicy()).state == "done"
    assert (count(list(entries)), count(list(entries)), asked) == (3, 3, [2, 3, 3, 3]), "a list may change"
