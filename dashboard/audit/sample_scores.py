"""Sample scores of a seizure detector: of the seconds that readers called a seizure, how many it did too, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timescoring.annotations import Annotation
from timescoring.scoring import SampleScoring

from .event_scores import Interval, ScoredRecording, scorer, within
from .measure import Measure, share_interval, size_of

__all__ = ["Seconds", "sample_counts", "sample_scores"]

_HZ = 1


@dataclass(frozen=True)
class Seconds:
    """Seconds of the reference, of the alerts, and of both at once."""

    reference: int = 0
    alerts: int = 0
    both: int = 0

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.reference + other.reference, self.alerts + other.alerts, self.both + other.both)


def sample_counts(reference: Sequence[Interval], alerts: Sequence[Interval], duration_s: float) -> Seconds:
    """Count one recording second by second, as `timescoring.SampleScoring` does at its default of 1 Hz.

    Parameters
    ----------
    reference, alerts : sequence of (onset_s, duration_s)
        In any order; what overlaps on one side counts once.
    """
    samples = max(1, round(duration_s * _HZ))
    sides = (Annotation(within(side, duration_s), _HZ, samples) for side in (reference, alerts))
    scored = SampleScoring(*sides, fs=_HZ)
    return Seconds(int(scored.refTrue), int(scored.tp + scored.fp), int(scored.tp))


def sample_scores(recordings: Sequence[ScoredRecording], *, group: str, resamples: int = 2000) -> Measure:
    """Sensitivity by seconds of one detector, with its precision beside it, on recordings that were read whole.

    Seconds on which the detector said nothing are seconds that it did not find.
    """
    whole = [one for one in recordings if one.whole]
    counted = {id(one): sample_counts(one.reference, one.alerts, one.duration_s) for one in whole}

    def share(items: Sequence[ScoredRecording]) -> float | None:
        total = sum((counted[id(one)] for one in items), Seconds())
        return total.both / total.reference if total.reference else None

    total = sum(counted.values(), Seconds())
    value = share(whole)
    low, high = share_interval(whole, lambda one: one.subject, share, resamples=resamples)
    return Measure(
        "sample_sensitivity", group, value, low, high, size_of(whole),
        f"Seconds of the events that stood on which the detector alerted. {scorer()}, sample by sample at {_HZ} Hz, without "
        "tolerance, merging or splitting; what was not evaluated counts as not found. Reference as for events. Interval: by "
        "resampling patients.",
        undefined="" if value is not None else "no event in a recording that was signed off as read whole",
        studies=tuple(one.study for one in whole),
        beside={"reference_s": total.reference, "alert_s": total.alerts, "found_s": total.both,
                "precision": total.both / total.alerts if total.alerts else None, "scorer": scorer()},
    )  # fmt: skip
