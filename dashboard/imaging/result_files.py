"""Results as DICOM files: the objects, the series that they refer to, and the last look at what they say."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .captures import captures
from .deidentify import basic_profile
from .result_copies import write_copies
from .result_records import Results
from .result_series import ResultSeries, result_series
from .seg_out import segmentation, segments_of
from .structured_report import structured_report

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write_captures", "write_report", "write_segmentation"]


def write_segmentation(results: Results, folder: Path, stem: str, segmentation_type: str = "binary") -> list[Path]:
    """`<stem>_seg.dcm`, and under pseudonyms the series beside it, a file a slice. Nothing without an outline."""
    if not segments_of(results, segmentation_type):
        return []
    suffix = "" if segmentation_type == "binary" else f"-{segmentation_type}"
    with _quietly():
        series = result_series(results)
        seg = segmentation(results, series, segmentation_type)
    path = _write(seg, folder / f"{stem}_seg{suffix}.dcm", results)
    return [path, *_series(series, folder, results)]


def write_report(results: Results, folder: Path, stem: str, segmentation_type: str = "binary") -> list[Path]:
    """`<stem>_sr.dcm` with the binary segmentation that it refers to, and under pseudonyms the series."""
    with _quietly():
        series = result_series(results)
        seg = segmentation(results, series) if segments_of(results) else None
        report = structured_report(results, series, seg)
    written = [_write(report, folder / f"{stem}_sr.dcm", results)]
    if seg is not None:
        written.append(_write(seg, folder / f"{stem}_seg.dcm", results))
    return [*written, *_series(series, folder, results)]


def write_captures(results: Results, folder: Path, stem: str, segmentation_type: str = "binary") -> list[Path]:
    """`<stem>_sc-<finding>.dcm`, one a finding."""
    with _quietly():
        images = captures(results, result_series(results))
    return [_write(image, folder / f"{stem}_sc-{n}.dcm", results) for n, image in enumerate(images, start=1)]


@contextmanager
def _quietly() -> Iterator[None]:
    """No warnings: the library's repeat a name that it finds oddly written, and a log must hold none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _series(series: ResultSeries, folder: Path, results: Results) -> list[Path]:
    """Write the series unless the source has it already, or copies of the source's files are given."""
    if results.copies_from is not None:
        return write_copies(results, folder)
    if series.is_source:
        return []
    mark = "synthetic_" if results.synthetic else ""
    place = folder / f"{mark}{results.study}_series-{results.volume.digest[:8]}"
    return [_write(data, place / f"{number:04d}.dcm", results) for number, data in enumerate(series.datasets, start=1)]


def _write(data: Dataset, path: Path, results: Results) -> Path:
    from pydicom import dcmwrite

    if not results.labels.identified:
        data = basic_profile(data, patient=(results.labels.patient_id, results.labels.patient_name))
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.new")
    dcmwrite(building, data, enforce_file_format=True)
    building.replace(path)
    return path
