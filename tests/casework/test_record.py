"""What a reader says becomes one row; what a rule or the disk refuses becomes a draft."""

from __future__ import annotations

import errno
import json
import os
import threading

import numpy as np
import pytest

from dashboard.casework import Intent, record_interaction, record_read, record_sign_off, record_verdict, reopen, undo
from dashboard.errors import (
    LedgerWriteFailed,
    NoFrameInCommon,
    NotDisplayed,
    StalePage,
    StudyNotFound,
    VerdictRefused,
    VerdictRule,
)
from dashboard.ledger import current_verdicts, last_act
from dashboard.terms import Action, Scope
from tests.builders.cases import BLIND, a_head_study, a_reader, a_script, a_workspace, lesions_of
from tests.builders.mri_grids import a_label_file


@pytest.fixture
def desk(tmp_path):
    """A workspace, a study with two lesions, and a reader who has it open."""
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    reader.opens(study)
    return workspace, study, prediction, reader


def test_a_verdict_says_who_judged_what_having_seen_what(desk):
    workspace, study, prediction, reader = desk
    row = reader.judges(study, prediction, 2, Action.REJECT, reason="vessel", comment="near the Sylvian fissure",
                        confidence=4, view={"slice": 3}, active_s=7.5, occurred_at="2026-11-22T10:15:30.123Z")  # fmt: skip
    assert (row.action, row.reader, row.role, row.identity) == ("reject", "R-01", "radiologist", "invited")
    assert row.exposure == "PRESENCE+CATEGORICAL+LOCALIZATION+QUANTITATIVE"
    assert (row.study, row.subject, row.kind, row.input_digest) == (study.id, study.subject, "mr", study.input_digest)
    assert (row.prediction, row.finding, row.finding_kind, row.score) == (prediction.digest, "2", "lesion", 0.7)
    assert (row.reason, row.confidence, row.view, row.active_s) == ("vessel", 4, {"slice": 3}, 7.5)
    assert row.occurred_at == "2026-11-22T10:15:30.123Z" and row.supersedes == "" and len(row.protocol) == 64
    assert workspace.ledger.comments()[row.event_id] == "near the Sylvian fissure"


def test_a_changed_verdict_names_the_one_it_replaces(desk):
    workspace, study, prediction, reader = desk
    first = reader.judges(study, prediction, 1)
    second = reader.judges(study, prediction, 1, Action.UNSURE)
    assert second.supersedes == first.event_id
    key = (study.id, prediction.digest, "1", "R-01")
    assert current_verdicts(workspace.ledger.entries()) == {key: second}


def test_a_click_that_arrives_twice_is_one_row(desk):
    workspace, study, prediction, reader = desk
    intent = reader.intent(study, prediction, 1)
    rows = {
        record_verdict(
            workspace, reader.session, study, Action.ACCEPT, prediction, prediction.finding(1), given
        ).event_id
        for given in (intent, intent, Intent(shown=True, active_s=99.0, view={"slice": 1}))
    }
    assert len(rows) == 1 and [e.action for e in workspace.ledger.entries()] == ["present", "accept"]


def test_two_tabs_at_the_same_moment_make_one_row_and_one_refusal(desk):
    workspace, study, prediction, reader = desk
    intent = reader.intent(study, prediction, 1)
    outcomes = []

    def click(action):
        try:
            outcomes.append(
                record_verdict(
                    workspace, reader.session, study, action, prediction, prediction.finding(1), intent
                ).action
            )
        except StalePage as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=click, args=(a,)) for a in (Action.ACCEPT, Action.UNSURE, Action.MODIFY) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    judged = [e.action for e in workspace.ledger.entries() if e.action != "present"]
    assert len(judged) == 1 and outcomes.count(judged[0]) == 3 and outcomes.count("stale_page") == 6


def test_the_same_finding_number_of_another_model_is_another_row(desk):
    workspace, study, prediction, reader = desk
    other = lesions_of(workspace, study, 1, model="another")
    rows = [reader.judges(study, p, 1) for p in (prediction, other)]
    assert rows[0].event_id != rows[1].event_id and [r.prediction for r in rows] == [prediction.digest, other.digest]


