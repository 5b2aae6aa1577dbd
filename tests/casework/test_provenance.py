"""The ledger as FHIR R4B: every resource validates, every row is told, nobody is named."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.provenance import Provenance
from hypothesis import example, given, settings

from dashboard.casework.dses import Names
from dashboard.casework.provenance import ACTIVITIES, AUDIT_ACTIONS, SYSTEMS, provenance_of
from dashboard.casework.sequences import sequences_of
from dashboard.ledger import LedgerEntry
from dashboard.terms import Action
from tests.builders.histories import READERS, STUDIES, History, any_steps, under_blind_rules
from tests.builders.rows import entries_of

NAMES = Names(b"k" * 32)
LIFE = ("predict", "order", "read 1", "show 1", "interact", "accept", "reject 3", "undo", "add", "sign 4", "reopen",
        "script", "sign", "assign", "fault", "anchor", "lookup", "sample")  # fmt: skip


def rows_of(*steps: str) -> tuple[LedgerEntry, ...]:
    """One reader's steps on one study, as entries of a true ledger."""
    history = History().begin()
    for step in steps:
        what, _, number = step.partition(" ")
        history.step(what, STUDIES[0], READERS[0], int(number or 0))
    with tempfile.TemporaryDirectory() as folder:
        return entries_of(Path(folder), *history.rows)


def resources(bundle: dict[str, Any], kind: str) -> dict[int, dict[str, Any]]:
    """The bundle's resources of a kind by the row's number."""
    found = [entry["resource"] for entry in bundle["entry"]]
    return {r["extension"][0]["valueInteger"]: r for r in found if r["resourceType"] == kind}


def test_a_bundle_of_r4b_holds_an_audit_event_a_row_and_a_provenance_a_judgement():
    entries = rows_of(*LIFE)
    bundle = provenance_of(entries, NAMES)
    read = Bundle.model_validate(bundle)
    kinds = {type(entry.resource) for entry in read.entry}
    assert kinds == {AuditEvent, Provenance} and read.type == "collection"
    assert json.loads(read.model_dump_json())["entry"][3]["resource"]["agent"], "R4B reads back what was written"
    events, judgements = resources(bundle, "AuditEvent"), resources(bundle, "Provenance")
    assert set(events) == {e.seq for e in entries}
    assert set(judgements) == {e.seq for e in entries if e.action in ACTIVITIES}
    for entry in entries:
        event = events[entry.seq]
        assert event["action"] == AUDIT_ACTIONS[Action(entry.action)]
        assert event["subtype"] == [{"system": SYSTEMS["action"], "code": entry.action}]
        assert event["recorded"] == entry.recorded_at and event["period"]["start"] == entry.occurred_at
        assert event["outcome"] == ("4" if entry.action == "fault" else "0")


def test_a_changed_verdict_is_an_update_that_names_what_it_replaces():
    entries = rows_of("predict", "show 1", "accept", "reject", "undo", "sign 4")
    accept, reject, amend, sign = entries[-4:]
    found = resources(provenance_of(entries, NAMES), "Provenance")
    activity = {seq: p["activity"]["coding"][0]["code"] for seq, p in found.items()}
    assert activity == {accept.seq: "CREATE", reject.seq: "UPDATE", amend.seq: "NULLIFY", sign.seq: "CREATE"}
    source = {"role": "source", "what": {"identifier": {"system": SYSTEMS["prediction"], "value": accept.prediction}}}
    assert found[accept.seq]["entity"] == [source]
    lineage = [(e["role"], e["what"]["identifier"]["value"]) for e in found[reject.seq]["entity"]]
    assert lineage == [("revision", str(accept.seq)), ("source", accept.prediction)]
    assert found[amend.seq]["entity"][0]["role"] == "removal"
    assert found[reject.seq]["reason"] == [{"coding": [{"system": SYSTEMS["reason"], "code": "vessel"}]}]
    target = found[accept.seq]["target"][0]["identifier"]["value"]
    assert target == f"{STUDIES[0]}/{accept.prediction[:12]}.1"
    assert found[sign.seq]["target"][0]["identifier"]["value"] == STUDIES[0]


def test_exposure_and_identity_stand_in_each_human_event():
    entries = rows_of("predict", "show 1", "accept", "script 1")
    events = resources(provenance_of(entries, NAMES), "AuditEvent")
    details = {d["type"]: d["valueString"] for d in events[entries[-1].seq]["entity"][0]["detail"]}
    assert details == {"exposure": "UNKNOWN", "identity": "script"}
    assert events[entries[-1].seq]["type"]["code"] == "overread.accept_unknown_exposure"
    details = {d["type"]: d["valueString"] for d in events[entries[-2].seq]["entity"][0]["detail"]}
    assert details["exposure"] == "LOCALIZATION+QUANTITATIVE"


def test_every_action_has_its_code():
    assert set(AUDIT_ACTIONS) == set(Action) and set(AUDIT_ACTIONS.values()) == set("CRUDE")


def test_a_bundle_that_is_wrong_is_refused_by_the_same_check():
    bundle = provenance_of(rows_of(*LIFE), NAMES)
    for spoil in (
        lambda r: r.pop("agent"), lambda r: r.update(recorded="yesterday"), lambda r: r.update(nonsense=1),
    ):  # fmt: skip
        spoiled = json.loads(json.dumps(bundle))
        spoil(spoiled["entry"][3]["resource"])
        with pytest.raises(ValueError, match="validation error"):
            Bundle.model_validate(spoiled)


SECOND_PASS = [(step, STUDIES[0], READERS[0], 0)
               for step in ("predict", "read", "show", "accept", "sign", "again", "reject", "sign")]  # fmt: skip


@given(steps=any_steps(12))
@example(steps=SECOND_PASS)
@settings(max_examples=40)
def test_any_lawful_history_validates_says_what_the_sequences_say_and_names_nobody(steps):
    history = History().begin()
    for step in steps:
        history.step(*step)
    with tempfile.TemporaryDirectory() as folder:
        entries = entries_of(Path(folder), *history.rows)
    bundle = provenance_of(entries, NAMES)
    Bundle.model_validate(bundle)
    ids = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(ids) == len(set(ids))
    written = json.dumps(bundle)
    assert not any(reader in written for reader in (*READERS, "Anna", "Beispiel"))
    events = resources(bundle, "AuditEvent")
    for sequence in sequences_of(entries, NAMES, under_blind_rules)[0]:
        told: dict[int, set[str]] = {}
        for event in sequence["events"]:
            told.setdefault(event["extensions"]["overread.row"]["seq"], set()).add(event["event_type"])
        for seq, types in told.items():
            withdrawn = "overread.sign_off_withdrawn" in types
            assert withdrawn or events[seq]["type"]["code"] in types, (types, events[seq]["type"])
