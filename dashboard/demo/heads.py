"""Synthetic heads: plans, the heads made of them, and the demonstration's six."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain import Affine, BitmaskVolume
from ..terms import Sequence
from .heads_anatomy import bent_tissue
from .heads_contrasts import AcquiredSeries, SeriesPlan, acquired, contrast
from .heads_tumour import TumourPlan, grown_tumour

__all__ = ["HeadPlan", "SyntheticHead", "demo_heads", "random_head", "synthetic_head"]

_ALL = (Sequence.T1, Sequence.T1C, Sequence.T2, Sequence.FLAIR)


@dataclass(frozen=True)
class HeadPlan:
    """What a synthetic head holds; the same plan gives the same voxels.

    Attributes
    ----------
    name : str
        A folder's name.
    seed : int
        Of every random part. The demonstration's are below 1000, those of training from 1000.
    tumour : TumourPlan or None
        None: a head without one.
    subject, days_before : str, int
        Name of the plan of whose head this is an earlier scan, with its seed, and by how many days; '' for none.
    """

    name: str
    seed: int
    age_years: int
    sex: str
    tumour: TumourPlan | None
    series: tuple[SeriesPlan, ...]
    subject: str = ""
    days_before: int = 0


@dataclass(frozen=True, eq=False)
class SyntheticHead:
    """A synthetic head as acquired, with what was put in.

    Attributes
    ----------
    series : tuple of AcquiredSeries
    labels : (i, j, k) uint8
        0 none, 1 necrotic or non-enhancing core, 2 oedema, 3 enhancing tumour; 1 mm, `affine` to LPS millimetres.
    """

    plan: HeadPlan
    series: tuple[AcquiredSeries, ...]
    labels: BitmaskVolume
    affine: Affine


def synthetic_head(plan: HeadPlan) -> SyntheticHead:
    """Make the head that a plan describes, deterministic by its seed.

    Raises
    ------
    MissingExtra
        nilearn, which carries the MNI152 maps, is not installed.
    """
    grown = plan.tumour
    push = (3000 * grown.core_ml / 12.6) ** (1 / 3) if grown else 0.0
    tissue = bent_tissue(
        plan.seed,
        atrophy=min(1.0, max(0.0, (plan.age_years - 30) / 50)),
        push_lps=grown.centre_lps if grown else None,
        push_mm=push,
    )
    tumour = grown_tumour(tissue, grown, plan.seed) if grown else None
    series = tuple(
        acquired(contrast(tissue, tumour, one.sequence, plan.seed), tissue, one, plan.seed) for one in plan.series
    )
    labels = tumour.labels if tumour else np.zeros(tissue.brain.shape, dtype=np.uint8)
    return SyntheticHead(plan, series, labels, tissue.affine)


def _axial(
    slice_mm: float, in_plane_mm: float = 0.9, tilt_degrees: float = 0.0, without: str = ""
) -> tuple[SeriesPlan, ...]:
    """All four sequences on one axial grid."""
    return tuple(
        SeriesPlan(sequence, "axial", in_plane_mm, slice_mm, tilt_degrees) for sequence in _ALL if sequence != without
    )


def demo_heads() -> tuple[HeadPlan, ...]:
    """The demonstration's heads: medium, small, none, large, one that was given no contrast medium, and the first from before."""
    return (
        HeadPlan("left-temporal", 11, 58, "F", TumourPlan((44, 12, -6), 12, 48, 4.0, 0.7), _axial(3.0)),
        HeadPlan("right-frontal-small", 12, 43, "M", TumourPlan((-34, -34, 26), 2.2, 8, 3.0, 0.5), _axial(1.0, 1.0)),
        HeadPlan(
            "no-tumour", 13, 36, "F", None,
            (
                SeriesPlan(Sequence.T1, "sagittal", 1.0, 1.2),
                SeriesPlan(Sequence.T1C, "axial", 0.9, 2.0),
                SeriesPlan(Sequence.T2, "axial", 0.9, 2.0),
                SeriesPlan(Sequence.FLAIR, "axial", 0.9, 2.0),
            ),
        ),
        HeadPlan("right-parietal-large", 14, 67, "M", TumourPlan((-36, 34, 30), 36, 118, 5.5, 0.8), _axial(3.0, 0.9, 8.0)),
        HeadPlan(
            "left-frontal-without-contrast", 15, 34, "M", TumourPlan((32, -36, 20), 18, 40, 0.0, 0.5),
            _axial(2.0, without=Sequence.T1C),
        ),
        HeadPlan(
            "left-temporal-before", 11, 58, "F", TumourPlan((44, 12, -6), 7, 30, 4.0, 0.7), _axial(3.0, 1.2),
            subject="left-temporal", days_before=91,
        ),
    )  # fmt: skip


def random_head(seed: int, *, tumour_free: bool) -> HeadPlan:
    """A head for training: 1 mm in all sequences, its tumour of random place and size; seeds from 1000."""
    rng = np.random.default_rng([seed, 9])
    side = rng.choice((-1, 1))
    centre = (float(side * rng.uniform(18, 48)), float(rng.uniform(-48, 60)), float(rng.uniform(-14, 44)))
    whole_ml = float(np.exp(rng.uniform(np.log(5), np.log(140))))
    core_ml = whole_ml * float(rng.uniform(0.15, 0.6))
    rim_mm = 0.0 if rng.random() < 0.25 else float(rng.uniform(2.0, 7.0))
    tumour = TumourPlan(centre, core_ml, whole_ml, rim_mm, float(rng.uniform(0.2, 1.0)))
    series = tuple(SeriesPlan(s, "axial", 1.0, 1.0, noise=float(rng.uniform(1, 5))) for s in _ALL)
    return HeadPlan(
        f"training-{seed}", seed, int(rng.integers(20, 85)), str(rng.choice(("F", "M"))),
        None if tumour_free else tumour, series,
    )  # fmt: skip
