"""Tumour regions: names, words on screen, colours and codes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["REGIONS", "RegionTerm", "region_term"]


@dataclass(frozen=True)
class RegionTerm:
    """One region as the screen, the masks and the coded exports name it.

    `labels` are the values of a BraTS-style label map (1 core, 2 oedema, 3 or 4 enhancing)
    that belong to the region. Of a solid region, diameters run inside it: across no cyst, necrosis or cavity.
    """

    name: str
    words: str
    short: str
    colour: str
    labels: tuple[int, ...]
    solid: bool = False


REGIONS = (
    RegionTerm("whole_tumour", "T2/FLAIR abnormality", "T2/FLAIR", "#56b4e9", (1, 2, 3, 4)),
    RegionTerm("tumour_core", "Tumour core (with enhancing)", "core", "#e69f00", (1, 3, 4)),
    RegionTerm("enhancing_tumour", "Enhancing", "enhancing", "#cc44ff", (3, 4), solid=True),
)
"""Outermost first; a region lies within the one before it. Two colours are Okabe and Ito's; the third stays apart from
both and from every grey for readers who lack one kind of cone too (`tests/house/test_region_colours.py`)."""


def region_term(name: str) -> RegionTerm:
    """The term of a region by name; an unknown one is shown under its own name in grey."""
    for term in REGIONS:
        if term.name == name:
            return term
    return RegionTerm(name, name.replace("_", " "), name.replace("_", " "), "#b8c0ca", ())
