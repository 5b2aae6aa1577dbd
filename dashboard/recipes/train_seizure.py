"""Everything about the seizure detector again: corpus, training, rules, export, evaluation, model folder.

`python -m dashboard.recipes.train_seizure DATA --out DIR [--quick] [--steps N]` where DATA is the folder with MANIFEST.csv.
On two cores the whole of it takes about half an hour; `--quick` a few minutes, for a try.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .seizure_corpus import Corpus, corpus_recordings, fold_of_groups, real_recordings
from .seizure_data import FOLDERS, LabelledRecording, SignalInput, manifest_rows
from .seizure_evaluation import Curve, alarms_of, choose_rules, curve_of, evaluation_of, recording_row
from .seizure_folder import write_folder
from .seizure_network import SeizureNetwork
from .seizure_synthetic import FIRST_SEED, demonstration_recordings, synthetic_recordings
from .seizure_training import export_network, golden_of, scores_of, train_network

__all__ = ["LEFT_OUT", "STRIDE_S", "Plan", "build_detector", "main"]

STRIDE_S = 2.0
LEFT_OUT = ("iiic/SZ_sparcnet_sample1.edf", "iiic/OTHER_sparcnet_sample2.edf", "seizure/ombao_tle.edf")
"""Recordings of which the report says what a network that was trained without them makes of them."""
ALARMS_PER_HOUR = 3.0
"""The rules may raise so many false alarms an hour in recordings of the train split that the network has not seen."""
_RULE_SEED = FIRST_SEED + 50_000
"""Synthetic recordings for the rules come from seeds from here on: none is trained on or shown in the demonstration."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    steps: int = 1200
    fold_steps: int = 700
    folds: int = 3
    batch: int = 32
    synthetic: int = 60
    mixed: int = 4
    rule_recordings: int = 8
    seed: int = 7

    @classmethod
    def quick(cls) -> Plan:
        """A try of a few minutes; its network is not worth shipping."""
        return cls(steps=250, fold_steps=100, folds=2, synthetic=10, mixed=1, rule_recordings=3)


def build_detector(data: Path, out: Path, plan: Plan, *, command: str, say: Say) -> dict[str, Any]:
    """Train, choose the rules, evaluate, and write the model's folder.

    Parameters
    ----------
    data : Path
        The folder with MANIFEST.csv.
    out : Path
        The model's folder; made where it is missing, its files replaced.
    command : str
        What was typed, for training.json.

    Returns
    -------
    dict
        What evaluation.json holds.
    """
    begun = time.monotonic()
    signal_input = SignalInput()
    recordings = corpus_recordings(data, signal_input, synthetic=plan.synthetic, mixed=plan.mixed, on_progress=say)
    held_out, fold_seconds = _held_out_curves(recordings, signal_input, plan, say)
    real_held_out = [curve for curve in held_out if curve.name.split("/")[0] in FOLDERS]
    rules, trail = choose_rules(held_out, ALARMS_PER_HOUR)
    say(f"rules: {rules}")
    network, losses = _trained(recordings, signal_input, plan, plan.steps, plan.seed, "final", say)
    out.mkdir(parents=True, exist_ok=True)
    difference = export_network(network, out / "model.onnx", signal_input.rate_hz)
    dev = _curves(network, real_recordings(data, "dev", signal_input), signal_input)
    evaluation = {
        "model": "seizure-cnn-rnn",
        "split": "dev",
        "rules": asdict(rules),
        **evaluation_of(dev, rules, "dev"),
        "dev_alarms": {
            "healthy": alarms_of(dev, rules, ("normal", "artefact")),
            "critically_ill": alarms_of(dev, rules, ("iiic", "icu")),
        },
        "held_out_of_train": {
            "how": f"{plan.folds} networks of {plan.fold_steps} steps, each without a part of the patients; the rules "
            "were chosen on these very curves, so the figures flatter them",
            **evaluation_of(held_out, rules, "train"),
            "real": evaluation_of(real_held_out, rules, "train")["summary"],
        },
        "left_out": [recording_row(c, rules, "train") for c in held_out if c.name in LEFT_OUT],
        "demonstration": evaluation_of(
            _curves(network, demonstration_recordings(signal_input), signal_input), rules, "synthetic"
        ),
        "golden": golden_of(network, signal_input.rate_hz),
        "torch_to_onnx_difference": difference,
    }
    training = {
        "command": command,
        "seconds": round(time.monotonic() - begun),
        "fold_seconds": round(fold_seconds),
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "plan": asdict(plan),
        "input": asdict(signal_input),
        "stride_s": STRIDE_S,
        "parameters": sum(p.numel() for p in network.parameters()),
        "loss": losses,
        "rules": {"alarms_per_hour_allowed": ALARMS_PER_HOUR, "synthetic_seed": _RULE_SEED, "trail": trail},
        "recordings": [
            {"file": row["file"], "licence": row["licence"], "source": row["source_repo"]}
            for row in manifest_rows(data, "train")
        ],
        "synthetic_seeds": [FIRST_SEED, FIRST_SEED + plan.synthetic - 1],
    }
    write_folder(out, signal_input, STRIDE_S, rules, evaluation, training)
    return evaluation


