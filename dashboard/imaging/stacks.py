"""Slices into stacks: one orientation, one contrast, sorted by position, evenly spaced; or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from ..domain import Affine, Issue, Severity, affine_from_axes
from .refusals import bad_geometry, non_uniform, not_three_dimensional
from .slices import SPLITTERS, ImageSlice

__all__ = ["Stack", "stacks_of"]

_SAME_DIRECTION = 2e-3
_SAME_PLACE_MM = 0.01
_ROUNDING_MM = 0.05
"""Slices that drift sideways by less in all are taken as upright: their positions were rounded."""
_MAX_VOLUMES = 12


@dataclass(frozen=True)
class Stack:
    """Slices of one volume in the order of their positions along the normal, and where they lie.

    Attributes
    ----------
    affine : (4, 4) float64
        Index (column, row, slice) to LPS millimetres.
    """

    slices: tuple[ImageSlice, ...]
    affine: Affine
    issues: tuple[Issue, ...]
    part: str = ""
    """What tells this stack from others of its series, such as 'echo 30'."""


def stacks_of(slices: Sequence[ImageSlice]) -> tuple[Stack, ...]:
    """The volumes of one series.

    Slices are told apart by orientation, and where several lie at one place by echo, time, b-value, image type and so
    on. Names of files and instance numbers play no part.

    Raises
    ------
    BadGeometry
        Position, orientation or spacing are missing, not finite or contradict each other; sizes are mixed; two
        different images lie at one place and nothing tells them apart.
    NonUniformSpacing
        Slices are missing or unevenly spaced.
    NotThreeDimensional
        More volumes than a reader looks through one by one: a time series.
    """
    paths = _paths(slices)
    for part in slices:
        _check_values(part)
    groups = _by_orientation(slices)
    for group in groups:
        if len({part.size for part in group}) > 1:
            raise bad_geometry(paths, "Its slices have different numbers of rows and columns.")
        if np.ptp([part.pixel_spacing for part in group], axis=0).max() > 1e-3:
            raise bad_geometry(paths, "Its slices have different pixel spacings.")
    parts = [found for group in groups for found in _split(group, SPLITTERS, "")]
    if len(parts) > _MAX_VOLUMES:
        raise not_three_dimensional(paths, f"The series holds {len(parts)} volumes, such as a series over time.")
    return tuple(_stack(group, part, len(parts) > 1) for part, group in parts)


def _paths(slices: Sequence[ImageSlice]) -> list[Path]:
    return sorted({part.header.path for part in slices})


def _check_values(part: ImageSlice) -> None:
    """Refuse a slice whose geometry is missing, not finite or impossible."""
    for words, value in (
        ("position", part.position), ("orientation", part.orientation), ("pixel spacing", part.pixel_spacing),
    ):  # fmt: skip
        if value is None:
            raise bad_geometry([part.header.path], f"It states no {words}.")
        if not np.isfinite(value).all():
            raise bad_geometry([part.header.path], f"Its {words} is not a finite number.")
    row, column = part.orientation[:3], part.orientation[3:]
    lengths = np.linalg.norm([row, column], axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(row @ column) > 0.01:
        raise bad_geometry(
            [part.header.path], "Its row and column directions are not at right angles, or not of length 1."
        )
    if not (part.pixel_spacing.min() >= 0.01 and part.pixel_spacing.max() <= 100):
        raise bad_geometry([part.header.path], "Its pixel spacing is not a length that a scanner makes.")
    if not np.isfinite([part.slope, part.intercept]).all() or part.slope == 0:
        raise bad_geometry([part.header.path], "Its rescale slope or intercept is not a usable number.")


def _by_orientation(slices: Sequence[ImageSlice]) -> list[list[ImageSlice]]:
    groups: list[list[ImageSlice]] = []
    for part in slices:
        for group in groups:
            if np.abs(group[0].orientation - part.orientation).max() < _SAME_DIRECTION:
                group.append(part)
                break
        else:
            groups.append([part])
    return groups


def _normal(part: ImageSlice) -> np.ndarray:
    normal = np.cross(part.orientation[:3], part.orientation[3:])
    return normal / np.linalg.norm(normal)


def _heights(group: Sequence[ImageSlice]) -> np.ndarray:
    """Distances along the group's common normal."""
    return np.array([part.position for part in group]) @ _normal(group[0])


def _meets(group: Sequence[ImageSlice]) -> bool:
    """Whether two slices lie at one place."""
    return len(group) > 1 and bool(np.diff(np.sort(_heights(group))).min() < _SAME_PLACE_MM)


