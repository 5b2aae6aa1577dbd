"""A model over volumes or a recording, with every array brought to where it belongs. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain import BitmaskVolume, BoolVolume, ProbabilityMaps, Recording, RiskCurve, Volume, foremost
from ..eeg import Event, detector_blocks, detector_labels, risk_events
from ..errors import NoSequenceForModel
from ..imaging import model_grid, reference_volume, resample
from ..models import Detection, Model, Segmentation, detect, mask_bits, segment
from ..terms import Sequence as MrSequence
from .signal_checks import check_signal

__all__ = ["DetectedEvents", "SegmentedVolumes", "detect_events", "segment_volumes", "volumes_for"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class SegmentedVolumes:
    """A segmentation on the reference grid.

    Attributes
    ----------
    grid : Volume
        The series whose grid everything lies on.
    probability : (region, i, j, k) float32
    bits : (i, j, k) uint8
        Regions after threshold, hierarchy and the manifest's clean-up.
    head : (i, j, k) bool
        Where any sequence has signal.
    """

    grid: Volume
    probability: ProbabilityMaps
    bits: BitmaskVolume
    head: BoolVolume
    result: Segmentation
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DetectedEvents:
    """A detector's score over a recording and the events that the manifest's rules make of it."""

    risk: RiskCurve
    events: tuple[Event, ...]
    result: Detection
    checked: Mapping[str, Any]
    """What was measured of the recording for the model's guards."""


def volumes_for(model: Model, volumes: Sequence[Volume]) -> dict[str, Volume]:
    """The volume for each of the model's sequences that is there: the finest voxels, then the smaller digest.

    A series from which another was made, registered or stripped, is represented by that one.
    """
    chosen: dict[MrSequence, Volume] = {}
    for volume in sorted(foremost(volumes), key=lambda v: (float(np.prod(v.spacing_mm)), v.digest)):
        chosen.setdefault(volume.sequence, volume)
    names = [entry.name for entry in model.manifest.input.sequences]
    return {name: chosen[MrSequence(name)] for name in names if MrSequence(name) in chosen}


def segment_volumes(
    model: Model,
    volumes: Sequence[Volume],
    *,
    device: str = "auto",
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> SegmentedVolumes:
    """Segment a study: sequences to the model's grid by affine, the result back to the reference grid.

    Sequences in another frame of reference than the reference grid's are left out with a warning.

    Raises
    ------
    NoSequenceForModel
        None of the model's sequences is there.
    InputGuard
        The model was not made for this input.
    """
    manifest = model.manifest
    wanted = volumes_for(model, volumes)
    if not wanted:
        needed = ", ".join(entry.name for entry in manifest.input.sequences)
        raise NoSequenceForModel(
            f"{manifest.title} was not run.",
            f"The study has none of the sequences that it reads ({needed}).",
            "Read the study without it, or name a series' sequence where it was not recognised.",
        )
    grid = reference_volume(tuple(wanted.values()), tuple(MrSequence(s) for s in manifest.input.grid_of))
    elsewhere = [name for name, volume in wanted.items() if volume.frame != grid.frame]
    warnings = tuple(f"{name} was left out: it lies in another frame of reference" for name in elsewhere)
    affine, shape = model_grid(grid.affine, grid.shape, manifest.input.spacing_mm, manifest.input.orientation)
    names = [entry.name for entry in manifest.input.sequences]
    order = 3 if manifest.input.resample == "cubic" else 1
    channels = np.zeros((len(names), *shape), dtype=np.float32)
    present = tuple(name in wanted and name not in elsewhere for name in names)
    for number, name in enumerate(names):
        if present[number]:
            volume = wanted[name]
            channels[number] = resample(volume.array, volume.affine, affine, shape, order=order)
    result = segment(
        model, channels, present, manifest.input.spacing_mm, device=device, threads=threads, on_progress=on_progress
    )
    probability = np.stack([resample(p, affine, grid.affine, grid.shape, order=1) for p in result.probability])
    head = resample((channels != 0).any(axis=0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
    bits = mask_bits(manifest, probability, result.evaluated, grid.spacing_mm)
    # a stripped series lies on its source's grid, and the source is what a reader wants to see
    shown = next((v for v in volumes if grid.made_how == "brain" and v.digest == grid.made_from), grid)
    used = [volume for name, volume in wanted.items() if name not in elsewhere]
    return SegmentedVolumes(
        shown, probability, bits, head, result, (*warnings, *_made(used, volumes), *result.warnings)
    )


def _made(used: Sequence[Volume], volumes: Sequence[Volume]) -> tuple[str, ...]:
    """What a reader must know of series that were computed."""
    warnings = []
    if names := ", ".join(str(v.sequence) for v in used if "brain" in _how(v, volumes)):
        warnings.append(f"{names}: skull and scalp were taken away by a computed brain mask, check its outline")
    if names := ", ".join(str(v.sequence) for v in used if "aligned" in _how(v, volumes)):
        warnings.append(f"{names}: moved by a registration that a person confirmed")
    return tuple(warnings)


def _how(volume: Volume | None, volumes: Sequence[Volume]) -> set[str]:
    """How a series was made, back to the one that was acquired."""
    found: set[str] = set()
    while volume is not None and volume.made_from:
        found.add(volume.made_how)
        volume = next((v for v in volumes if volume is not None and v.digest == volume.made_from), None)
    return found


def detect_events(
    model: Model,
    recording: Recording,
    *,
    device: str = "auto",
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> DetectedEvents:
    """Score a recording in windows, block by block, and make events of the scores by the manifest's rules.

    Raises
    ------
    TooFewChannels
        The recording has too few usable EEG channels for the model.
    GuardFailed
        Its rate, amplitude or noise is outside the model's limits.

    Notes
    -----
    Flat and saturated stretches of channels are given to no network: rows that need them are not evaluated there.
    """
    manifest = model.manifest
    checks = check_signal(recording, manifest.input)
    result = detect(
        model,
        detector_blocks(recording, manifest.input, left_out=checks.left_out),
        detector_labels(recording, manifest.input),
        recording.duration_s,
        measures=checks.measures,
        named=checks.named,
        device=device,
        threads=threads,
        on_progress=on_progress,
    )
    rules = manifest.events
    events = risk_events(
        result.times_s,
        result.scores,
        step_s=result.step_s,
        on=rules.on,
        off=rules.off,
        min_duration_s=rules.min_duration_s,
        merge_gap_s=rules.merge_gap_s,
        breaks=tuple((gap.onset_s, gap.duration_s) for gap in recording.gaps),
    )
    risk = RiskCurve(result.times_s, result.scores, result.channel_scores, result.channel_labels, result.step_s)
    return DetectedEvents(risk, events, result, checks.kept)
