"""Recordings: EDF and BDF in and out, the signal cache, montages, detector input, events, spectra, trends.

Everything is microvolts and seconds from the first sample; gaps stay gaps. Only this room imports edfio or mne.
"""

from .annotated_edf import annotated_ending, write_annotated_edf
from .burden import ACNS, Burden, seizure_burden
from .cache import open_signal, store_signal
from .detections import Detections, read_detections
from .detector import DetectorInput, detector_blocks, detector_labels
from .events import Event, risk_events
from .events_tsv import EventLine, write_events_tsv
from .extremes import extremes
from .found import FoundRecording
from .intake import EegIntake, find_recordings
from .montages import Derivation, Montage, montages_for
from .signal_quality import SignalQuality, signal_quality
from .site_montages import form_site_montage, site_montages
from .spectra import SPECTRA_VERSION, spectra
from .trends import TRENDS_VERSION, trends
from .write_edf import write_edf

__all__ = [
    "ACNS",
    "SPECTRA_VERSION",
    "TRENDS_VERSION",
    "Burden",
    "Derivation",
    "Detections",
    "DetectorInput",
    "EegIntake",
    "Event",
    "EventLine",
    "FoundRecording",
    "Montage",
    "SignalQuality",
    "annotated_ending",
    "detector_blocks",
    "detector_labels",
    "extremes",
    "find_recordings",
    "form_site_montage",
    "montages_for",
    "open_signal",
    "read_detections",
    "risk_events",
    "seizure_burden",
    "signal_quality",
    "site_montages",
    "spectra",
    "store_signal",
    "trends",
    "write_annotated_edf",
    "write_edf",
    "write_events_tsv",
]
