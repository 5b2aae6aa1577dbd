"""One case of a decision sequence told event by event: which event a row becomes, what it binds, how it is chained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..files import canonical_digest
from ..ledger import LedgerEntry, current_verdicts
from ..review import committed_read, parse_exposure
from ..terms import Action, ExposureClass, Identity, Role
from .dses import (
    CAUTION,
    NOT_ENFORCED,
    RECORD_ITSELF,
    VERDICTS,
    VERSION,
    Names,
    coded_reason,
    decision_content,
    decision_ref,
    information_state,
    shown_details,
    system_of,
    unknown_exposure_event,
)

__all__ = ["ENFORCED_ROLES", "GENESIS", "ReaderCase", "tell"]

GENESIS = "GENESIS"
"""`prev_event_hash` of each sequence's first event."""
ENFORCED_ROLES = (Role.RADIOLOGIST, Role.NEUROLOGIST)
"""Readers from whom `reveal` withholds a model's result until their own read is committed."""
_DECISIONS = (Action.READ, *VERDICTS, Action.SIGN_OFF)
_SYSTEMS = {Action.PREDICT: "ai_platform", Action.INTAKE: "worklist", Action.ASSIGN: "worklist"}
_OVERRIDES = (Action.REJECT, Action.MODIFY)


@dataclass
class ReaderCase:
    """The rows of one case, oldest first: those known before it was opened again, then its own.

    `link` names the case that it goes on from, as `reopens` or `repeats`; `history` holds what its verdicts rest on.
    """

    reader: str
    ref: str
    link: dict[str, str]
    before: list[LedgerEntry]
    history: list[LedgerEntry]
    rows: list[LedgerEntry] = field(default_factory=list)

    def is_own(self, entry: LedgerEntry) -> bool:
        """Whether the case's reader did it."""
        return entry.reader == self.reader and entry.identity != Identity.SYSTEM

    def sign_offs(self) -> list[LedgerEntry]:
        """The sign-offs that stand: those that were not withdrawn."""
        withdrawn = {e.supersedes for e in self.history if e.action == Action.AMEND}
        return [e for e in self.rows if e.action == Action.SIGN_OFF and e.event_id not in withdrawn]

    def why_not_told(self) -> str:
        """Why the case is no whole sequence, a word of `sequences.LEFT_OUT`; '' where it is one."""
        signed = self.sign_offs()
        if not signed:
            return "not_signed_off"
        if len(signed) > 1:
            return "several_sign_offs"
        if signed[0].exposure == "UNKNOWN":
            return "exposure_unknown"
        available: set[str] = set()
        rows = [*self.before, *self.rows]
        for entry in rows:
            if entry.action == Action.PREDICT:
                available.add(_known_as(entry))
            shown = entry.action == Action.PRESENT and set(entry.exposure.split("+")) - {"PRIORITY", "NONE", "UNKNOWN"}
            touched = entry.action == Action.INTERACT and entry.exposure != "UNKNOWN"
            if entry.seq < signed[0].seq and (shown or touched) and _known_as(entry) not in available:
                return "result_not_recorded"
        return "" if rows[0].action == Action.INTAKE else "no_intake"


def tell(
    case: ReaderCase, names: Names, blind_first: Callable[[str], bool | None], earlier: dict[str, Any] | None
) -> dict[str, Any]:
    """The sequence of one case that is whole.

    Parameters
    ----------
    blind_first : callable
        Whether the rules of a digest withheld results until a read was committed; None where that is not known.
    earlier : dict or None
        The sequence that this one goes on from, where the study was reopened.
    """
    return _Telling(case, names, blind_first, earlier).told()


