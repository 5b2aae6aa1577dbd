"""Pixels of one file as it stores them: read plainly, or decoded without reading its header again."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian
from pydicom.uid import ImplicitVRLittleEndian as Implicit
from pydicom.uid import JPEG2000TransferSyntaxes as Jpeg2000

from .headers import DicomHeader, number, text
from .refusals import codec_missing, not_an_image

__all__ = ["check_codec", "frames_of", "is_native", "is_plain", "stored_type"]

_LITTLE = (str(ExplicitVRLittleEndian), str(Implicit))
_NATIVE = (*_LITTLE, str(ExplicitVRBigEndian), str(DeflatedExplicitVRLittleEndian))


def is_native(header: DicomHeader) -> bool:
    """Whether the pixels are not compressed one by one (a deflated file is compressed as a whole)."""
    return header.transfer_syntax in _NATIVE


def is_plain(header: DicomHeader) -> bool:
    """Whether the bytes in the file are the values in memory."""
    return header.transfer_syntax in _LITTLE and header.place is not None and header.place.length is not None


def stored_type(header: DicomHeader) -> np.dtype:
    """Type of the stored values.

    Raises
    ------
    NotAnImage
        Bits a pixel that MR images do not have.
    """
    bits = int(number(header.data, "BitsAllocated") or 16)
    if bits not in (8, 16, 32):
        raise not_an_image([header.path], f"an object of {bits} bits a pixel")
    signed = int(number(header.data, "PixelRepresentation") or 0)
    return np.dtype(f"{'i' if signed else 'u'}{bits // 8}")


def check_codec(header: DicomHeader) -> None:
    """Refuse what no installed codec decodes.

    Raises
    ------
    CodecMissing
        It names the pip line.
    """
    if header.transfer_syntax in _NATIVE:
        return
    syntax = UID(header.transfer_syntax)
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if not available:
        raise codec_missing([header.path], syntax.name if syntax.name != str(syntax) else "an unknown syntax")


def frames_of(header: DicomHeader, indices: Sequence[int]) -> Iterator[np.ndarray]:
    """Stored frames (row, column) one after the other, in the order asked for.

    Any exception means that the pixels are damaged: codecs fail in ways of their own.
    """
    with header.path.open("rb") as stream:
        if header.transfer_syntax == DeflatedExplicitVRLittleEndian:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pixels: BinaryIO = BytesIO(dcmread(stream).PixelData)
            start = 0
        else:
            assert header.place is not None
            pixels, start = stream, header.place.offset
        for index in indices:
            yield _native(header, pixels, start, index) if is_native(header) else _coded(header, pixels, start, index)


def _native(header: DicomHeader, pixels: BinaryIO, start: int, index: int) -> np.ndarray:
    kind = stored_type(header)
    if header.transfer_syntax == ExplicitVRBigEndian:
        kind = kind.newbyteorder(">")
    count = header.size[0] * header.size[1]
    pixels.seek(start + index * count * kind.itemsize)
    raw = bytearray(pixels.read(count * kind.itemsize))
    return np.frombuffer(raw, kind, count).reshape(header.size).astype(kind.newbyteorder("="), copy=False)


def _coded(header: DicomHeader, pixels: BinaryIO, start: int, index: int) -> np.ndarray:
    pixels.seek(start)
    frame = get_frame(pixels, index, number_of_frames=header.frames, extended_offsets=_offsets(header))
    quick = _jpeg2000(header, frame)
    if quick is not None:
        return quick
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decoded, _ = get_decoder(UID(header.transfer_syntax)).as_array(
            encapsulate([frame], has_bot=False), index=0, raw=True, validate=True, **_described(header)
        )
    return np.array(decoded)


def _offsets(header: DicomHeader) -> tuple[bytes, bytes] | None:
    offsets, lengths = header.data.get("ExtendedOffsetTable"), header.data.get("ExtendedOffsetTableLengths")
    return (offsets, lengths) if offsets and lengths else None


def _described(header: DicomHeader) -> dict[str, Any]:
    """What a decoder must know of a frame."""
    allocated = int(number(header.data, "BitsAllocated") or 16)
    return {
        "rows": header.size[0],
        "columns": header.size[1],
        "number_of_frames": 1,
        "samples_per_pixel": 1,
        "photometric_interpretation": text(header.data, "PhotometricInterpretation").upper() or "MONOCHROME2",
        "pixel_representation": int(number(header.data, "PixelRepresentation") or 0),
        "bits_allocated": allocated,
        "bits_stored": int(number(header.data, "BitsStored") or allocated),
        "pixel_keyword": "PixelData",
    }


def _jpeg2000(header: DicomHeader, frame: bytes) -> np.ndarray | None:
    """Decoded by imagecodecs, which lets other threads run; None where it is absent or the types do not agree.

    A code stream may contradict its header about signs; the library below has rules for that.
    """
    if header.transfer_syntax not in Jpeg2000:
        return None
    try:
        from imagecodecs import jpeg2k_decode
    except ImportError:
        return None
    try:
        values = jpeg2k_decode(frame)
    except Exception:  # let the other codec judge
        return None
    return values if values.dtype == stored_type(header) and values.shape == header.size else None
