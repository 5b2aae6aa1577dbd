"""MR files with a head in them: an ellipsoid with one bright ball on the patient's left, front and top.

The ball's place is given in patient space, so that a reader which mirrors, turns or shifts an image is found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

__all__ = ["MARKER_LPS", "ORIENTATIONS", "a_dicom_series", "a_nifti", "an_enhanced_series", "head_at", "marker_of"]

MARKER_LPS = np.array([22.0, -17.0, 11.0])
"""Centre of the bright ball: patient's left, front, top."""
_TILT = np.deg2rad(20)
ORIENTATIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "axial feet first": ((-1, 0, 0), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "oblique": ((np.cos(_TILT), np.sin(_TILT), 0), (-np.sin(_TILT) * np.cos(0.3), np.cos(_TILT) * np.cos(0.3), np.sin(0.3))),
}  # fmt: skip
"""ImageOrientationPatient of each name: direction of a row, then of a column."""
MR_CLASS = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR_CLASS = "1.2.840.10008.5.1.4.1.1.4.1"


def head_at(affine: np.ndarray, shape: tuple[int, int, int], dtype: Any = np.int16) -> np.ndarray:
    """The head sampled on a grid by its LPS affine: air 0, tissue 100 to 220, the ball 900."""
    index = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    place = index @ affine[:3, :3].T + affine[:3, 3]
    inside = ((place / [60, 72, 58]) ** 2).sum(-1) < 1
    values = np.where(inside, 160 + place[..., 1] / 2 + place[..., 2] / 3, 0)
    values[np.linalg.norm(place - MARKER_LPS, axis=-1) < 7] = 900
    return values.astype(dtype)


