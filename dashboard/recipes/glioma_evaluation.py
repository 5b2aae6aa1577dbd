"""How well a glioma network does on cases kept apart, each head predicted in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from .glioma_data import TrainingCase
from .glioma_losses import regions_of
from .glioma_network import GliomaNetwork, Probability

__all__ = ["REGIONS", "evaluated_cases"]

REGIONS = ("whole_tumour", "tumour_core", "enhancing_tumour")


def evaluated_cases(network: GliomaNetwork, cases: Sequence[TrainingCase]) -> list[dict[str, Any]]:
    """Dice of each region of each case at threshold 0.5, with the volume marked; null against an empty reference."""
    rows = []
    network.eval()
    for case in cases:
        step = 2 ** (len(network.widths) - 1)
        beyond = [(0, 0), *((0, -n % step) for n in case.labels.shape)]
        image = torch.from_numpy(np.pad(case.image.astype(np.float32), beyond))[None]
        with torch.inference_mode():
            found = Probability(network)(image)[0]
        inside = tuple(slice(0, n) for n in case.labels.shape)
        marked = (found[(slice(None), *inside)] > 0.5).numpy()
        reference = regions_of(torch.from_numpy(case.labels.astype(np.int64))[None])[0].numpy() > 0
        row: dict[str, Any] = {"case": case.name, "source": case.source, "sequences": int(sum(case.present))}
        for number, region in enumerate(REGIONS):
            both, sizes = (marked[number] & reference[number]).sum(), marked[number].sum() + reference[number].sum()
            row[region] = round(float(2 * both / sizes), 3) if reference[number].any() else None
            row[f"{region}_ml"] = round(float(marked[number].sum()) / 1000, 2)
        rows.append(row)
    return rows
