"""MR images: DICOM and NIfTI in and out, grids, lesions and their measures. Only here are pydicom and nibabel."""

from .dicom_series import SeriesHeader, write_dicom_series
from .grids import model_grid, reference_volume, resample
from .intake import find_mr_studies
from .labels import bits_from_labels, read_label_map
from .lesions import dice, lesions
from .midline import head_mask
from .nifti_masks import write_nifti_mask
from .records import FoundStudy, MrIntake, SourceIdentity
from .thumbnails import thumbnail

__all__ = [
    "FoundStudy",
    "MrIntake",
    "SeriesHeader",
    "SourceIdentity",
    "bits_from_labels",
    "dice",
    "find_mr_studies",
    "head_mask",
    "lesions",
    "model_grid",
    "read_label_map",
    "reference_volume",
    "resample",
    "thumbnail",
    "write_dicom_series",
    "write_nifti_mask",
]
