"""The slices of a DICOM file: one of a classic file, one a frame of an enhanced one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from pydicom import Dataset
from pydicom.multival import MultiValue

from ..errors import MosaicRefused
from .directions import right_angled
from .headers import DicomHeader, number, numbers, text
from .mosaics import Tile, is_mosaic, private_value, tiles_of
from .refusals import bad_geometry

__all__ = ["SPLITTERS", "ImageSlice", "slices_of"]

SPLITTERS = (
    "echo", "temporal_position", "b_value", "image_type", "inversion_time", "stack", "acquisition", "dimension_index", "instance_file",
)  # fmt: skip
"""Traits by which one series may hold several volumes, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class ImageSlice:
    """One plane of pixels and where it lies.

    Attributes
    ----------
    frame : int
        Number of the frame in its file, from 0.
    position : (3,) float64 or None
        Centre of the first pixel, LPS millimetres; None where missing, perhaps not finite.
    orientation : (6,) float64 or None
        Directions of a row and of a column, as ImageOrientationPatient has them, without its rounding.
    pixel_spacing : (2,) float64 or None
        Millimetres between rows, then between columns.
    traits : dict
        Values of `SPLITTERS`, as text.
    """

    header: DicomHeader
    frame: int
    position: np.ndarray | None
    orientation: np.ndarray | None
    pixel_spacing: np.ndarray | None
    thickness_mm: float | None
    slope: float
    intercept: float
    traits: dict[str, str] = field(default_factory=dict)
    timing: tuple[float | None, float | None, float | None] = (None, None, None)
    """Echo, repetition and inversion time in milliseconds."""
    scanning: str = ""
    """Kinds of pulse sequence as ScanningSequence has them: SE, GR, IR, EP."""
    tile: Tile | None = None
    """Its place in a mosaic's picture."""

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the slice."""
        if self.tile is None:
            return self.header.size
        return (self.tile.rows.stop - self.tile.rows.start, self.tile.columns.stop - self.tile.columns.start)

    @property
    def name(self) -> str:
        """The file's base name."""
        return self.header.path.name


def slices_of(header: DicomHeader) -> tuple[ImageSlice, ...]:
    """The file's slices in their order in the file; geometry that is missing stays None.

    Raises
    ------
    BadGeometry
        The functional groups of an enhanced object can't be read.
    MosaicRefused
        A mosaic that can't be taken apart.
    """
    try:
        return _slices(header)
    except MosaicRefused:
        raise
    except Exception as exc:  # a damaged sequence makes the library fail in many ways
        raise bad_geometry([header.path], "The part of its header that says where its frames lie is damaged.") from exc


def _slices(header: DicomHeader) -> tuple[ImageSlice, ...]:
    if "PerFrameFunctionalGroupsSequence" in header.data or "SharedFunctionalGroupsSequence" in header.data:
        return tuple(_enhanced(header))
    if is_mosaic(header):
        picture = _slice(header, 0, (header.data,))
        return tuple(replace(picture, position=tile.position, tile=tile) for tile in tiles_of(header))
    return tuple(_slice(header, frame, (header.data,)) for frame in range(header.frames))


def _enhanced(header: DicomHeader) -> Iterator[ImageSlice]:
    shared = _first(header.data, "SharedFunctionalGroupsSequence")
    per_frame = header.data.get("PerFrameFunctionalGroupsSequence") or []
    shared_items = _items(shared) if shared is not None else ()
    for frame in range(header.frames):
        own = _items(per_frame[frame]) if frame < len(per_frame) else ()
        yield _slice(header, frame, (*own, *shared_items, header.data))


def _first(data: Dataset, keyword: str) -> Dataset | None:
    sequence = data.get(keyword)
    return sequence[0] if sequence else None


def _items(group: Dataset) -> tuple[Dataset, ...]:
    """The first items of a functional group's sequences; diffusion's direction is not needed."""
    return tuple(element.value[0] for element in group if element.VR == "SQ" and element.value)


