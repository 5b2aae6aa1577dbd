"""Sizes from study to study, beside the verdict: charts, a table, and which lesion of a prior is which."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ..casework import Course, PriorStudy, TimePoint, course_of
from ..terms import region_term
from ..viewmodels import (
    AREA,
    HOW_COMPUTED,
    VOLUME,
    course_chart,
    course_line,
    course_regions,
    course_table,
    date_words,
    lesion_words,
    pair_words,
)
from .priors import links_of
from .review import Review

__all__ = ["draw_over_time"]

_STATIC = {"displayModeBar": False}
_NEW = "new, not there"
_ABREAST = 3


def draw_over_time(review: Review, priors: Sequence[PriorStudy]) -> None:
    """Offer the course of the subject's lesions, where this study and a prior have results that may be seen."""
    one = review.one
    if one is None or review.blind or not one.prediction.mask_digest or not any(prior.result for prior in priors):
        return
    at, study = review.at, review.study
    said: dict[str, dict[str, str]] = st.session_state.setdefault(f"pairs-{study.id}", {})
    course = course_of(at.workspace, at.session, study, one, priors, links_of(review), said)
    regions = course_regions(course)
    if not regions:
        return
    with st.popover(f"Over time, {len(course.points)} studies", width="stretch"):
        _draw(review, course, regions)


def _draw(review: Review, course: Course, regions: tuple[str, ...]) -> None:
    study = review.study.id
    which, what = st.columns(2)
    words = {
        "": f"all lesions ({len(course.now.lesions)} in this study)",
        **{one.key: lesion_words(one) for one in course.now.lesions},
    }
    lesion = which.selectbox("Lesion", list(words), format_func=words.__getitem__, key=f"course-lesion-{study}")
    region = what.selectbox(
        "Region", regions, format_func=lambda name: region_term(name).words, key=f"course-region-{study}"
    )
    lines = [course_line(course, measure, region, lesion) for measure in (VOLUME, AREA)]
    for column, line in zip(st.columns(2), lines, strict=True):
        chart = course_chart(course, line, synthetic=review.study.synthetic)
        column.plotly_chart(chart, config=_STATIC, key=f"course-{line.measure.words}-{study}", width="stretch")
    st.html(course_table(course, lines, lesion))
    matched = [point for point in course.points[:-1] if point.lesions] if lesion else []
    for row in range(0, len(matched), _ABREAST):
        for column, point in zip(st.columns(_ABREAST), matched[row : row + _ABREAST], strict=False):
            with column:
                _pairing(review, point, lesion)
    st.html(
        f'<details class="or-how-below"><summary>How computed</summary><p class="or-small">{HOW_COMPUTED}</p></details>'
    )


def _pairing(review: Review, point: TimePoint, lesion: str) -> None:
    """Which lesion of a prior the chosen one is; the reader's word stands above overlap and distance."""
    words = {"": _NEW, **{one.key: lesion_words(one) for one in point.lesions}}
    matched = (point.pairs or {}).get(lesion, ("", ""))[0]
    key = f"pair-{review.study.id}-{point.study.id}-{lesion}-{matched}"
    st.selectbox(
        f"In {date_words(point.study.acquired_on)}: {pair_words(point, lesion)}",
        list(words),
        index=list(words).index(matched),
        format_func=words.__getitem__,
        key=key,
        on_change=_say,
        args=(review.study.id, point.study.id, lesion, key),
    )


def _say(study: str, prior: str, lesion: str, key: str) -> None:
    said = st.session_state.setdefault(f"pairs-{study}", {})
    said.setdefault(prior, {})[lesion] = str(st.session_state[key])
