"""One NRRD file into an array and where it lies. Needs the extra `nrrd`."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..domain import Affine
from ..errors import MissingExtra, NotRecognised
from .nifti import MOST_VOXELS, FileVolume, check_affine, placed_or_not, with_small_type
from .refusals import bad_geometry, empty, not_an_image, not_three_dimensional, truncated

__all__ = ["read_nrrd"]

_TO_LPS = {
    "left-posterior-superior": (1, 1, 1), "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1), "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1), "las": (1, -1, 1),
}  # fmt: skip
"""What x, y, z are multiplied by. Every other space says nothing about the patient's sides."""
_TO_MM = {"": 1.0, "mm": 1.0, "millimeter": 1.0, "millimeters": 1.0, "um": 0.001, "µm": 0.001, "micron": 0.001,
          "cm": 10.0, "m": 1000.0}  # fmt: skip
_TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"), **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"), **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"), "i8"),
    **dict.fromkeys(("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"), "u8"),
    "float": "f4", "double": "f8",
}  # fmt: skip
_SPATIAL = ("domain", "space", "none", "???", "")
_LONGEST_HEADER = 1 << 20


def read_nrrd(path: Path) -> FileVolume:
    """Read one volume from a NRRD file that holds header and voxels, raw or gzip.

    Raises
    ------
    MissingExtra
        pynrrd is not installed.
    EmptyFile, NotRecognised, TruncatedFile
        The file is no NRRD, its encoding is another, or not all of it is there.
    NotThreeDimensional, NotAnImage, BadGeometry
        It holds several volumes, a plane or colours; or its place can't be trusted.

    Notes
    -----
    A detached header (.nhdr, or `data file`) is refused: it may name any file of the disk. Left and right are known
    where `space` is LPS, RAS or LAS; in every other space, as without any, only the voxels' sizes are used.
    """
    try:
        import nrrd
    except ImportError as exc:
        raise MissingExtra(
            f"{path.name} was not read.",
            "NRRD files need a part that is not installed.",
            'Install it: python -m pip install "overread[nrrd]".',
        ) from exc
    if path.stat().st_size == 0:
        raise empty(path)
    text, data = _parts(path)
    try:
        header = nrrd.read_header(io.BytesIO(text))
    except Exception as exc:  # a damaged header makes the library fail in many ways
        raise _not_nrrd(path, "its header is damaged") from exc
    if path.suffix.lower() == ".nhdr" or any(name in header for name in ("data file", "datafile")):
        raise _not_nrrd(path, "its voxels lie in another file, which is not looked for", "Save it as one file, .nrrd.")
    shape = _shape(header, path)
    affine, sides_known, issues = placed_or_not(*_affine(header, path), path)
    values = _values(header, data, shape, path)
    axes = [axis for axis, size in enumerate(shape) if _is_spatial(header, axis) or size != 1]
    array, more = with_small_type(values.reshape([shape[axis] for axis in axes], order="F"), path.name)
    synthetic = "overread synthetic" in str(header.get("content", "")).lower()
    return FileVolume(array, affine, sides_known, synthetic, issues + more)


def _parts(path: Path) -> tuple[bytes, bytes]:
    """Header with the empty line that ends it, and what follows."""
    raw = path.read_bytes()
    if not raw.startswith(b"NRRD000"):
        raise _not_nrrd(path, "its content is not NRRD")
    ends = [at + len(mark) for mark in (b"\n\n", b"\r\n\r\n") if (at := raw.find(mark, 0, _LONGEST_HEADER)) >= 0]
    if not ends and path.suffix.lower() != ".nhdr":
        raise truncated([path], "Its header does not end.")
    end = min(ends, default=len(raw))
    return raw[:end], raw[end:]


def _is_spatial(header: Mapping[str, Any], axis: int) -> bool:
    directions = header.get("space directions")
    return directions is None or (axis < len(directions) and _vector(directions[axis]) is not None)


def _vector(given: Any) -> np.ndarray | None:
    """A direction of three numbers; None for an axis that has none."""
    if given is None:
        return None
    vector = np.asarray(given, dtype=np.float64).ravel()
    return None if vector.size == 0 or np.isnan(vector).all() else vector


