"""MR images: DICOM and NIfTI in and out, grids, lesions and their measures. Only here are pydicom and nibabel."""

from .check_pictures import brain_picture, registration_picture
from .compressing import compress_jpeg2000
from .diameters import longest_diameter
from .dicom_series import SeriesHeader, write_dicom_series
from .extrameatal import extrameatal_part
from .foreign_files import read_result
from .grids import model_grid, reference_volume, resample
from .intake import find_mr_studies
from .labels import bits_from_labels, read_label_map
from .lesions import dice, key_point, lesions
from .midline import MidsagittalPlane, head_mask, midsagittal_plane
from .nifti_masks import write_nifti_mask
from .opening import OpenedSeries, open_series
from .path_length import added_path_length_mm
from .pieces import bounding_box
from .records import FoundStudy, MrIntake, SourceIdentity
from .registration import RIGID_SETTINGS, RigidRegistration, moved, register_rigid
from .result_files import write_captures, write_report, write_segmentation
from .result_records import Labels, ResultFinding, Results, Standing
from .seg_out import SEGMENTATION_TYPES
from .simpleitk import need_simpleitk
from .skull import BRAIN_MARGIN_MM, stripped, with_margin
from .space import apart_from, overlap
from .thumbnails import thumbnail

__all__ = [
    "BRAIN_MARGIN_MM",
    "RIGID_SETTINGS",
    "SEGMENTATION_TYPES",
    "FoundStudy",
    "Labels",
    "MidsagittalPlane",
    "MrIntake",
    "OpenedSeries",
    "ResultFinding",
    "Results",
    "RigidRegistration",
    "SeriesHeader",
    "SourceIdentity",
    "Standing",
    "added_path_length_mm",
    "apart_from",
    "bits_from_labels",
    "bounding_box",
    "brain_picture",
    "compress_jpeg2000",
    "dice",
    "extrameatal_part",
    "find_mr_studies",
    "head_mask",
    "key_point",
    "lesions",
    "longest_diameter",
    "midsagittal_plane",
    "model_grid",
    "moved",
    "need_simpleitk",
    "open_series",
    "overlap",
    "read_label_map",
    "read_result",
    "reference_volume",
    "register_rigid",
    "registration_picture",
    "resample",
    "stripped",
    "thumbnail",
    "with_margin",
    "write_captures",
    "write_dicom_series",
    "write_nifti_mask",
    "write_report",
    "write_segmentation",
]
