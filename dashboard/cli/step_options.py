"""What `register` and `strip` have alike: options to decide a computed step, and how both end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..domain import Session, Study
from ..errors import UsageError
from ..ledger import LedgerEntry
from ..terms import Role
from ..workspace import Step, Workspace
from .output import Out

__all__ = [
    "AcceptOption",
    "DiscardOption",
    "PictureOption",
    "StepReaderOption",
    "StepRoleOption",
    "StudyArgument",
    "WithdrawOption",
    "decide",
    "tell_steps",
]

StudyArgument = Annotated[str, typer.Argument(help="The study's pseudonym.")]
AcceptOption = Annotated[str, typer.Option(help="Confirm a computed step by the first digits of its digest.")]
DiscardOption = Annotated[str, typer.Option(help="Say that a computed step is not to be used.")]
WithdrawOption = Annotated[str, typer.Option(help="Take back a step that was confirmed.")]
PictureOption = Annotated[Path | None, typer.Option(help="Copy the picture to check it by to this PNG.")]
StepReaderOption = Annotated[str, typer.Option(help="Who has looked and decides.")]
StepRoleOption = Annotated[Role, typer.Option(help="In what capacity: radiologist, operator or engineer.")]
_Accepting = Callable[[Workspace, Session, Study, Step], LedgerEntry]


def decide(
    place: Workspace, session: Session, case: Study, accept: str, discard: str, withdraw: str, accepting: _Accepting
) -> tuple[bool, LedgerEntry | None]:
    """Record what a person decides about a step: whether anything was asked for, and the row where one is due.

    Raises
    ------
    UsageError
        More than one of the three was named.
    """
    from ..casework import discard_step, withdraw_step

    named = [name for name in (accept, discard, withdraw) if name]
    if len(named) > 1:
        raise UsageError("Nothing was decided.", "One step is decided at a time.", "Name it once.")
    if not named:
        return False, None
    step = place.steps.get(case.id, named[0])
    if discard:
        discard_step(place, session, case, step)
        return True, None
    return True, (accepting if accept else withdraw_step)(place, session, case, step)


def tell_steps(
    out: Out,
    place: Workspace,
    steps: tuple[Step, ...],
    words: Callable[[Step], str],
    waits: str,
    row: LedgerEntry | None,
) -> None:
    """List a study's steps, say what one that waits is waiting for, and end the command."""
    for step in steps:
        out.show(f"{step.digest[:12]}  {words(step)}  {step.state}  {_below(place, step)}")
    if any(step.state == "proposed" for step in steps):
        out.say(f"{waits} --accept DIGITS --reader YOU")
    out.finish({"steps": [_told(place, step) for step in steps], "row": asdict(row) if row else None})


def _told(place: Workspace, step: Step) -> dict[str, Any]:
    """A step as `--json` prints it; the picture's path is below the workspace."""
    return {
        "digest": step.digest,
        "state": step.state,
        "by": step.by,
        "at": step.at,
        "series": list(step.series),
        "picture": _below(place, step),
        "record": step.record,
    }


def _below(place: Workspace, step: Step) -> str:
    return step.picture.relative_to(place.root).as_posix()
