"""DICOM segmentations in: binary, fractional and label map, placed by the geometry of their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from pydicom import Dataset

from ..domain import Affine, spacing_of
from ..errors import BadGeometry, CodecMissing, ImagingRefused, NonUniformSpacing, TooLarge
from .foreign import ForeignMask, ForeignResult, refusal_words
from .result_codes import property_of

__all__ = ["SEGMENTATION_CLASSES", "read_segmentation"]

SEGMENTATION_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage and Label Map Segmentation Storage."""

_MAX_VOXELS = 2_000_000_000
_SAME_MM = 0.02
_SAME_DIRECTION = 2e-3
_OURS = ("whole_tumour", "tumour_core", "enhancing_tumour")


@dataclass(frozen=True, eq=False)
class _Frame:
    position: np.ndarray
    orientation: np.ndarray
    spacing: np.ndarray
    segment: int
    number: int


def read_segmentation(data: Dataset, name: str, grid_affine: Affine | None = None) -> ForeignResult:
    """Read a DICOM SEG as masks on the grid of its own frames; frames that were left out are empty.

    A fractional one is cut at one half of its maximum. Slices lie as far apart as the file says; where it does not,
    as far apart as the study's, or as those frames that are there.

    Parameters
    ----------
    data : Dataset
        With its pixels.
    name : str
        The file's base name, for messages.
    grid_affine : (4, 4) float64 or None
        Of the study, for a file that does not say how far apart its slices lie.

    Raises
    ------
    BadGeometry
        Position, orientation or spacing of a frame are missing or contradict those of others.
    NonUniformSpacing
        Its slices are not evenly spaced.
    ImagingRefused
        It is not in patient space (whole slide), or its description of segments is damaged.
    CodecMissing
        Its pixels can't be decoded.

    Notes
    -----
    PS3.3 A.51 and C.8.20; axes of the masks are (column, row, slice).
    """
    kind = "labelmap" if "66.7" in str(data.get("SOPClassUID")) else str(data.get("SegmentationType", "")).lower()
    if kind not in ("binary", "fractional", "labelmap"):
        raise ImagingRefused(refusal_words(name), "It does not say whether it is binary or fractional.", _AGAIN)
    frames = _frames(data, name, kind)
    affine, slots = _grid(frames, data, name, grid_affine)
    columns, rows = int(data.Columns), int(data.Rows)
    segments = _segments(data, name)
    shape = (columns, rows, max(slots) + 1)
    if int(np.prod(shape)) * max(len(segments), 1) > _MAX_VOXELS:
        raise TooLarge(refusal_words(name), "It holds more voxels than can be looked through.", _AGAIN)
    pixels = _pixels(data, name)
    cut = _threshold(data) if kind == "fractional" else 1
    masks: dict[int, np.ndarray] = {number: np.zeros(shape, bool) for number in segments}
    for frame, slot in zip(frames, slots, strict=True):
        plane = pixels[frame.number].T
        if kind == "labelmap":
            for number in np.unique(plane):
                if int(number) in masks:
                    masks[int(number)][:, :, slot] |= plane == number
        elif frame.segment in masks:
            masks[frame.segment][:, :, slot] |= plane >= cut
    return ForeignResult(
        masks=tuple(_named(segments[number], mask, data) for number, mask in masks.items()),
        affine=affine,
        frame_uid=str(data.get("FrameOfReferenceUID", "") or ""),
        kind=kind,
    )


_AGAIN = "Export it again as a DICOM segmentation of this series, or as a NIfTI label map."


def _threshold(data: Dataset) -> float:
    return float(data.get("MaximumFractionalValue", 255)) / 2


def _pixels(data: Dataset, name: str) -> np.ndarray:
    """(frame, row, column)."""
    try:
        pixels = np.asarray(data.pixel_array)
    except Exception as exc:  # decoders fail in many ways
        raise CodecMissing(
            refusal_words(name),
            "Its pixels can't be decoded here.",
            'Install the codecs: pip install "overread[codecs]".',
        ) from exc
    return pixels[None] if pixels.ndim == 2 else pixels


def _segments(data: Dataset, name: str) -> dict[int, Dataset]:
    try:
        found = {int(item.SegmentNumber): item for item in data.SegmentSequence}
    except Exception as exc:
        raise ImagingRefused(refusal_words(name), "Its list of segments is damaged or missing.", _AGAIN) from exc
    found.pop(0, None)  # a label map's background
    return found


def _named(segment: Dataset, mask: np.ndarray, data: Dataset) -> ForeignMask:
    """Coded meaning before free text, which may hold anything; of our own files the code is the region."""
    types = segment.get("SegmentedPropertyTypeCodeSequence") or []
    code = str(types[0].get("CodeValue", "")) if types else ""
    meaning = str(types[0].get("CodeMeaning", "")) if types else ""
    region = ""
    if str(data.get("Manufacturer", "")) == "Overread":
        region = next((one for one in _OURS if property_of(one).value == code), "")
    return ForeignMask(meaning or str(segment.get("SegmentLabel", "")) or "segment", mask, region)


