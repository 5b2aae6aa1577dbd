"""What the MRI viewer is given of studies of the same subject from before: images always, outlines where they may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..casework import PriorStudy
from ..domain import Study
from .mri import ordered_volumes, overlay_data, series_data
from .words import date_words

__all__ = ["apart_words", "priors_data"]

_DAYS_OF_MONTH, _MONTHS_OF_YEAR = 30.44, 12


def apart_words(earlier: str, later: str) -> str:
    """'3 months earlier' of two ISO dates; '' where one is none."""
    try:
        days = (date.fromisoformat(later[:10]) - date.fromisoformat(earlier[:10])).days
    except ValueError:
        return ""
    months = round(days / _DAYS_OF_MONTH)
    if days < 14:
        count, unit = days, "day"
    elif months < 3:
        count, unit = round(days / 7), "week"
    elif months < 2 * _MONTHS_OF_YEAR:
        count, unit = months, "month"
    else:
        count, unit = round(months / _MONTHS_OF_YEAR), "year"
    return f"{count} {unit}{'' if count == 1 else 's'} earlier"


def priors_data(
    study: Study,
    priors: Sequence[PriorStudy],
    tokens: Mapping[str, str],
    shorts: Mapping[str, str],
    links: Mapping[str, Sequence[float]],
) -> list[dict[str, Any]]:
    """Each prior as the viewer takes it, the newest first.

    Parameters
    ----------
    tokens, shorts : mapping
        Capability token and shortened pseudonym by study.
    links : mapping
        Millimetres, LPS, from a place in `study` to the same place in a prior, where the reader has paired two.
    """
    return [_prior(study, prior, tokens, shorts, links.get(prior.study.id)) for prior in priors]


def _prior(
    study: Study,
    prior: PriorStudy,
    tokens: Mapping[str, str],
    shorts: Mapping[str, str],
    link: Sequence[float] | None,
) -> dict[str, Any]:
    other, result = prior.study, prior.result
    series = [series_data(volume) for volume in ordered_volumes(other.volumes)]
    for one in series:
        one["frame"] = prior.frames.get(one["frame"], f"{other.id} {one['frame']}")
    when = apart_words(other.acquired_on, study.acquired_on) if prior.dated else "added earlier, dates do not tell"
    return {
        "study": other.id,
        "token": tokens[other.id],
        "pseudonym": shorts.get(other.id, other.id),
        "synthetic": other.synthetic,
        "date": other.acquired_on,
        "words": " · ".join(words for words in (date_words(other.acquired_on), when) if words),
        "series": series,
        "prediction": None
        if result is None
        else {**overlay_data(result.one), "key": result.key, "marks": _marks(prior)},
        "without_outline": "" if result else ("outline withheld" if prior.withheld else "no model result"),
        "link": None if link is None else [float(mm) for mm in link],
    }


def _marks(prior: PriorStudy) -> str:
    """Whose outline is drawn."""
    result = prior.result
    assert result is not None
    model, count = result.one.prediction.model, len(result.one.prediction.findings)
    named = f"{model.title or model.id} {model.version}"
    if not count and not result.rows:
        return f"{named}: nothing marked"
    judged = f"{result.reviewed} of {count} reviewed" if result.reviewed else "unreviewed"
    return f"outline: {named}, {judged}" + (", outlines edited" if result.redraws else "")
