"""A day of EEG, made up: how long taking it in and opening it take, and how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

__all__ = ["a_long_edf", "long_recording_figures"]

_LABELS = ("Fp1", "F3", "C3", "P3", "O1", "F7", "T3", "T5", "Fz", "Cz", "Pz", "Fp2", "F4", "C4", "P4", "O2", "F8", "T4",
           "T6", "A1", "A2")  # fmt: skip
_RATE = 256
_ADD = """
import json, resource, sys, time
from pathlib import Path
from dashboard.casework import add_paths
from dashboard.cli.context import open_workspace
from dashboard.terms import WorkspaceKind
place = open_workspace(Path(sys.argv[1]), create=WorkspaceKind.DEMONSTRATION)
start = time.perf_counter()
report = add_paths(place, [Path(sys.argv[2])])
took = time.perf_counter() - start
try:  # What getrusage says can be the parent's, from before this program was started.
    lines = Path("/proc/self/status").read_text().splitlines()
    highest = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
except OSError:
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([report.added[0].study, took, highest]))
"""
_OPEN = """
import json, sys, time
from pathlib import Path
from dashboard.cli.context import open_workspace
from dashboard.routes.signals import page_bytes
place = open_workspace(Path(sys.argv[1]))
start = time.perf_counter()
recording = place.study(sys.argv[2]).recording
page_bytes(recording, 43200, 43210)
opened = time.perf_counter() - start
flips = []
for n in range(50):
    start = time.perf_counter()
    page_bytes(recording, 40000 + 13 * n, 40010 + 13 * n)
    flips.append(time.perf_counter() - start)
print(json.dumps([opened, sorted(flips)[25]]))
"""


def a_long_edf(path: Path, hours: float = 24.0, seed: int = 1) -> Path:
    """An EDF file of 21 channels at 256 Hz in records of one second, marked as synthetic; little memory at any length."""
    seconds, count = round(hours * 3600), len(_LABELS)
    fixed = [(8, "0"), (80, "X X X X"), (80, "Startdate 01-JAN-2024 X X Overread_synthetic"), (8, "01.01.24"),
             (8, "00.00.00"), (8, str(256 * (count + 1))), (44, ""), (8, str(seconds)), (8, "1"), (4, str(count))]  # fmt: skip
    columns = [(16, _LABELS), (80, [""] * count), (8, ["uV"] * count), (8, ["-3276.7"] * count), (8, ["3276.7"] * count),
               (8, ["-32767"] * count), (8, ["32767"] * count), (80, [""] * count), (8, [str(_RATE)] * count),
               (32, [""] * count)]  # fmt: skip
    rng = np.random.default_rng(seed)
    with path.open("wb") as stream:
        stream.write("".join(text.ljust(width) for width, text in fixed).encode("ascii"))
        stream.write("".join(text.ljust(width) for width, texts in columns for text in texts).encode("ascii"))
        for _ in range(0, seconds, 60):
            stream.write(rng.normal(0, 300, (min(60, seconds), count, _RATE)).astype("<i2").tobytes())
    return path


def long_recording_figures(folder: Path, hours: float = 24.0) -> dict[str, float]:
    """Take in such a recording and open it, each in a process of its own.

    Returns
    -------
    dict
        `import_s`, `import_rss_mib` (highest, mapped pages of files included), `open_s` (study and first page, of a
        process that has loaded the program) and `page_s` (median of 50 pages of 10 s, all channels).
    """
    edf = a_long_edf(folder / "day.edf", hours)
    workspace = folder / "workspace"

    def run(code: str, *words: str) -> list:
        done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    study, seconds, rss = run(_ADD, str(workspace), str(edf))
    opened, page = run(_OPEN, str(workspace), study)
    mib = 1024**2 if sys.platform == "darwin" else 1024  # the system counts in bytes there, else in KiB
    return {"import_s": seconds, "import_rss_mib": rss / mib, "open_s": opened, "page_s": page}
