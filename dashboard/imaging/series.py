"""One DICOM series into volumes: copies dropped, files cut short left out by name, the rest read or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..domain import Issue, Severity, Volume
from ..errors import BadGeometry, NotAnImage, OverreadError
from ..files import array_digest
from ..terms import SEQUENCE_WORDS
from ..terms import Sequence as MrSequence
from .headers import DicomHeader, number, text
from .identity import day_of, frame_pseudonym, without_names
from .pixels import is_cut_short, volume_array
from .refusals import truncated
from .sequences import contrast_agent_of, sequence_from_attributes
from .slices import ImageSlice, slices_of
from .stacks import Stack, stacks_of

__all__ = ["ReadSeries", "ReadVolume", "read_series"]


@dataclass(frozen=True, eq=False)
class ReadVolume:
    """A volume with the UIDs that it came from."""

    volume: Volume
    series_uid: str
    frame_uid: str
    instance_uids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReadSeries:
    """What became of a series: its volumes, files refused by themselves, and copies of files that were read."""

    volumes: tuple[ReadVolume, ...]
    refused: tuple[tuple[Path, OverreadError], ...]
    copies: tuple[Path, ...]


def read_series(headers: Sequence[DicomHeader], on_slices: Callable[[int], None] | None = None) -> ReadSeries:
    """Read the files of one SeriesInstanceUID.

    A file that is cut short is refused by its name and the rest is read; a gap that it leaves is refused as any gap.
    A series that can't be read as a whole is refused with its first file's path.
    """
    ordered = sorted(headers, key=lambda header: (header.instance_uid, str(header.path)))
    lost: dict[Path, OverreadError] = {
        header.path: truncated([header.path], "The file ends before its pixels do.")
        for header in ordered
        if is_cut_short(header)
    }
    whole = [header for header in ordered if header.path not in lost]
    copies: tuple[Path, ...] = ()
    volumes: tuple[ReadVolume, ...] = ()
    try:
        whole, copies = _without_copies(whole, lost, lambda header: (header.instance_uid,))
        thinned = False
        while whole:
            try:
                volumes, broken = _volumes([part for header in whole for part in slices_of(header)], on_slices)
            except BadGeometry:  # perhaps only because slices were sent twice, under other UIDs
                whole, more = _without_copies(whole, lost, _place)
                if thinned or not more:
                    raise
                thinned, copies = True, copies + more
                continue
            lost.update(broken)
            if not broken:
                break
            volumes = ()
            whole = [header for header in whole if header.path not in broken]
    except OverreadError as error:
        lost[min(header.path for header in whole)] = error
        volumes = ()
    missing = _missing(ordered, volumes, lost)
    if missing:
        volumes = tuple(replace(read, volume=_with_loss(read.volume, missing)) for read in volumes)
    if not volumes:
        lost.update((path, _copy_of_nothing(path)) for path in copies)
    return ReadSeries(volumes, tuple(sorted(lost.items())), copies)


def _without_copies(
    headers: list[DicomHeader], lost: dict[Path, OverreadError], same: Callable[[DicomHeader], tuple[object, ...]]
) -> tuple[list[DicomHeader], tuple[Path, ...]]:
    """Of files that are the same to `same` and hold equal values the first stays; those that can't be decoded join `lost`."""
    kept: list[DicomHeader] = []
    copies: list[Path] = []
    groups: dict[tuple[object, ...], list[DicomHeader]] = {}
    for header in headers:
        groups.setdefault(same(header), []).append(header)
    for key, twins in groups.items():
        if len(twins) == 1 or not all(key):
            kept += twins
            continue
        decoded: list[np.ndarray] = []
        for header in twins:
            values, broken = volume_array(slices_of(header))
            lost.update(broken)
            if broken:
                continue
            if any(np.array_equal(values, other) for other in decoded):
                copies.append(header.path)
            else:
                kept.append(header)
                decoded.append(values)
    return kept, tuple(copies)


