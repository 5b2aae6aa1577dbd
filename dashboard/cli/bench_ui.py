"""Bench of the pages in a browser: a slice step, a page of EEG and the first picture, beside Streamlit with Plotly."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..terms import Role
from .bench_browser import chromium, free_port, processor, running, time_inputs, time_opening, watched_page
from .bench_large import build_large, measure_large
from .bench_overlay import measure_overlay
from .bench_rival import rival_command, write_rival
from .bench_studies import PAGE_S, build_studies
from .bench_walk import LESIONS, build_walk, walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["bench_ui"]

Progress = Callable[[int, int, str], None]

_OPENINGS = 5
_TURN = 10
_NEAR = 5
_OUR_SLICE = {"kind": "ours", "canvas": ".mri-canvas", "never": " -"}
_OUR_PAGE = {"kind": "ours", "canvas": ".eeg-paper"}
_PLOTLY_SLICE = {"kind": "plotly", "mark": ".js-plotly-plot image", "attribute": "href"}
_PLOTLY_PAGE = {"kind": "plotly", "mark": ".js-plotly-plot .scatterlayer path.js-line", "attribute": "d"}


def bench_ui(rounds: int, on_progress: Progress) -> dict[str, dict[str, Any]]:
    """How many times sooner a slice and a page of EEG are on screen than with Streamlit and Plotly, in one run.

    Both sides show the same synthetic study and recording in one browser, each from a server of its own, and take
    turns of ten keys. They are timed in the page, from the key's event to the frame that shows its effect; what is
    given are medians.

    Parameters
    ----------
    rounds : int
        Keys a side and viewer.

    Raises
    ------
    MissingExtra
        Playwright or Chromium is not installed.
    """
    steps = 6 + 2 * len(_turns(rounds))
    with chromium() as browser, tempfile.TemporaryDirectory(prefix="overread-bench-") as name:
        folder = Path(name)
        on_progress(0, steps, "make the studies")
        made = build_studies(folder, recording_s=PAGE_S * (rounds + 12))
        write_rival(folder, made.grey, made.mask, made.recording)
        with _ours(browser, folder, made.workspace) as page, _rival(browser, folder) as (slider, button):
            on_progress(1, steps, "open the MR study")
            wanted = {**_OUR_SLICE, "begins": f"{made.mr} "}
            openings = [time_opening(page, made.mr, wanted) for _ in range(_OPENINGS)]
            slices = _Sides(page, _OUR_SLICE, slider, _PLOTLY_SLICE)
            for done, count in enumerate(_turns(rounds), start=2):
                on_progress(done, steps, "slice steps")
                there, back = min(_NEAR, count), max(0, count - _NEAR)
                slices.take(["ArrowDown"] * there + ["ArrowUp"] * back, ["ArrowRight"] * there + ["ArrowLeft"] * back)
            on_progress(steps - 4 - len(_turns(rounds)), steps, "opacity, flash, threshold")
            overlay = measure_overlay(page, made.likely, rounds)
            on_progress(steps - 3 - len(_turns(rounds)), steps, "open the recording")
            eeg_opening = time_opening(page, made.eeg, {**_OUR_PAGE, "begins": f"{made.eeg} "})
            pages = _Sides(page, _OUR_PAGE, button, _PLOTLY_PAGE)
            for done, count in enumerate(_turns(rounds), start=steps - 2 - len(_turns(rounds))):
                on_progress(done, steps, "EEG pages")
                pages.take(["ArrowRight"] * count, ["Enter"] * count)
        on_progress(steps - 2, steps, "a large study")
        root, study = build_large(folder)
        with _ours(browser, folder, root) as page:
            large = measure_large(page, browser, study)
        on_progress(steps - 1, steps, "ten findings by keyboard")
        with _ours(browser, folder, build_walk(folder).root) as page:
            page.locator("tr.row").nth(len(LESIONS) - 1).wait_for()
            walked = walk(page)
        browser_version = f"Chromium {browser.version}, headless"
    on_progress(steps, steps, "done")
    return {
        "ratios": {"slice_step": slices.ratio, "eeg_flip": pages.ratio},
        "figures": {
            **slices.figures("slice_step"),
            **pages.figures("eeg_flip"),
            **overlay,
            **large,
            "walk_keys": walked.keys,
            "walk_s": round(walked.seconds, 1),
            "walk": f"{walked.findings} findings in {walked.studies} studies",
            "first_picture_ms": round(statistics.median(openings)),
            "first_picture_slowest_ms": round(max(openings)),
            "first_eeg_page_ms": round(eeg_opening),
            "slice": " x ".join(str(n) for n in made.grey.shape),
            "eeg_page": f"{len(made.recording.labels)} channels, {PAGE_S} s at {made.recording.rate_hz:g} Hz",
            "processor": processor(),
            "browser": browser_version,
            "beside": f"Streamlit {version('streamlit')}, Plotly {version('plotly')}",
        },
    }


class _Sides:
    """Times of both sides of one comparison.

    Parameters
    ----------
    ours, theirs : Page
        Both with the picture on screen and the focus where the keys are heard.
    """

    def __init__(self, ours: Page, our_picture: dict[str, str], theirs: Page, their_picture: dict[str, str]) -> None:
        self._ours = (ours, our_picture)
        self._theirs = (theirs, their_picture)
        self._our_ms: list[float] = []
        self._their_ms: list[float] = []

    def take(self, our_keys: Sequence[str], their_keys: Sequence[str]) -> None:
        """One turn of each side."""
        for (page, picture), keys, times in (
            (self._ours, our_keys, self._our_ms),
            (self._theirs, their_keys, self._their_ms),
        ):
            page.bring_to_front()
            times += time_inputs(page, keys, picture)

    @property
    def ratio(self) -> float:
        """How many times sooner our picture is there."""
        return statistics.median(self._their_ms) / statistics.median(self._our_ms)

    def figures(self, name: str) -> dict[str, float]:
        """Medians of both sides and our slowest, milliseconds."""
        return {
            f"{name}_ms": round(statistics.median(self._our_ms), 1),
            f"{name}_slowest_ms": round(max(self._our_ms), 1),
            f"{name}_plotly_ms": round(statistics.median(self._their_ms), 1),
        }


def _turns(rounds: int) -> list[int]:
    """Keys of each turn."""
    return [min(_TURN, rounds - done) for done in range(0, rounds, _TURN)]


@contextmanager
def _ours(browser: Browser, folder: Path, root: Path) -> Iterator[Page]:
    """The product itself, served as `overread serve` does, with a reader signed in at the worklist."""
    from ..server import invitation

    port = free_port()
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--no-browser"]
    with running([*command, "--port", str(port), "--workspace", str(root)], port, folder, "ours"):
        page = watched_page(browser)
        page.goto(invitation(root, "R-BENCH", Role.RADIOLOGIST))
        yield page


@contextmanager
def _rival(browser: Browser, folder: Path) -> Iterator[tuple[Page, Page]]:
    """The two pages of the other side, with the focus on the slider and on the button."""
    ports = free_port(), free_port()
    with (
        running(rival_command("mri", ports[0]), ports[0], folder, "mri"),
        running(rival_command("eeg", ports[1]), ports[1], folder, "eeg"),
    ):
        opened = []
        for port, picture, control in (
            (ports[0], _PLOTLY_SLICE, "[data-testid=stSlider] input"),
            (ports[1], _PLOTLY_PAGE, "[data-testid=stButton] button"),
        ):
            page = watched_page(browser)
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_function("what => window.benchProbe.isThere(what)", arg=picture)
            page.locator(control).focus()
            opened.append(page)
        yield opened[0], opened[1]
