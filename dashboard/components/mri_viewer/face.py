"""Mounts the MRI viewer and reads back what it says was on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypedDict

import streamlit as st

from ..assets import ASSETS_FOLDER, shim

__all__ = ["ViewerState", "mri_viewer", "viewer_state"]


class ViewerState(TypedDict):
    """What the viewer last said of one study; empty values for a study of which it has said nothing.

    Attributes
    ----------
    study : str
        The study that all of it is about.
    prediction : str
        Digest of the prediction on screen at the last report; '' where none was.
    selected : str or None
        Finding that the reader last selected in the viewer; from `mri_viewer` the one selected now.
    on_screen : str or None
        Finding selected on screen at the last report, which goes out before any verdict key: read in a button's
        callback, it tells whether the verdict is about what the reader saw.
    drawn : tuple of str
        Digests of the series of which a slice was drawn; empty until the first picture.
    displayed : dict of str to float
        Share of the slices of the acquisition plane drawn, 0 to 1, by series digest.
    shown : tuple of str
        Findings whose centre's slice was on screen with the overlay.
    view : dict
        Series, plane, slice, window, zoom, layout, crosshair in LPS millimetres: the ledger's `view`.
    point : dict or None
        The last click that marks a lesion: `lps`, `voxel`, `series`, and `n`, which differs from click to click.
    interact : dict or None
        The first switch of the overlay: `prediction`, `kind` and `n`.
    active_s : float or None
        Seconds at work since the study was opened, up to the last report; None where the site does not count them.
    draft : dict or None
        The drawing on screen at the last report: `finding`, `digest` of the draft that the server has, `whole` (all
        that is on screen is in it), `own` (a new finding); None where nothing is being drawn.
    assigned : dict or None
        What the reader last said a series to be: `series` (digest), `sequence` and `n`.
    porus : dict or None
        Lines at the porus by finding, of `prediction`: `lines` (two LPS points each) and `n`.
    linked : dict or None
        The last two places that the reader paired: `prior` (a study), `offset_lps` (mm from here to there) and `n`.
    """

    study: str
    prediction: str
    selected: str | None
    on_screen: str | None
    drawn: tuple[str, ...]
    displayed: dict[str, float]
    shown: tuple[str, ...]
    view: dict[str, Any]
    point: dict[str, Any] | None
    interact: dict[str, Any] | None
    active_s: float | None
    draft: dict[str, Any] | None
    assigned: dict[str, Any] | None
    linked: dict[str, Any] | None
    porus: dict[str, Any] | None


_STYLES = (
    "shared/theme.css",
    "mri_viewer/style.css",
    "mri_layers/layers.css",
    "mri_editor/edit.css",
    "mri_measures/measures.css",
    "mri_priors/priors.css",
)


@cache
def _css() -> str:
    """The tokens, then the viewer's own rules."""
    return "\n".join((ASSETS_FOLDER / name).read_text(encoding="utf-8") for name in _STYLES)


@cache
def _component() -> Callable[..., Any]:
    """The component, registered once a process."""
    return st.components.v2.component("overread_mri_viewer", css=_css(), js=shim("mri_viewer/index.js"))


def _said(key: str, name: str, study: str) -> dict[str, Any]:
    """One thing that the component's state holds at this moment of a study, else nothing."""
    state = st.session_state.get(key)
    value = state.get(name) if isinstance(state, Mapping) else None
    return dict(value) if isinstance(value, Mapping) and value.get("study") == study else {}


def viewer_state(key: str, study: str) -> ViewerState:
    """What the viewer mounted under `key` has said of a study up to now.

    It can be read before the viewer is mounted in a run, and in callbacks, where it is newer than what
    `mri_viewer` gave in the run before. What was said of another study is left out.
    """
    report = _said(key, "report", study)
    return ViewerState(
        study=study,
        prediction=str(report.get("prediction") or ""),
        selected=_said(key, "selected", study).get("finding"),
        on_screen=report.get("on_screen"),
        drawn=tuple(report.get("drawn", ())),
        displayed={str(digest): float(share) for digest, share in report.get("displayed", {}).items()},
        shown=tuple(report.get("shown", ())),
        view=dict(report.get("view", {})),
        point=_said(key, "point", study) or None,
        interact=_said(key, "interact", study) or None,
        active_s=report.get("active_s"),
        draft=report.get("draft"),
        assigned=_said(key, "assigned", study) or None,
        linked=_said(key, "linked", study) or None,
        porus=_said(key, "porus", study) or None,
    )


