"""What may be recorded, by whom, when: every rule tried and broken."""

from __future__ import annotations

import pytest

from dashboard.errors import NotDisplayed, StalePage, VerdictRule
from dashboard.review import (
    check_amendment,
    check_sign_off,
    check_verdict,
    exposure_at,
    format_exposure,
    owes_blind_read,
    parse_exposure,
    study_states,
)
from dashboard.terms import Action, ExposureClass, Scope
from tests.builders.rows import a_row, entries_of

STUDY, PREDICTION = "S-AAAAAAAAAA", "p" * 64


def _verdict(entries, **given):
    said = {
        "action": Action.ACCEPT, "study": STUDY, "prediction": PREDICTION, "finding": "1", "reader": "R-01", "reason": "",
        "shown": True, "scripted": False, "drawn_with": "", "reason_on_reject": True,
    }  # fmt: skip
    check_verdict(entries, **{**said, **given})


def _sign_off(entries, **given):
    said = {
        "study": STUDY, "reader": "R-01", "scope": Scope.AI_FINDINGS, "prediction": PREDICTION, "findings": ("1",),
        "displayed": 1.0, "reason": "", "scripted": False,
    }  # fmt: skip
    check_sign_off(entries, **{**said, **given})


def test_a_verdict_needs_its_finding_on_screen():
    with pytest.raises(NotDisplayed):
        _verdict((), shown=False)
    _verdict((), shown=True)
    _verdict((), shown=False, scripted=True)


def test_a_rejection_needs_a_reason_where_the_site_wants_it():
    with pytest.raises(VerdictRule, match="reason"):
        _verdict((), action=Action.REJECT)
    _verdict((), action=Action.REJECT, reason="vessel")
    _verdict((), action=Action.REJECT, reason_on_reject=False)


def test_an_outdated_page_records_nothing(tmp_path):
    entries = entries_of(tmp_path, a_row("accept"))
    with pytest.raises(StalePage):
        _verdict(entries)
    _verdict(entries, drawn_with=entries[0].event_id)
    _verdict(entries, reader="R-02")


def test_a_closed_study_takes_no_verdict_until_it_is_reopened(tmp_path):
    closed = [a_row("accept"), a_row("sign_off", finding="", scope="ai_findings")]
    with pytest.raises(VerdictRule, match="signed"):
        _verdict(entries_of(tmp_path, *closed), finding="2")
    with pytest.raises(VerdictRule, match="signed"):
        _sign_off(entries_of(tmp_path / "1", *closed))
    _verdict(entries_of(tmp_path / "2", *closed, a_row("reopen", finding="")), finding="2")


def test_open_findings_forbid_a_sign_off(tmp_path):
    with pytest.raises(VerdictRule, match="open"):
        _sign_off(())
    _sign_off(entries_of(tmp_path, a_row("unsure")))


def test_the_whole_study_is_not_signed_on_a_part_of_it_without_a_reason(tmp_path):
    entries = entries_of(tmp_path, a_row("accept"))
    with pytest.raises(VerdictRule, match="70%"):
        _sign_off(entries, scope=Scope.WHOLE_STUDY, displayed=0.7)
    _sign_off(entries, scope=Scope.WHOLE_STUDY, displayed=0.7, reason="localizer only")
    _sign_off(entries, scope=Scope.WHOLE_STUDY, displayed=1.0)


def test_without_a_model_result_only_the_whole_study_is_offered():
    with pytest.raises(VerdictRule, match="no model result"):
        _sign_off((), prediction="", findings=())
    _sign_off((), prediction="", findings=(), scope=Scope.WHOLE_STUDY)


def test_exposure_is_the_union_of_what_was_presented_in_its_fixed_order(tmp_path):
    entries = entries_of(
        tmp_path,
        a_row("present", exposure="QUANTITATIVE", finding=""),
        a_row("present", exposure="PRESENCE", finding=""),
        a_row("present", exposure="NARRATIVE", finding="", reader="R-02"),
    )
    assert exposure_at(entries, STUDY, "R-01", scripted=False) == "PRESENCE+QUANTITATIVE"
    assert exposure_at(entries, STUDY, "R-03", scripted=False) == "NONE"
    assert exposure_at(entries, STUDY, "R-01", scripted=True) == "UNKNOWN"
    assert parse_exposure(format_exposure([ExposureClass.DIRECTIVE, ExposureClass.PRIORITY])) == {
        "PRIORITY",
        "DIRECTIVE",
    }


def test_the_gate_opens_with_the_studys_read_row_and_shuts_when_it_is_withdrawn(tmp_path):
    own = a_row("read", finding="r-1", exposure="NONE")
    study = a_row("read", finding="", exposure="NONE", details={"present": True})
    assert owes_blind_read((), STUDY, "R-01", blind_first=True)
    assert not owes_blind_read((), STUDY, "R-01", blind_first=False)
    assert owes_blind_read(entries_of(tmp_path, own), STUDY, "R-01", blind_first=True)
    entries = entries_of(tmp_path / "1", own, study)
    assert not owes_blind_read(entries, STUDY, "R-01", blind_first=True)
    assert owes_blind_read(entries, STUDY, "R-02", blind_first=True)
    amended = entries_of(tmp_path / "1", a_row("amend", finding="", supersedes=entries[-1].event_id))
    assert owes_blind_read(amended, STUDY, "R-01", blind_first=True)


def test_a_read_that_opened_the_gate_stays_once_something_was_shown(tmp_path):
    entries = entries_of(tmp_path, a_row("read", finding="", exposure="NONE", details={"present": True}))
    assert check_amendment(entries, event_id=entries[0].event_id, reader="R-01") == entries[0]
    shown = entries_of(tmp_path, a_row("present", exposure="PRESENCE", finding=""))
    with pytest.raises(VerdictRule, match="stays"):
        check_amendment(shown, event_id=entries[0].event_id, reader="R-01")
    with pytest.raises(VerdictRule, match="not a verdict"):
        check_amendment(entries, event_id=entries[0].event_id, reader="R-02")


def test_states_tell_where_a_study_stands(tmp_path):
    ids = [f"S-{letter * 10}" for letter in "ABCDEFG"]
    a, b, c, d, e, f, g = ids
    rows = [
        a_row("accept", study=a),
        a_row("accept", study=b),
        a_row("sign_off", study=b, finding="", scope="ai_findings"),
        a_row("accept", study=c),
        a_row("sign_off", study=c, finding="", scope="ai_findings"),
        a_row("reject", study=c, reader="R-02", reason="x"),
        a_row("sign_off", study=c, reader="R-02", finding="", scope="ai_findings"),
    ]
    states = study_states(
        ids, entries_of(tmp_path, *rows), predicted={a, b, c, d}, running={e}, failed={f: "not_skull_stripped"}
    )
    assert {s: states[s].state for s in ids} == {
        a: "in_review", b: "done", c: "adjudicate", d: "to_review", e: "running", f: "failed", g: "new",
    }  # fmt: skip
    assert states[f].detail == "not skull stripped"
    assert states[c].readers == ("R-01", "R-02")
