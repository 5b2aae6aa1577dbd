"""The right column of an adjudicator: what the readers said, unnamed, and a decision on each finding."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from ..casework import Adjudication, Intent, record_adjudication
from ..errors import OverreadError
from ..terms import Action
from ..viewmodels import VERDICT_WORDS, adjudication_title, said_lines
from .desk import set_notice

if TYPE_CHECKING:
    from .review import Review

__all__ = ["draw_adjudication", "draw_decision"]

_BUTTONS = (
    (Action.ACCEPT, "Accept", "a"),
    (Action.MODIFY, "Modify", "m"),
    (Action.REJECT, "Reject", "x"),
    (Action.UNSURE, "Unsure", "u"),
)
Key = tuple[str, str]


def draw_adjudication(review: Review, told: Adjudication) -> None:
    """Draw the readers' words on the finding in question, four like buttons, and the decision on the study."""
    decided: dict[Key, Action] = st.session_state.setdefault(f"decided-{review.study.id}", {})
    key = _at(review, told, decided)
    kind = review.study.kind
    title = adjudication_title(told, key, kind) if key else "Nothing marked by anybody"
    st.html(
        '<p class="or-caps">Adjudication, readers unnamed</p>'
        f'<p class="or-title" style="font-size:16px;margin:0 0 6px 0">{html.escape(title)}</p>'
        + "".join(
            f'<div class="or-row"><span>{html.escape(who)}</span><b>{html.escape(words)}</b></div>'
            for who, words in said_lines(told, key, kind)
        )
    )
    if key is not None:
        for pair in (_BUTTONS[:2], _BUTTONS[2:]):
            for column, (action, words, shortcut) in zip(st.columns(2), pair, strict=True):
                column.button(
                    f"**{words}**" if decided.get(key) is action else words,
                    key=f"decide-{action}",
                    shortcut=shortcut,
                    on_click=_decide,
                    args=(review, told, decided, key, action),
                    width="stretch",
                )
    rows = "".join(
        f'<div class="or-row"><span>{html.escape(adjudication_title(told, one, kind))}</span>'
        f"<b>{VERDICT_WORDS[decided[one]][1] if one in decided else 'open'}</b></div>"
        for one in told.findings
    )
    if rows:
        st.html(f'<p class="or-caps" style="margin:8px 0 4px 0">Decisions</p><div class="or-card tight">{rows}</div>')
    comment = f"adjudicate-{review.study.id}"
    st.text_area("Comment", key=comment, placeholder="Never write names here", height=68, max_chars=2000,
                 label_visibility="collapsed")  # fmt: skip


def draw_decision(review: Review, told: Adjudication) -> None:
    """The button that records the decision, once every finding has one."""
    decided: dict[Key, Action] = st.session_state.get(f"decided-{review.study.id}", {})
    ready = all(key in decided for key in told.findings)
    st.button(
        "Record decision, next",
        key="adjudicate",
        shortcut="enter" if ready else None,
        disabled=not ready,
        type="primary",
        on_click=_record,
        args=(review, told, decided),
        width="stretch",
    )


def _at(review: Review, told: Adjudication, decided: dict[Key, Action]) -> Key | None:
    """The finding in question: the one on screen, else the first without a decision."""
    on_screen = next(
        (
            key
            for key in told.findings
            if review.one is not None and key == (review.one.prediction.digest, review.selected)
        ),
        None,
    )
    if on_screen is not None and on_screen not in decided:
        return on_screen
    return next((key for key in told.findings if key not in decided), on_screen or next(iter(told.findings), None))


def _decide(review: Review, told: Adjudication, decided: dict[Key, Action], key: Key, action: Action) -> None:
    decided[key] = action
    prediction = review.one.prediction.digest if review.one else ""
    following = next((finding for p, finding in told.findings if p == prediction and (p, finding) not in decided), None)
    if following is not None:
        st.session_state[f"select-{review.study.id}"] = following


def _record(review: Review, told: Adjudication, decided: dict[Key, Action]) -> None:
    comment = str(st.session_state.get(f"adjudicate-{review.study.id}") or "")
    intent = Intent(comment=comment, drawn_with=review.last_act)
    try:
        row = record_adjudication(
            review.at.workspace, review.at.session, review.study, decided, shown=told.shown, intent=intent
        )
    except OverreadError as error:
        set_notice(f"{error.what} {error.why} {error.what_to_do}", error=True)
        return
    set_notice(f"{review.short} decided", f"row {row.seq} · {row.hash[:4]}…{row.hash[-4:]} · durable")
    st.session_state["undo"] = row.event_id
    st.session_state["go-on-from"] = review.study.id
    st.session_state.pop(f"decided-{review.study.id}", None)
