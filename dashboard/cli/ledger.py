"""Commands about the ledger: verify, head, show, export."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..terms import Role
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors, table

__all__ = ["ledger"]

ledger = typer.Typer(no_args_is_help=True, help="The record of every verdict: verify it, read it, take it away.")


@ledger.command("verify")
@reports_errors("ledger verify")
def verify(
    out: Out,
    head: Annotated[str | None, typer.Option(help="A head kept elsewhere: 'SEQ HASH'.")] = None,
    artifacts: Annotated[bool, typer.Option("--artifacts", help="Also the masks, results and stamps named.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the whole chain; exit code 1 on any problem. Nothing is changed."""
    from ..ledger import Head

    known = None
    if head is not None:
        seq, _, digest = head.partition(" ")
        if not seq.isdigit() or len(digest.strip()) != 64:
            raise UsageError(
                "--head was not understood.", "It is a number and 64 hex digits.", "See `overread ledger head`."
            )
        known = Head(int(seq), digest.strip())
    place = open_workspace(workspace)
    found = place.ledger.verify(head=known)
    problems, files = found.problems, {}
    if artifacts:
        from ..casework import check_files

        further, counts = check_files(place)
        problems, files = problems + further, {"artifacts": counts}
    for problem in problems:
        out.say(f"{problem.file} row {problem.row or '-'}: {problem.what} [{problem.code}]".strip())
    if not problems:
        out.show(f"{found.rows} rows, chain whole, head {found.head.seq} {found.head.hash}")
        if artifacts:
            out.show(f"{counts['whole']} files that rows name are whole, {counts['erased']} are erased")
    out.finish(
        {"rows": found.rows, "head": asdict(found.head), "problems": [asdict(p) for p in problems], **files},
        ok=not problems,
    )


@ledger.command("head")
@reports_errors("ledger head")
def head(out: Out, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Print the last row's number and hash, to be kept elsewhere."""
    found = open_workspace(workspace).ledger.head()
    out.show(f"{found.seq} {found.hash}")
    out.finish({"rows": found.seq, "head": asdict(found), "problems": []})


@ledger.command("rotate")
@reports_errors("ledger rotate")
def rotate(out: Out, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Close the live file under the name of its last row, and begin the next, linked to it."""
    place = open_workspace(workspace)
    link = place.ledger.rotate()
    out.show(f"{place.ledger.folder / link.details['file']}")
    out.finish({"files": [link.details["file"]], "row": asdict(link)})


@ledger.command("amend")
@reports_errors("ledger amend")
def amend(
    out: Out,
    event_id: Annotated[str, typer.Argument(help="The row to withdraw.")],
    reader: Annotated[str, typer.Option(help="Whose row it is; nobody withdraws another's.")],
    role: Annotated[Role, typer.Option(help="The reader's role.")] = Role.RADIOLOGIST,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a verdict, read or sign-off by a further row; nothing is erased."""
    from ..casework import undo

    row = undo(open_workspace(workspace), script_session(reader, role), event_id)
    out.show(f"row {row.seq} withdraws {row.supersedes}")
    out.finish({"row": asdict(row)})


@ledger.command("anchor")
@reports_errors("ledger anchor")
def anchor(
    out: Out,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A time stamp of the head, RFC 3161.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a time stamp of the head and record it; no network is needed."""
    from ..casework import anchor as keep

    row = keep(open_workspace(workspace), script_session("overread"), file)
    out.show(f"row {row.details['seq']} was stamped at {row.details['time']}")
    out.finish({"row": asdict(row)})


@ledger.command("verifier")
def verifier() -> None:
    """Print a verifier in one file, which needs Python alone: `overread ledger verifier > verify.py`."""
    from ..ledger import verifier_source

    sys.stdout.write(verifier_source())


@ledger.command("show")
@reports_errors("ledger show")
def show(
    out: Out,
    study: Annotated[str | None, typer.Option(help="Only this study's rows.")] = None,
    last: Annotated[int, typer.Option(help="Only the last so many rows; 0 is all.")] = 0,
    reader: Annotated[str | None, typer.Option(help="Only what this reader may see; else all.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print rows, decoded, with their comments."""
    from ..casework import visible_entries

    place = open_workspace(workspace)
    looks = script_session(reader, Role.RADIOLOGIST) if reader else script_session("overread")
    entries = [e for e in visible_entries(place, looks) if study in (None, e.study)]
    entries = entries[-last:] if last else entries
    comments = place.ledger.comments()
    out.show(
        table(
            ["seq", "recorded at", "action", "reader", "study", "finding", "reason", "exposure"],
            [
                [str(e.seq), e.recorded_at, e.action, e.reader, e.study, e.finding, e.reason, e.exposure]
                for e in entries
            ],
        )
    )
    shown = [{**asdict(e), "comment_text": comments.get(e.event_id, "")} for e in entries]
    kept = place.ledger.head()
    out.finish({"rows": len(entries), "head": asdict(kept), "problems": [], "entries": shown})


@ledger.command("export")
@reports_errors("ledger export")
def export(
    out: Out,
    format_: Annotated[str, typer.Option("--format", help="csv, jsonl, dses or fhir.")] = "csv",
    to: Annotated[Path | None, typer.Option(help="The file; else standard output.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write every row with its comment (csv, jsonl), decision sequences (dses), or a FHIR R4B bundle (fhir)."""
    from ..casework import ledger_export
    from ..files import write_atomic

    place = open_workspace(workspace)
    data, counts = ledger_export(place, script_session("overread"), format_)
    if to is None and not as_json:
        sys.stdout.write(data)
    elif to is None:
        raise UsageError("Nothing was written.", "--json needs a file for the rows.", "Name it with --to.")
    else:
        write_atomic(to, data.encode())
        out.show(str(to))
    if counts.get("left_out"):
        why = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts["left_out_because"].items())
        out.say(f"{counts['sequences']} sequences; left out {counts['left_out']}: {why}")
    out.finish({"files": [str(to)] if to else [], "rows": place.ledger.head().seq, **counts})
