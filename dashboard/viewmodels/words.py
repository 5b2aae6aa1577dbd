"""Small wordings that every page shares: states, roles, people, dates, the ledger's chip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ..casework import KINDS, Case, LedgerState
from ..terms import Action, Role, StudyKind

__all__ = [
    "RESULT_FILES",
    "STATE_COLOURS",
    "VERDICT_WORDS",
    "Chip",
    "date_words",
    "duration_words",
    "first_sentence",
    "ledger_chip",
    "person_words",
    "result_files",
    "role_words",
    "study_line",
]

VERDICT_WORDS = {
    "": ("open", "to review"),
    Action.ACCEPT: ("accepted", "accepted"),
    Action.MODIFY: ("modified", "modified"),
    Action.REJECT: ("rejected", "rejected"),
    Action.UNSURE: ("unsure", "unsure"),
    Action.ADD: ("added", "added by reader"),
}
"""State and words of a finding by its current verdict; the state names the colour token."""

STATE_COLOURS = {
    "new": "faint",
    "running": "modified",
    "failed": "rejected",
    "to_review": "strong",
    "in_review": "accent",
    "done": "accepted",
    "adjudicate": "unsure",
}
"""Colour token of a study's state; the word always stands beside it."""


RESULT_FILES = {
    StudyKind.MR: {
        "dicom-seg": "DICOM segmentation",
        "dicom-sr": "DICOM report, unverified",
        "dicom-sc": "DICOM key slices",
        "nifti": "NIfTI masks",
        "csv": "Rows as CSV",
        "dicom-seg+rejected,unsure,unreviewed": "DICOM segmentation, all findings",
    },
    StudyKind.EEG: {
        "events-tsv": "Events as TSV",
        "edf": "Recording with events, EDF+",
        "event-summary": "Event summary, one page",
        "csv": "Rows as CSV",
    },
}
"""What the page calls each form in which results can be taken away, by the name that the route knows."""


def result_files(kind: StudyKind, adjudicated: bool) -> dict[str, str]:
    """The forms for a kind of study; where a decision stands each by the adjudicated verdicts first, then by one's own."""
    offered = RESULT_FILES[kind]
    if not adjudicated:
        return dict(offered)
    judged = {name: words for name, words in offered.items() if name != "csv"}
    decided = {f"{name}@adjudicated": f"{words}, adjudicated" for name, words in judged.items()}
    mine = {f"{name}@mine": f"{words}, my verdicts" for name, words in judged.items()}
    return decided | mine | {"csv": offered["csv"]}


@dataclass(frozen=True)
class Chip:
    """A short statement in the header with a dot of that colour token."""

    text: str
    colour: str


def ledger_chip(state: LedgerState) -> Chip:
    """What the header says of the ledger; no count for a reader who owes a blind read."""
    if not state.verified:
        return Chip("ledger damaged: see the Ledger page", "rejected")
    if state.rows is None:
        return Chip("ledger verified", "accepted")
    return Chip(f"ledger {state.rows:,} rows verified", "accepted")


def role_words(role: Role) -> str:
    """The role as a person says it."""
    return str(role)


def person_words(age_years: int | None, sex: str) -> str:
    """Age (90 and over as '90+') and sex, as far as they are known."""
    age = "" if age_years is None else ("90+" if age_years >= 90 else str(age_years))
    return " ".join(part for part in (age, sex) if part) or "unknown"


def date_words(iso: str) -> str:
    """'11 Mar 2024', or the text itself where it is no date."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso or "date unknown"
    return f"{day.day} {day:%b %Y}"


def duration_words(seconds: float) -> str:
    """'8 min 20 s'."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 s"


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence; a point inside a number ends none."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip(), maxsplit=1)[0]


def study_line(case: Case) -> str:
    """Kind, date and content of a study in one line."""
    words = KINDS[StudyKind(case.kind)].words
    return f"{words} · {date_words(case.acquired_on)} · {case.series_or_channels}"
