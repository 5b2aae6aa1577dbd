"""How well a model does where a reference is known: every case printed, then the summary."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from ..eeg import find_recordings
from ..errors import NothingToRead, OverreadError
from ..imaging import bits_from_labels, dice, find_mr_studies, read_label_map
from ..models import Model
from .inference import detect_events, segment_volumes

__all__ = ["EvaluationReport", "evaluate_model", "poisson_upper"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class EvaluationReport:
    """Rows of an evaluation and their summary, as `--json` prints them."""

    rows: tuple[dict[str, Any], ...]
    summary: tuple[dict[str, Any], ...] | dict[str, Any]
    refused: tuple[dict[str, str], ...]
    key: str

    def as_dict(self) -> dict[str, Any]:
        """`cases` or `recordings`, `summary`, and what was refused."""
        summary = list(self.summary) if isinstance(self.summary, tuple) else self.summary
        return {self.key: list(self.rows), "summary": summary, "failed": list(self.refused)}

    def text(self) -> str:
        """The same for a terminal."""
        lines = ["  ".join(f"{k} {_short(v)}" for k, v in row.items()) for row in self.rows]
        summaries = self.summary if isinstance(self.summary, tuple) else (self.summary,)
        return "\n".join([*lines, "", *("  ".join(f"{k} {_short(v)}" for k, v in s.items()) for s in summaries)])


def _short(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def evaluate_model(
    model: Model, folder: Path, *, split: str | None = None, on_progress: Progress | None = None
) -> EvaluationReport:
    """Run a model over a folder of cases (`<case>/seg.nii.gz`) or recordings with reference events.

    The split of each is read from a MANIFEST.csv in the folder or one of its parents, by `case` or `file`, and whether
    a recording without a table of events is a seizure as a whole (`seizure_times`: 'whole clip (...)').

    Raises
    ------
    NothingToRead
        The folder holds no case with a reference in that split.
    """
    if model.manifest.task == "segmentation":
        return _segmentation(model, folder, split, on_progress)
    return _events(model, folder, split, on_progress)


def _manifest(folder: Path) -> tuple[Path, dict[str, dict[str, str]]]:
    for place in (folder, *folder.resolve().parents[:2]):
        path = place / "MANIFEST.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            return place, {row.get("case") or row.get("file") or "": row for row in rows}
    return folder, {}


def _segmentation(model: Model, folder: Path, split: str | None, on_progress: Progress | None) -> EvaluationReport:
    _, manifest = _manifest(folder)
    cases = [
        path.parent
        for path in sorted(folder.glob("*/seg.nii.gz"))
        if split in (None, manifest.get(path.parent.name, {}).get("split"))
    ]
    if not cases:
        raise _nothing(folder, split)
    rows: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    for number, case in enumerate(cases):
        if on_progress:
            on_progress(number, len(cases), case.name)
        try:
            rows += _dice_rows(model, case, manifest.get(case.name, {}).get("split", ""))
        except OverreadError as error:
            refused.append({"case": case.name, **error.as_dict()})
    return EvaluationReport(tuple(rows), _region_summary(rows), tuple(refused), "cases")


def _dice_rows(model: Model, case: Path, split: str) -> list[dict[str, Any]]:
    files = [p for p in sorted(case.iterdir()) if p.is_file()]
    intake = find_mr_studies(files, case, {})
    if not intake.studies:
        for _, error in intake.refused:
            raise error
        raise NothingToRead("The case was not evaluated.", "It holds no MR volume.", "Look at the case's folder.")
    study = intake.studies[0]
    made = segment_volumes(model, study.volumes)
    labels, affine = read_label_map(case / "seg.nii.gz", placed=made.grid.sides_known)
    reference = bits_from_labels(labels, affine, made.grid.affine, made.grid.shape)
    voxel_ml = float(np.prod(made.grid.spacing_mm)) / 1000
    names = [entry.name for entry in model.manifest.input.sequences]
    here = {str(volume.sequence) for volume in study.volumes}
    rows = []
    for bit, (region, evaluated) in enumerate(zip(model.manifest.output.regions, made.result.evaluated, strict=True)):
        ours, theirs = (made.bits >> bit) & 1 == 1, (reference >> bit) & 1 == 1
        rows.append(
            {
                "case": case.name,
                "split": split,
                "region": region.name,
                "sequences": "+".join(name for name in names if name in here),
                "dice": float(dice(ours, theirs)) if evaluated and theirs.any() else None,
                "reference_ml": float(theirs.sum()) * voxel_ml,
                "predicted_ml": float(ours.sum()) * voxel_ml if evaluated else None,
            }
        )
    return rows


def _region_summary(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Median, mean and worst Dice by region, over cases with every sequence and over all; empty references apart."""
    most = max((row["sequences"].count("+") for row in rows), default=0)
    summary = []
    for region in dict.fromkeys(row["region"] for row in rows):
        for words, chosen in (
            ("all sequences", [r for r in rows if r["sequences"].count("+") == most]),
            ("any sequences", rows),
        ):
            values = [r["dice"] for r in chosen if r["region"] == region and r["dice"] is not None]
            empty = [
                r["predicted_ml"] for r in chosen
                if r["region"] == region and r["reference_ml"] == 0 and r["predicted_ml"] is not None
            ]  # fmt: skip
            summary.append(
                {
                    "region": region,
                    "of": words,
                    "n": len(values),
                    "median": median(values) if values else None,
                    "mean": mean(values) if values else None,
                    "worst": min(values, default=None),
                    "empty_references": len(empty),
                    "marked_in_empty_ml": max(empty, default=None),
                }
            )
    return tuple(summary)


