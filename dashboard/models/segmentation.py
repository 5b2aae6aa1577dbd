"""A segmentation network over the sequences of a study, on the network's own grid."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain import BoolVolume, Float32Array, ProbabilityMaps
from ..errors import EngineFailed, GuardFailed, NoSequenceForModel
from ..files import canonical_digest
from .engines import OutOfMemory, open_engines
from .guards import air_around_brain, apply_guards
from .manifest import Manifest
from .network import SegmentationNetwork
from .registry import Model
from .tensors import MaskOutput, VolumeInput
from .tiles import in_tiles

__all__ = ["Segmentation", "segment"]

Progress = Callable[[int, int, str], None]
_FALLBACK_TILES = (128, 96, 64)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a network says of one study, on the grid that it was given.

    Attributes
    ----------
    probability : (region, i, j, k) float32
        0 to 1, uncalibrated unless the manifest says how; 0 outside the brain's box and in regions not evaluated.
    evaluated : tuple of bool
        Per region; False where a sequence that it needs is absent.
    settings : dict
        What made this result, for its identity: manifest, sequences, tile. No time, no provider.
    provider : str
        Which engine ran where.
    """

    probability: ProbabilityMaps
    evaluated: tuple[bool, ...]
    settings: dict[str, Any]
    warnings: tuple[str, ...]
    provider: str
    seconds: float


def segment(
    model: Model,
    channels: Float32Array,
    present: Sequence[bool],
    spacing_mm: Sequence[float],
    *,
    brain: BoolVolume | None = None,
    device: str = "auto",
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> Segmentation:
    """Segment a study whose sequences lie on the network's grid already.

    Parameters
    ----------
    channels : (sequence, i, j, k) float32
        In the manifest's order, unnormalised; what stands in absent ones does not matter.
    present : sequence of bool
        Which of them are there.
    spacing_mm : three floats
        Of the grid; 'native' models get the study's own.
    brain : (i, j, k) bool, optional
        For models whose `brain_mask` is given.

    Raises
    ------
    NoSequenceForModel
        A sequence that the model can't do without is absent.
    InputGuard
        A measure of the input lies outside the manifest's limit, or there is no signal at all.
    EngineFailed, ModelDigestMismatch, UnsafeModel, MissingExtra
        The network can't be run.
    """
    started = time.monotonic()
    manifest = model.manifest
    reads = manifest.input
    assert isinstance(reads, VolumeInput)
    names = [entry.name for entry in reads.sequences]
    given = [name for name, known in zip(names, present, strict=True) if known]
    _check_sequences(manifest, reads, present)
    assert isinstance(manifest.output, MaskOutput)
    evaluated = tuple(region.is_evaluated_with(given) for region in manifest.output.regions)
    if not any(evaluated):
        raise _not_enough(manifest, " or ".join(manifest.output.regions[0].needed[0]))
    there = [channel for channel, known in zip(channels, present, strict=True) if known]
    inside = brain if reads.brain_mask == "given" and brain is not None else _any_nonzero(there)
    if reads.brain_mask == "given" and brain is None:
        raise GuardFailed(f"{manifest.title} was not run.", "It needs a mask of the brain.", "Give one with the study.")
    if not inside.any():
        raise GuardFailed(f"{manifest.title} was not run.", "The sequences hold no signal.", "Check the study's files.")
    wanted = {guard.measure for guard in manifest.guard}
    measures = {"air_around_brain": air_around_brain(there, spacing_mm)} if "air_around_brain" in wanted else {}
    warnings = list(apply_guards(manifest, measures))
    if on_progress:
        on_progress(0, 1, "Preparing the network")
    engines = open_engines(model, device=device, threads=threads)
    box = _box_of(inside)
    image = np.zeros((len(names), *(s.stop - s.start for s in box)), dtype=np.float32)
    for number, known in enumerate(present):
        if known:
            image[number] = _normalised(channels[number], inside, reads.normalisation)[box]
    network = SegmentationNetwork(manifest, engines)
    found, tile = _predicted(network, reads, image, warnings, on_progress)
    probability = np.zeros((len(evaluated), *channels.shape[1:]), dtype=np.float32)
    for number, known in enumerate(evaluated):
        if known:
            probability[(number, *box)] = found[number]
    settings = {
        "manifest": canonical_digest(manifest.model_dump(mode="json")),
        "sequences": given,
        "tile": tile,
    }
    return Segmentation(
        probability, evaluated, settings, tuple(warnings), engines[0].provider, time.monotonic() - started
    )


def _check_sequences(manifest: Manifest, reads: VolumeInput, present: Sequence[bool]) -> None:
    absent = [entry for entry, known in zip(reads.sequences, present, strict=True) if not known]
    needed = absent if reads.missing == "refuse" else [entry for entry in absent if entry.required]
    if needed or len(absent) == len(reads.sequences):
        words = ", ".join(entry.name for entry in needed or absent)
        raise _not_enough(manifest, words)


def _not_enough(manifest: Manifest, words: str) -> NoSequenceForModel:
    return NoSequenceForModel(
        f"{manifest.title} was not run.",
        f"The study has no {words}, which the model needs.",
        "Read the study without it, or name a series' sequence where it was not recognised.",
    )


def _any_nonzero(sequences: list[Float32Array]) -> BoolVolume:
    inside = np.zeros(sequences[0].shape, dtype=bool)
    for sequence in sequences:
        inside |= sequence != 0
    return inside


def _box_of(inside: BoolVolume) -> tuple[slice, slice, slice]:
    slices = []
    for axis in range(3):
        along = np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis)))
        slices.append(slice(int(along[0]), int(along[-1]) + 1))
    return tuple(slices)  # type: ignore[return-value]


def _normalised(volume: Float32Array, inside: BoolVolume, how: str) -> Float32Array:
    """The sequence as the network saw it in training; outside the brain 0, except where it is left as it is."""
    if how == "none":
        return volume.astype(np.float32)
    values = (volume.ravel() if how == "zscore" else volume[inside]).astype(np.float64)
    if how == "percentile":
        low, high = np.percentile(values, (1, 99))
        scaled = np.clip((volume - low) / max(high - low, 1e-8), 0, 1)
    else:
        scaled = (volume - values.mean()) / max(float(values.std()), 1e-8)
    return (scaled if how == "zscore" else np.where(inside, scaled, 0)).astype(np.float32)


def _predicted(
    network: SegmentationNetwork,
    reads: VolumeInput,
    image: Float32Array,
    warnings: list[str],
    on_progress: Progress | None,
) -> tuple[ProbabilityMaps, int]:
    """In one piece or in tiles, as the manifest says; in smaller tiles where memory does not suffice."""
    multiple = reads.pad_multiple
    smaller = [max(multiple, t // multiple * multiple) for t in _FALLBACK_TILES]
    for tile in [reads.tile, *(t for t in smaller if not reads.tile or t < reads.tile)]:
        try:
            found = in_tiles(network.probability, image, tile, reads.overlap, multiple, on_progress)
        except OutOfMemory:
            continue
        if tile != reads.tile:
            whole = "in one piece" if not reads.tile else f"in tiles of {reads.tile}"
            warnings.append(
                f"Predicted in tiles of {tile} voxels because memory did not suffice {whole}: "
                "the network was not made for that, and marks may differ."
            )
        return found, tile
    raise EngineFailed(
        "The study was not segmented.",
        "Memory does not suffice, even in small tiles.",
        "Close other programs, or use a machine with more memory.",
    )
