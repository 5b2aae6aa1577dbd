"""Commands that look at this installation: doctor and bench."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from .context import JsonOption, WorkspaceOption, open_workspace, workspace_folder
from .output import Out, progress, reports_errors, table

__all__ = ["bench", "doctor"]


@reports_errors("doctor")
def doctor(out: Out, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say what this installation can do; exit code 1 where something is bad."""
    from ..casework import installation_checks
    from ..settings import SETTINGS

    there = (workspace_folder(workspace) / "workspace.json").exists()
    place = open_workspace(workspace) if there else None
    checks = installation_checks(place)
    if place is not None:
        for setting in SETTINGS:
            value, origin = place.settings[setting.name], place.settings.origins[setting.name]
            checks.append({"name": f"setting {setting.name}", "state": "ok", "what": f"{value} ({origin})"})
    out.show(table(["part", "state", "what"], [[c["name"], c["state"], c["what"]] for c in checks]))
    out.finish({"checks": checks}, ok=all(c["state"] != "bad" for c in checks))


@reports_errors("bench")
def bench(
    out: Out,
    name: Annotated[str, typer.Argument(help="What to measure: ui, eeg, ledger, imaging, worklist or sampling.")],
    rounds: Annotated[int, typer.Option(help="Steps a side.")] = 30,
    kill: Annotated[bool, typer.Option("--kill", help="Of ledger: kill writers, and count the rows lost.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure speed as ratios against what a user would use instead, both in one run."""
    from .bench_kill import bench_kill
    from .benches import BENCHES

    if name not in BENCHES:
        raise UsageError(f"There is no bench {name}.", "It is not one of ours.", f"Choose {', '.join(BENCHES)}.")
    if rounds < 1:
        raise UsageError("Nothing was measured.", "A side needs at least one step.", "Give --rounds 1 or more.")
    if kill and name != "ledger":
        raise UsageError("Nothing was measured.", "--kill is of `bench ledger` alone.", "Leave it out.")
    with progress(out, f"Bench {name}") as step:
        measured = (bench_kill if kill else BENCHES[name])(rounds, step)
    for label, value in measured["ratios"].items():
        out.show(f"{label}: {value:.1f} times")
    for label, value in measured["figures"].items():
        out.show(f"{label}: {value}")
    out.finish(measured, ok=measured["figures"].get("holds", True))