def _trained(
    recordings: Sequence[LabelledRecording],
    signal_input: SignalInput,
    plan: Plan,
    steps: int,
    seed: int,
    name: str,
    say: Say,
) -> tuple[SeizureNetwork, list[float]]:
    corpus = Corpus(recordings, signal_input.rate_hz, seed)
    losses: list[float] = []

    def heard(done: int, total: int, loss: float) -> None:
        losses.append(round(loss, 4))
        say(f"{name}: step {done} of {total}, loss {loss:.3f}")

    return train_network(corpus, steps=steps, batch=plan.batch, seed=seed, on_progress=heard), losses


def _curves(network: SeizureNetwork, recordings: Sequence[LabelledRecording], signal_input: SignalInput) -> list[Curve]:
    found = []
    for recording in recordings:
        times, scores, _ = scores_of(network, recording.signal_uv, signal_input.rate_hz, STRIDE_S)
        found.append(curve_of(recording, times, scores, STRIDE_S))
    return found


def _held_out_curves(
    recordings: Sequence[LabelledRecording], signal_input: SignalInput, plan: Plan, say: Say
) -> tuple[list[Curve], float]:
    """Scores of every real recording by a network that has seen none of its patient, and of fresh synthetic ones."""
    begun = time.monotonic()
    fold_of = fold_of_groups(recordings, plan.folds)
    shown = [r for r in recordings if r.source not in ("synthetic", "mixed")]
    shown = shown[: len(shown) // 2]
    fresh = synthetic_recordings(range(_RULE_SEED, _RULE_SEED + plan.rule_recordings), signal_input, 900.0)
    for other_seed in range(_RULE_SEED + 1000, _RULE_SEED + 1000 + plan.rule_recordings // 3):
        fresh += demonstration_recordings(signal_input, other_seed)
    curves: list[Curve] = []
    for fold in range(plan.folds):
        kept = [r for r in recordings if fold_of.get(r.group) != fold]
        network, _ = _trained(kept, signal_input, plan, plan.fold_steps, plan.seed + 1 + fold, f"fold {fold + 1}", say)
        curves += _curves(network, [r for r in shown if fold_of[r.group] == fold], signal_input)
        curves += _curves(network, fresh[fold :: plan.folds], signal_input)
    return curves, time.monotonic() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the model's folder; progress goes to standard error, the dev summary to standard output."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.recipes.train_seizure", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the shared EEG data, with MANIFEST.csv")
    parser.add_argument("--out", type=Path, required=True, help="the model's folder")
    parser.add_argument("--quick", action="store_true", help="a try of a few minutes")
    parser.add_argument("--steps", type=int, help="steps of the final training")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    plan = Plan.quick() if given.quick else Plan()
    if given.steps:
        plan = Plan(**{**asdict(plan), "steps": given.steps})
    command = f"python -m dashboard.recipes.train_seizure DATA --out DIR{' --quick' if given.quick else ''} --steps {plan.steps}"

    def say(words: str) -> None:
        sys.stderr.write(words + "\n")
        sys.stderr.flush()

    evaluation = build_detector(given.data, given.out, plan, command=command, say=say)
    sys.stdout.write(f"dev: {evaluation['summary']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
