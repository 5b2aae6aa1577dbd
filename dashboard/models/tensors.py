"""What a manifest says of a model's input and output: the part that shapes arrays."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Code",
    "MaskOutput",
    "OutputRegion",
    "Part",
    "ScoreOutput",
    "SequenceInput",
    "SignalInput",
    "VolumeInput",
]

SequenceName = Literal["t1", "t1c", "t2", "flair", "pd", "dwi", "adc"]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of a manifest: unknown fields are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, allow_inf_nan=False)


class SequenceInput(Part):
    """One channel of a volume input. Without a `required` one the model is not run."""

    name: SequenceName
    required: bool = False


class VolumeInput(Part):
    """What a segmentation network reads. Spatial axes are called i, j, k; channels stand in the order of `sequences`."""

    tensor: str
    modality: Literal["MR"]
    sequences: tuple[SequenceInput, ...] = Field(min_length=1, description="Channels, in the network's order.")
    grid_of: tuple[SequenceName, ...] = Field(
        min_length=1, description="On whose grid the result lies: the first of these that the study has."
    )
    spacing_mm: tuple[Positive, Positive, Positive] | Literal["native"]
    orientation: str = Field(pattern="^[LRAPSI]{3}$", description="Where i, j and k increase to, such as LPS.")
    resample: Literal["linear", "cubic"] = "linear"
    normalisation: Literal["zscore_brain", "zscore", "percentile", "none"]
    brain_mask: Literal["any_nonzero", "given"] = "any_nonzero"
    missing: Literal["zero", "refuse"] = Field(description="An absent sequence is all 0, or the model is not run.")
    pad_multiple: int = Field(default=1, ge=1, description="Each axis is padded with 0 at its end to a multiple.")
    skull_stripped: Literal["required", "either"]
    tile: int = Field(default=0, ge=0, description="Edge of the tiles in voxels; 0: the brain's box in one piece.")
    overlap: float = Field(default=0.5, ge=0, lt=1, description="Share of a tile that the next one covers again.")
    layout: Literal["ncijk", "nckji", "nijkc", "nkjic"] = "ncijk"
    dtype: Literal["float32", "float16"] = "float32"

    @model_validator(mode="after")
    def _is_sound(self) -> VolumeInput:
        names = [entry.name for entry in self.sequences]
        if len(set(names)) != len(names):
            raise ValueError("a sequence is listed twice")
        if {frozenset("LR"), frozenset("AP"), frozenset("SI")} != {
            pair for pair in map(frozenset, ("LR", "AP", "SI")) if pair & set(self.orientation)
        }:
            raise ValueError("orientation names an axis twice")
        if self.tile % self.pad_multiple:
            raise ValueError("tile is not a multiple of pad_multiple")
        return self


class SignalInput(Part):
    """What a detector reads: windows of a montage, resampled and filtered. NaN never reaches the network."""

    tensor: str
    modality: Literal["EEG"]
    layout: Literal["ncs", "nsc"] = "ncs"
    dtype: Literal["float32", "float16"] = "float32"
    channels: Literal["any"] | tuple[str, ...] = Field(
        description="'any': every row of the montage, in its order; else exactly these rows."
    )
    rate_hz: Positive
    montage: Literal["longitudinal_bipolar", "average"]
    window_s: Positive
    stride_s: Positive
    units: Literal["microvolt", "volt"] = "microvolt"
    highpass: Positive | None = Field(default=None, description="Hz; null: not filtered.")
    lowpass: Positive | None = Field(default=None, description="Hz; null: not filtered.")
    notch: Positive | None = Field(default=None, description="Hz; null: not filtered.")
    normalisation: Literal["none", "zscore"] = Field(
        default="none", description="zscore: each row of each window by its own mean and standard deviation."
    )

    @model_validator(mode="after")
    def _is_sound(self) -> SignalInput:
        if self.lowpass is not None and self.lowpass >= self.rate_hz / 2:
            raise ValueError("lowpass is not below half of rate_hz")
        if self.highpass is not None and self.lowpass is not None and self.highpass >= self.lowpass:
            raise ValueError("highpass is not below lowpass")
        for name in ("window_s", "stride_s"):
            samples = getattr(self, name) * self.rate_hz
            if abs(samples - round(samples)) > 1e-6 or round(samples) < 1:
                raise ValueError(f"{name} is not a whole number of samples")
        if self.channels != "any" and len(set(self.channels)) != len(self.channels):
            raise ValueError("a channel is listed twice")
        return self


class Code(Part):
    """A coded concept, as DICOM's code sequences hold it."""

    value: str
    scheme: str
    meaning: str


class OutputRegion(Part):
    """One region that the network marks. Where a sequence that it needs is absent the region is not evaluated."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    label: int | tuple[int, ...] = Field(description="Value or values of a label map that belong to the region.")
    code: Code | None = None
    colour: str | None = Field(
        default=None, pattern="^#[0-9a-f]{6}$", description="Not used: regions have the product's own colours."
    )
    threshold: float = Field(default=0.5, gt=0, lt=1)
    needs: tuple[SequenceName | tuple[SequenceName, ...], ...] = Field(
        default=(), description="Sequences without which it is not evaluated; a list among them: any one of these."
    )
    experimental: bool = Field(default=False, description="Starts hidden, and says so.")

    @property
    def labels(self) -> tuple[int, ...]:
        """The label map's values of the region."""
        return (self.label,) if isinstance(self.label, int) else self.label

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """Groups of sequences, of each of which one must be there."""
        return tuple((entry,) if isinstance(entry, str) else entry for entry in self.needs)

    def is_evaluated_with(self, sequences: Collection[str]) -> bool:
        """Whether these sequences suffice for the region."""
        return all(any(name in sequences for name in group) for group in self.needed)


class MaskOutput(Part):
    """What a segmentation network gives, and how masks are made of it."""

    tensor: str
    kind: Literal["sigmoid_regions", "softmax_labels"]
    regions: tuple[OutputRegion, ...] = Field(min_length=1, max_length=8)
    hierarchy: tuple[str, ...] = Field(
        default=(), description="Region names, outermost first: each is cut to the one before."
    )
    fill_holes: bool = False
    min_component_ml: float = Field(default=0.0, ge=0)
    uncertainty: Literal["none"] = "none"
    calibration: str | None = Field(
        default=None, description="How the score was calibrated, with its source; null: not."
    )

    @model_validator(mode="after")
    def _is_sound(self) -> MaskOutput:
        names = [region.name for region in self.regions]
        if len(set(names)) != len(names):
            raise ValueError("a region is listed twice")
        if set(self.hierarchy) - set(names) or len(set(self.hierarchy)) != len(self.hierarchy):
            raise ValueError("hierarchy names a region that is not there, or one twice")
        return self


class ScoreOutput(Part):
    """What a detector gives: one score a window, or one a sample of it, and the same per row where it has that."""

    tensor: str
    kind: Literal["window_score", "sample_score"]
    channel_tensor: str | None = Field(default=None, description="Output (n, row) of each row's own score; null: none.")
    uncertainty: Literal["none"] = "none"
    calibration: str | None = Field(
        default=None, description="How the score was calibrated, with its source; null: not."
    )
