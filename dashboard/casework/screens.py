"""What pages ask of a case beside its findings: thumbnails, montages, thresholds, the ledger as a file, checks."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from ..domain import Session, Study
from ..eeg import form_site_montage, montages_for, site_montages
from ..errors import UsageError
from ..files import is_writable
from ..imaging import key_point, thumbnail
from ..ledger import COLUMNS
from ..models import refused_models
from ..terms import Reason, StudyKind, reasons_for
from ..workspace import Workspace
from .predict import model_places, models_of
from .reveal import RevealedPrediction, visible_entries

__all__ = [
    "finding_places",
    "finding_thumbnails",
    "installation_checks",
    "ledger_table",
    "offered_reasons",
    "recording_montages",
    "risk_rules",
]

_EXTRAS = {
    "demo": "nilearn",
    "codecs": "pylibjpeg",
    "openvino": "openvino",
    "train": "torch",
    "registration": "SimpleITK",
    "nrrd": "nrrd",
}


def finding_thumbnails(study: Study, one: RevealedPrediction) -> dict[int, bytes]:
    """A PNG a finding: its key slice, cropped, with the outline. Derived from the model, so behind `reveal`."""
    grid = study.volume(one.prediction.grid)
    bits = one.mask()
    return {f.number: thumbnail(grid, bits, f) for f in one.prediction.findings if f.box is not None}


def finding_places(study: Study, one: RevealedPrediction) -> dict[int, tuple[float, float, float]]:
    """Where the page jumps for a finding, LPS millimetres: in it, on the slice of its largest diameter."""
    affine, numbers = study.volume(one.prediction.grid).affine, one.lesion_map()
    found = {finding.number: key_point(numbers, finding, affine) for finding in one.prediction.findings}
    return {number: point for number, point in found.items() if point is not None}


def recording_montages(workspace: Workspace, study: Study) -> list[dict[str, Any]]:
    """The montages that the study's electrodes allow, ready for the viewer, the site's last, and what could not be formed.

    Raises
    ------
    UsageError
        The setting `eeg.montages` can't be read.
    """
    if study.recording is None:
        return []
    labels = tuple(study.recording.channels[n].label for n in study.recording.eeg_channels)
    of_site = (form_site_montage(one, labels) for one in site_montages(str(workspace.settings["eeg.montages"])))
    return [asdict(montage) for montage in (*montages_for(labels), *of_site)]


_RULES = ("on", "off", "min_duration_s", "merge_gap_s")


def risk_rules(workspace: Workspace, one: RevealedPrediction) -> Mapping[str, float]:
    """The rules with which the prediction's events were made; empty where nobody knows them any more.

    `on`, `off`, `min_duration_s` and `merge_gap_s`. They stand in the prediction itself; one that lacks them is asked of
    its model's manifest.
    """
    kept = one.prediction.settings.get("events")
    if isinstance(kept, Mapping):
        return {name: float(kept[name]) for name in _RULES if name in kept}
    for model in models_of(workspace):
        if model.digest == one.prediction.model.digest and model.manifest.events is not None:
            return {name: float(getattr(model.manifest.events, name)) for name in _RULES}
    return {}


def ledger_table(workspace: Workspace, session: Session, format_: str, *, study: str = "") -> str:
    """Every row that this session may see (of one study), joined with its comment: CSV for spreadsheets or JSON lines.

    Raises
    ------
    UsageError
        The format is neither csv nor jsonl.
    """
    if format_ not in ("csv", "jsonl"):
        raise UsageError(f"{format_} was not written.", "It is not a format of the ledger.", "Choose csv or jsonl.")
    comments = workspace.ledger.comments()
    entries = [e for e in visible_entries(workspace, session) if study in ("", e.study)]
    text = io.StringIO(newline="")
    if format_ == "jsonl":
        for entry in entries:
            joined = {**asdict(entry), "comment_text": comments.get(entry.event_id, "")}
            text.write(json.dumps(joined, ensure_ascii=False) + "\n")
        return text.getvalue()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*COLUMNS, "comment_text"])
    for entry in entries:
        cells = [_plain_cell(getattr(entry, name)) for name in COLUMNS]
        writer.writerow([*cells, _plain_cell(comments.get(entry.event_id, ""))])
    return text.getvalue()


def _plain_cell(value: object) -> str:
    """A cell that no spreadsheet runs: text that begins like a formula gets a quote in front."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "'") and not isinstance(value, int | float) else text


def offered_reasons(workspace: Workspace, kind: StudyKind) -> tuple[Reason, ...]:
    """The coded reasons that the site offers for a kind of study, in the order of their keys; all where it names none.

    Raises
    ------
    UsageError
        The settings name a code that is none.
    """
    wanted = [code.strip() for code in str(workspace.settings[f"review.reasons_{kind}"]).split(",") if code.strip()]
    known = {reason.code: reason for reason in reasons_for(kind)}
    if unknown := [code for code in wanted if code not in known]:
        raise UsageError(
            "The reasons can't be offered.",
            f"review.reasons_{kind} names {unknown[0]}, which is no coded reason.",
            f"Choose of {', '.join(known)}.",
        )
    return tuple(known[code] for code in dict.fromkeys(wanted)) or tuple(known.values())


def installation_checks(workspace: Workspace | None) -> list[dict[str, str]]:
    """What this installation can do, one line a part."""
    checks = [_check("python", sys.version_info >= (3, 11), sys.version.split()[0])]
    for name in ("overread", "streamlit", "onnxruntime", "pydicom", "nibabel", "mne"):
        checks.append(_check(name, *_version(name)))
    for extra, module in _EXTRAS.items():
        there = find_spec(module) is not None
        how = "installed" if there else f'not installed: python -m pip install "overread[{extra}]"'
        checks.append({"name": f"extra {extra}", "state": "ok" if there else "optional", "what": how})
    for model in models_of(workspace):
        checks.append(_check(f"model {model.manifest.id}", True, f"{model.manifest.version}, {model.digest[:12]}"))
    places = model_places(workspace)
    checks += [_check(f"model folder {place.name}", False, "is not there") for place in places if not place.is_dir()]
    for folder, error in refused_models(places):
        checks.append(_check(f"model folder {folder.name}", False, f"{error.what} {error.why} {error.what_to_do}"))
    if workspace is not None:
        free = shutil.disk_usage(workspace.root).free / 1e9
        checks.append(_check("disk", free > 1, f"{free:.0f} GB free"))
        checks.append(_check("workspace", is_writable(workspace.root), str(workspace.kind)))
        problems = workspace.ledger.verify().problems
        checks.append(_check("ledger", not problems, problems[0].what if problems else "chain whole"))
    return checks


def _version(package: str) -> tuple[bool, str]:
    try:
        return True, version(package)
    except PackageNotFoundError:
        return False, "not installed"


def _check(name: str, ok: bool, what: str) -> dict[str, str]:
    return {"name": name, "state": "ok" if ok else "bad", "what": what}
