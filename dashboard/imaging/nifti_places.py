"""Headers of one study's volume files that contradict each other: fields that hardly overlap, one grid mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..domain import Issue, Severity, apply_affine
from .nifti import FileVolume

__all__ = ["doubtful_places"]

_POINTS = 13
_LEAST_SHARE = 0.5


def doubtful_places(read: Sequence[tuple[str, FileVolume]]) -> tuple[Issue, ...]:
    """Warnings on pairs of files, each with both names. A content that moved under a right header is not seen.

    `small_overlap`: of the smaller field less than half lies in the other (none at all is another issue).
    `mirrored_grid`: equal shapes and voxels along the same axes, but one header mirrors the other.
    """
    issues: list[Issue] = []
    placed = sorted((entry for entry in read if entry[1].sides_known), key=lambda entry: entry[0])
    for (name, one), (other_name, other) in combinations(placed, 2):
        where = f"{name}, {other_name}"
        share = max(_share_within(one, other), _share_within(other, one))
        if 0 < share < _LEAST_SHARE:
            issues.append(
                Issue("small_overlap", Severity.WARNING, where,
                      f"{name} and {other_name} overlap by {100 * share:.0f} % of the smaller field only: one of the "
                      "headers may be wrong.", "Check with the crosshair that both show the same place.")
            )  # fmt: skip
        if _is_mirrored(one, other):
            issues.append(
                Issue("mirrored_grid", Severity.WARNING, where,
                      f"{name} and {other_name} have the same grid, but by their headers one is stored as the other's "
                      "mirror image: if a program changed a header alone, left and right are wrong in one of them.",
                      "Check the sides of both against the source.")
            )  # fmt: skip
    return tuple(issues)


def _share_within(one: FileVolume, other: FileVolume) -> float:
    """Share of the first field's points that lie in the second's."""
    ticks = [(np.arange(_POINTS) + 0.5) / _POINTS * n - 0.5 for n in one.array.shape]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    index = apply_affine(np.linalg.inv(other.affine) @ one.affine, points)
    return float(((index > -0.5) & (index < np.array(other.array.shape) - 0.5)).all(axis=1).mean())


def _is_mirrored(one: FileVolume, other: FileVolume) -> bool:
    lengths = [np.linalg.norm(found.affine[:3, :3], axis=0) for found in (one, other)]
    if one.array.shape != other.array.shape or not np.allclose(*lengths, rtol=1e-3):
        return False
    turns = [found.affine[:3, :3] / length for found, length in zip((one, other), lengths, strict=True)]
    along = np.abs(np.einsum("ij,ij->j", *turns)) > 0.9
    return bool(along.all() and np.linalg.det(turns[0]) * np.linalg.det(turns[1]) < 0)
