"""The rules of DSES 0.1 that its JSON Schema can't say, written from the text alone: nothing of `dashboard` in here.

`problems(sequence)` names what is wrong by the paragraph that says so. Hashes are recomputed from the first event on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

__all__ = ["jcs", "problems", "rehash"]

CORE = {
    "case_context_created", "context_signal_recorded", "human_state_committed", "ai_result_available",
    "ai_result_presented", "ai_result_interacted", "human_state_revised", "final_decision_committed",
    "attestation_recorded", "integrity_event",
}  # fmt: skip
DECISIONS = {"human_state_committed", "human_state_revised", "final_decision_committed"}
DIRECT = {"CATEGORICAL", "LOCALIZATION", "QUANTITATIVE", "NARRATIVE", "DIRECTIVE"}


def jcs(value: Any) -> str:
    """RFC 8785: keys by UTF-16 code units, shortest numbers as ECMAScript writes them, no spaces."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{jcs(key)}:{jcs(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(jcs(item) for item in value) + "]"
    if isinstance(value, float):
        if value == int(value) and abs(value) < 1e21:
            return str(int(value))
        return re.sub(r"e-0?", "e-", repr(value))
    return json.dumps(value, ensure_ascii=False)


def _hash(event: dict[str, Any]) -> str:
    bare = {**event, "integrity": {k: v for k, v in event["integrity"].items() if k != "event_hash"}}
    return hashlib.sha256(jcs(bare).encode()).hexdigest()


def rehash(events: Sequence[dict[str, Any]]) -> None:
    """Number and chain changed events anew, as somebody would who wants to deceive."""
    previous = "GENESIS"
    for number, event in enumerate(events):
        event["sequence"] = number
        event["integrity"]["prev_event_hash"] = previous
        previous = event["integrity"]["event_hash"] = _hash(event)


def problems(sequence: dict[str, Any], *, hashes: bool = True) -> list[str]:
    """What of a sequence breaks the specification, each with its paragraph; empty where nothing does."""
    events = sequence["events"]
    found = _order(events) + _states(events) + _information(events) + _claims(sequence)
    return found + (_chain(events) if hashes else [])


def _order(events: list[dict[str, Any]]) -> list[str]:
    types = [e["event_type"] for e in events]
    found = []
    if types[0] != "case_context_created" or types.count("case_context_created") != 1:
        found.append("4.2.1 does not begin with its case")
    if types.count("final_decision_committed") != 1:
        found.append("4.2.1 not exactly one final decision")
    elif set(types[types.index("final_decision_committed") + 1 :]) - {"integrity_event"}:
        found.append("4.2.1 goes on after the final decision")
    if [e["sequence"] for e in events] != list(range(len(events))):
        found.append("4.1 ordinals are not monotonic")
    if len({e["case_ref"] for e in events}) != 1:
        found.append("4.1 more than one case")
    if len({e["event_id"] for e in events}) != len(events):
        found.append("4.1 an id stands twice")
    available = []
    for event in events:
        if event["event_type"] == "ai_result_available":
            available.append(event["ai_system"])
        elif event["event_type"] in ("ai_result_presented", "ai_result_interacted"):
            if not any(event["ai_system"].items() <= system.items() for system in available):
                found.append("4.2.2 shown before it was available")
        elif event["event_type"] not in CORE and "." not in event["event_type"]:
            found.append("4 not an event type")
        for name in ("occurred_at", "recorded_at"):
            if datetime.fromisoformat(event[name]).utcoffset() is None:
                found.append("4.1 a time without its zone")
    return found


def _states(events: list[dict[str, Any]]) -> list[str]:
    found, committed, ids = [], set(), {}
    for event in events:
        if event["event_type"] == "human_state_revised" and event["prior_decision_state_ref"] not in committed:
            found.append("4.2.3 revises what was not committed in this case")
        if event["event_type"] in DECISIONS:
            committed.add(event["decision_state_ref"])
            if "actor" not in event:
                found.append("4.1 a decision without its actor")
        if event["event_type"] == "attestation_recorded":
            attached = ids.get(event["attestation"]["attached_to_event_id"])
            if attached not in DECISIONS:
                found.append("4 an attestation attached to no earlier decision")
        ids[event["event_id"]] = event["event_type"]
    return found


def _information(events: list[dict[str, Any]]) -> list[str]:
    found, reached = [], set()
    for event in events:
        if event["event_type"] in ("context_signal_recorded", "ai_result_presented"):
            reached |= set(event["exposure"]["classes"])
        if event["event_type"].endswith("_unknown_exposure"):
            if "information_state" in event:
                found.append("6.2 an unknown exposure that claims a class")
            continue
        state = event.get("information_state")
        if state is None:
            found.append("6.2 an event without its independence class")
            continue
        if set(state["exposure_classes"]) != reached:
            found.append("6.2 not what had reached the reader")
        if "AGENTIC" in reached:
            named = "POST_ACTION"
        elif reached & DIRECT:
            named = "DIRECTLY_EXPOSED"
        else:
            named = "INDIRECTLY_EXPOSED" if reached else "UNEXPOSED"
        if state["independence_class"] != named:
            found.append("6.2 the independence class does not follow from the information state")
    return found


def _claims(sequence: dict[str, Any]) -> list[str]:
    events, found = sequence["events"], []
    level, claimed = sequence["conformance"]["level"], sequence["conformance"]["integrity_class"]
    if claimed != min(e["integrity"]["class"] for e in events):
        found.append("7 claims more than its weakest event")
    if level != "L3":
        return found + (["7.1 enforcement without enforced order"] if claimed == "I3" else [])
    decider = next((e["actor"]["actor_ref"] for e in events if e["event_type"] == "final_decision_committed"), "")
    committed = [e["sequence"] for e in events if e["event_type"] == "human_state_committed"
                 and e["actor"]["actor_ref"] == decider]  # fmt: skip
    shown = [e["sequence"] for e in events if e["event_type"] == "ai_result_presented"]
    if not committed or any(number < committed[0] for number in shown):
        found.append("4.2.4 shown before the reader had committed")
    if claimed != "I3" or any(e["integrity"].get("enforcement") != ["sole_path"] for e in events):
        found.append("4.2.4 the enforcement is not named")
    if "Altering presentation sequence" not in sequence.get("caution", ""):
        found.append("8 L3 without its caution")
    return found


def _chain(events: list[dict[str, Any]]) -> list[str]:
    found, previous = [], "GENESIS"
    for event in events:
        integrity = event["integrity"]
        if integrity["prev_event_hash"] != previous or integrity["event_hash"] != _hash(event):
            found.append("7 the chain does not hold")
        previous = integrity["event_hash"]
        if event["event_type"] in DECISIONS:
            content = event["extensions"]["overread.decision"]
            if event["decision_state_ref"] != f"sha256:{hashlib.sha256(jcs(content).encode()).hexdigest()}":
                found.append("7 a state is not what was committed to")
    return found
