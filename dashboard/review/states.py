"""The state of each study on the worklist, from what is predicted, running or failed, and from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ..ledger import LedgerEntry
from ..terms import FINDING_ACTIONS, Action, Role

__all__ = ["StudyState", "study_states"]

_WORDS = {
    "new": "new",
    "running": "running",
    "failed": "not run",
    "to_review": "to review",
    "in_review": "in review",
    "done": "done",
    "adjudicate": "adjudicate",
}
_STANDS = {Action.ACCEPT, Action.MODIFY, Action.ADD}


@dataclass(frozen=True)
class StudyState:
    """One study's state: a key, its words, who is at it or done, and a detail such as why it was not run."""

    state: str
    words: str
    readers: tuple[str, ...] = ()
    detail: str = ""


@dataclass
class _Tally:
    """What the rows of one study say, reader by reader."""

    active: dict[str, None]
    signed: dict[str, str]
    standing: dict[tuple[str, str, str], str]


def study_states(
    studies: Sequence[str],
    entries: Iterable[LedgerEntry],
    *,
    predicted: Set[str],
    running: Set[str],
    failed: Mapping[str, str],
) -> dict[str, StudyState]:
    """States by study; one pass over the rows.

    A study is `done` when a reader has signed it off and nobody is at it; `adjudicate` when two who signed differ on
    whether anything is there. An adjudicator's own row settles it.
    """
    tallies = {study: _Tally({}, {}, {}) for study in studies}
    settled: set[str] = set()
    keys: dict[str, tuple[str, str, str]] = {}
    for entry in entries:
        tally = tallies.get(entry.study)
        if tally is None:
            continue
        if entry.action in FINDING_ACTIONS or entry.action == Action.ADD:
            key = (entry.reader, entry.prediction, entry.finding)
            tally.standing[key] = entry.action
            keys[entry.event_id] = key
            tally.active[entry.reader] = None
        elif entry.action == Action.READ and not entry.finding:
            tally.active[entry.reader] = None
        elif entry.action == Action.SIGN_OFF:
            tally.signed[entry.reader] = entry.event_id
            if entry.role == Role.ADJUDICATOR:
                settled.add(entry.study)
        elif entry.action == Action.REOPEN:
            tally.signed.pop(entry.reader, None)
            tally.active[entry.reader] = None
        elif entry.action == Action.ADJUDICATE:
            settled.add(entry.study)
        elif entry.action == Action.AMEND:
            tally.standing.pop(keys.get(entry.supersedes, ("", "", "")), None)
            if tally.signed.get(entry.reader) == entry.supersedes:
                del tally.signed[entry.reader]
    return {
        study: _state(tally, study in predicted, study in running, failed.get(study, ""), study in settled)
        for study, tally in tallies.items()
    }


def _state(tally: _Tally, predicted: bool, running: bool, failed: str, settled: bool) -> StudyState:
    signed = tuple(sorted(tally.signed))
    at_it = tuple(sorted(set(tally.active) - set(signed)))
    if len(signed) > 1 and not settled:
        present = {
            reader: any(r == reader and action in _STANDS for (r, _, _), action in tally.standing.items())
            for reader in signed
        }
        if len(set(present.values())) > 1:
            return _made("adjudicate", signed, f"{', '.join(signed)} differ")
    if at_it:
        return _made("in_review", at_it)
    if signed:
        return _made("done", signed)
    if running:
        return _made("running")
    if predicted:
        return _made("to_review")
    if failed:
        return _made("failed", detail=failed.replace("_", " "))
    return _made("new")


def _made(state: str, readers: tuple[str, ...] = (), detail: str = "") -> StudyState:
    return StudyState(state, _WORDS[state], readers, detail)
