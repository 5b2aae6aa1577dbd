"""Which piece of which head comes next: patches about the tumour or anywhere, whole heads, lesions carved across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .glioma_augmentation import augmented
from .glioma_data import TrainingCase

__all__ = ["Batch", "carve_mixed", "mixed_batch", "one_of", "patch_of", "whole_head"]

Size = tuple[int, int, int]
Batch = tuple[torch.Tensor, torch.Tensor]


def mixed_batch(
    cases: Sequence[TrainingCase], rng: np.random.Generator, size: Size, count: int, device: str = "cpu"
) -> Batch:
    """A batch of augmented patches: 60 % about a tumour voxel (40 % of those about an enhancing one).

    In 60 % of the batches each patch's head has another patient's lesion carved into it first.

    Returns
    -------
    image (n, 4, *size) float32, labels (n, *size) int64
    """
    carving = len(cases) > 1 and rng.random() < 0.6
    images, labels = [], []
    for _ in range(count):
        case = cases[int(rng.integers(len(cases)))]
        if carving:
            case = carve_mixed(case, cases[int(rng.integers(len(cases)))], rng)
        image, label = (part.to(device) for part in patch_of(case, rng, size))
        image, label = augmented(image, label, rng, size)
        images.append(image)
        labels.append(label)
    return torch.stack(images), torch.stack(labels)


def patch_of(case: TrainingCase, rng: np.random.Generator, size: Size) -> Batch:
    """A piece of a head a quarter larger than `size`, so that turning it leaves no empty corners; not yet augmented."""
    image, labels = _cut(case, _middle(case, rng), tuple(int(1.25 * n) for n in size))
    return torch.from_numpy(image), torch.from_numpy(labels)


def one_of(cases: Sequence[TrainingCase], rng: np.random.Generator) -> TrainingCase:
    """A case for the second stage: half patients, an eighth mirrored tumour-free halves, the rest synthetic.

    A kind that is absent leaves its share to the others.
    """
    shares = {"patient": 0.5, "mirrored": 0.125, "synthetic": 0.375}
    kinds = [kind for kind in shares if any(case.source == kind for case in cases)]
    weights = np.array([shares[kind] for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    chosen = [case for case in cases if case.source == kind]
    return chosen[int(rng.integers(len(chosen)))]


def whole_head(case: TrainingCase, rng: np.random.Generator, size: Size) -> Batch:
    """A whole head in one piece, augmented, (1, 4, *size) and (1, *size)."""
    middle = np.array(case.labels.shape) // 2
    image, labels = _cut(case, middle, tuple(max(a, b) for a, b in zip(size, case.labels.shape, strict=True)))
    image, labels = augmented(torch.from_numpy(image), torch.from_numpy(labels), rng, size)
    return image[None], labels[None]


def _middle(case: TrainingCase, rng: np.random.Generator) -> np.ndarray:
    """The voxel about which a patch is cut."""
    if rng.random() < 0.6 and (case.labels > 0).any():
        enhancing = rng.random() < 0.4 and (case.labels == 3).any()
        places = np.flatnonzero(case.labels == 3 if enhancing else case.labels > 0)
    else:
        places = np.flatnonzero(case.brain)
    return np.array(np.unravel_index(places[int(rng.integers(len(places)))], case.labels.shape))


def _cut(case: TrainingCase, middle: np.ndarray, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A piece of that size about a voxel, float32 and uint8, 0 beyond the head."""
    image = np.zeros((case.image.shape[0], *size), dtype=np.float32)
    labels = np.zeros(size, dtype=np.uint8)
    here, there = [], []
    for axis, n in enumerate(size):
        first = int(middle[axis]) - n // 2
        low, high = max(first, 0), min(first + n, case.labels.shape[axis])
        there.append(slice(low, high))
        here.append(slice(low - first, high - first))
    image[(slice(None), *here)] = case.image[(slice(None), *there)]
    labels[tuple(here)] = case.labels[tuple(there)]
    return image, labels


def carve_mixed(into: TrainingCase, lesion: TrainingCase, rng: np.random.Generator) -> TrainingCase:
    """CarveMix (Zhang et al. 2021, doi:10.1007/978-3-030-87193-2_19): a lesion's surroundings replace another head's.

    The piece is all within a random distance of the lesion's edge, from half its depth inward to its depth outward, at
    its own place in the brain. A sequence that the receiving head lacks stays absent; one that the lesion's lacks would
    leave the lesion invisible there, so such pairs are not mixed.
    """
    wanted = lesion.labels > 0
    if (
        lesion is into
        or not wanted.any()
        or any(a and not b for a, b in zip(into.present, lesion.present, strict=True))
    ):
        return into
    edge = lesion.lesion_edge_mm
    deepest = -float(edge.min())
    reach = float(rng.uniform(-0.5, 0) * deepest if rng.random() < 0.5 else rng.uniform(0, deepest))
    shape = tuple(min(a, b) for a, b in zip(into.labels.shape, lesion.labels.shape, strict=True))
    here, there = (
        tuple(slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(case.labels.shape, shape, strict=True))
        for case in (into, lesion)
    )
    piece = (edge[there] < reach) & into.brain[here] & lesion.brain[there]
    image, labels = into.image.copy(), into.labels.copy()
    for number, is_there in enumerate(into.present):
        if is_there:
            image[number][here][piece] = lesion.image[number][there][piece]
    labels[here][piece] = lesion.labels[there][piece]
    return TrainingCase(into.name, image, labels, into.present, into.source)
