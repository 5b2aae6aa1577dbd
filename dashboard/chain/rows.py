"""One row as a line of the file. Written in two steps: only the lock gives a row its number and its time."""

from __future__ import annotations

import hashlib
import operator
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain import LedgerEntry, NewRow
from ..errors import LedgerValueRefused
from ..files import canonical_digest, canonical_json, encode_field, plain_decimal
from .verifier import COLUMNS, SCHEMA

__all__ = ["CLICK_NAMESPACE", "PreparedRow", "click_event_id", "prepared"]

CLICK_NAMESPACE = uuid.UUID("6f9d2f7e-54c0-5d8e-9b1c-0a7e4d3b2c11")
"""Namespace of the UUIDv5 ids of clicks; stated in docs/ledger.md."""

_VIEW_BYTES = 2000
_SAID = COLUMNS[COLUMNS.index("action") : -2]
"""What a caller says; before it stands what the lock gives, behind it the software and the hash."""
_VALUES = operator.attrgetter(*_SAID)
_NUMBERS = [_SAID.index(name) for name in ("score", "confidence", "active_s")]
_VIEW, _DETAILS, _COMMENT = (_SAID.index(name) for name in ("view", "details", "comment"))
_GUARDED = re.compile("\"[=+\\-@']")


def click_event_id(
    reader: str, study: str, finding: str, action: str, current_event_id: str, intent: Mapping[str, Any]
) -> str:
    """UUIDv5 over the RFC 8785 array of who, what, and the state that the page was drawn with.

    The same click sent twice gives the same id; the same verdict on a later state gives another.
    """
    name = canonical_json([reader, study, finding, str(action), current_event_id, canonical_digest(dict(intent))])
    return str(uuid.uuid5(CLICK_NAMESPACE, name.decode()))


@dataclass(frozen=True)
class PreparedRow:
    """A row that was checked and written out, but for its number, its time and its hash."""

    event_id: str
    written_id: str
    occurred_at: str
    said: str
    texts: list[str]
    comment: str

    def line(self, seq: int, now: str, before: str) -> bytes:
        """Its line without the end; `before` are the 64 digits of the row before, or of the header."""
        body = f'"{SCHEMA}","{seq}","{self.written_id}","{now}","{self.occurred_at or now}","{self.said}",'.encode()
        return body + b'"' + hashlib.sha256(before.encode() + body).hexdigest().encode() + b'"'

    def entry(self, seq: int, now: str, line: bytes) -> LedgerEntry:
        """What reading that line gives, without reading it."""
        return LedgerEntry.of(
            [str(SCHEMA), str(seq), self.event_id, now, self.occurred_at or now, *self.texts, line[-65:-1].decode()]
        )


def prepared(row: NewRow, event_id: str, comment_digest: str, software: str) -> PreparedRow:
    """Check a row and write it out, before any lock is taken.

    Raises
    ------
    LedgerValueRefused
        Its words are not the ledger's (see `NewRow.flaw`), the view is over 2 kB or no JSON, or a text holds a
        control character.
    """
    if why := row.flaw():
        raise _refusal(why)
    values = ["" if value is None else value for value in _VALUES(row)]
    for at in _NUMBERS:
        values[at] = plain_decimal(values[at])
    values[_VIEW], values[_DETAILS], values[_COMMENT] = _json(row.view), _json(row.details), comment_digest
    if len(values[_VIEW].encode()) > _VIEW_BYTES:
        raise _refusal("the view is over 2 kB")
    texts = [*map(str, values), software]
    said = '","'.join(texts)
    # Most rows stand as they are: nothing in them is to be doubled, escaped, guarded or refused.
    plain = said.isprintable() and "\\" not in said and said.count('"') == 2 * len(texts) - 2
    if not plain or _GUARDED.search(f'"{said}'):
        said = '","'.join([text if at in _NUMBERS else encode_field(text) for at, text in enumerate(texts)])
    encode_field(row.comment)  # Its text goes to a file of its own: refused here, before anything is written.
    return PreparedRow(event_id, encode_field(event_id), row.occurred_at, said, texts, row.comment)


def _json(value: Mapping[str, Any] | None) -> str:
    try:
        return canonical_json(dict(value)).decode() if value else ""
    except (ValueError, TypeError) as exc:
        raise _refusal("a detail or the view is no JSON") from exc


def _refusal(why: str) -> LedgerValueRefused:
    return LedgerValueRefused("The row was not recorded.", f"Reason: {why}.", "Correct it and record again.")
