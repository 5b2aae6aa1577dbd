"""What `--json` prints, command by command, as models: docs/schemas is written from these, and a test holds both to it.

A key that is not named here is a mistake of the command's, or of this module's; the test that runs each command finds it.
What is a record elsewhere (a row, a finding, a case, a figure) is told as that record, field by field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from ..audit import Measure
from ..casework import Added, Case, Erased, FindingLine, LookedUp, Refused
from ..domain import LedgerEntry
from ..ledger import Head, Problem

__all__ = ["ANSWERS", "Failed", "answer_schema"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(_Part):
    """Of every command; `ok` is false where it could do nothing, or found something bad (exit code 1)."""

    command: str
    version: str
    ok: bool


class ErrorTold(_Part):
    """What went wrong, in three sentences, under a stable code (docs/errors.md)."""

    code: str
    what: str
    why: str
    what_to_do: str


class Failed(_Answer):
    """The answer of any command that failed: exit code 1, or 2 where the command line was not understood."""

    ok: Literal[False]
    error: ErrorTold


class StepTold(_Part):
    """A computed step on a study's series: a registration or a brain mask, and what was decided about it."""

    digest: str
    state: Literal["proposed", "accepted", "discarded", "withdrawn"]
    by: str
    at: str
    series: list[str]
    picture: str
    record: dict[str, Any]


_PARTS: dict[type, type[BaseModel]] = {}


def _told(kind: Any) -> Any:
    """A record's fields as a model, all of them required; tuples and unions of records likewise."""
    if is_dataclass(kind) and isinstance(kind, type):
        if kind not in _PARTS:
            hints = get_type_hints(kind)
            known: dict[str, Any] = {
                f"{f.name}_": (_told(hints[f.name]), Field(alias=f.name)) for f in fields(kind)
            }  # Under an alias: pydantic keeps `schema` and some other names for itself.
            _PARTS[kind] = create_model(kind.__name__, __base__=_Part, **known)
        return _PARTS[kind]
    parts = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, [_told(part) for part in parts])
    if get_origin(kind) is tuple and parts:
        return tuple[tuple(part if part is Ellipsis else _told(part) for part in parts)]
    return kind


_Row, _Head, _Problem, _Finding = _told(LedgerEntry), _told(Head), _told(Problem), _told(FindingLine)
_ShownRow = create_model("ShownRow", __base__=_Row, comment_text=(str, ...))


class AddedResult(_Part):
    """Another tool's result that was taken in."""

    study: str
    kind: Literal["prediction"]
    path: str


class StudyFailed(ErrorTold):
    """A study that no model could read, and why."""

    study: str


class Predicted(_Part):
    """One result that was made, or was there already."""

    study: str
    model: str
    prediction: str
    findings: int
    seconds: float
    engine: str
    warnings: list[str]


class Series(_Part):
    """One series of an MR study, and what it is taken for."""

    digest: str
    number: int | None
    description: str
    sequence: str
    recognised: str
    confidence: float


class ModelTold(_Part):
    """A model in one line."""

    id: str
    version: str
    title: str
    task: Literal["segmentation", "events"]
    enabled: bool
    digest: str


class ModelShown(ModelTold):
    """A model with its manifest (docs/manifest.schema.json)."""

    manifest: dict[str, Any]


class CheckTold(_Part):
    """One check of a model's folder."""

    name: str
    ok: bool
    what: str


class ModelChecked(_Part):
    """A model's checks; of one whose manifest is refused the folder's name alone is known."""

    id: str
    version: str = ""
    title: str = ""
    task: str = ""
    enabled: bool = False
    digest: str = ""
    checks: list[CheckTold]


class RegionOfCase(_Part):
    """One region of one case against its reference; `dice` is null where the reference is empty."""

    case: str
    split: str
    region: str
    sequences: str
    dice: float | None
    reference_ml: float
    predicted_ml: float | None


class RegionSummary(_Part):
    """One region over the cases whose reference holds it."""

    model_config = ConfigDict(extra="allow")
    region: str
    n: int
    median: float | None
    mean: float | None


