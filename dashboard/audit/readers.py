"""Reader with reader: kappa, AC1 and raw agreement side by side, on units that no model chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil

from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action, Identity, Role, StudyKind
from .measure import Measure, Size, resampled_interval

__all__ = ["AGAIN", "EPOCH_S", "Unit", "agreement_of", "epoch_units", "reader_pairs", "study_units", "verdict_interval"]

AGAIN = " again"
"""Behind a reader's code: their second pass over a study, as `review.as_passes` writes it."""

EPOCH_S = 10.0
"""Length of the fixed EEG unit, seconds; the shortest electrographic seizure of ACNS 2021."""

_STANDS = (Action.ACCEPT, Action.MODIFY, Action.ADD)


@dataclass(frozen=True)
class Unit:
    """What one reader said of one fixed unit."""

    reader: str
    study: str
    subject: str
    index: int
    present: bool


def study_units(entries: Sequence[LedgerEntry], *, blind: bool, include_scripted: bool = False) -> list[Unit]:
    """One unit a study and reader: is there a finding at all?

    An adjudicator is no reader here: kappa stays reader against reader. With `blind`, what the reader committed
    before the AI (`read`). Without, what stood when the reader signed the
    study off: any accepted, modified or added finding makes it present.
    """
    withdrawn = {e.supersedes for e in entries if e.action == Action.AMEND}
    rows = [e for e in entries if (include_scripted or e.identity != Identity.SCRIPT) and e.role != Role.ADJUDICATOR]
    if blind:
        return [
            Unit(e.reader, e.study, e.subject, 0, bool(e.details.get("present")))
            for e in rows
            if e.action == Action.READ and not e.finding and e.event_id not in withdrawn
        ]
    standing = {(e.study, e.reader) for e in current_verdicts(tuple(entries)).values() if e.action in _STANDS}
    signed = {(e.study, e.reader): e for e in rows if e.action == Action.SIGN_OFF and e.event_id not in withdrawn}
    return [Unit(reader, study, e.subject, 0, (study, reader) in standing) for (study, reader), e in signed.items()]


def epoch_units(
    entries: Sequence[LedgerEntry],
    durations_s: Mapping[str, float],
    events: Mapping[tuple[str, str, str], tuple[float, float]],
    *,
    include_scripted: bool = False,
) -> list[Unit]:
    """One unit a 10 s epoch, study and reader, for EEG studies that the reader signed off.

    Parameters
    ----------
    durations_s : mapping
        Recording length by study.
    events : mapping
        Onset and duration of the model's events by (study, prediction, finding), for accepted ones; modified and
        added ones carry their own in the row.
    """
    withdrawn = {e.supersedes for e in entries if e.action == Action.AMEND}
    verdicts = current_verdicts(tuple(entries)).values()
    units: list[Unit] = []
    for signed in entries:
        if (
            signed.action != Action.SIGN_OFF
            or signed.role == Role.ADJUDICATOR
            or signed.kind != StudyKind.EEG
            or signed.event_id in withdrawn
            or signed.study not in durations_s
            or (signed.identity == Identity.SCRIPT and not include_scripted)
        ):
            continue
        intervals = [
            interval
            for e in verdicts
            if (e.study, e.reader) == (signed.study, signed.reader) and e.action in _STANDS
            for interval in [verdict_interval(e, events)]
            if interval
        ]
        for index in range(ceil(durations_s[signed.study] / EPOCH_S)):
            start, stop = index * EPOCH_S, (index + 1) * EPOCH_S
            present = any(onset < stop and onset + length > start for onset, length in intervals)
            units.append(Unit(signed.reader, signed.study, signed.subject, index, present))
    return units


def verdict_interval(
    entry: LedgerEntry, events: Mapping[tuple[str, str, str], tuple[float, float]]
) -> tuple[float, float] | None:
    """Onset and duration of what a verdict is about: the row's own, else those of the model's event; None without any."""
    if "onset_s" in entry.details:
        return float(entry.details["onset_s"]), float(entry.details["duration_s"])
    return events.get((entry.study, entry.prediction, entry.finding))


Pair = tuple[Unit, Unit]


def agreement_of(pairs: Sequence[Pair]) -> tuple[float | None, float | None, float | None, float | None]:
    """Cohen's kappa, Gwet's AC1, raw agreement and prevalence of binary pairs; None where undefined.

    Kappa is undefined where chance agreement is 1: both readers gave one answer throughout
    (Cohen 1960, doi:10.1177/001316446002000104; Gwet 2008, doi:10.1348/000711006X126600).
    """
    if not pairs:
        return None, None, None, None
    n = len(pairs)
    raw = sum(a.present == b.present for a, b in pairs) / n
    first = sum(a.present for a, _ in pairs) / n
    second = sum(b.present for _, b in pairs) / n
    prevalence = (first + second) / 2
    by_chance = first * second + (1 - first) * (1 - second)
    kappa = (raw - by_chance) / (1 - by_chance) if by_chance < 1 - 1e-12 else None
    gwet = 2 * prevalence * (1 - prevalence)
    return kappa, (raw - gwet) / (1 - gwet), raw, prevalence


def reader_pairs(units: Iterable[Unit], *, unit: str, basis: str, resamples: int = 2000) -> list[Measure]:
    """Agreement of every two readers on the units that both judged, kappa with AC1 and raw beside it.

    A second pass ('R-04 again') is compared with its own first alone: agreement of a reader with themselves.
    """
    judged: dict[str, dict[tuple[str, int], Unit]] = {}
    for one in units:
        judged.setdefault(one.reader, {})[(one.study, one.index)] = one
    measures = []
    for a, b in combinations(sorted(judged), 2):
        if (a.endswith(AGAIN) or b.endswith(AGAIN)) and b != a + AGAIN:
            continue
        shared = sorted(judged[a].keys() & judged[b].keys())
        pairs = [(judged[a][key], judged[b][key]) for key in shared]
        if not pairs:
            continue
        kappa, ac1, raw, prevalence = agreement_of(pairs)
        low, high = resampled_interval(
            pairs, lambda p: p[0].subject, lambda drawn: agreement_of(drawn)[0], resamples=resamples
        )
        studies = tuple(sorted({p[0].study for p in pairs}))
        measures.append(
            Measure(
                name="reader_agreement_kappa",
                group=f"{a}, {b}",
                value=kappa,
                low=low if kappa is not None else None,
                high=high if kappa is not None else None,
                n=Size(len(pairs), len(studies), len({p[0].subject for p in pairs})),
                method=(
                    f"Cohen's kappa of two readers on fixed units ({unit}), {basis}; AC1 (Gwet) and raw agreement "
                    "beside it, since kappa falls where nearly all units are alike. Interval: 95 %, drawing patients "
                    "with replacement."
                ),
                unit=unit,
                undefined="" if kappa is not None else "both readers gave the same one answer throughout",
                studies=studies,
                beside={"ac1": ac1, "raw": raw, "prevalence": prevalence, "basis": basis},
            )
        )
    return measures
