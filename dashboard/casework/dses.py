"""The words of DSES 0.1, and what both record exports need: pseudonyms of readers, states, and what a row may show.

Decision-Sequence Evidence Schema 0.1.0, J. M. Henderson, Evidify LLC, 2026 (specification CC BY 4.0): a draft by one
author. docs/exports.md has the mapping as tables, tested against the ones here.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ..domain import keyed_pseudonym
from ..files import canonical_digest
from ..ledger import LedgerEntry
from ..review import format_exposure
from ..terms import EXPOSURE_ORDER, FINDING_ACTIONS, REASONS, Action, ExposureClass

__all__ = [
    "CAUTION",
    "CITATION",
    "DIRECT",
    "EVENTS",
    "INDIRECT",
    "NOT_ENFORCED",
    "RECORD_ITSELF",
    "SHOWN_DETAILS",
    "VERDICTS",
    "VERSION",
    "Names",
    "coded_reason",
    "decision_content",
    "decision_ref",
    "information_state",
    "shown_details",
    "system_of",
    "unknown_exposure_event",
]

VERSION = "0.1.0"
CITATION = (
    "Henderson JM. Decision-Sequence Evidence Schema, version 0.1. Evidify LLC; 2026. "
    "Specification CC BY 4.0; a draft by one author."
)
CAUTION = (
    "The timing and form in which information is presented to a device user are part of the device-user interface. "
    "Altering presentation sequence for a cleared or approved AI device may implicate its intended use and "
    "human-factors characterization. L3 deployments in clinical production MUST be undertaken with the AI vendor's "
    "participation and product-specific regulatory analysis, or within research protocols under appropriate oversight. "
    "L3 is the scientifically distinctive pattern; it is not a universal default, and this specification does not "
    "recommend imposing it on any workflow without that analysis."
)
"""Section 8 of DSES 0.1, 'Regulatory caution, normative', word for word."""

NOT_ENFORCED = {
    "reader_not_known": "an act by a script, by somebody nobody vouches for, or in a role from whom nothing is withheld",
    "not_blind_first": "the rules of a decision did not ask for a read before the result",
    "rules_unknown": "the rules of a decision are known by their digest alone, so nobody can tell that they withheld",
    "shown_before_read": "something was shown, or the study signed, without an own read of the study before it",
}
"""Why the order of a whole sequence is not claimed to have been enforced."""

INDIRECT = frozenset({ExposureClass.PRIORITY, ExposureClass.PRESENCE})
DIRECT = frozenset(EXPOSURE_ORDER) - INDIRECT - {ExposureClass.AGENTIC}
VERDICTS = (*FINDING_ACTIONS, Action.ADD)

_COMMITTED, _REVISED, _ATTESTED = "human_state_committed", "human_state_revised", "attestation_recorded"
_SPECIAL: dict[Action, tuple[str, ...]] = {
    Action.INTAKE: ("case_context_created", "integrity_event"),
    Action.PREDICT: ("ai_result_available",),
    Action.PRESENT: ("context_signal_recorded", "ai_result_presented"),
    Action.INTERACT: ("ai_result_interacted",),
    Action.READ: (_COMMITTED,),
    **dict.fromkeys(VERDICTS, (_COMMITTED, _REVISED, _ATTESTED)),
    Action.SIGN_OFF: ("final_decision_committed",),
}
EVENTS: dict[Action, tuple[str, ...]] = {action: _SPECIAL.get(action, ("integrity_event",)) for action in Action}
"""The event types that a row of each action can become."""
RECORD_ITSELF = frozenset(action for action, types in EVENTS.items() if types == ("integrity_event",))
"""Actions that concern the record, not the decision."""

SHOWN_DETAILS = (
    "added_path_length_mm", "again", "bulk", "bytes", "channels", "code", "decision", "dice", "displayed", "drawn",
    "duration_s", "edit", "findings", "hash", "imported", "inclusion_probability", "joined", "onset_s", "onset_shift_s", "own_dice",
    "point_lps", "present", "proof_digest", "seed", "seq", "sha256", "size", "stratum", "volume_ml", "what",
)  # fmt: skip
"""Details that are numbers, digests or coded words. Others may hold a person's name and stay in the ledger."""