def _frames(data: Dataset, name: str, kind: str) -> list[_Frame]:
    shared = _first(data, "SharedFunctionalGroupsSequence")
    try:
        groups = list(data.get("PerFrameFunctionalGroupsSequence") or [])
        return [_frame(group, shared, number, kind) for number, group in enumerate(groups)] or _fail(name)
    except ImagingRefused:
        raise
    except Exception as exc:  # a damaged sequence fails in many ways
        raise BadGeometry(
            refusal_words(name), "Position, orientation or spacing of its frames are missing or damaged.", _AGAIN
        ) from exc


def _fail(name: str) -> list[_Frame]:
    raise ImagingRefused(refusal_words(name), "It has no frames that lie in a patient.", _AGAIN)


def _frame(group: Dataset, shared: Dataset | None, number: int, kind: str) -> _Frame:
    orient = _item(group, shared, "PlaneOrientationSequence")
    measures = _item(group, shared, "PixelMeasuresSequence")
    place = _item(group, shared, "PlanePositionSequence")
    segment = 0 if kind == "labelmap" else int(
        _item(group, shared, "SegmentIdentificationSequence").ReferencedSegmentNumber
    )  # fmt: skip
    frame = _Frame(
        position=np.array([float(x) for x in place.ImagePositionPatient]),
        orientation=np.array([float(x) for x in orient.ImageOrientationPatient]),
        spacing=np.array([float(x) for x in measures.PixelSpacing]),
        segment=segment,
        number=number,
    )
    whole = np.concatenate([frame.position, frame.orientation, frame.spacing])
    if not np.isfinite(whole).all() or len(whole) != 11 or frame.spacing.min() <= 0:
        raise ValueError("not finite")
    return frame


def _item(group: Dataset, shared: Dataset | None, keyword: str) -> Any:
    found = _first(group, keyword)
    return found if found is not None else _first(shared, keyword)


def _first(data: Dataset | None, keyword: str) -> Dataset | None:
    sequence = data.get(keyword) if data is not None else None
    return sequence[0] if sequence else None


def _grid(frames: Sequence[_Frame], data: Dataset, name: str, grid_affine: Affine | None) -> tuple[Affine, list[int]]:
    """The affine of (column, row, slice), and each frame's slice."""
    first = frames[0]
    for frame in frames:
        if np.abs(frame.orientation - first.orientation).max() > _SAME_DIRECTION:
            raise BadGeometry(refusal_words(name), "Its frames lie in different directions.", _AGAIN)
        if np.abs(frame.spacing - first.spacing).max() > 1e-3:
            raise BadGeometry(refusal_words(name), "Its frames have different pixel spacings.", _AGAIN)
    row, column = first.orientation[:3], first.orientation[3:]
    lengths = np.linalg.norm([row, column], axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(row @ column) > 0.01:
        raise BadGeometry(refusal_words(name), "Its rows and columns are not at right angles.", _AGAIN)
    normal = np.cross(row, column)
    positions = np.array([frame.position for frame in frames])
    heights = positions @ normal
    lowest = int(heights.argmin())
    sideways = positions - positions[lowest] - np.outer(heights - heights[lowest], normal)
    if np.abs(sideways).max() > max(_SAME_MM, 0.05 * float(first.spacing.min())):
        raise BadGeometry(refusal_words(name), "Its frames are shifted sideways against each other.", _AGAIN)
    step = _step(heights, normal, data, name, grid_affine)
    slots = np.round((heights - heights[lowest]) / step).astype(int)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = row * first.spacing[1], column * first.spacing[0], normal * step
    affine[:3, 3] = positions[lowest]
    return affine, [int(slot) for slot in slots]


def _step(heights: np.ndarray, normal: np.ndarray, data: Dataset, name: str, grid_affine: Affine | None) -> float:
    """Millimetres from slice to slice: the first that fits all frames of what the file says, the study, the frames."""
    shared = _first(data, "SharedFunctionalGroupsSequence")
    per_frame = (data.get("PerFrameFunctionalGroupsSequence") or [None])[0]
    measures = _first(shared, "PixelMeasuresSequence") or _first(per_frame, "PixelMeasuresSequence")
    levels = np.unique(np.round(heights - heights.min(), 3))
    said = [measures.get("SpacingBetweenSlices")] if measures is not None else []
    if grid_affine is not None:
        along = [axis for axis in range(3) if abs(normal @ np.asarray(grid_affine)[:3, axis]) > 0]
        spacing = spacing_of(grid_affine)
        said += [spacing[a] for a in along if abs(normal @ np.asarray(grid_affine)[:3, a]) > 0.999 * spacing[a]]
    gaps = [float(b - a) for a, b in pairwise(levels)]
    said += [min(gaps)] if gaps else []
    said += [measures.get("SliceThickness")] if measures is not None else []
    for candidate in said:
        step = abs(float(candidate)) if candidate else 0.0
        if step > 0 and np.abs(levels / step - np.round(levels / step)).max() * step < max(_SAME_MM, 0.02 * step):
            return step
    if len(levels) == 1:
        raise BadGeometry(refusal_words(name), "It does not say how thick its one slice is.", _AGAIN)
    raise NonUniformSpacing(refusal_words(name), "Its slices are not evenly spaced.", _AGAIN)
