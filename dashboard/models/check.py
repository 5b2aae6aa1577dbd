"""Is a model's folder sound? One check after the other, each in a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import OverreadError
from ..files import digest_file
from .engines import OutOfMemory, checked_bytes, open_engines
from .manifest import Manifest, read_manifest
from .network import SegmentationNetwork
from .registry import CARD_NAME, Model
from .scoring import WindowScorer
from .tensors import SignalInput, VolumeInput
from .windows import Window

__all__ = ["Check", "check_model"]

_LONGEST_HEADLINE = 400


@dataclass(frozen=True)
class Check:
    """One thing looked at, whether it is sound, and what was found."""

    name: str
    ok: bool
    what: str


def check_model(folder: Path) -> tuple[Check, ...]:
    """Check a model's folder: manifest, digests, operators, a trial run, card, licence, evaluation.

    Nothing is raised: what is wrong is a check that is not `ok`. Where the manifest is refused, nothing else is looked at;
    where a digest or an operator is, the network is not run.
    """
    try:
        manifest = read_manifest(folder)
    except OverreadError as error:
        return (Check("manifest", False, error.why),)
    checks = [Check("manifest", True, f"schema {manifest.schema_version}, {manifest.id} {manifest.version}")]
    safe = True
    files = [(manifest.file, manifest.sha256), *((member.file, member.sha256) for member in manifest.ensemble)]
    for file, digest in files:
        try:
            data = checked_bytes(folder, file, digest, manifest.title)
            checks.append(
                Check("network", True, f"{file}, {len(data) / 1e6:.1f} MB, digest and operators as they should be")
            )
        except OverreadError as error:
            safe = False
            checks.append(Check("network", False, error.why))
    if safe:
        checks.append(_trial(Model(manifest, manifest.sha256, folder)))
    return (*checks, _card(Model(manifest, manifest.sha256, folder)), _licence(folder), _evaluation(folder, manifest))


def _trial(model: Model) -> Check:
    """Run the network on a little noise: names, shapes and ranges are as the manifest says."""
    manifest = model.manifest
    noise = np.random.default_rng(0)
    try:
        engines = open_engines(model, device="cpu", threads=1)
        if isinstance(manifest.input, VolumeInput):
            edge = manifest.input.tile or -(-32 // manifest.input.pad_multiple) * manifest.input.pad_multiple
            image = noise.normal(size=(len(manifest.input.sequences), edge, edge, edge)).astype(np.float32)
            maps = SegmentationNetwork(manifest, engines).probability(image)
            return Check("trial", True, f"{edge} voxels cubed give {len(maps)} regions")
        return _signal_trial(manifest.input, WindowScorer, manifest, engines, noise)
    except OverreadError as error:
        return Check("trial", False, error.why)
    except OutOfMemory:
        return Check("trial", False, "memory does not suffice for a small input")


def _signal_trial(reads: SignalInput, scorer: type[WindowScorer], manifest: Manifest, engines, noise) -> Check:
    counts = (4, 19) if reads.channels == "any" else (len(reads.channels),)
    for rows in counts:
        signal = noise.normal(0, 20, (rows, round(reads.window_s * reads.rate_hz))).astype(np.float32)
        scorer(manifest, engines, rows, 1).score([Window(0.0, signal), Window(reads.stride_s, signal)])
    return Check("trial", True, f"windows of {' and '.join(map(str, counts))} rows give scores")


def _card(model: Model) -> Check:
    if not (model.folder / CARD_NAME).is_file():
        return Check("card", False, "card.md is not there")
    words = model.headline
    if len(words) > _LONGEST_HEADLINE or words.endswith("empty."):
        return Check("card", False, "the card does not begin with its result and worst case in at most 400 characters")
    return Check("card", True, words)


def _licence(folder: Path) -> Check:
    there = (folder / "LICENSE").is_file()
    return Check("licence", there, "LICENSE is there" if there else "the folder has no LICENSE of its own")


def _evaluation(folder: Path, manifest: Manifest) -> Check:
    if manifest.evaluation is None:
        return Check("evaluation", True, "none is named: the model's results are not known")
    path = folder / manifest.evaluation.file
    if not path.is_file():
        return Check("evaluation", False, f"{manifest.evaluation.file} is not there")
    if digest_file(path) != manifest.evaluation.digest:
        return Check(
            "evaluation", False, f"{manifest.evaluation.file} is not the file whose digest the manifest states"
        )
    try:
        count = _results(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return Check("evaluation", False, f"{manifest.evaluation.file} is not an evaluation")
    return Check("evaluation", count > 0, f"{count} results")


def _results(given: object) -> int:
    """Rows under `cases` or `recordings`, at the top or within a part (a split, a fold)."""
    if not isinstance(given, dict):
        return 0
    own = [given[key] for key in ("cases", "recordings") if isinstance(given.get(key), list)]
    return sum(map(len, own)) + sum(_results(part) for part in given.values())
