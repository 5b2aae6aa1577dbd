"""Bench of what a reader does to an overlay: opacity, flash, threshold of a probability map, brush, each to its frame."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import OverreadError
from .bench_browser import time_held, time_inputs, time_opening

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["measure_overlay"]

_CANVAS = {"kind": "ours", "canvas": ".mri-canvas"}
_LOOK = {**_CANVAS, "said": "look"}
_STROKE_MS = 40
_REST_MS = 1500
"""Once a reader and study, the first deed on an overlay makes a row and runs the page: that is over by then."""


def measure_overlay(page: Page, study: str, rounds: int) -> dict[str, float]:
    """Milliseconds from a key or stroke to the frame in which the overlay of a study with probabilities looks as it asks.

    Parameters
    ----------
    page : Page
        At any page of a signed-in reader.
    rounds : int
        Keys a deed.

    Returns
    -------
    dict
        Of `opacity` (arrow keys on the slider), `flash` (F held), `threshold` (full stop and comma, with the volume
        above it) and `brush` (movements of a pressed brush), medians as `..._ms` and the slowest as `..._slowest_ms`.

    Raises
    ------
    OverreadError
        The brush painted nothing.
    """
    time_opening(page, study, {**_CANVAS, "never": " -", "begins": f"{study} "})
    page.wait_for_timeout(_REST_MS)
    _once(page, "f")
    flash = time_held(page, "f", rounds, _CANVAS)
    page.get_by_label("Opacity of the overlay").focus()
    opacity = time_inputs(page, _to_and_fro(rounds, "ArrowLeft", "ArrowRight"), _LOOK)
    page.keyboard.press("h")
    page.wait_for_function("what => window.benchProbe.picture(what).endsWith(' drawn')", arg=_LOOK)
    _once(page, ".")
    threshold = time_inputs(page, _to_and_fro(rounds, ".", ","), _LOOK)
    page.keyboard.press("h")
    return _figures({"opacity": opacity, "flash": flash, "threshold": threshold, "brush": _time_brush(page, rounds)})


def _time_brush(page: Page, rounds: int) -> list[float]:
    """Milliseconds from each movement of a pressed brush to the frame that shows what it painted: the page's own measure."""
    _once(page, "m")
    box = page.locator(".mri-canvas").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => performance.clearMeasures('overread-brush')")
    for n in range(rounds):
        page.mouse.move(x + 40 * math.cos(n / 3), y + 40 * math.sin(n / 3))
        page.wait_for_timeout(_STROKE_MS)
    page.mouse.up()
    taken = page.evaluate("() => performance.getEntriesByName('overread-brush').map((one) => one.duration)")
    if not taken:
        raise OverreadError("The brush was not measured.", "No stroke was painted.", "Look at the second head by hand.")
    return [float(ms) for ms in taken]


def _once(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(_REST_MS)


def _to_and_fro(count: int, there: str, back: str) -> list[str]:
    """Five keys one way, five the other, and so on: neither end of a slider is reached."""
    return [there if n // 5 % 2 == 0 else back for n in range(count)]


def _figures(times: Mapping[str, list[float]]) -> dict[str, Any]:
    found = {}
    for name, taken in times.items():
        found[f"{name}_ms"] = round(statistics.median(taken), 1)
        found[f"{name}_slowest_ms"] = round(max(taken), 1)
    return found
