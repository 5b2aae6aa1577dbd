"""One figure of the audit: value, interval, what it counts, what was left out, and how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np

__all__ = ["LeftOut", "Measure", "Size", "resampled_interval", "share_interval", "size_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """On how much a figure rests."""

    findings: int = 0
    studies: int = 0
    patients: int = 0


@dataclass(frozen=True)
class LeftOut:
    """Verdicts that were not counted."""

    bulk: int = 0
    scripted: int = 0


@dataclass(frozen=True)
class Measure:
    """A figure that an auditor may sign.

    Attributes
    ----------
    name : str
        Stable, as in 'acceptance'; `group` says of whom or what ('glioma-unet', 'R-01, R-04').
    value, low, high : float or None
        None where the rule in `undefined` says so; the interval is 95 %.
    method : str
        How it was computed, in one or two sentences.
    studies : tuple of str
        The studies behind it.
    beside : dict
        Figures that must be read with it, such as AC1 and raw agreement beside kappa.
    """

    name: str
    group: str
    value: float | None
    low: float | None
    high: float | None
    n: Size
    method: str
    unit: str = "share"
    left_out: LeftOut = field(default_factory=LeftOut)
    undefined: str = ""
    studies: tuple[str, ...] = ()
    beside: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The measure as `--json` prints it."""
        return asdict(self)


def size_of(rows: Iterable[Any]) -> Size:
    """Count findings, studies and patients of things that have `study` and `subject`."""
    rows = list(rows)
    return Size(len(rows), len({r.study for r in rows}), len({r.subject for r in rows}))


def resampled_interval(
    items: Sequence[T],
    subject_of: Callable[[T], str],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    resamples: int = 2000,
    seed: int = 20260101,
) -> tuple[float | None, float | None]:
    """95 % percentile interval of a statistic, by drawing subjects with replacement.

    All of a subject's items are drawn together, since findings in one head or one recording go together
    (Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x). Draws in which the statistic is undefined are left out.
    Fewer than two subjects, or fewer than half of the draws defined, give (None, None).
    """
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(subject_of(item), []).append(item)
    subjects = sorted(groups)
    if len(subjects) < 2:
        return None, None
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(subjects), len(subjects))
        value = statistic([item for number in drawn for item in groups[subjects[number]]])
        if value is not None:
            values.append(value)
    if len(values) < resamples / 2:
        return None, None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def share_interval(
    items: Sequence[T],
    subject_of: Callable[[T], str],
    share: Callable[[Sequence[T]], float | None],
    *,
    resamples: int = 2000,
) -> tuple[float | None, float | None]:
    """95 % interval of a share: `resampled_interval`, but exact where the share is 0 or 1.

    Drawing again from subjects who all gave the same can only give the same, so that three patients would seem to
    prove as much as three thousand. There the bound is Clopper and Pearson's over subjects (doi:10.1093/biomet/26.4.404):
    with k of k it is 0.025 ** (1 / k). Fewer than two subjects, or a share that is not defined, give (None, None).
    """
    value = share(items)
    low, high = resampled_interval(items, subject_of, share, resamples=resamples) if value is not None else (None, None)
    if low is None:
        return None, None
    bound = 0.025 ** (1 / len({subject_of(item) for item in items}))
    if value == 1:
        return bound, 1.0
    return (0.0, 1 - bound) if value == 0 else (low, high)
