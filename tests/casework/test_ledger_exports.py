"""The ledger taken away, by the program's own path: what each mode may claim, and what a blinded reader gets."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dashboard.casework import LEDGER_FORMATS, ledger_export, reopen
from dashboard.casework.dses import CAUTION
from dashboard.errors import UsageError
from dashboard.terms import Action, Identity, Role
from dashboard.workspace import Workspace
from tests.builders.cases import BLIND, Reader, a_reader, a_script, a_session
from tests.builders.readings import a_case, another_case, reviews
from tests.standards.dses_rules import problems


def sequences(workspace, reader: Reader | None = None):
    """The exported sequences, and the numbers beside them."""
    text, counts = ledger_export(workspace, (reader or a_script(workspace, "overread")).session, "dses")
    return json.loads(text), counts


def test_an_enforced_read_on_a_server_is_l3_at_i3_and_carries_the_caution(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND)
    reviews(a_reader(workspace), study, prediction, blind=True)
    said, counts = sequences(workspace)
    (sequence,) = said["sequences"]
    assert sequence["conformance"] == {"level": "L3", "integrity_class": "I3"} and problems(sequence) == []
    assert all(e["integrity"]["enforcement"] == ["sole_path"] for e in sequence["events"])
    assert said["caution"] == sequence["caution"] == CAUTION
    assert counts == {"sequences": 1, "left_out": 0, "left_out_because": {}}
    head = workspace.ledger.head()
    assert said["ledger"] == {"seq": head.seq, "hash": head.hash}
    (workspace.root / "settings.toml").write_text("[review]\nblind_first = false\n")
    later, _ = sequences(Workspace.open(workspace.root))
    assert later["sequences"] == said["sequences"], "the rules of then are in its rows"


OTHERWISE = "[review]\nblind_first = false\nconfidence = true\nreasons_mr = 'vessel'\nrepeat_after = 3\n"


def _under_other_settings(workspace):
    (workspace.root / "settings.toml").write_text(OTHERWISE)
    return Workspace.open(workspace.root)


def test_settings_that_do_not_bear_on_the_order_take_no_claim_away(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND + "confidence = true\nreaders = 2\n")
    reviews(a_reader(workspace), study, prediction, blind=True)
    first = sequences(workspace)[0]["sequences"]
    assert [s["conformance"]["level"] for s in first] == ["L3"]
    later = _under_other_settings(workspace)
    other = another_case(later, seed=1)
    reviews(a_reader(later, "R-02"), *other, blind=False)
    told = {s["case_ref"]: s for s in sequences(later)[0]["sequences"]}
    assert told.pop(first[0]["case_ref"]) == first[0], "read blind then, whatever is asked for now"
    (open_,) = told.values()
    assert open_["conformance"]["level"] == "L2" and open_["not_enforced"] == "not_blind_first"


def test_rules_that_nobody_kept_or_that_were_changed_afterwards_claim_nothing(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND + "confidence = true\n")
    reviews(a_reader(workspace), study, prediction, blind=True)
    (kept,) = (workspace.root / "reviews" / "protocols").glob("*.json")
    later = _under_other_settings(workspace)
    assert sequences(later)[0]["sequences"][0]["conformance"]["level"] == "L3"
    for forged in (
        None,
        "{}",
        "[]",
        "no JSON",
        kept.read_text().replace('"review.confidence": true', '"review.confidence": false'),
    ):
        kept.unlink(missing_ok=True)
        if forged is not None:
            kept.write_text(forged)
        (sequence,) = sequences(Workspace.open(later.root))[0]["sequences"]
        assert sequence["conformance"] == {"level": "L2", "integrity_class": "I2"}, forged
        assert sequence["not_enforced"] == "rules_unknown" and "digest alone" in sequence["claim"]


def test_rules_that_can_not_be_kept_lose_no_verdict(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND)
    (workspace.root / "reviews").mkdir(exist_ok=True)
    (workspace.root / "reviews" / "protocols").write_text("in the way")
    reviews(a_reader(workspace), study, prediction, blind=True)
    assert sequences(workspace)[0]["sequences"][0]["conformance"]["level"] == "L3", "the rules in force are known"
    (sequence,) = sequences(_under_other_settings(workspace))[0]["sequences"]
    assert sequence["not_enforced"] == "rules_unknown"


@pytest.mark.parametrize("settings", ["", BLIND])
def test_single_user_mode_is_never_above_l2_at_i2(tmp_path, settings):
    workspace, study, prediction = a_case(tmp_path, settings)
    alone = Reader(workspace, replace(a_session(), identity=Identity.UNVERIFIED))
    reviews(alone, study, prediction, blind=bool(settings))
    said, _ = sequences(workspace)
    (sequence,) = said["sequences"]
    assert sequence["conformance"] == {"level": "L2", "integrity_class": "I2"} and problems(sequence) == []
    assert not any("enforcement" in e["integrity"] for e in sequence["events"]) and said["caution"] == CAUTION


def test_a_server_that_shows_at_once_claims_no_order(tmp_path):
    workspace, study, prediction = a_case(tmp_path)
    reviews(a_reader(workspace), study, prediction, blind=False)
    assert sequences(workspace)[0]["sequences"][0]["conformance"]["level"] == "L2"


def test_a_command_that_looked_in_the_readers_name_takes_the_claim_away(tmp_path):
    from dashboard.casework import reveal

    workspace, study, prediction = a_case(tmp_path, BLIND)
    reader = a_reader(workspace)
    reveal(workspace, a_script(workspace, "R-01").session, study, operator=True)
    reviews(reader, study, prediction, blind=True)
    (sequence,) = sequences(workspace)[0]["sequences"]
    assert sequence["conformance"]["level"] == "L2" and problems(sequence) == []
    read = next(e for e in sequence["events"] if e["event_type"] == "human_state_committed")
    assert read["information_state"]["independence_class"] == "DIRECTLY_EXPOSED"


def test_a_reopened_study_goes_on_as_a_linked_case(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND)
    reader = a_reader(workspace)
    reviews(reader, study, prediction, blind=True)
    reopen(workspace, reader.session, study)
    assert sequences(workspace)[1] == {"sequences": 1, "left_out": 1, "left_out_because": {"not_signed_off": 1}}
    reader.judges(study, prediction, 1, Action.UNSURE)
    reader.signs(study, comment="second thoughts")
    old, new = sequences(workspace)[0]["sequences"]
    assert new["reopens"] == old["case_ref"] and problems(old) == problems(new) == []
    assert [s["conformance"]["level"] for s in (old, new)] == ["L3", "L2"]


def test_a_blinded_reader_gets_nothing_of_the_study_in_any_format(tmp_path):
    workspace, study, prediction = a_case(tmp_path, BLIND)
    reviews(a_reader(workspace), study, prediction, blind=True)
    other = a_reader(workspace, "R-02")
    for format_ in LEDGER_FORMATS:
        text, counts = ledger_export(workspace, other.session, format_)
        assert study.id not in text and prediction.digest not in text, format_
        assert not any(n for n in counts.values() if isinstance(n, int)), format_
    assert "ledger" not in sequences(workspace, other)[0], "not even how many rows there are"
    assert study.id in ledger_export(workspace, a_reader(workspace, "A", Role.AUDITOR).session, "fhir")[0]


def test_neither_reader_nor_comment_is_named(tmp_path):
    workspace, study, prediction = a_case(tmp_path)
    reviews(Reader(workspace, a_session("Anna Beispiel")), study, prediction, blind=False)
    keyless = {e.event_id for e in workspace.ledger.entries()}
    for format_ in ("dses", "fhir"):
        text, _ = ledger_export(workspace, a_script(workspace, "overread").session, format_)
        assert "Beispiel" not in text and "seen before" not in text and not any(i in text for i in keyless)


def test_another_format_is_wrong_usage(tmp_path):
    workspace, _study, _prediction = a_case(tmp_path)
    with pytest.raises(UsageError, match="csv, jsonl, dses or fhir"):
        ledger_export(workspace, a_script(workspace).session, "xlsx")
