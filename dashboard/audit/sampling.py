"""Sampled controls: which unlabelled windows a reader judges beside the alerts, and what they say of what was missed.

Pure: windows from alerts, a draw that anybody can repeat from its seed, and the estimate from counts and weights.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .measure import Measure, Size

__all__ = [
    "AFTER_S",
    "BEFORE_S",
    "WINDOW_S",
    "Sampled",
    "Window",
    "balanced_count",
    "control_windows",
    "draw",
    "drawn_count",
    "missed_bound",
    "sampled_sensitivity",
    "study_level_sensitivity",
    "window_of",
]

WINDOW_S = 30.0
"""Length of a window, seconds; at a gap and at the end it is shorter, or up to 5 s longer."""
BEFORE_S, AFTER_S = 30.0, 60.0
"""What begins so long before an alert, or so long after its end, counts as found by it: the tolerances of SzCORE
(Dan et al. 2024, doi:10.1111/epi.18113), each drawn out to the next multiple of the window's length, so that windows
of alerts and of controls have the same edges."""
_REST_S = 5.0
_CONFIDENCE = 0.95

METHOD = (
    "True alerts (accepted or modified) over these and the missed seizures. Missed ones are those that the reader found "
    "in unlabelled windows without an alert, each counted in the window that holds its onset and weighted by 1 over the "
    "window's inclusion probability. Interval: 95 %, drawing patients with replacement, widened to the exact bound of "
    "the draw where few were found."
)


METHOD_STUDIES = (
    "Studies in which the model marked anything and the reader, before anything of the model was shown, found something, "
    "over these and the missed ones: studies in which it marked nothing and the reader found something, each weighted "
    "by 1 over its inclusion probability. Study level only: that the marks were in the right place is not asked. "
    "Interval: 95 %, drawing patients with replacement, widened to the exact bound of the draw where few were found."
)


@dataclass(frozen=True)
class Window:
    """A stretch of a recording without an alert, by number in the order of time."""

    index: int
    onset_s: float
    duration_s: float


@dataclass(frozen=True)
class Sampled:
    """One study as one reader judged it.

    Attributes
    ----------
    true_alerts : int
        Alerts that the reader accepted or modified; in MR 1 where any finding stood.
    size, drawn : int
        Windows without an alert, and how many of them were judged.
    missed : int
        Windows among those judged in which the reader found a seizure.
    probability : float or None
        Inclusion probability where it is not `drawn` over `size`: of an MR study the rate.
    """

    study: str
    subject: str
    true_alerts: int
    size: int
    drawn: int
    missed: int
    probability: float | None = None

    @property
    def inclusion(self) -> float:
        """The inclusion probability; 0 where nothing was drawn."""
        if self.probability is not None:
            return self.probability
        return self.drawn / self.size if self.size else 0.0

    @property
    def weight(self) -> float:
        """1 over the inclusion probability; 0 where nothing was drawn."""
        return 1 / self.inclusion if self.inclusion else 0.0


def control_windows(
    duration_s: float,
    alerts: Iterable[tuple[float, float]],
    gaps: Iterable[tuple[float, float]] = (),
    *,
    window_s: float = WINDOW_S,
    before_s: float = BEFORE_S,
    after_s: float = AFTER_S,
) -> tuple[Window, ...]:
    """All of a recording that belongs to no alert, cut into windows; a moment lies in one of them at most.

    Parameters
    ----------
    alerts, gaps : pairs of (onset, duration)
        Seconds from the recording's start.

    Returns
    -------
    tuple of Window
        In the order of time; empty where alerts cover everything.
    """
    taken = [
        (
            math.floor((onset - before_s) / window_s) * window_s,
            math.ceil((onset + length + after_s) / window_s) * window_s,
        )
        for onset, length in alerts
    ]
    taken += [(onset, onset + length) for onset, length in gaps]
    free, at = [], 0.0
    for start, stop in [*sorted(taken), (duration_s, duration_s)]:
        if min(start, duration_s) > at:
            free.append((at, min(start, duration_s)))
        at = max(at, stop)
    windows: list[tuple[float, float]] = []
    for start, stop in free:
        first, last = math.floor(start / window_s) + 1, math.ceil(stop / window_s)
        inner = [number * window_s for number in range(first, last)]
        edges = [start, *(e for e in inner if start + _REST_S < e < stop - _REST_S), stop]
        windows += list(itertools.pairwise(edges))
    return tuple(Window(n, round(a, 3), round(b - a, 3)) for n, (a, b) in enumerate(windows))


def window_of(moment_s: float, duration_s: float, *, window_s: float = WINDOW_S) -> tuple[float, float]:
    """Onset and duration of the window that holds a moment, as an alert is shown without its edges."""
    start = math.floor(moment_s / window_s) * window_s
    if 0 < duration_s - start <= _REST_S and start:
        start -= window_s
    stop = start + window_s
    return start, (duration_s if duration_s - stop <= _REST_S else stop) - start


def drawn_count(size: int, rate: float) -> int:
    """How many of a stratum's units are drawn: the rate of them, rounded, and at least one where there is any."""
    return min(size, max(1, round(rate * size))) if size and rate > 0 else 0


