"""The ledger as HL7 FHIR R4B: an AuditEvent for each row, a Provenance for each judgement, in a Bundle.

Plain dictionaries; the product needs no FHIR library. References are by identifier, for the things that they name
(studies, findings, results) are not FHIR resources here. Readers are pseudonyms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..domain import Session
from ..ledger import LedgerEntry
from ..terms import Action, Identity, StudyKind
from ..workspace import Workspace
from .dses import CITATION, EVENTS, VERDICTS, Names, coded_reason, unknown_exposure_event
from .reveal import visible_entries

__all__ = ["ACTIVITIES", "AUDIT_ACTIONS", "SYSTEMS", "provenance_bundle", "provenance_of"]

SYSTEMS = {
    "action": "urn:overread:ledger-action",
    "event": "urn:dses:0.1.0:event-type",
    "reason": "urn:overread:reason",
    "role": "urn:overread:role",
    "reader": "urn:overread:reader",
    "study": "urn:overread:study",
    "subject": "urn:overread:subject",
    "finding": "urn:overread:finding",
    "prediction": "urn:overread:prediction",
    "model": "urn:overread:model",
    "row": "urn:overread:ledger-row",
    "software": "urn:overread:software",
}
"""The code and identifier systems of the bundle."""
AUDIT_ACTIONS: dict[Action, str] = {
    **dict.fromkeys((Action.INTAKE, Action.PREDICT, Action.READ, *VERDICTS, Action.SIGN_OFF, Action.ADJUDICATE), "C"),
    **dict.fromkeys((Action.ASSIGN, Action.SAMPLE, Action.ANCHOR, Action.FAULT), "C"),
    **dict.fromkeys((Action.PRESENT, Action.LOOKUP), "R"),
    **dict.fromkeys((Action.AMEND, Action.REOPEN), "U"),
    **dict.fromkeys((Action.INTERACT, Action.ROTATE), "E"),
    Action.ERASE: "D",
}
"""AuditEvent.action: create, read, update, execute, delete."""
ACTIVITIES: dict[Action, str] = {
    **dict.fromkeys((*VERDICTS, Action.READ), "CREATE"),
    Action.SIGN_OFF: "CREATE",
    Action.AMEND: "NULLIFY",
}
"""Actions that become a Provenance, with its activity; a judgement that replaces another is an UPDATE."""
_DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_KINDS = {StudyKind.MR: "ImagingStudy", StudyKind.EEG: "DocumentReference"}


def provenance_bundle(workspace: Workspace, session: Session) -> dict[str, Any]:
    """The rows that this session may see as a FHIR R4B Bundle of type collection."""
    return provenance_of(visible_entries(workspace, session), Names(workspace.keys.key("exports")))


def provenance_of(entries: Iterable[LedgerEntry], names: Names) -> dict[str, Any]:
    """A Bundle of AuditEvents and Provenances, in the order of the rows."""
    resources: list[dict[str, Any]] = []
    by_id: dict[str, LedgerEntry] = {}
    stated: dict[tuple[str, str], set[str]] = {}
    read: dict[tuple[str, str], str] = {}
    for entry in entries:
        whose = (entry.study, entry.reader)
        known = not unknown_exposure_event(entry)
        states = stated.setdefault(whose, set())
        is_revision = entry.action in VERDICTS and (entry.supersedes in states or whose in read)
        resources.append(_audit_event(entry, names, is_revision))
        if entry.action in ACTIVITIES and entry.identity != Identity.SYSTEM:
            resources.append(_provenance(entry, by_id.get(entry.supersedes), names))
        by_id[entry.event_id] = entry
        if known and entry.action in (Action.READ, *VERDICTS):
            states.add(entry.event_id)
        if known and entry.action == Action.READ and not entry.finding:
            read[whose] = entry.event_id
        elif entry.action == Action.REOPEN or (entry.action == Action.AMEND and read.get(whose) == entry.supersedes):
            read.pop(whose, None)
        if entry.action == Action.REOPEN:
            states.clear()
        if entry.action == Action.ASSIGN and entry.details.get("again"):  # A second pass is a case of its own.
            second = (entry.study, str(entry.details.get("assignee", "")))
            stated.pop(second, None)
            read.pop(second, None)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "meta": {"tag": [{"system": "urn:overread:source", "code": "ledger", "display": CITATION}]},
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources],
    }


def _audit_event(entry: LedgerEntry, names: Names, is_revision: bool) -> dict[str, Any]:
    action = Action(entry.action)
    agents = [{**_agent(entry, names), "requestor": True}]
    if action is Action.PREDICT and entry.model:
        agents.append({"who": _model(entry), "requestor": False})
    outcome = "4" if action is Action.FAULT else "0"
    return {
        "resourceType": "AuditEvent",
        "id": names.event("AuditEvent", entry.event_id),
        "extension": [{"url": "urn:overread:ledger-seq", "valueInteger": entry.seq}],
        "type": _coding("event", _event_type(entry, is_revision)),
        "subtype": [_coding("action", entry.action)],
        "action": AUDIT_ACTIONS[action],
        "period": {"start": entry.occurred_at or entry.recorded_at, "end": entry.recorded_at},
        "recorded": entry.recorded_at,
        "outcome": outcome,
        "agent": agents,
        "source": {"observer": _named("software", entry.software, "Device")},
        "entity": _entities(entry),
    }


def _event_type(entry: LedgerEntry, is_revision: bool) -> str:
    """The row's DSES event type, the same as in its decision sequence."""
    types = EVENTS[Action(entry.action)]
    if unknown := unknown_exposure_event(entry):
        return unknown
    if entry.action == Action.PRESENT:
        return types[0] if entry.exposure == "PRIORITY" else types[1]
    if entry.action == Action.INTAKE:
        return types[1] if entry.details.get("joined") else types[0]
    return types[1] if is_revision else types[0]


