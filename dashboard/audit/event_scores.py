"""Event scores of a seizure detector against what readers let stand: sensitivity, false alarms, in the field's own scorer.

Events are counted by `timescoring` (Dan et al. 2024, doi:10.1111/epi.18113), whose version and five parameters stand in
each figure, with the counts of events as they are, neither merged nor split, beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from scipy.stats import chi2
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring

from ..domain import joined
from .measure import Measure, Size, share_interval, size_of

__all__ = ["Counts", "ScoredRecording", "event_counts", "event_scores", "poisson_interval", "scorer", "within"]

Interval = tuple[float, float]
_HZ = 10
_PARAMETERS = {"toleranceStart": 30.0, "toleranceEnd": 60.0, "minOverlap": 0.0, "maxEventDuration": 300.0,
               "minDurationBetweenEvents": 90.0}  # fmt: skip
_AS_THEY_ARE = {"maxEventDuration": float("inf"), "minDurationBetweenEvents": 0.0}
_DAY_H = 24.0


@dataclass(frozen=True)
class ScoredRecording:
    """A recording that a reader signed off, with the events that stood and the detector's; onset and duration in seconds.

    Attributes
    ----------
    not_evaluated : tuple
        Stretches on which the detector said nothing, gaps among them.
    whole : bool
        The reader signed the whole study as read: only then can it be known what the detector missed.
    """

    study: str
    subject: str
    reference: tuple[Interval, ...]
    alerts: tuple[Interval, ...]
    duration_s: float
    not_evaluated: tuple[Interval, ...] = ()
    whole: bool = False

    @property
    def evaluated_h(self) -> float:
        """Hours that the detector judged: what it did not evaluate counts as nothing, neither quiet nor seizure."""
        covered = sum(stop - start for start, stop in within(self.not_evaluated, self.duration_s))
        return (self.duration_s - covered) / 3600


@dataclass(frozen=True)
class Counts:
    """Reference events, those found, and alerts that meet none."""

    events: int = 0
    found: int = 0
    false: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.events + other.events, self.found + other.found, self.false + other.false)


def event_counts(
    reference: Sequence[Interval], alerts: Sequence[Interval], duration_s: float, *, as_they_are: bool = False
) -> Counts:
    """Count events of one recording.

    Parameters
    ----------
    reference, alerts : sequence of (onset_s, duration_s)
        In any order; overlapping ones of one side are one event.
    as_they_are : bool
        Neither merge neighbours nor split long events; the tolerances stay.
    """
    said = {**_PARAMETERS, **(_AS_THEY_ARE if as_they_are else {})}
    samples = max(1, round(duration_s * _HZ))
    sides = (Annotation(within(side, duration_s), _HZ, samples) for side in (reference, alerts))
    scored = EventScoring(*sides, EventScoring.Parameters(**said))
    return Counts(int(scored.refTrue), int(scored.tp), int(scored.fp))


def within(events: Sequence[Interval], duration_s: float) -> list[Interval]:
    """(start, end) of (onset, duration) within the recording, in time's order, those that touch made one."""
    return list(joined((max(0.0, onset), min(duration_s, onset + length)) for onset, length in events))


def poisson_interval(count: int, *, confidence: float = 0.95) -> Interval:
    """Exact interval of a Poisson mean from one count (Garwood 1936, doi:10.1093/biomet/28.3-4.437)."""
    tail = (1 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def event_scores(
    recordings: Sequence[ScoredRecording], *, group: str, resamples: int = 2000
) -> tuple[Measure, Measure]:
    """Sensitivity to events and false alarms over evaluated hours, of one detector.

    Sensitivity rests on recordings whose reader signed the whole study as read; of the others nobody knows what was
    missed. A rate per 24 hours is given from 24 evaluated hours on, below it one per hour.
    """
    whole = [one for one in recordings if one.whole]
    scored = {id(one): event_counts(one.reference, one.alerts, one.duration_s) for one in recordings}
    plain = {id(one): event_counts(one.reference, one.alerts, one.duration_s, as_they_are=True) for one in recordings}

    def share(items: Sequence[ScoredRecording]) -> float | None:
        counts = sum((scored[id(one)] for one in items), Counts())
        return counts.found / counts.events if counts.events else None

    found, beside = (sum((of[id(one)] for one in whole), Counts()) for of in (scored, plain))
    value = share(whole)
    low, high = share_interval(whole, lambda one: one.subject, share, resamples=resamples)
    sensitivity = Measure(
        "event_sensitivity", group, value, low, high, size_of(whole), _method("Events found of those that stood. "),
        undefined="" if value is not None else "no event in a recording that was signed off as read whole",
        studies=tuple(one.study for one in whole),
        beside={"events": found.events, "found": found.found, "events_as_they_are": beside.events,
                "found_as_they_are": beside.found, "scorer": scorer()},
    )  # fmt: skip
    hours = sum(one.evaluated_h for one in recordings)
    false, false_plain = (sum(of[id(one)].false for one in recordings) for of in (scored, plain))
    per = _DAY_H if hours >= _DAY_H else 1.0
    bounds = poisson_interval(false)
    rate, least, most = ((count / hours * per if hours else None) for count in (false, *bounds))
    alarms = Measure(
        "false_alarm_rate", group, rate, least, most,
        Size(false, len({one.study for one in recordings}), len({one.subject for one in recordings})),
        _method("Alerts that meet no event that stood, over evaluated hours only; exact Poisson interval, which takes "
                "alarms as independent. "),
        unit="per 24 h" if per == _DAY_H else "per h",
        undefined="" if hours else "nothing was evaluated",
        studies=tuple(one.study for one in recordings),
        beside={"false_alarms": false, "false_alarms_as_they_are": false_plain, "evaluated_h": round(hours, 2),
                "scorer": scorer()},
    )  # fmt: skip
    return sensitivity, alarms


def scorer() -> str:
    """Name and version of the scorer."""
    return f"timescoring {version('timescoring')}"


def _method(first: str) -> str:
    return (
        f"{first}{scorer()}: 30 s before and 60 s after an event tolerated, any overlap counts, events less than 90 s "
        "apart merged, those above 5 min split. Reference: events that the adjudicator, else the reader who signed off "
        "last, let stand or added. Interval of a sensitivity: by resampling patients."
    )
