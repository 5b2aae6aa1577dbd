"""RT structure sets in: closed planar contours filled on the slices of the series that they were drawn on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from ..domain import Affine, Volume, apply_affine
from ..errors import BadGeometry, ImagingRefused
from .foreign import ForeignMask, ForeignResult, refusal_words

__all__ = ["STRUCTURE_SET_CLASS", "contours_of", "fill", "read_structure_set"]

STRUCTURE_SET_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"

_NOT_LESIONS = {
    "EXTERNAL", "ORGAN", "AVOIDANCE", "SUPPORT", "BOLUS", "FIXATION", "DOSE_REGION", "PTV", "CTV", "MARKER",
    "REGISTRATION", "ISOCENTER", "CONTRAST_AGENT", "CONTROL", "TREATED_VOLUME", "IRRAD_VOLUME", "DOSE_MEASUREMENT",
}  # fmt: skip
"""Interpreted types of PS3.3 C.8.8.8 that are no outline of a lesion; taken only where there is nothing else."""
_OFF_SLICE = 0.2
_AGAIN = "Draw it on a series of this study, or export it as a DICOM segmentation or NIfTI label map."


def contours_of(data: Dataset, name: str) -> tuple[dict[str, list[np.ndarray]], str]:
    """Closed planar contours by the name of their structure, (n, 3) LPS millimetres, and their frame of reference.

    Structures that say that they are an organ, the body, a margin or a marker are left out where others are there.

    Raises
    ------
    ImagingRefused
        There is no closed planar contour, or the file is damaged.
    """
    try:
        rois = {int(item.ROINumber): item for item in data.StructureSetROISequence}
        types = {
            int(item.ReferencedROINumber): str(item.get("RTROIInterpretedType", "") or "").upper()
            for item in data.get("RTROIObservationsSequence") or []
        }
        found: dict[int, list[np.ndarray]] = {}
        for item in data.get("ROIContourSequence") or []:
            closed = [
                np.array([float(x) for x in contour.ContourData]).reshape(-1, 3)
                for contour in item.get("ContourSequence") or []
                if str(contour.ContourGeometricType).upper() in ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
            ]
            if closed and int(item.ReferencedROINumber) in rois:
                found.setdefault(int(item.ReferencedROINumber), []).extend(closed)
        frames = {str(rois[number].get("ReferencedFrameOfReferenceUID", "") or "") for number in found}
    except Exception as exc:  # a damaged sequence fails in many ways
        raise ImagingRefused(refusal_words(name), "Its contours are damaged or incomplete.", _AGAIN) from exc
    lesions = [number for number in found if types.get(number, "") not in _NOT_LESIONS]
    chosen = lesions or list(found)
    if not chosen:
        raise ImagingRefused(refusal_words(name), "It holds no closed contour.", _AGAIN)
    if len(frames) > 1:
        raise BadGeometry(refusal_words(name), "Its structures lie in several frames of reference.", _AGAIN)
    named: dict[str, list[np.ndarray]] = {}
    for number in chosen:
        named.setdefault(str(rois[number].get("ROIName", "") or f"structure {number}"), []).extend(found[number])
    return named, frames.pop()


def read_structure_set(data: Dataset, name: str, volumes: Sequence[Volume]) -> ForeignResult:
    """Fill the contours on the first of the volumes whose slices hold all of them.

    A voxel is inside if its centre is, by the even-odd rule, so that a contour within another is a hole (as a keyhole
    is, too). Slices between contours stay empty: nothing is interpolated.

    Raises
    ------
    BadGeometry
        The contours lie in the slices of none of the volumes.
    """
    named, frame_uid = contours_of(data, name)
    every = [contour for contours in named.values() for contour in contours]
    for volume in volumes:
        axis = _slice_axis(every, volume.affine)
        if axis is not None:
            masks = tuple(
                ForeignMask(words, fill(contours, volume.affine, volume.shape, axis))
                for words, contours in named.items()
            )
            return ForeignResult(masks, np.asarray(volume.affine), frame_uid, "rtstruct")
    raise BadGeometry(refusal_words(name), "Its contours lie in the slices of none of the study's series.", _AGAIN)


def _slice_axis(contours: Sequence[np.ndarray], affine: Affine) -> int | None:
    """The array axis on whose slices all contours lie."""
    back = np.linalg.inv(affine)
    index = [apply_affine(back, contour) for contour in contours]
    for axis in (2, 1, 0):
        if all(np.abs(points[:, axis] - round(float(points[:, axis].mean()))).max() < _OFF_SLICE for points in index):
            return axis
    return None


def fill(contours: Sequence[np.ndarray], affine: Affine, shape: tuple[int, int, int], axis: int) -> np.ndarray:
    """(i, j, k) bool: voxels whose centres lie inside the contours of their slice.

    Parameters
    ----------
    contours : sequence of (n, 3)
        LPS millimetres, each on a slice across `axis`. Those outside the volume are left out.
    """
    back = np.linalg.inv(affine)
    first, second = (a for a in range(3) if a != axis)
    mask = np.zeros(shape, dtype=bool)
    for contour in contours:
        points = apply_affine(back, contour)
        number = round(float(points[:, axis].mean()))
        if 0 <= number < shape[axis]:
            inside = _inside(points[:, [first, second]], (shape[first], shape[second]))
            mask[tuple(number if a == axis else slice(None) for a in range(3))] ^= inside
    return mask


def _inside(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(size) bool of centres inside a polygon, row by row: even-odd over the crossings of its edges."""
    result = np.zeros(size, dtype=bool)
    ends = np.roll(points, -1, axis=0)
    low, high = np.minimum(points[:, 0], ends[:, 0]), np.maximum(points[:, 0], ends[:, 0])
    centres = np.arange(size[1])
    for row in range(max(0, int(np.ceil(low.min()))), min(size[0] - 1, int(np.floor(high.max()))) + 1):
        met = (low <= row) & (row < high)
        a, b = points[met], ends[met]
        crossings = np.sort(a[:, 1] + (row - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))
        result[row] = np.searchsorted(crossings, centres, side="right") % 2 == 1
    return result