class _Telling:
    """One case being told, event by event."""

    def __init__(
        self, case: ReaderCase, names: Names, blind_first: Callable[[str], bool | None], earlier: dict[str, Any] | None
    ) -> None:
        self.case, self.names, self.earlier = case, names, earlier
        self.final = case.sign_offs()[0]
        own = [e for e in case.rows if e.seq <= self.final.seq or e.action in RECORD_ITSELF]
        self.rows = [*case.before, *own]
        self.before = {e.event_id for e in case.before}
        self.later = len(case.rows) - len(own)
        self.seqs = {e.event_id: e.seq for e in case.history}
        self.gap = self._gap(blind_first)
        self.enforced = not self.gap
        self.events: list[dict[str, Any]] = []
        self.reached: set[ExposureClass] = set()
        self.states: dict[str, str] = {}
        self.read: LedgerEntry | None = None

    def told(self) -> dict[str, Any]:
        """The sequence with what it claims."""
        for entry in self.rows:
            self._tell(entry)
        level, integrity = ("L3", "I3") if self.enforced else ("L2", "I2")
        how = (
            "sequential disclosure enforced by sole path, over a hash-chained event log"
            if self.enforced
            else f"decision-trajectory capture over a hash-chained event log; not L3, since {NOT_ENFORCED[self.gap]}"
        )
        return {
            "dses_version": VERSION,
            "conformance": {"level": level, "integrity_class": integrity},
            "claim": f"DSES 0.1 at {level}/{integrity}: {how}.",
            **({"caution": CAUTION} if self.enforced else {"not_enforced": self.gap}),
            "case_ref": self.case.ref,
            **self.case.link,
            "study": self.final.study,
            "kind": self.final.kind,
            "rows_after_decision": self.later,
            "events": self.events,
        }

    def _gap(self, blind_first: Callable[[str], bool | None]) -> str:
        """Why this very sequence could have run in another order, of `NOT_ENFORCED`; '' where the server held back.

        Every act is of a reader whom the server knows and keeps blind, under blind-first rules, and the own read of
        the study stands before the first showing.
        """
        own = [e for e in self.rows if self.case.is_own(e) and e.seq <= self.final.seq]
        decided = [e for e in own if e.action in _DECISIONS]
        known = all(e.identity in (Identity.INVITED, Identity.SIGNED_IN) and e.role in ENFORCED_ROLES for e in own)
        if not known:
            return "reader_not_known"
        under = {blind_first(e.protocol) for e in decided}
        if under != {True}:
            return "not_blind_first" if False in under else "rules_unknown"
        shown = [e.seq for e in own if e.action == Action.PRESENT and e.exposure != ExposureClass.PRIORITY]
        first = min(shown, default=self.final.seq)
        read = committed_read([e for e in own if e.seq < first], self.final.study, self.case.reader)
        return "" if read is not None else "shown_before_read"

    def _tell(self, entry: LedgerEntry) -> None:
        """The events of one row."""
        own = self.case.is_own(entry)
        if own and (unknown := unknown_exposure_event(entry)):
            content = decision_content(entry) if entry.action in _DECISIONS else {}
            self._emit(entry, unknown, state=False, content=content)
        elif entry.action == Action.INTAKE and not self.events:
            self._emit(entry, "case_context_created", case=self._link())
        elif entry.action == Action.PREDICT:
            self._emit(entry, "ai_result_available", ai_system=system_of(entry))
        elif entry.action == Action.PRESENT:
            self._present(entry)
        elif entry.action == Action.INTERACT:
            self._emit(entry, "ai_result_interacted", ai_system=system_of(entry))
        elif entry.action == Action.SIGN_OFF and entry is not self.final:
            self._emit(entry, "overread.sign_off_withdrawn", content=decision_content(entry))
        elif entry.action in _DECISIONS:
            self._decide(entry)
        else:
            if self.read is not None and entry.action == Action.AMEND and entry.supersedes == self.read.event_id:
                self.read = None
            self._emit(entry, "integrity_event")

    def _present(self, entry: LedgerEntry) -> None:
        """What reached the reader: a place in the list is a signal, everything else a presentation."""
        classes = parse_exposure(entry.exposure)
        payload = {"payload_commitment": f"sha256:{entry.prediction}"} if entry.prediction else {}
        system = {"ai_system": system_of(entry)} if entry.model else {}
        self.reached |= classes & {ExposureClass.PRIORITY}
        if ExposureClass.PRIORITY in classes:
            exposure = {"classes": ["PRIORITY"], "modality": "worklist_order", **payload}
            self._emit(entry, "context_signal_recorded", exposure=exposure, **system)
        rest = information_state(classes - {ExposureClass.PRIORITY})["exposure_classes"]
        if rest:
            self.reached |= classes
            modality = "command" if entry.identity == Identity.SCRIPT else "review_page"
            self._emit(
                entry, "ai_result_presented", exposure={"classes": rest, "modality": modality, **payload}, **system
            )
        elif not classes:
            self._emit(entry, "integrity_event")

    def _decide(self, entry: LedgerEntry) -> None:
        """A state committed or revised with its reason, or the final decision."""
        self.reached |= parse_exposure(entry.exposure)
        content = decision_content(entry)
        if entry is self.final:
            mine = [e for e in self.case.history if self.case.is_own(e) and e.seq < entry.seq]
            standing = [*current_verdicts(mine).values(), committed_read(mine, entry.study, entry.reader)]
            content["states"] = sorted(decision_ref(decision_content(e)) for e in standing if e is not None)
            self._emit(entry, "final_decision_committed", content=content, decision_state_ref=decision_ref(content))
            return
        ref = decision_ref(content)
        prior = ""
        if entry.action != Action.READ:
            prior = self.states.get(entry.supersedes) or (self.states[self.read.event_id] if self.read else "")
        self.states[entry.event_id] = ref
        if prior:
            revised = {"decision_state_ref": ref, "prior_decision_state_ref": prior}
            self._emit(entry, "human_state_revised", content=content, **revised)
        else:
            self._emit(entry, "human_state_committed", content=content, decision_state_ref=ref)
        if entry.action == Action.READ and not entry.finding:
            self.read = entry
        if entry.reason and entry.action in VERDICTS:
            said = {"attestation_type": "override_reason" if entry.action in _OVERRIDES else "verdict_reason"}
            if code := coded_reason(entry):
                said["code"] = code
            if entry.comment or not code:
                said["text_ref"] = f"ledger:{entry.seq}"
            said["attached_to_event_id"] = self.events[-1]["event_id"]
            self._emit(entry, "attestation_recorded", attestation=said)

    def _link(self) -> dict[str, Any]:
        """Which case this one goes on from, and the last hash of that case's chain where it could be told."""
        head = {"head": self.earlier["events"][-1]["integrity"]["event_hash"]} if self.earlier else {}
        return self.case.link | head if self.case.link else {}

    def _emit(
        self,
        entry: LedgerEntry,
        event_type: str,
        *,
        state: bool = True,
        content: dict[str, Any] | None = None,
        case: dict[str, Any] | None = None,
        **body: Any,
    ) -> None:
        """Append one event to the chain."""
        row: dict[str, Any] = {"seq": entry.seq, "action": entry.action, "identity": entry.identity}
        if event_type == "integrity_event" and (details := shown_details(entry.details)):
            row["details"] = details
        if entry.supersedes in self.seqs:
            row["supersedes_seq"] = self.seqs[entry.supersedes]
        row |= {} if state else {"exposure": "UNKNOWN"}
        row |= {"known_before": True} if entry.event_id in self.before else {}
        further = {"overread.row": row, "overread.decision": content, "overread.case": case}
        previous = self.events[-1]["integrity"]["event_hash"] if self.events else GENESIS
        protocol = entry.protocol or self.final.protocol
        event = {
            "event_id": self.names.event(self.case.ref, entry.event_id, event_type),
            "event_type": event_type,
            "sequence": len(self.events),
            "occurred_at": entry.occurred_at or entry.recorded_at,
            "recorded_at": entry.recorded_at,
            "case_ref": self.case.ref,
            **({"workflow_ref": f"sha256:{protocol}"} if protocol else {}),
            "actor": self._actor(entry),
            **body,
            **({"information_state": information_state(self.reached)} if state else {}),
            "integrity": {
                "class": "I3" if self.enforced else "I2",
                "prev_event_hash": previous,
                "canonicalization": "RFC8785",
                "hash_alg": "SHA-256",
                **({"enforcement": ["sole_path"]} if self.enforced else {}),
            },
            "source_system": {
                "system_type": _SYSTEMS.get(Action(entry.action), "viewer" if self.case.is_own(entry) else "other"),
                "system_ref": "overread",
                "system_version": entry.software.rpartition(" ")[2],
            },
            "extensions": {name: value for name, value in further.items() if value},
        }
        event["integrity"]["event_hash"] = canonical_digest(event)
        self.events.append(event)

    def _actor(self, entry: LedgerEntry) -> dict[str, str]:
        if entry.identity == Identity.SYSTEM:
            return {"actor_ref": "overread", "actor_type": "service", "role": entry.role}
        kind = "service" if entry.identity == Identity.SCRIPT else "human"
        return {"actor_ref": self.names.actor(entry.reader), "actor_type": kind, "role": entry.role}


def _known_as(entry: LedgerEntry) -> str:
    """Which result of which system a row speaks of."""
    return canonical_digest([entry.model, entry.model_version, entry.model_digest, entry.prediction])
