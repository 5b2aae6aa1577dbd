"""MR control studies: nothing tells a marked study from a control, each is read first, and the rows carry the estimate."""

from __future__ import annotations

import hashlib
import json

import pytest

from dashboard.audit import balanced_count
from dashboard.casework import (
    Revealed,
    Withheld,
    assign,
    audit,
    case_list,
    finding_list,
    ledger_state,
    ledger_table,
    next_study,
    offered_orders,
    open_out_of,
    record_read,
    visible_entries,
)
from dashboard.casework.control_studies import MARKED, UNMARKED, is_chosen
from dashboard.errors import BlindOpen, LedgerWriteFailed, VerdictRule
from dashboard.terms import Action, Role
from dashboard.workspace import Workspace
from tests.builders.cases import BLIND, a_head_study, a_reader, a_script, a_workspace, lesions_of

ON = "[review]\ncontrol_rate_mr = 0.5\n"


def a_site(tmp_path, marked=3, unmarked=8, settings=ON):
    """A workspace with so many studies in which the model marked something, and in which it marked nothing."""
    workspace = a_workspace(tmp_path, settings)
    studies = [a_head_study(workspace, seed=n) for n in range(marked + unmarked)]
    for number, study in enumerate(studies):
        lesions_of(workspace, study, 1 if number < marked else 0)
    return workspace, studies[:marked], studies[marked:]


def listed(workspace, reader):
    return [case.study for case in case_list(workspace, reader.session)]


def sampled(workspace):
    return {e.study: e for e in workspace.ledger.entries() if e.action == Action.SAMPLE}


def reads(workspace, reader, study, present, **said):
    """Open a study as the page does and commit a read."""
    open_out_of(workspace, reader.session, study.id, "first_added")
    findings = [reader.intent(study, point_lps=(1.0, 2.0, 3.0), confidence=4)] if present else []
    intent = reader.intent(study, **said)
    return record_read(workspace, reader.session, study, present=present, findings=findings, intent=intent)


def test_off_lists_all_and_draws_nothing(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path, settings="")
    reader = a_reader(workspace)
    assert len(listed(workspace, reader)) == len(marked) + len(unmarked) and sampled(workspace) == {}
    assert isinstance(reader.opens(marked[0]), Revealed)