def _place(header: DicomHeader) -> tuple[object, ...]:
    """Where a file of one slice lies and what tells it from others at its place."""
    if header.frames > 1 or (part := slices_of(header)[0]).position is None or part.orientation is None:
        return (str(header.path),)
    traits = {name: value for name, value in part.traits.items() if name != "instance_file"}
    return (tuple(part.position.round(3)), tuple(part.orientation.round(4)), tuple(traits.items()))


def _volumes(
    slices: Sequence[ImageSlice], on_slices: Callable[[int], None] | None
) -> tuple[tuple[ReadVolume, ...], dict[Path, OverreadError]]:
    volumes: list[ReadVolume] = []
    broken: dict[Path, OverreadError] = {}
    for stack in stacks_of(slices):
        array, lost = volume_array(stack.slices, on_slices)
        broken.update(lost)
        if not lost:
            volumes.append(_volume(stack, array))
    return tuple(volumes), broken


def _volume(stack: Stack, array: np.ndarray) -> ReadVolume:
    first = stack.slices[0]
    data = first.header.data
    frame_uid, issues = text(data, "FrameOfReferenceUID"), stack.issues
    if not frame_uid:
        issues += (
            Issue("no_frame", Severity.WARNING, first.name,
                  "The series names no frame of reference, so it is not shown in line with the others."),
        )  # fmt: skip
    if not np.isfinite(array).all():
        array = np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0)
        issues += (Issue("not_finite", Severity.WARNING, first.name, "Some voxels are not finite and shown as 0."),)
    echo, repetition, inversion = first.timing
    described = text(data, "SeriesDescription") or text(data, "ProtocolName")
    sequence, confidence = sequence_from_attributes(
        description=text(data, "SeriesDescription"),
        protocol=text(data, "ProtocolName"),
        image_type=tuple(part.upper() for part in first.traits["image_type"].split("\\")),
        echo_ms=echo,
        repetition_ms=repetition,
        inversion_ms=inversion,
        contrast_agent=contrast_agent_of(data),
        acquisition_contrast=text(data, "AcquisitionContrast"),
        scanning_sequence=first.scanning,
        b_value=_float(first.traits["b_value"]),
    )
    if sequence is not MrSequence.OTHER and confidence < 0.7:
        issues += (
            Issue("sequence_guessed", Severity.WARNING, first.name,
                  f"That the series is {SEQUENCE_WORDS[sequence]} was told from its timing alone, or against its name.",
                  "Check it before a model's result is believed."),
        )  # fmt: skip
    series_number = number(data, "SeriesNumber")
    array.flags.writeable = False
    volume = Volume(
        array=array,
        affine=stack.affine,
        digest=array_digest(array, stack.affine),
        sequence=sequence,
        description=", ".join(filter(None, (without_names(described, [first.header]), stack.part))),
        frame=frame_pseudonym(first.header.study_uid, frame_uid or first.header.series_uid),
        acquired_on=day_of(data, "AcquisitionDate", "SeriesDate", "StudyDate", "ContentDate"),
        series_number=int(series_number) if series_number is not None and np.isfinite(series_number) else None,
        sequence_confidence=confidence,
        issues=issues,
    )
    instances = tuple(dict.fromkeys(part.header.instance_uid for part in stack.slices))
    return ReadVolume(volume, first.header.series_uid, frame_uid, instances)


def _missing(
    headers: Sequence[DicomHeader], volumes: Sequence[ReadVolume], lost: dict[Path, OverreadError]
) -> list[Path]:
    """Files that could not be read and of which no copy was."""
    read = {uid for found in volumes for uid in found.instance_uids}
    return sorted(header.path for header in headers if header.path in lost and header.instance_uid not in read)


def _copy_of_nothing(path: Path) -> NotAnImage:
    return NotAnImage(
        f"{path.name} was not read.", "It is a copy of a file that was refused.", "See what is said of that file."
    )


def _with_loss(volume: Volume, lost: Sequence[Path]) -> Volume:
    names = ", ".join(path.name for path in lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
    return replace(
        volume,
        issues=(
            *volume.issues,
            Issue("slices_lost", Severity.WARNING, names, "Files of this series could not be read, so slices are missing at an end.",
                  "Copy the series again from its source."),
        ),
    )  # fmt: skip


def _float(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
