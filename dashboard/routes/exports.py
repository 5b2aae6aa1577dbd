"""Results out: the files of an export, packed on disk and sent from there, and the ledger as one file."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ..casework import ExportOptions, export_study, ledger_export
from ..errors import UsageError
from .answers import allowed, guarded, nothing_here
from .serving import Serving

__all__ = ["export_routes"]

_ENDINGS = {"csv": ".csv", "jsonl": ".jsonl", "dses": "-dses.json", "fhir": "-fhir.json"}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "fhir": "application/fhir+json",
}


def export_routes(serving: Serving) -> list[Route]:
    """`POST /api/export` with JSON `{format}` and a token of the study: a zip of what `overread export` writes.

    Behind a `+` the format names findings to be written though they don't stand, as in `dicom-seg+rejected,unreviewed`;
    behind an `@` whose verdicts count, as in `dicom-seg@mine` or `nifti@adjudicated`.
    A `study` in the order has to be the token's.

    `POST /api/export/ledger` with JSON `{format}` and a token of no study: what `overread ledger export` writes, of the
    rows that may reach the session.
    """

    async def export(request: Request) -> Response:
        order = await request.body()
        return await guarded(lambda asked: _pack(serving, asked, order))(request)

    async def ledger(request: Request) -> Response:
        order = await request.body()
        return await guarded(lambda asked: _ledger(serving, asked, order))(request)

    return [Route("/api/export", export, methods=["POST"]), Route("/api/export/ledger", ledger, methods=["POST"])]


def _pack(serving: Serving, request: Request, order: bytes) -> Response:
    session, capability = allowed(serving, request, "export")
    (asked,) = _ordered(order, "format")
    study = capability.study
    if not study or json.loads(order).get("study", study) != study:
        raise nothing_here()
    named, _, verdicts = asked.partition("@")
    format_, _, further = named.partition("+")
    options = ExportOptions(include=tuple(further.split(",")) if further else (), verdicts=verdicts)
    folder = Path(tempfile.mkdtemp(prefix="overread-export-"))
    try:
        files = export_study(
            serving.workspace, session, serving.workspace.study(study), format_, folder / "files", options=options
        )
        with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder / "files"))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        folder / "export.zip",
        media_type="application/zip",
        filename=f"{study}_{format_}.zip",
        headers={"cache-control": "no-store"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _ledger(serving: Serving, request: Request, order: bytes) -> Response:
    session, capability = allowed(serving, request, "export")
    if capability.study:
        raise nothing_here()
    (format_,) = _ordered(order, "format")
    text, _counts = ledger_export(serving.workspace, session, format_)
    mark = "synthetic_" if serving.workspace.is_demonstration else ""
    name = f"{mark}overread-ledger{_ENDINGS.get(format_, '.txt')}"
    return Response(
        text.encode(),
        media_type=_TYPES.get(format_, "application/json"),
        headers={"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'},
    )


def _ordered(order: bytes, *names: str) -> tuple[str, ...]:
    try:
        said = json.loads(order)
        return tuple(str(said[name]) for name in names)
    except (ValueError, KeyError, TypeError) as exc:
        raise UsageError(
            "The export was not made.", f"The order is not JSON with {' and '.join(names)}.", "Reload the page."
        ) from exc
