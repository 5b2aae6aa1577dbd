"""Exports of decision sequences against DSES 0.1, by its paragraphs: order, information states, integrity, claims."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.casework.dses import CAUTION, EVENTS, NOT_ENFORCED, Names
from dashboard.casework.sequence_events import ENFORCED_ROLES
from dashboard.casework.sequences import LEFT_OUT, sequences_of
from dashboard.terms import Action, Role
from tests.builders.histories import BLIND_RULES, READERS, STUDIES, History, any_steps, under_blind_rules
from tests.builders.rows import entries_of
from tests.builders.shared import shared_data, shared_root
from tests.standards.dses_rules import problems, rehash

NAMES = Names(b"k" * 32)


def told(history: History) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The sequences of a history, by way of a true ledger."""
    with tempfile.TemporaryDirectory() as folder:
        sequences, left_out = sequences_of(entries_of(Path(folder), *history.rows), NAMES, under_blind_rules)
    return sequences, dict(left_out)


def a_sequence(*steps: str, **given: Any) -> dict[str, Any]:
    """The last sequence of one reader's steps on one study; 'reject 3' is a step with its number."""
    sequences, _ = told(a_history(*steps, **given))
    return sequences[-1]


def a_history(*steps: str, **given: Any) -> History:
    """One reader's steps on one study."""
    history = History(**given).begin()
    for step in steps:
        what, _, number = step.partition(" ")
        history.step(what, STUDIES[0], READERS[0], int(number or 0))
    return history


def types(sequence: dict[str, Any]) -> list[str]:
    """Its event types in their order."""
    return [event["event_type"] for event in sequence["events"]]


OPEN = ("predict", "show 1", "interact", "accept", "reject 3", "add", "sign 4")
BLIND = ("predict", "read 1", "show 1", "accept", "reject 2", "sign 4")
SERVED = {"identity": "invited", "protocol": BLIND_RULES}


def test_4_each_action_becomes_the_event_type_of_the_table():
    assert types(a_sequence("order", *OPEN, "anchor")) == [
        "case_context_created",
        "context_signal_recorded",
        "ai_result_available",
        "ai_result_presented",
        "ai_result_interacted",
        "human_state_committed",
        "human_state_committed",
        "attestation_recorded",
        "human_state_committed",
        "final_decision_committed",
        "integrity_event",
    ]
    assert types(a_sequence(*BLIND, **SERVED))[2:] == [
        "human_state_committed",
        "human_state_committed",
        "ai_result_presented",
        "human_state_revised",
        "human_state_revised",
        "attestation_recorded",
        "final_decision_committed",
    ]


def test_4_a_changed_verdict_revises_the_one_before():
    events = a_sequence("predict", "show 1", "accept", "reject", "undo", "accept", "sign")["events"]
    by_type = [e for e in events if "decision_state_ref" in e]
    first, second, third, final = by_type
    assert (first["event_type"], second["event_type"]) == ("human_state_committed", "human_state_revised")
    assert second["prior_decision_state_ref"] == first["decision_state_ref"]
    assert third["event_type"] == "human_state_committed", "what was withdrawn is no state to revise"
    assert final["extensions"]["overread.decision"]["states"] == [third["decision_state_ref"]]
    (withdrawal,) = [e for e in events if e["event_type"] == "integrity_event"]
    assert withdrawal["extensions"]["overread.row"]["supersedes_seq"] == second["extensions"]["overread.row"]["seq"]


def test_4_2_1_a_reopened_study_is_a_new_case_linked_to_the_old():
    sequences, left_out = told(a_history(*OPEN, "reopen", "reject 1", "sign 4"))
    old, new = sequences
    assert left_out == {} and new["reopens"] == old["case_ref"] != new["case_ref"]
    case = new["events"][0]["extensions"]["overread.case"]
    assert case == {"reopens": old["case_ref"], "head": old["events"][-1]["integrity"]["event_hash"]}
    assert types(old)[-2:] == ["final_decision_committed", "integrity_event"]
    assert types(new) == [
        "case_context_created",
        "ai_result_available",
        "ai_result_presented",
        "integrity_event",
        "human_state_committed",
        "attestation_recorded",
        "final_decision_committed",
    ]
    assert [e["extensions"]["overread.row"].get("known_before", False) for e in new["events"]] == [True] * 3 + [
        False
    ] * 4
    assert len(new["events"][-1]["extensions"]["overread.decision"]["states"]) == 3, "verdicts of before still stand"


