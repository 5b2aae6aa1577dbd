"""What a DICOM object is: an MR image to read, something to set aside, or something to refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import OverreadError
from .headers import DicomHeader, text
from .refusals import not_an_image, not_mr, truncated

__all__ = ["Objection", "objection_to"]

_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_DIRECTORY = "1.2.840.10008.1.3.10"
_MR_IMAGES = tuple(f"1.2.840.10008.5.1.4.1.1.4{tail}" for tail in ("", ".1", ".3", ".4"))
_RESULTS = {
    "SEG": "a segmentation",
    "SR": "a structured report",
    "RTSTRUCT": "a structure set",
    "RTPLAN": "a treatment plan",
    "RTDOSE": "a dose map",
    "PR": "a presentation state",
    "KO": "a key object note",
    "REG": "a registration",
    "DOC": "a document",
    "RWV": "a value mapping",
    "SC": "a secondary capture",
    "OT": "a secondary capture",
}
_SCOUT = re.compile(r"\b(3 ?plane|three ?plane|locali[sz]ers?|scout|pilot|survey|aah(ead)? ?scout)\b")
_NO_SLICES = {
    "LOCALIZER": "a localizer",
    "PROJECTION IMAGE": "a projection through many slices",
    "SCREEN SAVE": "a screen capture",
    "PASTED": "a screen capture",
    "CSA REPORT": "a report picture",
}


class Objection:
    """Why a file is not read as part of a series: what to say, and whether it is set aside quietly in its study."""

    def __init__(self, code: str, quiet: bool, error: Callable[[Sequence[Path]], OverreadError]) -> None:
        self.code = code
        self.quiet = quiet
        self.error = error


def objection_to(header: DicomHeader) -> Objection | None:
    """Why this object is not an MR image that can be read, or None.

    Quiet objections (results, captures, localizers) are named in the study's `set_aside` where the study is read.
    """
    modality, sop_class = text(header.data, "Modality").upper(), header.sop_class
    media = text(header.data.file_meta, "MediaStorageSOPClassUID")
    if _DIRECTORY in (sop_class, media):
        return _set_aside("an index of files (DICOMDIR)")
    if modality in _RESULTS:
        return _set_aside(_RESULTS[modality])
    if sop_class == _CAPTURE or sop_class.startswith(_CAPTURE + "."):
        return _set_aside("a secondary capture")
    if modality != "MR" and not (modality == "" and sop_class in _MR_IMAGES):
        return Objection(f"not_mr {modality}", False, lambda paths: not_mr(paths, modality))
    if sop_class == "1.2.840.10008.5.1.4.1.1.4.2":
        return _set_aside("a spectroscopy")
    if header.place is None or 0 in header.size:
        return Objection(
            "truncated", False, lambda paths: truncated(paths, "The file ends before its pixels, or has none.")
        )
    return _not_a_slice(header)


def _set_aside(kind: str) -> Objection:
    return Objection(kind, True, lambda paths: not_an_image(paths, kind))


def _not_a_slice(header: DicomHeader) -> Objection | None:
    types = header.image_type
    for word, kind in _NO_SLICES.items():
        if word in types:
            return _set_aside(kind)
    described = (text(header.data, name).lower() for name in ("SeriesDescription", "ProtocolName"))
    if any(_SCOUT.search(re.sub(r"[^a-z0-9]+", " ", words)) for words in described):
        return _set_aside("a localizer")
    if text(header.data, "BurnedInAnnotation").upper() == "YES":
        return _set_aside("a picture with text burnt in, which may name the patient")
    photometric = text(header.data, "PhotometricInterpretation").upper()
    if photometric not in ("MONOCHROME1", "MONOCHROME2", ""):
        return _set_aside("a colour picture")
    return None