def balanced_count(size: int, rate: float, seed: str) -> int:
    """How many of so many studies are drawn: the rate of them, rounded up or down by chance.

    The rate times the size plus the first 8 bytes of SHA-256 of 'seed:count' over 2^64, rounded down. In the mean that
    is the rate of them exactly, so that each is drawn with that probability however many come together.
    """
    chance = int.from_bytes(hashlib.sha256(f"{seed}:count".encode()).digest()[:8], "big") / 2**64
    return min(size, math.floor(min(1.0, rate) * size + chance)) if rate > 0 else 0


def draw(size: int, count: int, seed: str) -> tuple[int, ...]:
    """A simple random sample without replacement, in order: the units whose SHA-256 of 'seed:number' are the smallest.

    Any language repeats it from the row, which a generator of random numbers would not promise.

    >>> draw(10, 3, "0f")
    (1, 6, 7)
    """
    ranked = sorted(range(size), key=lambda n: hashlib.sha256(f"{seed}:{n}".encode()).digest())
    return tuple(sorted(ranked[:count]))


def missed_bound(found: int, probability: float, *, confidence: float = _CONFIDENCE) -> float:
    """Most seizures that may have been missed, at that confidence, where so many were found in the sample.

    For none found: a draw at probability p shows none of M with probability (1 - p)^M at most, however the missed ones
    are spread over patients; the bound is the M at which that falls to 1 - confidence. For more: the Poisson bound of
    the found, over p (Garwood 1936, doi:10.1093/biomet/28.3-4.437).
    """
    if probability >= 1:
        return float(found)
    if found == 0:
        return math.log(1 - confidence) / math.log1p(-probability)
    from scipy.stats import chi2

    return float(chi2.ppf(confidence, 2 * (found + 1))) / 2 / probability