def test_marked_studies_and_the_drawn_ones_are_listed_and_each_result_has_one_row(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    seen = set(listed(workspace, reader))
    rows = sampled(workspace)
    assert set(rows) == {s.id for s in (*marked, *unmarked)}
    controls = {s.id for s in unmarked if is_chosen(rows[s.id])}
    assert seen == {s.id for s in marked} | controls and len(controls) == 4, "half of eight"
    for study in unmarked:
        details = rows[study.id].details
        assert (details["stratum"], details["size"], details["drawn"]) == (UNMARKED, 8, 4)
        assert details["inclusion_probability"] == 0.5 and rows[study.id].identity == "system"
        marks = sorted(range(8), key=lambda n: hashlib.sha256(f"{details['seed']}:{n}".encode()).hexdigest())
        assert (details["number"] in marks[:4]) == (study.id in controls), "anybody repeats the draw from the row"
    assert all(
        (rows[s.id].details["stratum"], rows[s.id].details["inclusion_probability"]) == (MARKED, 1) for s in marked
    )
    assert sorted(r.details["number"] for s, r in rows.items() if s in {u.id for u in unmarked}) == list(range(8))
    before = len(workspace.ledger.entries())
    assert set(listed(workspace, a_reader(workspace, "R-02"))) == seen and len(workspace.ledger.entries()) == before
    for role in (Role.AUDITOR, Role.OPERATOR):
        assert len(listed(workspace, a_reader(workspace, "A-01", role))) == 11, "who does not read sees all"
    asked, left = [], seen
    while left:
        asked.append(next_study(workspace, reader.session, after=asked[-1] if asked else ""))
        left = left - {asked[-1]}
    assert set(asked) == seen


def test_each_is_drawn_with_the_rate_whether_alone_or_together():
    for size, rate in ((1, 0.1), (3, 0.25), (7, 0.2), (10, 0.3), (4, 1.0)):
        counts = [balanced_count(size, rate, f"{seed:x}") for seed in range(20_000)]
        assert sum(counts) / len(counts) == pytest.approx(size * rate, abs=0.02)
        assert set(counts) <= {int(size * rate), int(size * rate) + 1} and max(counts) <= size
    assert balanced_count(5, 0.0, "a") == balanced_count(0, 0.5, "a") == 0


def test_until_the_read_nothing_tells_a_marked_study_from_a_control(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    cases = case_list(workspace, reader.session)
    assert {(c.state, c.readers, c.detail, c.reviewed_under) for c in cases} == {("new", (), "", "")}
    assert not any(order.is_of_model for order in offered_orders(workspace, reader.session))
    controls = [s for s in unmarked if s.id in {c.study for c in cases}]
    for study in (marked[0], controls[0], next(s for s in unmarked if s not in controls)):
        open_out_of(workspace, reader.session, study.id, "first_added")
        open_out_of(workspace, reader.session, study.id, "first_added")  # A reload makes no second row.
        seen = reader.opens(study)
        assert isinstance(seen, Withheld) and seen.code == "blind_open"
        rows = [e for e in workspace.ledger.entries() if (e.study, e.reader) == (study.id, "R-01")]
        assert [(e.action, e.exposure) for e in rows] == [("present", "PRIORITY")]
        for script in (a_script(workspace), a_script(workspace, "R-01")):
            with pytest.raises(BlindOpen):
                finding_list(workspace, script.session, study)
    with pytest.raises(VerdictRule, match="own read"):
        reader.judges(marked[0], lesions_of(workspace, marked[0], 1), 1)
    assert visible_entries(workspace, reader.session) == () and ledger_state(workspace, reader.session).rows is None
    text = ledger_table(workspace, reader.session, "jsonl") + json.dumps([c.as_dict() for c in cases])
    assert "sample" not in text and MARKED not in text and "glioma-test" not in text


def test_the_read_opens_the_gate_and_the_draw_is_told_only_after_sign_off(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    control = next(s for s in unmarked if s.id in set(listed(workspace, reader)))
    for study in (marked[0], control):
        row = reads(workspace, reader, study, False, confidence=3)
        assert (row.exposure, row.confidence, row.details) == ("PRIORITY", 3, {"present": False})
        seen = reader.opens(study)
        assert isinstance(seen, Revealed) and len(seen.newest.prediction.findings) == (study is marked[0])
        for finding in seen.newest.prediction.findings:
            reader.judges(study, seen.newest.prediction, finding.number, Action.REJECT, reason="vessel")
        mine = [e for e in visible_entries(workspace, reader.session) if e.study == study.id]
        assert mine and not any(e.action == Action.SAMPLE for e in mine)
        reader.signs(study)
        mine = [e for e in visible_entries(workspace, reader.session) if e.study == study.id]
        assert [e.details["stratum"] for e in mine if e.action == Action.SAMPLE] == [
            MARKED if study is marked[0] else UNMARKED
        ]
    assert {marked[0].id, control.id} < set(listed(workspace, reader)), "what was read stays in the list"


def test_a_study_waits_for_its_result_and_one_that_was_refused_does_not(tmp_path):
    workspace = a_workspace(tmp_path, ON.replace("0.5", "1.0"))
    reader, waiting, refused = a_reader(workspace), a_head_study(workspace), a_head_study(workspace, seed=1)
    workspace.jobs.submit(waiting.id, "m")
    workspace.jobs.fail(workspace.jobs.submit(refused.id, "m"), "not_skull_stripped", "What.")
    assert listed(workspace, reader) == [refused.id]
    assert case_list(workspace, reader.session)[0].detail == ""
    assert isinstance(reader.opens(refused), Withheld), "a result may come while it is read"
    assert len(listed(workspace, a_reader(workspace, "O-01", Role.OPERATOR))) == 2
    lesions_of(workspace, waiting, 0)
    assert set(listed(workspace, reader)) == {waiting.id, refused.id}


def test_what_was_assigned_is_listed_and_counts_for_nothing_undrawn(tmp_path):
    workspace, _marked, unmarked = a_site(tmp_path, settings=ON.replace("0.5", "0.000001"))
    reader, operator = a_reader(workspace), a_reader(workspace, "O-01", Role.OPERATOR)
    assert len(listed(workspace, reader)) == 3
    assign(workspace, operator.session, unmarked[0], "R-01")
    assert unmarked[0].id in listed(workspace, reader) and unmarked[0].id not in listed(
        workspace, a_reader(workspace, "R-02")
    )
    reads(workspace, reader, unmarked[0], True)
    assert audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session).named("sensitivity_study_level") == ()


def test_a_newer_result_is_drawn_anew_and_the_read_that_knew_of_none_counts(tmp_path):
    workspace, marked, _ = a_site(tmp_path, marked=1, unmarked=0, settings=ON.replace("0.5", "1.0"))
    reader = a_reader(workspace)
    listed(workspace, reader)
    reads(workspace, reader, marked[0], True)
    lesions_of(workspace, marked[0], 0, model="second", made_at="2026-11-21T10:01")
    listed(workspace, a_reader(Workspace.open(workspace.root), "R-02"))
    rows = [e for e in Workspace.open(workspace.root).ledger.entries() if e.action == Action.SAMPLE]
    assert [(e.model, e.details["stratum"]) for e in rows] == [("glioma-test", MARKED), ("second", UNMARKED)]
    report = audit(Workspace.open(workspace.root), a_reader(workspace, "A-01", Role.AUDITOR).session)
    assert {m.group: m.value for m in report.named("sensitivity_study_level")} == {"glioma-test": None, "second": 0.0}
    (alone,) = [m for m in report.named("sensitivity_study_level") if m.group == "glioma-test"]
    assert (alone.low, alone.undefined) == (None, "no control study has been read yet")


def test_the_estimate_follows_from_the_rows_and_has_a_measure_of_its_own(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    here = set(listed(workspace, reader))
    controls = [s for s in unmarked if s.id in here]
    for study, present in [
        *zip(marked, (True, True, False), strict=True),
        *zip(controls, (True, False, False, False), strict=True),
    ]:
        reads(workspace, reader, study, present)
    prediction = reader.opens(marked[0]).newest.prediction
    reader.judges(marked[0], prediction, 1, Action.REJECT, reason="vessel")
    reader.opens(marked[2])
    second = a_reader(workspace, "R-02")  # Shown before it was read: it counts for nothing.
    (made,) = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session).named("sensitivity_study_level")
    assert made.group == "glioma-test" and made.value == pytest.approx(2 / (2 + 1 / 0.5)) and made.unit == "studies"
    assert made.low is not None and made.low < made.value < made.high
    assert made.beside == {"true_studies": 2, "missed_found": 1, "missed_estimated": 2.0, "studies_unmarked": 8,
                           "controls_read": 4, "inclusion_probability": 0.5, "marked_elsewhere": 1}  # fmt: skip
    assert "Study level only" in made.method and (made.n.studies, made.n.patients) == (7, 7)
    assert audit(workspace, second.session).named("sensitivity_study_level") == (), "it is not for who still reads"


def test_with_none_found_there_is_only_a_lower_bound(tmp_path):
    workspace, marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    here = set(listed(workspace, reader))
    for study in (*marked, *(s for s in unmarked if s.id in here)):
        reads(workspace, reader, study, study in marked)
    (made,) = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session).named("sensitivity_study_level")
    assert made.value is None and made.high is None and "4 control studies read" in made.undefined
    assert made.low == pytest.approx(3 / (3 + 4.3219), abs=1e-4)


def test_who_saw_the_result_before_controls_ran_is_not_asked_and_not_counted(tmp_path):
    workspace, marked, _unmarked = a_site(tmp_path, settings="")
    early = a_reader(workspace)
    early.opens(marked[0])
    (workspace.root / "settings.toml").write_text(ON)
    later = Workspace.open(workspace.root)
    listed(later, early)
    again = a_reader(later)
    assert isinstance(again.opens(marked[0]), Revealed) and isinstance(again.opens(marked[1]), Withheld)
    reads(later, again, marked[0], True)
    assert audit(later, a_reader(later, "A-01", Role.AUDITOR).session).named("sensitivity_study_level") == ()


def test_what_cannot_be_recorded_is_not_drawn_and_not_listed(tmp_path, monkeypatch):
    workspace, _marked, _unmarked = a_site(tmp_path)
    reader = a_reader(workspace)

    def refuse(*_rows):
        raise LedgerWriteFailed("The row was not written.", "The disk is full.", "Free space.")

    with monkeypatch.context() as broken:
        broken.setattr(type(workspace.ledger), "append", lambda _self, *rows: refuse(*rows))
        assert listed(workspace, reader) == []
    assert len(listed(workspace, reader)) == 7


def test_a_study_opened_by_its_address_looks_like_any_other(tmp_path):
    workspace, _marked, unmarked = a_site(tmp_path)
    reader = a_reader(workspace)
    here = set(listed(workspace, reader))
    left = next(s for s in unmarked if s.id not in here)
    cases = {c.study: c for c in case_list(workspace, reader.session, also=left.id)}
    assert set(cases) == here | {left.id}
    alike = {(c.state, c.readers, c.detail, len(c.short), c.assigned) for c in cases.values()}
    assert alike == {("new", (), "", 8, ())}
    assert left.id not in set(listed(workspace, reader)), "and it is not in the list for having been opened"


def test_a_second_pass_owes_a_read_anew_and_counts_for_nothing(tmp_path):
    settings = ON + "repeat_share = 1.0\nrepeat_after = 1\n"
    workspace, marked, _unmarked = a_site(tmp_path, marked=2, unmarked=0, settings=settings)
    reader = a_reader(workspace)
    listed(workspace, reader)
    for study in marked:
        reads(workspace, reader, study, True)
        one = reader.opens(study).newest.prediction
        reader.judges(study, one, 1)
        reader.signs(study)
    first = next(s for s in marked if {c.study: c.state for c in case_list(workspace, reader.session)}[s.id] == "new")
    open_out_of(workspace, reader.session, first.id, "first_added")
    assert isinstance(reader.opens(first), Withheld) and not any(
        e.study == first.id for e in visible_entries(workspace, reader.session)
    )
    reads(workspace, reader, first, False)
    assert isinstance(reader.opens(first), Revealed)
    (made,) = audit(workspace, a_reader(workspace, "A-01", Role.AUDITOR).session).named("sensitivity_study_level")
    assert (made.beside["true_studies"], made.n.studies) == (2, 2)


def test_a_study_whose_volume_is_gone_keeps_nobody_from_the_list(tmp_path):
    workspace, marked, _unmarked = a_site(tmp_path)
    for path in (workspace.root / "studies" / marked[0].id).rglob("*.npy"):
        path.unlink()
    again = Workspace.open(workspace.root)
    assert len(listed(again, a_reader(again))) == 7 and len(sampled(again)) == 11


def test_with_blind_reading_too_the_list_is_still_drawn(tmp_path):
    workspace, marked, _unmarked = a_site(tmp_path, settings=BLIND + "control_rate_mr = 0.5\n")
    reader = a_reader(workspace)
    assert len(listed(workspace, reader)) == 7
    reads(workspace, reader, marked[0], False)
    assert isinstance(reader.opens(marked[0]), Revealed)
