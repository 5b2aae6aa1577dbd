"""Synthetic studies: heads with grown tumours, scalp EEG with seizures; written as the real files are.

Nothing here was fitted to a patient. Models are trained on other seeds than the demonstration's.
"""

from .build import build_demo
from .eegs import EegPlan, SyntheticEeg, demo_recordings, synthetic_recording
from .eegs_background import LABELS
from .eegs_seizures import PeriodicPlan, SeizurePlan, involved_channels, periodic_wave, seizure_wave
from .files import write_eeg, write_head
from .heads import HeadPlan, SyntheticHead, demo_heads, random_head, synthetic_head
from .heads_contrasts import AcquiredSeries, SeriesPlan
from .heads_tumour import TumourPlan

__all__ = [
    "LABELS",
    "AcquiredSeries",
    "EegPlan",
    "HeadPlan",
    "PeriodicPlan",
    "SeizurePlan",
    "SeriesPlan",
    "SyntheticEeg",
    "SyntheticHead",
    "TumourPlan",
    "build_demo",
    "demo_heads",
    "demo_recordings",
    "involved_channels",
    "periodic_wave",
    "random_head",
    "seizure_wave",
    "synthetic_head",
    "synthetic_recording",
    "write_eeg",
    "write_head",
]
