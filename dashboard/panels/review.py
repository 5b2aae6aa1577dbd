"""What the MRI and the EEG page share: the case under review, the strip above it, and what a click records."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from ..casework import (
    KINDS,
    Adjudication,
    Intent,
    RevealedPrediction,
    UnlabelledWindow,
    Withheld,
    adjudication_of,
    case_list,
    models_of,
    next_study,
    open_out_of,
    record_place,
    record_read,
    record_sign_off,
    record_verdict,
    reveal,
    rows_for,
    undo,
    unlabelled,
)
from ..domain import Study
from ..errors import OverreadError
from ..ledger import LedgerEntry, current_event, current_verdicts, last_act
from ..terms import Action, Scope, StudyKind
from ..viewmodels import (
    VERDICT_WORDS,
    FindingCard,
    finding_cards,
    first_sentence,
    open_words,
    own_cards,
    person_words,
    study_line,
    window_cards,
)
from .desk import Desk, desk, notice, set_notice
from .exporting import draw_export
from .going import go, go_to_study, on_the_way
from .worklist import chosen_order

__all__ = [
    "Review",
    "accept_shown",
    "active_s_of",
    "add_finding",
    "commit_read",
    "give_verdict",
    "go_on",
    "open_review",
    "selected_of",
    "sign_off",
    "strip",
    "take_back",
    "tell",
    "view_of",
]


_STANDS = (Action.ACCEPT, Action.MODIFY)


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


def open_review(kind: StudyKind) -> Review | None:
    """The study that the address names, else the reader's next of that kind; None where there is none."""
    at = desk()
    came = st.query_params.get("study")
    wanted = came or next_study(at.workspace, at.session, kind, order=chosen_order(at))
    cases = [c for c in case_list(at.workspace, at.session, also=came or "") if c.kind == kind]
    if wanted is None and cases:
        came = wanted = cases[0].study
    if wanted is None:
        return None
    try:
        study = at.workspace.study(wanted)
    except OverreadError as error:
        st.error(f"{error.what} {error.why} {error.what_to_do}")
        return None
    if study.kind is not kind:
        go_to_study(study.id, study.kind)
    st.query_params["study"] = study.id
    _sit_down(at, study.id, chosen_order(at) if came is None else "first_added")
    seen = reveal(at.workspace, at.session, study)
    windows = unlabelled(at.workspace, at.session, study) if isinstance(seen, Withheld) else ()
    if isinstance(seen, Withheld) and seen.code == "windows_open" and not windows:
        seen = reveal(at.workspace, at.session, study)  # There was nothing to draw from.
    blind = isinstance(seen, Withheld)
    one = None if isinstance(seen, Withheld) else seen.newest
    entries = rows_for(at.workspace, at.session, study.id)
    mine = [e for e in current_verdicts(entries).values() if (e.study, e.reader) == (study.id, at.session.reader)]
    verdicts: dict[str, LedgerEntry] = {
        e.finding: e for e in mine if one is not None and e.prediction == one.prediction.digest
    }
    found = [e for e in mine if e.action == Action.ADD or (e.finding_kind == "control" and e.action in _STANDS)]
    own = window_cards(windows) if blind else own_cards(study, found)
    short = next((c.short for c in cases if c.study == study.id), study.id)
    told = None if blind else adjudication_of(at.workspace, at.session, study)
    cards = finding_cards(study, one, verdicts)
    former = 0 if isinstance(seen, Withheld) else seen.former
    return Review(at, study, short, one, blind, cards, own, entries=entries, windows=windows, adjudication=told,
                  former=former)  # fmt: skip


def _sit_down(at: Desk, study: str, order: str) -> None:
    """The study lies open at this desk, the one before no longer; where it is to be read again, that begins here."""
    before = st.session_state.get("open-study")
    if before != study:
        if before:
            at.workspace.presence.release(at.session.reader, before)
        st.session_state["open-study"] = study
        open_out_of(at.workspace, at.session, study, order)
    record_place(at.workspace, at.session, study)
    at.workspace.presence.touch(at.session.reader, study)


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


def strip(review: Review) -> None:
    """The line above the viewer: where in the list, who, what, which model and how good."""
    at, study = review.at, review.study
    cases = [c for c in case_list(at.workspace, at.session, also=study.id) if c.kind == study.kind]
    index = next(n for n, c in enumerate(cases) if c.study == study.id)
    model = ""
    if review.one is not None:
        identity = review.one.prediction.model
        model = f"{html.escape(identity.title or identity.id)} {html.escape(identity.version)}"
        worth = next((first_sentence(m.headline) for m in models_of(at.workspace) if m.digest == identity.digest), "")
        if worth:
            model += f' · <span class="warn">{html.escape(worth)}</span>'
        if review.one.prediction.warnings:
            model += f' · <span class="warn">{html.escape("; ".join(review.one.prediction.warnings))}</span>'
    pill = "unlabelled windows" if review.windows else "blind first read"
    mark = f'<span class="or-pill">{pill}</span>' if review.blind else model or "no model result"
    with st.container(key="strip"):
        before, after, rest, away = st.columns([0.32, 0.32, 13, 1], vertical_alignment="center")
        page = KINDS[study.kind].page
        steps = ((before, "‹", "previous", index - 1), (after, "›", "next", index + 1))
        for column, sign, name, to in steps:
            beyond = not 0 <= to < len(cases)
            column.button(
                sign,
                key=f"{name}-study",
                disabled=beyond,
                help=f"{name.capitalize()} study",
                on_click=on_the_way,
                args=(page,),
                kwargs={} if beyond else {"study": cases[to].study},
            )
        issues = list(dict.fromkeys(issue["message"] for issue in cases[index].issues))
        words = f"{len(issues)} note{'' if len(issues) == 1 else 's'}"
        noted = f' · <span class="warn" title="{html.escape("; ".join(issues))}">{words}</span>' if issues else ""
        if cases[index].open_by:
            noted += f' · <span class="warn">also open: {html.escape(open_words(cases[index].open_by or {}))}</span>'
        if cases[index].reviewed_under:
            noted += f" · reviewed under {html.escape(cases[index].reviewed_under)}"
        rest.html(
            f'<div class="or-strip"><span>{index + 1} of {len(cases)} &nbsp; <b>{html.escape(review.short)}</b>'
            f"{html.escape(person_words(study.age_years, study.sex))} &nbsp; {html.escape(study_line(cases[index]))}"
            f'{noted}</span><span class="model">{mark}</span>'
            '<span class="or-fixed">pseudonymous: check the record before acting</span></div>'
        )
        if not review.blind:
            with away:
                draw_export(at, study)


def give_verdict(review: Review, card: FindingCard, action: Action, **said: Any) -> None:
    """Record a verdict on the finding that the button was drawn for, and say so; a refusal keeps a draft."""
    one = review.one
    if one is None or card.finding is None:
        return
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


def go_on(kind: StudyKind) -> None:
    """After a sign-off: open the reader's next study of the kind, else the worklist."""
    done = st.session_state.pop("go-on-from", None)
    if done is None:
        return
    at = desk()
    order = chosen_order(at)
    following = next_study(at.workspace, at.session, kind, after=done, order=order)
    at.workspace.presence.release(at.session.reader, done)
    if following is None:
        go("worklist")
    open_out_of(at.workspace, at.session, following, order)
    go_to_study(following, KINDS[kind].kind)


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
