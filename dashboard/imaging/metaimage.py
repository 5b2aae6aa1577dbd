"""One MetaImage file (.mha) into an array and where it lies. SimpleITK, of the extra `registration`, reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from ..domain import Affine
from ..errors import NotRecognised
from .nifti import MOST_VOXELS, FileVolume, check_affine, placed_or_not, with_small_type
from .refusals import bad_geometry, empty, not_an_image, not_three_dimensional, truncated
from .simpleitk import simpleitk

__all__ = ["read_metaimage"]

_LONGEST_HEADER = 1 << 16
_MATRIX = ("TransformMatrix", "Rotation", "Orientation")
_OFFSET = ("Offset", "Position", "Origin")
_BYTES = {"met_char": 1, "met_uchar": 1, "met_short": 2, "met_ushort": 2, "met_int": 4, "met_uint": 4, "met_long": 4,
          "met_ulong": 4, "met_long_long": 8, "met_ulong_long": 8, "met_float": 4, "met_double": 8}  # fmt: skip


def read_metaimage(path: Path) -> FileVolume:
    """Read one volume from a MetaImage file that holds header and voxels.

    Raises
    ------
    MissingExtra
        SimpleITK is not installed.
    EmptyFile, NotRecognised, TruncatedFile
        The file is no MetaImage, or not all of it is there.
    NotThreeDimensional, NotAnImage, BadGeometry
        It holds several volumes, a plane or colours; or its place can't be trusted.

    Notes
    -----
    MetaImage has no word for its space; ITK and 3D Slicer write LPS, and so it is read. A file without matrix or
    offset states no place: its sides are unknown. A detached header (.mhd) is refused: it may name any file of the disk.
    """
    sitk = simpleitk(f"{path.name} was not read.")
    if path.stat().st_size == 0:
        raise empty(path)
    fields, rest = _header(path)
    shape, spacing = _shape(fields, path), _stated_spacing(fields, path)
    packed = fields.get("CompressedData", "false").lower() != "false"
    if not packed and rest < int(np.prod(shape)) * _BYTES[fields["ElementType"].lower()]:
        raise truncated([path], "The file ends before its voxels do.")
    try:
        image = sitk.ReadImage(str(path), imageIO="MetaImageIO")
        values = sitk.GetArrayFromImage(image).transpose(2, 1, 0)
    except (RuntimeError, ValueError) as exc:
        raise truncated([path], "Its voxels can't be read: the file is damaged or cut short.") from exc
    if values.shape != shape:
        raise _not_meta(path, "its header contradicts itself")
    affine, sides_known, issues = placed_or_not(*_affine(image, fields, spacing, path), path)
    array, more = with_small_type(values, path.name)
    synthetic = "overread synthetic" in fields.get("Comment", "").lower()
    return FileVolume(array, affine, sides_known, synthetic, issues + more)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Fields by their exact names, and how many bytes follow; the last field says that the voxels are in this file.

    It is named once: the library takes the first, however it is written, and would open the file that it names.
    """
    with path.open("rb") as stream:
        raw = stream.read(_LONGEST_HEADER)
    found = re.search(rb"^[ \t]*ElementDataFile[ \t]*=[ \t]*([^\r\n]*)\r?\n?", raw, flags=re.MULTILINE)
    if found is None or b"\0" in raw[: found.start()] or raw[: found.end()].lower().count(b"elementdatafile") != 1:
        raise _not_meta(path, "its content is not MetaImage")
    if path.suffix.lower() == ".mhd" or found[1].strip().upper() != b"LOCAL":
        raise _not_meta(path, "its voxels lie in another file, which is not looked for", "Save it as one file, .mha.")
    fields: dict[str, str] = {}
    for line in raw[: found.start()].decode("latin-1").splitlines():
        name, sign, value = line.partition("=")
        if sign:
            fields[name.strip()] = value.strip()
    return fields, path.stat().st_size - found.end()


def _shape(fields: dict[str, str], path: Path) -> tuple[int, int, int]:
    try:
        sizes = [int(size) for size in fields["DimSize"].split()]
        channels = int(fields.get("ElementNumberOfChannels", "1"))
        kind = fields["ElementType"].lower()
        dimensions = int(fields["NDims"])
    except (KeyError, ValueError) as exc:
        raise _not_meta(path, "its header is damaged") from exc
    if fields.get("ObjectType", "image").lower() != "image" or dimensions != len(sizes):
        raise _not_meta(path, "it holds no image, or its header contradicts itself")
    if channels != 1 or kind not in _BYTES:
        raise not_an_image([path], "a picture in colours or several channels, or of a type that is not read")
    if len(sizes) != 3 or min(sizes) < 1:
        raise not_three_dimensional([path], f"It has the dimensions {' x '.join(map(str, sizes))}.")
    if np.prod(sizes, dtype=np.float64) > MOST_VOXELS:
        raise not_three_dimensional([path], "Its header states more voxels than a scanner makes.")
    return sizes[0], sizes[1], sizes[2]


def _affine(
    image: Any, fields: dict[str, str], spacing: np.ndarray, path: Path
) -> tuple[Affine | None, np.ndarray | None]:
    if not any(name in fields for name in _MATRIX) or not any(name in fields for name in _OFFSET):
        return None, spacing
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * spacing
    affine[:3, 3] = image.GetOrigin()
    check_affine(affine, path)
    return affine, None


def _stated_spacing(fields: dict[str, str], path: Path) -> np.ndarray:
    """Sizes as the file states them; the library would put 1 mm where it states none."""
    try:
        given = np.array([float(x) for x in (fields.get("ElementSpacing") or fields["ElementSize"]).split()])
    except (KeyError, ValueError) as exc:
        raise bad_geometry([path], "It does not say how large its voxels are.") from exc
    if given.shape != (3,) or not (np.isfinite(given).all() and (given > 0).all()):
        raise bad_geometry([path], "It does not say how large its voxels are.")
    return given


def _not_meta(
    path: Path, why: str, what_to_do: str = "Copy it again from its source, or leave it out."
) -> NotRecognised:
    return NotRecognised(f"{path.name} was not read.", f"It is named as MetaImage, but {why}.", what_to_do)