def _shape(header: Mapping[str, Any], path: Path) -> tuple[int, ...]:
    try:
        shape = tuple(int(size) for size in header["sizes"])
        kinds = [str(kind).lower() for kind in header.get("kinds", [""] * len(shape))]
        spatial = sum(_is_spatial(header, axis) for axis in range(len(shape)))
    except (KeyError, TypeError, ValueError) as exc:
        raise _not_nrrd(path, "its header is damaged") from exc
    if len(shape) != len(kinds) or int(header.get("dimension", len(shape))) != len(shape):
        raise _not_nrrd(path, "its header contradicts itself")
    strange = [kind for kind, size in zip(kinds, shape, strict=True) if kind not in _SPATIAL and size != 1]
    if any("color" in kind for kind in strange) or "complex" in strange:
        raise not_an_image([path], "a picture in colours or complex numbers")
    if strange or min(shape, default=0) < 1 or spatial != 3 or len([n for n in shape if n != 1]) > 3:
        raise not_three_dimensional([path], f"It has the dimensions {' x '.join(map(str, shape)) or 'of a point'}.")
    if len(shape) != 3 and (spatial != 3 or "space directions" not in header):
        raise not_three_dimensional([path], f"It has the dimensions {' x '.join(map(str, shape))}.")
    if np.prod(shape, dtype=np.float64) > MOST_VOXELS:
        raise not_three_dimensional([path], "Its header states more voxels than a scanner makes.")
    return shape


def _affine(header: Mapping[str, Any], path: Path) -> tuple[Affine | None, np.ndarray | None]:
    """Affine in LPS where the file says in which space, else the voxels' sizes alone."""
    units = {str(unit).strip().strip('"').lower() for unit in header.get("space units", [""])}
    if len(units) != 1 or not units <= set(_TO_MM):
        raise bad_geometry([path], "Its unit of length is not known here.")
    scale = _TO_MM[units.pop()]
    signs = _TO_LPS.get(str(header.get("space", "")).strip().lower())
    try:
        given = header.get("space directions")
        vectors = None if given is None else [v for v in map(_vector, given) if v is not None]
        if vectors is None:
            sizes = np.asarray(header.get("spacings"), dtype=np.float64)
            return None, sizes * scale
        columns = np.stack(vectors, axis=1) * scale
        if columns.shape != (3, 3):
            raise ValueError("no three directions of three numbers")
        if signs is None:
            return None, np.linalg.norm(columns, axis=0)
        affine = np.eye(4)
        affine[:3, :3] = columns
        affine[:3, 3] = np.asarray(header["space origin"], dtype=np.float64) * scale
    except (KeyError, TypeError, ValueError) as exc:
        raise bad_geometry([path], "It does not say where its voxels lie.") from exc
    affine = np.diag([*signs, 1.0]) @ affine
    check_affine(affine, path)
    return affine, None


def _values(header: Mapping[str, Any], data: bytes, shape: tuple[int, ...], path: Path) -> np.ndarray:
    kind = _TYPES.get(str(header.get("type", "")).strip().lower())
    if kind is None:
        raise _not_nrrd(path, "its voxels are of a type that is not read")
    order = {"little": "<", "big": ">"}.get(str(header.get("endian", "little")).lower())
    if order is None or (kind[1] != "1" and "endian" not in header):
        raise _not_nrrd(path, "its order of bytes is not stated")
    if any(int(header.get(name, 0) or 0) for name in ("line skip", "lineskip", "byte skip", "byteskip")):
        raise _not_nrrd(path, "it skips bytes before its voxels, which is not read", "Save it anew, without skips.")
    wanted = int(np.prod(shape, dtype=np.int64)) * int(kind[1])
    encoding = str(header.get("encoding", "")).strip().lower()
    if encoding in ("gzip", "gz"):
        data = _unpacked(data, wanted, path)
    elif encoding != "raw":
        raise _not_nrrd(path, "its encoding is neither raw nor gzip", "Save it as raw or gzip.")
    if len(data) < wanted:
        raise truncated([path], "The file ends before its voxels do.")
    return np.frombuffer(data, f"{order}{kind}", count=wanted // int(kind[1]))


def _unpacked(data: bytes, wanted: int, path: Path) -> bytes:
    """So many bytes and no more, however many would come; the checksum is verified where all of it is taken."""
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        made = engine.decompress(data, wanted + 1)
    except zlib.error as exc:
        raise truncated([path], "Its compressed bytes are damaged.") from exc
    if len(made) == wanted and not engine.eof:
        try:
            engine.decompress(engine.unconsumed_tail, 1)
        except zlib.error as exc:
            raise truncated([path], "Its compressed bytes are damaged.") from exc
        if not engine.eof:
            raise truncated([path], "Its compressed bytes end before they should.")
    return made


def _not_nrrd(
    path: Path, why: str, what_to_do: str = "Copy it again from its source, or leave it out."
) -> NotRecognised:
    return NotRecognised(f"{path.name} was not read.", f"It is named as NRRD, but {why}.", what_to_do)
