"""Two sides of one comparison, by turns in one run: ours as it is served, the other in a server of its own."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..terms import Role
from .bench_browser import free_port, running, time_inputs, watched_page
from .bench_rival import rival_command

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["Take", "by_turns", "keys_on", "medians", "ours", "rival", "teller", "turns"]

Take = Callable[[int], list[float]]
"""A turn of one side: so many steps, the milliseconds of each."""

_TURN = 10


def teller(steps: int, on_progress: Callable[[int, int, str], None]) -> Callable[[str], None]:
    """Tells of one step after the other by its words, the last of them when all is done."""
    done = 0

    def tell(words: str) -> None:
        nonlocal done
        on_progress(done, steps, words)
        done += 1

    return tell


def turns(rounds: int) -> list[int]:
    """Steps of each turn."""
    return [min(_TURN, rounds - done) for done in range(0, rounds, _TURN)]


def by_turns(rounds: int, sides: Mapping[str, Take], on_turn: Callable[[], None]) -> dict[str, list[float]]:
    """So many steps of each side, ten of one, then ten of the next: whatever else the computer does, it does to all."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for count in turns(rounds):
        on_turn()
        for name, take in sides.items():
            times[name] += take(count)
    return times


def keys_on(page: Page, picture: Mapping[str, Any], keys: Callable[[int], Sequence[str]]) -> Take:
    """Turns of a page that is brought to the front and pressed: `keys` gives those of a turn of that length."""

    def take(count: int) -> list[float]:
        page.bring_to_front()
        return time_inputs(page, keys(count), picture)

    return take


def medians(name: str, times: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """`<name>_ms` and `<name>_slowest_ms` of the side `ours`, `<name>_<side>_ms` of each other; medians but for the slowest."""
    found = {f"{name}_{side}_ms": round(statistics.median(taken), 1) for side, taken in times.items() if side != "ours"}
    return {
        f"{name}_ms": round(statistics.median(times["ours"]), 1),
        f"{name}_slowest_ms": round(max(times["ours"]), 1),
        **found,
    }


@contextmanager
def ours(browser: Browser, folder: Path, root: Path, role: Role = Role.RADIOLOGIST) -> Iterator[Page]:
    """The product itself, served as `overread serve` does, with a reader signed in at the worklist."""
    from ..server import invitation

    port = free_port()
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--no-browser"]
    with running([*command, "--port", str(port), "--workspace", str(root)], port, folder, "ours"):
        page = watched_page(browser)
        page.goto(invitation(root, "R-BENCH", role))
        yield page


@contextmanager
def rival(browser: Browser, folder: Path, name: str, picture: Mapping[str, Any], control: str) -> Iterator[Page]:
    """A page of the other side (`mri` or `eeg`), its picture there and the focus on its slider or button."""
    port = free_port()
    with running(rival_command(name, port), port, folder, name):
        page = watched_page(browser)
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_function("what => window.benchProbe.isThere(what)", arg=dict(picture))
        page.locator(control).focus()
        yield page
