"""What the EEG viewer and its list of events are given, tied to digests. Nothing of a model when blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from ..casework import RevealedPrediction, UnlabelledWindow
from ..domain import Recording, Study
from ..eeg import seizure_burden
from ..settings import Settings
from .findings import FindingCard, finding_title
from .words import VERDICT_WORDS, duration_words

__all__ = [
    "burden_sentence",
    "burden_words",
    "criterion_words",
    "eeg_data",
    "event_span",
    "next_alert",
    "read_events",
    "window_cards",
    "window_events",
]

_STANDS = ("accepted", "modified", "added")
_NEAR_S = 300.0


def eeg_data(
    study: Study,
    *,
    token: str,
    short: str,
    blind: bool,
    settings: Settings,
    montages: Sequence[Mapping[str, Any]],
    one: RevealedPrediction | None,
    rules: Mapping[str, float] | None,
    cards: Sequence[FindingCard],
    own: Sequence[FindingCard],
    selected: str | None,
    upcoming: Mapping[str, Any] | None = None,
    view: Mapping[str, Any] | None = None,
    replay: int = 0,
    draft: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The viewer's data for one recording and one prediction.

    Parameters
    ----------
    rules : mapping
        The detector's `on`, `off`, `min_duration_s` and `merge_gap_s`; empty where they are not known.
    view : mapping
        A recorded view, taken over when the viewer is mounted.
    replay : int
        The row that is replayed, for looking only; 0 is none.
    draft : mapping
        The stretch that the reader had dragged and not recorded, as `kept_interval` gives it.

    Raises
    ------
    ValueError
        A blind view was given something of a model, or the study has no recording.
    """
    if blind and (one is not None or cards):
        raise ValueError("a blind view holds nothing of a model")
    if study.recording is None:
        raise ValueError("the study has no recording")
    return {
        "study": study.id,
        "token": token,
        "blind": blind,
        "pseudonym": short,
        "synthetic": study.synthetic,
        "recording": _recording(study.recording),
        "montages": [dict(montage) for montage in montages],
        "annotations": [] if blind else [asdict(a) for a in study.recording.annotations],
        "prediction": _prediction(one, rules) if one else None,
        "events": [_event(card) for card in (*cards, *own)],
        "summary": "" if blind else burden_sentence(cards, own, study.recording.duration_s),
        "selected": selected,
        "defaults": {
            "page_s": settings["eeg.page_s"],
            "uv_per_mm": settings["eeg.sensitivity_uv_per_mm"],
            "low_hz": settings["eeg.low_cut_hz"],
            "high_hz": settings["eeg.high_cut_hz"],
            "notch": settings["eeg.notch_hz"],
        },
        "next": dict(upcoming) if upcoming else None,
        "view": dict(view) if view else None,
        "replay": replay,
        "draft": dict(draft) if draft else None,
    }


def _prediction(one: RevealedPrediction, rules: Mapping[str, float] | None) -> dict[str, Any]:
    said = one.prediction
    return {"digest": said.digest, "calibrated": False, "imported": said.imported, **dict(rules or {})}


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "digest": recording.digest,
        "duration_s": recording.duration_s,
        "starts_at": recording.starts_at,
        "channels": [{"label": c.label, "kind": c.kind, "rate_hz": c.rate_hz} for c in recording.channels],
        "gaps": [asdict(gap) for gap in recording.gaps],
    }


def _event(card: FindingCard) -> dict[str, Any]:
    finding, entry = card.finding, card.verdict
    details = entry.details if entry is not None else {}
    onset = finding.onset_s if finding else details.get("onset_s", 0.0)
    length = finding.duration_s if finding else details.get("duration_s", 0.0)
    return {
        "id": card.id,
        "number": card.number,
        "onset_s": onset,
        "duration_s": length,
        "reader_onset_s": details.get("onset_s"),
        "reader_duration_s": details.get("duration_s"),
        "state": card.state,
        "state_words": card.state_words,
        "score_words": card.score_words,
        "score": finding.score if finding else None,
        "title": card.title,
        "long_title": finding_title(finding) if finding else card.title,
        "lines": list(card.lines),
        "own": finding is None,
    }


