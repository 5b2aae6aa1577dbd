"""What the MRI and the EEG page share: the case under one reader's eyes, and the finding selected in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from ..casework import Adjudication, RevealedPrediction, UnlabelledWindow
from ..domain import Study
from ..ledger import LedgerEntry, current_event, last_act
from ..viewmodels import FindingCard
from .desk import Desk

__all__ = ["Review", "selected_of"]


@dataclass(frozen=True)
class Review:
    """One study under one reader's eyes. What the viewer has told of the screen comes in `told`.

    `former` is how many results are withheld for being of another assignment of the series.
    """

    at: Desk
    study: Study
    short: str
    one: RevealedPrediction | None
    blind: bool
    cards: tuple[FindingCard, ...]
    own: tuple[FindingCard, ...]
    told: Mapping[str, Any] = field(default_factory=dict)
    selected: str | None = None
    ask: Callable[[], Mapping[str, Any]] | None = None
    entries: Sequence[LedgerEntry] = ()
    windows: tuple[UnlabelledWindow, ...] = ()
    adjudication: Adjudication | None = None
    former: int = 0

    @property
    def last_act(self) -> str:
        """What this reader had last done to the study when the page was drawn."""
        return last_act(self.entries, self.study.id, self.at.session.reader)

    def current_event(self, card: FindingCard) -> str:
        """The event that was current for a finding when the page was drawn."""
        prediction = self.one.prediction.digest if self.one else ""
        return current_event(self.entries, self.study.id, prediction, str(card.number), self.at.session.reader)

    @property
    def shown(self) -> frozenset[str]:
        """Findings that have been on this reader's screen."""
        return frozenset(str(x) for x in self.now.get("shown") or ())

    @property
    def displayed(self) -> dict[str, float]:
        """Share displayed by series digest, or of the recording under its digest."""
        return {str(k): float(v) for k, v in (self.now.get("displayed") or {}).items()}

    @property
    def counts_active(self) -> bool:
        """Whether the site records active seconds."""
        return bool(self.at.workspace.settings["review.active_seconds"])

    @property
    def now(self) -> Mapping[str, Any]:
        """What the viewer has told by now: in a button's callback newer than `told`, which the page was drawn with."""
        fresh = self.ask() if self.ask is not None else {}
        return fresh if fresh.get("view") else self.told

    def with_screen(
        self, told: Mapping[str, Any], selected: str | None, ask: Callable[[], Mapping[str, Any]] | None = None
    ) -> Review:
        """The same review with what the viewer tells now, and how to ask it again."""
        return replace(self, told=told, selected=selected, ask=ask)


def selected_of(review: Review, told: Mapping[str, Any] | None) -> str | None:
    """The finding on screen: what the viewer says, unless a verdict has just moved on to the next."""
    ids = [card.id for card in (*review.cards, *review.own)]
    forced = st.session_state.get(f"select-{review.study.id}")
    if told is not None and told.get("selected") in ids:
        if forced is not None and told["selected"] == forced:
            st.session_state.pop(f"select-{review.study.id}")
        elif forced is None:
            st.session_state[f"on-{review.study.id}"] = told["selected"]
            return str(told["selected"])
    if forced in ids:
        st.session_state[f"on-{review.study.id}"] = forced
        return str(forced)
    held = st.session_state.get(f"on-{review.study.id}")
    if held in ids:
        return str(held)
    return next((card.id for card in review.cards if card.is_open), ids[0] if ids else None)
