"""How a patch is varied before the glioma network sees it: place, shape, brightness, sharpness, what is missing."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

__all__ = ["augmented", "moved", "varied"]


def augmented(
    image: torch.Tensor, labels: torch.Tensor, rng: np.random.Generator, size: tuple[int, int, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """One patch, moved and varied: image (4, i, j, k), labels (i, j, k), both of `size` and on the input's device."""
    image, labels = moved(image, labels, rng, size)
    return varied(image, rng), labels


def moved(
    image: torch.Tensor, labels: torch.Tensor, rng: np.random.Generator, size: tuple[int, int, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rotate up to 20 degrees, scale, stretch, bend and flip left to right, in one resampling about the patch's middle.

    Parameters
    ----------
    image : (4, i, j, k), labels : (i, j, k)
        Anything at least as large as `size` leaves no empty corners.
    """
    turn = np.eye(3)
    for axis in range(3):
        if rng.random() < 0.5:
            angle = np.deg2rad(rng.uniform(-20, 20))
            a, b = (n for n in range(3) if n != axis)
            one = np.eye(3)
            one[[a, a, b, b], [a, b, a, b]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
            turn = turn @ one
    scale = np.ones(3)
    if rng.random() < 0.5:
        scale *= rng.uniform(0.8, 1.25)
    if rng.random() < 0.3:
        scale *= rng.uniform(0.9, 1.1, 3)
    if rng.random() < 0.5:
        scale[0] *= -1
    # Output voxel (millimetres from the middle) to input voxel, in grid_sample's units: -1 to 1, axes reversed.
    matrix = turn @ np.diag(scale)
    extent = np.array(image.shape[1:], dtype=float)
    ratio = (np.array(size)[None, :] / extent[:, None]) * matrix
    theta = torch.zeros(1, 3, 4)
    theta[0, :, :3] = torch.from_numpy(ratio[::-1, ::-1].copy()).float()
    grid = affine_grid(theta, [1, 1, *size], align_corners=False).to(image.device)
    if rng.random() < 0.3:
        knots = torch.from_numpy(rng.normal(0, rng.uniform(1, 4), (1, 3, 6, 6, 6))).float()
        bend = interpolate(knots, size=size, mode="trilinear", align_corners=True).movedim(1, -1)
        grid = grid + (2 * bend / torch.from_numpy(extent[::-1].copy()).float()).to(image.device)
    image = grid_sample(image[None].float(), grid, mode="bilinear", align_corners=False)[0]
    labels = grid_sample(labels[None, None].float(), grid, mode="nearest", align_corners=False)[0, 0]
    return image, labels.round().long()


def varied(image: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Vary each sequence's bias field, noise, gamma, brightness, contrast and sharpness, and leave sequences out.

    Inside the brain (any sequence not 0) each sequence present has mean 0 and deviation 1 again at the end.
    """
    brain = (image != 0).any(dim=0)
    present = [bool(channel.any()) for channel in image]
    if not brain.any():
        return image
    made = torch.zeros_like(image)
    for number in [n for n, is_there in enumerate(present) if is_there]:
        made[number] = _varied_sequence(image[number], brain, rng)
    if rng.random() < 0.5:
        _leave_out(made, present, rng)
    return made


def _varied_sequence(channel: torch.Tensor, brain: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    if rng.random() < 0.3:
        knots = torch.from_numpy(rng.normal(0, rng.uniform(0.05, 0.25), (1, 1, 4, 4, 4))).float().to(channel.device)
        field = interpolate(knots, size=channel.shape, mode="trilinear", align_corners=True)[0, 0]
        low = channel[brain].min()
        channel = (channel - low) * torch.exp(field) + low
    if rng.random() < 0.25:
        channel = _coarse(channel, rng)
    if rng.random() < 0.3:
        low, high = channel[brain].min(), channel[brain].max()
        share = ((channel - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)
        channel = share ** float(np.exp(rng.uniform(-0.4, 0.4))) * (high - low) + low
    if rng.random() < 0.3:
        seed = torch.Generator().manual_seed(int(rng.integers(2**31)))
        noise = torch.randn(channel.shape, generator=seed).to(channel.device)
        channel = channel + float(rng.uniform(0, 0.25)) * noise
    inside = channel[brain]
    channel = (channel - inside.mean()) / inside.std().clamp(min=1e-3)
    if rng.random() < 0.3:
        channel = channel * float(rng.uniform(0.8, 1.25)) + float(rng.normal(0, 0.1))
    return torch.where(brain, channel, torch.zeros_like(channel))


def _coarse(channel: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Lower resolution along one axis, as thick slices have it, or along all."""
    size = list(channel.shape)
    if rng.random() < 0.6:
        axis = int(rng.integers(3))
        size[axis] = max(2, int(size[axis] / rng.uniform(2, 5)))
    else:
        factor = rng.uniform(1, 2)
        size = [max(2, int(n / factor)) for n in size]
    small = interpolate(channel[None, None], size=size, mode="area")
    return interpolate(small, size=channel.shape, mode="trilinear", align_corners=False)[0, 0]


def _leave_out(image: torch.Tensor, present: list[bool], rng: np.random.Generator) -> None:
    """Blank a random part of the sequences that are there, never all."""
    there = [n for n, is_there in enumerate(present) if is_there]
    keep = int(rng.integers(1, len(there) + 1))
    for number in rng.permutation(there)[keep:]:
        image[int(number)] = 0
