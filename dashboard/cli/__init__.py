"""The command `overread`: it parses, calls casework, prints. One module a group of commands."""

from __future__ import annotations

import typer

from . import assigning, auditing, checking, patients, registering, sequences, serving, stripping, studies, verdicts
from .ledger import ledger
from .models import models
from .output import Commands

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Clinicians read over what a model has read. Research and quality use; not a medical device.",
)
app.command()(serving.demo)
app.command()(serving.serve)
app.command()(serving.invite)
app.command()(assigning.assign)
app.command()(studies.add)
app.command()(sequences.sequence)
app.command()(registering.register)
app.command()(stripping.strip)
app.command()(studies.run)
app.command()(studies.cases)
app.command()(studies.findings)
app.command()(verdicts.verdict)
app.command()(studies.export)
app.command()(patients.lookup)
app.command()(patients.erase)
app.command()(auditing.audit)
app.command()(checking.doctor)
app.command()(checking.bench)
app.command(hidden=True)(serving.work)
app.add_typer(ledger, name="ledger")
app.add_typer(models, name="models")


def main() -> None:
    """Run the command line."""
    app()
