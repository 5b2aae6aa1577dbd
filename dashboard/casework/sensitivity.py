"""From rows to the estimate: what each reader who judged a draw found, study by study."""

from __future__ import annotations

from collections.abc import Sequence

from ..audit import Measure, Sampled, sampled_sensitivity
from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action, Identity
from .controls import CONTROL

__all__ = ["controlled_sensitivity", "sampled_studies"]

_STANDS = (Action.ACCEPT, Action.MODIFY)


def sampled_studies(entries: Sequence[LedgerEntry], *, include_scripted: bool = False) -> list[Sampled]:
    """One item a draw and reader who has judged all of it: alerts that stood, and seizures found in controls.

    Counted is what was said of the windows, before anything of the model was shown: an alert that is judged again
    later, with its edges, counts as it was. A window that is judged `unsure` is judged, and no seizure.
    """
    verdicts: dict[tuple[str, str, str], list[LedgerEntry]] = {}
    said = [e for e in entries if e.details.get("window_s") or e.action == Action.AMEND]
    for entry in current_verdicts(said).values():
        if include_scripted or entry.identity != Identity.SCRIPT:
            verdicts.setdefault((entry.study, entry.prediction, entry.reader), []).append(entry)
    items = []
    for row in entries:
        if row.action != Action.SAMPLE:
            continue
        for (study, prediction, _), given in sorted(verdicts.items()):
            if (study, prediction) != (row.study, row.prediction):
                continue
            controls = [e for e in given if e.finding_kind == CONTROL]
            if len(controls) < int(row.details["drawn"]):
                continue
            true = sum(e.action in _STANDS for e in given if e.finding_kind != CONTROL)
            missed = sum(e.action in _STANDS for e in controls)
            size, drawn = int(row.details["size"]), int(row.details["drawn"])
            items.append(Sampled(row.study, row.subject, true, size, drawn, missed))
    return items


def controlled_sensitivity(
    entries: Sequence[LedgerEntry], *, resamples: int, include_scripted: bool = False
) -> list[Measure]:
    """Sensitivity by model, for models whose results were drawn from; none where controls are off."""
    measures = []
    for model in sorted({e.model for e in entries if e.action == Action.SAMPLE}):
        rows = [e for e in entries if e.model in ("", model)]
        items = sampled_studies(rows, include_scripted=include_scripted)
        if items:
            measures.append(sampled_sensitivity(items, group=model, resamples=resamples))
    return measures
