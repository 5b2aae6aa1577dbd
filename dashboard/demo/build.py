"""The demonstration workspace: synthetic files made, taken in and read by the models, as any others would be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..casework import add_paths, model_for, predict, run_study
from ..domain import Study
from ..errors import ModelNotFound, NothingToRead, OverreadError, WorkspaceRefused
from ..files import canonical_digest, read_json, write_json
from ..workspace import Workspace
from .eegs import EegPlan, demo_recordings
from .files import write_eeg, write_head
from .heads import HeadPlan, demo_heads

__all__ = ["build_demo"]

Progress = Callable[[int, int, str], None]
Plan = HeadPlan | EegPlan


def build_demo(
    workspace: Workspace,
    on_progress: Progress,
    say: Callable[[str], None],
    *,
    plans: tuple[Plan, ...] | None = None,
) -> tuple[str, ...]:
    """Fill a demonstration workspace with synthetic studies and let the installed models read them.

    What is there already stays as it is: a build that was interrupted goes on where it ended, and a second one has
    nothing to do. A kind of study whose model is not installed is left unread, and that is said. No verdict is made.

    Parameters
    ----------
    on_progress : callable
        `(done, total, label)`, two steps a study.
    say : callable
        Takes one line for a person.
    plans : tuple of HeadPlan and EegPlan, optional
        What to build instead of `demo_heads()` and `demo_recordings()`.

    Returns
    -------
    tuple of str
        Pseudonyms of the studies, MR first, in the order of the plans.

    Raises
    ------
    WorkspaceRefused
        The workspace is a clinical one.
    MissingExtra
        nilearn, which carries the MNI152 maps, is not installed.
    """
    if not workspace.is_demonstration:
        raise WorkspaceRefused(
            "The demonstration was not built.",
            "The workspace is a clinical one, which takes no synthetic studies.",
            "Name another folder with --workspace.",
        )
    plans = plans or (*demo_heads(), *demo_recordings())
    total = 2 * len(plans)
    built: list[str] = []
    for number, plan in enumerate(plans):
        on_progress(number, total, f"making {plan.name}")
        built.append(_made(workspace, plan, say))
    unread: set[str] = set()
    for number, (study_id, plan) in enumerate(zip(built, plans, strict=True)):
        on_progress(len(plans) + number, total, f"reading {plan.name}")
        study = workspace.study(study_id)
        if study.kind not in unread and not _read(workspace, study, plan, say):
            unread.add(study.kind)
    on_progress(total, total, "done")
    return tuple(built)


def _made(workspace: Workspace, plan: Plan, say: Callable[[str], None]) -> str:
    """The study of a plan, from the workspace if it is there; else made, taken in and noted."""
    note = workspace.root / "demonstration.json"
    noted: dict[str, dict[str, Any]] = read_json(note) if note.exists() else {}
    wanted = canonical_digest({"plan": repr(plan)})
    known = noted.get(plan.name, {})
    if known.get("plan") == wanted and known.get("study") in workspace.study_ids():
        return str(known["study"])
    say(f"Making {plan.name}")
    with tempfile.TemporaryDirectory(prefix="overread-demo-") as folder:
        root = Path(folder) / plan.name
        if isinstance(plan, HeadPlan):
            write_head(plan, root)
        else:
            write_eeg(plan, root)
        report = add_paths(workspace, [root])
    if not report.added:
        refused = report.refused[0] if report.refused else None
        raise NothingToRead(
            f"The synthetic study {plan.name} was not taken in.",
            f"{refused.what} {refused.why}" if refused else "Nothing was found in its files.",
            "Report it: this is a fault of Overread.",
        )
    study = report.added[0].study
    write_json(note, {**noted, plan.name: {"plan": wanted, "study": study}})
    return study


def _read(workspace: Workspace, study: Study, plan: Plan, say: Callable[[str], None]) -> bool:
    """Let the model for the study's kind read it, through its job; false where none is installed."""
    try:
        model = model_for(workspace, study.kind)
    except ModelNotFound as error:
        say(f"{error.what} Studies of that kind stay unread: {error.what_to_do}")
        return False
    key = (study.id, model.manifest.id)
    job = workspace.jobs.latest().get(key)
    if job is not None and job.state == "done":
        return True
    say(f"Reading {plan.name} with {model.manifest.id}")
    device = str(workspace.settings["inference.device"])
    submitted = workspace.jobs.submit(*key)
    claimed = workspace.jobs.claim(submitted.id)
    made: object
    if claimed is not None:
        made = run_study.run_job(workspace, claimed, device)
    else:  # a build that was killed left its job as running, with a heartbeat that still looks alive
        try:
            made = predict(workspace, study, model, device=device)
            workspace.jobs.finish(submitted)
        except OverreadError as error:
            made = error
    if isinstance(made, OverreadError):
        say(f"{plan.name} stays unread. {made}")
    return True
