"""Commands that open the pages: serve, invite, demo; and the worker behind them."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from ..terms import Role, WorkspaceKind
from .context import JsonOption, WorkspaceOption, open_workspace, workspace_folder
from .output import Out, progress, reports_errors

__all__ = ["demo", "invite", "serve", "work"]

HostOption = Annotated[str, typer.Option(help="The address to listen on; loopback unless you know better.")]
PortOption = Annotated[int, typer.Option(help="The port; a free one where it is taken.")]
QuietOption = Annotated[bool, typer.Option("--no-browser", help="Print the address and open no browser.")]


@reports_errors("serve")
def serve(
    out: Out,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8501,
    no_browser: QuietOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the pages on this computer."""
    from ..server import serve as start

    place = open_workspace(workspace, create=WorkspaceKind.CLINICAL)
    start(place.root, host=host, port=port, open_browser=not no_browser)


@reports_errors("invite")
def invite(
    out: Out,
    reader: Annotated[str, typer.Option(help="The further reader's code.")],
    role: Annotated[Role, typer.Option(help="In what capacity.")] = Role.RADIOLOGIST,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a one-time address for a further reader of pages that are being served."""
    from ..server import invitation

    address = invitation(workspace_folder(workspace), reader, role)
    out.show(address)
    out.finish({"address": address, "reader": reader, "role": str(role)})


@reports_errors("demo")
def demo(
    out: Out,
    no_browser: QuietOption = False,
    build_only: Annotated[bool, typer.Option("--build-only", help="Build the workspace and end.")] = False,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8501,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build a synthetic workspace, let the models read it, and open the pages."""
    from ..demo import build_demo
    from ..server import serve as start

    begun = time.monotonic()
    place = open_workspace(workspace, create=WorkspaceKind.DEMONSTRATION, default="~/overread-demo")
    with progress(out, "Demonstration") as step:
        built = build_demo(place, step, say=out.say)
    seconds = round(time.monotonic() - begun, 1)
    out.say(f"{len(built)} synthetic studies in {place.root.name}, {seconds} s")
    if build_only:
        out.finish({"workspace": str(place.root), "studies": list(built), "seconds": seconds})
        return
    start(place.root, host=host, port=port, open_browser=not no_browser)


@reports_errors("work")
def work(
    out: Out,
    once: Annotated[bool, typer.Option(help="End when the queue is empty.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run queued predictions and steps until told to stop; the server starts this beside itself."""
    from ..casework import run_step, run_study

    place = open_workspace(workspace)
    parent = os.getppid()
    if hasattr(os, "nice"):
        os.nice(10)
    done = 0
    while os.getppid() == parent:
        job = place.jobs.claim()
        if job is None:
            if once:
                break
            time.sleep(1.0)
            continue
        if job.step:
            run_step(place, job)
        else:
            run_study.run_job(place, job, str(place.settings["inference.device"]))
        done += 1
    out.finish({"jobs": done})
