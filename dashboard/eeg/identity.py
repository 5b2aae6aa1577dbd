"""Who the header names: kept apart from everything else, and taken out of texts where it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from .header import EdfHeader

__all__ = ["HeaderIdentity", "header_identity", "is_synthetic", "told_identity", "without_names"]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NOBODY = {
    "",
    "x",
    "0",
    "-1",
    "none",
    "unknown",
    "anonymous",
    "anonym",
    "no_name",
    "noname",
    "no name",
    "xx",
    "na",
    "n/a",
}


@dataclass(frozen=True)
class HeaderIdentity:
    """What the two identity fields say. `fields` holds plain text and is only ever written to the identities.

    Attributes
    ----------
    fields : dict
        Those of patient_id, patient_name, birthdate, technician, admission, equipment, patient_field and
        recording_field that are not blank.
    age_years : int or None
        Whole years at the start of the recording, 90 at most.
    sex : str
        'M', 'F' or ''.
    """

    fields: dict[str, str]
    age_years: int | None
    sex: str


def is_synthetic(recording_field: str) -> bool:
    """Whether the recording field says 'Overread synthetic' (EDF+ writes spaces as underscores)."""
    return "overread synthetic" in recording_field.replace("_", " ").lower()


def header_identity(header: EdfHeader) -> HeaderIdentity:
    """Read the patient and recording fields, as EDF+ subfields where they are such, else as free text.

    Words that stand for nobody ('X', 'anonymous', '0') give no patient id: strangers must not become one patient.
    """
    parts = header.patient.split()
    plus = header.plus or (len(parts) >= 4 and parts[1] in ("M", "F", "X"))
    fields = {"patient_field": header.patient, "recording_field": header.recording}
    born, sex = None, ""
    if plus and len(parts) >= 3 and parts[1] in ("M", "F", "X"):
        fields["patient_id"] = parts[0]
        born = _date(parts[2])
        fields["birthdate"] = parts[2]
        fields["patient_name"] = " ".join(parts[3:]).replace("_", " ")
        sex = parts[1] if parts[1] in "MF" else ""
    elif not header.plus:
        fields["patient_id"] = header.patient if any(c.isdigit() for c in header.patient) else ""
        fields["patient_name"] = header.patient
    said = header.recording.split()
    if said[:1] == ["Startdate"]:
        for name, value in zip(("admission", "technician", "equipment"), said[2:5], strict=False):
            fields[name] = value.replace("_", " ")
    return told_identity(fields, born, sex, header.start)


def told_identity(fields: dict[str, str], born: date | None, sex: str, start: datetime | None) -> HeaderIdentity:
    """The fields that name somebody, and the age at the start of the recording."""
    kept = {
        name: text for name, text in fields.items() if text.strip().lower() not in _NOBODY and set(text) - set("X ")
    }
    return HeaderIdentity(kept, _age(born, start), sex)


def without_names(text: str, identity: dict[str, str]) -> str:
    """The text without words of the patient's name, id or the technician's name in it.

    >>> without_names("Ms Miller moves", {"patient_name": "Ann Miller"})
    'Ms [name] moves'
    """
    words: set[str] = set()
    for name in ("patient_name", "patient_id", "technician"):
        words.update(w for w in re.split(r"[\s,;^_]+", identity.get(name, "")) if len(w) >= 3)
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "[name]", text, flags=re.I)
    return text


def _date(text: str) -> date | None:
    match = re.match(r"(\d\d)-([A-Za-z]{3})-(\d{4})\Z", text)
    if not match or match[2].upper() not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))
    except ValueError:
        return None


def _age(born: date | None, start: datetime | None) -> int | None:
    """Whole years; None where the two dates can't both be true."""
    if born is None or start is None:
        return None
    years = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    return min(years, 90) if 0 <= years <= 120 else None
