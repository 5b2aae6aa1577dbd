"""The command `register`: a rigid registration computed, looked at, and only then confirmed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..domain import Session, Study
from ..errors import UsageError
from ..ledger import LedgerEntry
from ..terms import Role
from ..workspace import Step, Workspace
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, progress, reports_errors

__all__ = ["decide", "register", "step_told"]

AcceptOption = Annotated[str, typer.Option(help="Confirm a computed step by the first digits of its digest.")]
DiscardOption = Annotated[str, typer.Option(help="Say that a computed step is not to be used.")]
WithdrawOption = Annotated[str, typer.Option(help="Take back a step that was confirmed.")]
PictureOption = Annotated[Path | None, typer.Option(help="Copy the picture to check it by to this PNG.")]


@reports_errors("register")
def register(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    to: Annotated[str, typer.Option(help="The series that stays: digits, number, description or sequence.")] = "",
    moving: Annotated[str, typer.Option(help="The series to move; else all that share no frame with the rest.")] = "",
    accept: AcceptOption = "",
    discard: DiscardOption = "",
    withdraw: WithdrawOption = "",
    picture: PictureOption = None,
    reader: Annotated[str, typer.Option(help="Who has looked and decides.")] = "script",
    role: Annotated[Role, typer.Option(help="In what capacity: radiologist, operator or engineer.")] = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register series rigidly: computed first, nothing moves until `--accept` names what a person has looked at."""
    from ..casework import accept_alignment, alignments, propose_alignment, series_apart, series_of

    place = open_workspace(workspace)
    case = place.study(study)
    session = script_session(reader, role)
    row = decide(place, session, case, accept, discard, withdraw, accept_alignment)
    if not (accept or discard or withdraw):
        chosen = [series_of(case, moving)] if moving else list(series_apart(case)[0])
        fixed = series_of(case, to) if to else None
        with progress(out, "Registering") as step:
            for volume in chosen:
                made = propose_alignment(place, case, volume, fixed, on_progress=step)
                if picture is not None:
                    picture.write_bytes(made.picture.read_bytes())
        if not chosen:
            out.say("All series share the reference series' frame. Name one with --moving to register it all the same.")
    steps = alignments(place, place.study(study))
    for one in steps:
        told = one.record
        out.show(
            f"{one.digest[:12]}  {told['moving_sequence']} to {told['fixed_sequence']}  {told['rotation_deg']:.1f} degrees, "
            f"{told['shift_mm']:.1f} mm  similarity {told['similarity_before']:.3f} to {told['similarity_after']:.3f}  "
            f"{one.state}  {one.picture.relative_to(place.root).as_posix()}"
        )
    if any(one.state == "proposed" for one in steps):
        out.say(
            "Nothing has moved yet. Look at the picture, then: overread register STUDY --accept DIGITS --reader YOU"
        )
    out.finish({"steps": [step_told(place, one) for one in steps], "row": asdict(row) if row else None})


def step_told(place: Workspace, step: Step) -> dict[str, Any]:
    """A step as `--json` prints it; the picture's path is below the workspace."""
    return {
        "digest": step.digest,
        "state": step.state,
        "by": step.by,
        "at": step.at,
        "series": list(step.series),
        "picture": step.picture.relative_to(place.root).as_posix(),
        "record": step.record,
    }


def decide(
    place: Workspace, session: Session, case: Study, accept: str, discard: str, withdraw: str, accepting: Any
) -> LedgerEntry | None:
    """Record what a person decides about a step; None where nothing is decided, or no row is due.

    Raises
    ------
    UsageError
        More than one of the three was named.
    """
    from ..casework import discard_step, flag_apart, withdraw_step

    if sum(bool(name) for name in (accept, discard, withdraw)) > 1:
        raise UsageError("Nothing was decided.", "One step is decided at a time.", "Name it once.")
    row: LedgerEntry | None = None
    if accept:
        row = accepting(place, session, case, place.steps.get(case.id, accept))
    elif withdraw:
        row = withdraw_step(place, session, case, place.steps.get(case.id, withdraw))
        flag_apart(place, place.study(case.id))
    elif discard:
        discard_step(place, session, case, place.steps.get(case.id, discard))
    return row
