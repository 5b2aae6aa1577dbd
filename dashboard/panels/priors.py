"""Studies of the same subject from before, beside the one under review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ..casework import PriorStudy, case_list, priors_of
from ..components import viewer_state
from ..viewmodels import priors_data
from .desk import token_for
from .review import Review

__all__ = ["keep_link", "links_of", "offered_priors", "priors_for"]


def offered_priors(review: Review) -> tuple[PriorStudy, ...]:
    """The priors of the study that lies open, the newest first."""
    return priors_of(review.at.workspace, review.at.session, review.study)


def priors_for(review: Review, priors: Sequence[PriorStudy]) -> list[dict[str, Any]]:
    """What the viewer is given of them: tokens of each prior itself, for its images alone where no result may be seen."""
    if not priors:
        return []
    at = review.at
    tokens = {
        prior.study.id: token_for(at, prior.study.id, *(("volume", "mask") if prior.result else ("volume",)))
        for prior in priors
    }
    shorts = {case.study: case.short for case in case_list(at.workspace, at.session, also=review.study.id)}
    return priors_data(review.study, priors, tokens, shorts, links_of(review))


def links_of(review: Review) -> dict[str, list[float]]:
    """Places that the reader has paired, by prior: kept for as long as the session."""
    links: dict[str, list[float]] = st.session_state.setdefault(f"links-{review.study.id}", {})
    return links


def keep_link(review: Review, key: str) -> None:
    """The reader has paired a place of the study with one of a prior: lesions are matched by it from now on."""
    said = viewer_state(key, review.study.id)["linked"]
    if said and len(said.get("offset_lps") or ()) == 3:
        links_of(review)[str(said["prior"])] = [float(mm) for mm in said["offset_lps"]]
