"""Who the files of other recorders name."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .identity import HeaderIdentity, told_identity
from .pauses import file_lines
from .recorders import Recorder
from .text import field_text

__all__ = ["mne_identity", "opened_as"]

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
        fields = _persyst(path)
        born = _day(fields.get("birthdate", ""))
    if recorder.name == "Nihon Kohden":
        fields |= _nihon(path)
        born = _day(fields.get("birthdate", ""))
    identity = told_identity(fields, born, sex, start and start.replace(tzinfo=None))
    if recorder.name == "ANT" and identity.age_years == 0:  # its program fills in the day of entry where none is given
        return HeaderIdentity(identity.fields, None, identity.sex)
    return identity


@contextlib.contextmanager
def opened_as(path: Path, recorder: Recorder) -> Iterator[Path]:
    """Where MNE is to open a recording: a Persyst header without its patient, on whose blank fields MNE fails."""
    if recorder.name != "Persyst":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="overread-lay-") as folder:
        kept, section = [], ""
        for line in path.read_bytes().splitlines():
            key = line.partition(b"=")[0].strip().lower()
            if line.startswith(b"["):
                section = field_text(line).strip("[]").lower()
            elif section == "patient" and key not in (b"testdate", b"testtime", b"sex"):
                continue
            elif section == "fileinfo" and key == b"file":
                data = path.with_name(field_text(line.partition(b"=")[2]))
                if data.exists():
                    Path(folder, data.name).symlink_to(data.resolve())
            kept.append(line)
            if section == "patient" and line.startswith(b"["):
                kept += [b"BirthDate=01/01/00", b"ID=0", b"Hand="]
        Path(folder, path.name).write_bytes(b"\n".join(kept) + b"\n")
        yield Path(folder, path.name)


def _persyst(path: Path) -> dict[str, str]:
    """The section [Patient] of a `.lay` file."""
    found: dict[str, str] = {}
    section, first, last = "", "", ""
    for line in file_lines(path):
        if line.startswith("["):
            section = line.strip("[]").lower()
        key, _, value = (part.strip() for part in line.partition("="))
        if section != "patient" or not value:
            continue
        first, last = (value if key.lower() == "first" else first), (value if key.lower() == "last" else last)
        if name := _NAMED.get(key.lower()):
            found.setdefault(name, value)
    return {"patient_name": f"{first} {last}".strip(), **found}


def _nihon(path: Path) -> dict[str, str]:
    """Id, name and birth date of a `.PNT` file, at their fixed places."""
    beside = next((p for p in (path.with_suffix(s) for s in (".PNT", ".pnt")) if p.exists()), None)
    if beside is None:
        return {}
    data = beside.read_bytes()[:0x1000]
    fields = {name: field_text(data[first : first + length]) for name, (first, length) in _PNT.items()}
    return {**fields, "birthdate": fields["birthdate"].replace("/", "-")}


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d-%b-%Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, form).date()
    return None
