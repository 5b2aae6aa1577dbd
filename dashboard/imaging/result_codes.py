"""Codes of what results say: SNOMED CT and DCM where there is one, else private ones under a designator of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..terms import reason_words, region_term
from ..terms.words import StudyKind
from .result_records import Standing

if TYPE_CHECKING:
    from pydicom.sr.coding import Code

__all__ = ["LATERALITY", "PRIVATE_SCHEME", "coding_scheme", "private_code", "property_of", "reason_code",
           "standing_code"]  # fmt: skip

PRIVATE_SCHEME = "99OVERREAD"
"""Designators that begin with 99 are private (PS3.16, section 8.2)."""

_PROPERTIES = {
    "whole_tumour": ("52988006", "SCT", "Lesion"),
    "tumour_core": ("4147007", "SCT", "Mass"),
    "enhancing_tumour": ("C113842", "NCIt", "Enhancing Lesion"),
}
LATERALITY = {
    "left": ("7771000", "SCT", "Left"),
    "right": ("24028007", "SCT", "Right"),
    "bilateral": ("51440002", "SCT", "Bilateral"),
    "midline": ("261129000", "SCT", "Midline"),
}
"""CID 244 Laterality, and the midline; an unknown side has no code and is left out."""
_STANDING = {
    Standing.ACCEPTED: "Accepted by reader",
    Standing.MODIFIED: "Modified by reader",
    Standing.ADDED: "Added by reader",
    Standing.REJECTED: "Rejected by reader",
    Standing.UNSURE: "Reader unsure",
    Standing.UNREVIEWED: "Not reviewed",
}


def property_of(region: str) -> Code:
    """What a region is; a model marks no more than a lesion or mass. One of a name that has no code here: a private code."""
    from pydicom.sr.coding import Code

    known = _PROPERTIES.get(region)
    return Code(*known) if known else private_code(region, region_term(region).words)


def private_code(value: str, meaning: str) -> Code:
    """A code of our own."""
    from pydicom.sr.coding import Code

    return Code(value[:16], PRIVATE_SCHEME, meaning[:64])


def standing_code(standing: str) -> Code:
    """The reader's assessment."""
    return private_code(standing, _STANDING[standing])


def reason_code(reason: str) -> Code:
    """Why the reader judged so, for the coded reasons of MR studies."""
    return private_code(reason, reason_words(StudyKind.MR, reason))


def coding_scheme() -> dict[str, str]:
    """What the Coding Scheme Identification Sequence (0008,0110) says of the private designator."""
    return {
        "CodingSchemeDesignator": PRIVATE_SCHEME,
        "CodingSchemeName": "Overread private codes",
        "CodingSchemeResponsibleOrganization": "Overread; the codes mean something only there",
    }
