"""The MRI viewer: findings, tools and viewports on canvas, and its Python face."""

from __future__ import annotations

from .face import ViewerState, mri_viewer, viewer_state

__all__ = ["ViewerState", "mri_viewer", "viewer_state"]