def mri_viewer(
    data: Mapping[str, Any],
    key: str,
    on_assigned: Callable[[], None] | None = None,
    on_linked: Callable[[], None] | None = None,
) -> ViewerState:
    """Mount the viewer over the findings column and the middle of the page, and give what it has said.

    Parameters
    ----------
    data : mapping, JSON only
        `study`, `token` (capability), `blind`, `adding` (a click marks a lesion outside blind reads too),
        `pseudonym`, `synthetic`, `convention` ('radiological' or 'neurological'); `series`, each with `digest`,
        `sequence`, `label`, `description`, `date`, `shape`, `affine` (16 numbers row by row, LPS), `through`,
        `sides_known`, `frame`, and for assigning `confidence`, `taken_for`, `recognised_words`, `source` (scale and window come from the volume's route); `current` (digest of the series shown
        first); `prediction` (None, or `digest`, `grid` and `regions` with `name`, `words`, `bit`, `colour`,
        `experimental`, `evaluated`, `visible`, `threshold`, the outermost first; `probability` says whether there is a map); `findings` and `own` (the reader's), each with
        `id`, `number`, `title`, `lines`, and where they apply `component`, `state`, `state_words`, `score_words`,
        `centre_lps`, `kind`, `thumbnail` (a data address); `selected` (id or None); `next` (None, or `study`, `token`,
        `series` of the next study, whose images are then loaded in advance); `view` (None, or a recorded view,
        taken over when the viewer is mounted) and `replay` (the row looked at again; then nothing is reported; 0 is none); `assign` (None, or the sequences that
        this reader may say a series to be, each with `value` and `words`); `drawing` (None, or `grid` and `regions` in which the reader may draw), `drafts` (their unrecorded drawings) and `modifying` (the finding on which modify is chosen); `sides` (masks that may be held against each
        other, as `viewmodels.sides_data` gives them); `priors` (studies of the subject from before, as
        `viewmodels.priors_data` gives them).
    key : str
        Of the component.
    on_assigned : callable, optional
        Called before the page runs again when the reader has said which sequence a series is (`assigned`).
    on_linked : callable, optional
        Called before the page runs again when the reader has paired a place with one in a prior (`linked`).

    Returns
    -------
    ViewerState
        Of `data["study"]`. `selected` is the finding that is now selected: the reader's choice in the viewer
        where it is new in this run, else `data["selected"]`; the rest of the page is to follow it.

    Raises
    ------
    ValueError
        A blind read was handed something of a model: whatever is in `data` reaches the browser.
    """
    told = any(prior["prediction"] for prior in data.get("priors", ()))
    if data["blind"] and (data["prediction"] is not None or data["findings"] or data.get("sides") or told):
        raise ValueError("a blind view holds nothing of a model")
    study = str(data["study"])
    chosen, point = _said(key, "selected", study), _said(key, "point", study)
    heard = f"{key}:heard"
    selected = data["selected"]
    if chosen.get("n", 0) > st.session_state.get(heard, 0):
        st.session_state[heard] = chosen["n"]
        if chosen["finding"] in {finding["id"] for finding in (*data["findings"], *data["own"])}:
            selected = chosen["finding"]
    assigned = _said(key, "assigned", study).get("n", 0)
    echo = {"selected": chosen.get("n", 0), "point": point.get("n", 0), "assigned": assigned}
    _component()(
        key=key,
        data={**data, "selected": selected, "echo": echo},
        on_selected_change=_nothing,
        on_point_change=_nothing,
        on_porus_change=_nothing,
        on_interact_change=_nothing,
        on_report_change=_nothing,
        on_linked_change=on_linked or _nothing,
        on_assigned_change=on_assigned or _nothing,
    )
    return ViewerState(**{**viewer_state(key, study), "selected": selected})  # type: ignore[typeddict-item]


def _nothing() -> None:
    """Streamlit keeps only those states that have a callback."""
