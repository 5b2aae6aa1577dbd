"""Read over seizure alerts."""

from dashboard.panels import eeg

eeg.eeg()
