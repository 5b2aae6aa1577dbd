"""What a reader must know of the detector's input, and the burden of what was judged, beside the verdicts of an EEG."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import run_study
from ..eeg import ACNS
from ..viewmodels import burden_words, criterion_words, input_notes
from .review import Review

__all__ = ["draw_burden", "draw_input_notes"]

_SWATCH = '<span class="or-swatch {kind}"></span>'
_KINDS = ("reviewed", "", "unreviewed", "unknown")


def draw_input_notes(review: Review) -> None:
    """Why no detector read the recording, what its guards warned of, or that others' events were not checked."""
    if review.blind:
        return
    prediction = review.one.prediction if review.one else None
    refusal = None if prediction else run_study.why_unread(review.at.workspace, review.study.id)
    note = input_notes(prediction, refusal)
    if note is None:
        return
    title, lines = note
    st.html(
        f'<details class="or-card tight or-input"{"" if prediction else " open"}><summary>{html.escape(title)}</summary>'
        + "".join(f'<p class="or-small">{html.escape(line)}</p>' for line in lines)
        + "</details>"
    )


def draw_burden(review: Review) -> None:
    """Seconds judged to be seizure, alerts that nobody has judged (hatched), what was not evaluated; ACNS 2021 printed."""
    missing = sum(length for _, length in review.one.prediction.not_evaluated_s) if review.one else None
    lines = burden_words(review.cards, review.own, missing)
    met = criterion_words(review.cards, review.own)
    rows = "".join(
        f'<div class="or-row"><span>{_SWATCH.format(kind=kind) if kind else ""}{html.escape(words)}</span><b>{html.escape(value)}</b></div>'
        for (words, value), kind in zip(lines, _KINDS, strict=True)
    )
    st.html(
        f'<div class="or-card tight">{rows}'
        + (f'<p class="or-small">{html.escape(met[:1].upper() + met[1:])}</p>' if met else "")
        + f'<details><summary class="or-small">ACNS 2021</summary><p class="or-small">{html.escape(ACNS)}</p></details></div>'
    )
