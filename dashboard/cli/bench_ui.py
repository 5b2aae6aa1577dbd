"""Bench of the pages in a browser: a slice step, a page of EEG and the first picture, beside Streamlit with Plotly."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .bench_browser import chromium, processor, time_opening
from .bench_flip import open_recording, plotly_pages, time_flips
from .bench_large import build_large, measure_large
from .bench_overlay import measure_overlay
from .bench_rival import write_eeg_rival, write_rival
from .bench_sides import by_turns, keys_on, medians, ours, rival, teller, turns
from .bench_studies import PAGE_S, build_studies
from .bench_walk import LESIONS, build_walk, walk

__all__ = ["bench_ui"]

Progress = Callable[[int, int, str], None]

_OPENINGS = 5
_NEAR = 5
_OUR_SLICE = {"kind": "ours", "canvas": ".mri-canvas", "never": " -"}
_PLOTLY_SLICE = {"kind": "plotly", "mark": ".js-plotly-plot image", "attribute": "href"}


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
    tell = teller(6 + 2 * len(turns(rounds)), on_progress)
    with chromium() as browser, tempfile.TemporaryDirectory(prefix="overread-bench-") as name:
        folder = Path(name)
        tell("make the studies")
        made = build_studies(folder, recording_s=PAGE_S * (rounds + 12))
        write_rival(folder, made.grey, made.mask)
        write_eeg_rival(folder, made.recording)
        with (
            ours(browser, folder, made.workspace) as page,
            rival(browser, folder, "mri", _PLOTLY_SLICE, "[data-testid=stSlider] input") as slider,
            plotly_pages(browser, folder) as button,
        ):
            tell("open the MR study")
            wanted = {**_OUR_SLICE, "begins": f"{made.mr} "}
            openings = [time_opening(page, made.mr, wanted) for _ in range(_OPENINGS)]
            sides = {
                "ours": keys_on(page, _OUR_SLICE, lambda count: _there_and_back(count, "ArrowDown", "ArrowUp")),
                "plotly": keys_on(slider, _PLOTLY_SLICE, lambda n: _there_and_back(n, "ArrowRight", "ArrowLeft")),
            }
            slices = by_turns(rounds, sides, lambda: tell("slice steps"))
            tell("opacity, flash, threshold")
            overlay = measure_overlay(page, made.likely, rounds)
            tell("open the recording")
            eeg_opening = open_recording(page, made.eeg)
            flips = time_flips(page, button, rounds, lambda: tell("EEG pages"))
        tell("a large study")
        root, study = build_large(folder)
        with ours(browser, folder, root) as page:
            large = measure_large(page, browser, study)
        tell("ten findings by keyboard")
        with ours(browser, folder, build_walk(folder).root) as page:
            page.locator("tr.row").nth(len(LESIONS) - 1).wait_for()
            walked = walk(page)
        browser_version = f"Chromium {browser.version}, headless"
    tell("done")
    figures = {**medians("slice_step", slices), **medians("eeg_flip", flips)}
    return {
        "ratios": {name: figures[f"{name}_plotly_ms"] / figures[f"{name}_ms"] for name in ("slice_step", "eeg_flip")},
        "figures": {
            **figures,
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


def _there_and_back(count: int, there: str, back: str) -> list[str]:
    """Keys of a turn: five one way, the others back."""
    return [there] * min(_NEAR, count) + [back] * max(0, count - _NEAR)
