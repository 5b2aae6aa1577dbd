"""The command `verdict`: a judgement by script. The row says so, and agreement leaves it out by default."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..terms import Action, Role, Scope
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors

__all__ = ["verdict"]


class Word(StrEnum):
    """What may be recorded by script."""

    ACCEPT = "accept"
    MODIFY = "modify"
    REJECT = "reject"
    UNSURE = "unsure"
    ADD = "add"
    READ = "read"
    SIGN_OFF = "sign-off"


class YesNo(StrEnum):
    """Whether anything is there."""

    YES = "yes"
    NO = "no"


@reports_errors("verdict")
def verdict(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    finding: Annotated[str, typer.Argument(help="The finding's id; - for add, read and sign-off.")],
    word: Annotated[Word, typer.Argument(help="What is recorded.")],
    reader: Annotated[str, typer.Option(help="Who judges.")] = "script",
    role: Annotated[Role, typer.Option(help="In what capacity.")] = Role.OPERATOR,
    reason: Annotated[str, typer.Option(help="A coded reason.")] = "",
    comment: Annotated[str, typer.Option(help="Free text, without names.")] = "",
    confidence: Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5.")] = None,
    mask: Annotated[Path | None, typer.Option(help="The reader's own mask, NIfTI.")] = None,
    onset: Annotated[float | None, typer.Option(help="Seconds from the recording's start.")] = None,
    duration: Annotated[float | None, typer.Option(help="Seconds.")] = None,
    present: Annotated[YesNo | None, typer.Option(help="For read: is anything there?")] = None,
    scope: Annotated[Scope, typer.Option(help="For sign-off.")] = Scope.AI_FINDINGS,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a verdict by script."""
    from ..casework import Intent, record_read, record_sign_off, record_verdict, revealed_or_refused

    place = open_workspace(workspace)
    session = script_session(reader, role)
    case = place.study(study)
    whole = word in (Word.ADD, Word.READ, Word.SIGN_OFF)
    if whole != (finding == "-"):
        raise UsageError(
            "The verdict was not recorded.",
            f"{word} {'concerns the study, so FINDING is -' if whole else 'needs a FINDING'}.",
            "`overread findings STUDY` lists the ids.",
        )
    if mask is not None and not mask.exists():
        raise UsageError("The verdict was not recorded.", f"{mask.name} is not there.", "Check its spelling.")
    intent = Intent(
        reason=reason,
        comment=comment,
        confidence=confidence,
        mask=mask,
        onset_s=onset,
        duration_s=duration,
    )
    if word is Word.READ:
        if present is None:
            raise UsageError("The read was not recorded.", "--present is missing.", "Say --present yes or no.")
        row = record_read(place, session, case, present=present is YesNo.YES, intent=intent)
    elif word is Word.SIGN_OFF:
        row = record_sign_off(place, session, case, scope, displayed={}, intent=intent)
    elif word is Word.ADD:
        newest = revealed_or_refused(place, session, case, ()).newest
        row = record_verdict(place, session, case, Action.ADD, newest.prediction if newest else None, None, intent)
    else:
        one, found = revealed_or_refused(place, session, case, ()).finding(finding)
        row = record_verdict(place, session, case, Action(str(word)), one.prediction, found, intent)
    out.show(f"row {row.seq}  {row.action}  {row.study}  {row.finding}  {row.hash[:12]}")
    out.finish({"row": asdict(row)})
