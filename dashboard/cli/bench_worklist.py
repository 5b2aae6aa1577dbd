"""Bench of the worklist: 1,000 studies and 50,000 rows, at first and after one more row, beside reading all anew."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..casework import case_list
from ..domain import Session
from ..jobs import Job
from ..ledger import NewRow
from ..terms import Action, Identity, Role, Scope, StudyKind, WorkspaceKind
from ..workspace import Workspace
from .bench_browser import processor

__all__ = ["bench_worklist"]

_STUDIES = 1_000
_ROWS = 50_000
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_READER = Session("bench", "R-BENCH", Role.RADIOLOGIST, Identity.INVITED)
_ROW = NewRow(
    action=Action.ACCEPT,
    reader="R-01",
    role=Role.RADIOLOGIST,
    identity=Identity.INVITED,
    exposure="PRESENCE+LOCALIZATION+QUANTITATIVE",
    kind=StudyKind.MR,
    input_digest="1" * 64,
    model="bench",
    model_version="1.0.0",
    model_digest="2" * 64,
    prediction="3" * 64,
    finding_kind="lesion",
    score=0.87,
    protocol="4" * 64,
)


def bench_worklist(rounds: int, on_progress: Callable[[int, int, str], None]) -> dict[str, dict[str, Any]]:
    """How long the list takes when a workspace has just been opened, and after each further row.

    The ratio is against working the whole list out anew from rows that have been read, which is what a page without
    an index does at every run. Each study has a result, a finished job and 50 rows.

    Parameters
    ----------
    rounds : int
        Further rows, each followed by the list.
    """
    with tempfile.TemporaryDirectory(prefix="overread-bench-") as name:
        root = Path(name) / "workspace"
        on_progress(0, 3, "write the studies and the rows")
        studies = _build(root)
        on_progress(1, 3, "open")
        opened = Workspace.open(root)
        reading = _seconds(opened.ledger.entries)
        first = _seconds(lambda: case_list(opened, _READER))
        on_progress(2, 3, "one row more")
        after = []
        for n in range(rounds):
            opened.ledger.append(replace(_ROW, study=studies[n % _STUDIES], finding=str(n + 100)))
            after.append(_seconds(lambda: case_list(opened, _READER)))
        on_progress(3, 3, "done")
    return {
        "ratios": {"after_one_row": first / statistics.median(after)},
        "figures": {
            "first_list_ms": round(first * 1000, 1),
            "after_one_row_ms": round(statistics.median(after) * 1000, 2),
            "after_one_row_slowest_ms": round(max(after) * 1000, 2),
            "ledger_read_ms": round(reading * 1000, 1),
            "studies": _STUDIES,
            "rows": _ROWS,
            "processor": processor(),
        },
    }


def _seconds(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def _build(root: Path) -> list[str]:
    """A workspace as intake and predictions leave it, without the arrays that no list reads."""
    workspace = Workspace.open(root, WorkspaceKind.CLINICAL)
    studies = [f"S-{_ALPHABET[n // 32]}{_ALPHABET[n % 32]}{'A' * 8}" for n in range(_STUDIES)]
    rows = []
    for n, study in enumerate(studies):
        _write_study(root, study, n)
        of = replace(_ROW, study=study, subject=f"P-{study[2:]}")
        rows.append(replace(of, action=Action.PREDICT, reader="overread", role=Role.OPERATOR, identity=Identity.SYSTEM))
        rows.append(replace(of, action=Action.PRESENT))
        rows += [replace(of, finding=str(k)) for k in range(1, _ROWS // _STUDIES - 2)]
        rows.append(replace(of, action=Action.SIGN_OFF, scope=Scope.AI_FINDINGS, score=None))
    workspace.ledger.append(*rows)
    return studies


def _write_study(root: Path, study: str, number: int) -> None:
    folder = root / "studies" / study
    folder.mkdir(parents=True)
    said = {
        "id": study, "subject": f"P-{study[2:]}", "input_digest": "1" * 64, "acquired_on": "2026-11-20",
        "added_at": f"2026-11-20T10:00:00.{number:03d}Z", "age_years": 60, "sex": "F", "synthetic": False,
        "kind": "mr", "recording": None, "issues": [],
        "volumes": [{"sequence": sequence, "affine": [0.0] * 16, "issues": []}
                    for sequence in ("t1", "t1c", "t2", "flair")],
    }  # fmt: skip
    result = root / "predictions" / study / ("3" * 64)
    result.mkdir(parents=True)
    (root / "jobs").mkdir(exist_ok=True)
    (folder / "study.json").write_text(json.dumps(said))
    (root / "jobs" / f"{number}.json").write_text(json.dumps(asdict(Job(str(number), study, "bench", "done"))))
