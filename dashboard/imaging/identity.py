"""What a DICOM header says of the patient: identity kept apart, age and sex without dates, frames under pseudonyms."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date

from pydicom import Dataset

from .headers import DicomHeader, text
from .records import SourceIdentity

__all__ = [
    "age_years",
    "day_of",
    "frame_pseudonym",
    "is_synthetic",
    "patient_of",
    "sex_of",
    "source_identity",
    "without_names",
]

_NOBODY = {"", "x", "0", "-1", "na", "n/a", "none", "null", "unknown", "anon", "anonym", "anonymous", "anonymized",
           "anonymised", "noname", "no name", "noid", "patient", "test", "default"}  # fmt: skip
_AGE = re.compile(r"(\d{1,3})([DWMY])\Z")
_OLDEST = 90


def patient_of(data: Dataset) -> tuple[str, str]:
    """Issuer and patient id; the id is '' where the file has none or a word that stands for nobody ('ANON', 'unknown').

    Strangers must not become one patient because both were made anonymous.
    """
    issuer, patient = text(data, "IssuerOfPatientID"), text(data, "PatientID")
    return ("", "") if patient.lower() in _NOBODY else (issuer, patient)


def source_identity(data: Dataset) -> SourceIdentity:
    """Who the file names, without the maps of UIDs; it goes to the identities and nowhere else."""
    issuer, patient = patient_of(data)
    return SourceIdentity(
        issuer=issuer,
        patient_id=patient,
        patient_name=_decoded(data, "PatientName"),
        birth_date=text(data, "PatientBirthDate"),
        accession=_decoded(data, "AccessionNumber"),
        study_instance_uid=text(data, "StudyInstanceUID"),
    )


def _decoded(data: Dataset, keyword: str) -> str:
    """The value in the file's own character set."""
    try:
        return str(data.get(keyword, "") or "").strip()
    except Exception:  # an impossible character set
        return text(data, keyword)


def frame_pseudonym(study_instance_uid: str, frame_uid: str) -> str:
    """16 hex digits that stand for a frame of reference within a study; the UID can't be read back from them."""
    return hashlib.sha256(f"overread frame 1\n{study_instance_uid}\n{frame_uid}".encode()).hexdigest()[:16]


def is_synthetic(data: Dataset) -> bool:
    """Whether SyntheticData (0008,001C) says YES."""
    return text(data, "SyntheticData").upper() == "YES"


def day_of(data: Dataset, *keywords: str) -> str:
    """'YYYY-MM-DD' of the first of the elements that holds a date, or ''."""
    for keyword in keywords:
        found = _day(text(data, keyword))
        if found is not None:
            return found.isoformat()
    return ""


def _day(value: str) -> date | None:
    match = re.match(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)", value)
    try:
        found = date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return None if found == date(1900, 1, 1) else found  # what programs write that remove dates


def age_years(data: Dataset) -> int | None:
    """Whole years at the time of the study, capped at 90: from PatientAge, else from the birth date.

    None where neither says it, or where they can't be true.
    """
    match = _AGE.match(text(data, "PatientAge").upper())
    if match:
        years = int(int(match[1]) / {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}[match[2]])
    else:
        born = _day(text(data, "PatientBirthDate"))
        then = _day(day_of(data, "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"))
        if born is None or then is None:
            return None
        years = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
    return min(years, _OLDEST) if 0 <= years <= 130 else None


def sex_of(data: Dataset) -> str:
    """'M', 'F' or ''."""
    sex = text(data, "PatientSex").upper()
    return sex if sex in ("M", "F") else ""


def without_names(words: str, headers: Sequence[DicomHeader]) -> str:
    """A description without words of the patient's name or id, or of names of people who took part.

    Technicians type such things into series descriptions.
    """
    named: set[str] = set()
    for header in headers[:1]:
        for keyword in ("PatientName", "PatientID", "OtherPatientNames", "ReferringPhysicianName", "OperatorsName",
                        "PerformingPhysicianName", "AccessionNumber", "PatientBirthDate"):  # fmt: skip
            named.update(w for w in re.split(r"[\s,;^=_]+", _decoded(header.data, keyword)) if len(w) >= 3)
    for word in sorted(named, key=len, reverse=True):
        if word.lower() not in _NOBODY:
            words = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", "[name]", words, flags=re.IGNORECASE)
    return words
