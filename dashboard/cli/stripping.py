"""The command `strip`: a brain mask computed, looked at, and only then used."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ..terms import Role
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, progress, reports_errors
from .registering import AcceptOption, DiscardOption, PictureOption, WithdrawOption, decide, step_told

__all__ = ["strip"]


@reports_errors("strip")
def strip(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    accept: AcceptOption = "",
    discard: DiscardOption = "",
    withdraw: WithdrawOption = "",
    picture: PictureOption = None,
    reader: Annotated[str, typer.Option(help="Who has looked and decides.")] = "script",
    role: Annotated[Role, typer.Option(help="In what capacity: radiologist, operator or engineer.")] = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take skull and scalp away by a computed brain mask: nothing changes until `--accept` names a mask looked at."""
    from ..casework import accept_brain_mask, brain_masks, propose_brain_mask

    place = open_workspace(workspace)
    case = place.study(study)
    row = decide(place, script_session(reader, role), case, accept, discard, withdraw, accept_brain_mask)
    if not (accept or discard or withdraw):
        with progress(out, "Brain mask") as step:
            made = propose_brain_mask(place, case, on_progress=step)
        if picture is not None:
            picture.write_bytes(made.picture.read_bytes())
    steps = brain_masks(place, place.study(study))
    for one in steps:
        out.show(
            f"{one.digest[:12]}  brain mask on {one.record['source_sequence']}, {one.record['volume_ml']:.0f} ml  "
            f"{one.state}  {one.picture.relative_to(place.root).as_posix()}"
        )
    if any(one.state == "proposed" for one in steps):
        out.say("It is computed and used by nothing yet. Look at its outline in the picture, then: "
                "overread strip STUDY --accept DIGITS --reader YOU")  # fmt: skip
    out.finish({"steps": [step_told(place, one) for one in steps], "row": asdict(row) if row else None})
