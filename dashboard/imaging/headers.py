"""One DICOM file's header as plain values, without its pixels."""

from __future__ import annotations

import logging
import struct
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from ..errors import NotRecognised
from .elements import read_elements
from .refusals import empty

__all__ = ["DicomHeader", "PixelPlace", "is_dicom", "number", "numbers", "read_header", "text"]

logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
"""The library logs values that it finds odd, and a shifted header puts names among them."""

_PIXEL_DATA = 0x7FE00010
_UNDEFINED = 0xFFFFFFFF
_FIRST_ELEMENTS = {0x0000, 0x0001, 0x0005, 0x0008, 0x0012, 0x0013, 0x0014, 0x0016, 0x0018}

_NUMERIC = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FD": "d", "FL": "f"}
_BINARY = {"Rows": "US", "Columns": "US", "BitsAllocated": "US", "BitsStored": "US", "PixelRepresentation": "US",
           "SamplesPerPixel": "US", "HighBit": "US", "DiffusionBValue": "FD", "InversionTimes": "FD",
           "EffectiveEchoTime": "FD", "AcquisitionMatrix": "US", "TemporalPositionIndex": "UL", "InStackPositionNumber": "UL"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PixelPlace:
    """Where the pixels stand in the file: offset and length in bytes; length None where undefined or not plain."""

    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """What one file says of itself. Identifying values go to `SourceIdentity` only.

    Attributes
    ----------
    data : pydicom.Dataset
        Every element before the pixels, still raw; `text`, `number` and `numbers` read it.
    place : PixelPlace or None
        None where the file holds no pixels.
    """

    path: Path
    data: Dataset = field(repr=False)
    transfer_syntax: str
    place: PixelPlace | None
    file_size: int

    @property
    def study_uid(self) -> str:
        """StudyInstanceUID, or empty."""
        return text(self.data, "StudyInstanceUID")

    @property
    def series_uid(self) -> str:
        """SeriesInstanceUID, or empty."""
        return text(self.data, "SeriesInstanceUID")

    @property
    def sop_class(self) -> str:
        """SOPClassUID, or empty."""
        return text(self.data, "SOPClassUID")

    @property
    def instance_uid(self) -> str:
        """SOPInstanceUID, or empty."""
        return text(self.data, "SOPInstanceUID")

    @property
    def image_type(self) -> tuple[str, ...]:
        """ImageType's values in capitals."""
        return tuple(part.strip().upper() for part in text(self.data, "ImageType").split("\\"))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, 0 where absent."""
        return (int(number(self.data, "Rows") or 0), int(number(self.data, "Columns") or 0))

    @property
    def frames(self) -> int:
        """Number of frames, at least 1."""
        return max(1, int(number(self.data, "NumberOfFrames") or 1))


def is_dicom(path: Path) -> bool:
    """Whether the file begins as DICOM does: a preamble with 'DICM', or a data set without one."""
    with path.open("rb") as stream:
        head = stream.read(132)
    if head[128:132] == b"DICM":
        return True
    if len(head) < 16:
        return False
    group, element = struct.unpack("<HH", head[:4])
    if struct.unpack(">H", head[:2])[0] == 0x0008 and struct.unpack(">H", head[2:4])[0] in _FIRST_ELEMENTS:
        return head[4:6].isalpha() and head[4:6].isupper()  # big endian
    if group == 0x0008 and element in _FIRST_ELEMENTS:
        return head[4:6].isalpha() or struct.unpack("<I", head[4:8])[0] < 1024
    return group == 0x0002 and element in (0x0000, 0x0001) and head[4:6].isalpha()


def read_header(path: Path) -> DicomHeader:
    """Read everything before the pixels.

    Raises
    ------
    EmptyFile
        The file has no bytes.
    NotRecognised
        It is not DICOM, or its header is damaged.
    """
    size = path.stat().st_size
    if size == 0:
        raise empty(path)
    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quick = read_elements(stream)
            if quick is None:
                stream.seek(0)
                data = dcmread(stream, stop_before_pixels=True, force=True)
                stopped = stream.tell()
            else:
                data, stopped = quick
            syntax = str(data.file_meta.get("TransferSyntaxUID", "") or "") or _guessed_syntax(data)
            if len(data) == 0:
                raise ValueError("no elements")
            place = _place(stream, stopped, syntax, size)
    except Exception as exc:  # a damaged header makes the library fail in many ways
        raise NotRecognised(
            f"{path.name} was not read.",
            "It is not DICOM, or its header is damaged.",
            "Copy it again from its source, or leave it out.",
        ) from exc
    return DicomHeader(path, data, syntax, place, size)


def _guessed_syntax(data: Dataset) -> str:
    little, implicit = data.original_encoding[1], data.original_encoding[0]
    if implicit:
        return str(ImplicitVRLittleEndian)
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"


def _place(stream: Any, stopped: int, syntax: str, size: int) -> PixelPlace | None:
    """Read the pixel element's own head, at which the library stopped."""
    if syntax == DeflatedExplicitVRLittleEndian:
        return PixelPlace(0, None)
    stream.seek(stopped)
    head = stream.read(12)
    if len(head) < 8:
        return None
    order = ">" if syntax == "1.2.840.10008.1.2.2" else "<"
    group, element = struct.unpack(order + "HH", head[:4])
    if (group << 16) | element != _PIXEL_DATA:
        return None
    implicit = not head[4:6].isalpha()
    if not implicit and len(head) < 12:
        return None
    start = 8 if implicit else 12
    length = struct.unpack(order + "I", head[start - 4 : start])[0]
    return PixelPlace(stopped + start, None if length == _UNDEFINED else length)


_tag = lru_cache(maxsize=None)(tag_for_keyword)


def _element(data: Dataset, keyword: str) -> RawDataElement | DataElement | None:
    """The element as it stands, unconverted; the library's own look-up takes ten times as long."""
    return data._dict.get(_tag(keyword))  # type: ignore[arg-type]


def text(data: Dataset, keyword: str) -> str:
    """The element's value as stripped text, '' where absent or unreadable; several values stay joined by backslashes."""
    element = _element(data, keyword)
    if element is None:
        return ""
    try:
        if isinstance(element, RawDataElement):
            if element.VR in _NUMERIC:
                return "\\".join(f"{value:g}" for value in numbers(data, keyword) or ())
            return (element.value or b"").decode("latin-1").strip("\0 \r\n\t")
        value = element.value
        if value is None:
            return ""
        return "\\".join(map(str, value)) if isinstance(value, list | tuple) or _is_many(value) else str(value).strip()
    except Exception:  # an unreadable optional value counts as absent
        return ""


def _is_many(value: Any) -> bool:
    return type(value).__name__ == "MultiValue"


def numbers(data: Dataset, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """The element's values as floats; None where absent, unreadable, or not `count` of them. They may be NaN."""
    element = _element(data, keyword)
    if element is None:
        return None
    try:
        if not isinstance(element, RawDataElement):
            value = element.value
            found = tuple(float(v) for v in (value if _is_many(value) or isinstance(value, list) else (value,)))
        elif (code := _NUMERIC.get(element.VR or _BINARY.get(keyword, ""))) is not None:
            order = "<" if element.is_little_endian else ">"
            raw = element.value or b""
            found = tuple(float(v) for (v,) in struct.iter_unpack(order + code, raw))
        else:
            found = tuple(float(part) for part in (element.value or b"").decode("latin-1").split("\\"))
    except Exception:  # an unreadable number counts as absent, and what needs it says so
        return None
    return found if found and (count is None or len(found) == count) else None


def number(data: Dataset, keyword: str) -> float | None:
    """The element's first value as a float, or None."""
    found = numbers(data, keyword)
    return found[0] if found else None
