"""What a replay says of its row: title, lines, and the findings as they stood with it."""

from __future__ import annotations

from ..casework import Replay
from .findings import FindingCard, finding_cards, own_cards
from .words import VERDICT_WORDS, role_words

__all__ = ["replay_cards", "replay_lines", "replay_title"]


def replay_title(said: Replay) -> str:
    """Who did what to which study and when, in one line."""
    row = said.row
    deed = VERDICT_WORDS[row.action][1] if row.action in VERDICT_WORDS else row.action.replace("_", " ")
    what = f"finding {row.finding}: " if row.finding and len(row.finding) < 6 else ""
    return f"{row.study}, {row.reader}, {what}{deed}, {_when(row.occurred_at or row.recorded_at)}"


def replay_lines(said: Replay) -> list[tuple[str, str]]:
    """The row's fields beside its verdict, those that it has."""
    row = said.row
    lines = [
        ("Reader", f"{row.reader}, {role_words(row.role)}, {row.identity}"),
        ("Reason", row.reason.replace("_", " ")),
        ("Confidence", f"{row.confidence} of 5" if row.confidence else ""),
        ("Scope", row.scope.replace("_", " ")),
        ("Had seen", row.exposure.replace("+", ", ").lower()),
        ("Model", f"{row.model} {row.model_version}".strip()),
        ("Recorded", _when(row.recorded_at)),
        ("Hash", row.hash[:12]),
    ]
    return [(words, value) for words, value in lines if value]


def replay_cards(said: Replay) -> tuple[tuple[FindingCard, ...], tuple[FindingCard, ...]]:
    """The result's findings and the reader's own, with the verdicts that stood with the row."""
    return finding_cards(said.study, said.one, said.verdicts), own_cards(said.study, said.own)


def _when(time: str) -> str:
    return f"{time[:10]} {time[11:19]} UTC"
