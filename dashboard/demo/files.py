"""The demonstration's studies as files: DICOM series and EDF+ recordings that say they are synthetic."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

from ..eeg import write_edf
from ..imaging import write_dicom_series
from .eegs import EegPlan, synthetic_recording
from .heads import HeadPlan, SyntheticHead, synthetic_head

__all__ = ["write_eeg", "write_head"]


def write_head(plan: HeadPlan, folder: Path) -> SyntheticHead:
    """Make a head and write each of its series as DICOM under `folder`; the same plan gives the same files.

    Returns
    -------
    SyntheticHead
        With the labels that were put in: they are not written.

    Raises
    ------
    MissingExtra
        nilearn, which carries the MNI152 maps, is not installed.
    """
    head = synthetic_head(plan)
    day = date(2026, 3, 1 + plan.seed % 28) - timedelta(days=plan.days_before)
    for number, series in enumerate(head.series, start=1):
        name = f"{number:02d}-{series.plan.sequence}"
        write_dicom_series(
            folder / name,
            series.array,
            series.affine,
            sequence=series.plan.sequence,
            study_uid=_uid(plan.name, "study"),
            frame_uid=_uid(plan.name, "frame"),
            series_uid=_uid(plan.name, name),
            series_number=number,
            patient_id=f"SYNTHETIC-{plan.subject or plan.name}",
            patient_sex=plan.sex,
            age_years=plan.age_years,
            study_date=f"{day:%Y%m%d}",
            synthetic=True,
        )
    return head


def write_eeg(plan: EegPlan, folder: Path) -> Path:
    """Make a recording and write it as `folder/<name>.edf`; the same plan gives the same bytes."""
    made = synthetic_recording(plan)
    path = folder / f"{plan.name}.edf"
    write_edf(
        path,
        made.labels,
        made.rate_hz,
        made.signal_uv,
        starts_at=f"2026-03-{1 + plan.seed % 28:02d}T09:{plan.seed % 60:02d}:00",
        synthetic=True,
        patient=f"SYNTHETIC-{plan.name}",
        sex=plan.sex,
        age_years=plan.age_years,
    )
    return path


def _uid(*parts: str) -> str:
    """A DICOM UID under 2.25 (PS3.5 B.2) that is the same for the same words."""
    digest = hashlib.sha256("\n".join(("overread demonstration 1", *parts)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
