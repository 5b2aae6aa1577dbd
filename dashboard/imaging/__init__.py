"""MR images: DICOM and NIfTI in and out, grids, lesions and their measures. Only here are pydicom and nibabel."""

from .intake import find_mr_studies
from .records import FoundStudy, MrIntake, SourceIdentity

__all__ = ["FoundStudy", "MrIntake", "SourceIdentity", "find_mr_studies"]