def test_a_page_drawn_before_another_verdict_is_refused_and_kept_as_a_draft(desk):
    workspace, study, prediction, reader = desk
    old = reader.intent(study, prediction, 1, comment="kept")
    reader.judges(study, prediction, 1)
    with pytest.raises(StalePage):
        record_verdict(workspace, reader.session, study, Action.REJECT, prediction, prediction.finding(1),
                       Intent(**{**old.__dict__, "reason": "vessel"}))  # fmt: skip
    kept = json.loads(workspace.drafts.get("R-01", study.id, "refused-1"))
    assert (kept["action"], kept["error"], kept["intents"][0]["comment"]) == ("reject", "stale_page", "kept")
    reader.judges(study, prediction, 1, Action.REJECT, reason="vessel")
    assert workspace.drafts.count("R-01") == 0, "the draft stays although its verdict was recorded"


def test_accept_undo_accept_are_three_rows(desk):
    workspace, study, prediction, reader = desk
    before = reader.intent(study, prediction, 1)
    first = reader.judges(study, prediction, 1)
    amend = undo(workspace, reader.session, first.event_id)
    assert (amend.action, amend.supersedes, amend.finding) == ("amend", first.event_id, "1")
    assert undo(workspace, reader.session, first.event_id) == amend, (
        "a second Ctrl+Z on the same page is the same click"
    )
    with pytest.raises(StalePage, match="taken back"):
        record_verdict(workspace, reader.session, study, Action.ACCEPT, prediction, prediction.finding(1), before)
    second = reader.judges(study, prediction, 1)
    assert [e.action for e in workspace.ledger.entries()] == ["present", "accept", "amend", "accept"]
    assert second.event_id != first.event_id and second.supersedes == ""


def test_only_ones_own_standing_verdict_is_withdrawn(desk):
    workspace, study, prediction, reader = desk
    row = reader.judges(study, prediction, 1)
    with pytest.raises(VerdictRule):
        undo(workspace, a_reader(workspace, "R-02").session, row.event_id)
    present = workspace.ledger.entries()[0]
    with pytest.raises(VerdictRule):
        undo(workspace, reader.session, present.event_id)
    with pytest.raises((VerdictRule, StudyNotFound)):
        undo(workspace, reader.session, "no such id")


@pytest.mark.parametrize(
    ("action", "said", "error"),
    [
        (Action.ACCEPT, {"shown": False}, NotDisplayed),
        (Action.REJECT, {}, VerdictRule),
        (Action.SIGN_OFF, {}, VerdictRule),
    ],
)
def test_what_a_rule_refuses_is_kept_as_a_draft(desk, action, said, error):
    workspace, study, prediction, reader = desk
    with pytest.raises(error):
        reader.judges(study, prediction, 1, action, **said)
    assert workspace.drafts.of("R-01", study.id) == ("refused-1",)
    assert [e.action for e in workspace.ledger.entries()] == ["present"]


def test_a_full_disk_keeps_the_verdict_as_a_draft(desk, monkeypatch):
    workspace, study, prediction, reader = desk
    real, path = os.write, str(workspace.ledger.path)

    def full(descriptor, data):
        if os.readlink(f"/proc/self/fd/{descriptor}") == path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(LedgerWriteFailed, match="No space"):
            reader.judges(study, prediction, 1, comment="worth keeping")
    assert b"worth keeping" in workspace.drafts.get("R-01", study.id, "refused-1")
    reader.judges(study, prediction, 1, comment="worth keeping")
    assert [e.action for e in workspace.ledger.entries()] == ["present", "accept"]


def test_an_added_finding_is_the_readers_own(desk):
    workspace, study, prediction, reader = desk
    intent = reader.intent(study, point_lps=(1.0, 2.0, 3.004))
    row = record_verdict(workspace, reader.session, study, Action.ADD, prediction, None, intent)
    assert record_verdict(workspace, reader.session, study, Action.ADD, prediction, None, intent) == row
    assert row.finding.startswith("r-") and row.prediction == "" and row.model == "glioma-test"
    assert row.details == {"point_lps": [1, 2, 3]} and row.input_digest == study.input_digest
    undo(workspace, reader.session, row.event_id)
    again = reader.intent(study, point_lps=(1.0, 2.0, 3.004))
    second = record_verdict(workspace, reader.session, study, Action.ADD, prediction, None, again)
    assert second.event_id != row.event_id and second.finding != row.finding
    begun = "r-00000000-0000-4000-8000-000000000000"
    named = record_verdict(workspace, reader.session, study, Action.ADD, None, None, reader.intent(study, own=begun))
    assert named.finding == begun