def marker_of(array: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Centre of the ball in LPS as a volume has it."""
    index = np.argwhere(np.asarray(array) > array.max() * 0.8).mean(0)
    return affine[:3, :3] @ index + affine[:3, 3]


def a_dicom_series(
    folder: Path,
    *,
    orientation: str = "axial",
    shape: tuple[int, int, int] = (40, 48, 24),
    spacing: tuple[float, float, float] = (4.0, 4.0, 6.0),
    center: tuple[float, float, float] = (0.0, 0.0, 0.0),
    slices: list[int] | None = None,
    values: np.ndarray | None = None,
    prefix: str = "im",
    syntax: str = str(ExplicitVRLittleEndian),
    study_uid: str = "",
    series_uid: str = "",
    frame_uid: str = "",
    elements: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write one classic MR series and list its files, in an order that is not that of the slices.

    Parameters
    ----------
    shape, spacing : three numbers
        Along a row, along a column, through the slices.
    slices : list of int
        Only these, for a series with gaps.
    values : (column, row, slice) array, optional
        Instead of the head.
    elements : mapping
        DICOM elements that replace those of the series; None leaves one out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    affine, normal = _affine(orientation, shape, spacing, center)
    array = head_at(affine, shape) if values is None else values
    study_uid, series_uid = study_uid or generate_uid(), series_uid or generate_uid()
    frame_uid = frame_uid or generate_uid()
    paths = []
    for k in slices if slices is not None else range(shape[2]):
        data = _common(study_uid, series_uid, frame_uid, MR_CLASS, shape, syntax)
        data.ImagePositionPatient = [float(f"{x:.6f}") for x in affine[:3, 3] + k * normal * spacing[2]]
        data.ImageOrientationPatient = [float(f"{x:.12f}") for x in np.concatenate(ORIENTATIONS[orientation])]
        data.PixelSpacing = [spacing[1], spacing[0]]
        data.SliceThickness = spacing[2]
        data.InstanceNumber = (k * 7) % 101
        plane = np.ascontiguousarray(array[:, :, k].T)
        data.BitsAllocated = plane.dtype.itemsize * 8
        data.PixelData = plane.astype(plane.dtype.newbyteorder(">" if syntax.endswith(".1.2.2") else "<")).tobytes()
        _replace(data, elements)
        path = folder / f"{prefix}{(k * 5) % 97:03d}.dcm"
        data.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def an_enhanced_series(
    folder: Path,
    *,
    orientation: str = "axial",
    shape: tuple[int, int, int] = (40, 48, 24),
    spacing: tuple[float, float, float] = (4.0, 4.0, 6.0),
    name: str = "enhanced.dcm",
    elements: Mapping[str, Any] | None = None,
) -> Path:
    """Write one enhanced multi-frame MR object, its frames in reversed order."""
    folder.mkdir(parents=True, exist_ok=True)
    affine, normal = _affine(orientation, shape, spacing, (0, 0, 0))
    array = head_at(affine, shape)
    syntax = str(ExplicitVRLittleEndian)
    data = _common(generate_uid(), generate_uid(), generate_uid(), ENHANCED_MR_CLASS, shape, syntax)
    data.NumberOfFrames = shape[2]
    shared, frames = Dataset(), []
    orient, measures = Dataset(), Dataset()
    orient.ImageOrientationPatient = [float(f"{x:.12f}") for x in np.concatenate(ORIENTATIONS[orientation])]
    measures.PixelSpacing, measures.SliceThickness = [spacing[1], spacing[0]], spacing[2]
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = Items([orient]), Items([measures])
    order = list(range(shape[2]))[::-1]
    for k in order:
        frame, place = Dataset(), Dataset()
        place.ImagePositionPatient = [float(f"{x:.6f}") for x in affine[:3, 3] + k * normal * spacing[2]]
        frame.PlanePositionSequence = Items([place])
        frames.append(frame)
    data.SharedFunctionalGroupsSequence = Items([shared])
    data.PerFrameFunctionalGroupsSequence = Items(frames)
    data.PixelData = np.ascontiguousarray(array[:, :, order].T).tobytes()
    _replace(data, elements)
    path = folder / name
    data.save_as(path, enforce_file_format=True)
    return path


def _affine(
    orientation: str, shape: tuple[int, int, int], spacing: tuple[float, float, float], center: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    row, column = (np.array(v, dtype=float) for v in ORIENTATIONS[orientation])
    normal = np.cross(row, column)
    affine = np.eye(4)
    affine[:3, :3] = np.stack([row, column, normal], axis=1) * spacing
    affine[:3, 3] = np.array(center) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine, normal


def _common(
    study_uid: str, series_uid: str, frame_uid: str, sop_class: str, shape: tuple[int, int, int], syntax: str
) -> Dataset:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID, data.SOPInstanceUID = sop_class, generate_uid()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = study_uid, series_uid, frame_uid
    data.Modality, data.ImageType = "MR", ["ORIGINAL", "PRIMARY", "M"]
    data.PatientID, data.PatientName = "case-7", "Nobody^Real"
    data.PatientBirthDate, data.PatientSex, data.StudyDate = "19500601", "F", "20200315"
    data.SeriesDescription, data.SeriesNumber = "t1_mprage_tra", 3
    data.EchoTime, data.RepetitionTime, data.InversionTime, data.ScanningSequence = 3.0, 2000.0, 900.0, "GR"
    data.Rows, data.Columns, data.SamplesPerPixel = shape[1], shape[0], 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    return data


def _replace(data: Dataset, elements: Mapping[str, Any] | None) -> None:
    for keyword, value in (elements or {}).items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)


def a_nifti(
    folder: Path,
    name: str = "t1.nii.gz",
    *,
    axes: str = "RAS",
    shape: tuple[int, int, int] = (40, 48, 24),
    spacing: tuple[float, float, float] = (4.0, 4.0, 6.0),
    center: tuple[float, float, float] = (0.0, 0.0, 0.0),
    values: np.ndarray | None = None,
    codes: tuple[int, int] = (1, 1),
    sform: np.ndarray | None = None,
    qform: np.ndarray | None = None,
    slope: float | None = None,
    inter: float = 0.0,
    gain: float = 1.0,
    descrip: str = "",
) -> Path:
    """Write one NIfTI volume of the head.

    Parameters
    ----------
    axes : str
        Letters that the array's axes run towards, such as 'LAS' or, turned, 'PSR'; shape and spacing follow the array.
    center : three numbers
        Middle of the grid, LPS millimetres.
    codes : two int
        sform and qform code.
    sform, qform : (4, 4), optional
        RAS, instead of the true one.
    slope, inter : float
        scl_slope and scl_inter; the stored values are those whose scaled ones are the head's.
    gain : float
        What the head's values are multiplied by, so that volumes differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ways = {"R": (-1, 0, 0), "L": (1, 0, 0), "A": (0, -1, 0), "P": (0, 1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}
    affine = np.eye(4)
    affine[:3, :3] = np.stack([ways[letter] for letter in axes], axis=1) * np.array(spacing)
    affine[:3, 3] = np.array(center) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    array = head_at(affine, shape) if values is None else values
    if gain != 1:
        array = (array * gain).astype(array.dtype)
    if slope is not None:
        array = np.rint((array - inter) / slope).astype(np.int16)
    header = nibabel.Nifti1Header()
    header.set_data_dtype(array.dtype)
    image = nibabel.Nifti1Image(array, None, header)  # with an affine it would repair the transforms on saving
    image.header.set_sform(ras if sform is None else sform, code=codes[0])
    image.header.set_qform(ras if qform is None else qform, code=codes[1])
    image.header["descrip"] = descrip.encode()
    if slope is not None:
        image.header.set_slope_inter(slope, inter)
    path = folder / name
    nibabel.save(image, path)
    return path
