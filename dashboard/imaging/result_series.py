"""The series that results refer to: the source's own by its UIDs, or one made from the stored volume."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pydicom import Dataset

from ..domain import Affine, Volume
from ..errors import BadGeometry
from ..terms import SEQUENCE_WORDS
from .dicom_series import series_datasets, upright
from .records import SourceIdentity
from .result_records import Results

__all__ = ["ResultSeries", "result_series"]


@dataclass(frozen=True, eq=False)
class ResultSeries:
    """The slices that results lie on.

    Attributes
    ----------
    datasets : tuple of Dataset
        One a slice, in their order along the normal.
    is_source : bool
        They stand for the source's own instances and are not to be written.
    is_multiframe : bool
        The source is one multi-frame object: its frames can't be told from here, so it is referred to as a whole.
    """

    datasets: tuple[Dataset, ...]
    volume: Volume
    affine: Affine
    is_source: bool
    is_multiframe: bool
    as_scanned: bool

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Columns, rows, slices."""
        return (int(self.datasets[0].Columns), int(self.datasets[0].Rows), len(self.datasets))

    def place(self, array: np.ndarray) -> np.ndarray:
        """An array on the volume's grid as (column, row, slice) of the series; nothing is interpolated."""
        return array if self.as_scanned else upright(array, self.volume.affine)[0]


def result_series(results: Results) -> ResultSeries:
    """The slices on which a study's results lie, under the names that the results bear.

    Under pseudonyms they are a series made from the stored volume: values as stored, geometry as scanned where the
    study was DICOM and turned by whole quarter turns where it was not. For results that go back to their source, they
    stand for the source's slices and bear its UIDs.

    Raises
    ------
    BadGeometry
        The study's images state no position, or their axes are not at right angles: DICOM can't say where they lie.
    """
    volume, labels = results.volume, results.labels
    if not volume.sides_known:
        raise BadGeometry(
            "No DICOM result was written.",
            "The study's images state no position, and a DICOM image has to state one.",
            "Export NIfTI, which says 'sides unknown', or add the images again with their position.",
        )
    source = labels.source
    instances = source.instance_uids.get(volume.digest, ()) if source else ()
    as_scanned = results.source_instances > 0
    if source is not None and len(instances) not in (1, volume.shape[2]):
        raise BadGeometry(
            "No DICOM result was written.",
            "The stored volume can't be joined to the source's slices one by one.",
            "Leave --identified out.",
        )
    pixels, words = _int16(volume)
    try:
        affine = np.asarray(volume.affine, np.float64)
        pixels, affine = (pixels, affine) if as_scanned else upright(pixels, affine)
        datasets = series_datasets(
            pixels,
            affine,
            sequence=volume.sequence,
            derived=f"Stored values of the series; {words}",
            series_number=volume.series_number or 1,
            series_description=SEQUENCE_WORDS.get(volume.sequence, str(volume.sequence)),
            study_description="" if labels.identified else "MR head",
            study_id="" if labels.identified else "1",
            patient_id=labels.patient_id,
            patient_name=labels.patient_name,
            patient_sex=results.sex,
            study_date=results.acquired_on.replace("-", ""),
            study_time="",
            synthetic=results.synthetic,
            **_uids(results, source, instances if len(instances) == volume.shape[2] else ()),
        )
    except ValueError as exc:
        raise BadGeometry(
            "No DICOM result was written.",
            "The images' axes are not at right angles, which a DICOM series can't say.",
            "Export NIfTI.",
        ) from exc
    return ResultSeries(
        datasets=datasets,
        volume=volume,
        affine=affine,
        is_source=source is not None,
        is_multiframe=len(instances) == 1 and len(datasets) > 1,
        as_scanned=as_scanned,
    )


def _uids(results: Results, source: SourceIdentity | None, instances: tuple[str, ...]) -> dict[str, object]:
    volume, new_uid = results.volume, results.labels.new_uid
    frame = new_uid(f"frame {volume.frame or volume.digest}")
    if source is None:
        return {"study_uid": new_uid("study"), "series_uid": new_uid(f"series {volume.digest}"), "frame_uid": frame}
    return {
        "study_uid": source.study_instance_uid,
        "series_uid": source.series_uids.get(volume.digest) or new_uid(f"series {volume.digest}"),
        "frame_uid": source.frame_uids.get(volume.digest) or frame,
        "instance_uids": instances,
        "accession_number": source.accession,
        "birth_date": source.birth_date,
    }


def _int16(volume: Volume) -> tuple[np.ndarray, str]:
    """Values as whole numbers of 16 bits, and what was done to them."""
    array = np.asarray(volume.array)
    if array.dtype.kind in "iub" and array.min() >= -32768 and array.max() <= 32767:
        return array.astype(np.int16), "unchanged"
    finite = np.nan_to_num(array.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(np.abs(finite).max()) or 1.0
    if largest <= 32767 and np.array_equal(finite, np.round(finite)):
        return finite.astype(np.int16), "unchanged"
    factor = 30000 / largest
    return np.round(finite * factor).astype(np.int16), f"multiplied by {factor:.6g} and rounded"