def _split(group: list[ImageSlice], splitters: Sequence[str], part: str) -> list[tuple[str, list[ImageSlice]]]:
    """Split only where slices meet, by the first trait that differs between any of them."""
    if not _meets(group):
        return [(part, group)]
    for number, name in enumerate(splitters):
        values = sorted({piece.traits[name] for piece in group}, key=_numeric_first)
        if len(values) > 1 and _parts_slices_that_meet(group, name):
            found = []
            for value in values:
                pieces = [piece for piece in group if piece.traits[name] == value]
                label = " ".join(filter(None, (part, _part_words(name, value))))
                found += _split(pieces, splitters[number + 1 :], label)
            return found
    raise bad_geometry(
        _paths(group),
        "Two different images lie at one place, and nothing in them says which is which.",
        "Export the series again, one volume at a time.",
    )


def _parts_slices_that_meet(group: Sequence[ImageSlice], name: str) -> bool:
    """Whether the trait tells some two slices apart that lie at one place; one that varies by slice does not count."""
    order = np.argsort(_heights(group), kind="stable")
    heights = _heights(group)
    return any(
        heights[b] - heights[a] < _SAME_PLACE_MM and group[a].traits[name] != group[b].traits[name]
        for a, b in pairwise(order)
    )


def _numeric_first(value: str) -> tuple[float, str]:
    try:
        return (float(value), "")
    except ValueError:
        return (float("inf"), value)


def _part_words(name: str, value: str) -> str:
    if name in ("image_type", "instance_file", "dimension_index"):
        return value.split("\\")[-1].lower() if name == "image_type" else ""
    return f"{name.replace('_', ' ')} {value}" if value else ""


def _stack(group: list[ImageSlice], part: str, split: bool) -> Stack:
    heights = _heights(group)
    ordered = tuple(group[n] for n in np.argsort(heights, kind="stable"))
    first = ordered[0]
    between_rows, between_columns = first.pixel_spacing
    i, j = first.orientation[:3] * between_columns, first.orientation[3:] * between_rows
    step, issues = _step(ordered)
    if split:
        issues.append(
            Issue("series_split", Severity.NOTE, part, "One series held several volumes; each is read by itself.")
        )
    return Stack(ordered, affine_from_axes(first.position, i, j, step), tuple(issues), part)


def _step(ordered: tuple[ImageSlice, ...]) -> tuple[np.ndarray, list[Issue]]:
    """The vector from one slice to the next, after checks of evenness and tilt."""
    normal, paths = _normal(ordered[0]), _paths(ordered)
    thickness = ordered[0].thickness_mm
    usable = thickness is not None and np.isfinite(thickness) and thickness > 0
    if len(ordered) == 1:
        message = "The series has one slice; " + (
            "its thickness is taken as the spacing." if usable else "its thickness is not stated and taken as 1 mm."
        )
        return normal * (thickness if usable else 1.0), [
            Issue("single_slice", Severity.WARNING, ordered[0].name, message, "Volumes in millilitres rest on it.")
        ]
    places = np.array([part.position for part in ordered])
    heights = places @ normal
    gaps = np.diff(heights)
    typical = median(gaps.tolist())
    if np.abs(gaps - typical).max() > max(0.06, 0.05 * typical):
        raise non_uniform(paths, _uneven_words(gaps, typical))
    step = (places[-1] - places[0]) / (len(ordered) - 1)
    off = places - (places[0] + np.arange(len(ordered))[:, None] * step)
    along = off @ normal
    if np.abs(along).max() > max(0.06, 0.05 * typical):
        raise non_uniform(paths, "The spacing of its slices drifts along the stack.")
    sideways = step - normal * (step @ normal)
    if np.linalg.norm(sideways) > 0.02 * typical:
        raise bad_geometry(
            paths,
            "Its slices are shifted against each other, as with a tilted gantry.",
            "Resample the series to upright slices before adding it.",
        )
    across = np.linalg.norm(off - along[:, None] * normal, axis=1)
    if across.max() > 0.25:
        raise bad_geometry(paths, "Its slices do not lie behind one another.")
    if np.linalg.norm(sideways) * (len(ordered) - 1) < _ROUNDING_MM:
        step = normal * (step @ normal)
    issues = []
    if max(np.abs(along).max(), across.max()) > 0.01:
        far = max(float(np.abs(along).max()), float(across.max()))
        issues.append(
            Issue("positions_rounded", Severity.NOTE, ordered[0].name,
                  f"Slice positions stray from an even stack by up to {far:.2f} mm.", "An even stack is shown.")
        )  # fmt: skip
    if usable and typical > 1.5 * thickness:
        issues.append(
            Issue("slice_gap", Severity.WARNING, ordered[0].name,
                  f"Slices of {thickness:g} mm lie {typical:.3g} mm apart: tissue between them was not imaged.",
                  "Check that no slices were left out on export.")
        )  # fmt: skip
    return step, issues


def _uneven_words(gaps: np.ndarray, typical: float) -> str:
    ratios = gaps / typical
    if np.abs(ratios - np.round(ratios)).max() < 0.1:
        missing = int((np.round(ratios) - 1).sum())
        return f"{missing} slice{' is' if missing == 1 else 's are'} missing in the middle of it."
    return f"Its slices lie between {gaps.min():.3g} and {gaps.max():.3g} mm apart."
