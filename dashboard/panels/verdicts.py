"""The right column: the selected finding, four like buttons, reasons, comment, sign-off. Same for every kind.

Every callback is bound to the finding that the column was drawn for, so that a click or a key can't fall on another.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import streamlit as st

from ..casework import offered_reasons
from ..terms import Action, Reason, Scope, StudyKind
from ..viewmodels import FindingCard, VerdictPanel, verdict_panel
from .adjudication import draw_adjudication, draw_decision
from .closed import draw_closed, is_closed_here
from .desk import notice
from .recording import accept_shown, give_verdict, sign_off, take_back
from .review import Review

__all__ = ["draw_notice", "draw_verdicts"]

_BUTTONS = (
    (Action.ACCEPT, "Accept", "a"),
    (Action.MODIFY, "Modify", "m"),
    (Action.REJECT, "Reject", "x"),
    (Action.UNSURE, "Unsure", "u"),
)


def draw_verdicts(review: Review, between: Callable[[], None] | None = None) -> None:
    """Draw the column for the selected finding; `between` draws what a page adds above notice and sign-off."""
    if review.adjudication is not None:
        draw_adjudication(review, review.adjudication)
        with st.container(key="signoff"):
            draw_notice(review)
            draw_decision(review, review.adjudication)
        return
    card = next((c for c in review.cards if c.id == review.selected), None)
    reasons = offered_reasons(review.at.workspace, review.study.kind)
    panel = verdict_panel(review.study, review.cards, review.selected, reasons, has_result=review.one is not None,
                          has_former=review.former > 0)  # fmt: skip
    _head(panel)
    if is_closed_here(review):
        with st.container(key="signoff"):
            draw_notice(review)
            draw_closed(review)
        return
    pending = _pending(review)
    if card is not None:
        _actions(review, card, pending)
        _confidence(review, card)
        _bulk(review)
        _reasons(review, card, panel, pending)
        _comment(review, card)
    if between is not None:
        between()
    with st.container(key="signoff"):
        draw_notice(review)
        _sign_off(review, panel, waiting=pending is not None)


def _head(panel: VerdictPanel) -> None:
    lines = "".join(
        '<div class="or-row"><span>'
        + (f'<span class="or-swatch" style="background:{m.colour}"></span>' if m.colour else "")
        + html.escape(m.words)
        + (f' <span class="or-faint">{html.escape(m.note)}</span>' if m.note else "")
        + f"</span><b>{html.escape(m.value)}</b></div>"
        for m in panel.measurements
    )
    st.html(
        f'<p class="or-caps">{html.escape(panel.heading)}</p>'
        f'<p class="or-title" style="font-size:16px;margin:0 0 6px 0">{html.escape(panel.title)}</p>'
        f'<p class="or-small" style="margin:0 0 4px 0">{html.escape(panel.subtitle)}</p>{lines}'
    )


def _pending(review: Review) -> Action | None:
    """The verdict that waits for a reason or for Enter, if it is on the selected finding."""
    waiting = st.session_state.get("pending")
    return waiting[2] if waiting and waiting[:2] == (review.study.id, review.selected) else None


def _comment(review: Review, card: FindingCard) -> None:
    """A box beside the mask; one line on the EEG page, whose list of events takes the room."""
    key, words = _comment_key(review, card), "Never write names here"
    if review.study.kind is StudyKind.EEG:
        st.text_input("Comment", key=key, placeholder=words, max_chars=2000, label_visibility="collapsed")
    else:
        st.text_area("Comment", key=key, placeholder=words, height=68, max_chars=2000, label_visibility="collapsed")


def _comment_key(review: Review, card: FindingCard) -> str:
    return f"comment-{review.study.id}-{card.id}"


def _record(review: Review, card: FindingCard, action: Action, reason: str = "") -> None:
    st.session_state["pending"] = None
    said: dict[str, Any] = {"reason": reason, "comment": st.session_state.get(_comment_key(review, card), "")}
    if review.at.workspace.settings["review.confidence"]:
        said["confidence"] = st.session_state.get(_confidence_key(review, card))
    edges = review.told.get("range")
    if action is Action.MODIFY and isinstance(edges, dict) and str(edges.get("event")) == card.id:
        said |= {"onset_s": float(edges["onset_s"]), "duration_s": float(edges["duration_s"])}
    give_verdict(review, card, action, **said)


def _pressed(review: Review, card: FindingCard, action: Action) -> None:
    """Accept and unsure record at once; reject asks for its reason, modify for Enter or a reason."""
    wants_reason = action is Action.REJECT and bool(review.at.workspace.settings["review.reason_on_reject"])
    if wants_reason or action is Action.MODIFY:
        st.session_state["pending"] = (review.study.id, card.id, action)
        return
    _record(review, card, action)


def _actions(review: Review, card: FindingCard, pending: Action | None) -> None:
    for pair in (_BUTTONS[:2], _BUTTONS[2:]):
        for column, (action, words, key) in zip(st.columns(2), pair, strict=True):
            column.button(
                f"**{words}**" if pending is action else words,
                key=f"verdict-{action}",
                shortcut=key,
                on_click=_pressed,
                args=(review, card, action),
                width="stretch",
            )
    if pending is Action.MODIFY:
        st.button(
            _modify_words(review, card),
            key="record-modify",
            shortcut="enter",
            on_click=_record,
            args=(review, card, Action.MODIFY),
            width="stretch",
        )


def _modify_words(review: Review, card: FindingCard) -> str:
    """What Enter records: edges, the outline that was drawn, or that it is inexact."""
    if review.study.kind is not StudyKind.MR:
        return "Record with these edges"
    drawn = review.told.get("draft")
    if isinstance(drawn, dict) and drawn.get("finding") == card.id:
        return "Record the edited outline"
    return "Record: right thing, outline inexact"


def _confidence(review: Review, card: FindingCard) -> None:
    """How sure, 1 to 5, by Shift and digit; kept until the verdict on this finding is recorded."""
    if not review.at.workspace.settings["review.confidence"]:
        return
    key = _confidence_key(review, card)
    with st.container(key="confidence", horizontal=True):
        st.html('<span class="or-small">Sure: Shift +</span>')
        for sure in range(1, 6):
            st.button(
                f"**sure {sure}**" if st.session_state.get(key) == sure else f"{sure}",
                key=f"confidence-{sure}",
                shortcut=f"shift+{sure}",
                on_click=st.session_state.update,
                args=({key: sure},),
            )


def _confidence_key(review: Review, card: FindingCard) -> str:
    return f"sure-{review.study.id}-{card.id}"


def _bulk(review: Review) -> None:
    """Accept all open findings that have been displayed, where there are several. It asks once."""
    cards = [card for card in review.cards if card.is_open and card.id in review.shown]
    if len(cards) < 2:
        return
    asked = st.session_state.get("bulk") == [review.study.id, *(card.id for card in cards)]
    with st.container(key="bulk"):
        st.button(
            f"Sure? Accept all {len(cards)}" if asked else f"Accept the {len(cards)} displayed",
            key="accept-shown",
            shortcut="shift+a",
            on_click=_bulk_pressed,
            args=(review, cards, asked),
            width="stretch",
        )


def _bulk_pressed(review: Review, cards: list[FindingCard], asked: bool) -> None:
    st.session_state["bulk"] = None if asked else [review.study.id, *(card.id for card in cards)]
    if asked:
        st.session_state["pending"] = None
        accept_shown(review, cards)


def _reasons(review: Review, card: FindingCard, panel: VerdictPanel, pending: Action | None) -> None:
    asked = pending is Action.REJECT
    words = "Why rejected? Choose a reason" if asked else "Reason, after reject or modify"
    st.html(f'<p class="or-caps" style="margin:6px 0 0 0">{words}</p>')
    pages = panel.reason_pages
    page = int(st.session_state.get("reason-page", 0)) % len(pages) if pending is not None else 0
    with st.container(key="reasons", horizontal=True):
        for digit, reason in enumerate(pages[page], start=1):
            _reason_button(review, card, reason, digit, pending)
        if len(pages) > 1:
            st.button(
                "fewer" if page == len(pages) - 1 else "more",
                key="reason-more",
                shortcut="0",
                disabled=pending is None,
                on_click=lambda: st.session_state.update({"reason-page": page + 1}),
            )


def _reason_button(review: Review, card: FindingCard, reason: Reason, digit: int, pending: Action | None) -> None:
    st.button(
        reason.words,
        key=f"reason-{digit}",
        shortcut=str(digit) if digit <= 9 else None,
        disabled=pending is None,
        on_click=_record if pending is not None else None,
        args=(review, card, pending, reason.code) if pending is not None else None,
    )


def draw_notice(review: Review) -> None:
    """What was recorded last, with its row and the way back; or why it was not."""
    said = notice()
    if not said:
        return
    kind = "or-notice error" if said["error"] else "or-notice"
    event_id = st.session_state.get("undo")
    with st.container(key="notice", horizontal=True, vertical_alignment="center"):
        st.html(
            f'<div class="{kind}" role="status">{html.escape(str(said["text"]))}<br>'
            f"<code>{html.escape(str(said['detail']))}</code></div>"
        )
        if event_id and not said["error"]:
            st.button("Undo", key="undo-last", shortcut="ctrl+z", on_click=take_back, args=(review, event_id))


def _sign_off(review: Review, panel: VerdictPanel, *, waiting: bool) -> None:
    """Enter signs and goes on, where nothing is open.

    A study without findings that was not seen whole asks first, naming the share; the whole study below 100 %
    displayed needs its reason.
    """
    ready = panel.open_count == 0 and not waiting
    share = min(review.displayed.values(), default=0.0)
    has_result = review.one is not None
    if has_result:
        asks = ready and panel.total == 0 and share < 1.0 and st.session_state.get("asked") != review.study.id
        asked = not asks and panel.total == 0 and share < 1.0
        st.button(
            f"{share:.0%} displayed: sign off all the same?" if asked else "Sign off AI findings, next",
            key="sign-off-ai",
            shortcut="enter" if ready else None,
            disabled=not ready,
            on_click=(lambda: st.session_state.update({"asked": review.study.id})) if asks else sign_off,
            args=None if asks else (review, Scope.AI_FINDINGS),
            width="stretch",
        )
    partly = f"partly-{review.study.id}"
    if ready and share < 1.0 and st.session_state.get("asked-why") == review.study.id:
        st.text_input(
            "Why not all of it",
            key=partly,
            placeholder=f"{share:.0%} displayed: why, then Enter",
            max_chars=120,
            label_visibility="collapsed",
            on_change=_sign_partly,
            args=(review, partly),
        )
    st.button(
        "Whole study read, next" if share >= 1.0 else f"Whole study, {share:.0%} seen",
        key="sign-off-whole",
        shortcut=None if not ready else ("shift+enter" if has_result else "enter"),
        disabled=not ready,
        on_click=sign_off if share >= 1.0 else (lambda: st.session_state.update({"asked-why": review.study.id})),
        args=(review, Scope.WHOLE_STUDY) if share >= 1.0 else None,
        width="stretch",
    )


def _sign_partly(review: Review, key: str) -> None:
    reason = str(st.session_state.get(key) or "").strip()
    if reason:
        st.session_state["asked-why"] = None
        sign_off(review, Scope.WHOLE_STUDY, "partly_displayed", reason)
