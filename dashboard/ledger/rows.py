"""A row of the ledger: what a caller wants recorded, and what stands in the file."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any

from ..errors import LedgerValueRefused
from ..files import canonical_json
from ..terms import EXPOSURE_ORDER, Action, Identity, Role, Scope
from .codec import encode_field, join_fields
from .details import check_details
from .verifier import COLUMNS, END, LINE, SCHEMA, decode

__all__ = ["LedgerEntry", "NewRow", "check_row", "parse_line", "write_line"]

_NUMERIC = frozenset({"seq", "score", "confidence", "active_s", "schema"})
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)
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


_TEXTS = operator.attrgetter(*(f.name for f in fields(NewRow) if f.type == "str"))
_WORDS = {
    "action": frozenset(Action),
    "role": frozenset(Role),
    "identity": frozenset(Identity),
    "scope": frozenset({"", *Scope}),
}


def check_row(row: NewRow) -> None:
    """Refuse a row whose words are not the ledger's, before anything is written.

    Raises
    ------
    LedgerValueRefused
        An unknown action, role, identity, scope or exposure; a human row without exposure; a time that is not UTC
        with milliseconds; an artifact outside the workspace; a view over 2 kB; a number that is none; details that
        the action does not have; a control character.
    """
    for name, words in _WORDS.items():
        if getattr(row, name) not in words:
            raise _refusal(f"{name} '{getattr(row, name)}' is not a word of the ledger")
    if not row.reader:
        raise _refusal("no reader is named")
    if not _is_exposure(row.exposure):
        raise _refusal(f"exposure '{row.exposure}' is not a set of its classes in their order")
    if row.identity != Identity.SYSTEM and not row.exposure:
        raise _refusal("a human row says what of the AI had reached the reader")
    if row.occurred_at and not _UTC.match(row.occurred_at):
        raise _refusal("a time is not UTC with milliseconds")
    if row.artifact and (PurePosixPath(row.artifact).is_absolute() or ".." in PurePosixPath(row.artifact).parts):
        raise _refusal("an artifact lies within the workspace")
    for number in (row.score, row.active_s):
        if number is not None and not math.isfinite(number):
            raise _refusal("a number is not finite")
    if row.confidence is not None and row.confidence not in range(1, 6):
        raise _refusal("confidence is 1 to 5")
    if row.view and len(_json(row.view)) > _VIEW_BYTES:
        raise _refusal("the view is over 2 kB")
    check_details(row.action, row.details)
    encode_field("".join(_TEXTS(row)) + _json(row.details).decode())


@functools.lru_cache
def _is_exposure(exposure: str) -> bool:
    named = exposure.split("+")
    return exposure in ("", "NONE", "UNKNOWN") or named == [c for c in EXPOSURE_ORDER if c in named]


def _json(value: Mapping[str, Any]) -> bytes:
    try:
        return canonical_json(dict(value)) if value else b""
    except (ValueError, TypeError) as exc:
        raise _refusal("a detail or the view is no JSON") from exc


def write_line(row: NewRow, previous: str, given: Mapping[str, str]) -> tuple[bytes, str]:
    """One line with its end, and its hash.

    Parameters
    ----------
    previous : str
        The previous row's 64 hex digits, or `HEADER_HASH`.
    given : mapping
        What the ledger itself fills in: event_id, seq, recorded_at, occurred_at, comment, software.
    """
    values = {**vars(row), **given, "schema": SCHEMA}
    encoded = [_decimal(values[n]) if n in _NUMERIC else encode_field(_text(values[n])) for n in COLUMNS[:-1]]
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
    found = LINE.fullmatch(line.decode())
    if found is None or found.group(1) != str(SCHEMA):
        raise ValueError("it is not written as the ledger writes a row")
    values: dict[str, Any] = {
        name: text if not text or text.isalnum() else decode(text)
        for name, text in zip(COLUMNS, found.groups(), strict=True)
    }
    values["schema"], values["seq"] = SCHEMA, int(values["seq"])
    values["score"] = float(values["score"]) if values["score"] else None
    values["active_s"] = float(values["active_s"]) if values["active_s"] else None
    values["confidence"] = int(values["confidence"]) if values["confidence"] else None
    for name in ("view", "details"):
        values[name] = json.loads(values[name]) if values[name] else {}
        if not isinstance(values[name], dict):
            raise ValueError(f"{name} is no JSON object")
    entry = LedgerEntry.__new__(LedgerEntry)  # Its own __init__ makes 34 calls to set what is frozen afterwards.
    vars(entry).update(values)
    return entry


def _text(value: Any) -> str:
    if type(value) is str or value is None:
        return value or ""
    return _json(value).decode() if isinstance(value, Mapping) else str(value)


def _decimal(value: Any) -> str:
    """A number in plain decimals, at most six behind the point, whatever type numpy gave it."""
    if value is None or isinstance(value, str):
        return value or ""
    plain = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def _refusal(why: str) -> LedgerValueRefused:
    return LedgerValueRefused("The row was not recorded.", f"Reason: {why}.", "Correct it and record again.")
