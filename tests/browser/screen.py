"""What is on screen, and what stands in the file: the tests' eyes, and the few deeds that they share."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
from typing import Any

import numpy as np

from tests.browser.site import SHAPE, Site

__all__ = [
    "CORE",
    "ENHANCING",
    "LETTER",
    "WHOLE",
    "base",
    "drawn",
    "looks_like",
    "middle_of",
    "outline",
    "pixels",
    "place_on_axial",
    "rows",
    "said",
    "settled",
    "strike",
    "until",
    "verdict",
    "wait_open",
    "wait_row",
]

WHOLE, CORE, ENHANCING, LETTER = (0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00), (0xCC, 0x44, 0xFF), (0xFF, 0xD8, 0x66)
PATIENCE_S = 30.0
_CANVAS = {"mri": "canvas.mri-canvas", "eeg": "canvas.eeg-paper", "overview": "canvas.eeg-overview"}
_IDLE = (
    "() => document.querySelector('[data-test-script-state]')?.getAttribute('data-test-script-state') === 'notRunning'"
)


def base(site: Site) -> str:
    """The address of the server without its path."""
    return site.address.partition("/?")[0]


def settled(page: Any) -> None:
    """Wait until Streamlit has drawn the page and does not run it again."""
    page.locator(".st-key-foot, .st-key-page").first.wait_for()
    for _ in range(2):
        page.wait_for_function(_IDLE)
        page.wait_for_timeout(120)


def wait_open(page: Any, study: str) -> None:
    """Wait for a picture or for traces of a study."""
    page.locator(f'canvas[data-drawn^="{study} "]').first.wait_for()
    settled(page)


def drawn(page: Any, kind: str = "mri", pane: int = 0) -> list[str]:
    """What a canvas says that it shows: study, series, plane, slice, mask; or study, recording, montage and the rest."""
    return (page.locator(_CANVAS[kind]).nth(pane).get_attribute("data-drawn") or "").split()


def said(page: Any, pane: int = 0) -> str:
    """What a pane tells a screen reader: series, slice, position, letters."""
    return page.locator(_CANVAS["mri"]).nth(pane).get_attribute("aria-label") or ""


def pixels(page: Any, kind: str = "mri", pane: int = 0) -> np.ndarray:
    """(row, column, 3) uint8 of a canvas as it is on screen."""
    from PIL import Image

    address = page.locator(_CANVAS[kind]).nth(pane).evaluate("canvas => canvas.toDataURL('image/png')")
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    return np.asarray(picture.convert("RGB"))


def looks_like(image: np.ndarray, colour: tuple[int, int, int], tolerance: int = 40) -> np.ndarray:
    """(row, column) bool where a picture has a colour."""
    return np.abs(image.astype(int) - colour).max(axis=-1) <= tolerance


def outline(page: Any, pane: int = 0, colour: tuple[int, int, int] = WHOLE) -> np.ndarray:
    """(row, column) bool where the outline or fill of a region is drawn."""
    return looks_like(pixels(page, pane=pane), colour)


def middle_of(mask: np.ndarray) -> tuple[float, float]:
    """(x, y) of the middle of what is True."""
    down, across = np.nonzero(mask)
    assert across.size, "nothing of it is on screen"
    return (across.min() + across.max()) / 2, (down.min() + down.max()) / 2


def place_on_axial(image: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """Where a point of the head (LPS, mm) lies on the axial pane as DESIGN has it, and the pixels of a millimetre."""
    height, width = image.shape[:2]
    scale = 0.96 * min(width / (SHAPE[0] * 2.0), height / (SHAPE[1] * 2.0))
    return width / 2 + x * scale, height / 2 + y * scale, scale


def rows(site: Site, **wanted: str) -> list[dict[str, Any]]:
    """Rows of the file itself whose columns are as wanted, `view` and `details` read."""
    text = (site.root / "reviews" / "reviews.csv").read_bytes().decode()
    found = [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    chosen = [row for row in found if all(row[name] == value for name, value in wanted.items())]
    for row in chosen:
        row |= {name: json.loads(row[name].replace("\\\\", "\\")) if row[name] else {} for name in ("view", "details")}
    return chosen


def until(true: Any, words: str) -> Any:
    """Ask again and again until the answer counts as true, and give it."""
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came: {words}")


def strike(page: Any, key: str) -> None:
    """Press a key that records something; where the page was too slow to take it, it says so, and `wait_row` presses again."""
    if key == "Enter":
        page.wait_for_timeout(600)  # It is dead for half a second after an action.
    page.struck = key
    page.keyboard.press(key)


def wait_row(page: Any, site: Site, action: str, *, count: int = 1, **wanted: str) -> dict[str, Any]:
    """The newest row of the page's reader with an action, once there are so many; never more."""

    def found() -> list[dict[str, Any]]:
        page.wait_for_timeout(60)  # The browser's events are only heard while Playwright waits.
        note = page.locator(".mri-note, .eeg-note").filter(has_text="Press it again")
        if note.count() and getattr(page, "struck", ""):
            note.evaluate("(shown) => { shown.textContent = ''; }")
            page.keyboard.press(page.struck)
        listed = rows(site, reader=page.reader, action=action, **wanted)
        return listed if len(listed) >= count else []

    listed = until(found, f"row {action} of {page.reader}")
    settled(page)
    assert len(rows(site, reader=page.reader, action=action, **wanted)) == count
    return listed[-1]


def verdict(page: Any, words: str) -> Any:
    """A button of the verdict column by what it begins with."""
    return page.locator(".st-key-verdict").get_by_role("button", name=words)
