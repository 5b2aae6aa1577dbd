"""Another tool's file brought to a study: which kind it is, whether it belongs there, and its masks on the grid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread

from ..domain import BitmaskVolume, Region, Volume
from ..errors import ImagingRefused, NoFrameInCommon, NotAnImage, NotRecognised, OverreadError
from ..files import array_digest
from ..terms import REGIONS
from .foreign import ForeignResult, bits_from_masks, refusal_words
from .labels import bits_from_labels, read_label_map
from .rtstruct import STRUCTURE_SET_CLASS, read_structure_set
from .seg_in import SEGMENTATION_CLASSES, read_segmentation

__all__ = ["TakenIn", "read_result"]

TakenIn = tuple[BitmaskVolume, tuple[Region, ...], dict[str, str]]


def read_result(file: Path, grid: Volume, volumes: Sequence[Volume], frame_uids: Collection[str]) -> TakenIn:
    """A DICOM SEG, an RT structure set or a NIfTI label map as a bitmask on a study's grid.

    Parameters
    ----------
    volumes : sequence of Volume
        Those that share the grid's space; contours may have been drawn on any of them.
    frame_uids : collection of str
        Frames of reference that are the grid's: the source's and the one that our own exports have. Empty for a study
        that names none; then a DICOM result is judged by where it lies alone.

    Returns
    -------
    bits : (i, j, k) uint8
    regions : tuple of Region
    settings : dict
        For the prediction's record: what kind it was, digest of its own array, how it was brought to the grid.

    Raises
    ------
    NoFrameInCommon
        It was made in another frame of reference, or lies outside the study's images.
    ImagingRefused
        It can't be read rightly.
    """
    data = _dicom(file)
    if data is None:
        labels, affine = read_label_map(file, placed=grid.sides_known)
        bits = bits_from_labels(labels, affine, grid.affine, grid.shape)
        regions = tuple(Region(name=term.name, bit=bit) for bit, term in enumerate(REGIONS))
        return bits, regions, {"source_digest": array_digest(labels, affine), "resampled": "nearest"}
    if not grid.sides_known:
        raise NoFrameInCommon(
            refusal_words(file.name),
            "It states a position, but the study's images state none.",
            "Add the images again with their position, or export it as NIfTI on their grid.",
        )
    try:
        result = _result(data, file.name, grid, volumes)
    except OverreadError:
        raise
    except Exception as exc:  # a damaged file makes the library fail in many ways
        raise ImagingRefused(
            refusal_words(file.name), "Part of what it says is damaged or missing.", "Export it again."
        ) from exc
    if frame_uids and result.frame_uid not in frame_uids:
        raise NoFrameInCommon(
            refusal_words(file.name),
            "It was made in another frame of reference than the study's series."
            if result.frame_uid
            else "It names no frame of reference, but the study's series do.",
            "Check that it was made from this study; a result of a registered copy has to be moved back first.",
        )
    bits, regions = bits_from_masks(result, grid.affine, grid.shape, file.name)
    return bits, regions, _settings(result, bool(frame_uids))


def _result(data: Dataset, name: str, grid: Volume, volumes: Sequence[Volume]) -> ForeignResult:
    kind = str(data.get("SOPClassUID", ""))
    if kind == STRUCTURE_SET_CLASS:
        return read_structure_set(data, name, (grid, *(v for v in volumes if v.digest != grid.digest)))
    if kind in SEGMENTATION_CLASSES:
        return read_segmentation(data, name, grid.affine)
    raise NotAnImage(
        refusal_words(name),
        "It is a DICOM object of another kind than a segmentation or a structure set.",
        "Export the result as one of these, or as a NIfTI label map.",
    )


def _settings(result: ForeignResult, frame_checked: bool) -> dict[str, str]:
    stacked = np.zeros(result.masks[0].mask.shape, np.uint16)
    for number, one in enumerate(result.masks):
        stacked[one.mask] |= np.uint16(1 << (number % 16))
    settings = {
        "source_digest": array_digest(stacked, result.affine),
        "resampled": "nearest",
        "source_kind": result.kind,
        "frame_of_reference": "the study's" if frame_checked else "not compared: the study names none",
    }
    if result.kind == "fractional":
        settings["threshold"] = "0.5"
    return settings


def _dicom(file: Path) -> Dataset | None:
    """The file as a DICOM dataset with its pixels, or None where it is none."""
    head = _head(file)
    named_so = file.suffix.lower() in (".dcm", ".dicom", "")
    if head[128:132] != b"DICM" and not (named_so and not head.startswith((b"\x1f\x8b", b"\x5c\x01\x00\x00"))):
        return None
    try:
        data = dcmread(file, force=True)
        known = bool(data.get("SOPClassUID"))
    except Exception as exc:
        raise NotRecognised(
            refusal_words(file.name), "It begins like a DICOM file and can't be read as one.", "Export it again."
        ) from exc
    if not known and head[128:132] == b"DICM":
        raise NotRecognised(refusal_words(file.name), "It does not say what DICOM object it is.", "Export it again.")
    return data if known else None


def _head(file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read(348)
    except OSError:
        return b""
