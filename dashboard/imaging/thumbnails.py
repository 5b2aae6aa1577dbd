"""A finding in a picture the size of a stamp."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from ..domain import BitmaskVolume, Finding, Volume, apply_affine, nearest_axes
from ..terms import REGIONS, region_term
from .diameters import axial_axis_of

__all__ = ["png_bytes", "thumbnail"]

_PIXELS = 116
_MIN_MM = 50.0
_MARGIN = 1.3

_ON_SCREEN = {2: ((0, 1), (1, 1)), 1: ((0, 1), (2, -1)), 0: ((1, 1), (2, -1))}
"""By the world axis through the slice: the world axis and sign to the right, then down, on screen."""


def thumbnail(volume: Volume, bits: BitmaskVolume, finding: Finding) -> bytes:
    """A PNG of the finding's key slice, cropped around it, with outlines in the regions' colours.

    The slice is that of its largest diameter, and where it has none, or was not acquired in axial slices, the acquired
    one through `centre_lps`; in true aspect and radiological convention: the patient's right on screen left, front or
    head up, and the face to the left on sagittal slices. 116 x 116 pixels.

    Parameters
    ----------
    volume : Volume
        The grid's series.
    bits : (i, j, k) uint8
        Bitmask of the regions on its grid. Regions marked experimental in the finding are not drawn.

    Raises
    ------
    ValueError
        The finding has no place.
    """
    if finding.box is None or finding.centre_lps is None:
        raise ValueError("a finding without a place has no picture")
    through = volume.through_axis
    axes = nearest_axes(volume.affine)
    number = _key_slice(volume, finding, finding.centre_lps)
    (across, across_sign), (down, down_sign) = _ON_SCREEN[axes[through][0]]
    columns = next(axis for axis in range(3) if axes[axis][0] == across)
    rows = next(axis for axis in range(3) if axes[axis][0] == down)
    picture, marks = (np.moveaxis(np.asarray(array), through, 0)[number] for array in (volume.array, bits))
    if rows > columns:
        picture, marks = picture.T, marks.T
    spacing = volume.spacing_mm
    low, high = np.array(finding.box[0]), np.array(finding.box[1])
    middle = (low + high) / 2
    extent = max((high[a] - low[a] + 1) * spacing[a] for a in (rows, columns))
    field = max(_MIN_MM, float(extent) * _MARGIN)
    steps = (np.arange(_PIXELS) + 0.5) / _PIXELS - 0.5
    at_rows = middle[rows] + steps * field / spacing[rows] * down_sign * axes[rows][1]
    at_columns = middle[columns] + steps * field / spacing[columns] * across_sign * axes[columns][1]
    grey = _grey(_sampled(picture, at_rows, at_columns, order=1), picture)
    drawn = np.repeat(grey[:, :, None], 3, axis=2)
    labels = _sampled(marks, at_rows, at_columns, order=0).astype(np.uint8)
    for bit, colour in _colours(finding):
        drawn[_outline((labels >> bit) & 1 == 1)] = colour
    return png_bytes(drawn)


def _key_slice(volume: Volume, finding: Finding, centre_lps: tuple[float, float, float]) -> int:
    through, sized = volume.through_axis, finding.sized
    if sized is not None and sized.slice_index is not None and axial_axis_of(volume.affine) == through:
        return sized.slice_index
    centre = np.round(apply_affine(np.linalg.inv(volume.affine), np.array(centre_lps))).astype(int)
    return int(np.clip(centre[through], 0, volume.shape[through] - 1))


def _colours(finding: Finding) -> list[tuple[int, tuple[int, int, int]]]:
    """Bit and colour of each region to draw, outermost first."""
    known = [term.name for term in REGIONS]
    found = []
    for place, measure in enumerate(finding.regions):
        if not measure.experimental:
            bit = known.index(measure.name) if measure.name in known else place
            code = region_term(measure.name).colour
            found.append((bit, (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))))
    return found


def _sampled(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray, order: int) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    places = np.meshgrid(rows, columns, indexing="ij")
    values = picture.astype(np.float32) if order else picture
    return map_coordinates(values, places, order=order, mode="grid-constant")


def _grey(values: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Grey levels between the darkest and the 99.5th percentile of what is not air in the slice."""
    bright = picture[picture > 0] if (picture > 0).any() else picture
    low, high = (float(x) for x in np.percentile(bright, (1, 99.5)))
    low = min(low, 0.0) if (picture == 0).mean() > 0.1 else low
    return np.clip((values - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)


def _outline(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask, border_value=1)


def png_bytes(pixels: np.ndarray) -> bytes:
    """An 8-bit RGB PNG (ISO/IEC 15948): signature, IHDR, one IDAT, IEND."""
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
