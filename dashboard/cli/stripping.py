"""The command `strip`: a brain mask computed, looked at, and only then used."""

from __future__ import annotations

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

__all__ = ["strip"]

_WAITS = "It is computed and used by nothing yet. Look at its outline in the picture, then: overread strip STUDY"


@reports_errors("strip")
def strip(
    out: Out,
    study: StudyArgument,
    accept: AcceptOption = "",
    discard: DiscardOption = "",
    withdraw: WithdrawOption = "",
    picture: PictureOption = None,
    reader: StepReaderOption = "script",
    role: StepRoleOption = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take skull and scalp away by a computed brain mask: nothing changes until `--accept` names a mask looked at."""
    from ..casework import accept_brain_mask, brain_masks, propose_brain_mask

    place = open_workspace(workspace)
    case = place.study(study)
    decided, row = decide(place, script_session(reader, role), case, accept, discard, withdraw, accept_brain_mask)
    if not decided:
        with progress(out, "Brain mask") as step:
            made = propose_brain_mask(place, case, on_progress=step)
        if picture is not None:
            picture.write_bytes(made.picture.read_bytes())
    tell_steps(out, place, brain_masks(place, place.study(study)), _words, _WAITS, row)


def _words(step: Step) -> str:
    return f"brain mask on {step.record['source_sequence']}, {step.record['volume_ml']:.0f} ml"
