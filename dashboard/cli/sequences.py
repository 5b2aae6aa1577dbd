"""The command `sequence`: which sequence each series of an MR study is taken for, and its correction."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ..errors import UsageError
from ..terms import SEQUENCE_WORDS, Role, Sequence
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors, table

__all__ = ["sequence"]


@reports_errors("sequence")
def sequence(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    series: Annotated[
        str, typer.Argument(help="Digits of its digest, its number, its description or its sequence.")
    ] = "",
    taken_for: Annotated[str, typer.Argument(metavar="SEQUENCE", help="What it is: t1, t1c, t2, flair, pd, ...")] = "",
    reader: Annotated[str, typer.Option(help="Who says so.")] = "script",
    role: Annotated[Role, typer.Option(help="In what capacity: radiologist, operator or engineer.")] = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the series of a study with their sequences, or say which one a series is; models then read it anew."""
    from ..casework import correct_sequence, series_of

    place = open_workspace(workspace)
    case = place.study(study)
    row = None
    if series:
        if taken_for.lower() not in set(Sequence):
            raise UsageError(
                "The series was not assigned.",
                f"It is to be one of {', '.join(Sequence)}.",
                "Name the series, then the sequence, as in `overread sequence STUDY 5 t1c`.",
            )
        volume = series_of(case, series)
        row = correct_sequence(place, script_session(reader, role), case, volume.digest, Sequence(taken_for.lower()))
        case = place.study(study)
        where = f"row {row.seq}" if row else "as it was"
        out.say(f"{volume.digest[:8]}  {SEQUENCE_WORDS[case.volume(volume.digest).sequence]}  {where}")
    listed = [
        {
            "digest": v.digest,
            "number": v.series_number,
            "description": v.description,
            "sequence": str(v.sequence),
            "recognised": str(v.recognised or v.sequence),
            "confidence": v.sequence_confidence,
        }
        for v in case.volumes
    ]
    out.show(
        table(
            ["series", "number", "description", "sequence", "file taken for", "confidence"],
            [
                [
                    s["digest"][:8],
                    str(s["number"] or ""),
                    s["description"],
                    s["sequence"],
                    s["recognised"],
                    f"{s['confidence']:.2f}",
                ]
                for s in listed
            ],
        )
    )
    out.finish({"series": listed, "row": asdict(row) if row else None})
