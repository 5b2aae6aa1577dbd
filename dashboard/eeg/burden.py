"""How long seizures lasted together, at the longest, and in the worst hour; and which durations of ACNS 2021 that meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import joined

__all__ = ["ACNS", "Burden", "seizure_burden"]

ACNS = (
    "ACNS 2021 (doi:10.1097/WNP.0000000000000806): electrographic seizure, discharges averaging above 2.5 Hz for 10 s or "
    "more, or definite evolution for 10 s or more; electrographic status epilepticus, 10 min continuous or 20 % of any "
    "60 min. Only durations were measured here. Gaps are not seizure-free."
)
_SEIZURE_S, _STATUS_S, _HOUR_S, _STATUS_SHARE = 10.0, 600.0, 3600.0, 0.2


@dataclass(frozen=True)
class Burden:
    """Seconds of seizure, each second once.

    Attributes
    ----------
    count : int
        Events, before those that overlap are joined.
    longest_s : float
        The longest stretch without a pause.
    worst_hour_s, worst_hour_at_s : float
        The most in any 60 min, and where those begin.
    """

    count: int
    total_s: float
    longest_s: float
    worst_hour_s: float
    worst_hour_at_s: float

    @property
    def meets(self) -> str:
        """'status' or 'seizure' where the duration criterion is met, else ''; nothing is said of the waves."""
        if self.longest_s >= _STATUS_S or self.worst_hour_s >= _STATUS_SHARE * _HOUR_S:
            return "status"
        return "seizure" if self.longest_s >= _SEIZURE_S else ""


def seizure_burden(spans: Sequence[tuple[float, float]]) -> Burden:
    """The burden of events from onset to end, in seconds.

    The worst hour is sought over all windows of 60 min that begin with an event or end with one: the sum can only be
    highest there.
    """
    union = joined(spans)
    begins = sorted({0.0, *(start for start, _ in union), *(max(0.0, stop - _HOUR_S) for _, stop in union)})
    hours = [sum(max(0.0, min(b, at + _HOUR_S) - max(a, at)) for a, b in union) for at in begins]
    worst = max(range(len(hours)), key=lambda n: hours[n])
    return Burden(
        count=len(spans),
        total_s=sum(b - a for a, b in union),
        longest_s=max((b - a for a, b in union), default=0.0),
        worst_hour_s=hours[worst],
        worst_hour_at_s=begins[worst],
    )
