"""Panels draw view-models with Streamlit and hand the reader's intent to casework.

The only room with Streamlit's state; pages are one call each.
"""

from . import agreement, eeg, frame, help, ledger, models, mri, worklist

__all__ = ["agreement", "eeg", "frame", "help", "ledger", "models", "mri", "worklist"]
