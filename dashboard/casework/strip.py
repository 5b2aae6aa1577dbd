"""A head with its skull, for a model that reads brains alone: a brain mask offered, and used once a person accepts it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..domain import Session, Study, Volume, foremost
from ..errors import ImagingRefused, UsageError
from ..files import array_digest
from ..imaging import BRAIN_MARGIN_MM, brain_picture, model_grid, reference_volume, resample, stripped, with_margin
from ..ledger import LedgerEntry
from ..models import BRAIN_MASK_METHOD, brain_of_head
from ..terms import Sequence, StudyKind
from ..workspace import Step, Workspace
from .steps import decide_step

__all__ = ["accept_brain_mask", "brain_masks", "propose_brain_mask"]

Progress = Callable[[int, int, str], None]
_WHAT = "No brain mask was made."
_BEST = (Sequence.T1, Sequence.T1C, Sequence.FLAIR, Sequence.T2)
_LEAST_ML, _MOST_ML = 600.0, 2400.0


def _heads(study: Study) -> tuple[Volume, tuple[Volume, ...]]:
    """The study's grid, and the series in its frame that a mask would strip."""
    if study.kind is not StudyKind.MR:
        raise UsageError(_WHAT, "Only MR studies have one.", "Name an MR study.")
    volumes = foremost(tuple(volume for volume in study.volumes if volume.made_how != "brain"))
    grid = reference_volume(volumes)
    return grid, tuple(volume for volume in volumes if volume.frame == grid.frame)


def propose_brain_mask(workspace: Workspace, study: Study, on_progress: Progress | None = None) -> Step:
    """Compute a brain mask on the series that suits it best, keep it with its picture, and strip nothing.

    Raises
    ------
    UsageError
        It is no MR study.
    ImagingRefused
        What was found has not the size of a brain.
    """
    _, heads = _heads(study)
    source = reference_volume(heads, _BEST)
    if on_progress:
        on_progress(0, 1, "Brain mask")
    affine, shape = model_grid(source.affine, source.shape, "native", "RAS")
    head = resample(np.asarray(source.array, np.float32), source.affine, affine, shape)
    found = brain_of_head(head, int(workspace.settings["inference.threads"]) or None)
    brain = resample(found.astype(np.uint8), affine, source.affine, source.shape, order=0) > 0
    volume_ml = float(brain.sum()) * abs(float(np.linalg.det(source.affine[:3, :3]))) / 1000
    if not _LEAST_ML <= volume_ml <= _MOST_ML:
        raise ImagingRefused(
            _WHAT,
            f"What was found holds {volume_ml:.0f} ml, which is no brain of an adult.",
            "Take skull and scalp away with a tool made for it, and add the result.",
        )
    brain = with_margin(brain, source.affine)
    record = {
        "step": "brain_mask",
        "source": source.digest,
        "source_sequence": str(source.sequence),
        "series": [volume.digest for volume in heads],
        "mask": array_digest(brain.astype(np.uint8), source.affine),
        "volume_ml": round(volume_ml, 1),
        "margin_mm": BRAIN_MARGIN_MM,
        "method": BRAIN_MASK_METHOD,
    }
    return workspace.steps.put(study.id, record, brain_picture(source, brain), brain=brain)


def brain_masks(workspace: Workspace, study: Study) -> tuple[Step, ...]:
    """The brain masks computed for a study, with what was decided about each."""
    return tuple(step for step in workspace.steps.of(study.id) if step.record["step"] == "brain_mask")


def accept_brain_mask(workspace: Workspace, session: Session, study: Study, step: Step) -> LedgerEntry:
    """Let models read the series without skull from now on, as a person says who has looked at the mask's outline.

    The series as they were acquired stay, and are what the page shows.

    Raises
    ------
    UsageError
        Another mask is in force, or series came or moved since it was computed; or the step has been decided.
    RoleRefused
        Neither radiologist nor operator nor engineer.
    """
    if any(volume.made_how == "brain" for volume in study.volumes):
        raise UsageError(_WHAT, "Another one is in force.", "Withdraw that one first: `--withdraw` with its digits.")
    _, heads = _heads(study)
    if [volume.digest for volume in heads] != step.record["series"]:
        raise UsageError(
            _WHAT, "Series came or moved since it was computed.", "Compute it anew: `overread strip STUDY`."
        )
    source = study.volume(step.record["source"])
    brain = workspace.steps.array(study.id, step.digest, "brain")
    made = tuple(stripped(volume, brain, source.affine, step.digest) for volume in heads)
    return decide_step(workspace, session, study, step, "accepted", made)
