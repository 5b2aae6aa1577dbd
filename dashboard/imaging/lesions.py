"""A mask into lesions: what hangs together, measured, numbered, and the map back to the voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import (
    Affine,
    BitmaskVolume,
    BoolVolume,
    Finding,
    ProbabilityMaps,
    Region,
    RegionMeasure,
    apply_affine,
    spacing_of,
    through_axis_of,
)
from ..terms import region_term
from .diameters import axial_axis_of, longest_3d_mm, longest_diameter
from .midline import MidsagittalPlane, midsagittal_plane, side_of
from .pieces import Box, bounding_box, bridged_pieces
from .solid import solid_part

__all__ = ["BRIDGE_MM", "SPECK_ML", "dice", "key_point", "lesions"]

BRIDGE_MM = 3.0
"""Pieces whose edges lie no farther apart are one lesion."""
SPECK_ML = 0.1
"""Lesions under this volume, a ball of 5.8 mm, are one finding together."""


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Dice coefficient of two masks: twice the common voxels over the sum of both.

    NaN where both are empty: it has no value there (a rule of the agreement page, not 0 and not 1).
    """
    first, second = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else float("nan")


def lesions(
    bits: BitmaskVolume,
    regions: Sequence[Region],
    affine: Affine,
    probability: ProbabilityMaps | None = None,
    head: BoolVolume | None = None,
) -> tuple[tuple[Finding, ...], np.ndarray]:
    """The lesions of a mask, largest first, and which voxel belongs to which.

    A lesion is what hangs together (26 neighbours) of the evaluated regions, after bridging gaps of 3 mm; its regions
    are its parts. Lesions under 0.1 ml are one finding of kind 'specks', the last.

    Parameters
    ----------
    bits : (i, j, k) uint8
        Bit `region.bit` is set where the region holds.
    regions : sequence of Region
        Outermost first; those not evaluated are left out, so their bits count for nothing.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.
    probability : (region, i, j, k) float32 or None
        In the order of the bits; a finding's score is the mean of its outermost region.
    head : (i, j, k) bool or None
        For the midsagittal plane; without it every side is 'unknown'.

    Returns
    -------
    findings : tuple of Finding
        Empty for an empty mask.
    lesion_map : (i, j, k) uint8, or uint16 beyond 255 findings
        The finding's number (and `component`); 0 elsewhere. Its union is the union of the evaluated regions.
    """
    from scipy.ndimage import find_objects

    evaluated = tuple(region for region in regions if region.evaluated)
    wanted = np.uint8(sum(1 << region.bit for region in evaluated))
    box = bounding_box(np.asarray(bits) & wanted)
    if box is None:
        return (), np.zeros(bits.shape, dtype=np.uint8)
    corner = np.array([part.start for part in box])
    inner = np.asarray(bits)[box] & wanted
    groups, count = bridged_pieces(inner > 0, spacing_of(affine), BRIDGE_MM)
    voxel_ml = abs(float(np.linalg.det(np.asarray(affine)[:3, :3]))) / 1000
    volumes = np.bincount(groups.ravel(), minlength=count + 1)[1:] * voxel_ml
    largest_first = np.argsort(-volumes, kind="stable")
    ordered = [int(group) for group in largest_first if volumes[group] >= SPECK_ML]
    specks = count - len(ordered)
    numbers = np.zeros(count + 1, dtype=np.uint16)
    numbers[1:] = len(ordered) + 1
    numbers[[group + 1 for group in ordered]] = np.arange(1, len(ordered) + 1)
    found = len(ordered) + (1 if specks else 0)
    lesion_map = np.zeros(bits.shape, dtype=np.uint8 if found < 256 else np.uint16)
    lesion_map[box] = numbers[groups]
    marked = _Marked(
        lesion_map=lesion_map[box],
        groups=groups,
        bits=inner,
        corner=corner,
        shape=bits.shape,
        affine=np.asarray(affine, np.float64),
        regions=evaluated,
        scores=None if probability is None else probability[evaluated[0].bit][box],
        plane=None if head is None else midsagittal_plane(head, affine),
    )
    boxes = find_objects(marked.lesion_map.astype(np.int32))
    kinds = ["lesion"] * len(ordered) + ["specks"] * (found - len(ordered))
    findings = (_finding(marked, n, kind, boxes[n - 1]) for n, kind in enumerate(kinds, start=1))
    return tuple(findings), lesion_map


@dataclass(frozen=True, eq=False)
class _Marked:
    """The part of the grid around all that is marked; `corner` is its first voxel on the whole grid."""

    lesion_map: np.ndarray
    groups: np.ndarray
    bits: np.ndarray
    corner: np.ndarray
    shape: tuple[int, ...]
    affine: Affine
    regions: tuple[Region, ...]
    scores: np.ndarray | None
    plane: MidsagittalPlane | None


