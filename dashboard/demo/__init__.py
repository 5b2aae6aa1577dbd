"""Synthetic studies: heads with grown tumours, scalp EEG with seizures; written as the real files are.

Nothing here was fitted to a patient. Models are trained on other seeds than the demonstration's.
"""

from .eegs import EegPlan, SyntheticEeg, demo_recordings, synthetic_recording
from .eegs_background import LABELS
from .eegs_seizures import PeriodicPlan, SeizurePlan, involved_channels, periodic_wave, seizure_wave

__all__ = [
    "LABELS",
    "EegPlan",
    "PeriodicPlan",
    "SeizurePlan",
    "SyntheticEeg",
    "demo_recordings",
    "involved_channels",
    "periodic_wave",
    "seizure_wave",
    "synthetic_recording",
]
