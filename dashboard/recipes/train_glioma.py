"""Everything about the glioma network again: patients and synthetic heads, both stages, export, measures.

`python -m dashboard.recipes.train_glioma DATA --out DIR [--start ONNX] [--quick]` where DATA is a folder of cases
`<case>/{t1,t1c,t2,flair,seg}.nii.gz`. With `--start` the second stage goes on from that file's weights.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..errors import OverreadError
from .glioma_data import FIRST_SEED, TrainingCase, patient_cases, synthetic_cases, tumour_free_half
from .glioma_evaluation import evaluated_cases
from .glioma_network import GliomaNetwork
from .glioma_onnx import OPSET, export_network, read_weights
from .glioma_training import StagePlan, train_on_heads, train_on_patches

__all__ = ["Plan", "main", "train_glioma"]

Say = Callable[[str], None]

_PATCHES = StagePlan(3615, (128, 128, 128), 4, 2e-3, warm_up=100)
_CAREFUL_PATCHES = StagePlan(206, (128, 128, 128), 1, 3e-4, decays=False, clip=2.0, average=0.985)
_HEADS = StagePlan(143, (144, 176, 144), 1, 2e-4, clip=2.0, average=0.985)


@dataclass(frozen=True)
class Plan:
    """How much of everything: by default what the shipped weights had (the first stage needs a GPU, the rest does not).

    Attributes
    ----------
    patches : StagePlan
        First stage.
    careful_patches, heads : StagePlan
        Second stage's two parts.
    synthetic, synthetic_free : int
        Synthetic heads, and how many of them hold no tumour. As many of the latter again, by other seeds, are only
        evaluated on, up to four.
    patients, dev : int or None
        At most so many patients of the train and dev split; None: all.
    """

    patches: StagePlan = _PATCHES
    careful_patches: StagePlan = _CAREFUL_PATCHES
    heads: StagePlan = _HEADS
    synthetic: int = 30
    synthetic_free: int = 12
    patients: int | None = None
    dev: int | None = None
    widths: tuple[int, ...] = (24, 48, 96, 128, 160)
    seed: int = 7

    @classmethod
    def quick(cls) -> Plan:
        """A few steps of each stage on small pieces, in a couple of minutes: a try of the code, not of the weights."""
        return cls(
            patches=replace(_PATCHES, steps=4, size=(48, 48, 48), batch=2, warm_up=1),
            careful_patches=replace(_CAREFUL_PATCHES, steps=3, size=(48, 48, 48)),
            heads=replace(_HEADS, steps=3, size=(64, 80, 64)),
            synthetic=2,
            synthetic_free=1,
            patients=3,
            dev=1,
        )


def train_glioma(data: Path, out: Path, plan: Plan, *, start: Path | None, device: str, say: Say) -> dict[str, Any]:
    """Train both stages, or the second from given weights, and write `model.onnx` and `training.json` into `out`.

    Parameters
    ----------
    data : Path
        Folder of cases; a MANIFEST.csv in it or above says which are `train` and which `dev`.
    start : Path, optional
        ONNX file whose weights the second stage starts from; the first is then left out.

    Returns
    -------
    dict
        What training.json holds.

    Raises
    ------
    NothingToRead
        There is no case to train on.
    ModelRefused
        `start` holds another network's weights.
    """
    begun = time.monotonic()
    torch.manual_seed(plan.seed)
    network = GliomaNetwork(plan.widths)
    patients = patient_cases(data, "train", say, plan.patients)
    report: dict[str, Any] = {"start": start.name if start else None, "plan": asdict(plan), "stages": {}}
    if start is not None:
        read_weights(network, start)
    else:
        say("stage 1: patches")
        at = time.monotonic()
        curve = train_on_patches(network, patients, plan.patches, seed=plan.seed, device=device, say=say)
        report["stages"]["1_patches"] = _stage(curve, at, device)
    mirrored = [half for half in map(tumour_free_half, patients) if half is not None]
    synthetic = synthetic_cases(range(FIRST_SEED, FIRST_SEED + plan.synthetic), plan.synthetic_free, say)
    everything = [*patients, *mirrored, *synthetic]
    for name, part, whole in (("2a_patches", plan.careful_patches, False), ("2b_whole_heads", plan.heads, True)):
        say(f"stage {name}")
        at = time.monotonic()
        curve = train_on_heads(
            network, everything, part, whole=whole, seed=plan.seed + 1 + whole, device=device, say=say
        )
        report["stages"][name] = _stage(curve, at, device)
    report["cases"] = [{"case": c.name, "source": c.source, "sequences": sum(c.present)} for c in everything]
    report["onnx"] = {"opset": OPSET, "difference_from_torch": export_network(network, out / "model.onnx")}
    say("measuring")
    report["dev"] = evaluated_cases(network, patient_cases(data, "dev", say, plan.dev))
    report["tumour_free"] = evaluated_cases(network, _unseen_free_heads(plan, say))
    report["parameters"] = sum(p.numel() for p in network.parameters())
    report["versions"] = {"python": platform.python_version(), "torch": torch.__version__}
    report["seconds"] = round(time.monotonic() - begun)
    (out / "training.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def _unseen_free_heads(plan: Plan, say: Say) -> list[TrainingCase]:
    """Tumour-free heads of seeds that no stage trained on."""
    first = FIRST_SEED + plan.synthetic
    count = min(4, plan.synthetic_free)
    return synthetic_cases(range(first, first + count), count, say)


def _stage(curve: list[dict[str, float]], begun: float, device: str) -> dict[str, Any]:
    return {"minutes": round((time.monotonic() - begun) / 60, 1), "device": device, "curve": curve}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; exit code 0 where model.onnx was written, else 1."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.recipes.train_glioma", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of cases")
    parser.add_argument("--out", type=Path, required=True, help="folder for model.onnx and training.json")
    parser.add_argument("--start", type=Path, help="ONNX file from whose weights the second stage starts")
    parser.add_argument("--quick", action="store_true", help="a few steps of each stage, to try the code")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args(arguments)

    def say(words: str) -> None:
        sys.stderr.write(f"{words}\n")

    plan = Plan.quick() if given.quick else Plan()
    try:
        report = train_glioma(given.data, given.out, plan, start=given.start, device=given.device, say=say)
    except OverreadError as error:
        say(str(error))
        return 1
    say(f"model.onnx and training.json in {given.out.name}, {report['seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
