"""Taking a study's data away for good. Nothing is decided here, and each step can be repeated after a crash."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..files import fsync_folder, read_json
from .workspace import Workspace

__all__ = ["remove_study"]


def remove_study(workspace: Workspace, study: str, subject: str) -> tuple[str, ...]:
    """Remove what the workspace holds of a study, the texts of its comments, and with the last one the subject's key.

    Parameters
    ----------
    subject : str
        The subject's pseudonym; its key goes where no other study of it is left.

    Returns
    -------
    tuple of str
        What was still there and is gone now; empty where everything had been removed before.
    """
    removed = []
    for words, paths in _places(workspace, study).items():
        there = [path for path in paths if path.exists()]
        for path in there:
            _remove(path)
        if there:
            removed.append(words)
    workspace.studies.forget(study)
    commented = {e.event_id for e in workspace.ledger.entries() if e.study == study and e.comment}
    if commented and workspace.ledger.erase_comments(commented):
        removed.append("comments")
    if subject and not _other_studies(workspace, study, subject) and workspace.keys.forget(subject):
        removed.append("subject key")
    return tuple(removed)


def _places(workspace: Workspace, study: str) -> dict[str, list[Path]]:
    """Where data of a study lie, and where a removal or an intake that was cut off has left some."""
    root = workspace.root
    jobs = [root / "jobs" / f"{job.id}{end}" for job in workspace.jobs.jobs() if job.study == study
            for end in (".json", ".claim")]  # fmt: skip
    return {
        "data": [root / "studies" / name for name in (study, f".{study}.erased", f".{study}.new")],
        "predictions": [root / "predictions" / name for name in (study, f".{study}.erased")],
        "masks": [root / "artifacts" / name for name in (study, f".{study}.erased")],
        "drafts": sorted((root / "drafts").glob(f"*/{study}")),
        "identity": [root / "identities" / f"{study}.json"],
        "jobs": jobs,
    }


def _remove(path: Path) -> None:
    """A folder is first renamed, so that nobody opens half of it."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        aside = path if path.name.startswith(".") else path.with_name(f".{path.name}.erased")
        if aside != path:
            shutil.rmtree(aside, ignore_errors=True)
            path.rename(aside)
        shutil.rmtree(aside)
    fsync_folder(path.parent)


def _other_studies(workspace: Workspace, study: str, subject: str) -> bool:
    """Whether the subject has another study here: by the rows, and by its file where a crash came before its row."""
    of = {entry.study: entry.subject for entry in workspace.ledger.entries() if entry.subject}
    for other in set(workspace.study_ids()) - {study}:
        if other not in of:
            of[other] = read_json(workspace.root / "studies" / other / "study.json")["subject"]
        if of[other] == subject:
            return True
    return False
