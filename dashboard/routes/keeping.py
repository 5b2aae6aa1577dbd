"""Drafts in, exports out."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..casework import export_study
from ..domain import new_own_finding
from ..errors import OverreadError, UsageError
from .answers import allowed, guarded
from .serving import Serving

__all__ = ["keeping_routes"]

_DRAFT_BYTES = 64 << 20
_ORDER_BYTES = 4096


async def _body(request: Request, limit: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise UsageError("The data were not kept.", f"They are over {limit} bytes.", "Send less.")
    return bytes(data)


def keeping_routes(serving: Serving) -> list[Route]:
    """`/api/draft/...` and `/api/export`."""
    workspace = serving.workspace

    async def put_draft(request: Request) -> Response:
        try:
            data = await _body(request, _DRAFT_BYTES)
        except UsageError as error:
            return JSONResponse(error.as_dict(), status_code=413)

        def keep(asked: Request) -> Response:
            session, capability = allowed(serving, asked, "draft")
            study, finding = asked.path_params["study"], asked.path_params["finding"]
            if study != capability.study:
                raise KeyError(study)
            if finding == "new":
                finding = new_own_finding()
            workspace.drafts.put(session.reader, study, finding, data)
            return JSONResponse({"finding": finding, "bytes": len(data)})

        return await guarded(keep)(request)

    def get_draft(request: Request) -> Response:
        session, capability = allowed(serving, request, "draft")
        if request.path_params["study"] != capability.study:
            raise KeyError(capability.study)
        data = workspace.drafts.get(session.reader, capability.study, request.path_params["finding"])
        if data is None:
            raise KeyError(capability.study)
        return Response(data, media_type="application/octet-stream", headers={"cache-control": "no-store"})

    async def export(request: Request) -> Response:
        try:
            said = json.loads(await _body(request, _ORDER_BYTES))
            format_ = str(said["format"])
        except (OverreadError, ValueError, KeyError, TypeError):
            return JSONResponse({"code": "usage", "what": "The export was not understood."}, status_code=400)

        def pack(asked: Request) -> Response:
            session, capability = allowed(serving, asked, "export")
            packed = io.BytesIO()
            with tempfile.TemporaryDirectory(prefix="overread-export-") as folder:
                files = export_study(workspace, session, workspace.study(capability.study), format_, Path(folder))
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                    for file in files:
                        archive.write(file, file.name)
            name = f"{capability.study}_{format_}.zip"
            headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
            return Response(packed.getvalue(), media_type="application/zip", headers=headers)

        return await guarded(pack)(request)

    return [
        Route("/api/draft/{study}/{finding}", put_draft, methods=["PUT"]),
        Route("/api/draft/{study}/{finding}", guarded(get_draft), methods=["GET"]),
        Route("/api/export", export, methods=["POST"]),
    ]