def _entities(entry: LedgerEntry) -> list[dict[str, Any]]:
    """What the row is about, with what had reached the reader as a detail of the first."""
    said = {"exposure": entry.exposure, "identity": entry.identity, "scope": entry.scope, "reason": coded_reason(entry)}
    details = [{"type": name, "valueString": value} for name, value in said.items() if value]
    whats = [_named("row", str(entry.seq), "")]
    if entry.study:
        whats = [_study(entry)]
    if entry.subject:
        whats.append(_named("subject", entry.subject, "Patient"))
    if entry.finding:
        whats.append(_finding(entry))
    if entry.prediction:
        whats.append(_named("prediction", entry.prediction, ""))
    found: list[dict[str, Any]] = [{"what": what} for what in whats]
    found[0]["detail"] = details
    return found


def _provenance(entry: LedgerEntry, replaced: LedgerEntry | None, names: Names) -> dict[str, Any]:
    agents = [{"type": _concept(_AGENT, "author"), **_agent(entry, names)}]
    if entry.model and entry.finding:
        agents.append({"type": _concept(_AGENT, "informant"), "who": _model(entry)})
    lineage = []
    if replaced is not None:
        role = "removal" if entry.action == Action.AMEND else "revision"
        lineage.append({"role": role, "what": _named("row", str(replaced.seq), "")})
    if entry.prediction:
        lineage.append({"role": "source", "what": _named("prediction", entry.prediction, "")})
    updates = replaced is not None and entry.action in VERDICTS
    activity = "UPDATE" if updates else ACTIVITIES[Action(entry.action)]
    found: dict[str, Any] = {
        "resourceType": "Provenance",
        "id": names.event("Provenance", entry.event_id),
        "extension": [{"url": "urn:overread:ledger-seq", "valueInteger": entry.seq}],
        "target": [_finding(entry) if entry.finding else _study(entry)],
        "occurredDateTime": entry.occurred_at or entry.recorded_at,
        "recorded": entry.recorded_at,
        "activity": {"coding": [{"system": _DATA_OPERATION, "code": activity}, _coding("action", entry.action)]},
        "agent": agents,
    }
    if code := coded_reason(entry):
        found["reason"] = [{"coding": [_coding("reason", code)]}]
    return found | ({"entity": lineage} if lineage else {})


def _agent(entry: LedgerEntry, names: Names) -> dict[str, Any]:
    if entry.identity == Identity.SYSTEM:
        return {"who": _named("software", entry.software, "Device")}
    return {
        "role": [_concept(SYSTEMS["role"], entry.role)],
        "who": _named("reader", names.actor(entry.reader), "Practitioner"),
    }


def _study(entry: LedgerEntry) -> dict[str, Any]:
    return _named("study", entry.study, _KINDS.get(StudyKind(entry.kind), "") if entry.kind else "")


def _finding(entry: LedgerEntry) -> dict[str, Any]:
    """A finding of a result, or a reader's own."""
    within = f"{entry.prediction[:12]}." if entry.prediction else ""
    return _named("finding", f"{entry.study}/{within}{entry.finding}", "Observation")


def _model(entry: LedgerEntry) -> dict[str, Any]:
    said = [entry.model, entry.model_version, entry.model_digest]
    return _named("model", "|".join(part for part in said if part), "Device")


def _named(system: str, value: str, type_: str) -> dict[str, Any]:
    """A reference by identifier."""
    return {**({"type": type_} if type_ else {}), "identifier": {"system": SYSTEMS[system], "value": value}}


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": SYSTEMS[system], "code": code}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
