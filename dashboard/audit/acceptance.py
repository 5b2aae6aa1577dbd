"""How much of what a model found the readers let stand. Acceptance is not precision: the AI chose the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action, Identity
from .measure import LeftOut, Measure, resampled_interval, size_of

__all__ = ["acceptance", "rejection_reasons", "relative_sensitivity", "split_verdicts", "verdict_dice"]

_STANDS = (Action.ACCEPT, Action.MODIFY)
_JUDGED = (*_STANDS, Action.REJECT)

ACCEPTANCE_METHOD = (
    "Accepted or modified over accepted, modified and rejected findings; unsure ones stand beside it. "
    "Interval: 95 %, drawing patients with replacement."
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
    rows = [row for row in verdicts if row.action != Action.ADD]
    judged = [row for row in rows if row.action in _JUDGED]
    counts = Counter(row.action for row in rows)
    low, high = resampled_interval(judged, lambda r: r.subject, _share_standing, resamples=resamples)
    return Measure(
        name="acceptance",
        group=group,
        value=_share_standing(judged),
        low=low,
        high=high,
        n=size_of(judged),
        method=ACCEPTANCE_METHOD,
        left_out=left_out,
        undefined="" if judged else "no finding was accepted, modified or rejected",
        studies=tuple(sorted({row.study for row in judged})),
        beside={str(action): counts.get(action, 0) for action in (*_JUDGED, Action.UNSURE)},
    )


def verdict_dice(verdicts: Sequence[LedgerEntry], *, group: str, resamples: int = 2000) -> Measure:
    """Median Dice of the readers' redrawn masks with the model's, beside the shares accepted and rejected.

    Redrawn masks alone flatter the model: what was accepted unchanged would be 1, what was rejected 0.
    """
    rows = [row for row in verdicts if row.action == Action.MODIFY and "dice" in row.details]
    judged = [row for row in verdicts if row.action in _JUDGED]

    def median(drawn: Sequence[LedgerEntry]) -> float | None:
        return float(np.median([row.details["dice"] for row in drawn])) if drawn else None

    low, high = resampled_interval(rows, lambda r: r.subject, median, resamples=resamples)
    total = len(judged)
    return Measure(
        name="dice_of_modified",
        group=group,
        value=median(rows),
        low=low,
        high=high,
        n=size_of(rows),
        method=(
            "Median Dice of the outline that the reader drew with the model's, over modified findings that were "
            "redrawn. Interval: 95 %, drawing patients with replacement."
        ),
        unit="Dice",
        undefined="" if rows else "no finding was redrawn",
        studies=tuple(sorted({row.study for row in rows})),
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

    def share(drawn: Sequence[LedgerEntry]) -> float | None:
        return sum(row.action in _STANDS for row in drawn) / len(drawn) if drawn else None

    low, high = resampled_interval(rows, lambda r: r.subject, share, resamples=resamples)
    return Measure(
        name="relative_sensitivity_reader_exposed",
        group=group,
        value=share(rows),
        low=low,
        high=high,
        n=size_of(rows),
        method=(
            "Accepted or modified findings over those and the ones added by readers who had seen the model's. What "
            "they overlooked with it is not in it: read it as an upper bound."
        ),
        undefined="" if rows else "no finding stood and none was added",
        studies=tuple(sorted({row.study for row in rows})),
        beside={"added": sum(row.action == Action.ADD for row in rows)},
    )


def rejection_reasons(verdicts: Sequence[LedgerEntry]) -> Mapping[str, int]:
    """How often each coded reason was given with a rejection, the commonest first."""
    counts = Counter(row.reason or "none given" for row in verdicts if row.action == Action.REJECT)
    return dict(counts.most_common())
