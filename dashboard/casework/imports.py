"""Other people's results: a mask or a list of events becomes a prediction, so that review works with no model of ours."""

from __future__ import annotations

import re
from pathlib import Path

from ..domain import ModelIdentity, Prediction, Study, Volume, utc_text
from ..errors import UsageError
from ..files import array_digest, canonical_digest
from ..imaging import head_mask, lesions, read_result, reference_volume
from ..terms import StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .imported_events import store_events
from .new_uids import frame_words, new_uids
from .predict import predict_row, with_known_sides

__all__ = ["add_prediction"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}\Z")


def add_prediction(
    workspace: Workspace, study: Study, file: Path, *, model_name: str, model_version: str
) -> Prediction:
    """Take in another tool's result: for an MR study a mask, for an EEG study a list of events.

    A mask is a DICOM SEG, an RT structure set or a NIfTI label map; events are a table (SzCORE's events.tsv, CSV), EDF+
    annotations or a Persyst `.lay` file.

    Labels of a NIfTI file are 1 core, 2 oedema, 3 or 4 enhancing; segments and structures go by their names. What is
    marked is brought to the study's reference grid by nearest neighbour; its own array's digest is kept in the settings.

    Raises
    ------
    UsageError
        Name or version are not plain words.
    ImagingRefused
        The mask can't be read rightly, lies in another frame of reference or outside the study.
    NotRecognised
        The file holds no events, or those of another recording.
    """
    for text in (model_name, model_version):
        if not _NAME.match(text):
            raise UsageError(
                "The result was not taken in.",
                "A model's name and version are letters, digits, spaces, dots, dashes and underscores.",
                "Give --model-name and --model-version so.",
            )
    before = {known.digest for known in PredictionStore(workspace.predictions_folder).of(study.id)}
    make = _mask if study.kind is StudyKind.MR else store_events
    stored = make(workspace, study, file, model_name, model_version)
    if stored.digest not in before:
        workspace.ledger.append(predict_row(study, stored))
    return stored


def _mask(workspace: Workspace, study: Study, file: Path, model_name: str, model_version: str) -> Prediction:
    grid = reference_volume(study.volumes)
    together = [volume for volume in study.volumes if volume is grid or (grid.frame and volume.frame == grid.frame)]
    bits, regions, settings = read_result(file, grid, together, _frames(workspace, study, together))
    findings, lesion_map = lesions(bits, regions, grid.affine, head=head_mask(grid.array))
    prediction = Prediction(
        digest="",
        study=study.id,
        model=ModelIdentity(id=model_name, version=model_version, digest="", title=model_name),
        input_digest=canonical_digest({str(grid.sequence): grid.digest}),
        kind="masks",
        settings=settings,
        findings=with_known_sides(findings, grid),
        regions=regions,
        grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine),
        made_at=utc_text(),
        imported=True,
    )
    return PredictionStore(workspace.predictions_folder).put(prediction, bits=bits, lesion_map=lesion_map)


def _frames(workspace: Workspace, study: Study, together: list[Volume]) -> set[str]:
    """Frames of reference that are the grid's: the source's, and the one of our exports. Empty where the source has none."""
    known = workspace.identity(study.id).get("frame_uids") or {}
    source = {known[volume.digest] for volume in together if known.get(volume.digest)}
    new_uid = new_uids(workspace, study)
    return source | {new_uid(frame_words(volume)) for volume in together} if source else set()
