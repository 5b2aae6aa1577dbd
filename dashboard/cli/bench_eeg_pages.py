"""Bench of the EEG viewer on long recordings: opening, turning and jumping, montage and filter, thousands of annotations."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..casework import add_paths
from ..domain import Annotation
from ..eeg import write_edf
from ..workspace import Workspace
from .bench_browser import time_clicks, time_inputs
from .bench_flip import OUR_PAGE, next_pages, open_recording
from .bench_long_recording import LONG_LABELS
from .bench_mne_browser import MneBrowser
from .bench_sides import Take, by_turns, keys_on

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["ANNOTATIONS", "NotedPair", "build_noted", "measure_changes", "measure_day", "measure_noted", "told"]

ANNOTATIONS = 3000
_OPENINGS = 5
_RATE_HZ = 256
_WORDS = ("eyes open", "eyes closed", "patient speaks", "moves", "chewing", "nurse at the bed", "photic 12 Hz")


@dataclass(frozen=True)
class NotedPair:
    """The same signal twice, without and with annotations: files and pseudonyms."""

    plain: Path
    noted: Path
    plain_study: str
    noted_study: str


def build_noted(folder: Path, workspace: Workspace, seconds: int) -> NotedPair:
    """Write a recording of 21 channels twice, once with 3,000 annotations evenly spread, and take both in."""
    rng = np.random.default_rng(5)
    signal = rng.normal(0, 30, (len(LONG_LABELS), seconds * _RATE_HZ)).astype(np.float32)
    notes = [
        Annotation(float(onset), 2.0 * (n % 2), _WORDS[n % len(_WORDS)])
        for n, onset in enumerate(np.linspace(0, seconds - 3, ANNOTATIONS))
    ]
    files = folder / "plain.edf", folder / "noted.edf"
    for file, listed, code in zip(files, ([], notes), ("plain", "noted"), strict=True):
        write_edf(
            file, LONG_LABELS, _RATE_HZ, signal, starts_at="2024-01-01T08:00:00", annotations=listed, patient=code
        )
    studies = [add_paths(workspace, [file]).added[0].study for file in files]
    return NotedPair(*files, *studies)


def measure_day(
    page: Page, study: str, edf: Path, rounds: int, mne: MneBrowser | None, tell: Callable[[str], None]
) -> dict[str, list[float]]:
    """Milliseconds of opening a long recording, turning its pages and jumping within it.

    Parameters
    ----------
    edf : Path
        What the recording was taken in from: the other side opens the file itself.

    Returns
    -------
    dict
        `open` and `flip` of ours, `open_mne` and `flip_mne` where it runs; `jump`, to where nothing was fetched before.
    """
    tell("open the long recording")
    times: dict[str, list[float]] = {"open": [], "open_mne": []}
    for _ in range(_OPENINGS):
        times["open"].append(open_recording(page, study))
        times["open_mne"] += mne.open(edf) if mne else []
    sides: dict[str, Take] = {"ours": keys_on(page, OUR_PAGE, next_pages)}
    if mne:
        sides["mne"] = mne.flips(edf)
    flips = by_turns(rounds, sides, lambda: tell("turn its pages"))
    places = np.random.default_rng(3).permutation(np.linspace(0.05, 0.95, rounds))
    tell("jump within it")
    times["jump"] = time_clicks(page, ".eeg-overview", [float(place) for place in places], OUR_PAGE)
    return {**times, "flip": flips["ours"], "flip_mne": flips.get("mne", [])}


def measure_changes(page: Page, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from the key in the drop-down list to the frame of another montage, and of another low cut.

    Each change is made on a page that was turned to just before: it was never shown, nor made beforehand, in that way.
    """
    found = {}
    for name, label in (("montage", "Montage"), ("filter", "Low cut")):
        found[name] = []
        for number in range(rounds):
            time_inputs(page, next_pages(1), OUR_PAGE)
            page.locator(f".eeg-select[aria-label='{label}']").focus()
            found[name] += time_inputs(page, ["ArrowUp" if number % 2 else "ArrowDown"], OUR_PAGE)
    return found


def measure_noted(
    pages: tuple[Page, Page], pair: NotedPair, rounds: int, mne: MneBrowser | None, tell: Callable[[str], None]
) -> dict[str, list[float]]:
    """Milliseconds of a flip with 3,000 annotations and without any, of ours and of the other side, by turns."""
    tell("open the recordings with and without annotations")
    for page, study in zip(pages, (pair.plain_study, pair.noted_study), strict=True):
        page.bring_to_front()
        open_recording(page, study)
    sides: dict[str, Take] = {
        name: keys_on(page, OUR_PAGE, next_pages) for name, page in zip(("plain", "noted"), pages, strict=True)
    }
    if mne:
        for name, file in (("plain_mne", pair.plain), ("noted_mne", pair.noted)):
            mne.open(file)
            sides[name] = mne.flips(file)
    return by_turns(rounds, sides, lambda: tell("turn their pages"))


def told(times: Mapping[str, list[float]]) -> dict[str, Any]:
    """Medians by name, those that were measured."""
    return {f"{name}_ms": round(statistics.median(taken), 1) for name, taken in times.items() if taken}