def read_events(marks: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """The marks of a read that is not yet committed, as the reader's own events."""
    return [
        {
            "id": f"mark-{number}",
            "number": None,
            "onset_s": mark["onset_s"],
            "duration_s": mark["duration_s"],
            "reader_onset_s": mark["onset_s"],
            "reader_duration_s": mark["duration_s"],
            "state": "added",
            "state_words": f"yours, sure {mark['sure']:.0f} of 5",
            "score_words": "",
            "title": f"Your mark {number}",
            "long_title": f"Your mark {number}",
            "lines": [],
            "own": True,
        }
        for number, mark in enumerate(marks, start=1)
    ]


def window_cards(windows: Sequence[UnlabelledWindow]) -> tuple[FindingCard, ...]:
    """A card for each unlabelled window, all alike but for place and this reader's verdict."""
    cards = []
    for window in windows:
        state, words = VERDICT_WORDS[window.verdict]
        title = f"Window {window.number} of {len(windows)}"
        cards.append(FindingCard(str(window.number), window.number, title, (), state, words, ""))
    return tuple(cards)


def window_events(windows: Sequence[UnlabelledWindow]) -> list[dict[str, Any]]:
    """The windows as the viewer takes events: of nobody's finding, so that a blind view may hold them."""
    return [
        {
            "id": card.id,
            "number": card.number,
            "onset_s": window.onset_s,
            "duration_s": window.duration_s,
            "reader_onset_s": None,
            "reader_duration_s": None,
            "state": card.state,
            "state_words": card.state_words,
            "score_words": "",
            "title": card.title,
            "long_title": card.title,
            "lines": [],
            "own": True,
            "unlabelled": True,
        }
        for window, card in zip(windows, window_cards(windows), strict=True)
    ]


def burden_words(
    cards: Sequence[FindingCard], own: Sequence[FindingCard], not_evaluated_s: float | None
) -> list[tuple[str, str]]:
    """Seconds of reviewed seizures (a union of intervals), of alerts that nobody has reviewed, and not evaluated.

    Without a detector's result, None, all of the recording is not evaluated.
    """
    reviewed = seizure_burden(_intervals(cards, own, _STANDS))
    unreviewed = seizure_burden(_intervals(cards, (), ("open", "unsure")))
    return [
        ("Seizure burden, reviewed", f"{reviewed.total_s:.0f} s"),
        ("Longest, worst hour", f"{reviewed.longest_s:.0f} s, {reviewed.worst_hour_s:.0f} s"),
        ("Alerts, unreviewed", f"{unreviewed.total_s:.0f} s"),
        ("Not evaluated, no statement", "all" if not_evaluated_s is None else f"{not_evaluated_s:.0f} s"),
    ]


def criterion_words(cards: Sequence[FindingCard], own: Sequence[FindingCard]) -> str:
    """Which duration criterion of ACNS 2021 the events that the reader let stand meet; '' for none."""
    met = seizure_burden(_intervals(cards, own, _STANDS)).meets
    named = {"seizure": "an electrographic seizure", "status": "electrographic status epilepticus"}
    return f"meets the duration criterion for {named[met]} (ACNS 2021)" if met else ""


def burden_sentence(cards: Sequence[FindingCard], own: Sequence[FindingCard], duration_s: float) -> str:
    """Count, total, longest and worst hour of the events that the reader let stand, as one sentence to copy."""
    standing = _intervals(cards, own, _STANDS)
    still_open = sum(card.is_open for card in cards)
    waiting = f"; {still_open} alert{'' if still_open == 1 else 's'} not reviewed" if still_open else ""
    if not standing:
        return f"No event accepted or added in {duration_words(duration_s)} of EEG{waiting}"
    found = seizure_burden(standing)
    met = criterion_words(cards, own)
    return (
        f"{len(standing)} event{'s' if len(standing) != 1 else ''} accepted or added in {duration_words(duration_s)} of "
        f"EEG, {duration_words(found.total_s)} in total, longest {duration_words(found.longest_s)}, worst hour "
        f"{duration_words(found.worst_hour_s)} (from {timedelta(seconds=round(found.worst_hour_at_s))}){f'; {met}' if met else ''}{waiting}"
    )


def _intervals(
    cards: Sequence[FindingCard], own: Sequence[FindingCard], states: Sequence[str]
) -> list[tuple[float, float]]:
    """Onset and end, as the reader has them, of the events in any of the states."""
    parts = _parts_of_others(cards)
    return [event_span(card) for card in (*cards, *own) if card.state in states and card.id not in parts]


def _parts_of_others(cards: Sequence[FindingCard]) -> set[str]:
    """Alerts that the reader merged into one that stands."""
    standing = {card.id for card in cards if card.state in _STANDS}
    into = {card.id: str(card.verdict.details.get("merged_into", "")) for card in cards if card.verdict}
    return {part for part, whole in into.items() if whole in standing and not into.get(whole)}


def event_span(card: FindingCard) -> tuple[float, float]:
    """Onset and end as the reader has them, else the detector's, seconds."""
    event = _event(card)
    onset = event["reader_onset_s"] if event["reader_onset_s"] is not None else event["onset_s"]
    length = event["reader_duration_s"] if event["reader_duration_s"] is not None else event["duration_s"]
    return float(onset), float(onset) + float(length)


def next_alert(cards: Sequence[FindingCard], card: FindingCard) -> FindingCard | None:
    """The alert that follows within five minutes, and is not yet part of another."""
    parts, end = _parts_of_others(cards), event_span(card)[1]
    later = [one for one in cards if one.finding and event_span(one)[0] > event_span(card)[0] and one.id not in parts]
    after = min(later, key=lambda one: event_span(one)[0], default=None)
    return after if after is not None and card.id not in parts and event_span(after)[0] - end <= _NEAR_S else None
