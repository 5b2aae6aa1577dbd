"""Who the files of other recorders name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from .identity import HeaderIdentity, told_identity
from .pauses import file_lines
from .recorders import Recorder
from .text import field_text

__all__ = ["mne_identity"]

_SEXES = {1: "M", 2: "F"}
_NAMED = {
    "fullname": "patient_name", "medicalrecordn": "patient_id", "id": "patient_id", "birthdate": "birthdate",
    "technician": "technician", "physician": "physician", "comments1": "patient_field", "comments2": "recording_field",
}  # fmt: skip


_PNT = {"patient_id": (1540, 16), "patient_name": (1582, 20), "birthdate": (1632, 10)}
"""Places of Nihon Kohden's patient file, (first byte, length)."""


def mne_identity(path: Path, recorder: Recorder, raw: Any) -> HeaderIdentity:
    """What MNE found of the patient, and what it leaves in the files of Persyst and Nihon Kohden."""
    info = raw.info
    subject = info.get("subject_info") or {}
    names = (subject.get(part) for part in ("first_name", "middle_name", "last_name"))
    birthday = subject.get("birthday")
    born = birthday if isinstance(birthday, date) and birthday.year > 1800 else None
    fields = {
        "patient_id": str(subject.get("his_id") or ""),
        "patient_name": " ".join(str(name) for name in names if name),
        "birthdate": born.isoformat() if born else "",
        "technician": str(info.get("experimenter") or ""),
        "recording_field": str(info.get("description") or ""),
    }
    sex = _SEXES.get(int(subject.get("sex") or 0), "")
    start = info["meas_date"]
    if recorder.name == "Persyst":
        fields |= {name: text for name, text in _persyst(path).items() if text}
    if recorder.name == "Nihon Kohden":
        fields |= _nihon(path)
        born = _day(fields.get("birthdate", ""))
    identity = told_identity(fields, born, sex, start and start.replace(tzinfo=None))
    if recorder.name == "ANT" and identity.age_years == 0:  # its program fills in the day of entry where none is given
        return HeaderIdentity(identity.fields, None, identity.sex)
    return identity


def _persyst(path: Path) -> dict[str, str]:
    """The section [Patient] of a `.lay` file."""
    found: dict[str, str] = {}
    section = ""
    for line in file_lines(path):
        if line.startswith("["):
            section = line.strip("[]").lower()
        key, _, value = line.partition("=")
        name = _NAMED.get(key.strip().lower())
        if section == "patient" and name and value.strip() and name not in found:
            found[name] = value.strip()
    return found


def _nihon(path: Path) -> dict[str, str]:
    """Id, name and birth date of a `.PNT` file, at their fixed places."""
    beside = next((p for p in (path.with_suffix(s) for s in (".PNT", ".pnt")) if p.exists()), None)
    if beside is None:
        return {}
    data = beside.read_bytes()[:0x1000]
    fields = {name: field_text(data[first : first + length]) for name, (first, length) in _PNT.items()}
    return {**fields, "birthdate": fields["birthdate"].replace("/", "-")}


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
