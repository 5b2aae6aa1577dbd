"""Series that share no space: flagged, a rigid registration offered, and used only once a person has confirmed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..domain import Issue, Session, Severity, Study, Volume, foremost
from ..errors import UsageError
from ..imaging import RIGID_SETTINGS, apart_from, moved, reference_volume, register_rigid, registration_picture
from ..ledger import LedgerEntry
from ..terms import StudyKind
from ..workspace import Step, Workspace
from .steps import decide_step

__all__ = ["accept_alignment", "alignments", "flag_apart", "propose_alignment", "series_apart"]

Progress = Callable[[int, int, str], None]
_CODES = ("no_common_frame", "no_overlap")
_WHAT = "The series was not registered."


def _acquired(study: Study) -> tuple[Volume, ...]:
    """The series in the places where they stand now, stripped ones left out: they follow their source."""
    return foremost(tuple(volume for volume in study.volumes if volume.made_how != "brain"))


def series_apart(study: Study) -> tuple[tuple[Volume, ...], tuple[Volume, ...]]:
    """Series in another frame of reference than the study's grid, and those in its frame that do not overlap it."""
    if study.kind is not StudyKind.MR or not study.volumes:
        return (), ()
    volumes = _acquired(study)
    return apart_from(reference_volume(volumes), volumes)


def flag_apart(workspace: Workspace, study: Study) -> Study:
    """Name series that share no space with the others as an issue of the study, or take the issue back."""
    elsewhere, beyond = series_apart(study)
    kept = tuple(issue for issue in study.issues if issue.code not in _CODES)
    issues = (*kept, *_issues(study, elsewhere, beyond))
    if issues == study.issues:
        return study
    return workspace.studies.replace_made(study.id, (), (), issues, "")


def _issues(study: Study, elsewhere: Sequence[Volume], beyond: Sequence[Volume]) -> list[Issue]:
    found = []
    if elsewhere:
        grid = reference_volume(_acquired(study)).sequence
        suggestion = "Register them with `overread register STUDY`, and look at the picture before it is confirmed."
        found.append(
            Issue("no_common_frame", Severity.WARNING, "study",
                  f"{_names(elsewhere)} and {grid} share no frame of reference: they are not shown in line with each "
                  "other, and a model leaves them out.", suggestion)
        )  # fmt: skip
    if beyond:
        found.append(
            Issue("no_overlap", Severity.WARNING, "study",
                  f"{_names(beyond)} covers nothing of what the reference series covers.",
                  "Check that the series are of one part of the body.")
        )  # fmt: skip
    return found


def _names(volumes: Sequence[Volume]) -> str:
    return ", ".join(dict.fromkeys(str(volume.sequence) for volume in volumes))


def propose_alignment(
    workspace: Workspace,
    study: Study,
    moving: Volume,
    to: Volume | None = None,
    on_progress: Progress | None = None,
) -> Step:
    """Seek the rigid movement of one series to another, keep it with its picture, and move nothing.

    Parameters
    ----------
    to : Volume, optional
        The study's reference series where none is given.

    Raises
    ------
    UsageError
        The reference series itself was to be moved, or a series to itself.
    MissingExtra
        SimpleITK is not installed.
    ImagingRefused
        No movement was found.
    """
    grid = reference_volume(_acquired(study))
    fixed = to or grid
    if moving.digest in (grid.digest, fixed.digest):
        raise UsageError(
            _WHAT,
            f"The reference series ({grid.sequence}) never moves: masks and measures lie on its grid.",
            "Name another series with --moving.",
        )
    if moving.made_from:
        raise UsageError(_WHAT, "It was made by a step itself.", "Name the series as it was acquired.")
    found = register_rigid(fixed, moving, on_progress)
    record = {
        "step": "registration",
        "moving": moving.digest,
        "moving_sequence": str(moving.sequence),
        "fixed": fixed.digest,
        "fixed_sequence": str(fixed.sequence),
        "matrix": [float(x) for x in found.matrix.ravel()],
        "rotation_deg": round(found.rotation_deg, 3),
        "shift_mm": round(found.shift_mm, 3),
        "similarity_before": found.similarity_before,
        "similarity_after": found.similarity_after,
        "settings": RIGID_SETTINGS,
        "software": found.software,
    }
    return workspace.steps.put(study.id, record, registration_picture(fixed, moving, found.matrix))


def alignments(workspace: Workspace, study: Study) -> tuple[Step, ...]:
    """The registrations computed for a study, with what was decided about each."""
    return tuple(step for step in workspace.steps.of(study.id) if step.record["step"] == "registration")


def accept_alignment(workspace: Workspace, session: Session, study: Study, step: Step) -> LedgerEntry:
    """Let a registration take effect, as a person says who has looked at it: the moved series joins the study.

    The series as it was acquired stays. Models read the moved one in its place from now on.

    Raises
    ------
    UsageError
        The series is registered already, or the step has been decided.
    RoleRefused
        Neither radiologist nor operator nor engineer.
    """
    fixed, moving = study.volume(step.record["fixed"]), study.volume(step.record["moving"])
    if any(v.made_from == moving.digest for v in study.volumes):
        raise UsageError(
            _WHAT,
            "Another registration of it, or a brain mask, is in force.",
            "Withdraw that one first: `--withdraw` with its digits.",
        )
    matrix = np.array(step.record["matrix"], dtype=np.float64).reshape(4, 4)
    made = moved(moving, matrix, fixed.frame, step.digest)
    row = decide_step(workspace, session, study, step, "accepted", (made,))
    flag_apart(workspace, workspace.study(study.id))
    return row
