"""Bench of the next page of EEG: our viewer beside a Streamlit page with one Plotly figure, on the same recording."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from .bench_browser import time_opening
from .bench_sides import by_turns, keys_on, rival

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["OUR_PAGE", "next_pages", "open_recording", "plotly_pages", "time_flips"]

OUR_PAGE = {"kind": "ours", "canvas": ".eeg-paper"}
_PLOTLY_PAGE = {"kind": "plotly", "mark": ".js-plotly-plot .scatterlayer path.js-line", "attribute": "d"}


def plotly_pages(browser: Browser, folder: Path) -> AbstractContextManager[Page]:
    """The other side, with the focus on 'Next page'."""
    return rival(browser, folder, "eeg", _PLOTLY_PAGE, "[data-testid=stButton] button")


def open_recording(page: Page, study: str) -> float:
    """Milliseconds from a click in the worklist to the traces."""
    return time_opening(page, study, {**OUR_PAGE, "begins": f"{study} "})


def next_pages(count: int) -> list[str]:
    """Keys that turn so many pages of ours."""
    return ["ArrowRight"] * count


def time_flips(page: Page, button: Page, rounds: int, on_turn: Callable[[], None]) -> dict[str, list[float]]:
    """Milliseconds of so many flips of `ours` and of `plotly`, by turns.

    Parameters
    ----------
    page, button : Page
        Ours with the traces of the recording on screen; the other side's.
    """
    sides = {
        "ours": keys_on(page, OUR_PAGE, next_pages),
        "plotly": keys_on(button, _PLOTLY_PAGE, lambda count: ["Enter"] * count),
    }
    return by_turns(rounds, sides, on_turn)
