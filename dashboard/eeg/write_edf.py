"""A recording written as EDF+C, as the demonstration and exports need it."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ..domain import Annotation, MicrovoltSignal
from ..files import fsync_folder

__all__ = ["write_edf"]

_STEPS = 32767
"""Digital values run from -32767 to 32767, so that zero is a value and 0 µV stays 0 µV."""


def write_edf(
    path: Path,
    labels: Sequence[str],
    rate_hz: float,
    signal_uv: MicrovoltSignal,
    *,
    starts_at: datetime | str,
    synthetic: bool = True,
    annotations: Sequence[Annotation] = (),
    patient: str = "X",
    sex: str = "X",
    age_years: int | None = None,
    prefiltering: str = "",
) -> float:
    """Write one gapless recording of channels of one rate as EDF+C, whole or not at all.

    Parameters
    ----------
    labels : sequence of str
        ASCII, at most 16 characters each.
    signal_uv : (channel, sample) float32
        Microvolts, all finite: EDF+C has no way to say that a sample is missing.
    starts_at : datetime or str
        Clock start, 'YYYY-MM-DDTHH:MM:SS' if text; 1985 to 2084.
    synthetic : bool
        Puts 'Overread synthetic' into the recording field: reading it back makes a synthetic study.
    patient : str
        Code of the patient subfield; no name is ever written.
    age_years : int or None
        Whole years at the start. EDF+ has no field for an age, so 1 January of the year of birth that gives it is written
        as the birth date (EDF+ 2.1.3.3); for synthetic recordings, which have no other.

    Returns
    -------
    float
        The largest quantisation step of a channel in microvolts. Each channel's range is its own peak rounded up to
        a whole microvolt, so the step is below 0.1 µV for everything under 3.2 mV.

    Raises
    ------
    ValueError
        An age is given for what is not synthetic, a sample is not finite, shapes don't fit, there is nothing to write, or the samples don't fill whole data
        records (of one second where the rate is a whole number): none is invented to fill the last one.
    """
    from edfio import Edf, EdfAnnotation, EdfSignal, Patient
    from edfio import Recording as EdfRecording

    signal = np.asarray(signal_uv, dtype=np.float64)
    if signal.ndim != 2 or signal.shape[0] != len(labels) or signal.size == 0:
        raise ValueError("one row of samples for each label")
    if not np.isfinite(signal).all():
        raise ValueError("EDF+C can't hold samples that are missing")
    if age_years is not None and not synthetic:
        raise ValueError("a birth date that is made up belongs in synthetic files alone")
    clock = datetime.fromisoformat(starts_at) if isinstance(starts_at, str) else starts_at
    peaks = [max(1, math.ceil(float(np.abs(row).max()))) for row in signal]
    edf = Edf(
        [
            EdfSignal(
                row,
                rate_hz,
                label=label,
                physical_dimension="uV",
                physical_range=(-peak, peak),
                digital_range=(-_STEPS, _STEPS),
                prefiltering=prefiltering,
            )
            for row, label, peak in zip(signal, labels, peaks, strict=True)
        ],
        patient=Patient(
            code=patient,
            sex=sex if sex in ("F", "M") else "X",
            birthdate=None if age_years is None else date(clock.year - age_years, 1, 1),
        ),
        recording=EdfRecording(startdate=clock.date(), equipment_code="Overread_synthetic" if synthetic else "X"),
        starttime=clock.time(),
        annotations=[EdfAnnotation(a.onset_s, a.duration_s or None, a.text) for a in annotations],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.new")
    try:
        edf.write(building)
        os.replace(building, path)
    finally:
        building.unlink(missing_ok=True)
    fsync_folder(path.parent)
    return max(peaks) / _STEPS
