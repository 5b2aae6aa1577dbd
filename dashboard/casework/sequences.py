"""Decision sequences (DSES 0.1) out of the ledger: one a study and reader, each with a hash chain of its own.

A sequence begins with the study's intake and ends with the reader's sign-off. A study that is reopened, or given to its
reader again, goes on as a new case that names the old one and begins with what was known by then, for whoever reads
again knows it. Nothing is reordered or made up: what can't be told as a whole sequence is left out and counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..domain import Session
from ..ledger import LedgerEntry
from ..terms import Action, Identity
from ..workspace import Workspace
from .dses import CAUTION, CITATION, VERDICTS, VERSION, Names
from .protocols import blind_first_under
from .reveal import visible_entries
from .sequence_events import ReaderCase, tell

__all__ = ["LEFT_OUT", "decision_sequences", "sequences_of"]

LEFT_OUT = {
    "not_signed_off": "the reader has not signed off, or took the sign-off back",
    "exposure_unknown": "the sign-off was a script's: what had reached the reader is not known",
    "no_intake": "the study's intake is not among the rows",
    "result_not_recorded": "a result was shown of which no row says that it existed before",
    "several_sign_offs": "signed off twice without being reopened",
}
_OWN = {Action.PRESENT, Action.INTERACT, *VERDICTS, Action.READ, Action.SIGN_OFF, Action.REOPEN, Action.ADJUDICATE,
        Action.AMEND}  # fmt: skip
_OF_THE_STUDY = {Action.ASSIGN, Action.SAMPLE, Action.ERASE}
_KNOWN_BEFORE = {Action.INTAKE, Action.PREDICT, Action.PRESENT}


def decision_sequences(workspace: Workspace, session: Session) -> dict[str, Any]:
    """Every decision sequence that this session may see, as one JSON object.

    Its `left_out` counts the sequences that are not there, `left_out_because` says why. `ledger` is the head that it
    was made from, absent where some rows are kept from this session.
    """
    entries = visible_entries(workspace, session)
    whole = bool(entries) and len(entries) == len(workspace.ledger.entries())
    told, left_out = sequences_of(entries, Names(workspace.keys.key("exports")), blind_first_under(workspace))
    return {
        "dses_version": VERSION,
        "source": CITATION,
        "caution": CAUTION,
        "limits": "Tamper-evident, not tamper-proof: whoever holds the ledger could rewrite it whole. Times are the "
        "site's own clock. Exact times and actors' pseudonyms stay at the site unless its policy says otherwise.",
        **({"ledger": {"seq": entries[-1].seq, "hash": entries[-1].hash}} if whole else {}),
        "left_out": left_out.total(),
        "left_out_because": {name: left_out[name] for name in LEFT_OUT if left_out[name]},
        "sequences": told,
    }


def sequences_of(
    entries: Iterable[LedgerEntry], names: Names, blind_first: Callable[[str], bool | None]
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The sequences in the order of studies and readers, and how many were left out, by reason.

    Parameters
    ----------
    blind_first : callable
        Whether the reading rules of a digest (`protocol`) withheld results until a read was committed; None where
        that is not known.
    """
    by_study: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        by_study.setdefault(entry.study, []).append(entry)
    everywhere = by_study.pop("", [])
    told: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    for study, rows in by_study.items():
        readers = dict.fromkeys(e.reader for e in rows if e.action in _OWN and e.identity != Identity.SYSTEM)
        for reader in readers:
            cases = _cases(study, reader, rows, everywhere, names)
            earlier: dict[str, Any] | None = None
            for case in cases:
                if why := case.why_not_told():
                    left_out[why] += 1
                    earlier = None
                else:
                    earlier = tell(case, names, blind_first, earlier)
                    told.append(earlier)
    return told, left_out


def _cases(
    study: str, reader: str, rows: Sequence[LedgerEntry], everywhere: Sequence[LedgerEntry], names: Names
) -> list[ReaderCase]:
    """A reader's rows of a study, with the ledger's own between them, cut where the study was reopened or given again."""

    def concerns(entry: LedgerEntry) -> bool:
        if entry.action == Action.ASSIGN:
            return entry.details.get("assignee", reader) == reader
        if entry.identity == Identity.SYSTEM:
            return entry.action not in _OWN
        return entry.reader == reader or entry.action in _OF_THE_STUDY

    mine = [entry for entry in rows if concerns(entry)]
    seqs = [entry.seq for entry in everywhere]
    first, behind = bisect_right(seqs, mine[0].seq), bisect_right(seqs, mine[-1].seq)
    anchored = [entry for entry in everywhere[behind:] if entry.action == Action.ANCHOR][:1]
    mine = sorted([*mine, *everywhere[first:behind], *anchored], key=lambda entry: entry.seq)
    ref = f"{study}/{names.actor(reader)}"
    cases = [ReaderCase(reader, ref, {}, [], mine)]
    again = next((e for e in mine if e.action == Action.ASSIGN and e.details.get("again")), None)
    for entry in mine:
        if entry.action == Action.REOPEN or entry is again:
            old = cases[-1]
            known = [e for e in (*old.before, *old.rows) if e.action in _KNOWN_BEFORE]
            old.rows.append(entry)
            link = {"repeats" if entry is again else "reopens": old.ref}
            history = [e for e in mine if e.seq > entry.seq] if entry is again else old.history
            cases.append(ReaderCase(reader, f"{ref}/{len(cases) + 1}", link, known, history))
        cases[-1].rows.append(entry)
    return cases