def test_4_2_1_a_second_reading_is_a_new_case_that_knows_the_first():
    sequences, left_out = told(a_history(*BLIND, "again", "read 1", "show 1", "accept", "sign 4", **SERVED))
    first, second = sequences
    assert left_out == {} and second["repeats"] == first["case_ref"]
    assert first["conformance"] == {"level": "L3", "integrity_class": "I3"}
    assert second["conformance"] == {"level": "L2", "integrity_class": "I2"}, "the result had reached the reader before"
    assert len(second["events"][-1]["extensions"]["overread.decision"]["states"]) == 2, "the accept and the own read"


def test_4_2_1_what_was_not_signed_is_left_out_and_counted():
    assert told(a_history("predict", "show 1", "accept")) == ([], {"not_signed_off": 1})
    assert told(a_history("predict")) == ([], {}), "nobody has begun"
    assert told(a_history(*OPEN, "undo 1")) == ([], {"not_signed_off": 1})
    sequences, left_out = told(a_history(*OPEN, "reopen"))
    assert len(sequences) == 1 and left_out == {"not_signed_off": 1}
    events = a_sequence(*OPEN, "undo 1", "sign 4")["events"]
    assert "overread.sign_off_withdrawn" in [e["event_type"] for e in events] and not problems(
        {**SIGNED, "events": events}
    )
    rows = [row for row in a_history(*OPEN).rows if row.action != "intake"]
    assert told(History(rows=rows)) == ([], {"no_intake": 1})
    rows = [row for row in a_history(*OPEN).rows if row.action != "predict"]
    assert told(History(rows=rows)) == ([], {"result_not_recorded": 1})
    rows = a_history(*OPEN).rows
    assert told(History(rows=[*rows, rows[-1].__class__(**{**vars(rows[-1]), "event_id": "second"})])) == (
        [], {"several_sign_offs": 1},
    )  # fmt: skip


SIGNED = {"conformance": {"level": "L2", "integrity_class": "I2"}}


def test_4_2_1_what_came_after_the_decision_waits_for_the_next_case():
    history = a_history(*OPEN, "predict 1", "show 0", "reopen", "sign 4")
    old, new = told(history)[0]
    assert old["rows_after_decision"] == 3 and types(old).count("ai_result_available") == 1
    assert types(new).count("ai_result_available") == 2 and types(new).count("ai_result_presented") == 3


def test_6_2_an_unknown_exposure_is_an_extension_event_and_never_unexposed():
    sequence = a_sequence("predict", "show 1", "script", "accept 1", "sign 4")
    (event,) = [e for e in sequence["events"] if e["event_type"] == "overread.accept_unknown_exposure"]
    assert "information_state" not in event and event["actor"]["actor_type"] == "service"
    assert event["extensions"]["overread.row"]["exposure"] == "UNKNOWN" and problems(sequence) == []
    assert told(a_history("predict", "show 1", "accept", "script_sign")) == ([], {"exposure_unknown": 1})


def test_6_2_a_list_ordered_by_the_model_leaves_no_read_unexposed():
    events = a_sequence("order", *BLIND, **SERVED)["events"]
    states = [
        e["information_state"]["independence_class"] for e in events if e["event_type"] == "human_state_committed"
    ]
    assert states == ["INDIRECTLY_EXPOSED"] * 2
    states = [e["information_state"]["independence_class"] for e in a_sequence(*BLIND, **SERVED)["events"]]
    assert states == ["UNEXPOSED"] * 4 + ["DIRECTLY_EXPOSED"] * 5


@pytest.mark.parametrize(
    ("why", "given", "steps", "gap"),
    [
        (
            "nobody vouches for the reader",
            {"identity": "unverified", "protocol": BLIND_RULES},
            BLIND,
            "reader_not_known",
        ),
        ("a script may have looked", {"identity": "script", "protocol": BLIND_RULES}, (), ""),
        ("the rules were others", {"identity": "invited", "protocol": "o" * 64}, BLIND, "not_blind_first"),
        ("nobody knows the rules", {"identity": "invited", "protocol": "a" * 64}, BLIND, "rules_unknown"),
        ("an adjudicator is not kept blind so", {**SERVED, "role": "adjudicator"}, BLIND, "reader_not_known"),
        ("no own read was committed", SERVED, ("predict", "sign 4"), "shown_before_read"),
        ("no rules stand there", {"identity": "invited"}, ("predict", "show 1", "read", "sign 4"), "rules_unknown"),
        ("the read was withdrawn", SERVED, ("predict", "read", "undo 2", "sign 4"), "shown_before_read"),
        ("it is a case opened again", SERVED, (*BLIND, "reopen", "reject", "sign 4"), "shown_before_read"),
    ],
)
def test_7_only_what_was_enforced_claims_it(why, given, steps, gap):
    assert a_sequence(*BLIND, **SERVED)["conformance"] == {"level": "L3", "integrity_class": "I3"}
    if steps:
        sequence = a_sequence(*steps, **given)
        assert sequence["conformance"] == {"level": "L2", "integrity_class": "I2"}, why
        assert sequence["not_enforced"] == gap and NOT_ENFORCED[gap] in sequence["claim"], why
    else:
        assert told(a_history(*BLIND[:1], "script_sign", **given))[0] == []


