"""A series opened to be looked at: headers first, then the pixels of whatever slices are asked for, the middle ones first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..domain import Affine, ImageVolume
from ..errors import NothingToRead, OverreadError
from .headers import is_dicom, read_header
from .kinds import objection_to
from .pixels import volume_array
from .slices import ImageSlice, slices_of
from .stacks import Stack, stacks_of

__all__ = ["OpenedSeries", "open_series"]


class OpenedSeries:
    """One volume whose slices are known and whose pixels are read as they are asked for.

    Parameters
    ----------
    stack : Stack
        Its slices in their order.

    Attributes
    ----------
    affine : (4, 4) float64
        Index (column, row, slice) to LPS millimetres.
    shape : three int
        Columns, rows, slices.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.affine: Affine = stack.affine
        rows, columns = stack.slices[0].size
        self.shape = (columns, rows, len(stack.slices))

    def slab(self, first: int, last: int, on_slices: Callable[[int], None] | None = None) -> tuple[ImageVolume, Affine]:
        """Values of the slices `first` to `last`, both included, after rescale, and where the slab lies.

        Raises
        ------
        OverreadError
            The pixels of a file are damaged, cut short, or compressed in a way that is not installed.
        """
        array, lost = volume_array(self._stack.slices[first : last + 1], on_slices)
        for error in lost.values():
            raise error
        affine = self.affine.copy()
        affine[:3, 3] += self.affine[:3, 2] * first
        return array, affine

    def middle(self, count: int = 3) -> tuple[ImageVolume, Affine]:
        """The slab of the `count` slices in the middle: the first picture."""
        count = min(count, self.shape[2])
        first = (self.shape[2] - count) // 2
        return self.slab(first, first + count - 1)

    def volume(self, on_slices: Callable[[int], None] | None = None) -> tuple[ImageVolume, Affine]:
        """All slices."""
        return self.slab(0, self.shape[2] - 1, on_slices)


def open_series(files: Sequence[Path]) -> OpenedSeries:
    """Read the headers of one DICOM series; of several volumes in it, or several series, the one with most slices.

    Values of a slab and of the whole may differ in type: int16 only where all that was read is whole and fits.

    Raises
    ------
    NothingToRead
        No file is an MR image that can be read.
    OverreadError
        The geometry of the series can't be trusted.
    """
    series: dict[str, list[ImageSlice]] = {}
    objections: list[OverreadError] = []
    for path in files:
        if not is_dicom(path):
            continue
        header = read_header(path)
        objection = objection_to(header)
        if objection is not None:
            objections.append(objection.error([path]))
        else:
            series.setdefault(header.series_uid, []).extend(slices_of(header))
    if not series:
        raise (
            objections[0]
            if objections
            else NothingToRead(
                "No series was opened.", "None of the files is a DICOM image.", "Name the files of an MR series."
            )
        )
    stacks = [stack for slices in series.values() for stack in stacks_of(_once(slices))]
    return OpenedSeries(max(stacks, key=lambda stack: len(stack.slices)))


def _once(slices: Sequence[ImageSlice]) -> list[ImageSlice]:
    """Each slice once, where a file was copied."""
    seen = {(part.header.instance_uid or str(part.header.path), part.frame, _place(part)): part for part in slices}
    return list(seen.values())


def _place(part: ImageSlice) -> tuple[float, ...]:
    return () if part.position is None else tuple(part.position)
