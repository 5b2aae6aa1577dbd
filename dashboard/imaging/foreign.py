"""What other tools' results hold: masks with names, on a grid of their own, and how their names become regions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import Affine, BitmaskVolume, BoolVolume, Region
from ..errors import BadGeometry, ImagingRefused, NoFrameInCommon
from ..terms import REGIONS
from .grids import Shape, resample

__all__ = ["ForeignMask", "ForeignResult", "bits_from_masks", "refusal_words"]

_MAX_REGIONS = 8
_FIELD_MARGIN = 0.5

_KNOWN = (
    ("enhancing_tumour", re.compile(r"(?<!non-)(?<!non )\benhanc(ing|ed)\b", re.IGNORECASE)),
    ("tumour_core", re.compile(r"necro|non-?\s?enhanc|tumou?r[ _]core", re.IGNORECASE)),
    ("whole_tumour", re.compile(r"o?edema|whole[ _]tumou?r|t2/flair", re.IGNORECASE)),
)
"""Words of segments that mean a region of ours; the first that fits. Edema lies in the whole and in no inner one."""


@dataclass(frozen=True, eq=False)
class ForeignMask:
    """One segment or contour set.

    Attributes
    ----------
    name : str
        What the file calls it: coded meaning before free text.
    region : str
        The region of ours that it certainly is, or ''.
    """

    name: str
    mask: BoolVolume
    region: str = ""

    @property
    def known_region(self) -> str:
        """The region of ours that the name means, or ''."""
        return self.region or next((region for region, words in _KNOWN if words.search(self.name)), "")


@dataclass(frozen=True, eq=False)
class ForeignResult:
    """What a file holds.

    Attributes
    ----------
    masks : tuple of ForeignMask
        All on one grid.
    affine : (4, 4) float64
        Of that grid, LPS.
    frame_uid : str
        Frame of reference; '' where the file names none.
    kind : str
        'binary', 'fractional', 'labelmap' or 'rtstruct'.
    """

    masks: tuple[ForeignMask, ...]
    affine: Affine
    frame_uid: str
    kind: str


def refusal_words(name: str) -> str:
    """What happened, for a file that can't be taken in."""
    return f"{name} was not taken in as a result."


def bits_from_masks(
    result: ForeignResult, grid_affine: Affine, grid_shape: Shape, name: str
) -> tuple[BitmaskVolume, tuple[Region, ...]]:
    """The masks on a study's grid, by nearest neighbour, and which regions they are.

    Where every name means a region of ours, these are the regions, nested: what is enhancing is core, and all of it is
    whole. Otherwise each name is a region of its own, and where there are several the first is all of them together.

    Raises
    ------
    NoFrameInCommon
        Nothing marked lies within the grid, or part of it lies outside.
    BadGeometry
        Something marked falls between the grid's voxels and would be lost.
    ImagingRefused
        Nothing is marked, or more is told apart than can be kept.
    """
    marked = tuple(one for one in result.masks if one.mask.any())
    if not marked:
        raise ImagingRefused(refusal_words(name), "It marks nothing.", "Check that it is the result meant.")
    bits = np.zeros(grid_shape, np.uint8)
    if all(one.known_region for one in marked):
        names = [term.name for term in REGIONS]
        layers = [(one, (1 << (names.index(one.known_region) + 1)) - 1) for one in marked]
        regions = tuple(Region(name=term.name, bit=bit) for bit, term in enumerate(REGIONS))
    else:
        layers, regions = _named(marked, name)
    for one, value in layers:
        on_grid = _on_grid(one.mask, result.affine, grid_affine, grid_shape, name)
        bits[on_grid] |= np.uint8(value)
    return bits, regions


def _named(marked: Sequence[ForeignMask], name: str) -> tuple[list[tuple[ForeignMask, int]], tuple[Region, ...]]:
    """A bit for each name, after one for all of them where there are several."""
    slugs = [re.sub(r"[^a-z0-9]+", "_", one.name.lower()).strip("_")[:40] or "segment" for one in marked]
    told = list(dict.fromkeys(slugs))
    shared = len(told) > 1
    if len(told) + shared > _MAX_REGIONS:
        raise ImagingRefused(
            refusal_words(name),
            f"It tells {len(told)} structures apart; a result here has up to {_MAX_REGIONS - 1}.",
            "Export the structures to be judged into a file of their own.",
        )
    names = (["all_together"] if shared else []) + told
    regions = tuple(Region(name=slug, bit=bit) for bit, slug in enumerate(names))
    return [(one, (1 << names.index(slug)) | int(shared)) for one, slug in zip(marked, slugs, strict=True)], regions


def _on_grid(mask: BoolVolume, affine: Affine, grid_affine: Affine, grid_shape: Shape, name: str) -> BoolVolume:
    on_grid = resample(mask.astype(np.uint8), affine, grid_affine, grid_shape, order=0) > 0
    index = np.argwhere(mask)
    matrix = np.linalg.inv(np.asarray(grid_affine, np.float64)) @ np.asarray(affine, np.float64)
    places = index @ matrix[:3, :3].T + matrix[:3, 3]
    inside = ((places > -_FIELD_MARGIN - 0.51) & (places < np.array(grid_shape) + 0.01)).all(axis=1)
    if not inside.all():
        share = 100 * (1 - inside.mean())
        raise NoFrameInCommon(
            refusal_words(name),
            f"{share:.0f} % of what it marks lies outside the study's images.",
            "Check that it was made from this study and not moved to another space.",
        )
    if not on_grid.any():
        raise BadGeometry(
            refusal_words(name),
            "What it marks is finer than the study's voxels and would be lost.",
            "Export it on the grid of the study's series.",
        )
    return on_grid
