"""Results out: the files of an export, packed on disk and sent from there."""

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

from ..casework import export_study
from ..errors import UsageError
from .answers import allowed, guarded, nothing_here
from .serving import Serving

__all__ = ["export_routes"]


def export_routes(serving: Serving) -> list[Route]:
    """`POST /api/export` with JSON `{study, format}`: a zip of what `overread export` writes."""

    async def export(request: Request) -> Response:
        order = await request.body()
        return await guarded(lambda asked: _pack(serving, asked, order))(request)

    return [Route("/api/export", export, methods=["POST"])]


def _pack(serving: Serving, request: Request, order: bytes) -> Response:
    session, capability = allowed(serving, request, "export")
    study, format_ = _ordered(order)
    if study != capability.study:
        raise nothing_here()
    folder = Path(tempfile.mkdtemp(prefix="overread-export-"))
    try:
        files = export_study(serving.workspace, session, serving.workspace.study(study), format_, folder / "files")
        with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
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


def _ordered(order: bytes) -> tuple[str, str]:
    try:
        said = json.loads(order)
        return str(said["study"]), str(said["format"])
    except (ValueError, KeyError, TypeError) as exc:
        raise UsageError(
            "The export was not made.", "The order is not JSON with study and format.", "Reload the page."
        ) from exc
