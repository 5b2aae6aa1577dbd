"""Bench of EEG: a day taken in, opened, turned and detected in; beside Streamlit with Plotly, and mne-qt-browser."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..casework import add_paths
from ..terms import Role, WorkspaceKind
from ..workspace import Workspace
from .bench_browser import chromium, processor, second_page
from .bench_eeg_pages import ANNOTATIONS, build_noted, measure_changes, measure_day, measure_noted, told
from .bench_flip import open_recording, plotly_pages, time_flips
from .bench_long_recording import detection_figures, long_recording_figures
from .bench_mne_browser import MneBrowser, mne_browser
from .bench_rival import write_eeg_rival
from .bench_sides import medians, ours, teller, turns
from .bench_studies import PAGE_S, build_recording
from .bench_walk_eeg import ALERTS, build_eeg_walk, eeg_walk

__all__ = ["bench_eeg"]

_HOURS = 24.0


def bench_eeg(
    rounds: int, on_progress: Callable[[int, int, str], None], hours: float = _HOURS
) -> dict[str, dict[str, Any]]:
    """How soon pages of EEG are on screen, beside what a user would use instead, and what a day of EEG costs.

    The first rival is a Streamlit page with Plotly on a short recording; the second mne-qt-browser, if it is installed, on
    the file of the day. Keys come by turns; ours and Plotly's are timed in the page, to the frame.

    Parameters
    ----------
    rounds : int
        Steps a side.
    hours : float
        Length of the long recording.

    Raises
    ------
    MissingExtra
        Playwright or Chromium is not installed.
    """
    tell = teller(8 + 3 * len(turns(rounds)), on_progress)
    with chromium() as browser, tempfile.TemporaryDirectory(prefix="overread-bench-") as name:
        folder = Path(name)
        tell("make a long recording and take it in")
        long = long_recording_figures(folder, hours)
        root = folder / "workspace"
        tell("detect in it")
        detection = detection_figures(root, long["study"], _devices())
        tell("make the others")
        workspace = Workspace.open(root, WorkspaceKind.DEMONSTRATION)
        made = build_recording(folder, recording_s=PAGE_S * (rounds + 12))
        short = add_paths(workspace, [folder / "bench.edf"]).added[0].study
        pair = build_noted(folder, workspace, round(3600 * min(1.0, hours)))
        write_eeg_rival(folder, made)
        with ours(browser, folder, root, Role.NEUROLOGIST) as page, mne_browser(folder) as mne:
            with plotly_pages(browser, folder) as button:
                open_recording(page, short)
                flips = time_flips(page, button, rounds, lambda: tell("turn pages beside Plotly"))
            day = measure_day(page, long["study"], folder / "day.edf", rounds, mne, tell)
            tell("change montage and filter")
            day |= measure_changes(page, rounds)
            noted = measure_noted((page, second_page(page)), pair, rounds, mne, tell)
        tell("twenty alerts by keyboard")
        with ours(browser, folder, build_eeg_walk(folder).root, Role.NEUROLOGIST) as page:
            page.locator("tr.row").nth(len(ALERTS) - 1).wait_for()
            walked = eeg_walk(page)
        browser_version = f"Chromium {browser.version}, headless"
    tell("done")
    return {
        "ratios": _ratios({**{f"eeg_flip_{side}": taken for side, taken in flips.items()}, **day, **noted}),
        "figures": {
            **medians("eeg_flip", flips),
            **{f"day_{name}": value for name, value in told(day).items()},
            "day_flip_slowest_ms": round(max(day["flip"]), 1),
            "annotations": ANNOTATIONS,
            **{f"annotations_{name}": value for name, value in told(noted).items()},
            "day": f"{hours:g} h of 21 channels at 256 Hz",
            "import_s": round(long["import_s"], 1),
            "import_rss_mib": round(long["import_rss_mib"]),
            "read_first_page_ms": round(1000 * long["open_s"], 2),
            "read_page_ms": round(1000 * long["page_s"], 2),
            **detection,
            "walk_keys": walked.keys,
            "walk_s": round(walked.seconds, 1),
            "walk": f"{walked.findings} alerts in {walked.studies} recordings",
            "eeg_page": f"{len(made.labels)} channels, {PAGE_S} s at {made.rate_hz:g} Hz",
            "processor": processor(),
            "browser": browser_version,
            "beside": f"Streamlit {version('streamlit')}, Plotly {version('plotly')}",
            "mne_qt_browser": _said_of(mne),
        },
    }


def _devices() -> list[str]:
    """Engines of the processor: ONNX Runtime, and OpenVINO where it is installed."""
    return ["cpu", *(["openvino"] if find_spec("openvino") else [])]


def _ratios(times: dict[str, Sequence[float]]) -> dict[str, float]:
    """Quotients of medians, as far as both sides were measured."""
    pairs = {
        "eeg_flip": ("eeg_flip_plotly", "eeg_flip_ours"),
        "mne_open": ("open_mne", "open"),
        "mne_flip": ("flip_mne", "flip"),
        "mne_flip_annotations": ("noted_mne", "noted"),
        "annotations_slow": ("noted", "plain"),
        "mne_annotations_slow": ("noted_mne", "plain_mne"),
    }
    middle = {name: statistics.median(taken) for name, taken in times.items() if taken}
    return {name: middle[a] / middle[b] for name, (a, b) in pairs.items() if a in middle and b in middle}


def _said_of(mne: MneBrowser | None) -> str:
    if mne is None:
        return "not measured: not installed, or it did not start (python -m pip install mne-qt-browser PyQt6)"
    return mne.name
