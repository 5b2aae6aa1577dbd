"""The two stages of the glioma network's training: on patches, then on heads of which many hold no tumour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
import torch

from .glioma_augmentation import augmented
from .glioma_data import TrainingCase
from .glioma_losses import careful_loss, supervised_loss
from .glioma_network import GliomaNetwork
from .glioma_patches import Batch, mixed_batch, one_of, patch_of, whole_head

__all__ = ["StagePlan", "train_on_heads", "train_on_patches"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class StagePlan:
    """How long, how fast and on what one stage, or a part of it, trains.

    Attributes
    ----------
    size : tuple of int
        Of a patch, or of a whole head, in voxels; multiples of 16.
    rate : float
        Highest learning rate: reached after `warm_up` steps, then falling by cosine where `decays`.
    clip : float
        Norm to which gradients are clipped.
    average : float
        Decay of the exponential mean of the weights, which is what the stage hands on.
    """

    steps: int
    size: tuple[int, int, int]
    batch: int
    rate: float
    warm_up: int = 0
    decays: bool = True
    clip: float = 5.0
    average: float = 0.999


def train_on_patches(
    network: GliomaNetwork, cases: Sequence[TrainingCase], plan: StagePlan, *, seed: int, device: str, say: Say
) -> list[dict[str, float]]:
    """First stage: patches of patients, deep supervision, lesions carved from one head into another.

    The network's weights become their exponential mean. Returns the curve of the loss.
    """
    rng = np.random.default_rng(seed)
    batches = (mixed_batch(cases, rng, plan.size, plan.batch, device) for _ in range(plan.steps))
    return _train(network, batches, supervised_loss, plan, device, say)


def train_on_heads(
    network: GliomaNetwork,
    cases: Sequence[TrainingCase],
    plan: StagePlan,
    *,
    whole: bool,
    seed: int,
    device: str,
    say: Say,
) -> list[dict[str, float]]:
    """Second stage: patients, mirrored halves and synthetic heads, one at a time, only the finest head.

    A network that saw patches alone marks 180 ml in a tumour-free head: instance norm meets other statistics there. The
    part on whole heads (`whole`), as they are predicted, is what mends it.
    """
    rng = np.random.default_rng(seed)

    def batches() -> Iterator[Batch]:
        for _ in range(plan.steps):
            case = one_of(cases, rng)
            if whole:
                yield whole_head(case, rng, plan.size)
            else:
                image, labels = augmented(*patch_of(case, rng, plan.size), rng, plan.size)
                yield image[None], labels[None]

    def loss(logits: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        return careful_loss(logits[0], labels)

    return _train(network, batches(), loss, plan, device, say)


def _train(
    network: GliomaNetwork,
    batches: Iterator[Batch],
    loss_of: Callable[[list[torch.Tensor], torch.Tensor], torch.Tensor],
    plan: StagePlan,
    device: str,
    say: Say,
) -> list[dict[str, float]]:
    network.to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate_at(step, plan))
    mean = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(min(plan.average, 1 - 5 / max(10, plan.steps)))
    )
    curve: list[dict[str, float]] = []
    recent: list[float] = []
    every = max(1, plan.steps // 20)
    for step, (image, labels) in enumerate(batches, start=1):
        with _half_precision(device):
            logits = network(image.to(device))
        loss = loss_of(logits, labels.to(device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
        optimiser.step()
        schedule.step()
        mean.update_parameters(network)
        recent.append(float(loss.detach()))
        if step % every == 0 or step == plan.steps:
            curve.append({"step": step, "loss": round(float(np.mean(recent)), 4)})
            say(f"step {step} of {plan.steps}, loss {curve[-1]['loss']:.3f}")
            recent.clear()
    network.load_state_dict(mean.module.state_dict())
    network.to("cpu")
    return curve


def _rate_at(step: int, plan: StagePlan) -> float:
    """The learning rate's share of its highest value at a step counted from 0."""
    if step < plan.warm_up:
        return (step + 1) / plan.warm_up
    if not plan.decays:
        return 1.0
    return 0.5 * (1 + cos(pi * (step - plan.warm_up) / max(1, plan.steps - plan.warm_up)))


def _half_precision(device: str) -> Any:
    """bfloat16 where the machine computes in it; emulated on other processors it would be slower than float32."""
    if device.startswith("cuda"):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    fast = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
    return torch.autocast("cpu", dtype=torch.bfloat16) if fast else nullcontext()
