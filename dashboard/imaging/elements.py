"""A quick reader of plain little-endian headers: the elements up to the pixels, as they stand in the file.

Most files of most series are of this form; whatever is not (deflated, big endian, undefined lengths, no preamble) is left
to pydicom. A series of two hundred files is opened three times sooner for it.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from pydicom import Dataset, FileMetaDataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

__all__ = ["read_elements"]

_FIRST_READ = 8192
_LONG_FORMS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_SHORT_FORMS = {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH",
                b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"}  # fmt: skip
_UNDEFINED = 0xFFFFFFFF
_PIXELS = 0x7FE00008
_TRANSFER_SYNTAX = BaseTag(0x00020010)
_SHORT, _TAG_LONG, _LONG = struct.Struct("<HH2sH"), struct.Struct("<HHI"), struct.Struct("<I")


class _Unusual(Exception):
    """The file is of a form that is left to the library."""


def read_elements(stream: BinaryIO) -> tuple[Dataset, int] | None:
    """The data set before the pixels and where it ends in the file; None where the file is not of the plain form.

    Elements stay raw, as pydicom's own reader leaves them, and convert themselves when they are asked for.
    """
    try:
        reader = _Reader(stream)
        if reader.bytes_at(128, 4) != b"DICM":
            return None
        meta, place = reader.elements(132, implicit=False, stop=0x00030000)
        syntax = (meta[_TRANSFER_SYNTAX].value or b"").rstrip(b"\0 ").decode("ascii")
        if syntax in (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian):
            return None
        implicit = syntax == ImplicitVRLittleEndian
        found, place = reader.elements(place, implicit=implicit, stop=_PIXELS)
        data = Dataset(found)
        data.file_meta = FileMetaDataset(meta)
    except (_Unusual, KeyError, ValueError, struct.error):
        return None
    data.set_original_encoding(implicit, True)
    return data, place


class _Reader:
    """The beginning of a file, read on as far as it is needed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._bytes = stream.read(_FIRST_READ)

    def bytes_at(self, place: int, length: int) -> bytes:
        """Exactly so many bytes."""
        missing = place + length - len(self._bytes)
        if missing > 0:
            self._bytes += self._stream.read(max(missing, len(self._bytes)))
        found = self._bytes[place : place + length]
        if len(found) < length:
            raise _Unusual
        return found

    def elements(self, place: int, *, implicit: bool, stop: int) -> tuple[dict[BaseTag, RawDataElement], int]:
        """Elements from a place up to the tag `stop`, or to the end of the file."""
        found: dict[BaseTag, RawDataElement] = {}
        last = 0
        while True:
            if place + 12 > len(self._bytes):
                self._more(place)
            if place == len(self._bytes):
                return found, place
            if implicit:
                group, element, length = _TAG_LONG.unpack_from(self._bytes, place)
                kind, start = None, place + 8
            else:
                group, element, vr, length = _SHORT.unpack_from(self._bytes, place)
                start = place + 8
                if group << 16 | element < stop:
                    if vr in _LONG_FORMS:
                        (length,) = _LONG.unpack_from(self._bytes, place + 8)
                        start = place + 12
                    elif vr not in _SHORT_FORMS:
                        raise _Unusual
                kind = vr.decode("latin-1")
            tag = group << 16 | element
            if tag >= stop:
                return found, place
            if length == _UNDEFINED or tag <= last:
                raise _Unusual
            value = self.bytes_at(start, length)
            found[BaseTag(tag)] = RawDataElement(BaseTag(tag), kind, length, value, start, implicit, True)
            last, place = tag, start + length

    def _more(self, place: int) -> None:
        self._bytes += self._stream.read(max(12, len(self._bytes)))
