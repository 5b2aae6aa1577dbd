"""The line at the porus that a reader draws in the viewer: what lies behind it, and the line that a verdict keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..casework import extrameatal_of, porus_line
from ..viewmodels import FindingCard
from .review import Review

__all__ = ["line_of", "with_porus"]

_Line = tuple[tuple[float, float, float], tuple[float, float, float]]


def line_of(review: Review, card: FindingCard, told: Mapping[str, Any]) -> _Line | None:
    """The reader's line at a finding's porus, if the viewer tells one of the result on screen."""
    said = told.get("porus")
    if review.one is None or not isinstance(said, Mapping) or said.get("prediction") != review.one.prediction.digest:
        return None
    lines = said.get("lines")
    return porus_line(lines.get(card.id)) if isinstance(lines, Mapping) else None


def with_porus(review: Review, told: Mapping[str, Any]) -> Review:
    """The review with what lies behind each line that has been drawn; a finding without a line stays as it is.

    Of an outline that is being drawn on nothing is said until it is recorded: the number would be of the one before.
    """
    one = review.one
    if one is None or not told.get("porus"):
        return review
    cards = []
    drawn = told.get("draft")
    drawn_on = drawn.get("finding") if isinstance(drawn, Mapping) else None
    for card in review.cards:
        line = line_of(review, card, told)
        if line is not None and card.finding is not None and card.finding.kind == "lesion":
            part = (
                None
                if card.id == drawn_on
                else extrameatal_of(review.at.workspace, review.study, one, card.finding, line, card.verdict)
            )
            card = replace(card, extrameatal=part)
        cards.append(card)
    return replace(review, cards=tuple(cards))
