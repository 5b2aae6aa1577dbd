"""What every command needs: the workspace, and who is acting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..domain import Session
from ..terms import Identity, Role, WorkspaceKind

if TYPE_CHECKING:
    from ..workspace import Workspace

__all__ = ["JsonOption", "WorkspaceOption", "open_workspace", "script_session", "workspace_folder"]

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="The workspace's folder; else $OVERREAD_WORKSPACE, else ~/overread."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]


def workspace_folder(given: Path | None, default: str = "~/overread") -> Path:
    """The folder meant: given, else $OVERREAD_WORKSPACE, else the default."""
    return Path(given or os.environ.get("OVERREAD_WORKSPACE") or default).expanduser().resolve()


def open_workspace(
    given: Path | None, *, create: WorkspaceKind | None = None, default: str = "~/overread"
) -> Workspace:
    """Open the workspace meant; make one of that kind where there is none and `create` says so."""
    from ..workspace import Workspace

    root = workspace_folder(given, default)
    if (root / "workspace.json").exists() and create is WorkspaceKind.CLINICAL:
        return Workspace.open(root)
    return Workspace.open(root, create)


def script_session(reader: str, role: Role = Role.OPERATOR) -> Session:
    """Who acts on the command line: a script, under the name it gives; the row says so."""
    return Session(id="", reader=reader, role=role, identity=Identity.SCRIPT)
