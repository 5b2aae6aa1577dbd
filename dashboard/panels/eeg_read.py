"""The reader's own read of a recording, before anything of the model: marks with how sure, kept until they are committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ..casework import Intent, keep_read, kept_read
from .desk import notice
from .recording import commit_read
from .review import Review
from .verdicts import draw_notice

__all__ = ["draw_eeg_read", "marks_of"]

Mark = dict[str, float]
_SAME_S = 0.02


def marks_of(review: Review, dragged: Mapping[str, Any] | None) -> list[Mark]:
    """The marks of the read as they stand; a mark whose edges were just dragged has its new ones. None once it is open."""
    at, key = review.at, f"ranges-{review.study.id}"
    if not review.blind:
        st.session_state.pop(key, None)
        keep_read(at.workspace, at.session, review.study, [])
        return []
    if key not in st.session_state:
        st.session_state[key] = kept_read(at.workspace, at.session, review.study)
    marks: list[Mark] = st.session_state[key]
    number = str((dragged or {}).get("event") or "").removeprefix("mark-")
    if dragged and number.isdecimal() and 0 < int(number) <= len(marks) and _is_new(review, dragged):
        moved = {"onset_s": float(dragged["onset_s"]), "duration_s": float(dragged["duration_s"])}
        _keep(review, [mark | moved if n == int(number) else mark for n, mark in enumerate(marks, start=1)])
    return list(st.session_state[key])


def draw_eeg_read(review: Review, marks: list[Mark]) -> None:
    """What the reader sees, marked and said; `Commit and reveal` records it and opens the gate."""
    st.html(
        '<p class="or-caps">Your own read first</p><p class="or-title" style="font-size:16px">What do you see?</p>'
        '<p class="or-small">This recording is read blind. Nothing of the model has been sent to this browser. Drag over '
        "each seizure and say how sure you are.</p>"
    )
    st.button("Nothing seen", key="blind-none", shortcut="n", width="stretch", disabled=bool(marks),
              on_click=commit_read, args=(review,), kwargs={"present": False, "findings": []})  # fmt: skip
    span = _dragged(review, marks)
    if span is not None:
        with st.container(key="reasons", horizontal=True):
            for sure in range(1, 6):
                more = [*marks, span | {"sure": sure}]
                st.button(f"sure {sure}", key=f"sure-{sure}", shortcut=str(sure), on_click=_keep, args=(review, more))
    for number, mark in enumerate(marks, start=1):
        st.html(f'<div class="or-card">{number} · {mark["onset_s"]:.1f} s, {mark["duration_s"]:.1f} s long, sure '
                f'{mark["sure"]:.0f} of 5</div>')  # fmt: skip
    if marks:
        st.button("Take back the last mark", key="blind-back", on_click=_keep, args=(review, marks[:-1]))
    findings = [Intent(onset_s=m["onset_s"], duration_s=m["duration_s"], confidence=int(m["sure"])) for m in marks]
    st.button("Commit and reveal", key="blind-commit", shortcut="enter" if marks else None, disabled=not marks,
              type="primary", width="stretch", on_click=commit_read, args=(review,),
              kwargs={"present": True, "findings": findings})  # fmt: skip
    if notice():
        draw_notice(review)


def _keep(review: Review, marks: list[Mark]) -> None:
    st.session_state[f"ranges-{review.study.id}"] = marks
    keep_read(review.at.workspace, review.at.session, review.study, marks)


def _dragged(review: Review, marks: list[Mark]) -> Mark | None:
    """The stretch that is dragged and not yet one of the marks."""
    dragged = review.told.get("range")
    if not isinstance(dragged, dict) or dragged.get("event"):
        return None
    span = {"onset_s": float(dragged["onset_s"]), "duration_s": float(dragged["duration_s"])}
    is_marked = any(all(abs(mark[name] - span[name]) < _SAME_S for name in span) for mark in marks)
    return None if is_marked else span


def _is_new(review: Review, dragged: Mapping[str, Any]) -> bool:
    """Whether this drag was not yet applied: numbers of marks change when one is taken back."""
    key, n = f"moved-{review.study.id}", dragged.get("n")
    if st.session_state.get(key) == n:
        return False
    st.session_state[key] = n
    return True
