"""The glioma network: a five-level 3-D U-Net, and its way out of and into ONNX."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["GliomaNetwork", "Probability"]


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two 3x3x3 convolutions, each with instance norm and leaky ReLU; the first may halve the grid."""
    layers: list[nn.Module] = []
    for number in range(2):
        step = stride if number == 0 else 1
        layers += [
            nn.Conv3d(inputs if number == 0 else outputs, outputs, 3, stride=step, padding=1, bias=False),
            nn.InstanceNorm3d(outputs, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
        ]
    return nn.Sequential(*layers)


class GliomaNetwork(nn.Module):
    """A U-Net with a 1x1x1 head at every decoder level (Ronneberger et al. 2015; deep supervision as in nnU-Net).

    `forward(image (n, 4, i, j, k))` gives logits (n, 3, ...) of whole tumour, tumour core and enhancing tumour, the
    finest grid first; in evaluation only that. Each of i, j, k is a multiple of 2 to the number of levels less one.

    Parameters
    ----------
    widths : tuple of int
        Channels level by level, finest first.
    """

    def __init__(self, widths: tuple[int, ...] = (24, 48, 96, 128, 160), sequences: int = 4, regions: int = 3) -> None:
        super().__init__()
        self.widths = widths
        inward = (sequences, *widths[:-1])
        self.encoder = nn.ModuleList(
            _block(before, width, stride=1 if level == 0 else 2)
            for level, (before, width) in enumerate(zip(inward, widths, strict=True))
        )
        outward = list(zip(widths[::-1][:-1], widths[::-1][1:], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose3d(below, width, 2, stride=2) for below, width in outward)
        self.decoder = nn.ModuleList(_block(2 * width, width) for _, width in outward)
        self.head = nn.ModuleList(nn.Conv3d(width, regions, 1) for _, width in outward)

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Logits, finest first; see the class."""
        kept = []
        for block in self.encoder:
            image = block(image)
            kept.append(image)
        found = kept.pop()
        logits = []
        for level, (up, block, head) in enumerate(zip(self.up, self.decoder, self.head, strict=True)):
            found = block(torch.cat([up(found), kept.pop()], dim=1))
            if self.training or level == len(self.up) - 1:
                logits.append(head(found))
        return logits[::-1]


class Probability(nn.Module):
    """The network as it is exported: `image` to `probability`, each region by its own sigmoid."""

    def __init__(self, network: GliomaNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(n, 4, i, j, k) to (n, 3, i, j, k), 0 to 1."""
        return torch.sigmoid(self.network(image)[0])
