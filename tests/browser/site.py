"""The product as its users meet it: a demonstration workspace of small true studies, served, and Chromium before it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from dashboard.casework import add_paths, add_prediction
from dashboard.domain import ModelIdentity
from dashboard.eeg import write_edf
from dashboard.files import write_json
from dashboard.imaging import write_dicom_series, write_nifti_mask
from dashboard.jobs import Job
from dashboard.terms import Role, WorkspaceKind
from dashboard.workspace import Workspace
from tests.builders.served import a_risk

__all__ = [
    "AFFINE",
    "CHANNELS",
    "SHAPE",
    "WARNING",
    "Site",
    "a_demonstration",
    "a_head",
    "jobs_at",
    "served",
    "stopped",
]

SHAPE = (96, 112, 48)
AFFINE = np.array([[2.0, 0, 0, -95], [0, 2.0, 0, -111], [0, 0, 3.0, -71], [0, 0, 0, 1]])
"""LPS millimetres: i runs to the patient's left, j to the back, k up."""
CHANNELS = (
    "Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5", "T6", "Fz", "Cz", "Pz",
)  # fmt: skip
WARNING = "The typical amplitude is 1.6 µV, scalp EEG has hardly ever less than 2: unit or scale may be wrong."
"""What the guards of a detector's input would say of the recording here."""
_LAUNCH = re.compile(r"http://127\.0\.0\.1:\d+/\?launch=\S+")


@dataclass
class Site:
    """A workspace being served.

    Attributes
    ----------
    left, right, empty, eeg : str
        Pseudonyms: a head with a lesion on the patient's left, one of equal shape with it on the right, one of which
        no model said anything, a recording with one alert.
    """

    root: Path
    left: str = ""
    right: str = ""
    empty: str = ""
    eeg: str = ""
    address: str = ""
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened anew: what another program would read."""
        return Workspace.open(self.root)

    def launch(self, reader: str, role: Role = Role.RADIOLOGIST) -> str:
        """A one-time address for a reader, as `overread invite` prints it."""
        command = [sys.executable, "-m", "dashboard.cli", "invite", "--reader", reader, "--role", str(role),
                   "--workspace", str(self.root)]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def a_head(*x_lesions: float, radius: float = 17.0) -> tuple[np.ndarray, np.ndarray]:
    """A grey ellipsoid with bright balls at each x, and the balls' labels: 2 around 3."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    x, y, z = np.moveaxis(index @ AFFINE[:3, :3].T + AFFINE[:3, 3], -1, 0)
    image = np.where((x / 68) ** 2 + (y / 84) ** 2 + (z / 66) ** 2 < 1, 320, 0).astype(np.int16)
    image[image > 0] += np.random.default_rng(7).integers(-20, 20, int((image > 0).sum())).astype(np.int16)
    labels = np.zeros(SHAPE, np.uint8)
    for x_lesion in x_lesions:
        distance = np.sqrt((x - x_lesion) ** 2 + (y + 20) ** 2 + (z - 12) ** 2)
        labels[distance < radius] = 2
        labels[distance < radius * 10 / 17] = 3
    image[labels == 3] = 900
    return image, labels


def _mr(workspace: Workspace, folder: Path, name: str, x_lesion: float, *, judged: bool, day: str) -> str:
    image, labels = a_head(x_lesion)
    source = folder / name
    shared = {"study_uid": f"1.2.826.0.1.3680043.8.498.{len(name)}{ord(name[0])}", "patient_id": name, "synthetic": True,
              "frame_uid": f"1.2.826.0.1.3680043.8.498.9.{ord(name[0])}", "age_years": 63, "patient_sex": "F",
              "study_date": day}  # fmt: skip
    write_dicom_series(source / "t1c", image, AFFINE, sequence="t1c", series_number=2, **shared)
    write_dicom_series(source / "t1", image // 2, AFFINE, sequence="t1", series_number=1, **shared)
    added = add_paths(workspace, [source]).added
    if judged:
        mask = folder / f"{name}.nii.gz"
        write_nifti_mask(labels, AFFINE, mask, synthetic=True)
        add_prediction(workspace, workspace.study(added[0].study), mask, model_name="ball-finder", model_version="1.0")
    return added[0].study


def _eeg(workspace: Workspace, folder: Path) -> str:
    """Two minutes at 256 Hz: quiet noise, and on Fp1 from 20 to 21 s a 50 uV square that is negative first."""
    rate, seconds = 256, 120
    signal = np.random.default_rng(3).normal(0, 1.5, (len(CHANNELS), rate * seconds)).astype(np.float32)
    square = np.zeros(rate * seconds, np.float32)
    square[20 * rate : 20 * rate + rate // 2] = -50
    square[20 * rate + rate // 2 : 21 * rate] = 50
    signal[0] += square
    path = folder / "recording.edf"
    write_edf(path, CHANNELS, rate, signal, starts_at=datetime(2024, 3, 11, 14, 2, 3), sex="F",
              age_years=41, patient="BROWSER-TEST")  # fmt: skip
    study = add_paths(workspace, [path]).added[0].study
    a_risk(workspace, workspace.study(study), ModelIdentity("rise-finder", "1.0", "c" * 64, "Rise finder"),
           warnings=(WARNING,))  # fmt: skip
    return study


def a_demonstration(root: Path, *, settings: str = "") -> Site:
    """Build the workspace; its sources go away with the folder beside it."""
    workspace = Workspace.open(root, create=WorkspaceKind.DEMONSTRATION)
    (root / "settings.toml").write_text(settings)
    workspace = Workspace.open(root)
    sources = root.parent / f"{root.name}-sources"
    return Site(
        root,
        left=_mr(workspace, sources, "left", 34.0, judged=True, day="20240311"),
        right=_mr(workspace, sources, "right", -34.0, judged=True, day="20240310"),
        empty=_mr(workspace, sources, "empty", 200.0, judged=False, day="20240309"),
        eeg=_eeg(workspace, sources),
    )


@contextmanager
def jobs_at(site: Site, *jobs: Job) -> Iterator[None]:
    """Predictions as another process leaves them in the queue; this one stands for it, so that nobody takes them up."""
    paths = [site.root / "jobs" / f"{job.id}.json" for job in jobs]
    for path, job in zip(paths, jobs, strict=True):
        alive = {"pid": os.getpid(), "heartbeat": time.time() + 600, "attempts": 1, "queued_at": time.time()}
        write_json(path, {**asdict(job), **alive})
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def served(site: Site) -> Site:
    """Start `overread serve` on a free port and wait for the address that it prints."""
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--no-browser", "--port", "0", "--workspace",
               str(site.root)]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    site.process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    )
    ready = threading.Event()

    def listen() -> None:
        assert site.process is not None and site.process.stderr is not None
        for line in site.process.stderr:
            site.said.append(line)
            if found := _LAUNCH.search(line):
                site.address = found[0]
                ready.set()

        ready.set()  # It has ended, or the address was printed long ago.

    threading.Thread(target=listen, daemon=True).start()
    if not ready.wait(60) or not site.address:
        site.process.kill()
        raise RuntimeError("the server did not start: " + "".join(site.said))
    return site


def stopped(site: Site) -> None:
    """End the server and its worker."""
    if site.process is None:
        return
    site.process.terminate()
    try:
        site.process.wait(10)
    except subprocess.TimeoutExpired:
        site.process.kill()
        site.process.wait()
