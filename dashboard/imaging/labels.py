"""Label maps of others: read as they are, and brought to a study's grid as a bitmask of regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..domain import Affine, BitmaskVolume
from ..errors import BadGeometry, ImagingRefused, NoFrameInCommon, NotAnImage, NotRecognised, OverreadError
from ..terms import REGIONS
from .grids import Shape, resample
from .volume_files import is_volume_name, read_volume_file

__all__ = ["bits_from_labels", "read_label_map"]

_AGAIN = "Export it again as a NIfTI label map of whole numbers."
_NAME_ONE = "Name a NIfTI file (.nii or .nii.gz), NRRD or MHA."
_MAX_LABEL = 65535


def read_label_map(file: Path, *, placed: bool = True) -> tuple[np.ndarray, Affine]:
    """Read a label map: NIfTI, NRRD or MHA.

    Parameters
    ----------
    placed : bool
        Whether the study that it belongs to states where it lies. A label map with neither sform nor qform can't be
        joined to such a study, nor one with a position to a study without: either would put it somewhere by chance.

    Returns
    -------
    labels : (i, j, k) uint8 or uint16
    affine : (4, 4) float64
        Voxel index to LPS millimetres.

    Raises
    ------
    EmptyFile, TruncatedFile, NotRecognised
        The file holds no such image, or not all of it.
    NotThreeDimensional
        It has more or fewer than three dimensions that are not 1.
    BadGeometry
        Its affine is not finite or folds space, or see `placed`.
    ImagingRefused
        A value is no whole number from 0 to 65535.
    """
    what = f"{file.name} was not taken as a label map."
    values, affine, has_place = _opened(file, what)
    if has_place != placed:
        why = (
            "It states no position, but the study does."
            if placed
            else "It states a position, but the study's images state none."
        )
        raise BadGeometry(what, why, "Export mask and images together, so that both say where they lie.")
    return _whole_numbers(values, what), affine


def _opened(file: Path, what: str) -> tuple[np.ndarray, Affine, bool]:
    """Values, place and whether the file states one, by the same rules as an image's."""
    if not file.is_file() or not is_volume_name(file):
        raise NotRecognised(what, "There is no such file, or it is none of a kind that holds a label map.", _NAME_ONE)
    try:
        found = read_volume_file(file)
        if any(issue.code == "not_finite" for issue in found.issues):
            raise ImagingRefused(what, "Some of its values are not finite: it looks like an image.", _AGAIN)
        return found.array, found.affine, found.sides_known
    except NotAnImage as error:
        raise ImagingRefused(what, "Its values are colours or complex numbers, not labels.", _AGAIN) from error
    except OverreadError as error:
        raise type(error)(what, error.why, error.what_to_do) from error


def _whole_numbers(values: np.ndarray, what: str) -> np.ndarray:
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.round(values)).all()):
        raise ImagingRefused(what, "Its values are not whole numbers: it looks like an image or a probability.", _AGAIN)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > _MAX_LABEL:
        raise ImagingRefused(what, f"Its values run from {low} to {high}, which are no labels.", _AGAIN)
    return values.astype(np.uint8 if high < 256 else np.uint16)


def bits_from_labels(labels: np.ndarray, affine: Affine, grid_affine: Affine, grid_shape: Shape) -> BitmaskVolume:
    """Regions of a label map on a study's grid, by nearest neighbour.

    Parameters
    ----------
    labels : (i, j, k) int
        0 nothing, 1 core, 2 oedema, 3 or 4 enhancing, as in the BraTS challenges.
    affine, grid_affine : (4, 4) float64
        Of the label map and of the grid, LPS.

    Returns
    -------
    (grid_shape) uint8
        Bit n is region n of `terms.REGIONS`: whole tumour, core with enhancing, enhancing. All 0 for an empty map.

    Raises
    ------
    ImagingRefused
        The map holds other labels, whose meaning is not known.
    NoFrameInCommon
        Map and grid do not overlap, or all that is labelled lies outside the grid.
    """
    present = np.unique(labels)
    known = set(REGIONS[0].labels)
    strange = [int(value) for value in present if value and int(value) not in known]
    if strange:
        listed = ", ".join(str(value) for value in strange[:5])
        raise ImagingRefused(
            "The label map was not taken in.",
            f"It holds the labels {listed}, whose meaning is not known here.",
            "Use 1 for core, 2 for oedema, 3 or 4 for enhancing tumour.",
        )
    on_grid = resample(labels, affine, grid_affine, grid_shape, order=0)
    covered = on_grid.any() if present.any() else _overlap(labels.shape, affine, grid_affine, grid_shape)
    if not covered:
        raise NoFrameInCommon(
            "The label map was not taken in.",
            "Nothing that it marks lies within the study's images.",
            "Check that it was made from this study and not moved to another space.",
        )
    table = np.zeros(max(known) + 1, dtype=np.uint8)
    for bit, term in enumerate(REGIONS):
        table[list(term.labels)] |= 1 << bit
    return table[on_grid]


def _overlap(shape: tuple[int, ...], affine: Affine, grid_affine: Affine, grid_shape: Shape) -> bool:
    """Whether any of a coarse set of the map's places lies within the grid."""
    places = np.stack(np.meshgrid(*(np.linspace(0, n - 1, 9) for n in shape), [1.0], indexing="ij"), -1).reshape(-1, 4)
    index = places @ (np.linalg.inv(grid_affine) @ affine).T
    return bool(((index[:, :3] > -0.5) & (index[:, :3] < np.array(grid_shape) - 0.5)).all(axis=1).any())
