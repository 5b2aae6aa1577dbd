"""The line above a viewer: where in the list, who, what, which model and how good."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import KINDS, case_list, models_of
from ..terms import StudyKind
from ..viewmodels import first_sentence, open_words, person_words, study_line
from .exporting import draw_export
from .going import on_the_way
from .review import Review

__all__ = ["strip"]


def strip(review: Review) -> None:
    """The line above the viewer: where in the list, who, what, which model and how good."""
    at, study = review.at, review.study
    cases = [c for c in case_list(at.workspace, at.session, also=study.id) if c.kind == study.kind]
    index = next(n for n, c in enumerate(cases) if c.study == study.id)
    model = whole = ""
    if review.one is not None:
        identity = review.one.prediction.model
        model = f"{html.escape(identity.title or identity.id)} {html.escape(identity.version)}"
        if said := review.one.prediction.warnings:
            words, shown = "; ".join(said), f"{len(said)} warning{'' if len(said) == 1 else 's'}"
            brief = study.kind is StudyKind.EEG  # They stand beside the verdicts there.
            model += (
                f' · <span class="warn" title="{html.escape(words)}">{html.escape(shown if brief else words)}</span>'
            )
        worth = next((first_sentence(m.headline) for m in models_of(at.workspace) if m.digest == identity.digest), "")
        whole = " · ".join(part for part in (f"{identity.title or identity.id} {identity.version}", worth) if part)
        if worth:
            model += f' · <span class="warn">{html.escape(worth)}</span>'
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
            desks = open_words(cases[index].open_by or {})
            more = len(cases[index].open_by or {}) - 1
            words = desks.partition("; ")[0] + (f" and {more} more" if more else "")
            noted += f' · <span class="warn" title="{html.escape(desks)}">also open: {html.escape(words)}</span>'
        if cases[index].reviewed_under:
            noted += f" · reviewed under {html.escape(cases[index].reviewed_under)}"
        rest.html(
            f'<div class="or-strip"><span>{index + 1} of {len(cases)} &nbsp; <b>{html.escape(review.short)}</b>'
            f"{html.escape(person_words(study.age_years, study.sex))} &nbsp; {html.escape(study_line(cases[index]))}"
            f'{noted}</span><span class="model" title="{html.escape(whole)}">{mark}</span>'
            '<span class="or-fixed">pseudonymous: check the record before acting</span></div>'
        )
        if not review.blind:
            with away:
                draw_export(at, study)
