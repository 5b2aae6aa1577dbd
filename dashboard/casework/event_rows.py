"""An alert that is two seizures, or two alerts that are one: what is written together with the verdict on the first."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain import Finding, Prediction, Session, Study, new_own_finding
from ..errors import VerdictRule
from ..ledger import LedgerEntry, NewRow, current_verdicts
from ..terms import ELECTROGRAPHIC, Action, StudyKind
from .intents import Intent

__all__ = ["event_rows"]


def event_rows(
    entries: Sequence[LedgerEntry],
    session: Session,
    study: Study,
    prediction: Prediction | None,
    finding: Finding | None,
    action: Action,
    intent: Intent,
    verdict: str,
    common: Mapping[str, Any],
) -> list[NewRow]:
    """Rows beside the verdict: one `add` for each further part of an alert, one `modify` for each alert merged into it.

    All name the verdict in `split_from`, so that withdrawing it withdraws them. A merged alert is part of a seizure and
    no false alarm: it is modified, names the other in `merged_into`, and has no edges of its own.

    Raises
    ------
    VerdictRule
        A clinical type without video or notes; parts or alerts that can't be split or merged so.
    """
    if intent.event_type not in ("", ELECTROGRAPHIC) and not intent.video:
        raise _rule(
            "A clinical type can't be told from EEG alone.", "Say that video or notes were seen, or leave the type."
        )
    if not (intent.parts or intent.merged):
        return []
    if (
        study.kind is not StudyKind.EEG
        or prediction is None
        or finding is None
        or action != Action.MODIFY
        or not verdict
    ):
        raise _rule(
            "Only a modified alert is split or merged, on the page.", "Choose the alert and press the key again."
        )
    spans = sorted([(float(intent.onset_s or 0), float(intent.duration_s or 0)), *intent.parts])
    if any(length <= 0 for _, length in spans) or any(a + b > c for (a, b), (c, _) in itertools.pairwise(spans)):
        raise _rule("The parts overlap or are empty.", "Drag over the pause within the event.")
    return [*_parts(study, intent, verdict, common), *_merged(entries, session, study, prediction, finding, intent, verdict,
                                                              common)]  # fmt: skip


def _parts(study: Study, intent: Intent, verdict: str, common: Mapping[str, Any]) -> list[NewRow]:
    said = {"event_type": intent.event_type} if intent.event_type else {}
    said |= {"channels": list(intent.channels)} if intent.channels else {}
    said |= {"video": True} if intent.video else {}
    return [
        NewRow(
            action=Action.ADD,
            finding=new_own_finding(),
            finding_kind="seizure",
            details={**said, "onset_s": round(onset, 3), "duration_s": round(length, 3), "split_from": verdict},
            **{**common, "prediction": "", "input_digest": study.input_digest},
        )
        for onset, length in intent.parts
    ]


def _merged(
    entries: Sequence[LedgerEntry],
    session: Session,
    study: Study,
    prediction: Prediction,
    finding: Finding,
    intent: Intent,
    verdict: str,
    common: Mapping[str, Any],
) -> list[NewRow]:
    known = {str(one.number): one for one in prediction.findings if one.number != finding.number}
    if set(intent.merged) - set(known):
        raise _rule("An alert that was to be merged is not of this result.", "Reload the page.")
    current = current_verdicts(entries)
    start, stop = float(intent.onset_s or 0), float(intent.onset_s or 0) + float(intent.duration_s or 0)
    rows = []
    for number in intent.merged:
        other = known[number]
        if (other.onset_s or 0) < start - 1e-3 or (other.onset_s or 0) + (other.duration_s or 0) > stop + 1e-3:
            raise _rule("The edges don't lie over both alerts.", "Merge alerts that are next to each other.")
        replaced = current.get((study.id, prediction.digest, number, session.reader))
        rows.append(
            NewRow(
                action=Action.MODIFY,
                finding=number,
                finding_kind=other.kind,
                score=other.score,
                details={"merged_into": finding.number, "split_from": verdict},
                supersedes=replaced.event_id if replaced else "",
                **common,
            )
        )
    return rows


def _rule(why: str, what_to_do: str) -> VerdictRule:
    return VerdictRule("The verdict was not recorded.", why, what_to_do)
