"""The viewers' modules, and what operators ask. No identity in any of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .answers import guarded
from .serving import Serving

__all__ = ["plain_routes"]

_KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_COMPONENTS = Path(__file__).resolve().parent.parent / "components"


def plain_routes(serving: Serving) -> list[Route]:
    """`/assets/...`, `/healthz`, `/readyz`, `/metrics`."""

    def asset(request: Request) -> Response:
        path = (_COMPONENTS / request.path_params["path"]).resolve()
        if path.suffix not in _KINDS or not path.is_relative_to(_COMPONENTS) or not path.is_file():
            raise KeyError(path.name)
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(path.read_bytes(), media_type=_KINDS[path.suffix], headers=headers)

    def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    def ready(_request: Request) -> Response:
        serving.workspace.ledger.head()
        return PlainTextResponse("ready\n", headers={"cache-control": "no-store"})

    def metrics(_request: Request) -> Response:
        jobs = Counter(job.state for job in serving.workspace.jobs.jobs())
        lines = [f"overread_studies {len(serving.workspace.study_ids())}"]
        lines += [f"overread_ledger_rows {serving.workspace.ledger.head().seq}"]
        lines += [f'overread_jobs{{state="{s}"}} {jobs.get(s, 0)}' for s in ("queued", "running", "failed", "done")]
        return PlainTextResponse("\n".join(lines) + "\n", headers={"cache-control": "no-store"})

    return [
        Route("/assets/{version}/{path:path}", guarded(asset)),
        Route("/healthz", guarded(health)),
        Route("/readyz", guarded(ready)),
        Route("/metrics", guarded(metrics)),
    ]
