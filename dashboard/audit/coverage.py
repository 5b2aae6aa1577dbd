"""How often the intervals of sampled sensitivity hold the truth, tried on recordings and studies whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .measure import Measure
from .sampling import Sampled, balanced_count, drawn_count, sampled_sensitivity, study_level_sensitivity

__all__ = ["SETTINGS", "STUDY_SETTINGS", "Coverage", "Site", "StudySite", "coverage", "recordings", "studies"]


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
class StudySite:
    """A simulated site that reads MR studies: patients with one to three studies, the ill ones ill in all of theirs.

    Attributes
    ----------
    prevalence : float
        Share of patients with a lesion.
    sensitivity : float
        Mean of the model's at study level; a patient's own is a beta of that mean and strength 4.
    false_marks : float
        Share of healthy studies in which the model marks something.
    together : int
        How many results without a finding are drawn from at once.
    """

    patients: int = 300
    prevalence: float = 0.4
    sensitivity: float = 0.9
    rate: float = 0.2
    false_marks: float = 0.2
    together: int = 5


@dataclass(frozen=True)
class Coverage:
    """What so many simulated audits gave: shares of intervals that hold the truth, and the mean error of the value."""

    site: Site | StudySite
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


STUDY_SETTINGS = (
    StudySite(),
    StudySite(rate=0.1),
    StudySite(rate=0.5),
    StudySite(patients=80),
    StudySite(patients=1000, rate=0.1),
    StudySite(sensitivity=0.98),
    StudySite(sensitivity=0.7),
)
"""The sites for MR that docs/sampling.md tells of."""


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


def studies(site: StudySite, rng: np.random.Generator) -> list[Sampled]:
    """One audit of MR studies: those marked, and what the reader finds in the controls drawn."""
    items: list[Sampled] = []
    unmarked: list[tuple[str, str, bool]] = []
    ill = rng.random(site.patients) < site.prevalence
    own = rng.beta(4 * site.sensitivity, 4 * (1 - site.sensitivity), site.patients)
    for patient, count in enumerate(rng.choice([1, 2, 3], site.patients, p=[0.7, 0.2, 0.1])):
        for number in range(count):
            named = (f"S-{patient}-{number}", f"P-{patient}")
            if rng.random() < (own[patient] if ill[patient] else site.false_marks):
                items.append(Sampled(*named, int(ill[patient]), 0, 0, 0))
            else:
                unmarked.append((*named, bool(ill[patient])))
    order = rng.permutation(len(unmarked))
    for start in range(0, len(unmarked), site.together):
        batch = order[start : start + site.together]
        drawn = balanced_count(len(batch), site.rate, rng.bytes(8).hex())
        for study, subject, found in (unmarked[n] for n in rng.permutation(batch)[:drawn]):
            items.append(Sampled(study, subject, 0, 1, 1, int(found), probability=site.rate))
    return items


def coverage(site: Site | StudySite, *, audits: int = 400, resamples: int = 1000, seed: int = 1) -> Coverage:
    """Simulate audits of a site, and count how often the interval, or the lower bound, holds the truth.

    The truth is the mean sensitivity, over all seizures of such patients or over all studies of such ill ones.
    """
    rng = np.random.default_rng(seed)
    holds = too_high = only = 0
    errors = []
    for audit in range(audits):
        made = _audited(site, rng, resamples, audit)
        low = 0.0 if made.low is None else made.low
        high = 1.0 if made.high is None else made.high
        holds += low <= site.sensitivity <= high
        too_high += low > site.sensitivity
        only += made.value is None
        if made.value is not None:
            errors.append(made.value - site.sensitivity)
    return Coverage(site, audits, holds / audits, too_high / audits, float(np.mean(errors)) if errors else 0.0,
                    only / audits)  # fmt: skip


def _audited(site: Site | StudySite, rng: np.random.Generator, resamples: int, seed: int) -> Measure:
    if isinstance(site, StudySite):
        items = studies(site, rng)
        return study_level_sensitivity(items, group="", unmarked=0, marked_elsewhere=0, resamples=resamples, seed=seed)
    return sampled_sensitivity(recordings(site, rng), group="", resamples=resamples, seed=seed)
