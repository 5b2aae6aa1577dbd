"""The worklist: states only, no scores; what each model is for; what happened since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..casework import KINDS, Case
from ..models import Model
from ..review import Order
from ..terms import StudyKind
from .words import STATE_COLOURS, date_words, first_sentence, person_words

__all__ = ["ModelLine", "filter_cases", "model_lines", "open_words", "order_words", "state_summary", "table_rows"]


@dataclass(frozen=True)
class ModelLine:
    """What the worklist says of a model: how it did on unseen patients and what it is not for."""

    id: str
    title: str
    version: str
    result: str
    trained: str
    not_for: str


def filter_cases(cases: Sequence[Case], *, search: str, kind: str) -> list[Case]:
    """Cases of a kind ('all', 'mr', 'eeg') that contain every word of the search, in the order given."""
    words = search.lower().split()
    return [
        case
        for case in cases
        if kind in ("all", case.kind)
        and all(
            word in f"{case.study} {case.subject} {case.series_or_channels} {case.state_words} {_note(case)}".lower()
            for word in words
        )
    ]


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
            "note": _note(case),
        }
        for case in cases
    ]


def _note(case: Case) -> str:
    """Who is at it or done, for whom it is, under which earlier model it was reviewed; else how many notes it has."""
    parts = [case.detail, ", ".join(case.readers)]
    if case.open_by:
        parts.append(f"open: {open_words(case.open_by)}")
    waiting = [reader for reader in case.assigned if reader not in case.readers]
    if waiting:
        parts.append(f"for {', '.join(waiting)}")
    if case.reviewed_under:
        parts.append(f"reviewed under {case.reviewed_under}")
    said = " · ".join(part for part in parts if part)
    return said or (f"{len(case.issues)} notes" if case.issues else "")


def open_words(open_by: Mapping[str, float]) -> str:
    """'R-01, 3 min ago': who has a study open, and when they last touched it; of more than three the latest two."""
    latest = sorted(open_by.items(), key=lambda one: one[1])
    shown = latest if len(latest) <= 3 else latest[:2]
    said = [f"{reader}, {'just now' if age < 60 else f'{age // 60:.0f} min ago'}" for reader, age in shown]
    return "; ".join(said) + (f"; {len(latest) - 2} more" if len(latest) > 3 else "")


def order_words(order: Order) -> str:
    """What an order tells of the AI, in one sentence; empty where it tells nothing."""
    if not order.is_of_model:
        return ""
    return (
        f"{order.words}: this order rests on the models' scores. A study opened out of it is recorded as PRIORITY. "
        "Studies of which you owe a read stand last, whatever a model said."
    )


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