class RecordingTold(_Part):
    """One recording against its reference events."""

    model_config = ConfigDict(extra="allow")
    file: str
    split: str
    hours: float
    reference: int
    found: int
    false_alarms: int


class RecordingSummary(_Part):
    """All recordings; `upper_per_hour` is the 95 % upper limit of the false alarms' rate."""

    recordings: int
    hours: float
    reference: int
    found: int
    false_alarms: int
    upper_per_hour: float | None


class InstallationCheck(_Part):
    """One part of the installation, or one setting in force."""

    name: str
    state: Literal["ok", "optional", "bad"]
    what: str


class Artifacts(_Part):
    """How many files that rows name are whole, and how many were erased."""

    whole: int
    erased: int


def _answer(name: str, **keys: Any) -> type[BaseModel]:
    """The answer of a command: its own keys beside the three of every command; a default makes one optional."""
    given = {key: of if isinstance(of, tuple) else (of, ...) for key, of in keys.items()}
    title = "".join(word.capitalize() for word in name.split())
    return create_model(f"{title}Answer", __base__=_Answer, command=(Literal[name], ...), **given)


_KEYS: dict[str, dict[str, Any]] = {
    "demo": {"workspace": str, "studies": list[str], "seconds": float},
    "invite": {"address": str, "reader": str, "role": str},
    "assign": {"row": _Row},
    "add": {"added": list[_told(Added) | AddedResult], "refused": list[_told(Refused)]},
    "sequence": {"series": list[Series], "row": _Row | None},
    "register": {"steps": list[StepTold], "row": _Row | None},
    "strip": {"steps": list[StepTold], "row": _Row | None},
    "run": {"predictions": list[Predicted], "failed": list[StudyFailed]},
    "cases": {"cases": list[_told(Case)]},
    "findings": {"findings": list[_Finding]},
    "verdict": {"row": _Row},
    "export": {"files": list[str]},
    "lookup": dict.fromkeys(get_type_hints(LookedUp), str),
    "erase": {"erased": list[_told(Erased)], "due": list[str]},
    "audit": {
        "measures": list[_told(Measure)],
        "reasons": dict[str, int],
        "reason_groups": dict[str, int],
        "synthetic": bool,
    },
    "ledger verify": {"rows": int, "head": _Head, "problems": list[_Problem], "artifacts": (Artifacts | None, None)},
    "ledger head": {"rows": int, "head": _Head, "problems": list[_Problem]},
    "ledger rotate": {"files": list[str], "row": _Row},
    "ledger amend": {"row": _Row},
    "ledger anchor": {"row": _Row},
    "ledger show": {"rows": int, "head": _Head, "problems": list[_Problem], "entries": list[_ShownRow]},
    "ledger export": {
        "files": list[str],
        "rows": int,
        "sequences": (int | None, None),
        "left_out": (int | None, None),
        "left_out_because": (dict[str, int] | None, None),
        "resources": (int | None, None),
    },
    "models list": {"models": list[ModelTold]},
    "models show": {"models": list[ModelShown]},
    "models check": {"models": list[ModelChecked]},
    "models evaluate": {
        "cases": (list[RegionOfCase] | None, None),
        "recordings": (list[RecordingTold] | None, None),
        "summary": list[RegionSummary] | RecordingSummary,
        "failed": list[dict[str, str]],
    },
    "doctor": {"checks": list[InstallationCheck]},
    "bench": {"ratios": dict[str, float], "figures": dict[str, Any]},
}

ANSWERS: dict[str, type[BaseModel]] = {name: _answer(name, **keys) for name, keys in _KEYS.items()}
"""The answer by command; any of them may be `Failed` instead. `serve` answers only where it fails."""


def answer_schema(command: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what a command prints with `--json`, failure included."""
    told: Callable[..., dict[str, Any]] = TypeAdapter(ANSWERS[command] | Failed).json_schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"overread {command} --json",
        **told(ref_template="#/$defs/{model}"),
    }
