"""What the bench of the pages needs around it: Chromium, servers of its own, and a stop watch in the page."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtra, OverreadError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = [
    "chromium", "free_port", "processor", "running", "second_page", "time_clicks", "time_held", "time_inputs",
    "time_opening", "watched_page",
]  # fmt: skip

_PROBE = Path(__file__).with_name("bench_probe.js")
_NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
_WITHIN_MS = 10_000
_PAUSE_MS = 250


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's, else the one that Playwright installed.

    Raises
    ------
    MissingExtra
        Playwright or Chromium is not installed.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as exc:
        raise MissingExtra(
            "The pages were not measured.",
            "Playwright, which drives the browser, is not installed.",
            "Run: python -m pip install playwright",
        ) from exc
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as exc:
            raise MissingExtra(
                "The pages were not measured.",
                "No Chromium was found, or it did not start.",
                "Run: python -m playwright install --with-deps chromium (on Debian also: apt install chromium)",
            ) from exc
        try:
            yield browser
        finally:
            browser.close()


def watched_page(browser: Browser) -> Page:
    """A page of 1440 x 900 with the stop watch in it, in a context (cookies, cache) of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(path=_PROBE)
    page = context.new_page()
    page.set_default_timeout(2 * _WITHIN_MS)
    return page


def second_page(page: Page) -> Page:
    """Another page of the same context: signed in as the first is, with the stop watch in it."""
    other = page.context.new_page()
    other.set_default_timeout(2 * _WITHIN_MS)
    other.goto("/".join(page.url.split("/", 3)[:3]) + "/")
    return other


def time_inputs(page: Page, keys: Sequence[str], picture: Mapping[str, Any]) -> list[float]:
    """Press keys one after the other and give the milliseconds from each to the frame that shows its effect.

    Parameters
    ----------
    keys : sequence of str
        A pause lies before each, as a reader looks at a picture before asking for the next.
    picture : mapping
        What the probe looks at: `kind` and what that kind needs.
    """
    times = []
    for key in keys:
        page.wait_for_timeout(_PAUSE_MS)
        _arm(page, picture)
        page.keyboard.press(key)
        times.append(_answer(page, picture))
    return times


def time_clicks(page: Page, selector: str, places: Sequence[float], picture: Mapping[str, Any]) -> list[float]:
    """Click into an element at shares of its width, and give the milliseconds from each button's release to that frame."""
    times = []
    for place in places:
        page.wait_for_timeout(_PAUSE_MS)
        box = page.locator(selector).bounding_box()
        assert box
        _arm(page, picture)
        page.mouse.click(box["x"] + place * box["width"], box["y"] + box["height"] / 2)
        times.append(_answer(page, picture))
    return times


def time_held(page: Page, key: str, times: int, picture: Mapping[str, Any]) -> list[float]:
    """Hold a key so many times until its effect is there, and give the milliseconds from each press to that frame."""
    taken = []
    for _ in range(times):
        page.wait_for_timeout(_PAUSE_MS)
        _arm(page, picture)
        page.keyboard.down(key)
        taken.append(_answer(page, picture))
        page.keyboard.up(key)
    return taken


def time_opening(page: Page, study: str, picture: Mapping[str, Any]) -> float:
    """Load the worklist anew, click on a study, and give the milliseconds to its first whole picture.

    What an earlier page of the tab held is gone with it: only the server and the browser's cache have seen the study.
    """
    page.goto("/".join(page.url.split("/", 3)[:3]) + "/")
    row = page.locator(f"tr.row[data-study={study}]")
    row.wait_for()
    page.wait_for_timeout(2 * _PAUSE_MS)
    _arm(page, picture)
    row.click()
    return _answer(page, picture)


def _arm(page: Page, picture: Mapping[str, Any]) -> None:
    """Note what is on screen; the next key or click starts the watch."""
    page.evaluate("([what, ms]) => window.benchProbe.arm(what, ms)", [dict(picture), _WITHIN_MS])


def _answer(page: Page, picture: Mapping[str, Any]) -> float:
    """Milliseconds until the wanted picture was there."""
    found = page.evaluate("() => window.benchProbe.answer")
    if found is None:
        raise OverreadError(
            "The pages were not measured.",
            f"A picture ({picture['kind']}) did not change within {_WITHIN_MS // 1000} s.",
            "Try again when the computer has less to do.",
        )
    return float(found)


@contextmanager
def running(command: Sequence[str], port: int, folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of ours, from when it takes connections on a port; ended with all its children afterwards.

    Raises
    ------
    OverreadError
        It ended at once, or took no connection within a minute.
    """
    with (folder / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(child, port)
        yield child
    finally:
        _end(child)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processor() -> str:
    """The processor's name and how many cores there are of it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()}, {os.cpu_count()} cores"
    return f"{os.cpu_count()} cores"


def _wait_for(child: subprocess.Popen[bytes], port: int) -> None:
    last = time.monotonic() + 60
    while time.monotonic() < last and child.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise OverreadError(
        "The pages were not measured.", "A server did not start.", "Run `overread serve` to see what it says."
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a process and what it started: first asked, then killed."""
    for sign, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=seconds)
