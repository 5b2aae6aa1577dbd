"""Recordings: EDF and BDF in and out, the signal cache, montages, detector input, events, spectra.

Everything is microvolts and seconds from the first sample; gaps stay gaps. Only this room imports edfio or mne.
"""

from .found import FoundRecording
from .intake import EegIntake, find_recordings

__all__ = ["EegIntake", "FoundRecording", "find_recordings"]
