"""What a command says: JSON alone on standard output when asked for, words and progress on standard error."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from .. import __version__
from ..errors import OverreadError, UsageError

__all__ = ["Commands", "Out", "progress", "reports_errors", "table"]


class Out:
    """Where one command speaks to.

    Parameters
    ----------
    command : str
        The command's name, as `--json` repeats it.
    as_json : bool
        JSON is then the only thing on standard output, also on failure.
    """

    def __init__(self, command: str, as_json: bool) -> None:
        self.command = command
        self.as_json = as_json

    def finish(self, payload: dict[str, Any], *, ok: bool = True) -> None:
        """Say how it ended; exit code 1 where it failed."""
        if self.as_json:
            sys.stdout.write(json.dumps({**self._head(ok), **payload}, ensure_ascii=False, default=str) + "\n")
        if not ok:
            raise typer.Exit(1)

    def fail(self, error: OverreadError) -> None:
        """Say what went wrong in three sentences; exit code 2 for wrong usage, else 1."""
        if self.as_json:
            sys.stdout.write(json.dumps({**self._head(False), "error": error.as_dict()}, ensure_ascii=False) + "\n")
        else:
            self.say(f"{error.what} {error.why} {error.what_to_do}".strip() + f" [{error.code}]")
        raise typer.Exit(2 if isinstance(error, UsageError) else 1)

    def say(self, text: str) -> None:
        """One line for a person, on standard error."""
        typer.echo(text, err=True)

    def show(self, text: str) -> None:
        """A result for a person, on standard output; silent under `--json`."""
        if not self.as_json:
            typer.echo(text)

    def _head(self, ok: bool) -> dict[str, Any]:
        return {"command": self.command, "version": __version__, "ok": ok}


class Commands(TyperGroup):
    """The commands, which keep to JSON also where the words of the command line are wrong."""

    def main(self, args: Sequence[str] | None = None, **given: Any) -> Any:
        """Run a command; with `--json`, words that were not understood are told in JSON, exit code 2."""
        given = {"prog_name": "overread", **given}
        words = list(sys.argv[1:] if args is None else args)
        if "--json" not in words:
            return super().main(args, **given)
        try:
            code = super().main(args, **{**given, "standalone_mode": False})
        except Exception as exc:
            told, context = getattr(exc, "format_message", None), getattr(exc, "ctx", None)
            if told is None:
                raise
            name = context.command_path.partition(" ")[2] if context else ""
            error = UsageError("The command line was not understood.", told(), "Add --help to see what is possible.")
            try:
                Out(name, True).fail(error)
            except typer.Exit as ending:
                code = ending.exit_code
        sys.exit(code or 0)


def reports_errors(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command: it gets an `Out` as its first argument and may raise our errors."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def command(*args: Any, **kwargs: Any) -> None:
            out = Out(name, bool(kwargs.get("as_json")))
            try:
                function(out, *args, **kwargs)
            except OverreadError as error:
                out.fail(error)
            except OSError as exc:
                out.fail(
                    OverreadError(
                        "The command failed.",
                        f"The disk or the folder refused ({exc.strerror or type(exc).__name__}).",
                        "Check the space on it, and that it may be read and written.",
                    )
                )

        signature = inspect.signature(function, eval_str=True)
        command.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
        command.__annotations__ = {p.name: p.annotation for p in command.__signature__.parameters.values()}
        return command

    return decorate


@contextmanager
def progress(out: Out, label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on standard error, silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def step(done: int, total: int, words: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{label}: {words}")

        yield step


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A plain table for the terminal."""
    if not rows:
        return ""
    widths = [max(len(row[n]) for row in [columns, *rows]) for n in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [columns, *rows]
    ]
    return "\n".join(lines)
