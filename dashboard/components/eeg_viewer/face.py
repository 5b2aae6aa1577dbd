"""Mounts the EEG viewer and its list of events, and reads back what was on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypedDict

import streamlit as st

from ..assets import ASSETS_FOLDER, shim

__all__ = ["STYLES", "EegViewerState", "eeg_events", "eeg_viewer", "eeg_viewer_state"]

STYLES = ("shared/theme.css", "eeg_viewer/style.css", "eeg_tools/features.css", "eeg_overview/overview.css",
          "eeg_tools/what_if.css")  # fmt: skip
"""Style sheets below the assets' folder, in order."""


class EegViewerState(TypedDict):
    """What the viewer last said of one study; empty values for a study of which it has said nothing.

    Attributes
    ----------
    study : str
        The study that all of it is about.
    prediction : str
        Digest of the prediction on screen at the last report; '' where none was.
    selected : str or None
        Event that the reader last selected in viewer or list; from `eeg_viewer` the one selected now.
    on_screen : str or None
        Event selected on screen at the last report, which goes out before any verdict key: read in a button's
        callback, it tells whether the verdict is about what the reader saw.
    drawn : tuple of str
        Digest of the recording once traces of it were drawn; empty until the first picture.
    displayed : dict of str to float
        Share of the recording's signal drawn as traces, 0 to 1, by recording digest; gaps count on neither side.
    intervals : tuple of (float, float)
        What was drawn, from and to in seconds from the recording's start, merged and in order.
    shown : tuple of str
        Events whose onset was on screen over traces.
    view : dict
        Start, page, montage, sensitivity, filters, paper: the ledger's `view`.
    range : dict or None
        The stretch last dragged: `onset_s`, `duration_s`, `n`, and `event` where it is the moved edges of an event.
    interact : dict or None
        The first hiding of the marks: `prediction`, `kind` and `n`.
    active_s : float or None
        Seconds at work since the study was opened, up to the last report; None where the site does not count them.
    """

    study: str
    prediction: str
    selected: str | None
    on_screen: str | None
    drawn: tuple[str, ...]
    displayed: dict[str, float]
    intervals: tuple[tuple[float, float], ...]
    shown: tuple[str, ...]
    view: dict[str, Any]
    range: dict[str, Any] | None
    interact: dict[str, Any] | None
    active_s: float | None


@cache
def _css() -> str:
    """The tokens, then the viewer's own rules."""
    return "\n".join((ASSETS_FOLDER / name).read_text(encoding="utf-8") for name in STYLES)


@cache
def _viewer() -> Callable[..., Any]:
    """The viewer, registered once a process."""
    return st.components.v2.component("overread_eeg_viewer", css=_css(), js=shim("eeg_viewer/index.js"))


@cache
def _list() -> Callable[..., Any]:
    """The list of events, registered once a process."""
    return st.components.v2.component("overread_eeg_events", css=_css(), js=shim("eeg_viewer/events.js"))


def _said(key: str, name: str, study: str) -> dict[str, Any]:
    """One thing that the component's state holds at this moment of a study, else nothing."""
    state = st.session_state.get(key)
    value = state.get(name) if isinstance(state, Mapping) else None
    return dict(value) if isinstance(value, Mapping) and value.get("study") == study else {}


def eeg_viewer_state(key: str, study: str) -> EegViewerState:
    """What the viewer mounted under `key` has said of a study up to now.

    It can be read before the viewer is mounted in a run, and in callbacks, where it is newer than what
    `eeg_viewer` gave in the run before. What was said of another study is left out.
    """
    report = _said(key, "report", study)
    dragged = _said(key, "range", study)
    drawn = str(report.get("drawn") or "")
    return EegViewerState(
        study=study,
        prediction=str(report.get("prediction") or ""),
        selected=_said(key, "selected", study).get("event"),
        on_screen=report.get("on_screen"),
        drawn=(drawn,) if drawn else (),
        displayed={drawn: float(report.get("displayed", 0.0))} if drawn else {},
        intervals=tuple((float(start), float(stop)) for start, stop in report.get("intervals", ())),
        shown=tuple(report.get("shown", ())),
        view=dict(report.get("view", {})),
        range=dragged if dragged.get("onset_s") is not None else None,
        interact=_said(key, "interact", study) or None,
        active_s=report.get("active_s"),
    )


