"""What the glioma network is trained against: Dice and cross-entropy, and a stricter rule where there is no tumour."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["FEW_VOXELS", "careful_loss", "region_loss", "regions_of", "supervised_loss"]

FEW_VOXELS = 20
"""A patch with fewer tumour voxels counts as tumour-free in the second stage."""


def regions_of(labels: torch.Tensor) -> torch.Tensor:
    """Labels (n, i, j, k) of 0 none, 1 core, 2 oedema, 3 enhancing as regions (n, 3, i, j, k) float32.

    Whole tumour (1, 2, 3), tumour core (1, 3), enhancing tumour (3).
    """
    return torch.stack([labels > 0, (labels == 1) | (labels == 3), labels == 3], dim=1).float()


def region_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Soft Dice over the batch plus cross-entropy, mean over the regions."""
    probability = torch.sigmoid(logits.float())
    over = (0, 2, 3, 4)
    both, sizes = (probability * target).sum(over), (probability + target).sum(over)
    dice = (2 * both + 1) / (sizes + 1)
    return (1 - dice).mean() + nn.functional.binary_cross_entropy_with_logits(logits.float(), target)


def supervised_loss(logits: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
    """`region_loss` at every decoder level, its weight halved from level to level (finest first)."""
    weights = [0.5**level for level in range(len(logits))]
    total = torch.zeros((), device=labels.device)
    for level, (weight, found) in enumerate(zip(weights, logits, strict=True)):
        step = 2**level
        total = total + weight * region_loss(found, regions_of(labels[:, ::step, ::step, ::step]))
    return total / sum(weights)


def careful_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The second stage's loss at the finest level: strict where a patch holds hardly any tumour.

    There Dice says nothing; cross-entropy counts five-fold, and the logarithm of the volume marked is added, which
    still pulls when only a little is left: 0.3 log(1 + sum of probabilities / 300).
    """
    target = regions_of(labels)
    if (labels > 0).sum() >= FEW_VOXELS:
        return region_loss(logits, target)
    marked = torch.sigmoid(logits.float()).sum(dim=(2, 3, 4)) / 300
    strict = nn.functional.binary_cross_entropy_with_logits(logits.float(), target)
    return 5 * strict + 0.3 * torch.log1p(marked).mean()
