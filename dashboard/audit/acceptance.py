"""How much of what a model found the readers let stand. Acceptance is not precision: the AI chose the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ledger import LedgerEntry, current_verdicts
from ..terms import REASONS, Action, Identity
from .measure import LeftOut, Measure, resampled_interval, share_interval, size_of

__all__ = [
    "acceptance",
    "active_seconds",
    "reason_groups",
    "reference_rows",
    "rejection_reasons",
    "relative_sensitivity",
    "split_verdicts",
    "verdict_dice",
]

_Statistic = Callable[[Sequence[LedgerEntry]], float | None]
_STANDS = (Action.ACCEPT, Action.MODIFY)
_JUDGED = (*_STANDS, Action.REJECT)

ACCEPTANCE_METHOD = (
    "Accepted or modified over accepted, modified and rejected findings; unsure ones stand beside it. "
    "Interval: 95 %, drawing patients with replacement; exact over patients where the share is 0 or 1."
)


def split_verdicts(entries: Iterable[LedgerEntry], include: Sequence[str] = ()) -> tuple[list[LedgerEntry], LeftOut]:
    """Current verdicts on findings, without bulk and scripted ones unless `include` names them."""
    kept, bulk, scripted = [], 0, 0
    for entry in current_verdicts(tuple(entries)).values():
        if entry.action not in (*_JUDGED, Action.UNSURE, Action.ADD):
            continue
        if entry.identity == Identity.SCRIPT and "scripted" not in include:
            scripted += 1
        elif entry.details.get("bulk") and "bulk" not in include:
            bulk += 1
        else:
            kept.append(entry)
    return kept, LeftOut(bulk=bulk, scripted=scripted)


def _share_standing(rows: Sequence[LedgerEntry]) -> float | None:
    judged = [row for row in rows if row.action in _JUDGED]
    return sum(row.action in _STANDS for row in judged) / len(judged) if judged else None


def acceptance(verdicts: Sequence[LedgerEntry], left_out: LeftOut, *, group: str, resamples: int = 2000) -> Measure:
    """Share of judged findings that were accepted or modified, `unsure` beside it."""
    counts = Counter(row.action for row in verdicts)
    return _measured(
        "acceptance",
        group,
        [row for row in verdicts if row.action in _JUDGED],
        _share_standing,
        share_interval,
        resamples,
        method=ACCEPTANCE_METHOD,
        undefined="no finding was accepted, modified or rejected",
        left_out=left_out,
        beside={str(action): counts.get(action, 0) for action in (*_JUDGED, Action.UNSURE)},
    )


def verdict_dice(verdicts: Sequence[LedgerEntry], *, group: str, resamples: int = 2000) -> Measure:
    """Median Dice of the readers' redrawn masks with the model's, beside the shares accepted and rejected.

    Redrawn masks alone flatter the model: what was accepted unchanged would be 1, what was rejected 0.
    """
    rows = [row for row in verdicts if row.action == Action.MODIFY and "dice" in row.details]
    judged = [row for row in verdicts if row.action in _JUDGED]
    total = len(judged)
    return _measured(
        "dice_of_modified",
        group,
        rows,
        _median(lambda row: row.details["dice"]),
        resampled_interval,
        resamples,
        method=(
            "Median Dice of the outline that the reader drew with the model's, over modified findings that were "
            "redrawn. Interval: 95 %, drawing patients with replacement."
        ),
        unit="Dice",
        undefined="no finding was redrawn",
        beside={
            "accepted_share": sum(row.action == Action.ACCEPT for row in judged) / total if total else None,
            "rejected_share": sum(row.action == Action.REJECT for row in judged) / total if total else None,
            "redrawn": len(rows),
            "judged": total,
            "values": [{"study": row.study, "dice": row.details["dice"]} for row in rows],
        },
    )


def relative_sensitivity(verdicts: Sequence[LedgerEntry], *, group: str, resamples: int = 2000) -> Measure:
    """Findings that stood over those and the ones that readers added. Readers had seen the AI: an upper bound."""
    rows = [row for row in verdicts if row.action in (*_STANDS, Action.ADD)]
    return _measured(
        "relative_sensitivity_reader_exposed",
        group,
        rows,
        lambda drawn: sum(row.action in _STANDS for row in drawn) / len(drawn) if drawn else None,
        share_interval,
        resamples,
        method=(
            "Accepted or modified findings over those and the ones added by readers who had seen the model's. What "
            "they overlooked with it is not in it: read it as an upper bound."
        ),
        undefined="no finding stood and none was added",
        beside={"added": sum(row.action == Action.ADD for row in rows)},
    )


def rejection_reasons(verdicts: Sequence[LedgerEntry]) -> Mapping[str, int]:
    """How often each coded reason was given with a rejection, the commonest first."""
    counts = Counter(row.reason or "none given" for row in verdicts if row.action == Action.REJECT)
    return dict(counts.most_common())


def reason_groups(verdicts: Sequence[LedgerEntry]) -> Mapping[str, int]:
    """How often reasons of each group of the finding's kind were given with a rejection; none is left out.

    Of EEG, artefacts and normal variants (`artefact`) say that the detector took no brain's rhythm, or a harmless one,
    for a seizure; ictal-interictal patterns (`pattern`: LPD, GPD, LRDA, GRDA, BIRDs) are near misses. They are never
    added up. Of MR, `false_positive` is something else that was taken for a lesion. `other` holds unknown codes too.
    """
    groups = {(str(kind), reason.code): reason.group for kind, reasons in REASONS.items() for reason in reasons}
    rejected = [row for row in verdicts if row.action == Action.REJECT]
    counts = Counter(groups.get((row.kind, row.reason), "other") if row.reason else "none given" for row in rejected)
    return dict(counts.most_common())


def reference_rows(entries: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """The rows with one verdict in place of several where an adjudicator has decided on a finding.

    Of such a finding no reader's verdict is left; the decision stands in their place as a verdict of the
    adjudicator's, where it was not withdrawn, nor the study reopened since.
    """
    decided: dict[tuple[str, str, str], LedgerEntry] = {}
    settled: dict[str, set[tuple[str, str, str]]] = {}
    pending: dict[str, set[tuple[str, str, str]]] = {}
    for row in entries:
        key = (row.study, row.prediction, row.finding)
        if row.action == Action.ADJUDICATE and row.finding:
            decided[key] = row
            pending.setdefault(row.study, set()).add(key)
        elif row.action == Action.ADJUDICATE:
            settled[row.study] = pending.pop(row.study, set())
        elif row.action == Action.REOPEN or (row.action == Action.AMEND and row.supersedes in _ids(decided, row.study)):
            settled.pop(row.study, None)
    in_force = {key for keys in settled.values() for key in keys}
    kept = [row for row in entries if (row.study, row.prediction, row.finding) not in in_force]
    kept += [replace(decided[key], action=str(decided[key].details["decision"])) for key in sorted(in_force)]
    return tuple(kept)


def _ids(decided: Mapping[tuple[str, str, str], LedgerEntry], study: str) -> set[str]:
    return {row.event_id for (of, _, _), row in decided.items() if of == study}


def active_seconds(verdicts: Sequence[LedgerEntry], *, group: str, resamples: int = 2000) -> Measure:
    """Median active seconds of a verdict, pauses of over 30 s left out. Only where the site records and asks for them."""
    return _measured(
        "active_seconds",
        group,
        [row for row in verdicts if row.active_s is not None],
        _median(lambda row: row.active_s),
        resampled_interval,
        resamples,
        method=(
            "Median seconds from the verdict before, or from opening, to this one, without pauses of over 30 s in "
            "which nothing was touched. Interval: 95 %, drawing patients with replacement."
        ),
        unit="s",
        undefined="no verdict has active seconds",
    )


def _measured(
    name: str,
    group: str,
    rows: Sequence[LedgerEntry],
    statistic: _Statistic,
    interval: Callable[..., tuple[float | None, float | None]],
    resamples: int,
    *,
    undefined: str,
    **said: Any,
) -> Measure:
    """The figure of a statistic over rows, with its interval over patients; `undefined` says why there is none."""
    low, high = interval(rows, lambda row: row.subject, statistic, resamples=resamples)
    return Measure(
        name=name,
        group=group,
        value=statistic(rows),
        low=low,
        high=high,
        n=size_of(rows),
        undefined="" if rows else undefined,
        studies=tuple(sorted({row.study for row in rows})),
        **said,
    )


def _median(of: Callable[[LedgerEntry], Any]) -> _Statistic:
    """The median of one number a row; None without rows."""
    return lambda rows: float(np.median([of(row) for row in rows])) if rows else None
