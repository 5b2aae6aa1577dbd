"""The Bonn exercise: Mallick and Baths' unit on the segments of their paper, five-fold, with what confounds it.

`python -m dashboard.recipes.bonn_exercise DATA [--out FILE] [--steps N] [--sets NAME ...]` where DATA is the folder that
holds `bonn/bonn.npz`. It has nothing to do with the scalp detector and never trains it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..domain import Float32Array
from .seizure_network import ChannelUnit

__all__ = ["CONFOUND", "PAPER", "TASKS", "bonn_exercise", "main", "table_lines"]

TASKS: dict[str, tuple[str, ...]] = {
    "C-E": ("C", "E"),
    "D-E": ("D", "E"),
    "CD-E": ("CD", "E"),
    "A-E": ("A", "E"),
    "B-E": ("B", "E"),
    "AB-E": ("AB", "E"),
    "ABCD-E": ("ABCD", "E"),
    "AB-CD-E": ("AB", "CD", "E"),
    "A-B-C-D-E": ("A", "B", "C", "D", "E"),
}
"""Class sets by name: the sets of each class."""
PAPER = "binary seizure against normal: 99 to 100 % (doi:10.3389/fncom.2024.1340251, abstract)"
CONFOUND = (
    "Sets A and B are scalp EEG of healthy volunteers, C, D and E intracranial EEG of patients: A or B against E differ "
    "in electrode, amplifier situation and person, and E alone is several times larger (standard deviation 341 uV against "
    "48 to 90). Only C and D against E compare like with like. Segments carry no subject, so folds by segment can share a "
    "subject between training and test. Nothing here says how well seizures are found in scalp recordings."
)
FOLDS = 5
_PIECE = 1024
"""Samples of one piece (5.9 s); a segment's class is the mean over its four pieces."""


class _BonnNetwork(nn.Module):
    """Two units and dense layers on one channel."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.units = nn.Sequential(ChannelUnit(1, 24, 25, 4, 16, 32, 5), ChannelUnit(32, 32, 5, 1, 24, 32, 5))
        self.dense = nn.Sequential(nn.Dropout(0.3), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, classes))

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """(piece, 1, sample) to logits (piece, class)."""
        found = self.units(pieces)
        return self.dense(torch.cat([found.mean(dim=2), found.amax(dim=2)], dim=1))


def bonn_exercise(
    segments: dict[str, Float32Array], *, tasks: Sequence[str], steps: int, on_progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Five-fold accuracy by segment for each class set.

    Parameters
    ----------
    segments : dict of set name to (segment, sample)
        The Bonn sets A to E.
    tasks : sequence of str
        Keys of TASKS.

    Returns
    -------
    list of dict
        `task classes segments accuracy sensitivity specificity accuracy_by_fold`; sensitivity and specificity (seizure
        against the rest) in binary tasks only.
    """
    found = []
    for task in tasks:
        on_progress(task)
        groups = TASKS[task]
        data = np.concatenate([segments[name] for group in groups for name in group]).astype(np.float32)
        labels = np.concatenate([np.full(len(segments[name]), n) for n, group in enumerate(groups) for name in group])
        order = np.random.default_rng(5).permutation(len(labels))
        fold_of = np.empty(len(labels), dtype=int)
        for label in range(len(groups)):
            members = order[labels[order] == label]
            fold_of[members] = np.arange(len(members)) % FOLDS
        predicted = np.empty(len(labels), dtype=int)
        for fold in range(FOLDS):
            test = fold_of == fold
            predicted[test] = _fold(data[~test], labels[~test], data[test], len(groups), steps, seed=fold)
        right = predicted == labels
        row: dict[str, Any] = {
            "task": task,
            "classes": list(groups),
            "segments": len(labels),
            "accuracy": round(float(right.mean()), 4),
            "accuracy_by_fold": [round(float(right[fold_of == fold].mean()), 4) for fold in range(FOLDS)],
        }
        if len(groups) == 2:
            row["sensitivity"] = round(float(right[labels == 1].mean()), 4)
            row["specificity"] = round(float(right[labels == 0].mean()), 4)
        found.append(row)
        on_progress(f"{task}: accuracy {row['accuracy']:.3f}")
    return found


def _pieces(data: Float32Array) -> torch.Tensor:
    """Segments cut into four pieces each, in units of 100 microvolts, (segment * 4, 1, sample)."""
    cut = data[:, : 4 * _PIECE].reshape(-1, 1, _PIECE)
    return torch.from_numpy((cut - cut.mean(axis=2, keepdims=True)) / np.float32(100))


def _fold(
    data: Float32Array, labels: np.ndarray, test: Float32Array, classes: int, steps: int, seed: int
) -> np.ndarray:
    """Train on one fold's segments; the classes of its test segments, (segment,)."""
    torch.manual_seed(seed)
    network = _BonnNetwork(classes)
    pieces, wanted = _pieces(data), torch.from_numpy(np.repeat(labels, 4)).long()
    weight = 1 / torch.bincount(wanted, minlength=classes).float()
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(steps):
        drawn = torch.multinomial(weight[wanted], 48, replacement=True)
        gain = torch.exp(0.15 * torch.randn(48, 1, 1)) * torch.sign(torch.randn(48, 1, 1))
        loss = nn.functional.cross_entropy(network(pieces[drawn] * gain), wanted[drawn])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    network.eval()
    with torch.inference_mode():
        probability = torch.softmax(network(_pieces(test)), dim=1).reshape(len(test), 4, classes).mean(dim=1)
    return probability.argmax(dim=1).numpy()


def table_lines(results: Sequence[dict[str, Any]]) -> list[str]:
    """The results as a Markdown table; the paper's figure stands beside binary class sets only, for no other is sure."""
    lines = [
        "| class set | electrodes | segments | accuracy | sensitivity | specificity | worst fold | the paper |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results:
        binary = "sensitivity" in row
        alike = not any(scalp in row["task"] for scalp in "AB")
        where = "alike (intracranial)" if alike else "confounded (scalp, intracranial)"
        figures = [f"{row[name]:.3f}" if binary else "-" for name in ("sensitivity", "specificity")]
        lines.append(
            f"| {row['task']} | {where} | {row['segments']} | {row['accuracy']:.3f} | {figures[0]} | {figures[1]} "
            f"| {min(row['accuracy_by_fold']):.3f} | {'0.99 to 1.00' if binary else '-'} |"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the exercise, write its result beside the paper's figure, and its table to standard output."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.recipes.bonn_exercise", description=__doc__)
    parser.add_argument("data", type=Path, help="folder that holds bonn/bonn.npz")
    parser.add_argument("--out", type=Path, help="file for the result as JSON")
    parser.add_argument("--steps", type=int, default=80, help="training steps a fold")
    parser.add_argument("--sets", nargs="+", choices=list(TASKS), default=list(TASKS), help="class sets to run")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with np.load(given.data / "bonn" / "bonn.npz") as stored:
        segments = {name: stored[name].astype(np.float32) for name in "ABCDE"}

    def say(words: str) -> None:
        sys.stderr.write(words + "\n")

    results = bonn_exercise(segments, tasks=given.sets, steps=given.steps, on_progress=say)
    report = {
        "command": f"python -m dashboard.recipes.bonn_exercise DATA --steps {given.steps} --sets {' '.join(given.sets)}",
        "folds": "five, by segment, every class in each",
        "paper": PAPER,
        "confound": CONFOUND,
        "results": results,
    }
    sys.stdout.write("\n".join([*table_lines(results), "", f"The paper: {PAPER}.", "", CONFOUND]) + "\n")
    if given.out:
        given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
