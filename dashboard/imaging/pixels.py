"""Pixels of a stack into one array, read straight into their place where they are not compressed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..domain import ImageVolume
from ..errors import OverreadError
from .codecs import check_codec, frames_of, is_native, is_plain, stored_type
from .headers import DicomHeader, number, text
from .refusals import truncated
from .slices import ImageSlice

__all__ = ["is_cut_short", "volume_array"]

_FRAMES_AT_ONCE = 8


def is_cut_short(header: DicomHeader) -> bool:
    """Whether uncompressed pixels end before the header says so."""
    if header.place is None or header.place.length is None or not is_native(header):
        return False
    rows, columns = header.size
    bits = int(number(header.data, "BitsAllocated") or 16)
    needed = rows * columns * header.frames * max(bits, 8) // 8
    return header.place.length < needed or header.place.offset + needed > header.file_size


def volume_array(
    slices: Sequence[ImageSlice], on_slices: Callable[[int], None] | None = None
) -> tuple[ImageVolume, dict[Path, OverreadError]]:
    """Values of a stack after rescale, (column, row, slice) in Fortran order, and the files that could not be decoded.

    int16 where the values are whole and fit, else float32. MONOCHROME1 is turned over, so that bright is high. Files
    are decoded side by side, each into its place, so that nothing is held twice.

    Parameters
    ----------
    on_slices : callable, optional
        Is told how many more slices are there, as they come.

    Raises
    ------
    CodecMissing
        The pixels are compressed in a way that is not installed.
    NotAnImage
        The pixels are of a form that MR images do not have.
    """
    rows, columns = slices[0].size
    kinds = {stored_type(header) for header in {part.header.path: part.header for part in slices}.values()}
    scales = {(part.slope, part.intercept) for part in slices}
    whole = len(kinds) == 1 and len(scales) == 1
    stack = np.empty((len(slices), rows, columns), dtype=next(iter(kinds)) if whole else np.float32)

    def put(n: int, plane: np.ndarray) -> None:
        if whole:
            stack[n] = plane
        else:
            np.multiply(plane, np.float32(slices[n].slope), out=stack[n], casting="unsafe")
            stack[n] += np.float32(slices[n].intercept)

    lost = _fill(slices, stack if whole else None, put, on_slices or (lambda _: None))
    if lost:
        return stack.T, lost
    values = _rescaled(stack, *next(iter(scales))) if whole else stack
    if text(slices[0].header.data, "PhotometricInterpretation").upper() == "MONOCHROME1":
        values = _turned_over(values)
    return values.T, lost


def _fill(
    slices: Sequence[ImageSlice],
    stack: np.ndarray | None,
    put: Callable[[int, np.ndarray], None],
    on_slices: Callable[[int], None],
) -> dict[Path, OverreadError]:
    """Hand every plane to `put`, or read it straight into `stack` where one is given; name the files that failed."""
    jobs = list(_jobs(slices))
    for header in {slices[found[0]].header.path: slices[found[0]].header for found in jobs}.values():
        check_codec(header)

    def read(found: list[int]) -> OverreadError | None:
        header = slices[found[0]].header
        if stack is not None and is_plain(header) and slices[found[0]].tile is None:
            return _read_plain(header, [slices[n].frame for n in found], [stack[n] for n in found])
        try:
            _decode(slices, found, put)
        except Exception:  # codecs fail in ways of their own
            words = "damaged or cut short" if not is_native(header) else "cut short"
            return truncated([header.path], f"Its {'' if is_native(header) else 'compressed '}pixels are {words}.")
        return None

    lost: dict[Path, OverreadError] = {}
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for found, error in zip(jobs, pool.map(read, jobs), strict=True):
            on_slices(len(found))
            if error is not None:
                lost[slices[found[0]].header.path] = error
    return lost


def _jobs(slices: Sequence[ImageSlice]) -> Iterator[list[int]]:
    """Slices that are read in one go: those of a file, a compressed file of many frames in several."""
    by_file: dict[Path, list[int]] = {}
    for n, part in enumerate(slices):
        by_file.setdefault(part.header.path, []).append(n)
    for found in by_file.values():
        together = len(found) if is_native(slices[found[0]].header) or slices[found[0]].tile else _FRAMES_AT_ONCE
        for begin in range(0, len(found), together):
            yield found[begin : begin + together]


def _read_plain(header: DicomHeader, frames: Sequence[int], targets: Sequence[np.ndarray]) -> OverreadError | None:
    assert header.place is not None
    with header.path.open("rb", buffering=0) as stream:
        for frame, target in zip(frames, targets, strict=True):
            stream.seek(header.place.offset + frame * target.nbytes)
            view, filled = memoryview(target).cast("B"), 0
            while filled < target.nbytes:
                got = stream.readinto(view[filled:])
                if not got:
                    return truncated([header.path], "The file ends before its pixels do.")
                filled += got
            _keep_stored_bits(header, target)
    return None


def _decode(slices: Sequence[ImageSlice], found: Sequence[int], put: Callable[[int, np.ndarray], None]) -> None:
    """Frames of one file, each decoded once, whole or cut into the tiles of a mosaic."""
    header = slices[found[0]].header
    by_frame: dict[int, list[int]] = {}
    for n in sorted(found, key=lambda n: slices[n].frame):
        by_frame.setdefault(slices[n].frame, []).append(n)
    for wanted, plane in zip(by_frame.values(), frames_of(header, list(by_frame)), strict=True):
        if plane.shape != header.size:
            raise ValueError("the decoded frame has another size")
        _keep_stored_bits(header, plane)
        for n in wanted:
            tile = slices[n].tile
            put(n, plane if tile is None else plane[tile.rows, tile.columns])


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
