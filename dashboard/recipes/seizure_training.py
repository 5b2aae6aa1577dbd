"""Training of the detector's network, its scores over a recording, and its way into ONNX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..domain import Float32Array, MicrovoltSignal
from .seizure_corpus import WINDOW_S, Corpus
from .seizure_golden import golden_signal
from .seizure_network import SeizureNetwork

__all__ = ["OPSET", "export_network", "golden_of", "scores_of", "train_network"]

OPSET = 17
_ROW_WEIGHT = 0.35
"""Of the channels' loss beside the window's."""
_FLAT_UV = 0.5


def train_network(
    corpus: Corpus, *, steps: int, batch: int, seed: int, on_progress: Callable[[int, int, float], None]
) -> SeizureNetwork:
    """Train a network on batches of a corpus: binary cross-entropy against the experts' share, AdamW, one cycle.

    The weights returned are an average over the last steps, ready for inference.
    """
    torch.manual_seed(seed)
    network = SeizureNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps, pct_start=0.15)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(min(0.99, 1 - 5 / steps))
    )
    losses: list[float] = []
    network.train()
    for step in range(steps):
        drawn = corpus.batch(batch)
        mask = torch.from_numpy(drawn.mask)
        window, rows = network.logits(torch.from_numpy(drawn.signal_uv), mask)
        loss = nn.functional.binary_cross_entropy_with_logits(window, torch.from_numpy(drawn.target))
        known = torch.from_numpy(~np.isnan(drawn.row_target)) & (mask > 0)
        if known.any():
            row_target = torch.from_numpy(np.nan_to_num(drawn.row_target))
            loss = loss + _ROW_WEIGHT * nn.functional.binary_cross_entropy_with_logits(rows[known], row_target[known])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(network)
        losses.append(float(loss.detach()))
        if (step + 1) % 50 == 0 or step + 1 == steps:
            on_progress(step + 1, steps, float(np.mean(losses[-50:])))
    trained: SeizureNetwork = average.module
    return trained.eval()


def scores_of(
    network: SeizureNetwork, signal_uv: MicrovoltSignal, rate_hz: float, stride_s: float
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Score a montaged recording window by window: centres in seconds (n,), scores (n,), channel scores (n, row).

    As the program does: a row without half a microvolt between its lowest and highest sample is left out of a window.
    """
    samples, stride = int(WINDOW_S * rate_hz), int(stride_s * rate_hz)
    signal = np.nan_to_num(signal_uv)
    if signal.shape[1] < samples:
        signal = np.pad(signal, ((0, 0), (0, samples - signal.shape[1])))
    starts = np.arange(0, signal.shape[1] - samples + 1, stride)
    scores = np.zeros(len(starts), dtype=np.float32)
    rows = np.full((len(starts), len(signal)), np.nan, dtype=np.float32)
    with torch.inference_mode():
        for n in range(0, len(starts), 32):
            windows = np.stack([signal[:, s : s + samples] for s in starts[n : n + 32]])
            usable = np.ptp(windows, axis=2) >= _FLAT_UV
            for pattern in np.unique(usable, axis=0):
                chosen = np.flatnonzero((usable == pattern).all(axis=1))
                if pattern.any():
                    score, row = network(torch.from_numpy(windows[chosen][:, pattern]))
                    scores[n + chosen] = score.numpy()
                    rows[np.ix_(n + chosen, np.flatnonzero(pattern))] = row.numpy()
    centres = (starts + samples / 2) / rate_hz
    return centres.astype(np.float32), scores, rows


def export_network(network: SeizureNetwork, path: Path, rate_hz: float) -> float:
    """Write the network as ONNX, batch and channels dynamic; the largest difference from torch, which is checked.

    Raises
    ------
    RuntimeError
        The exported graph's scores differ by 1e-4 or more.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    network.eval()
    samples = int(WINDOW_S * rate_hz)
    example = torch.randn(2, 5, samples) * 20
    torch.onnx.export(
        network,
        (example,),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=["signal"],
        output_names=["score", "channel_score"],
        dynamic_axes={"signal": {0: "n", 1: "channels"}, "score": {0: "n"}, "channel_score": {0: "n", 1: "channels"}},
    )
    onnx.checker.check_model(onnx.load(path), full_check=True)
    evaluator = ReferenceEvaluator(str(path))
    worst = 0.0
    for shape in ((1, 19, samples), (3, 4, samples)):
        signal = (torch.randn(shape) * 20).numpy()
        with torch.inference_mode():
            wanted = network(torch.from_numpy(signal))
        for ours, theirs in zip(evaluator.run(None, {"signal": signal}), wanted, strict=True):
            worst = max(worst, float(np.abs(ours - theirs.numpy()).max()))
    if worst >= 1e-4:
        raise RuntimeError(f"the exported network differs from torch by {worst:.2g}")
    return worst


def golden_of(network: SeizureNetwork, rate_hz: float) -> dict[str, Any]:
    """The network's outputs for `golden_signal`, to four decimals, with what made it."""
    given = {"seed": 20, "windows": 4, "rows": 6, "samples": int(WINDOW_S * rate_hz), "rate_hz": rate_hz}
    with torch.inference_mode():
        score, rows = network(torch.from_numpy(golden_signal(**given)))
    return {
        "input": given,
        "score": [round(float(value), 4) for value in score],
        "channel_score": [[round(float(value), 4) for value in row] for row in rows],
    }
