"""MR images: DICOM and NIfTI in and out, grids, lesions and their measures. Only here are pydicom and nibabel."""

from .compressing import compress_jpeg2000
from .dicom_series import SeriesHeader, write_dicom_series
from .extrameatal import extrameatal_part
from .foreign_files import read_result
from .grids import model_grid, reference_volume, resample
from .intake import find_mr_studies
from .labels import bits_from_labels, read_label_map
from .lesions import dice, lesions
from .midline import head_mask
from .nifti_masks import write_nifti_mask
from .opening import OpenedSeries, open_series
from .records import FoundStudy, MrIntake, SourceIdentity
from .result_files import write_captures, write_report, write_segmentation
from .result_records import Labels, ResultFinding, Results, Standing
from .seg_out import SEGMENTATION_TYPES
from .thumbnails import thumbnail

__all__ = [
    "SEGMENTATION_TYPES",
    "FoundStudy",
    "Labels",
    "MrIntake",
    "OpenedSeries",
    "ResultFinding",
    "Results",
    "SeriesHeader",
    "SourceIdentity",
    "Standing",
    "bits_from_labels",
    "compress_jpeg2000",
    "dice",
    "extrameatal_part",
    "find_mr_studies",
    "head_mask",
    "lesions",
    "model_grid",
    "open_series",
    "read_label_map",
    "read_result",
    "reference_volume",
    "resample",
    "thumbnail",
    "write_captures",
    "write_dicom_series",
    "write_nifti_mask",
    "write_report",
    "write_segmentation",
]
