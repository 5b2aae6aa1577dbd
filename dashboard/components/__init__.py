"""Browser viewers, one folder each, and the functions that mount them on a page."""

from __future__ import annotations

from .assets import ASSETS_FOLDER, asset_version, shim
from .download import download
from .eeg_viewer import EegViewerState, eeg_events, eeg_viewer, eeg_viewer_state
from .mri_viewer import ViewerState, mri_viewer, viewer_state
from .study_table import study_table

__all__ = [
    "ASSETS_FOLDER",
    "EegViewerState",
    "ViewerState",
    "asset_version",
    "download",
    "eeg_events",
    "eeg_viewer",
    "eeg_viewer_state",
    "mri_viewer",
    "shim",
    "study_table",
    "viewer_state",
]