def _array(places: tuple[Dataset, ...], keyword: str, count: int) -> np.ndarray | None:
    for place in places:
        found = numbers(place, keyword, count)
        if found is not None:
            return np.array(found, dtype=np.float64)
    return None


def _number(places: tuple[Dataset, ...], *keywords: str) -> float | None:
    for place in places:
        for keyword in keywords:
            found = number(place, keyword)
            if found is not None:
                return found
    return None


def _text(places: tuple[Dataset, ...], *keywords: str) -> str:
    for place in places:
        for keyword in keywords:
            found = text(place, keyword)
            if found:
                return found
    return ""


def _slice(header: DicomHeader, frame: int, places: tuple[Dataset, ...]) -> ImageSlice:
    slope, intercept = _number(places, "RescaleSlope"), _number(places, "RescaleIntercept")
    orientation = _array(places, "ImageOrientationPatient", 6)
    echo = _number(places, "EffectiveEchoTime", "EchoTime")
    inversion = _number(places, "InversionTimes", "InversionTime")
    traits = {
        "echo": "" if echo is None else f"{echo:g}",
        "temporal_position": _text(places, "TemporalPositionIndex", "TemporalPositionIdentifier"),
        "b_value": _text(places, "DiffusionBValue") or _private_b_value(header.data),
        "image_type": _text(places, "FrameType", "ImageType"),
        "inversion_time": "" if inversion is None else f"{inversion:g}",
        "stack": _text(places, "StackID"),
        "acquisition": _text(places, "FrameAcquisitionNumber", "AcquisitionNumber"),
        "dimension_index": _dimension_index(header.data, places),
        "instance_file": header.instance_uid if header.frames > 1 or is_mosaic(header) else "",
    }
    return ImageSlice(
        header=header,
        frame=frame,
        position=_array(places, "ImagePositionPatient", 3),
        orientation=None if orientation is None else right_angled(orientation),
        pixel_spacing=_array(places, "PixelSpacing", 2),
        thickness_mm=_number(places, "SliceThickness"),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        traits=traits,
        timing=(echo, _number(places, "RepetitionTime"), inversion),
        scanning=_scanning(places),
    )


_B_VALUES = (
    (0x0019, "SIEMENS MR HEADER", 0x0C),
    (0x2001, "Philips Imaging DD 001", 0x03),
    (0x0043, "GEMS_PARM_01", 0x39),
)
_POSITIONAL = {0x00209057, 0x00200032, 0x00209113, 0x00201041}
"""Dimensions that count slices: in-stack position, position, its sequence, slice location."""


def _private_b_value(data: Dataset) -> str:
    """Diffusion weighting where manufacturers had no standard element for it, or ''."""
    for group, creator, element in _B_VALUES:
        if (group, 0x0010) not in data:
            continue
        value = private_value(data, group, creator, element)
        first = value[0] if isinstance(value, MultiValue | list) and value else value
        try:
            return f"{float(first) % 1e9:g}"  # GE adds 1e9 to what it means
        except (TypeError, ValueError):
            continue
    return ""


def _dimension_index(data: Dataset, places: tuple[Dataset, ...]) -> str:
    """A frame's DimensionIndexValues without those that count slices, joined; '' where there is none."""
    values = next((found for place in places if (found := numbers(place, "DimensionIndexValues"))), None)
    if values is None:
        return ""
    pointers = [int(item.get("DimensionIndexPointer", 0)) for item in data.get("DimensionIndexSequence") or ()]
    if len(pointers) != len(values):
        return ""
    return " ".join(f"{value:g}" for value, tag in zip(values, pointers, strict=True) if tag not in _POSITIONAL)


def _scanning(places: tuple[Dataset, ...]) -> str:
    """ScanningSequence, or what enhanced objects have instead of it."""
    said = _text(places, "ScanningSequence")
    if said:
        return said
    kinds = ["EP"] if _text(places, "EchoPlanarPulseSequence").upper() == "YES" else []
    echo = _text(places, "EchoPulseSequence").upper()
    return "\\".join(
        kinds + [word for word, name in (("GR", "GRADIENT"), ("SE", "SPIN")) if name in echo or echo == "BOTH"]
    )
