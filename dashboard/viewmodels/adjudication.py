"""What an adjudicator is told of the readers: letters for names, and the words of each on the finding in question."""

from __future__ import annotations

from ..casework import Adjudication
from ..ledger import LedgerEntry
from ..terms import Action, Scope, StudyKind, reason_words
from .words import VERDICT_WORDS

__all__ = ["adjudication_title", "reader_letter", "said_lines"]


def reader_letter(position: int) -> str:
    """'Reader A' for the first shown; the letters hide who it is and differ from study to study."""
    return f"Reader {chr(ord('A') + position)}"


def said_lines(told: Adjudication, key: tuple[str, str] | None, kind: StudyKind) -> tuple[tuple[str, str], ...]:
    """Reader by reader, in the order shown, what they said of a finding; without one, how they signed the study off."""
    lines = []
    for position, said in enumerate(told.readers):
        if key is None:
            words = "whole study read" if said.scope == Scope.WHOLE_STUDY else "AI findings reviewed"
        else:
            words = _said(said.verdicts.get(key), kind)
        lines.append((reader_letter(position), words))
    return tuple(lines)


def adjudication_title(told: Adjudication, key: tuple[str, str], kind: StudyKind) -> str:
    """'Event 3', 'Finding 2', or where a reader added one: 'Added by a reader at 42.0 s + 12.0 s'."""
    row = told.row_of(key)
    if row.action != Action.ADD:
        return f"{'Event' if kind is StudyKind.EEG else 'Finding'} {row.finding}"
    if "onset_s" in row.details:
        return f"Added by a reader at {row.details['onset_s']:.1f} s + {row.details['duration_s']:.1f} s"
    if "point_lps" in row.details:
        x, y, z = row.details["point_lps"]
        sides = f"{'L' if x > 0 else 'R'} {abs(x):.0f}, {'P' if y > 0 else 'A'} {abs(y):.0f}, {'S' if z > 0 else 'I'} {abs(z):.0f}"
        return f"Added by a reader at {sides} mm"
    return "Added by a reader"


def _said(row: LedgerEntry | None, kind: StudyKind) -> str:
    if row is None:
        return "did not mark it"
    words = "added it" if row.action == Action.ADD else VERDICT_WORDS[row.action][1]
    return f"{words}, {reason_words(kind, row.reason)}" if row.reason else words
