"""A row of the ledger: what a caller wants recorded, and what stands in the file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import LedgerValueRefused
from ..files import canonical_json
from ..terms import EXPOSURE_ORDER, Action, Identity, Role, Scope
from .codec import END, decode_field, encode_field, join_fields, split_fields
from .details import check_details

__all__ = [
    "COLUMNS",
    "HEADER",
    "HEADER_HASH",
    "SCHEMA",
    "LedgerEntry",
    "NewRow",
    "check_row",
    "parse_line",
    "write_line",
]

SCHEMA = 1
COLUMNS = tuple(
    [
        "schema",
        "seq",
        "event_id",
        "recorded_at",
        "occurred_at",
        "action",
        "supersedes",
        "reader",
        "role",
        "identity",
        "exposure",
        "study",
        "subject",
        "kind",
        "input_digest",
        "model",
        "model_version",
        "model_digest",
        "prediction",
        "finding",
        "finding_kind",
        "score",
        "reason",
        "comment",
        "confidence",
        "scope",
        "artifact",
        "artifact_digest",
        "view",
        "active_s",
        "protocol",
        "details",
        "software",
        "hash",
    ]
)
HEADER = join_fields(list(COLUMNS)) + END
HEADER_HASH = hashlib.sha256(HEADER).hexdigest()
"""The first row's previous hash."""
_NUMERIC = frozenset({"seq", "score", "confidence", "active_s", "schema"})
_VIEW_BYTES = 2000


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


_FROM_ROW = tuple(f.name for f in fields(NewRow))


def check_row(row: NewRow) -> None:
    """Refuse a row whose words are not the ledger's.

    Raises
    ------
    LedgerValueRefused
        An unknown action, role, identity, scope or exposure; a human row without exposure; a view over 2 kB; a
        number that is none; details that the action does not have.
    """
    for name, words in (("action", Action), ("role", Role), ("identity", Identity)):
        if getattr(row, name) not in set(words):
            raise _refusal(f"{name} '{getattr(row, name)}' is not a word of the ledger")
    if row.scope and row.scope not in set(Scope):
        raise _refusal(f"scope '{row.scope}' is not a word of the ledger")
    if not row.reader:
        raise _refusal("no reader is named")
    if row.exposure not in ("", "NONE", "UNKNOWN") and not set(row.exposure.split("+")) <= set(EXPOSURE_ORDER):
        raise _refusal(f"exposure '{row.exposure}' is not a set of its classes")
    if row.identity != Identity.SYSTEM and row.study and not row.exposure:
        raise _refusal("a human row says what of the AI had reached the reader")
    for number in (row.score, row.active_s):
        if number is not None and not math.isfinite(number):
            raise _refusal("a number is not finite")
    if row.view and len(canonical_json(dict(row.view))) > _VIEW_BYTES:
        raise _refusal("the view is over 2 kB")
    check_details(row.action, row.details)


def write_line(row: NewRow, previous: str, given: Mapping[str, str]) -> tuple[bytes, str]:
    """One line with its end, and its hash.

    Parameters
    ----------
    previous : str
        The previous row's 64 hex digits, or `HEADER_HASH`.
    given : mapping
        What the ledger itself fills in: seq, event_id, recorded_at, occurred_at, comment, software.
    """
    values = {name: getattr(row, name) for name in _FROM_ROW} | dict(given) | {"schema": SCHEMA}
    encoded = [encode_field(_text(values[name]), numeric=name in _NUMERIC) for name in COLUMNS[:-1]]
    body = join_fields(encoded) + b","
    digest = hashlib.sha256(previous.encode() + body).hexdigest()
    return body + f'"{digest}"'.encode() + END, digest


def parse_line(line: bytes) -> LedgerEntry:
    """The entry of a line without its end.

    Raises
    ------
    ValueError
        The line is not as the ledger writes one.
    """
    written = split_fields(line, len(COLUMNS))
    values: dict[str, Any] = {
        name: decode_field(text, numeric=name in _NUMERIC) for name, text in zip(COLUMNS, written, strict=True)
    }
    if values["schema"] != str(SCHEMA):
        raise ValueError(f"schema {values['schema'][:12]} instead of {SCHEMA}")
    values["schema"], values["seq"] = SCHEMA, int(values["seq"])
    values["score"] = float(values["score"]) if values["score"] else None
    values["active_s"] = float(values["active_s"]) if values["active_s"] else None
    values["confidence"] = int(values["confidence"]) if values["confidence"] else None
    for name in ("view", "details"):
        values[name] = json.loads(values[name]) if values[name] else {}
    return LedgerEntry(**values)


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, Mapping):
        return canonical_json(dict(value)).decode()
    if isinstance(value, float):
        plain = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if plain == "-0" else plain
    return str(value)


def _refusal(why: str) -> LedgerValueRefused:
    return LedgerValueRefused("The row was not recorded.", f"Reason: {why}.", "Correct it and record again.")
