"""mne-qt-browser without a screen, in a process of its own: how long it takes to open a file, and to turn a page of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .bench_sides import Take

__all__ = ["MneBrowser", "mne_browser"]

_SCRIPT = """
import json, os, sys, time, warnings
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.simplefilter("ignore")
import mne, pyqtgraph, qtpy
from importlib.metadata import version
from pyqtgraph import GraphicsView

painted = []
paint = GraphicsView.paintEvent
def noted(self, event):
    paint(self, event)
    painted.append(time.perf_counter())
GraphicsView.paintEvent = noted  # before a window is made of it
app = pyqtgraph.mkQApp("bench")
mne.set_log_level("error")
mne.viz.set_browser_backend("qt")
windows = {}

def until_painted(start):
    # Milliseconds to the end of the last stroke: what is asked for is painted when events are handled.
    painted.clear()
    while not painted:
        app.processEvents()
    app.processEvents()
    return 1000 * (painted[-1] - start)

def opened(path):
    start = time.perf_counter()
    raw = mne.io.read_raw_edf(path, preload=False)
    if path in windows:
        windows.pop(path).close()
    windows[path] = raw.plot(
        duration=10, n_channels=len(raw.ch_names), highpass=1, lowpass=70, block=False, precompute=False,
        use_opengl=False, overview_mode="hidden", splash=False)
    windows[path].resize(1440, 900)
    return until_painted(start)

def flipped(path):
    start = time.perf_counter()
    windows[path].hscroll("+full")
    return until_painted(start)

print(json.dumps(f"mne-qt-browser {version('mne-qt-browser')}, MNE {mne.__version__}, {qtpy.API_NAME}"), file=said, flush=True)
for line in sys.stdin:
    deed, count, path = json.loads(line)
    print(json.dumps([{"open": opened, "flip": flipped}[deed](path) for _ in range(count)]), file=said, flush=True)
os._exit(0)  # Qt has nothing to say at the end.
"""


class MneBrowser:
    """A running mne-qt-browser.

    Attributes
    ----------
    name : str
        What runs, with its versions.
    """

    def __init__(self, child: subprocess.Popen[str], name: str) -> None:
        self._child = child
        self.name = name

    def open(self, path: Path, times: int = 1) -> list[float]:
        """Milliseconds from reading the file's header to its first page of 10 s, filtered from 1 to 70 Hz."""
        return self._ask("open", times, path)

    def flips(self, path: Path) -> Take:
        """Turns of pages of a file that was opened, each as Shift and Right would."""
        return lambda count: self._ask("flip", count, path)

    def _ask(self, deed: str, count: int, path: Path) -> list[float]:
        """Its answer; nothing once it has come to an end."""
        assert self._child.stdin and self._child.stdout
        if self._child.poll() is not None:
            return []
        with suppress(BrokenPipeError):
            self._child.stdin.write(json.dumps([deed, count, str(path)]) + "\n")
            self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            self._child.wait()
            self.name += f"; it came to an end when asked to {deed} {path.name}"
        return list(json.loads(answer)) if answer else []


@contextmanager
def mne_browser(folder: Path) -> Iterator[MneBrowser | None]:
    """mne-qt-browser, ready to open files; None where it is not installed, or does not start."""
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MNE_BROWSER_THEME": "light"}
    with (folder / "mne.log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-c", _SCRIPT], cwd=folder, env=surroundings, text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)  # fmt: skip
    try:
        assert child.stdout
        first = child.stdout.readline()
        yield MneBrowser(child, json.loads(first)) if first else None
    finally:
        child.kill()
        child.communicate()