def test_a_readers_mask_is_kept_and_measured(desk, tmp_path):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    mask = np.zeros(grid.shape, np.uint8)
    mask[1:3, 2:4, 2:5] = 1
    row = reader.judges(
        study, prediction, 1, Action.MODIFY, mask=a_label_file(tmp_path / "own.nii.gz", mask, grid.affine)
    )
    assert row.artifact == f"artifacts/{study.id}/{row.artifact_digest}.nii.gz"
    assert (workspace.root / row.artifact).is_file()
    assert row.details == {"edit": "imported", "volume_ml": 0.024, "dice": 0.8}
    elsewhere = grid.affine.copy()
    elsewhere[:3, 3] += 500
    with pytest.raises(NoFrameInCommon):
        reader.judges(study, prediction, 2, Action.MODIFY, mask=a_label_file(tmp_path / "x.nii.gz", mask, elsewhere))


def test_sign_off_needs_every_finding_judged_and_closes_the_study(desk):
    workspace, study, prediction, reader = desk
    reader.judges(study, prediction, 1)
    with pytest.raises(VerdictRule, match="1 of its 2"):
        reader.signs(study)
    reader.judges(study, prediction, 2, Action.UNSURE)
    intent = reader.intent(study)
    displayed = {study.volumes[0].digest: 0.51234}
    rows = {
        record_sign_off(
            workspace, reader.session, study, Scope.AI_FINDINGS, displayed=displayed, intent=intent
        ).event_id
        for _ in range(2)
    }
    assert len(rows) == 1
    row = workspace.ledger.entries()[-1]
    assert (row.action, row.scope, row.prediction) == ("sign_off", "ai_findings", prediction.digest)
    assert row.details == {"displayed": {study.volumes[0].digest: 0.5123}}
    with pytest.raises(VerdictRule, match="signed"):
        reader.judges(study, prediction, 1, Action.UNSURE)
    with pytest.raises(VerdictRule, match="before"):
        reader.signs(study)
    reopen(workspace, reader.session, study, "second look")
    reader.judges(study, prediction, 1, Action.UNSURE)
    with pytest.raises(VerdictRule):
        reopen(workspace, reader.session, study)
    assert reader.signs(study).event_id not in rows
    undo(workspace, reader.session, workspace.ledger.entries()[-1].event_id)
    assert reader.signs(study).seq == workspace.ledger.head().seq


def test_the_whole_study_under_full_display_needs_a_reason(desk):
    workspace, study, prediction, reader = desk
    for number in (1, 2):
        reader.judges(study, prediction, number)
    with pytest.raises(VerdictRule, match="90%"):
        reader.signs(study, Scope.WHOLE_STUDY, 0.9)
    assert workspace.drafts.of("R-01", study.id) == ("refused-sign_off",)
    assert reader.signs(study, Scope.WHOLE_STUDY, 0.9, reason="other").reason == "other"
    assert workspace.drafts.count("R-01") == 0


def test_without_a_result_only_the_whole_study_is_signed(tmp_path):
    workspace = a_workspace(tmp_path)
    study, reader = a_head_study(workspace), a_reader(workspace)
    with pytest.raises(VerdictRule, match="no model result"):
        reader.signs(study)
    row = reader.signs(study, Scope.WHOLE_STUDY)
    assert (row.exposure, row.prediction, row.scope) == ("NONE", "", "whole_study")


def test_a_result_that_came_in_unseen_is_not_signed_off(desk):
    workspace, study, prediction, reader = desk
    for number in (1, 2):
        reader.judges(study, prediction, number)
    lesions_of(workspace, study, 0, model="newer", made_at="2027-01-01T00:00")
    with pytest.raises(NotDisplayed, match="not seen"):
        reader.signs(study)
    reader.opens(study)
    assert reader.signs(study).model == "newer"


