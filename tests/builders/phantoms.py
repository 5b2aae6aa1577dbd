"""A head with one bright ball, as scanners write it: every patient position, plane and form of DICOM, and where the ball is.

The head lies in patient space (LPS). Rows and columns are chosen in the scanner's own directions, so that a patient who
lies prone or feet first gets the direction cosines that such a series really has, mirrored against the supine one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from .csa import csa_header
from .mri_files import ENHANCED_MR_CLASS, MARKER_LPS, MR_CLASS, _common, _replace, head_at

__all__ = ["FORMS", "PLANES", "POSITIONS", "Phantom", "a_phantom_series", "brightest_place"]

POSITIONS = ("HFS", "HFP", "FFS", "FFP", "HFDR", "HFDL", "FFDR", "FFDL")
PLANES = ("axial", "sagittal", "coronal", "oblique")
FORMS = ("classic", "enhanced", "mosaic")

_X, _Y, _Z = np.eye(3)
_LEFT_AND_HEAD = {
    "HFS": (_X, _Z), "HFP": (-_X, _Z), "FFS": (-_X, -_Z), "FFP": (_X, -_Z),
    "HFDR": (-_Y, _Z), "HFDL": (_Y, _Z), "FFDR": (-_Y, -_Z), "FFDL": (_Y, -_Z),
}  # fmt: skip
"""Where the patient's left and head point in the scanner: x to the right as seen from its foot end, y down, z into it."""


@dataclass(frozen=True, eq=False)
class Phantom:
    """What was written, and the truth about it.

    Attributes
    ----------
    marker_lps : (3,) float64
        Centre of the ball in LPS millimetres; x above 0 is the patient's left.
    array : (column, row, slice) int16
        The values, slices along the normal of `affine`.
    affine : (4, 4) float64
        Index to LPS millimetres.
    """

    paths: tuple[Path, ...]
    marker_lps: np.ndarray
    array: np.ndarray
    affine: np.ndarray
    study_uid: str
    series_uid: str
    frame_uid: str

    @property
    def side(self) -> str:
        """The side on which the marker lies."""
        return "left" if self.marker_lps[0] > 0 else "right"