def _finding(marked: _Marked, number: int, kind: str, box: Box) -> Finding:
    """Measure one finding within its box."""
    mask = marked.lesion_map[box] == number
    bits = np.where(mask, marked.bits[box], 0)
    first = marked.corner + [part.start for part in box]
    index = np.argwhere(mask) + first
    last = index.max(axis=0)
    groups = marked.groups[box]
    sizes = np.bincount(groups[mask])
    outermost = (bits >> marked.regions[0].bit) & 1 == 1
    scored = outermost if outermost.any() else mask
    score = None if marked.scores is None else round(float(marked.scores[box][scored].mean()), 4)
    largest = mask & (groups == int(sizes.argmax()))
    centre = apply_affine(marked.affine, _centre(largest, marked.affine) + first)
    return Finding(
        number=number,
        kind=kind,
        score=score,
        side=side_of(apply_affine(marked.affine, index), marked.plane),
        regions=tuple(_measure(bits, region, marked.affine, first, kind) for region in marked.regions),
        centre_lps=(round(float(centre[0]), 4), round(float(centre[1]), 4), round(float(centre[2]), 4)),
        box=(tuple(int(n) for n in first), tuple(int(n) for n in last)),  # type: ignore[arg-type]
        pieces=int((sizes > 0).sum()) if kind == "specks" else 1,
        touches_edge=bool((first == 0).any() or (last == np.array(marked.shape) - 1).any()),
        component=number,
    )


def _measure(bits: np.ndarray, region: Region, affine: Affine, first: np.ndarray, kind: str) -> RegionMeasure:
    """Volume of a region of one finding, and diameters, which a group of specks has none of."""
    mask = (bits >> region.bit) & 1 == 1
    volume_ml = float(mask.sum()) * abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    if kind == "specks" or not mask.any():
        return RegionMeasure(region.name, round(volume_ml, 6), experimental=region.experimental)
    solid = solid_part(mask, affine) if region_term(region.name).solid else None
    size = solid.diameter if solid else longest_diameter(mask, affine)
    assert size is not None
    return RegionMeasure(
        region.name,
        round(volume_ml, 6),
        longest_mm=round(size.longest_mm, 3),
        perpendicular_mm=round(size.perpendicular_mm, 3),
        slice_index=size.slice_index + int(first[axial_axis_of(affine)]),
        experimental=region.experimental,
        solid=solid is not None,
        longest_3d_mm=round(longest_3d_mm(mask, affine) or 0.0, 3),
        measurable=solid.measurable if solid else None,
    )


def _centre(mask: np.ndarray, affine: Affine) -> np.ndarray:
    """Index of the voxel deepest inside the mask's acquired slice of largest area; of equals the most central one."""
    from scipy.ndimage import distance_transform_edt

    through = through_axis_of(affine)
    slices = np.moveaxis(mask, through, 0)
    number = int(slices.sum(axis=(1, 2)).argmax())
    spacing = np.delete(spacing_of(affine), through)
    depth = distance_transform_edt(np.pad(slices[number], 1), sampling=spacing)[1:-1, 1:-1]
    deepest = np.argwhere(depth >= depth.max() - 1e-6)
    mean = np.argwhere(slices[number]).mean(axis=0)
    chosen = deepest[int((((deepest - mean) * spacing) ** 2).sum(axis=1).argmin())]
    return np.insert(chosen, through, number)


def key_point(lesion_map: np.ndarray, finding: Finding, affine: Affine) -> tuple[float, float, float] | None:
    """Where to look at a finding first: deepest in it, on the slice of its largest diameter.

    Parameters
    ----------
    lesion_map : (i, j, k)
        The finding's `component` where it is.
    affine : (4, 4) float64
        Voxel index to LPS millimetres.

    Returns
    -------
    (x, y, z) or None
        LPS millimetres. `centre_lps` where the finding has no diameters, or was not acquired in axial slices, on which
        diameters lie.
    """
    sized, through = finding.sized, through_axis_of(affine)
    if finding.box is None or sized is None or sized.slice_index is None or axial_axis_of(affine) != through:
        return finding.centre_lps
    box = tuple(
        slice(sized.slice_index, sized.slice_index + 1) if axis == through else slice(low, high + 1)
        for axis, (low, high) in enumerate(zip(*finding.box, strict=True))
    )
    here = lesion_map[box] == finding.component
    if not here.any():
        return finding.centre_lps
    found = apply_affine(np.asarray(affine), _centre(here, affine) + [part.start for part in box])
    return round(float(found[0]), 4), round(float(found[1]), 4), round(float(found[2]), 4)
