"""The ledger as one file in the format that somebody asks for: a table, decision sequences, or FHIR."""

from __future__ import annotations

import json
from typing import Any

from ..domain import Session
from ..errors import UsageError
from ..workspace import Workspace
from .provenance import provenance_bundle
from .screens import ledger_table
from .sequences import decision_sequences

__all__ = ["LEDGER_FORMATS", "ledger_export"]

LEDGER_FORMATS = ("csv", "jsonl", "dses", "fhir")


def ledger_export(workspace: Workspace, session: Session, format_: str) -> tuple[str, dict[str, Any]]:
    """Everything that this session may see of the ledger as text, and what is to be said of it in numbers.

    Raises
    ------
    UsageError
        The format is none of LEDGER_FORMATS.
    """
    if format_ not in LEDGER_FORMATS:
        known = f"{', '.join(LEDGER_FORMATS[:-1])} or {LEDGER_FORMATS[-1]}"
        raise UsageError(f"{format_} was not written.", "It is not a format of the ledger.", f"Choose {known}.")
    if format_ == "dses":
        found = decision_sequences(workspace, session)
        counts = {name: found[name] for name in ("left_out", "left_out_because")}
        return _text(found), {"sequences": len(found["sequences"]), **counts}
    if format_ == "fhir":
        bundle = provenance_bundle(workspace, session)
        return _text(bundle), {"resources": len(bundle["entry"])}
    return ledger_table(workspace, session, format_), {}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
