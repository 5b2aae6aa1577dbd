"""A row of the ledger: what a caller wants recorded, and what stands in the file."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Self

from ..terms import DETAILS, EXPOSURE_ORDER, Action, Identity, Role, Scope

__all__ = ["LedgerEntry", "NewRow"]

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)
_ACTIONS, _ROLES, _IDENTITIES, _SCOPES = map(frozenset, (Action, Role, Identity, {"", *Scope}))


@dataclass(frozen=True)
class NewRow:
    """What is to be recorded; absent is empty. `comment` is the text: the ledger keeps its keyed digest.

    `occurred_at` empty is now; `event_id` empty is a new UUIDv4.
    """

    action: str
    reader: str
    role: str
    identity: str
    occurred_at: str = ""
    supersedes: str = ""
    exposure: str = ""
    study: str = ""
    subject: str = ""
    kind: str = ""
    input_digest: str = ""
    model: str = ""
    model_version: str = ""
    model_digest: str = ""
    prediction: str = ""
    finding: str = ""
    finding_kind: str = ""
    score: float | None = None
    reason: str = ""
    comment: str = ""
    confidence: int | None = None
    scope: str = ""
    artifact: str = ""
    artifact_digest: str = ""
    view: Mapping[str, Any] | None = None
    active_s: float | None = None
    protocol: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    event_id: str = ""

    def flaw(self) -> str:
        """What of it is no word of the ledger's: '' for nothing.

        An unknown action, role, identity, scope, exposure or detail; a human row without exposure; a time that is not
        UTC with milliseconds; an artifact outside the workspace; a number that is none.
        """
        for word, words in (
            (self.action, _ACTIONS),
            (self.role, _ROLES),
            (self.identity, _IDENTITIES),
            (self.scope, _SCOPES),
        ):
            if word not in words:
                return f"'{word}' is not a word of the ledger"
        if not self.reader:
            return "no reader is named"
        if not _is_exposure(self.exposure):
            return f"exposure '{self.exposure}' is not a set of its classes in their order"
        if self.identity != Identity.SYSTEM and not self.exposure:
            return "a human row says what of the AI had reached the reader"
        if self.occurred_at and not _UTC.match(self.occurred_at):
            return "a time is not UTC with milliseconds"
        if self.artifact and (PurePosixPath(self.artifact).is_absolute() or ".." in PurePosixPath(self.artifact).parts):
            return "an artifact lies within the workspace"
        if not all(number is None or math.isfinite(number) for number in (self.score, self.active_s)):
            return "a number is not finite"
        if self.confidence is not None and self.confidence not in range(1, 6):
            return "confidence is 1 to 5"
        unknown = sorted(self.details.keys() - DETAILS[Action(self.action)].keys()) if self.details else []
        return f"rows of {self.action} have no detail '{unknown[0]}'" if unknown else ""


@functools.lru_cache
def _is_exposure(exposure: str) -> bool:
    named = exposure.split("+")
    return exposure in ("", "NONE", "UNKNOWN") or named == [c for c in EXPOSURE_ORDER if c in named]


@dataclass(frozen=True)
class LedgerEntry:
    """One row as it stands in the file, decoded; `comment` is the keyed digest of the text."""

    schema: int
    seq: int
    event_id: str
    recorded_at: str
    occurred_at: str
    action: str
    supersedes: str
    reader: str
    role: str
    identity: str
    exposure: str
    study: str
    subject: str
    kind: str
    input_digest: str
    model: str
    model_version: str
    model_digest: str
    prediction: str
    finding: str
    finding_kind: str
    score: float | None
    reason: str
    comment: str
    confidence: int | None
    scope: str
    artifact: str
    artifact_digest: str
    view: dict[str, Any]
    active_s: float | None
    protocol: str
    details: dict[str, Any]
    software: str
    hash: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """An entry of the texts of its 34 fields, in their order.

        Raises
        ------
        ValueError, RecursionError
            A number is none, or view or details are no JSON object.
        """
        values: dict[str, Any] = dict(zip(cls.__dataclass_fields__, texts, strict=True))
        values["schema"], values["seq"] = int(values["schema"]), int(values["seq"])
        for name, kind in (("score", float), ("active_s", float), ("confidence", int)):
            values[name] = kind(values[name]) if values[name] else None
        for name in ("view", "details"):
            values[name] = json.loads(values[name]) if values[name] else {}
            if not isinstance(values[name], dict):
                raise ValueError(f"{name} is no JSON object")
        entry = object.__new__(cls)  # Its own `__init__` would make 34 calls to set what is frozen after.
        entry.__dict__.update(values)
        return entry
