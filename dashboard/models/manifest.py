"""A model's manifest: what it is, what it reads and gives, for whom it was made, and what stops it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ..errors import BadManifest
from .tensors import MaskOutput, Part, ScoreOutput, SignalInput, VolumeInput

__all__ = [
    "MANIFEST_NAME",
    "EnsembleMember",
    "Evaluation",
    "EventRules",
    "Guard",
    "Manifest",
    "Tolerance",
    "manifest_schema",
    "read_manifest",
]

MANIFEST_NAME = "manifest.json"
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="A file of the model's own folder.")
]
Sentence = Annotated[str, Field(min_length=1, max_length=600)]
_VOLUME_MEASURES = ("air_around_brain",)


class EventRules(Part):
    """How a score over time becomes events: hysteresis, then short ones dropped and near ones joined."""

    channel_aggregation: Literal["model", "max", "mean", "median"] = Field(
        default="model", description="'model': the network's own score of the window; else over its rows' scores."
    )
    on: float = Field(gt=0, lt=1, description="An event begins where the score reaches this.")
    off: float = Field(gt=0, lt=1, description="It ends where the score falls below this.")
    min_duration_s: float = Field(ge=0)
    merge_gap_s: float = Field(ge=0)

    @model_validator(mode="after")
    def _is_sound(self) -> EventRules:
        if self.off > self.on:
            raise ValueError("off is above on")
        return self


class Guard(Part):
    """One measure of the input, taken before the network runs. Outside `limit` the model is refused, or warns.

    `code` is the error's code. `air_around_brain`: the share of air in a shell around the head's outline (volumes). Of
    signals: `usable_channels`, rows of the montage that are neither flat nor saturated for half of the time or more;
    `rate_hz`, of the slowest channel that they need; `amplitude_uv`, root mean square in the model's band, the median of
    rows; `mains_share`, power about 50 or 60 Hz over that from 1 to 70 Hz, the median of rows; `lost_share`, the share
    of the rows' time that is flat or saturated. Where nothing could be measured no guard speaks.
    """

    code: Literal["not_skull_stripped", "too_few_channels", "guard_failed"]
    measure: Literal["air_around_brain", "usable_channels", "rate_hz", "amplitude_uv", "mains_share", "lost_share"]
    limit: float
    bound: Literal["least", "most"] = Field(default="least", description="Whether `limit` is the least or the most.")
    action: Literal["warn", "refuse"] = "refuse"

    def holds(self, value: float) -> bool:
        """Whether a measured value is within the limit."""
        return value >= self.limit if self.bound == "least" else value <= self.limit


class Tolerance(Part):
    """How far an engine may differ from ONNX Runtime in float32: loss of Dice for masks, difference of score for events."""

    fp16: float = Field(default=0.0, ge=0, le=1)
    bf16: float = Field(default=0.0, ge=0, le=1)


class EnsembleMember(Part):
    """A further network with the same input and output; probabilities and scores are averaged."""

    file: FileName
    sha256: Sha256


class Evaluation(Part):
    """The file with the model's own evaluation, as `overread models evaluate --json` prints it, and its SHA-256."""

    file: FileName
    digest: Sha256


class Manifest(Part):
    """`manifest.json` of a model's folder, checked whole: unknown fields and contradictions are refused."""

    schema_version: Literal[1] = Field(alias="schema", description="Version of this schema.")
    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{1,63}$")
    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([.+-][0-9A-Za-z.+-]+)?$")
    title: Sentence
    task: Literal["segmentation", "events"]
    file: FileName
    sha256: Sha256
    licence: Sentence = Field(description="Terms of the weights, which follow from the data that they were trained on.")
    intended_use: Sentence
    not_for: tuple[Sentence, ...] = Field(min_length=1)
    limits: tuple[Sentence, ...] = Field(min_length=1)
    phantom_trained: bool = Field(description="Whether synthetic heads or signals were among the training data.")
    enabled: bool = True
    input: Annotated[VolumeInput | SignalInput, Field(discriminator="modality")]
    output: Annotated[MaskOutput | ScoreOutput, Field(discriminator="kind")]
    events: EventRules | None = None
    ensemble: tuple[EnsembleMember, ...] = ()
    mirror_axes: tuple[Literal["i", "j", "k"], ...] = Field(
        default=(), description="Also predicted flipped along these axes, singly and together, and averaged."
    )
    tolerance: Tolerance = Tolerance()
    guard: tuple[Guard, ...] = ()
    evaluation: Evaluation | None = None

    @model_validator(mode="after")
    def _is_sound(self) -> Manifest:
        if self.task == "segmentation":
            self._is_sound_segmentation()
        else:
            self._is_sound_detector()
        if len(set(self.mirror_axes)) != len(self.mirror_axes):
            raise ValueError("mirror_axes names an axis twice")
        return self

    def _is_sound_segmentation(self) -> None:
        if not isinstance(self.input, VolumeInput) or not isinstance(self.output, MaskOutput) or self.events:
            raise ValueError("a segmentation has a volume input, regions as output and no events")
        read = {entry.name for entry in self.input.sequences}
        if set(self.input.grid_of) - read:
            raise ValueError("grid_of names a sequence that the model does not read")
        if any(not group or set(group) - read for region in self.output.regions for group in region.needed):
            raise ValueError("needs names a sequence that the model does not read, or none")
        guards = [guard.measure for guard in self.guard]
        if any(measure not in _VOLUME_MEASURES for measure in guards):
            raise ValueError("a guard measures what volumes do not have")
        if self.input.skull_stripped == "required" and "air_around_brain" not in guards:
            raise ValueError("skull_stripped is required, and no guard measures air_around_brain")

    def _is_sound_detector(self) -> None:
        if not isinstance(self.input, SignalInput) or not isinstance(self.output, ScoreOutput) or not self.events:
            raise ValueError("a detector has a signal input, a score as output and rules for events")
        if self.events.channel_aggregation != "model" and self.output.channel_tensor is None:
            raise ValueError("channel_aggregation needs the network's score of each row")
        if any(guard.measure in _VOLUME_MEASURES for guard in self.guard) or self.mirror_axes:
            raise ValueError("a guard or mirror_axes speaks of volumes")


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a model's folder.

    Raises
    ------
    BadManifest
        It is missing, not JSON, or breaks the schema; the first three flaws are named by field.
    """
    try:
        text = (folder / MANIFEST_NAME).read_text(encoding="utf-8")
        given = json.loads(text, object_pairs_hook=_without_doubles)
    except (OSError, ValueError) as exc:
        why = "manifest.json is not there" if isinstance(exc, FileNotFoundError) else "manifest.json is not sound JSON"
        raise _refusal(folder, f"{why}.") from exc
    try:
        return Manifest.model_validate_json(json.dumps(given), strict=True)
    except ValidationError as exc:
        raise _refusal(folder, _flaws(exc)) from exc


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of `manifest.json`, as the documentation holds it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema(by_alias=True)}


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once each: with two `limit`s a reader and the program could see different ones."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a field stands twice")
    return dict(pairs)


def _flaws(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    words = [f"{'.'.join(map(str, flaw['loc'])) or 'the whole'}: {flaw['msg']}" for flaw in found[:3]]
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return f"In manifest.json, {'; '.join(words)}{more}."


def _refusal(folder: Path, why: str) -> BadManifest:
    return BadManifest(
        f"The model in {folder.name} can't be used.",
        why,
        "Mend the file by docs/models.md, then run `overread models check`.",
    )
