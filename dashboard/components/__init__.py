"""Browser viewers, one folder each, and the functions that mount them on a page."""

from __future__ import annotations

from .assets import ASSETS_FOLDER, asset_version, shim
from .mri_viewer import ViewerState, mri_viewer, viewer_state
from .study_table import study_table

__all__ = [
    "ASSETS_FOLDER",
    "ViewerState",
    "asset_version",
    "mri_viewer",
    "shim",
    "study_table",
    "viewer_state",
]
