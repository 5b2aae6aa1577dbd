"""What the glioma network learns from: patients' cases, synthetic heads, and mirrored tumour-free halves."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt

from ..demo import random_head, synthetic_head
from ..domain import BitmaskVolume, Float32Volume, Volume
from ..errors import NothingToRead
from ..imaging import find_mr_studies, model_grid, read_label_map, reference_volume, resample
from ..terms import GRID_ORDER
from ..terms import Sequence as MrSequence

__all__ = [
    "FIRST_SEED",
    "SEQUENCES",
    "TrainingCase",
    "normalised",
    "patient_cases",
    "synthetic_cases",
    "tumour_free_half",
]

SEQUENCES = (MrSequence.T1, MrSequence.T1C, MrSequence.T2, MrSequence.FLAIR)
"""Channels of the network's input, in order."""
FIRST_SEED = 1000
"""Seeds of training heads begin here; the demonstration's lie below."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class TrainingCase:
    """One head as the network sees it, cut to its brain.

    Attributes
    ----------
    image : (4, i, j, k) float16
        Sequences in the order of `SEQUENCES`, LPS at 1 mm, normalised; 0 outside the brain and where absent.
    labels : (i, j, k) uint8
        0 none, 1 core, 2 oedema, 3 enhancing.
    present : (4,) bool
    source : str
        'patient', 'mirrored' or 'synthetic'.
    """

    name: str
    image: np.ndarray
    labels: BitmaskVolume
    present: tuple[bool, ...]
    source: str

    @cached_property
    def brain(self) -> np.ndarray:
        """(i, j, k) bool: where any sequence has signal."""
        return np.asarray((self.image != 0).any(axis=0))

    @cached_property
    def lesion_edge_mm(self) -> np.ndarray:
        """(i, j, k) float16: distance from the tumour's edge, below 0 inside; the head must hold a tumour."""
        lesion = self.labels > 0
        return np.asarray(distance_transform_edt(~lesion) - distance_transform_edt(lesion), dtype=np.float16)


def normalised(channels: Float32Volume) -> Float32Volume:
    """Each sequence less its mean over its standard deviation inside the brain (any sequence above zero), 0 outside."""
    brain = (channels > 0).any(axis=0)
    made = np.zeros(channels.shape, dtype=np.float32)
    for number, channel in enumerate(channels):
        if channel.any():
            inside = channel[brain]
            made[number][brain] = (inside - inside.mean()) / max(float(inside.std()), 1e-6)
    return made


def patient_cases(folder: Path, split: str, say: Say, most: int | None = None) -> list[TrainingCase]:
    """Cases `<folder>/<case>/seg.nii.gz` of a split, by the MANIFEST.csv in the folder or its parent.

    Without a MANIFEST.csv every case counts as `train`. `most` takes the first so many.

    Raises
    ------
    NothingToRead
        The folder holds no case to train on.
    """
    manifest: dict[str, str] = {}
    for place in (folder, folder.resolve().parent):
        if (place / "MANIFEST.csv").exists():
            with (place / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
                manifest = {row["case"]: row["split"] for row in csv.DictReader(stream)}
            break
    cases = []
    for path in sorted(folder.glob("*/seg.nii.gz")):
        if manifest.get(path.parent.name, "" if manifest else "train") == split and (most is None or len(cases) < most):
            cases.append(_patient(path.parent))
            say(f"{path.parent.name}: {_ml(cases[-1].labels)} ml, {sum(cases[-1].present)} sequences")
    if not cases and split == "train":
        raise NothingToRead(
            "Nothing was trained.",
            f"{folder.name} holds no case with seg.nii.gz in split {split}.",
            "Name a folder of cases `<case>/seg.nii.gz`.",
        )
    return cases


def _ml(labels: BitmaskVolume) -> int:
    """Whole tumour at 1 mm, in whole millilitres."""
    return round(float((labels > 0).sum()) / 1000)


def _patient(case: Path) -> TrainingCase:
    study = find_mr_studies([p for p in sorted(case.iterdir()) if p.is_file()], case, {}).studies[0]
    labels, label_affine = read_label_map(case / "seg.nii.gz")
    grid = reference_volume(study.volumes, GRID_ORDER)
    affine, shape = model_grid(grid.affine, grid.shape, 1.0, "LPS")
    labels = resample(labels, label_affine, affine, shape, order=0).astype(np.uint8)
    return _case(case.name, _channels(study.volumes, affine, shape), np.where(labels == 4, 3, labels), "patient")


def _channels(volumes: Sequence[Volume], affine: np.ndarray, shape: tuple[int, int, int]) -> Float32Volume:
    """The sequences on one grid, 0 where absent."""
    channels = np.zeros((len(SEQUENCES), *shape), dtype=np.float32)
    for number, sequence in enumerate(SEQUENCES):
        for volume in volumes:
            if volume.sequence is sequence:
                channels[number] = resample(volume.array, volume.affine, affine, shape, order=1)
                break
    return channels


def _case(name: str, channels: Float32Volume, labels: BitmaskVolume, source: str) -> TrainingCase:
    inside = np.argwhere((channels > 0).any(axis=0))
    cut = tuple(slice(int(a), int(b)) for a, b in zip(inside.min(axis=0), inside.max(axis=0) + 1, strict=True))
    channels = channels[(slice(None), *cut)]
    present = tuple(bool(channel.any()) for channel in channels)
    return TrainingCase(name, normalised(channels).astype(np.float16), labels[cut].astype(np.uint8), present, source)


def synthetic_cases(seeds: Iterable[int], tumour_free: int, say: Say) -> list[TrainingCase]:
    """Heads from the demonstration's generator by seeds from `FIRST_SEED` on; the first `tumour_free` hold no tumour."""
    cases = []
    for number, seed in enumerate(seeds):
        plan = random_head(seed, tumour_free=number < tumour_free)
        head = synthetic_head(plan)
        first = head.series[0]
        channels = np.stack([series.array.astype(np.float32) for series in head.series])
        labels = resample(head.labels, head.affine, first.affine, first.array.shape, order=0)
        cases.append(_case(plan.name, channels, labels, "synthetic"))
        say(f"{plan.name}: {_ml(cases[-1].labels)} ml")
    return cases


def tumour_free_half(case: TrainingCase) -> TrainingCase | None:
    """A patient's head made of its tumour-free half and that half's mirror image; None where neither half is free.

    The middle is that of the brain's extent from left to right, which skull-stripped heads in line have.
    """
    width = case.labels.shape[0] // 2
    for near in (True, False):
        half = slice(0, width) if near else slice(case.labels.shape[0] - width, None)
        if (case.labels[half] > 0).any():
            continue
        image = case.image[:, half]
        parts = (image, image[:, ::-1]) if near else (image[:, ::-1], image)
        whole = np.concatenate(parts, axis=1)
        return TrainingCase(case.name, whole, np.zeros(whole.shape[1:], np.uint8), case.present, "mirrored")
    return None
