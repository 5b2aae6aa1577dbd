"""Siemens mosaics: many slices tiled into one picture, and where each tile lies."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from pydicom import Dataset

from .directions import right_angled
from .headers import DicomHeader, number, numbers, text
from .refusals import mosaic

__all__ = ["Tile", "is_mosaic", "private_value", "tiles_of"]

_CSA, _MR = "SIEMENS CSA HEADER", "SIEMENS MR HEADER"
_POSITION = re.compile(rb"sSliceArray\.asSlice\[(\d+)\]\.sPosition\.d(Sag|Cor|Tra)\s*=\s*(-?[\d.]+(?:e[-+]?\d+)?)")
_COUNT = re.compile(rb"sSliceArray\.lSize\s*=\s*(0x[0-9a-fA-F]+|\d+)")
_WORLD = {b"Sag": 0, b"Cor": 1, b"Tra": 2}


@dataclass(frozen=True, slots=True)
class Tile:
    """One slice within the picture.

    Attributes
    ----------
    rows, columns : slice
        Where it stands in the picture.
    position : (3,) float64
        Centre of its first pixel, LPS millimetres.
    """

    rows: slice
    columns: slice
    position: np.ndarray


def is_mosaic(header: DicomHeader) -> bool:
    """Whether ImageType says so, or what is left of a header that was stripped of it.

    A picture of tiles that is taken for one slice would be a head of heads at the wrong place. Echo planar pictures are
    interpolated to twice their matrix at most; three times as large, they are tiled.
    """
    if "MOSAIC" in header.image_type:
        return True
    if header.frames > 1 or "SIEMENS" not in text(header.data, "Manufacturer").upper():
        return False
    stated = private_value(header.data, 0x0019, _MR, 0x0A) if (0x0019, 0x0010) in header.data else None
    if isinstance(stated, int) and stated > 1:
        return True
    matrix = max(numbers(header.data, "AcquisitionMatrix", 4) or (0,))
    echo_planar = "EP" in text(header.data, "ScanningSequence").upper()
    return echo_planar and matrix > 0 and min(header.size) >= 3 * matrix


def tiles_of(header: DicomHeader) -> tuple[Tile, ...]:
    """The slices of a mosaic in the order of their tiles.

    The number of tiles and the direction in which they run come from the private CSA header. Where the protocol that
    it holds lists the slices' own positions, the first tile must be the first or the last of them, and the direction
    is theirs: a protocol with reversed image numbers runs against its normal.

    Raises
    ------
    MosaicRefused
        The number of slices, their direction or their distance is not stated, or contradicts the picture.

    Notes
    -----
    ImagePositionPatient of a mosaic is that of a single slice as large as the picture and with the slice's own middle.
    """
    orientation, spacing, corner = (
        numbers(header.data, "ImageOrientationPatient", 6),
        numbers(header.data, "PixelSpacing", 2),
        numbers(header.data, "ImagePositionPatient", 3),
    )
    csa = _csa(header.data)
    count = _first(csa, "NumberOfImagesInMosaic") or private_value(header.data, 0x0019, _MR, 0x0A)
    if orientation is None or spacing is None or corner is None:
        raise mosaic([header.path], "It states no position, orientation or pixel spacing.")
    if not count or count != int(count) or not 0 < count < 1024:
        raise mosaic([header.path], "It does not say how many slices are tiled into the picture.")
    count = int(count)
    across = ceil(sqrt(count))
    rows, columns = header.size[0] // across, header.size[1] // across
    if header.frames > 1 or header.size != (rows * across, columns * across) or 0 in (rows, columns):
        raise mosaic([header.path], f"A picture of its size can't hold {count} tiles.")
    along, down = right_angled(np.array(orientation)).reshape(2, 3)
    first = (
        np.array(corner)
        + along * spacing[1] * (header.size[1] - columns) / 2
        + down * spacing[0] * (header.size[0] - rows) / 2
    )
    middle = first + along * spacing[1] * columns / 2 + down * spacing[0] * rows / 2
    step = _step(header, csa, count, np.cross(along, down), middle)
    return tuple(
        Tile(slice(y * rows, (y + 1) * rows), slice(x * columns, (x + 1) * columns), first + step * n)
        for n, (y, x) in enumerate(divmod(n, across) for n in range(count))
    )


def _step(header: DicomHeader, csa: dict, count: int, normal: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """The vector from one tile's slice to the next, along or against the normal."""
    if count == 1:
        return normal * 0
    stated = number(header.data, "SpacingBetweenSlices")
    listed = _listed_positions(header.data, count)
    if listed is not None and np.ptp((listed[1:] - listed[:-1]) @ normal) < 0.01:
        between = float((listed[1] - listed[0]) @ normal)
        if stated is not None and abs(abs(between) - abs(stated)) > 0.01:
            raise mosaic([header.path], "Its header names two different distances between its slices.")
        away = np.abs((listed[[0, -1]] - middle) @ normal)
        if min(away) < abs(between) / 4:
            return normal * between * (1 if away[0] < away[1] else -1)
    stated = stated if stated is not None else listed is not None and abs(float((listed[1] - listed[0]) @ normal))
    if not stated or not np.isfinite(stated) or stated <= 0:
        raise mosaic([header.path], "It does not say how far apart its slices lie.")
    said = csa.get("SliceNormalVector", {}).get("items") or []
    if len(said) != 3 or abs(abs(np.array(said, dtype=float) @ normal) - 1) > 0.01:
        raise mosaic([header.path], "It does not say in which direction its slices run.")
    if _first(csa, "ProtocolSliceNumber"):
        raise mosaic([header.path], "Its slices are numbered backwards, and nothing confirms where they lie.")
    return normal * stated * (1 if np.array(said, dtype=float) @ normal > 0 else -1)


def _csa(data: Dataset) -> dict:
    """Tags of the CSA image header; empty where it is missing or damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nibabel.nicom.csareader import read

    raw = private_value(data, 0x0029, _CSA, 0x10)
    try:
        return read(raw)["tags"] if isinstance(raw, bytes) else {}
    except Exception:  # a damaged header counts as absent, and what needs it says so
        return {}


def _first(csa: dict, name: str) -> float | None:
    items = csa.get(name, {}).get("items") or []
    return float(items[0]) if items and isinstance(items[0], int | float) else None


def _listed_positions(data: Dataset, count: int) -> np.ndarray | None:
    """(count, 3) middles of the slices as the protocol in the CSA series header lists them, LPS; None where not all."""
    raw = private_value(data, 0x0029, _CSA, 0x20)
    if not isinstance(raw, bytes):
        return None
    stated = _COUNT.search(raw)
    if stated is None or int(stated[1], 0) != count:
        return None
    places, seen = np.zeros((count, 3)), set()
    for slice_number, world, value in _POSITION.findall(raw):
        if int(slice_number) < count:
            places[int(slice_number), _WORLD[world]] = float(value)
            seen.add(int(slice_number))
    return places if len(seen) >= count - 1 else None  # a slice at the very origin names none of its coordinates


def private_value(data: Dataset, group: int, creator: str, element: int) -> object:
    """The value of a private element, or None where it or its creator is missing or unreadable."""
    try:
        return data.private_block(group, creator)[element].value
    except Exception:  # the library fails in many ways on damaged private elements
        return None
