"""What operators ask. No identity in any of it; all but `/healthz` need a session."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..casework import ledger_state
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

    def metrics(request: Request) -> Response:
        lines = [f"overread_studies {len(workspace.study_ids())}"]
        session = request.scope.get("overread.session")
        rows = ledger_state(workspace, session).rows if session is not None else None
        if rows is not None:  # Counts of rows and jobs tell a blind reader that something was found, or is sought.
            jobs = Counter(job.state for job in workspace.jobs.jobs())
            lines.append(f"overread_ledger_rows {rows}")
            states = ("queued", "running", "failed", "done")
            lines += [f'overread_jobs{{state="{state}"}} {jobs[state]}' for state in states]
        return PlainTextResponse("\n".join(lines) + "\n", headers=_FRESH)

    return [
        Route("/healthz", guarded(health)),
        Route("/readyz", guarded(ready)),
        Route("/metrics", guarded(metrics)),
    ]
