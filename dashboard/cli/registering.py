"""The command `register`: a rigid registration computed, looked at, and only then confirmed."""

from __future__ import annotations

from typing import Annotated

import typer

from ..terms import Role
from ..workspace import Step
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, progress, reports_errors
from .step_options import (
    AcceptOption,
    DiscardOption,
    PictureOption,
    StepReaderOption,
    StepRoleOption,
    StudyArgument,
    WithdrawOption,
    decide,
    tell_steps,
)

__all__ = ["register"]

_WAITS = "Nothing has moved yet. Look at the picture, then: overread register STUDY"


@reports_errors("register")
def register(
    out: Out,
    study: StudyArgument,
    to: Annotated[str, typer.Option(help="The series that stays: digits, number, description or sequence.")] = "",
    moving: Annotated[str, typer.Option(help="The series to move; else all that share no frame with the rest.")] = "",
    accept: AcceptOption = "",
    discard: DiscardOption = "",
    withdraw: WithdrawOption = "",
    picture: PictureOption = None,
    reader: StepReaderOption = "script",
    role: StepRoleOption = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register series rigidly: computed first, nothing moves until `--accept` names what a person has looked at."""
    from ..casework import accept_alignment, alignments, propose_alignment, series_apart, series_of

    place = open_workspace(workspace)
    case = place.study(study)
    decided, row = decide(place, script_session(reader, role), case, accept, discard, withdraw, accept_alignment)
    if not decided:
        chosen = [series_of(case, moving)] if moving else list(series_apart(case)[0])
        fixed = series_of(case, to) if to else None
        with progress(out, "Registering") as step:
            for volume in chosen:
                made = propose_alignment(place, case, volume, fixed, on_progress=step)
                if picture is not None:
                    picture.write_bytes(made.picture.read_bytes())
        if not chosen:
            out.say("All series share the reference series' frame. Name one with --moving to register it all the same.")
    tell_steps(out, place, alignments(place, place.study(study)), _words, _WAITS, row)


def _words(step: Step) -> str:
    told = step.record
    return (
        f"{told['moving_sequence']} to {told['fixed_sequence']}  {told['rotation_deg']:.1f} degrees, "
        f"{told['shift_mm']:.1f} mm  similarity {told['similarity_before']:.3f} to {told['similarity_after']:.3f}"
    )
