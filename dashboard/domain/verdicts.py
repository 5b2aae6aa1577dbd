"""Views of the ledger's rows: which verdicts are in force, and what state a page was drawn with."""

from __future__ import annotations

from collections.abc import Iterable

from ..terms import FINDING_ACTIONS, Action
from .entry import LedgerEntry

__all__ = ["current_event", "current_verdicts", "last_act"]

_VERDICTS = {*FINDING_ACTIONS, Action.ADD}
_SEEN_ONLY = {Action.PRESENT, Action.INTERACT}


def current_verdicts(entries: Iterable[LedgerEntry]) -> dict[tuple[str, str, str, str], LedgerEntry]:
    """Verdicts in force by (study, prediction, finding, reader): withdrawn ones and those replaced are gone.

    Withdrawing a verdict by `amend` leaves none: an earlier one that it had replaced does not come back.
    """
    current: dict[tuple[str, str, str, str], LedgerEntry] = {}
    by_id: dict[str, tuple[str, str, str, str]] = {}
    for entry in entries:
        if entry.action in _VERDICTS:
            key = (entry.study, entry.prediction, entry.finding, entry.reader)
            current[key] = entry
            by_id[entry.event_id] = key
        elif entry.action == Action.AMEND:
            key = by_id.get(entry.supersedes, ("", "", "", ""))
            if key in current and current[key].event_id == entry.supersedes:
                del current[key]
    return current


def current_event(entries: Iterable[LedgerEntry], study: str, prediction: str, finding: str, reader: str) -> str:
    """Id of the last row by which the reader gave or withdrew a verdict on a finding; '' where there is none.

    A page is drawn with it, and a click sends it back: that a verdict was withdrawn since is news as well.
    """
    what = (study, prediction, finding, reader)
    found = ""
    for entry in entries:
        if (entry.study, entry.prediction, entry.finding, entry.reader) == what and (
            entry.action in _VERDICTS or entry.action == Action.AMEND
        ):
            found = entry.event_id
    return found


def last_act(entries: Iterable[LedgerEntry], study: str, reader: str) -> str:
    """Id of the last thing that the reader did to a study, other than looking; '' where there is none.

    It stands for the page's state in clicks that concern no model's finding: add, read, sign off, reopen.
    """
    found = ""
    for entry in entries:
        if (entry.study, entry.reader) == (study, reader) and entry.action not in _SEEN_ONLY:
            found = entry.event_id
    return found
