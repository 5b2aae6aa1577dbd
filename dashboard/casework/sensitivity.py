"""From rows to the estimates: what each reader who judged a draw found, study by study.

EEG windows give the sensitivity to seizures, MR control studies that of whole studies; the two are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..audit import Measure, Sampled, sampled_sensitivity, study_level_sensitivity
from ..ledger import LedgerEntry, current_verdicts
from ..review import READING_ROLES, parse_exposure
from ..terms import Action, ExposureClass, Identity
from .control_studies import MARKED, UNMARKED, is_chosen
from .controls import CONTROL, STRATUM

__all__ = ["controlled_sensitivity", "sampled_mr_studies", "sampled_studies"]

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
        if row.action != Action.SAMPLE or row.details["stratum"] != STRATUM:
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


def sampled_mr_studies(entries: Sequence[LedgerEntry], *, include_scripted: bool = False) -> tuple[list[Sampled], int]:
    """One item an MR study drawn and reader who read it before its model was shown, and how many were marked elsewhere.

    Marked elsewhere is a study, marked and found present, whose every mark that reader rejected afterwards.
    """
    reads = _own_reads(entries, include_scripted)
    verdicts: dict[tuple[str, str, str], list[str]] = {}
    for entry in current_verdicts(tuple(entries)).values():
        verdicts.setdefault((entry.study, entry.prediction, entry.reader), []).append(entry.action)
    items, elsewhere = [], 0
    for row in entries:
        if row.action != Action.SAMPLE or row.details["stratum"] not in (MARKED, UNMARKED) or not is_chosen(row):
            continue
        for read in reads.get(row.study, {}).values():
            found = bool(read.details.get("present"))
            if row.details["stratum"] == MARKED:
                items.append(Sampled(row.study, row.subject, int(found), 0, 0, 0))
                said = verdicts.get((row.study, row.prediction, read.reader), [])
                elsewhere += found and bool(said) and set(said) == {Action.REJECT}
            else:
                rate = float(row.details["inclusion_probability"])
                items.append(Sampled(row.study, row.subject, 0, 1, 1, int(found), probability=rate))
    return items, elsewhere


def _own_reads(entries: Sequence[LedgerEntry], include_scripted: bool) -> dict[str, dict[str, LedgerEntry]]:
    """By study and reader the read that stands, where nothing but the list had told its reader of a result."""
    withdrawn = {e.supersedes for e in entries if e.action == Action.AMEND}
    reads: dict[str, dict[str, LedgerEntry]] = {}
    for entry in entries:
        scripted = entry.identity == Identity.SCRIPT
        if (
            entry.action == Action.READ
            and not entry.finding
            and entry.event_id not in withdrawn
            and (include_scripted if scripted else entry.role in READING_ROLES)
            and parse_exposure(entry.exposure) <= {ExposureClass.PRIORITY}
        ):
            reads.setdefault(entry.study, {})[entry.reader] = entry
    return reads


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
        studies, elsewhere = sampled_mr_studies(rows, include_scripted=include_scripted)
        if studies:
            unmarked = sum(e.action == Action.SAMPLE and e.details["stratum"] == UNMARKED for e in rows)
            measures.append(
                study_level_sensitivity(
                    studies, group=model, unmarked=unmarked, marked_elsewhere=elsewhere, resamples=resamples
                )
            )
    return measures
