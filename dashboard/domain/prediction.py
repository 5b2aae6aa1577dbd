"""What a model, or somebody else's tool, said of a study: findings, masks or a risk curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .arrays import Float32Array

__all__ = ["Finding", "ModelIdentity", "Prediction", "Region", "RegionMeasure", "RiskCurve"]


@dataclass(frozen=True)
class ModelIdentity:
    """Which model: id, version, digest of its ONNX file (empty where another tool's result came in)."""

    id: str
    version: str
    digest: str
    title: str = ""


@dataclass(frozen=True)
class Region:
    """One region of a mask: bit `bit` of the bitmask. Not evaluated is not the same as empty."""

    name: str
    bit: int
    threshold: float = 0.5
    evaluated: bool = True
    experimental: bool = False


@dataclass(frozen=True)
class RegionMeasure:
    """Size of one region of one lesion, lengths in millimetres.

    Attributes
    ----------
    longest_mm, perpendicular_mm, slice_index
        The two diameters and the slice of the grid, along its axis most nearly head to foot, on which they lie.
    solid : bool
        The diameters run inside the region, across no cyst, necrosis or cavity.
    longest_3d_mm : float or None
        Greatest distance of two points in any direction.
    measurable : bool or None
        Measurable disease by size as RANO 2.0 has it; None where that is not asked of the region.
    """

    name: str
    volume_ml: float
    longest_mm: float | None = None
    perpendicular_mm: float | None = None
    slice_index: int | None = None
    experimental: bool = False
    solid: bool = False
    longest_3d_mm: float | None = None
    measurable: bool | None = None


@dataclass(frozen=True)
class Finding:
    """One thing to judge: a lesion, a group of specks, or an event.

    Attributes
    ----------
    number : int
        1-based within the prediction, largest or earliest first; the ledger's `finding`.
    kind : str
        'lesion', 'specks' or 'seizure'.
    score : float or None
        Mean detector score of the outermost region, or the event's peak, 0 to 1.
    centre_lps : (x, y, z) millimetres or None
        A voxel inside the lesion, on its slice of largest area (it always lies in the mask).
    box : ((i, j, k), (i, j, k)) or None
        Inclusive index box on the reference grid.
    side : str
        left, right, midline, bilateral or unknown.
    component : int
        Value of this finding in the prediction's lesion map (0: none stored).
    """

    number: int
    kind: str
    score: float | None
    side: str = "unknown"
    regions: tuple[RegionMeasure, ...] = ()
    centre_lps: tuple[float, float, float] | None = None
    box: tuple[tuple[int, int, int], tuple[int, int, int]] | None = None
    pieces: int = 1
    touches_edge: bool = False
    onset_s: float | None = None
    duration_s: float | None = None
    channels: tuple[str, ...] = ()
    component: int = 0

    @property
    def volume_ml(self) -> float | None:
        """Volume of the outermost region."""
        return self.regions[0].volume_ml if self.regions else None

    @property
    def sized(self) -> RegionMeasure | None:
        """The region whose diameters speak for the finding: the innermost that has any."""
        return next((region for region in reversed(self.regions) if region.longest_mm is not None), None)

    @property
    def longest_3d_mm(self) -> float | None:
        """Greatest distance of two points of the outermost region that has any."""
        return next((r.longest_3d_mm for r in self.regions if r.longest_3d_mm is not None), None)

    @property
    def measurable(self) -> bool | None:
        """Whether its solid part is measurable by size; None where it has none, or the result is of an earlier version."""
        return next((r.measurable for r in reversed(self.regions) if r.measurable is not None), None)


@dataclass(frozen=True, eq=False)
class RiskCurve:
    """A detector's score over a recording.

    Attributes
    ----------
    times_s : (n,) float32
        Centre of each window, seconds from the recording's start.
    scores : (n,) float32
        0 to 1; NaN where the window was not evaluated.
    channel_scores : (channel, n) float32
        The same per channel of `channel_labels`.
    """

    times_s: Float32Array
    scores: Float32Array
    channel_scores: Float32Array
    channel_labels: tuple[str, ...]
    step_s: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """One result for one study. `digest` is that of its canonical JSON without times, provider and paths.

    Attributes
    ----------
    kind : str
        'masks' or 'risk'.
    grid : str
        Digest of the volume on whose grid the masks lie ('' for risk).
    mask_digest : str
        Digest of the bitmask (i, j, k) uint8 with the grid's affine; '' where there is none.
    risk_digest : str
        Digest of the risk arrays; '' for masks.
    not_evaluated_s : tuple of (onset_s, duration_s)
        Recording time that the detector did not judge: gaps, flat stretches, edges. Never 'no seizure'.
    """

    digest: str
    study: str
    model: ModelIdentity
    input_digest: str
    kind: str
    settings: dict[str, Any]
    findings: tuple[Finding, ...]
    regions: tuple[Region, ...] = ()
    grid: str = ""
    mask_digest: str = ""
    probability_digest: str = ""
    risk_digest: str = ""
    not_evaluated_s: tuple[tuple[float, float], ...] = ()
    warnings: tuple[str, ...] = ()
    provider: str = ""
    seconds: float = 0.0
    made_at: str = ""
    imported: bool = field(default=False)

    def finding(self, number: int) -> Finding:
        """The finding of that number; KeyError where there is none."""
        for finding in self.findings:
            if finding.number == number:
                return finding
        raise KeyError(number)
