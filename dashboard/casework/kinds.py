"""Kinds of case: what page reads them and what a finding of theirs is called. A new kind adds a line here."""

from __future__ import annotations

from dataclasses import dataclass

from ..terms import StudyKind

__all__ = ["KINDS", "KindOfCase"]


@dataclass(frozen=True)
class KindOfCase:
    """One kind of case. `page` is the name of its script in pages/."""

    kind: StudyKind
    page: str
    words: str
    finding: str
    findings: str


KINDS = {
    StudyKind.MR: KindOfCase(StudyKind.MR, "mri", "MR brain", "finding", "findings"),
    StudyKind.EEG: KindOfCase(StudyKind.EEG, "eeg", "EEG", "event", "events"),
}
