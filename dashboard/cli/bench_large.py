"""Bench of a large study in the browser: the first picture of 512 x 512 x 200 series, and what four of them weigh there."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..casework import add_paths, add_prediction
from ..imaging import write_dicom_series, write_nifti_mask
from ..terms import WorkspaceKind
from ..workspace import Workspace
from .bench_browser import time_opening

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["build_large", "measure_large"]

_SHAPE = (512, 512, 200)
_AFFINE = np.array([[0.45, 0, 0, -115], [0, 0.45, 0, -115], [0, 0, 0.9, -90], [0, 0, 0, 1.0]])
_SEQUENCES = ("t1", "t1c", "t2", "flair")
_OPENINGS = 5
_REST_S = 3.0
"""Nothing has come for so long: all is there."""


def build_large(folder: Path) -> tuple[Path, str]:
    """A workspace with a study of four 512 x 512 x 200 series and a mask on one; its root and the study's pseudonym."""
    rng = np.random.default_rng(11)
    shared = {"study_uid": "1.2.826.0.1.3680043.8.498.777", "patient_id": "large", "synthetic": True,
              "frame_uid": "1.2.826.0.1.3680043.8.498.778"}  # fmt: skip
    axes = [np.linspace(-1, 1, n, dtype=np.float32) for n in _SHAPE]
    i, j, k = np.meshgrid(*axes, indexing="ij", sparse=True)
    head = (i / 0.8) ** 2 + (j / 0.9) ** 2 + (k / 0.9) ** 2 < 1
    for number, sequence in enumerate(_SEQUENCES, start=1):
        values = rng.integers(0, 60, _SHAPE, dtype=np.int16)
        values[head] += np.int16(200 * number)
        write_dicom_series(
            folder / "large" / sequence, values, _AFFINE, sequence=sequence, series_number=number, **shared
        )
    labels = np.zeros(_SHAPE, np.uint8)
    labels[(i - 0.3) ** 2 + (j + 0.2) ** 2 + k**2 < 0.02] = 3
    write_nifti_mask(labels, _AFFINE, folder / "large.nii.gz", synthetic=True)
    workspace = Workspace.open(folder / "large-workspace", WorkspaceKind.DEMONSTRATION)
    study = add_paths(workspace, [folder / "large"]).added[0].study
    add_prediction(workspace, workspace.study(study), folder / "large.nii.gz", model_name="ball", model_version="1")
    return workspace.root, study


def measure_large(page: Page, browser: Browser, study: str) -> dict[str, Any]:
    """First picture from the worklist, and the memory once all four series are in the page.

    `large_page_mb` is what the page holds, `large_process_mb` the whole of its process, Chromium itself and what it has
    not yet given back included (`Pss` of Linux; left out elsewhere).

    Raises
    ------
    OverreadError
        A picture did not come.
    """
    picture = {"kind": "ours", "canvas": ".mri-canvas", "never": " -", "begins": f"{study} "}
    openings = [time_opening(page, study, picture) for _ in range(_OPENINGS)]
    _until_all_is_here(page)
    figures: dict[str, Any] = {
        "large_first_picture_ms": round(statistics.median(openings)),
        "large_series": f"{len(_SEQUENCES)} of {' x '.join(str(n) for n in _SHAPE)}",
        "large_page_mb": round(_page_mb(page)),
    }
    process = _process_mb(browser)
    return figures if process is None else {**figures, "large_process_mb": round(process)}


def _page_mb(page: Page) -> float:
    """Megabytes that the page holds once its garbage is gone: JavaScript, what hangs on it, and its buffers."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    return float(sum(used.get(key, 0) for key in ("usedSize", "embedderHeapUsedSize", "backingStorageSize"))) / 2**20


def _until_all_is_here(page: Page) -> None:
    """Wait until no answer has come for a while: what the study has lies in the viewer then."""
    last = time.monotonic()

    def came(_: Any) -> None:
        nonlocal last
        last = time.monotonic()

    page.on("requestfinished", came)
    while time.monotonic() - last < _REST_S:
        page.wait_for_timeout(200)
    page.remove_listener("requestfinished", came)


def _process_mb(browser: Browser) -> float | None:
    """Megabytes of the browser's largest page process; None where the system does not say."""
    said = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    sizes = [_pss_mb(process["id"]) for process in said["processInfo"] if process["type"] == "renderer"]
    return max((size for size in sizes if size is not None), default=None)


def _pss_mb(pid: int) -> float | None:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:"))