def sampled_sensitivity(
    items: Sequence[Sampled],
    *,
    group: str,
    name: str = "sensitivity_sampled",
    unit: str = "seizures",
    resamples: int = 2000,
    seed: int = 20260101,
    method: str = METHOD,
    judged: str = "windows judged",
) -> Measure:
    """Sensitivity from alerts and sampled windows; with none missed among them a lower bound only.

    The value is None where nothing is there to be found, and where no missed one was found: a sample that shows none
    can't tell 'none' from 'few'.
    """
    items = [item for item in items if item.drawn or not item.size]
    true = sum(item.true_alerts for item in items)
    found = sum(item.missed for item in items)
    missed = sum(item.missed * item.weight for item in items)
    drawn, size = sum(item.drawn for item in items), sum(item.size for item in items)
    least = min((item.inclusion for item in items if item.size), default=1.0)
    value = low = high = None
    undefined = ""
    if not items or (true == 0 and found == 0):
        undefined = "no true alert and no missed one is known"
    elif found == 0 and least < 1:
        low = true / (true + missed_bound(0, least))
        undefined = f"none was missed in the {drawn} {judged}: a lower bound only (95 %, one-sided)"
    else:
        value = true / (true + missed)
        low, high = _interval(items, resamples, seed)
        if low is not None and value in (0, 1):
            low, high = _exact(items, value)
        if low is not None and least < 1:
            low = min(low, true / (true + missed_bound(found, least, confidence=0.975)))
    return Measure(
        name=name,
        group=group,
        value=value,
        low=low,
        high=high,
        n=Size(true + found, len({i.study for i in items}), len({i.subject for i in items})),
        method=method,
        unit=unit,
        undefined=undefined,
        studies=tuple(sorted({item.study for item in items})),
        beside={"true_alerts": true, "missed_found": found, "missed_estimated": missed, "windows": size,
                "windows_judged": drawn, "inclusion_probability": least},
    )  # fmt: skip


def study_level_sensitivity(
    items: Sequence[Sampled],
    *,
    group: str,
    unmarked: int,
    marked_elsewhere: int,
    resamples: int = 2000,
    seed: int = 20260101,
) -> Measure:
    """Sensitivity at the level of whole MR studies, from those marked and the sampled ones in which nothing was.

    Parameters
    ----------
    items : sequence of Sampled
        Studies as they were read: of a control `size` and `drawn` are 1 and `probability` the rate.
    unmarked : int
        Studies without a finding that were drawn from.
    marked_elsewhere : int
        True ones among the marked whose every mark was rejected later: flagged, but for another reason.
    """
    made = sampled_sensitivity(
        items,
        group=group,
        name="sensitivity_study_level",
        unit="studies",
        resamples=resamples,
        seed=seed,
        method=METHOD_STUDIES,
        judged="control studies read",
    )
    said = made.beside
    beside = {
        "true_studies": said["true_alerts"],
        "missed_found": said["missed_found"],
        "missed_estimated": said["missed_estimated"],
        "studies_unmarked": unmarked,
        "controls_read": said["windows_judged"],
        "inclusion_probability": said["inclusion_probability"],
        "marked_elsewhere": marked_elsewhere,
    }
    if not any(item.size for item in items):  # Marked studies alone say nothing of those that the model missed.
        undefined = "no control study has been read yet"
        return replace(made, beside=beside, value=None, low=None, high=None, undefined=undefined)
    return replace(made, beside=beside)


def _exact(items: Sequence[Sampled], value: float) -> tuple[float, float]:
    """Clopper and Pearson's interval over patients where all of them agree: drawing them again can only say the same.

    Counted are those in whom anything was there to be found (as `share_interval` does for shares).
    """
    told = {item.subject for item in items if item.true_alerts or item.missed}
    bound = 0.025 ** (1 / len(told))
    return (bound, 1.0) if value == 1 else (0.0, 1 - bound)


def _interval(items: Sequence[Sampled], resamples: int, seed: int) -> tuple[float | None, float | None]:
    """95 % percentile interval of the ratio, by drawing patients with replacement; None below two patients."""
    subjects = sorted({item.subject for item in items})
    if len(subjects) < 2:
        return None, None
    place = {subject: n for n, subject in enumerate(subjects)}
    sums = np.zeros((len(subjects), 2))
    for item in items:
        sums[place[item.subject]] += (item.true_alerts, item.missed * item.weight)
    drawn = np.random.default_rng(seed).integers(0, len(subjects), (resamples, len(subjects)))
    true, missed = np.moveaxis(sums[drawn].sum(axis=1), -1, 0)
    defined = true + missed > 0
    if defined.sum() < resamples / 2:
        return None, None
    low, high = np.percentile(true[defined] / (true + missed)[defined], [2.5, 97.5])
    return float(low), float(high)
