"""Score curves into events, the choice of the rules, and what of it was right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np

from ..domain import Float32Array
from ..eeg import Event, risk_events
from .seizure_data import LabelledRecording

__all__ = [
    "Curve",
    "EventRules",
    "alarms_of",
    "choose_rules",
    "curve_of",
    "evaluation_of",
    "poisson_upper",
    "recording_row",
]

_MAJORITY = 0.5
"""Share of the experts from which a clip counts as a seizure; below it but above none it is undecided."""


@dataclass(frozen=True)
class EventRules:
    """How a score curve becomes events: the manifest's `events`."""

    on: float
    off: float
    min_duration_s: float
    merge_gap_s: float


@dataclass(frozen=True, eq=False)
class Curve:
    """The scores of one recording beside its reference.

    Attributes
    ----------
    times_s, scores : (window,) float32
        Centres of the windows.
    reference : tuple of (onset_s, end_s)
        Seizures that the source or most experts state.
    undecided : bool
        Some experts, but not half, called it a seizure: neither right nor wrong is counted.
    """

    name: str
    hours: float
    step_s: float
    times_s: Float32Array
    scores: Float32Array
    reference: tuple[tuple[float, float], ...]
    undecided: bool

    def events(self, rules: EventRules) -> tuple[Event, ...]:
        """Events of the curve by the rules."""
        return risk_events(self.times_s, self.scores, step_s=self.step_s, **asdict(rules))


def curve_of(recording: LabelledRecording, times_s: Float32Array, scores: Float32Array, step_s: float) -> Curve:
    """A curve with the reference that a recording's targets give."""
    stated = np.nan_to_num(recording.target)
    seizure = np.concatenate([[False], stated >= _MAJORITY, [False]])
    edges = np.flatnonzero(np.diff(seizure.astype(int)))
    reference = tuple((float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
    undecided = not reference and bool(stated.max(initial=0) > 0)
    return Curve(recording.name, len(stated) / 3600, step_s, times_s, scores, reference, undecided)


def recording_row(curve: Curve, rules: EventRules, split: str) -> dict[str, Any]:
    """`file split hours reference found false_alarms` of one recording; an event that touches a seizure is no false alarm."""
    events = curve.events(rules)
    touched = [any(event.onset_s < stop and event.end_s > start for start, stop in curve.reference) for event in events]
    found = [any(e.onset_s < stop and e.end_s > start for e in events) for start, stop in curve.reference]
    whole_clip = "iiic/" in curve.name and bool(curve.reference)
    return {
        "file": curve.name,
        "split": split,
        "hours": round(curve.hours, 5),
        "reference": len(curve.reference),
        "found": sum(found),
        "false_alarms": 0 if curve.undecided or whole_clip else len(events) - sum(touched),
        "undecided_alarms": len(events) if curve.undecided else 0,
        "peak": round(float(curve.scores.max()), 3),
    }


def evaluation_of(curves: Iterable[Curve], rules: EventRules, split: str) -> dict[str, Any]:
    """Every recording's row and their summary, as `overread models evaluate --json` prints them.

    The hours of undecided clips are left out of the rate. Of `iiic` clips that are seizures only the central seconds
    have a label, so an alarm elsewhere in them is not counted.
    """
    listed = list(curves)
    rows = [recording_row(curve, rules, split) for curve in listed]
    decided = [row for row, curve in zip(rows, listed, strict=True) if not curve.undecided]
    hours, alarms = sum(row["hours"] for row in decided), sum(row["false_alarms"] for row in decided)
    summary = {
        "recordings": len(rows),
        "hours": round(hours, 4),
        "reference": sum(row["reference"] for row in rows),
        "found": sum(row["found"] for row in rows),
        "false_alarms": alarms,
        "upper_per_hour": round(poisson_upper(alarms) / hours, 2) if hours else None,
        "undecided": len(rows) - len(decided),
    }
    return {"recordings": rows, "summary": summary}


def alarms_of(curves: Iterable[Curve], rules: EventRules, folders: Sequence[str]) -> dict[str, Any]:
    """False alarms in the recordings of some folders that hold no seizure, with hours and the rate's upper limit."""
    quiet = [c for c in curves if c.name.split("/")[0] in folders and not c.reference and not c.undecided]
    hours = sum(curve.hours for curve in quiet)
    alarms = sum(len(curve.events(rules)) for curve in quiet)
    return {
        "recordings": len(quiet),
        "hours": round(hours, 4),
        "false_alarms": alarms,
        "upper_per_hour": round(poisson_upper(alarms) / hours, 2) if hours else None,
    }


def poisson_upper(count: int) -> float:
    """Exact one-sided upper 95 % limit of a Poisson count: half the chi-square quantile at 2 (n + 1); 3.0 for none."""
    from scipy.stats import chi2

    return float(chi2.ppf(0.95, 2 * (count + 1)) / 2)


def choose_rules(curves: Sequence[Curve], alarms_per_hour: float) -> tuple[EventRules, list[dict[str, Any]]]:
    """The rules that find most seizures among those with at most so many false alarms an hour.

    Ties go to fewer false alarms, then to the higher threshold. Give scores of recordings that the network was not
    trained on, of the train split only.

    Returns
    -------
    rules, trail
        The trail has, for each threshold, the best rules' figures.
    """
    best: tuple[tuple[float, ...], EventRules] | None = None
    trail: dict[float, dict[str, Any]] = {}
    grid = product(np.arange(0.3, 0.96, 0.05).round(2), (0.5, 0.7, 1.0), (2.0, 4.0, 6.0, 8.0, 10.0), (4.0, 8.0))
    for on, ratio, shortest, gap in grid:
        rules = EventRules(float(on), round(float(on) * ratio, 3), shortest, gap)
        summary = evaluation_of(curves, rules, "train")["summary"]
        rate = summary["false_alarms"] / summary["hours"]
        merit = (float(rate <= alarms_per_hour), summary["found"] if rate <= alarms_per_hour else -rate)
        merit = (*merit, -summary["false_alarms"], float(on))
        if best is None or merit > best[0]:
            best = (merit, rules)
        kept = trail.get(float(on))
        if kept is None or (summary["found"], -summary["false_alarms"]) > (kept["found"], -kept["false_alarms"]):
            trail[float(on)] = {**asdict(rules), "found": summary["found"], "false_alarms": summary["false_alarms"]}
    assert best is not None
    return best[1], list(trail.values())