def test_7_2_the_roles_of_the_claim_are_those_that_the_gate_holds_back(tmp_path):
    from dashboard.casework import is_withheld
    from tests.builders.cases import BLIND as BLIND_SETTINGS
    from tests.builders.cases import a_head_study, a_reader, a_workspace

    workspace = a_workspace(tmp_path, BLIND_SETTINGS)
    study = a_head_study(workspace)
    assert {r for r in Role if is_withheld(workspace, a_reader(workspace, "R-01", r).session, study.id)} == set(
        ENFORCED_ROLES
    )


def _swap(events, one, other):
    a, b = (next(n for n, e in enumerate(events) if e["event_type"] == t) for t in (one, other))
    events[a], events[b] = events[b], events[a]


def _drop(events, which):
    events[:] = [e for e in events if e["event_type"] != which]


def _move_to_front(events, which):
    event = next(e for e in events if e["event_type"] == which)
    events.remove(event)
    events.insert(2, event)
    for e in events[2:]:
        e["information_state"] = copy.deepcopy(event["information_state"])


def _of(events, which):
    return next(e for e in events if e["event_type"] == which)


BROKEN = {
    "4.2.1 not exactly one final": lambda e: _drop(e, "final_decision_committed"),
    "4.2.1 does not begin": lambda e: _drop(e, "case_context_created"),
    "4.2.1 goes on": lambda e: _swap(e, "final_decision_committed", "human_state_revised"),
    "4.2.2 shown before": lambda e: _drop(e, "ai_result_available"),
    "4.2.3 revises": lambda e: _of(e, "human_state_revised").update(prior_decision_state_ref="sha256:0"),
    "4.2.4 shown before": lambda e: _move_to_front(e, "ai_result_presented"),
    "4.2.4 the enforcement": lambda e: e[0]["integrity"].pop("enforcement"),
    "4.1 more than one case": lambda e: e[-1].update(case_ref="another"),
    "4.1 an id stands twice": lambda e: e[-1].update(event_id=e[0]["event_id"]),
    "4 an attestation": lambda e: _of(e, "attestation_recorded")["attestation"].update(attached_to_event_id="none"),
    "6.2 not what had reached": lambda e: _of(e, "human_state_revised")["information_state"].update(
        exposure_classes=[]
    ),
    "6.2 the independence": lambda e: e[-1]["information_state"].update(independence_class="UNEXPOSED"),
    "6.2 an event without": lambda e: e[0].pop("information_state"),
    "7 claims more": lambda e: e[1]["integrity"].update({"class": "I2"}),
    "7 a state is not": lambda e: _of(e, "human_state_committed")["extensions"]["overread.decision"].update(seq=99),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_checker_finds_what_is_broken_even_when_the_chain_is_made_anew(what):
    sequence = copy.deepcopy(a_sequence(*BLIND, **SERVED))
    assert problems(sequence) == []
    BROKEN[what](sequence["events"])
    rehash(sequence["events"])
    assert any(problem.startswith(what) for problem in problems(sequence)), problems(sequence)


def test_7_a_changed_event_breaks_the_chain():
    for number in range(9):
        sequence = copy.deepcopy(a_sequence(*BLIND, **SERVED))
        sequence["events"][number]["recorded_at"] = "2026-01-01T00:00:00.000Z"
        assert "7 the chain does not hold" in problems(sequence)


@given(steps=any_steps(12), served=st.booleans(), blind=st.booleans())
@settings(max_examples=120)
def test_any_lawful_history_gives_valid_sequences_or_is_counted(steps, served, blind):
    history = History("invited" if served else "unverified", BLIND_RULES if blind else "").begin()
    for step in steps:
        history.step(*step)
    sequences, left_out = told(history)
    for sequence in sequences:
        assert problems(sequence) == []
        assert sequence["conformance"]["level"] != "L3" or (served and blind)
        for event in sequence["events"]:
            row = event["extensions"]["overread.row"]
            assert event["event_type"] in EVENTS[Action(row["action"])] or event["event_type"].startswith("overread.")
    ids = [event["event_id"] for sequence in sequences for event in sequence["events"]]
    assert len(ids) == len(set(ids)) and set(left_out) <= {"not_signed_off", "exposure_unknown"} < set(LEFT_OUT)
    assert len(sequences) + sum(left_out.values()) == _cases(history)
    written = json.dumps(sequences)
    assert not any(reader in written for reader in (*READERS, "Anna", "Beispiel")), "pseudonyms only"
    assert not any(f'"{row.event_id}"' in written for row in history.rows), "keyless ids stay in the ledger"


def _cases(history: History) -> int:
    """Cases counted from the rows: one a study and reader who did something, one more each time it was opened again."""
    begun = {(r.study, r.reader) for r in history.rows if r.study and r.identity != "system" and r.action != "lookup"}
    reopened = sum(row.action == "reopen" for row in history.rows)
    return len(begun) + reopened + sum(bool(row.details.get("again")) for row in history.rows)


@given(steps=any_steps(12))
@settings(max_examples=20)
def test_the_same_ledger_gives_the_same_export_and_another_key_other_names(steps):
    history = History().begin()
    for step in [*steps, ("sign", *STEP_OF_ONE)]:
        history.step(*step)
    with tempfile.TemporaryDirectory() as folder:
        entries = entries_of(Path(folder), *history.rows)
        once, again = (sequences_of(entries, NAMES, under_blind_rules) for _ in range(2))
        other, _ = sequences_of(entries, Names(b"j" * 32), under_blind_rules)
    assert once == again
    refs = {event["actor"]["actor_ref"] for s in once[0] for event in s["events"]} - {"overread"}
    assert not refs & {event["actor"]["actor_ref"] for s in other for event in s["events"]}


STEP_OF_ONE = (STUDIES[0], READERS[0], 1)


def _reference(name: str) -> Any:
    shared_data()
    return json.loads((shared_root() / "reference" / "dses" / name).read_text(encoding="utf-8"))


@pytest.mark.shared
def test_4_1_every_event_is_valid_against_the_schema():
    schema = _reference("dses-v0.1.schema.json")
    validator = jsonschema.Draft202012Validator(schema)
    histories = [
        a_history("order", *OPEN, "reopen", "script", "sign 4", "fault", "anchor"),
        a_history(*BLIND, "assign", "sample", "again", "read", "show 2", "sign 4", "undo 1", "sign 3", **SERVED),
    ]
    events = [event for history in histories for s in told(history)[0] for event in s["events"]]
    assert len(events) > 40 and len({e["event_type"] for e in events} & set(sum(EVENTS.values(), ()))) == 10
    for event in events:
        assert [error.message for error in validator.iter_errors(event)] == []
    for name in ("event_id", "integrity", "case_ref"):
        assert list(validator.iter_errors({k: v for k, v in events[0].items() if k != name}))


@pytest.mark.shared
@given(steps=any_steps(12), served=st.booleans())
@settings(max_examples=40)
def test_4_1_any_lawful_history_is_valid_against_the_schema(steps, served):
    validator = jsonschema.Draft202012Validator(_reference("dses-v0.1.schema.json"))
    history = History("invited" if served else "unverified", BLIND_RULES if served else "").begin()
    for step in steps:
        history.step(*step)
    for sequence in told(history)[0]:
        assert [e.message for event in sequence["events"] for e in validator.iter_errors(event)] == []


@pytest.mark.shared
def test_4_2_the_rules_here_accept_the_specifications_own_example():
    example = _reference("example-sequence.json")
    found = set(problems({**example, "caution": CAUTION}, hashes=False))
    ours = {"6.2 an event without its independence class", "4.2.4 the enforcement is not named"}
    assert found == ours, "what this export does beyond the text: a class in every event, enforcement in every event"


@pytest.mark.shared
def test_8_the_caution_is_the_specifications_own():
    shared_data()
    text = (shared_root() / "reference" / "dses" / "DSES-v0.1.md").read_text(encoding="utf-8")
    assert CAUTION in text
