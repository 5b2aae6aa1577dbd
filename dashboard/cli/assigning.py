"""The command `assign`: who is to read a study."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors

__all__ = ["assign"]


@reports_errors("assign")
def assign(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    reader: Annotated[str, typer.Option(help="The reader's code.")],
    by: Annotated[str, typer.Option(help="Who assigns.")] = "script",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a study to a reader; beyond the readers that the site wants, the newest replaces the oldest."""
    from ..casework import assign as give

    place = open_workspace(workspace)
    row = give(place, script_session(by), place.study(study), reader)
    out.show(f"{study}  {reader}  row {row.seq}")
    out.finish({"row": asdict(row)})
