"""What operators ask. No identity in any of it; all but `/healthz` need a session."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .answers import guarded
from .serving import Serving

__all__ = ["health_routes"]

_FRESH = {"cache-control": "no-store"}


def health_routes(serving: Serving) -> list[Route]:
    """`/healthz`, `/readyz`, `/metrics`."""
    workspace = serving.workspace

    def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=_FRESH)

    def ready(_request: Request) -> Response:
        workspace.ledger.head()
        return PlainTextResponse("ready\n", headers=_FRESH)

    def metrics(_request: Request) -> Response:
        jobs = Counter(job.state for job in workspace.jobs.jobs())
        lines = [
            f"overread_studies {len(workspace.study_ids())}",
            f"overread_ledger_rows {workspace.ledger.head().seq}",
            *(f'overread_jobs{{state="{state}"}} {jobs[state]}' for state in ("queued", "running", "failed", "done")),
        ]
        return PlainTextResponse("\n".join(lines) + "\n", headers=_FRESH)

    return [
        Route("/healthz", guarded(health)),
        Route("/readyz", guarded(ready)),
        Route("/metrics", guarded(metrics)),
    ]