def test_a_script_says_so_and_needs_no_screen(tmp_path):
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    script = a_script(workspace)
    row = script.judges(study, prediction, 1, shown=False)
    assert (row.identity, row.exposure) == ("script", "UNKNOWN")
    again = script.judges(study, prediction, 1, shown=False)
    assert again.event_id != row.event_id and again.supersedes == row.event_id
    with pytest.raises(VerdictRule, match="script"):
        script.judges(study, prediction, 2)
        record_sign_off(workspace, script.session, study, Scope.WHOLE_STUDY, displayed={}, intent=Intent())


def test_a_read_is_committed_in_one_write_and_once(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study, reader = a_head_study(workspace), a_reader(workspace)
    intent = reader.intent(study)
    own = [Intent(point_lps=(1, 2, 3), confidence=4), Intent(point_lps=(4, 5, 6), confidence=2, comment="faint")]
    with pytest.raises(VerdictRule, match="names findings"):
        record_read(workspace, reader.session, study, present=False, findings=own, intent=intent)
    with pytest.raises(VerdictRule, match="no finding"):
        record_read(workspace, reader.session, study, present=True, intent=intent)
    assert b"names" not in workspace.drafts.get("R-01", study.id, "refused-read")
    row = record_read(workspace, reader.session, study, present=True, findings=own, intent=intent)
    assert record_read(workspace, reader.session, study, present=True, findings=own, intent=intent) == row
    entries = workspace.ledger.entries()
    assert [(e.action, e.finding[:2], e.exposure, e.prediction) for e in entries] == [
        ("read", "r-", "NONE", ""), ("read", "r-", "NONE", ""), ("read", "", "NONE", ""),
    ]  # fmt: skip
    assert entries[-1].details == {"present": True} and entries[1].details == {"point_lps": [4, 5, 6]}
    with pytest.raises(VerdictRule, match="before"):
        record_read(workspace, reader.session, study, present=False, intent=reader.intent(study))
    with pytest.raises(VerdictRule):
        undo(workspace, reader.session, entries[0].event_id)
    undo(workspace, reader.session, row.event_id)
    amended = [e for e in workspace.ledger.entries() if e.action == "amend"]
    assert [e.supersedes for e in amended] == [e.event_id for e in entries], "the read's findings go with it"
    record_read(workspace, reader.session, study, present=False, intent=reader.intent(study))


def test_a_committed_read_stays_once_the_model_was_shown(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study, reader = a_head_study(workspace), a_reader(workspace)
    lesions_of(workspace, study)
    row = record_read(workspace, reader.session, study, present=False, intent=reader.intent(study))
    reader.opens(study)
    with pytest.raises(VerdictRule, match="stays"):
        undo(workspace, reader.session, row.event_id)


def test_before_the_read_nothing_is_judged_or_signed(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study, reader = a_head_study(workspace), a_reader(workspace)
    prediction = lesions_of(workspace, study)
    for act in (
        lambda: reader.judges(study, prediction, 1),
        lambda: reader.signs(study),
        lambda: record_verdict(workspace, reader.session, study, Action.ADD, None, None, Intent()),
    ):
        with pytest.raises(VerdictRefused, match="blind"):
            act()
    assert workspace.ledger.entries() == ()


def test_handling_the_overlay_is_one_row_and_no_act_of_judgement(desk):
    workspace, study, prediction, reader = desk
    before = last_act(workspace.ledger.entries(), study.id, reader.session.reader)
    rows = [record_interaction(workspace, reader.session, study, prediction, "overlay") for _ in range(2)]
    assert rows[0] == rows[1] and rows[0].details == {"what": "overlay"}
    assert [e.action for e in workspace.ledger.entries()].count(Action.INTERACT) == 1
    assert last_act(workspace.ledger.entries(), study.id, reader.session.reader) == before


def test_a_blind_reader_handles_nothing(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    with pytest.raises(VerdictRule):
        record_interaction(workspace, a_reader(workspace).session, study, prediction, "overlay")
