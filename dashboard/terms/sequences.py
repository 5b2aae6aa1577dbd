"""MR sequences as Overread names them."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["GRID_ORDER", "SEQUENCE_WORDS", "Sequence"]


class Sequence(StrEnum):
    """Contrast of an MR series; `OTHER` where it could not be told."""

    T1 = "t1"
    T1C = "t1c"
    T2 = "t2"
    FLAIR = "flair"
    PD = "pd"
    DWI = "dwi"
    ADC = "adc"
    OTHER = "other"


SEQUENCE_WORDS = {
    Sequence.T1: "T1",
    Sequence.T1C: "T1 with contrast",
    Sequence.T2: "T2",
    Sequence.FLAIR: "FLAIR",
    Sequence.PD: "Proton density",
    Sequence.DWI: "Diffusion",
    Sequence.ADC: "ADC",
    Sequence.OTHER: "Other",
}

GRID_ORDER = (Sequence.T1C, Sequence.FLAIR, Sequence.T2, Sequence.T1)
"""Reference grid of a study when no manifest says otherwise; else its first series."""
