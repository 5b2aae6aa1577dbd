"""A reader's walk through twenty alerts in two recordings by keyboard alone, its keys counted and its seconds taken."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..casework import add_paths, add_prediction
from ..eeg import EventLine, write_edf, write_events_tsv
from ..errors import OverreadError
from ..terms import WorkspaceKind
from ..workspace import Workspace
from .bench_walk import Walk, press_until, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["ALERTS", "build_eeg_walk", "eeg_walk"]

ALERTS = (12, 8)
"""Alerts of each recording of the walk."""
_CHANNELS = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5", "T6",
             "Fz", "Cz", "Pz")  # fmt: skip
_RATE_HZ = 128
_APART_S = 40
_REJECTED = 4
"""Every so manieth alert is rejected with the first reason, the others are accepted."""
_STATE = r"""() => {
  const find = (selector, root = document) => {
    const own = [...root.querySelectorAll(selector)];
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) own.push(...find(selector, one.shadowRoot));
    return own;
  };
  const papers = find("canvas.eeg-paper"); // While one recording follows another, both are in the page.
  const [study, , , , , , , mask] = (papers.length === 1 ? papers[0].dataset.drawn : "").split(" ");
  const count = (states) => states.reduce((sum, one) => sum + find(`.eeg-card .eeg-state[data-state=${one}]`).length, 0);
  return {
    study: study ?? "", judged: count(["accepted", "rejected"]), open: count(["open"]),
    refused: find(".eeg-note").some(({ textContent }) => textContent.includes("again")),
    asked: /why rejected\?/i.test(document.body.innerText), worklist: find("tr.row").length > 0,
  };
}"""


def build_eeg_walk(folder: Path) -> Workspace:
    """A workspace with two synthetic recordings and twenty alerts, listed as another tool would."""
    workspace = Workspace.open(folder / "walk-eeg", WorkspaceKind.DEMONSTRATION)
    for number, alerts in enumerate(ALERTS):
        seconds = _APART_S * (alerts + 1)
        noise = np.random.default_rng(number).normal(0, 15, (len(_CHANNELS), seconds * _RATE_HZ))
        file = folder / f"walk-{number}.edf"
        write_edf(file, _CHANNELS, _RATE_HZ, noise.astype(np.float32), starts_at=f"2024-03-1{number + 1}T08:00:00")
        study = workspace.study(add_paths(workspace, [file]).added[0].study)
        table = folder / f"walk-{number}.tsv"
        assert study.recording is not None
        events = [EventLine(_APART_S * (n + 1), 12.0, "sz", 0.9 - n / 50) for n in range(alerts)]
        write_events_tsv(table, events, study.recording)
        add_prediction(workspace, study, table, model_name="listed alerts", model_version="1")
    return workspace


def eeg_walk(page: Page) -> Walk:
    """From the worklist: Enter opens the next recording, A accepts an alert, X and a digit reject one, Enter signs off.

    Every key is pressed as soon as what it is about is on screen. A key that the page asks for again is counted again.

    Parameters
    ----------
    page : Page
        At the worklist, a reader signed in for whom exactly these recordings are to be read.

    Raises
    ------
    OverreadError
        The page did not go on.
    """
    began = time.monotonic()
    page.keyboard.press("Enter")
    keys, done, before = 1, [], ""
    while len(done) < len(ALERTS):
        state = wait_until(page, lambda now, last=before: now["study"] not in ("", last) and now["open"] > 0,
                           "a recording opens", _STATE)  # fmt: skip
        before, total = state["study"], state["open"] + state["judged"]
        for judged in range(total):
            more = judged + 1
            if more % _REJECTED == 0:
                keys += press_until(page, "x", lambda now: now["asked"], "a reason is asked for", _STATE)
            key = "1" if more % _REJECTED == 0 else "a"
            keys += press_until(page, key, lambda now, n=more: now["judged"] >= n, "an alert is judged", _STATE)
        keys += press_until(page, "Enter", lambda now, last=before: now["study"] not in ("", last) or now["worklist"],
                            "the recording is signed off", _STATE)  # fmt: skip
        done.append(total)
    if sorted(done) != sorted(ALERTS):
        raise OverreadError(
            "The walk was not taken.", f"The recordings had {done} alerts, not {list(ALERTS)}.", "Report this."
        )
    return Walk(sum(done), len(done), keys, time.monotonic() - began)
