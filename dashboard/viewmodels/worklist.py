"""The worklist: states only, no scores; what each model is for; what happened since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..casework import KINDS, Case
from ..models import Model
from ..terms import StudyKind
from .words import STATE_COLOURS, date_words, first_sentence, person_words

__all__ = ["ModelLine", "filter_cases", "model_lines", "state_summary", "table_rows"]


@dataclass(frozen=True)
class ModelLine:
    """What the worklist says of a model: how it did on unseen patients and what it is not for."""

    id: str
    title: str
    version: str
    result: str
    trained: str
    not_for: str


def filter_cases(cases: Sequence[Case], *, search: str, kind: str, newest_first: bool) -> list[Case]:
    """Cases of a kind ('all', 'mr', 'eeg') that contain every word of the search, in the order asked for."""
    words = search.lower().split()
    chosen = [
        case
        for case in cases
        if kind in ("all", case.kind)
        and all(
            word in f"{case.study} {case.subject} {case.series_or_channels} {case.state_words} {case.detail}".lower()
            for word in words
        )
    ]
    return list(reversed(chosen)) if newest_first else chosen


def state_summary(cases: Sequence[Case]) -> str:
    """'2 to review, 1 running, 2 done'."""
    counts = Counter(case.state_words for case in cases)
    return ", ".join(f"{count} {words}" for words, count in counts.most_common()) or "no studies yet"


def table_rows(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Rows of the table of studies."""
    return [
        {
            "study": case.study,
            "cells": [
                case.short,
                KINDS[StudyKind(case.kind)].words,
                person_words(case.age_years, case.sex),
                date_words(case.acquired_on),
                case.series_or_channels,
            ],
            "state": case.state_words,
            "colour": STATE_COLOURS.get(case.state, "faint"),
            "note": case.detail or ", ".join(case.readers) or (f"{len(case.issues)} notes" if case.issues else ""),
        }
        for case in cases
    ]


def model_lines(models: Sequence[Model]) -> list[ModelLine]:
    """The enabled models in a few honest words each, from their manifests and evaluations."""
    return [
        ModelLine(
            id=model.manifest.id,
            title=model.manifest.title,
            version=model.manifest.version,
            result=first_sentence(model.headline),
            trained=model.manifest.intended_use,
            not_for="Not for " + ", ".join(model.manifest.not_for) if model.manifest.not_for else "",
        )
        for model in models
        if model.manifest.enabled
    ]
