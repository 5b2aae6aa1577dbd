"""A volume out as a classic DICOM MR series, one file a slice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydicom.valuerep import DSfloat

from ..domain import Affine, nearest_axes, through_axis_of
from ..terms import Sequence

__all__ = ["SeriesHeader", "series_datasets", "upright", "write_dicom_series"]

_IN_PLANE = {2: ((0, 1), (1, 1)), 1: ((0, 1), (2, -1)), 0: ((1, 1), (2, -1))}
"""By the world axis through the slices: world axis and sign along which columns, then rows, are counted."""


@dataclass(frozen=True)
class _Timing:
    echo_ms: float
    repetition_ms: float
    inversion_ms: float | None
    scanning: tuple[str, ...]
    variant: str
    description: str
    flip_degrees: float


_TIMING = {
    Sequence.T1: _Timing(2.5, 8.0, None, ("GR",), "SP", "T1 3D", 12),
    Sequence.T1C: _Timing(2.5, 8.0, None, ("GR",), "SP", "T1 3D +C", 12),
    Sequence.T2: _Timing(95.0, 5200.0, None, ("SE",), "SK", "T2 TSE", 150),
    Sequence.FLAIR: _Timing(120.0, 9000.0, 2500.0, ("SE", "IR"), "SK", "FLAIR", 150),
    Sequence.PD: _Timing(20.0, 3000.0, None, ("SE",), "SK", "PD TSE", 150),
}
"""Values of usual protocols at 1.5 to 3 T, so that readers can tell the sequence from them alone."""


@dataclass(frozen=True)
class SeriesHeader:
    """What the files of a series say beside their pixels.

    Attributes
    ----------
    sequence : Sequence
        t1, t1c, t2, flair or pd: gives timing and, for t1c, a contrast agent.
    study_uid, frame_uid, series_uid : str
        Series that share the first belong to one study, those that share the second lie in one space. Empty ones are
        made at random.
    age_years : int or None
    study_date : str
        YYYYMMDD.
    synthetic : bool
        Writes SyntheticData (0008,001C) YES, ImageType DERIVED and says so in the study's description.
    derived : str
        What was done to the values of a true study. Then ImageType is DERIVED, nothing is said of the scanner, its
        timing or an agent, which are not known any more, and the position of the patient in it is left open.
    instance_uids : tuple of str
        SOPInstanceUIDs of the slices in their order; empty: made from the series' UID.
    """

    sequence: Sequence
    study_uid: str = ""
    frame_uid: str = ""
    series_uid: str = ""
    series_number: int = 1
    series_description: str = ""
    study_description: str = "MR head"
    patient_id: str = ""
    patient_name: str = ""
    patient_sex: str = ""
    age_years: int | None = None
    study_date: str = ""
    study_time: str = "080000"
    study_id: str = "1"
    accession_number: str = ""
    field_strength_t: float = 3.0
    synthetic: bool = False
    derived: str = ""
    birth_date: str = ""
    instance_uids: tuple[str, ...] = ()


def write_dicom_series(
    folder: Path,
    array: np.ndarray,
    affine: Affine,
    *,
    sequence: Sequence | str,
    thickness_mm: float | None = None,
    window: tuple[float, float] | None = None,
    **said: object,
) -> tuple[Path, ...]:
    """Write a volume as MR Image Storage in Explicit VR Little Endian, one file a slice, in the usual orientation.

    Axes are turned by whole quarter turns so that rows and columns run as on a scanner (axial: columns to the
    patient's left, rows to the back); an oblique volume stays oblique. Nothing is interpolated.

    Parameters
    ----------
    folder : Path
        Made if missing; files are named `0001.dcm` and up, from the first slice along the normal.
    array : (i, j, k)
        Rounded to whole numbers, which must fit into int16.
    affine : (4, 4) float64
        Voxel index to LPS millimetres, axes at right angles.
    sequence : Sequence or str
        t1, t1c, t2, flair or pd.
    thickness_mm : float or None
        Slice thickness where it is not the distance between slices.
    window : (centre, width) or None
        By default from the 1st to the 99.5th percentile of what is not 0.
    **said
        Fields of `SeriesHeader`: study_uid, frame_uid, series_uid, series_number, series_description,
        study_description, patient_id, patient_name, patient_sex, age_years, study_date, study_time,
        accession_number, field_strength_t, synthetic.

    Returns
    -------
    tuple of Path
        One a slice.

    Raises
    ------
    ValueError
        The array is not three-dimensional, holds what int16 can't, or its axes are not at right angles.

    Notes
    -----
    Attributes of PS3.3 A.4 (MR Image IOD); SyntheticData is of C.12.1 in edition 2023e and later.
    """
    pixels, affine = upright(_int16(array), np.asarray(affine, dtype=np.float64))
    datasets = series_datasets(pixels, affine, sequence=sequence, thickness_mm=thickness_mm, window=window, **said)
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{number:04d}.dcm" for number in range(1, len(datasets) + 1))
    for path, data in zip(paths, datasets, strict=True):
        dcmwrite(path, data, enforce_file_format=True)
    return paths


def series_datasets(
    pixels: np.ndarray,
    affine: Affine,
    *,
    sequence: Sequence | str,
    thickness_mm: float | None = None,
    window: tuple[float, float] | None = None,
    **said: object,
) -> tuple[Dataset, ...]:
    """The slices of a volume as DICOM datasets, ready to be written or referred to.

    Parameters
    ----------
    pixels : (column, row, slice)
        As `upright` gives them, or as a scanner has them.
    affine : (4, 4) float64
        Of (column, row, slice) to LPS millimetres, axes at right angles.

    Raises
    ------
    ValueError
        The array holds what int16 can't, or a true series is to be made of a sequence of which no protocol is known.
    """
    pixels = _int16(pixels)
    header = SeriesHeader(sequence=Sequence(sequence), **said)  # type: ignore[arg-type]
    if header.sequence not in _TIMING and not header.derived:
        raise ValueError(f"no protocol for the sequence {header.sequence}")
    header = replace(
        header,
        study_uid=header.study_uid or generate_uid(),
        frame_uid=header.frame_uid or generate_uid(),
        series_uid=header.series_uid or generate_uid(),
        study_date=header.study_date or ("" if header.derived else "20240101"),
    )
    common = _common(header)
    _pixels_of_all(common, pixels, window)
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    common.ImageOrientationPatient = [_ds(x) for x in (*directions[:, 0], *directions[:, 1])]
    common.PixelSpacing = [_ds(spacing[1]), _ds(spacing[0])]
    common.SliceThickness = _ds(spacing[2] if thickness_mm is None else thickness_mm)
    common.SpacingBetweenSlices = _ds(spacing[2])
    return tuple(_slice(common, header, pixels[:, :, number], affine, number) for number in range(pixels.shape[2]))


def _int16(array: np.ndarray) -> np.ndarray:
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError("a series is written from three dimensions")
    whole = np.round(array) if array.dtype.kind == "f" else array
    if not np.isfinite(whole).all() or whole.min() < -32768 or whole.max() > 32767:
        raise ValueError("values do not fit into int16")
    return whole.astype(np.int16)


def upright(array: np.ndarray, affine: Affine) -> tuple[np.ndarray, Affine]:
    """Array as (column, row, slice) with its affine, by whole quarter turns; slices are counted along columns x rows.

    Raises
    ------
    ValueError
        The axes are not at right angles.
    """
    cosines = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    if np.abs(cosines.T @ cosines - np.eye(3)).max() > 1e-3:
        raise ValueError("DICOM slices need axes at right angles")
    axes, through = nearest_axes(affine), through_axis_of(affine)
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    order, flips = [], []
    for world, sign in _IN_PLANE[axes[through][0]]:
        old = next(axis for axis in range(3) if axes[axis][0] == world)
        order.append(old)
        flips.append(axes[old][1] != sign)
    normal = np.cross(*(cosines[:, old] * (-1 if flip else 1) for old, flip in zip(order, flips, strict=True)))
    order.append(through)
    flips.append(bool(normal @ cosines[:, through] < 0))
    for new, (old, flip) in enumerate(zip(order, flips, strict=True)):
        turn[old, new] = -1 if flip else 1
        turn[old, 3] = array.shape[old] - 1 if flip else 0
    turned = np.flip(array.transpose(order), axis=[new for new, flip in enumerate(flips) if flip])
    return turned, affine @ turn


def _common(header: SeriesHeader) -> Dataset:
    """What all slices say alike."""
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.ImageType = _kind_of(header)
    data.SOPClassUID = MRImageStorage
    if header.synthetic:
        data.SyntheticData = "YES"
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = header.study_date
    data.StudyTime = data.SeriesTime = data.ContentTime = header.study_time if header.study_date else ""
    data.AccessionNumber = header.accession_number
    data.Modality = "MR"
    data.Manufacturer = "Overread synthetic" if header.synthetic else "Overread"
    data.ReferringPhysicianName = ""
    data.StudyDescription = f"{header.study_description}{' (synthetic)' if header.synthetic else ''}"
    data.PatientName = header.patient_name
    data.PatientID = header.patient_id
    data.PatientBirthDate = header.birth_date
    data.PatientSex = header.patient_sex
    if header.age_years is not None:
        data.PatientAge = f"{header.age_years:03d}Y"
    data.BodyPartExamined = "HEAD"
    data.StudyInstanceUID = header.study_uid
    data.SeriesInstanceUID = header.series_uid
    data.StudyID = header.study_id
    data.SeriesNumber = header.series_number
    data.AcquisitionNumber = 1
    data.FrameOfReferenceUID = header.frame_uid
    data.PositionReferenceIndicator = ""
    if header.derived:
        _derived(data, header)
    else:
        _protocol(data, header)
    return data


def _kind_of(header: SeriesHeader) -> list[str]:
    if header.derived:
        return ["DERIVED", "SECONDARY", "OTHER"]
    return ["DERIVED" if header.synthetic else "ORIGINAL", "PRIMARY", "M"]


def _derived(data: Dataset, header: SeriesHeader) -> None:
    """No word of a scanner: 'RM' is the standard's word for what is not of the usual kinds."""
    data.SeriesDescription = header.series_description
    data.DerivationDescription = header.derived
    data.PatientPosition = data.MRAcquisitionType = ""
    data.ScanningSequence, data.SequenceVariant, data.ScanOptions = "RM", "NONE", ""
    data.EchoTime = data.RepetitionTime = data.EchoTrainLength = None


def _protocol(data: Dataset, header: SeriesHeader) -> None:
    """The words of a usual protocol for the sequence."""
    timing = _TIMING[header.sequence]
    data.SeriesDescription = header.series_description or timing.description
    data.PatientPosition = "HFS"
    data.MRAcquisitionType = "3D" if "GR" in timing.scanning else "2D"
    data.ScanningSequence = list(timing.scanning)
    data.SequenceVariant = timing.variant
    data.ScanOptions = ""
    data.EchoTime = _ds(timing.echo_ms)
    data.RepetitionTime = _ds(timing.repetition_ms)
    if timing.inversion_ms is not None:
        data.InversionTime = _ds(timing.inversion_ms)
    data.FlipAngle = _ds(timing.flip_degrees)
    data.EchoTrainLength = 1 if "GR" in timing.scanning else 16
    data.MagneticFieldStrength = _ds(header.field_strength_t)
    data.ProtocolName = data.SeriesDescription
    if header.sequence is Sequence.T1C:
        data.ContrastBolusAgent = "Gadolinium"
        data.ContrastBolusRoute = "IV"


def _pixels_of_all(data: Dataset, pixels: np.ndarray, window: tuple[float, float] | None) -> None:
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.Rows, data.Columns = pixels.shape[1], pixels.shape[0]
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit = 15
    data.PixelRepresentation = 1
    if window is None:
        shown = pixels[pixels != 0]
        low, high = np.percentile(shown, (1, 99.5)) if len(shown) else (0.0, 1.0)
        window = (float(low + high) / 2, max(float(high - low), 1.0))
    data.WindowCenter, data.WindowWidth = _ds(round(window[0], 2)), _ds(round(window[1], 2))


def _slice(common: Dataset, header: SeriesHeader, pixels: np.ndarray, affine: Affine, number: int) -> Dataset:
    data = Dataset()
    data.update(common)
    known = header.instance_uids
    data.SOPInstanceUID = known[number] if known else generate_uid(entropy_srcs=[header.series_uid, str(number)])
    data.InstanceNumber = number + 1
    place = affine[:3, 3] + affine[:3, 2] * number
    data.ImagePositionPatient = [_ds(x) for x in place]
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    data.SliceLocation = _ds(round(float(place @ normal / np.linalg.norm(normal)), 4))
    data.PixelData = np.ascontiguousarray(pixels.T, dtype="<i2").tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = MRImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return data


def _ds(value: float) -> DSfloat:
    """A decimal string of at most 16 characters, with -0 as 0."""
    return DSfloat(float(value) + 0.0, auto_format=True)
