"""A row of the ledger: what a caller wants recorded, and what stands in the file."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..domain import LedgerEntry, NewRow
from ..errors import LedgerValueRefused
from ..files import canonical_json, encode_field, join_fields
from .verifier import COLUMNS, END, LINE, SCHEMA, decode

__all__ = ["check_row", "parse_line", "write_line"]

_NUMERIC = frozenset({"seq", "score", "confidence", "active_s", "schema"})
_VIEW_BYTES = 2000


_TEXTS = operator.attrgetter(*(f.name for f in fields(NewRow) if f.type == "str"))


def check_row(row: NewRow) -> None:
    """Refuse a row whose words are not the ledger's, before anything is written.

    Raises
    ------
    LedgerValueRefused
        An unknown action, role, identity, scope or exposure; a human row without exposure; a time that is not UTC
        with milliseconds; an artifact outside the workspace; a view over 2 kB; a number that is none; details that
        the action does not have; a control character.
    """
    if why := row.flaw():
        raise _refusal(why)
    if row.view and len(_json(row.view)) > _VIEW_BYTES:
        raise _refusal("the view is over 2 kB")
    encode_field("".join(_TEXTS(row)) + _json(row.details).decode())


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
    return LedgerEntry.of(values)


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
