"""Which study lies open: the one in the address, the reader's next, the one after a sign-off."""

from __future__ import annotations

import streamlit as st

from ..casework import (
    KINDS,
    Withheld,
    adjudication_of,
    case_list,
    next_study,
    open_out_of,
    record_place,
    reveal,
    rows_for,
    unlabelled,
)
from ..errors import OverreadError
from ..ledger import LedgerEntry, current_verdicts
from ..terms import Action, StudyKind
from ..viewmodels import finding_cards, own_cards, window_cards
from .desk import Desk, desk
from .going import go, go_to_study
from .review import Review
from .worklist import chosen_order

__all__ = ["go_on", "open_review"]

_STANDS = (Action.ACCEPT, Action.MODIFY)


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
