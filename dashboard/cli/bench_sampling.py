"""`overread bench sampling`: how often the interval of sampled sensitivity holds the truth; docs/sampling.md tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["bench_sampling"]

_AUDITS_A_ROUND = 20


def bench_sampling(rounds: int, on_progress: Callable[[int, int, str], None]) -> dict[str, dict[str, Any]]:
    """Simulate 20 audits a round at each site of docs/sampling.md: there is no rival, so figures only."""
    from ..audit.coverage import SETTINGS, STUDY_SETTINGS, coverage

    figures: dict[str, Any] = {"audits_a_site": rounds * _AUDITS_A_ROUND}
    sites = [("", site) for site in SETTINGS] + [("mr_", site) for site in STUDY_SETTINGS]
    for number, (kind, site) in enumerate(sites):
        name = f"{kind}patients_{site.patients}_rate_{site.rate:g}_sensitivity_{site.sensitivity:g}"
        on_progress(number, len(sites), name)
        made = coverage(site, audits=rounds * _AUDITS_A_ROUND)
        figures[f"{name}_holds"] = round(made.holds, 3)
        figures[f"{name}_too_high"] = round(made.too_high, 3)
        figures[f"{name}_bias"] = round(made.bias, 3)
        figures[f"{name}_bound_only"] = round(made.bounds_only, 3)
    return {"ratios": {}, "figures": figures}
