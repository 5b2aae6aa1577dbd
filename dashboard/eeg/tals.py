"""Time-stamped annotation lists of EDF+ and BDF+: when each data record began, and what was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..domain import Annotation

__all__ = ["RecordTals", "read_tals"]

_ONSET = re.compile(rb"([+-]\d{1,12}(?:\.\d*)?)(?:\x15(\d{1,12}(?:\.\d*)?))?\Z")


@dataclass(frozen=True)
class RecordTals:
    """The lists of one data record.

    Attributes
    ----------
    onset_s : float or None
        When the record begins, seconds from the file's clock start; None where no time-keeping list is readable.
    annotations : tuple of Annotation
        Onsets from the file's clock start.
    unreadable : int
        Lists that were skipped.
    latin : int
        Texts that were not UTF-8 and were read as Latin-1.
    """

    onset_s: float | None
    annotations: tuple[Annotation, ...]
    unreadable: int
    latin: int


def read_tals(data: bytes) -> RecordTals:
    r"""Decode the bytes of one record's first annotation signal, the lists parted by NUL.

    A second list that follows without its NUL, as Nihon Kohden's exports have it, is understood.

    >>> read_tals(b"+2\x14\x14\x00+2.5\x151\x14cough\x14\x00\x00").annotations
    (Annotation(onset_s=2.5, duration_s=1.0, text='cough'),)
    """
    onset_s: float | None = None
    found: list[Annotation] = []
    unreadable = latin = 0
    first = True
    for tal in data.split(b"\0"):
        if not tal:
            continue
        parts = tal.split(b"\x14")
        when = _ONSET.match(parts[0])
        if when is None:
            unreadable += 1
            first = False
            continue
        keeps_time = first and len(parts) > 1 and parts[1] == b""
        if keeps_time:
            onset_s = float(when[1])
        first = False
        for part in parts[1:]:
            if not part:
                continue
            again = _ONSET.match(part) if keeps_time else None
            if again is not None:
                when = again
                continue
            text, was_latin = _text(part)
            latin += was_latin
            found.append(Annotation(float(when[1]), float(when[2] or 0), text))
    return RecordTals(onset_s, tuple(found), unreadable, latin)


def _text(raw: bytes) -> tuple[str, bool]:
    try:
        text, latin = raw.decode("utf-8"), False
    except UnicodeDecodeError:
        text, latin = raw.decode("latin-1"), True
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()), latin
