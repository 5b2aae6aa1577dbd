"""The EEG viewer: overview, tools and traces on canvas, the list of events, and their Python face."""

from __future__ import annotations

from .face import EegViewerState, eeg_events, eeg_viewer, eeg_viewer_state

__all__ = ["EegViewerState", "eeg_events", "eeg_viewer", "eeg_viewer_state"]
