"""Bench of opening a DICOM series of 200 slices, plain and JPEG 2000, against SimpleITK's series reader."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MissingExtra, OverreadError
from ..imaging import compress_jpeg2000, write_dicom_series
from .bench_browser import processor

__all__ = ["bench_imaging"]

_SLICES, _SIDE = 200, 512
_CODED_SHARE = 6
_TIMED = """
import json, resource, sys, time
from pathlib import Path
{imports}
folder = sys.argv[1]
begun = time.perf_counter()
{deed}
seconds = time.perf_counter() - begun
status = Path("/proc/self/status")  # what getrusage says begins with what the parent used
lines = status.read_text().splitlines() if status.exists() else []
peak = next((line.split()[1] for line in lines if line.startswith("VmHWM")), None)
peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, int(peak) / 1024, [int(value) for value in shape], int(total)]))
"""
_FILES = "files = sorted(Path(folder).iterdir())\n"
_OURS = "from dashboard.imaging import find_mr_studies, open_series"
_SCRIPTS = {
    "ours": _TIMED.format(
        imports=_OURS,
        deed=_FILES
        + "array, affine = open_series(files).volume()\nshape, total = array.shape, array[array.shape[0] // 2, array.shape[1] // 2].sum()",
    ),
    "simpleitk": _TIMED.format(
        imports="import SimpleITK as sitk",
        deed="reader = sitk.ImageSeriesReader()\n"
        "reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))\n"
        "image = reader.Execute()\n"
        "shape, view = image.GetSize(), sitk.GetArrayViewFromImage(image)\n"
        "total = view[:, shape[1] // 2, shape[0] // 2].sum()",
    ),
    "first_picture": _TIMED.format(
        imports=_OURS,
        deed=_FILES + "array, affine = open_series(files).middle()\nshape, total = array.shape, 0",
    ),
    "add": _TIMED.format(
        imports=_OURS,
        deed=_FILES + "(study,) = find_mr_studies(files, Path(folder)).studies\n"
        "array = study.volumes[0].array\nshape, total = array.shape, array[array.shape[0] // 2, array.shape[1] // 2].sum()",
    ),
}


def bench_imaging(rounds: int, on_progress: Callable[[int, int, str], None]) -> dict[str, dict[str, Any]]:
    """How many times sooner a series is an array with its affine than by SimpleITK, in turns, each in its own process.

    Both sides start from the folder: SimpleITK's GetGDCMSeriesFileNames sorts, we read the headers. The clock starts
    when the libraries are imported; peak memory is the whole process's. Beside them: the middle three slices of a
    series never seen (`first_picture`), and all that `overread add` does on reading (digest, sequence, identity).

    Parameters
    ----------
    rounds : int
        Turns of the uncompressed series; of the compressed one a sixth, at least one.

    Raises
    ------
    MissingExtra
        SimpleITK or the codecs are not installed.
    """
    if find_spec("SimpleITK") is None:
        raise MissingExtra(
            "Nothing was measured.",
            "SimpleITK, against which reading is measured, is not installed.",
            'Install it: python -m pip install "overread[registration]"',
        )
    turns = {"uncompressed": rounds, "jpeg2000": max(1, rounds // _CODED_SHARE)}
    steps, done = 1 + sum(turns.values()), 0
    ratios: dict[str, float] = {}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="overread-bench-") as name:
        on_progress(0, steps, "write the series")
        for kind, times in turns.items():
            folder = _written(Path(name) / kind, kind)
            found: dict[str, list[list[Any]]] = {side: [] for side in _SCRIPTS}
            for _ in range(times):
                done += 1
                on_progress(done, steps, f"open {kind}")
                for side in _SCRIPTS:
                    found[side].append(_timed(side, folder))
            _check_equal(found)
            seconds = {side: statistics.median(turn[0] for turn in turns_) for side, turns_ in found.items()}
            ratios[f"open_{kind}"] = seconds["simpleitk"] / seconds["ours"]
            for side, value in seconds.items():
                figures[f"{kind}_{side}_ms"] = round(value * 1000)
                figures[f"{kind}_{side}_peak_mb"] = round(max(turn[1] for turn in found[side]))
    figures["series"] = f"{_SLICES} slices of {_SIDE} x {_SIDE}, int16"
    figures["processor"] = processor()
    on_progress(steps, steps, "done")
    return {"ratios": ratios, "figures": figures}


def _written(folder: Path, kind: str) -> Path:
    """A head with noise in it, so that it compresses as a real one does."""
    random = np.random.default_rng(7)
    x, y, z = np.ogrid[-1 : 1 : _SIDE * 1j, -1 : 1 : _SIDE * 1j, -1 : 1 : _SLICES * 1j]
    array = np.empty((_SIDE, _SIDE, _SLICES), np.int16, order="F")
    for k in range(_SLICES):
        inside = (x[..., 0] / 0.8) ** 2 + (y[..., 0] / 0.9) ** 2 + z[0, 0, k] ** 2 < 1
        tissue = 400 + 150 * np.sin(9 * x[..., 0]) * np.cos(7 * y[..., 0] + 4 * z[0, 0, k])
        array[:, :, k] = np.where(inside, tissue, 0) + np.abs(random.normal(0, 12, (_SIDE, _SIDE)))
    paths = write_dicom_series(folder, array, np.diag([0.45, 0.45, 0.9, 1.0]), sequence="t1")
    if kind == "jpeg2000":
        compress_jpeg2000(paths)
    return folder


def _timed(side: str, folder: Path) -> list[Any]:
    """Seconds, peak megabytes, shape and a sum of one process that opens the folder."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPTS[side], str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OverreadError("Nothing was measured.", f"Reading by {side} failed.", "Look at `overread doctor`.")
    return json.loads(done.stdout.splitlines()[-1])


def _check_equal(found: dict[str, list[list[Any]]]) -> None:
    """All sides that read everything must have read the same."""
    read = {json.dumps(turn[2:]) for side in ("ours", "simpleitk", "add") for turn in found[side]}
    if len(read) != 1:
        raise OverreadError("Nothing was measured.", "Both sides read different values.", "Report this.")
