"""What a reader may call a seizure: from EEG alone, or with video or notes."""

from __future__ import annotations

__all__ = ["ELECTROGRAPHIC", "SEIZURE_TYPES"]

ELECTROGRAPHIC = "electrographic, clinical correlate unknown"
"""The type of whatever is accepted from EEG alone."""
SEIZURE_TYPES = (
    "focal preserved consciousness seizure",
    "focal impaired consciousness seizure",
    "focal-to-bilateral tonic-clonic seizure",
    "generalized tonic-clonic seizure",
    "typical absence seizure",
    "generalized myoclonic seizure",
    "epileptic spasms",
    "other generalized seizure",
    "unknown whether focal or generalized",
    "unclassified",
)
"""After ILAE 2025 (Beniczky et al., doi:10.1111/epi.18338), shortened; each says what a patient did or noticed."""
