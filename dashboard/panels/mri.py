"""The MRI page: viewer with its list of findings, and the verdict column."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from ..casework import (
    Intent,
    PriorStudy,
    Replay,
    RevealedPrediction,
    compared_sides,
    finding_places,
    finding_thumbnails,
    may_correct,
    next_study,
)
from ..components import mri_viewer, viewer_state
from ..domain import Study
from ..terms import StudyKind
from ..viewmodels import mri_data, series_data
from .assigning import assign_series, draw_reading_anew
from .closed import note_interaction
from .desk import Desk, notice, set_notice, token_for
from .drawing import blind_drawn, draw_add_drawn, drawing_data
from .opening import go_on, open_review
from .over_time import draw_over_time
from .porus import with_porus
from .priors import keep_link, offered_priors, priors_for
from .recording import add_finding, commit_read
from .replay import draw_replay, replay_asked
from .review import Review, selected_of
from .steps import draw_steps
from .strip import strip
from .verdicts import draw_notice, draw_verdicts

__all__ = ["mri"]


def mri() -> None:
    """Draw the page for the study in the address, or the reader's next, or a row's view again."""
    if replay_asked():
        draw_replay(_replay, [1148, 292])
        return
    go_on(StudyKind.MR)
    review = open_review(StudyKind.MR)
    if review is None:
        with st.container(key="page"):
            st.html('<p class="or-h1">No MR study yet</p><p class="or-sub">Add one on the worklist, or run '
                    "<code>overread add FOLDER</code>.</p>")  # fmt: skip
        return
    strip(review)
    middle, right = st.columns([1148, 292], gap=None)
    with middle:
        key = f"mri-{review.study.id}-{'blind' if review.blind else 'open'}"
        review = with_porus(review, viewer_state(key, review.study.id))
        priors = offered_priors(review)
        said = {**_data(review, priors_for(review, priors)), **drawing_data(review), "activity": review.counts_active,
                "reader": review.at.session.reader}  # fmt: skip
        told = mri_viewer(
            said, key=key, on_assigned=lambda: assign_series(review, key), on_linked=lambda: keep_link(review, key)
        )
    study = review.study.id
    review = review.with_screen(told, selected_of(review, told), lambda: viewer_state(key, study))
    note_interaction(review)
    with right, st.container(key="verdict"):
        if review.blind:
            _blind(review)
        else:
            draw_verdicts(review, lambda: _between(review, priors))
            draw_reading_anew(review)
        draw_steps(review)


def _replay(at: Desk, said: Replay, drawn: dict[str, Any]) -> None:
    row = drawn.pop("row")
    data = mri_data(
        said.study,
        token=token_for(at, said.study.id, *(("volume",) if said.blind else ("volume", "mask"))),
        blind=said.blind,
        convention=str(at.workspace.settings["display.convention"]),
        one=said.one,
        **_pictures(said.study, said.one),
        replay=row,
        sides=said.sides,
        **drawn,
    )
    mri_viewer(data, key=f"mri-replay-{row}")


def _data(review: Review, priors: list[dict[str, Any]]) -> dict[str, Any]:
    at = review.at
    draws = ("draft",) if at.workspace.settings["review.draw_blind"] else ()
    what = ("volume", *draws) if review.blind else ("volume", "mask", "draft")
    return mri_data(
        review.study,
        token=token_for(at, review.study.id, *what),
        short=review.short,
        blind=review.blind,
        convention=str(at.workspace.settings["display.convention"]),
        one=review.one,
        cards=review.cards,
        own=review.own,
        selected=selected_of(review, None),
        **_pictures(review.study, review.one),
        adding=bool(st.session_state.get(f"adding-{review.study.id}")),
        upcoming=_upcoming(review),
        assigns=may_correct(at.session),
        sides=compared_sides(at.workspace, at.session, review.study) if review.one else (),
        priors=priors,
    )


def _upcoming(review: Review) -> dict[str, Any] | None:
    """Images of the study after this one, for the viewer to fetch ahead; nothing of a model."""
    at = review.at
    following = next_study(at.workspace, at.session, StudyKind.MR, after=review.study.id)
    if following is None:
        return None
    study = at.workspace.study(following)
    return {
        "study": study.id,
        "token": token_for(at, study.id, "volume"),
        "series": [series_data(volume) for volume in study.volumes if volume.made_how != "brain"],
    }


def _pictures(study: Study, one: RevealedPrediction | None) -> dict[str, Any]:
    """Thumbnails of the findings, and where the viewer jumps for each; made once a result."""
    if one is None:
        return {"thumbnails": {}}
    cached = st.session_state.setdefault("pictures", {})
    digest = one.prediction.digest
    if digest not in cached:
        made = finding_thumbnails(study, one)
        told = {n: "data:image/png;base64," + base64.b64encode(png).decode() for n, png in made.items()}
        cached.clear()
        cached[digest] = {"thumbnails": told, "places": finding_places(study, one)}
    return dict(cached[digest])


def _between(review: Review, priors: tuple[PriorStudy, ...]) -> None:
    _missed(review)
    draw_over_time(review, priors)


def _missed(review: Review) -> None:
    """Add a lesion that the model missed: D, a click in the viewer, D."""
    if draw_add_drawn(review):
        return
    key = f"adding-{review.study.id}"
    adding = bool(st.session_state.get(key))
    point = review.told.get("point") if adding else None
    if isinstance(point, dict) and point.get("lps"):
        x, y, z = (float(v) for v in point["lps"])
        st.button(
            "Add missed lesion at the mark",
            key="add-missed",
            shortcut="d",
            on_click=_add_at,
            args=(review, (x, y, z)),
            width="stretch",
        )
        return
    st.button(
        "Cancel adding" if adding else "Add a missed lesion",
        key="adding",
        shortcut="d",
        on_click=lambda: st.session_state.update({key: not adding}),
        width="stretch",
    )


def _add_at(review: Review, point_lps: tuple[float, float, float]) -> None:
    add_finding(review, point_lps=point_lps)
    st.session_state[f"adding-{review.study.id}"] = False


def _blind(review: Review) -> None:
    """The reader's own read, before anything of the model."""
    points: list[dict[str, Any]] = st.session_state.setdefault(f"points-{review.study.id}", [])
    point = review.told.get("point")
    st.html(
        '<p class="or-caps">Your own read first</p><p class="or-title" style="font-size:16px">What do you see?</p>'
        '<p class="or-small">This study is read blind. Nothing of the model has been sent to this browser. It is shown '
        "after you commit, and what you change then is recorded beside what you said first. A digit says how sure you are: "
        "of the place that you clicked, else that nothing is there.</p>"
    )
    drawn = blind_drawn(review)
    marked = drawn is not None or (isinstance(point, dict) and bool(point.get("lps")))
    none_key = f"sure-of-none-{review.study.id}"
    none_sure = None if points or marked else st.session_state.get(none_key)
    st.button("Nothing seen" + (f", sure {none_sure} of 5" if none_sure else ""), key="blind-none", shortcut="n",
              width="stretch", disabled=bool(points), on_click=commit_read, args=(review,),
              kwargs={"present": False, "findings": [], "confidence": none_sure})  # fmt: skip
    if marked or not points:
        with st.container(key="reasons", horizontal=True):
            for sure in range(1, 6):
                st.button(
                    f"sure {sure}",
                    key=f"sure-{sure}",
                    shortcut=str(sure),
                    on_click=_keep_point if marked else st.session_state.update,
                    args=(review, points, point, sure)
                    if marked
                    else ({none_key: None if none_sure == sure else sure},),
                )
    for number, kept in enumerate(points, start=1):
        st.html(f'<div class="or-card">{number} · {kept["words"]}, sure {kept["sure"]} of 5</div>')
    findings = [Intent(point_lps=kept.get("lps"), confidence=kept["sure"], own=kept.get("own", ""), draft=kept.get("draft", ""))
                for kept in points]  # fmt: skip
    st.button("Commit and reveal", key="blind-commit", shortcut="enter" if points else None, disabled=not points,
              type="primary", width="stretch", on_click=commit_read, args=(review,),
              kwargs={"present": True, "findings": findings})  # fmt: skip
    if notice():
        draw_notice(review)


def _keep_point(review: Review, points: list[dict[str, Any]], point: dict[str, Any] | None, sure: int) -> None:
    """Take what was drawn, else the place clicked, among what will be committed."""
    if blind_drawn(review) is not None:
        drawn = blind_drawn(review, whole=True)
        if drawn is None:
            set_notice("Not taken: the last strokes are not yet kept. Press the key again.", error=True)
            return
        points.append({"sure": sure, "words": "outline drawn", "own": drawn["finding"], "draft": drawn["digest"]})
        return
    assert point is not None
    x, y, z = (float(v) for v in point["lps"])
    words = f"{'L' if x > 0 else 'R'} {abs(x):.0f}, {'P' if y > 0 else 'A'} {abs(y):.0f}, {'S' if z > 0 else 'I'} {abs(z):.0f} mm"
    points.append({"lps": (x, y, z), "sure": sure, "words": f"point at {words}"})
