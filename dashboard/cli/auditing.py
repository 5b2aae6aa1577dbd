"""The command `audit`: agreement of model and experts, every figure with n, interval and method."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..terms import StudyKind
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, reports_errors, table

__all__ = ["audit"]


class Reference(StrEnum):
    """Whose verdicts the figures of agreement rest on."""

    READERS = "readers"
    ADJUDICATED = "adjudicated"


@reports_errors("audit")
def audit(
    out: Out,
    kind: Annotated[StudyKind | None, typer.Option(help="Only mr or eeg studies.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model's findings.")] = None,
    include: Annotated[str, typer.Option(help="scripted,bulk: count these verdicts too.")] = "",
    reference: Annotated[
        Reference, typer.Option(help="readers: each reader's verdict; adjudicated: decisions in place of them.")
    ] = Reference.READERS,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute acceptance, Dice of redrawn masks and agreement between readers."""
    from ..casework import audit as compute
    from ..files import write_atomic
    from ..viewmodels import audit_html, interval_words, number

    place = open_workspace(workspace)
    chosen = tuple(word.strip() for word in include.split(",") if word.strip())
    adjudicated = reference is Reference.ADJUDICATED
    report = compute(place, script_session("overread"), kind=kind, model=model, include=chosen, adjudicated=adjudicated)
    if report.synthetic:
        out.say("Synthetic data: these are no clinical figures.")
    out.show(
        table(
            ["measure", "of", "value", "95 %", "findings/studies/patients", "left out: bulk, scripted"],
            [
                [
                    m.name,
                    m.group,
                    number(m.value),
                    interval_words(m),
                    f"{m.n.findings}/{m.n.studies}/{m.n.patients}",
                    f"{m.left_out.bulk}, {m.left_out.scripted}",
                ]
                for m in report.measures
            ],
        )
    )
    if html is not None:
        write_atomic(html, audit_html(report).encode())
    out.finish(
        {
            "measures": [m.as_dict() for m in report.measures],
            "reasons": report.reasons,
            "reason_groups": report.reason_groups,
            "synthetic": report.synthetic,
        }
    )