def brightest_place(array: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Centre of what is brighter than four fifths of the maximum, LPS millimetres: the ball, as a volume has it."""
    index = np.argwhere(np.asarray(array) > np.asarray(array).max() * 0.8).mean(0)
    return affine[:3, :3] @ index + affine[:3, 3]


def a_phantom_series(
    folder: Path,
    *,
    position: str = "HFS",
    plane: str = "axial",
    form: str = "classic",
    marker_lps: tuple[float, float, float] = tuple(MARKER_LPS),
    shape: tuple[int, int, int] = (40, 48, 24),
    spacing: tuple[float, float, float] = (4.0, 4.0, 6.0),
    study_uid: str = "",
    frame_uid: str = "",
    flipped_normal: bool = False,
    elements: Mapping[str, Any] | None = None,
) -> Phantom:
    """Write one series of the phantom.

    Parameters
    ----------
    position : str
        Patient position (0018,5100), one of `POSITIONS`.
    plane : str
        Of `PLANES`, as the scanner has them: with the patient on a side (HFDR and the like) its sagittal plane is the
        patient's coronal one. Oblique is turned about two axes.
    form : str
        Of `FORMS`: one file a slice (names and instance numbers in another order than the slices), one enhanced
        multi-frame file, one Siemens mosaic with its CSA header.
    marker_lps : three float
        Where the ball is, LPS millimetres; within 40 mm of the middle.
    shape, spacing : three numbers
        Along a row, along a column, through the slices.
    flipped_normal : bool
        The mosaic's slices run against row x column, as its CSA header then says.
    elements : mapping
        DICOM elements that replace those of the series; None leaves one out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    affine = _affine(position, plane, shape, spacing)
    array = _head(affine, shape, np.array(marker_lps, dtype=float))
    uids = study_uid or generate_uid(), generate_uid(), frame_uid or generate_uid()
    said = {"PatientPosition": position, **(elements or {})}
    if form == "mosaic":
        paths = [_mosaic(folder, array, affine, uids, said, flipped_normal)]
    elif form == "enhanced":
        paths = [_enhanced(folder, array, affine, uids, said)]
    else:
        paths = _classic(folder, array, affine, uids, said)
    return Phantom(tuple(paths), np.array(marker_lps, dtype=float), array, affine, *uids)


def _affine(position: str, plane: str, shape: tuple[int, ...], spacing: tuple[float, ...]) -> np.ndarray:
    left, head = _LEFT_AND_HEAD[position]
    to_patient = np.stack([left, np.cross(head, left), head])  # scanner direction -> LPS
    tilt, pitch = np.deg2rad(20), 0.3
    row, column = {
        "axial": (_X, _Y),
        "sagittal": (_Y, -_Z),
        "coronal": (_X, -_Z),
        "oblique": (
            np.cos(tilt) * _X + np.sin(tilt) * _Y,
            np.cos(pitch) * (-np.sin(tilt) * _X + np.cos(tilt) * _Y) + np.sin(pitch) * _Z,
        ),
    }[plane]
    row, column = to_patient @ row, to_patient @ column
    affine = np.eye(4)
    affine[:3, :3] = np.stack([row, column, np.cross(row, column)], axis=1) * spacing
    affine[:3, 3] = np.array([3.0, -5.0, 2.0]) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine


def _head(affine: np.ndarray, shape: tuple[int, int, int], marker_lps: np.ndarray) -> np.ndarray:
    moved = affine.copy()
    moved[:3, 3] += MARKER_LPS - marker_lps
    ball = head_at(moved, shape) == 900
    head = head_at(affine, shape)
    return np.where(ball, 900, np.minimum(head, 220)).astype(np.int16)


def _directions(data: Dataset, affine: np.ndarray) -> tuple[list[float], list[float], float]:
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    cosines = affine[:3, :3] / lengths
    orientation = [float(f"{x + 0.0:.12f}") for x in (*cosines[:, 0], *cosines[:, 1])]
    return orientation, [float(lengths[1]), float(lengths[0])], float(lengths[2])


def _place(affine: np.ndarray, k: float) -> list[float]:
    return [float(f"{x:.6f}") for x in affine[:3, 3] + k * affine[:3, 2]]


def _classic(
    folder: Path, array: np.ndarray, affine: np.ndarray, uids: tuple[str, str, str], said: Mapping[str, Any]
) -> list[Path]:
    paths = []
    for k in range(array.shape[2]):
        data = _common(*uids, MR_CLASS, array.shape, str(ExplicitVRLittleEndian))
        data.ImageOrientationPatient, data.PixelSpacing, data.SliceThickness = _directions(data, affine)
        data.ImagePositionPatient = _place(affine, k)
        data.InstanceNumber = (k * 7) % 101
        data.PixelData = np.ascontiguousarray(array[:, :, k].T, "<i2").tobytes()
        _replace(data, said)
        paths.append(folder / f"im{(k * 5) % 97:03d}.dcm")
        data.save_as(paths[-1], enforce_file_format=True)
    return paths


def _enhanced(
    folder: Path, array: np.ndarray, affine: np.ndarray, uids: tuple[str, str, str], said: Mapping[str, Any]
) -> Path:
    data = _common(*uids, ENHANCED_MR_CLASS, array.shape, str(ExplicitVRLittleEndian))
    data.NumberOfFrames = array.shape[2]
    orient, measures, shared = Dataset(), Dataset(), Dataset()
    orient.ImageOrientationPatient, measures.PixelSpacing, measures.SliceThickness = _directions(data, affine)
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = Items([orient]), Items([measures])
    order = [(k * 5) % array.shape[2] for k in range(array.shape[2])]
    order = order if len(set(order)) == len(order) else list(range(array.shape[2]))[::-1]
    frames = []
    for k in order:
        frame, place, content = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = _place(affine, k)
        content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = "1", k + 1, [1, k + 1]
        frame.PlanePositionSequence, frame.FrameContentSequence = Items([place]), Items([content])
        frames.append(frame)
    data.SharedFunctionalGroupsSequence = Items([shared])
    data.PerFrameFunctionalGroupsSequence = Items(frames)
    data.PixelData = np.ascontiguousarray(array[:, :, order].T, "<i2").tobytes()
    _replace(data, said)
    path = folder / "enhanced.dcm"
    data.save_as(path, enforce_file_format=True)
    return path


def _mosaic(
    folder: Path,
    array: np.ndarray,
    affine: np.ndarray,
    uids: tuple[str, str, str],
    said: Mapping[str, Any],
    flipped_normal: bool,
) -> Path:
    """One picture of tiles, whose stated position is that of the tiling, as Siemens writes it."""
    columns, rows, count = array.shape
    tiles = int(np.ceil(np.sqrt(count)))
    picture = np.zeros((tiles * rows, tiles * columns), "<i2")
    order = range(count)[::-1] if flipped_normal else range(count)
    for n, k in enumerate(order):
        down, along = divmod(n, tiles)
        picture[down * rows : (down + 1) * rows, along * columns : (along + 1) * columns] = array[:, :, k].T
    data = _common(*uids, MR_CLASS, (tiles * columns, tiles * rows, 1), str(ExplicitVRLittleEndian))
    data.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    data.Manufacturer = "SIEMENS"
    data.ImageOrientationPatient, data.PixelSpacing, data.SliceThickness = _directions(data, affine)
    data.SpacingBetweenSlices = data.SliceThickness
    first = affine[:3, 3] + affine[:3, 2] * order[0]
    shift = affine[:3, 0] * (tiles - 1) * columns / 2 + affine[:3, 1] * (tiles - 1) * rows / 2
    data.ImagePositionPatient = [float(f"{x:.6f}") for x in first - shift]
    normal = affine[:3, 2] / np.linalg.norm(affine[:3, 2]) * (-1 if flipped_normal else 1)
    block = data.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", csa_header({
        "NumberOfImagesInMosaic": ("US", [f"{count:d}"]),
        "SliceNormalVector": ("FD", [f"{x:.8f}" for x in normal]),
    }))  # fmt: skip
    data.PixelData = picture.tobytes()
    _replace(data, said)
    path = folder / "mosaic.dcm"
    data.save_as(path, enforce_file_format=True)
    return path
