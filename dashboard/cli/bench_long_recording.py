"""A day of EEG, made up: how long taking it in, opening it and detecting take, and how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["LONG_LABELS", "a_long_edf", "detection_figures", "long_recording_figures"]

LONG_LABELS = ("Fp1", "F3", "C3", "P3", "O1", "F7", "T3", "T5", "Fz", "Cz", "Pz", "Fp2", "F4", "C4", "P4", "O2", "F8", "T4",
               "T6", "A1", "A2")  # fmt: skip
_RATE = 256
_SLOWNESS = 0.95
"""Each sample keeps so much of the one before: noise falls off above 2 Hz, as EEG does."""
_NOISE = 95.0
"""Tenths of a microvolt that each sample adds: 30 microvolts in all."""
_PEAK = """
def peak():
    try:  # What getrusage says can be the parent's, from before this program was started.
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024**2 if sys.platform == "darwin" else 1024)  # bytes there, KiB elsewhere
"""
_ADD = f"""
import json, resource, sys, time
from pathlib import Path
from dashboard.casework import add_paths
from dashboard.cli.context import open_workspace
from dashboard.terms import WorkspaceKind
{_PEAK}
place = open_workspace(Path(sys.argv[1]), create=WorkspaceKind.DEMONSTRATION)
start = time.perf_counter()
report = add_paths(place, [Path(sys.argv[2])])
took = time.perf_counter() - start
print(json.dumps([report.added[0].study, took, peak()]))
"""
_OPEN = """
import json, sys, time
from pathlib import Path
from dashboard.cli.context import open_workspace
from dashboard.routes.signals import page_bytes
place = open_workspace(Path(sys.argv[1]))
start = time.perf_counter()
recording = place.study(sys.argv[2]).recording
middle = recording.duration_s / 2
page_bytes(recording, middle, middle + 10)
opened = time.perf_counter() - start
flips = []
for n in range(50):
    start = time.perf_counter()
    page_bytes(recording, middle - 13 * n, middle - 13 * n + 10)
    flips.append(time.perf_counter() - start)
print(json.dumps([opened, sorted(flips)[25]]))
"""
_DETECT = f"""
import json, resource, sys, time
from pathlib import Path
from dashboard.casework import detect_events, model_for
from dashboard.cli.context import open_workspace
from dashboard.terms import StudyKind
{_PEAK}
place = open_workspace(Path(sys.argv[1]))
recording = place.study(sys.argv[2]).recording
model = model_for(place, StudyKind.EEG)
start = time.perf_counter()
made = detect_events(model, recording, device=sys.argv[3], threads=int(sys.argv[4]))
took = time.perf_counter() - start
print(json.dumps([took, peak(), len(made.result.scores), made.result.provider]))
"""


def a_long_edf(path: Path, hours: float = 24.0, seed: int = 1) -> Path:
    """An EDF file of 21 channels at 256 Hz in records of one second, marked as synthetic; little memory at any length."""
    from scipy.signal import lfilter

    seconds, count = round(hours * 3600), len(LONG_LABELS)
    fixed = [(8, "0"), (80, "X X X X"), (80, "Startdate 01-JAN-2024 X X Overread_synthetic"), (8, "01.01.24"),
             (8, "00.00.00"), (8, str(256 * (count + 1))), (44, ""), (8, str(seconds)), (8, "1"), (4, str(count))]  # fmt: skip
    columns = [(16, LONG_LABELS), (80, [""] * count), (8, ["uV"] * count), (8, ["-3276.7"] * count), (8, ["3276.7"] * count),
               (8, ["-32767"] * count), (8, ["32767"] * count), (80, [""] * count), (8, [str(_RATE)] * count),
               (32, [""] * count)]  # fmt: skip
    rng = np.random.default_rng(seed)
    state = np.zeros((count, 1))
    with path.open("wb") as stream:
        stream.write("".join(text.ljust(width) for width, text in fixed).encode("ascii"))
        stream.write("".join(text.ljust(width) for width, texts in columns for text in texts).encode("ascii"))
        for start in range(0, seconds, 60):
            length = min(60, seconds - start)
            noise = rng.normal(0, _NOISE, (count, length * _RATE))
            signal, state = lfilter([1.0], [1.0, -_SLOWNESS], noise, axis=1, zi=state)
            stream.write(signal.reshape(count, length, _RATE).swapaxes(0, 1).astype("<i2").tobytes())
    return path


def long_recording_figures(folder: Path, hours: float = 24.0) -> dict[str, Any]:
    """Take in such a recording into a new workspace in `folder`, and open it, each in a process of its own.

    Returns
    -------
    dict
        `study`, `import_s`, `import_rss_mib` (highest, mapped pages of files included), `open_s` (study and first page, of
        a process that has loaded the program) and `page_s` (median of 50 pages of 10 s, all channels).
    """
    edf = a_long_edf(folder / "day.edf", hours)
    workspace = folder / "workspace"
    study, seconds, rss = _run(_ADD, str(workspace), str(edf))
    opened, page = _run(_OPEN, str(workspace), study)
    return {"study": study, "import_s": seconds, "import_rss_mib": rss, "open_s": opened, "page_s": page}


def detection_figures(workspace: Path, study: str, devices: Sequence[str]) -> dict[str, Any]:
    """The shipped detector over a recording on two cores, in a process of its own for each engine.

    Returns
    -------
    dict
        `detection_s`, `detection_rss_mib` (highest, mapped pages of the recording included), `detection_windows` and
        `detection_engine`; of OpenVINO, where it is among the devices, `detection_openvino_s` and so on.
    """
    threads = min(2, os.cpu_count() or 1)
    figures: dict[str, Any] = {"detection_threads": threads}
    for device in devices:
        name = "detection" if device == "cpu" else f"detection_{device}"
        seconds, rss, windows, engine = _run(_DETECT, str(workspace), study, device, str(threads))
        figures |= {f"{name}_s": round(seconds, 1), f"{name}_rss_mib": round(rss), f"{name}_engine": engine}
        figures["detection_windows"] = windows
    return figures


def _run(code: str, *words: str) -> list[Any]:
    """What a program says in its last line."""
    done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout.splitlines()[-1]))
