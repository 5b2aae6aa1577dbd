"""How often the interval of sampled sensitivity holds the truth, tried on recordings whose seizures are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sampling import Sampled, drawn_count, sampled_sensitivity

__all__ = ["SETTINGS", "Coverage", "Site", "coverage", "recordings"]


@dataclass(frozen=True)
class Site:
    """What a simulated site is like: patients with one recording each, their seizures, the detector, the rate.

    Attributes
    ----------
    seizures : float
        Mean number a patient; the numbers are spread like a negative binomial of shape 0.7, so that most have few and
        some have many.
    sensitivity : float
        Mean of the detector's; a patient's own is a beta of that mean and strength 4.
    """

    patients: int = 40
    windows: int = 480
    seizures: float = 4.0
    sensitivity: float = 0.8
    rate: float = 0.1


@dataclass(frozen=True)
class Coverage:
    """What so many simulated audits gave: shares of intervals that hold the truth, and the mean error of the value."""

    site: Site
    audits: int
    holds: float
    too_high: float
    bias: float
    bounds_only: float


SETTINGS = (
    Site(),
    Site(rate=0.05),
    Site(rate=0.25),
    Site(patients=15),
    Site(patients=100, rate=0.05),
    Site(sensitivity=0.95),
    Site(sensitivity=0.6),
)
"""The sites that docs/sampling.md tells of."""


def recordings(site: Site, rng: np.random.Generator) -> list[Sampled]:
    """One audit: each patient's true alerts, and what the reader finds in the windows drawn."""
    drawn = drawn_count(site.windows, site.rate)
    counts = rng.negative_binomial(0.7, 0.7 / (0.7 + site.seizures), site.patients)
    own = rng.beta(4 * site.sensitivity, 4 * (1 - site.sensitivity), site.patients)
    items = []
    for number, (count, chance) in enumerate(zip(counts, own, strict=True)):
        true = int(rng.binomial(count, chance))
        missed = min(int(count) - true, site.windows)
        found = int(rng.hypergeometric(missed, site.windows - missed, drawn))
        items.append(Sampled(f"S-{number}", f"P-{number}", true, site.windows, drawn, found))
    return items


def coverage(site: Site, *, audits: int = 400, resamples: int = 1000, seed: int = 1) -> Coverage:
    """Simulate audits of a site, and count how often the interval, or the lower bound, holds the truth.

    The truth is the detector's mean sensitivity over all seizures of such patients.
    """
    rng = np.random.default_rng(seed)
    holds = too_high = only = 0
    errors = []
    for audit in range(audits):
        made = sampled_sensitivity(recordings(site, rng), group="", resamples=resamples, seed=audit)
        low = 0.0 if made.low is None else made.low
        high = 1.0 if made.high is None else made.high
        holds += low <= site.sensitivity <= high
        too_high += low > site.sensitivity
        only += made.value is None
        if made.value is not None:
            errors.append(made.value - site.sensitivity)
    return Coverage(site, audits, holds / audits, too_high / audits, float(np.mean(errors)) if errors else 0.0,
                    only / audits)  # fmt: skip
