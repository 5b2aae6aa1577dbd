"""What a click records: verdicts, missed findings, sign-off, the blind read, and taking back. Each says what it did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ..casework import Intent, record_read, record_sign_off, record_verdict, undo
from ..errors import OverreadError
from ..ledger import LedgerEntry
from ..terms import Action, Scope, StudyKind
from ..viewmodels import VERDICT_WORDS, FindingCard
from .desk import notice, set_notice
from .event_said import event_said
from .porus import line_of
from .review import Review

__all__ = [
    "accept_shown",
    "active_s_of",
    "add_finding",
    "commit_read",
    "give_verdict",
    "sign_off",
    "take_back",
    "tell",
    "view_of",
]


def give_verdict(review: Review, card: FindingCard, action: Action, **said: Any) -> None:
    """Record a verdict on the finding that the button was drawn for, and say so; a refusal keeps a draft."""
    one = review.one
    if one is None or card.finding is None:
        return
    drawn = review.now.get("draft")
    if isinstance(drawn, Mapping) and drawn.get("finding") == card.id and action in (Action.ACCEPT, Action.MODIFY):
        if why := _not_recorded(action, drawn):
            set_notice(why, error=True)
            if action is Action.MODIFY:
                st.session_state["pending"] = (review.study.id, card.id, action)
            return
        said["draft"] = str(drawn["digest"])
    if review.study.kind is StudyKind.MR:
        said["porus_lps"] = line_of(review, card, review.now)
    elif action in (Action.ACCEPT, Action.MODIFY):
        said = event_said(review.study.id, card) | said
    intent = Intent(
        shown=card.id in review.shown,
        drawn_with=review.current_event(card),
        view=view_of(review),
        active_s=active_s_of(review),
        **said,
    )
    try:
        row = record_verdict(
            review.at.workspace, review.at.session, review.study, action, one.prediction, card.finding, intent
        )
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    noun = "Event" if review.study.kind is StudyKind.EEG else "Finding"
    _spent(review)
    tell(row, f"{noun} {card.number} {VERDICT_WORDS[row.action][1]}{f', {row.reason}' if row.reason else ''}")
    following = [c for c in review.cards if c.is_open and c.id != card.id]
    later = [c for c in following if (c.number or 0) > (card.number or 0)]
    if following:
        st.session_state[f"select-{review.study.id}"] = (later or following)[0].id


def _not_recorded(action: Action, drawn: Mapping[str, Any]) -> str:
    """Why a verdict on a finding that is being drawn on is not recorded: it must be about the outline on screen."""
    if action is Action.ACCEPT:
        return "Nothing was recorded: the outline was edited. M, then Enter, records it; or undo the edit and accept."
    return "" if drawn.get("whole") else "Nothing was recorded: the last strokes are not yet kept. Press the key again."


def accept_shown(review: Review, cards: Sequence[FindingCard]) -> None:
    """Accept findings at once; each must have been on screen, and each row says `bulk`."""
    recorded = 0
    for card in cards:
        before = st.session_state.get("undo")
        give_verdict(review, card, Action.ACCEPT, bulk=True)
        recorded += st.session_state.get("undo") != before
    said = notice() or {}
    if recorded == len(cards):
        set_notice(f"{recorded} findings accepted together", str(said.get("detail", "")))
    st.session_state["undo"] = None


def active_s_of(review: Review) -> float | None:
    """Active seconds since this reader's last row on the study, or since it was opened; None where none are counted."""
    total = review.now.get("active_s") if review.counts_active else None
    if total is None:
        return None
    spent = float(st.session_state.get(f"active-{review.study.id}", 0.0))
    return float(total) - spent if float(total) >= spent else float(total)


def _spent(review: Review) -> None:
    """The next row's seconds count from here."""
    st.session_state[f"active-{review.study.id}"] = float(review.now.get("active_s") or 0.0)


def add_finding(review: Review, **said: Any) -> None:
    """Record a finding that the model missed."""
    intent = Intent(view=view_of(review), shown=True, drawn_with=review.last_act,
                    active_s=active_s_of(review), **said)  # fmt: skip
    prediction = review.one.prediction if review.one else None
    try:
        row = record_verdict(review.at.workspace, review.at.session, review.study, Action.ADD, prediction, None, intent)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    _spent(review)
    tell(row, "Missed finding added")


def sign_off(review: Review, scope: Scope, reason: str = "", comment: str = "") -> None:
    """Close the study for this reader; the page then opens the next."""
    view = view_of(review)
    intent = Intent(reason=reason, comment=comment, view=view, drawn_with=review.last_act, active_s=active_s_of(review))
    try:
        row = record_sign_off(
            review.at.workspace, review.at.session, review.study, scope, displayed=review.displayed, intent=intent
        )
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, f"{review.short} signed off, {str(scope).replace('_', ' ')}")
    st.session_state["go-on-from"] = review.study.id


def commit_read(review: Review, *, present: bool, findings: list[Intent], confidence: int | None = None) -> None:
    """Commit the reader's own read, which opens the gate."""
    try:
        row = record_read(
            review.at.workspace,
            review.at.session,
            review.study,
            present=present,
            findings=findings,
            intent=Intent(confidence=confidence, view=view_of(review), drawn_with=review.last_act,
                          active_s=active_s_of(review)),
        )  # fmt: skip
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, "Your read is committed")


def take_back(review: Review, event_id: str) -> None:
    """Withdraw the reader's last row by an amendment."""
    try:
        row = undo(review.at.workspace, review.at.session, event_id)
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    tell(row, "Withdrawn", undoable=False)


def tell(row: LedgerEntry, text: str, *, undoable: bool = True) -> None:
    """Say what was recorded, with its row, and keep the way back."""
    set_notice(text, f"row {row.seq} · {row.hash[:4]}…{row.hash[-4:]} · durable")
    st.session_state["undo"] = row.event_id if undoable else None


def view_of(review: Review) -> dict[str, Any]:
    """The view at this moment, as a row keeps it."""
    return _bounded(review.now.get("view"))


def _bounded(view: Any) -> dict[str, Any]:
    """The viewer's view as the row may keep it: at most 2 kB of JSON."""
    kept = dict(view) if isinstance(view, Mapping) else {}
    return kept if len(json.dumps(kept)) <= 2000 else {}
