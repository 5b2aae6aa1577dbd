"""Commands about whose data are here: the way back to the record, and their erasure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ..errors import UsageError
from ..terms import Role
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors, table

__all__ = ["erase", "lookup"]

RoleOption = Annotated[Role, typer.Option(help="In what capacity: operator or engineer.")]
WhoOption = Annotated[str, typer.Option("--reader", help="Who does it; the row says so, unverified.")]


@reports_errors("lookup")
def lookup(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    reader: WhoOption = "script",
    role: RoleOption = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print accession and patient id of a study, here in the terminal only; it leaves a row."""
    from ..casework import look_up

    found = look_up(open_workspace(workspace), script_session(reader, role), study)
    out.show(
        table(
            ["study", "accession", "patient id", "issuer"],
            [[found.study, found.accession or "-", found.patient_id or "-", found.issuer or "-"]],
        )
    )
    if not (found.accession or found.patient_id):
        out.say("The files named nobody.")
    out.finish(asdict(found))


@reports_errors("erase")
def erase(
    out: Out,
    study: Annotated[str | None, typer.Argument(help="The study's pseudonym.")] = None,
    basis: Annotated[str, typer.Option(help="The legal basis.")] = "",
    requester: Annotated[str, typer.Option(help="Who asked; an office or a reference, no patient's name.")] = "",
    approver: Annotated[str, typer.Option(help="Who approved.")] = "",
    older_than: Annotated[
        float | None, typer.Option("--older-than", help="Instead of STUDY: all taken in more than so many days ago.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --older-than: erase; without it they are listed.")] = False,
    reader: WhoOption = "script",
    role: RoleOption = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a study's data for good; its rows remain, and the chain holds."""
    from ..casework import due_for_erasure, erase_study

    if (study is None) == (older_than is None):
        raise UsageError("Nothing was erased.", "It takes a STUDY or --older-than DAYS.", "Name one of the two.")
    place = open_workspace(workspace)
    due = (study,) if study is not None else due_for_erasure(place, older_than or 0.0)
    if older_than is not None and not yes:
        out.show("\n".join(due) or "No study is that old.")
        out.say(f"{len(due)} studies would be erased. Say --yes to do it.")
        out.finish({"erased": [], "due": list(due)})
        return
    done = []
    for one in due:
        erased = erase_study(
            place, script_session(reader, role), one, basis=basis, requester=requester, approver=approver
        )
        done.append(asdict(erased))
        went = f"gone: {', '.join(erased.removed)}" if erased.removed else "nothing was left of it"
        out.show(f"{one}  erased, row {erased.row}{' of before' if erased.again else ''}; {went}")
    out.say("Exports, backups and the rows themselves are not reached: docs/erasure.md.")
    out.finish({"erased": done, "due": []})
