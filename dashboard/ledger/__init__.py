"""The record of every verdict: a hash-chained CSV that anyone can check, appended durably or not at all.

Trust model: tamper-evident against editing, inserting, deleting and reordering; not against whoever can rewrite the
whole file, unless its head is kept elsewhere. No arrays, no screen, no model in here. docs/ledger.md tells the rest.
"""

from ..chain import COLUMNS, HEADER_HASH, Head, Problem, Verification, click_event_id, verifier_source
from ..domain import LedgerEntry, NewRow, current_event, current_verdicts, last_act
from .ledger import Ledger

__all__ = [
    "COLUMNS",
    "HEADER_HASH",
    "Head",
    "Ledger",
    "LedgerEntry",
    "NewRow",
    "Problem",
    "Verification",
    "click_event_id",
    "current_event",
    "current_verdicts",
    "last_act",
    "verifier_source",
]