def eeg_viewer(data: Mapping[str, Any], key: str) -> EegViewerState:
    """Mount overview, tools and traces over the left of the page, and give what the viewer has said.

    Parameters
    ----------
    data : mapping, JSON only
        `study`, `token` (capability), `blind`, `pseudonym`, `synthetic`; `recording` with `digest`, `duration_s`,
        `starts_at` ('' without a clock), `channels` (`label`, `kind`, `rate_hz`), `gaps` (`onset_s`, `duration_s`);
        `montages`, each with `name`, `title`, `rows` (`label`, `plus` from channel label to weight, `side`) and
        `missing`; `annotations`; `prediction` (None, or `digest`, `calibrated`, `imported`, and where they are known `on`,
        `off`, `min_duration_s`, `merge_gap_s`); `events`, each with
        `id`, `number`, `onset_s`, `duration_s`, `state`, `state_words`, `score_words`, `title`, `lines`, `own` and
        where the reader has moved the edges `reader_onset_s`, `reader_duration_s`; `selected` (id or None);
        `defaults` (`page_s`, `uv_per_mm`, `low_hz`, `high_hz`, `notch`); `next` (None, or `study`, `token`, `digest`
        of the next recording, the first page of whose signal is then loaded in advance); `view` (None, or a recorded
        view, taken over when the viewer is mounted) and `replay` (the row looked at again; then nothing is reported); `heading`
        where windows without labels are judged: they are sent as the reader's own `events`, with numbers.
    key : str
        Of the component.

    Returns
    -------
    EegViewerState
        Of `data["study"]`. `selected` is the event that is now selected: the reader's choice where it is new in
        this run, else `data["selected"]`; the rest of the page is to follow it.

    Raises
    ------
    ValueError
        A blind read was handed something of a model: whatever is in `data` reaches the browser.
    """
    if data["blind"] and (data["prediction"] is not None or any(not event["own"] for event in data["events"])):
        raise ValueError("a blind view holds nothing of a model")
    study = str(data["study"])
    chosen = _said(key, "selected", study)
    heard = f"{key}:heard"
    selected = data["selected"]
    if chosen.get("n", 0) > st.session_state.get(heard, 0):
        st.session_state[heard] = chosen["n"]
        if chosen["event"] in {event["id"] for event in data["events"]}:
            selected = chosen["event"]
    echo = {"selected": chosen.get("n", 0), "point": _said(key, "range", study).get("n", 0)}
    _viewer()(
        key=key,
        data={**data, "selected": selected, "echo": echo},
        on_selected_change=_nothing,
        on_range_change=_nothing,
        on_interact_change=_nothing,
        on_report_change=_nothing,
    )
    return EegViewerState(**{**eeg_viewer_state(key, study), "selected": selected})  # type: ignore[typeddict-item]


def eeg_events(data: Mapping[str, Any], key: str) -> None:
    """Mount the list of events; a choice in it is the viewer's, which tells it to Python.

    Parameters
    ----------
    data : mapping
        As for `eeg_viewer`, mounted on the same page; only what the list shows is sent.
    key : str
        Of the component.

    Raises
    ------
    ValueError
        A blind read was handed something of a model.
    """
    if data["blind"] and any(not event["own"] for event in data["events"]):
        raise ValueError("a blind list holds nothing of a model")
    shown = ("study", "blind", "prediction", "events", "selected", "heading")
    _list()(key=key, data={name: data[name] for name in shown if name in data})


def _nothing() -> None:
    """Streamlit keeps only those states that have a callback."""