_REASON_CODES = frozenset(reason.code for reasons in REASONS.values() for reason in reasons)


class Names:
    """Pseudonyms for readers and events, keyed, so that nobody who holds an export can try names against them.

    A ledger's own event ids are not exported: they are made from the reader's code without a key.

    Parameters
    ----------
    key : bytes
        The workspace's key `exports`; whoever holds it can take an actor back to a reader.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def actor(self, reader: str) -> str:
        """`A-` and ten base32 characters for a reader's code."""
        return keyed_pseudonym("A", self._key, reader)

    def event(self, *parts: object) -> str:
        """A UUID (version 8 of RFC 9562) for something that is said of a row; the same parts always give the same."""
        said = hmac.new(self._key, canonical_digest([str(p) for p in parts]).encode(), hashlib.sha256).digest()
        version, variant = bytes([said[6] & 0x0F | 0x80]), bytes([said[8] & 0x3F | 0x80])
        return str(uuid.UUID(bytes=said[:6] + version + said[7:8] + variant + said[9:16]))


def information_state(classes: Iterable[ExposureClass]) -> dict[str, Any]:
    """What had reached the reader, and the independence class that follows (DSES 0.1, section 6.2)."""
    reached = set(classes)
    if ExposureClass.AGENTIC in reached:
        name = "POST_ACTION"
    elif reached & DIRECT:
        name = "DIRECTLY_EXPOSED"
    else:
        name = "INDIRECTLY_EXPOSED" if reached else "UNEXPOSED"
    written = format_exposure(reached)
    return {"exposure_classes": [] if written == "NONE" else written.split("+"), "independence_class": name}


def system_of(entry: LedgerEntry) -> dict[str, str]:
    """The AI system that a row names; empty where it names none."""
    if not entry.model:
        return {}
    version = entry.model_version or "unstated"
    found = {"name": entry.model, "model_id": entry.model, "model_version": version}
    return found | ({"deployment_id": f"sha256:{entry.model_digest}"} if entry.model_digest else {})


def unknown_exposure_event(entry: LedgerEntry) -> str:
    """The extension event of a row whose reader's exposure nobody knows; '' for rows that need not know it.

    DSES has no class for it, and an empty list of classes would say that nothing had reached the reader.
    """
    unknown = entry.exposure == "UNKNOWN" and entry.action not in RECORD_ITSELF
    return f"overread.{entry.action}_unknown_exposure" if unknown else ""


def shown_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details that an export may hold."""
    return {name: value for name, value in sorted(details.items()) if name in SHOWN_DETAILS}


def coded_reason(entry: LedgerEntry) -> str:
    """The row's reason where it is a coded one; free text stays in the ledger."""
    return entry.reason if entry.reason in _REASON_CODES else ""


def decision_content(entry: LedgerEntry) -> dict[str, Any]:
    """What a verdict or a read says, without whoever said it; comments by their keyed digest."""
    said = {
        "action": entry.action,
        "finding": entry.finding,
        "finding_kind": entry.finding_kind,
        "prediction": entry.prediction,
        "reason": coded_reason(entry),
        "scope": entry.scope,
        "comment_digest": entry.comment,
        "artifact_digest": entry.artifact_digest,
    }
    content: dict[str, Any] = {name: value for name, value in said.items() if value}
    if entry.confidence is not None:
        content["confidence"] = entry.confidence
    if details := shown_details(entry.details):
        content["details"] = details
    return content | {"seq": entry.seq}


def decision_ref(content: Mapping[str, Any]) -> str:
    """The commitment to a decision state: SHA-256 of its canonical JSON."""
    return f"sha256:{canonical_digest(dict(content))}"
