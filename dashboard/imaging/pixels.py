"""Pixels of a stack into one array, read straight into their place where they are not compressed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.pixels import get_decoder, iter_pixels
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian
from pydicom.uid import ImplicitVRLittleEndian as Implicit

from ..domain import ImageVolume
from ..errors import OverreadError
from .headers import DicomHeader, number, text
from .refusals import codec_missing, not_an_image, truncated
from .slices import ImageSlice

__all__ = ["is_cut_short", "volume_array"]

_PLAIN = (str(ExplicitVRLittleEndian), str(Implicit))
_NATIVE = (*_PLAIN, str(ExplicitVRBigEndian), str(DeflatedExplicitVRLittleEndian))


def is_cut_short(header: DicomHeader) -> bool:
    """Whether uncompressed pixels end before the header says so."""
    if header.place is None or header.place.length is None or header.transfer_syntax not in _NATIVE:
        return False
    rows, columns = header.size
    bits = int(number(header.data, "BitsAllocated") or 16)
    needed = rows * columns * header.frames * max(bits, 8) // 8
    return header.place.length < needed or header.place.offset + needed > header.file_size


def volume_array(slices: Sequence[ImageSlice]) -> tuple[ImageVolume, dict[Path, OverreadError]]:
    """Values of a stack after rescale, (column, row, slice) in Fortran order, and the files that could not be decoded.

    int16 where the values are whole and fit, else float32. MONOCHROME1 is turned over, so that bright is high.

    Raises
    ------
    CodecMissing
        The pixels are compressed in a way that is not installed.
    NotAnImage
        The pixels are of a form that MR images do not have.
    """
    header = slices[0].header
    rows, columns = header.size
    kinds = {_stored_type(part.header) for part in slices}
    scales = {(part.slope, part.intercept) for part in slices}
    whole = len(kinds) == 1 and len(scales) == 1
    stack = np.empty((len(slices), rows, columns), dtype=next(iter(kinds)) if whole else np.float32)
    lost: dict[Path, OverreadError] = {}
    for number_, plane in _planes(slices, stack if whole else None, lost):
        part = slices[number_]
        if not whole:
            np.multiply(plane, np.float32(part.slope), out=stack[number_], casting="unsafe")
            stack[number_] += np.float32(part.intercept)
        elif plane is not stack[number_]:
            stack[number_] = plane
    if lost:
        return stack.T, lost
    values = _rescaled(stack, *next(iter(scales))) if whole else stack
    if text(header.data, "PhotometricInterpretation").upper() == "MONOCHROME1":
        values = _turned_over(values)
    return values.T, lost


def _stored_type(header: DicomHeader) -> np.dtype:
    bits = int(number(header.data, "BitsAllocated") or 16)
    if bits not in (8, 16, 32):
        raise not_an_image([header.path], f"an object of {bits} bits a pixel")
    signed = int(number(header.data, "PixelRepresentation") or 0)
    return np.dtype(f"{'i' if signed else 'u'}{bits // 8}")


def _planes(
    slices: Sequence[ImageSlice], stack: np.ndarray | None, lost: dict[Path, OverreadError]
) -> Iterator[tuple[int, np.ndarray]]:
    """Stored values slice by slice; plain ones are read into `stack` where it is given."""
    plain = [n for n, part in enumerate(slices) if _is_plain(part.header)]
    for n in plain:
        target = stack[n] if stack is not None else np.empty(slices[n].header.size, _stored_type(slices[n].header))
        if _read_plain(slices[n], target):
            _keep_stored_bits(slices[n].header, target)
            yield n, target
        else:
            lost[slices[n].header.path] = truncated([slices[n].header.path], "The file ends before its pixels do.")
    coded = sorted(set(range(len(slices))) - set(plain), key=lambda n: (str(slices[n].header.path), slices[n].frame))
    by_file = [(path, list(found)) for path, found in groupby(coded, key=lambda n: slices[n].header.path)]
    for _, found in by_file:
        _check_codec(slices[found[0]].header)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        decoded = pool.map(lambda entry: _decode(entry[0], [slices[n] for n in entry[1]]), by_file)
        for (path, found), planes in zip(by_file, decoded, strict=True):
            if planes is None:
                lost[path] = truncated([path], "Its compressed pixels are damaged or cut short.")
                continue
            for n, plane in zip(found, planes, strict=True):
                _keep_stored_bits(slices[n].header, plane)
                yield n, plane


def _is_plain(header: DicomHeader) -> bool:
    return header.transfer_syntax in _PLAIN and header.place is not None and header.place.length is not None


def _read_plain(part: ImageSlice, target: np.ndarray) -> bool:
    assert part.header.place is not None
    with part.header.path.open("rb", buffering=0) as stream:
        stream.seek(part.header.place.offset + part.frame * target.nbytes)
        view, filled = memoryview(target).cast("B"), 0
        while filled < target.nbytes:
            got = stream.readinto(view[filled:])
            if not got:
                return False
            filled += got
    return True


def _check_codec(header: DicomHeader) -> None:
    syntax = UID(header.transfer_syntax)
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if not available:
        raise codec_missing([header.path], syntax.name if syntax.name != str(syntax) else "an unknown syntax")


def _decode(path: Path, parts: Sequence[ImageSlice]) -> list[np.ndarray] | None:
    """Frames of one compressed, big-endian or deflated file; None where the codec fails on it."""
    expected = parts[0].header.size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            indices = [part.frame for part in parts] if parts[0].header.frames > 1 else None
            deflated = parts[0].header.transfer_syntax == DeflatedExplicitVRLittleEndian
            source = dcmread(path) if deflated else path  # the iterator does not inflate
            planes = [np.array(plane) for plane in iter_pixels(source, raw=True, indices=indices)]
    except Exception:  # codecs fail in ways of their own; the caller names the file
        return None
    return planes if len(planes) == len(parts) and all(plane.shape == expected for plane in planes) else None


def _keep_stored_bits(header: DicomHeader, plane: np.ndarray) -> None:
    """Clear what stands above BitsStored (old overlays), or spread the sign, in place."""
    stored = int(number(header.data, "BitsStored") or 0)
    allocated = plane.dtype.itemsize * 8
    high = int(number(header.data, "HighBit") or stored - 1)
    if not 0 < stored < allocated:
        return
    if high > stored - 1:
        np.right_shift(plane, high - stored + 1, out=plane)
    if plane.dtype.kind == "u":
        if plane.max() >> stored:
            np.bitwise_and(plane, (1 << stored) - 1, out=plane)
    elif plane.max() >= 1 << (stored - 1) or plane.min() < -(1 << (stored - 1)):
        np.left_shift(plane, allocated - stored, out=plane)
        np.right_shift(plane, allocated - stored, out=plane)


def _rescaled(stack: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    if slope == 1 and intercept == int(intercept):
        low, high = int(stack.min()) + int(intercept), int(stack.max()) + int(intercept)
        if low >= -32768 and high <= 32767:
            if intercept == 0:
                return stack.view(np.int16) if stack.dtype.itemsize == 2 else stack.astype(np.int16)
            return (stack.astype(np.int32) + int(intercept)).astype(np.int16)
    values = stack.astype(np.float32)
    values *= np.float32(slope)
    values += np.float32(intercept)
    return values


def _turned_over(values: np.ndarray) -> np.ndarray:
    low, high = values.min(), values.max()
    if values.dtype == np.int16:
        return (int(low) + int(high) - values.astype(np.int32)).astype(np.int16)
    return (low + high) - values