def _events(model: Model, folder: Path, split: str | None, on_progress: Progress | None) -> EvaluationReport:
    root, manifest = _manifest(folder)
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".edf", ".bdf"))
    chosen = [(p, manifest.get(p.resolve().relative_to(root.resolve()).as_posix(), {})) for p in files]
    chosen = [(p, row) for p, row in chosen if split in (None, row.get("split"))]
    if not chosen:
        raise _nothing(folder, split)
    rows: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    for number, (path, row) in enumerate(chosen):
        if on_progress:
            on_progress(number, len(chosen), path.name)
        try:
            rows.append(_event_row(model, path, row))
        except OverreadError as error:
            refused.append({"file": path.name, **error.as_dict()})
    hours = sum(row["hours"] for row in rows)
    alarms = sum(row["false_alarms"] for row in rows)
    summary = {
        "recordings": len(rows),
        "hours": hours,
        "reference": sum(row["reference"] for row in rows),
        "found": sum(row["found"] for row in rows),
        "false_alarms": alarms,
        "upper_per_hour": poisson_upper(alarms) / hours if hours else None,
    }
    return EvaluationReport(tuple(rows), summary, tuple(refused), "recordings")


def _event_row(model: Model, path: Path, listed: dict[str, str]) -> dict[str, Any]:
    intake = find_recordings([path], path.parent)
    for _, error in intake.refused:
        raise error
    recording = intake.recordings[0].recording
    made = detect_events(model, recording)
    reference = _reference_events(path)
    if listed.get("seizure_times", "").startswith("whole clip ("):
        reference = [(0.0, recording.duration_s)]
    overlaps = [
        any(e.onset_s < stop and e.onset_s + e.duration_s > start for e in made.events) for start, stop in reference
    ]
    false = [
        e for e in made.events
        if not any(e.onset_s < stop and e.onset_s + e.duration_s > start for start, stop in reference)
    ]  # fmt: skip
    missing = sum(length for _, length in made.result.not_evaluated_s)
    return {
        "file": path.name,
        "split": listed.get("split", ""),
        "hours": max(0.0, recording.duration_s - missing) / 3600,
        "reference": len(reference),
        "found": sum(overlaps),
        "false_alarms": len(false),
    }


def _reference_events(path: Path) -> list[tuple[float, float]]:
    """Seizures of `<stem>_events.tsv` beside the recording (SzCORE: eventType begins with 'sz'); none without it."""
    table = path.with_name(path.stem + "_events.tsv")
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return [
        (float(row["onset"]), float(row["onset"]) + float(row["duration"]))
        for row in rows
        if (row.get("eventType") or "").startswith("sz")
    ]


def poisson_upper(count: int) -> float:
    """Exact one-sided upper 95 % limit of a Poisson count: half the chi-square quantile at 2 (n + 1); 3.0 for none."""
    from scipy.stats import chi2

    return float(chi2.ppf(0.95, 2 * (count + 1)) / 2)


def _nothing(folder: Path, split: str | None) -> NothingToRead:
    return NothingToRead(
        "Nothing was evaluated.",
        f"{folder.name} holds no case with a reference{f' in split {split}' if split else ''}.",
        "Name a folder of cases with seg.nii.gz, or of recordings, with a MANIFEST.csv in it or above.",
    )
