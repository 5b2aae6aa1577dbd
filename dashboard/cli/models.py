"""Commands about models: list, show, check, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ModelNotFound
from .context import JsonOption, WorkspaceOption, open_workspace, workspace_folder
from .output import Out, progress, reports_errors, table

if TYPE_CHECKING:
    from ..models import Model
    from ..workspace import Workspace

__all__ = ["models"]

models = typer.Typer(no_args_is_help=True, help="What models are here, whether they are sound, how well they do.")


def _opened(workspace: Path | None) -> Workspace | None:
    there = (workspace_folder(workspace) / "workspace.json").exists()
    return open_workspace(workspace) if there else None


def _installed(workspace: Path | None) -> tuple[Model, ...]:
    from ..casework import models_of

    return models_of(_opened(workspace))


def _folders(workspace: Path | None, name: str | None) -> tuple[Path, ...]:
    """Folders to check: the one named, by path or by model; else every one, those with a refused manifest too."""
    from ..casework import model_places
    from ..models import MANIFEST_NAME, model_folders

    if name is None:
        return model_folders(model_places(_opened(workspace)))
    return (Path(name),) if (Path(name) / MANIFEST_NAME).is_file() else (_named(workspace, name).folder,)


def _named(workspace: Path | None, name: str) -> Model:
    for model in _installed(workspace):
        if model.manifest.id == name:
            return model
    raise ModelNotFound(
        f"There is no model {name} here.", "It is not installed.", "`overread models list` shows what is."
    )


@models.command("list")
@reports_errors("models list")
def list_(out: Out, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the models with version, task and digest."""
    found = _installed(workspace)
    out.show(
        table(
            ["model", "version", "task", "enabled", "digest"],
            [
                [m.manifest.id, m.manifest.version, m.manifest.task, str(m.manifest.enabled), m.digest[:12]]
                for m in found
            ],
        )
    )
    out.finish({"models": [_summary(m) for m in found]})


@models.command("show")
@reports_errors("models show")
def show(
    out: Out,
    name: Annotated[str, typer.Argument(metavar="MODEL")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a model's card and manifest."""
    model = _named(workspace, name)
    out.show((model.folder / "card.md").read_text(encoding="utf-8"))
    out.finish({"models": [{**_summary(model), "manifest": model.manifest.model_dump(mode="json")}]})


@models.command("check")
@reports_errors("models check")
def check(
    out: Out,
    name: Annotated[str | None, typer.Argument(metavar="MODEL|FOLDER")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check manifest, digest, operators, a trial run, card and licence; exit code 1 where one fails."""
    from ..models import check_model, load_model

    listed: list[dict[str, Any]] = []
    for folder in _folders(workspace, name):
        checks = check_model(folder)
        for one in checks:
            out.show(f"{folder.name}  {'ok ' if one.ok else 'BAD'}  {one.name}: {one.what}")
        summary = _summary(load_model(folder)) if checks[0].ok else {"id": folder.name}
        listed.append({**summary, "checks": [{"name": c.name, "ok": c.ok, "what": c.what} for c in checks]})
    out.finish({"models": listed}, ok=all(c["ok"] for m in listed for c in m["checks"]))


@models.command("evaluate")
@reports_errors("models evaluate")
def evaluate(
    out: Out,
    name: Annotated[str, typer.Argument(metavar="MODEL")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Cases or recordings; MANIFEST.csv there or above.")],
    split: Annotated[str | None, typer.Option(help="Only this split of the manifest.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a model over cases with references and print every one."""
    from ..casework import evaluate_model

    model = _named(workspace, name)
    with progress(out, "Evaluating") as step:
        report = evaluate_model(model, folder, split=split, on_progress=step)
    out.show(report.text())
    out.finish(report.as_dict())


def _summary(model: Model) -> dict[str, object]:
    manifest = model.manifest
    return {
        "id": manifest.id,
        "version": manifest.version,
        "title": manifest.title,
        "task": manifest.task,
        "enabled": manifest.enabled,
        "digest": model.digest,
    }
