"""Other people's results: a label map becomes a prediction, so that review works with no model of ours."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from ..domain import ModelIdentity, Prediction, Region, Study
from ..errors import UsageError
from ..files import array_digest, canonical_digest
from ..imaging import bits_from_labels, head_mask, lesions, read_label_map, reference_volume
from ..terms import REGIONS, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .predict import predict_row, with_known_sides

__all__ = ["add_prediction"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}\Z")


def add_prediction(
    workspace: Workspace, study: Study, file: Path, *, model_name: str, model_version: str
) -> Prediction:
    """Take in a NIfTI label map (1 core, 2 oedema, 3 or 4 enhancing) as a model's result for an MR study.

    It is brought to the study's reference grid by nearest neighbour; its own array's digest is kept in the
    settings.

    Raises
    ------
    UsageError
        The study is no MR study, or name or version are not plain words.
    ImagingRefused
        The file can't be read rightly, or does not overlap the study.
    """
    if study.kind is not StudyKind.MR:
        raise UsageError(
            "The result was not taken in.", "Label maps belong to MR studies.", "Name an MR study with --study."
        )
    for text in (model_name, model_version):
        if not _NAME.match(text):
            raise UsageError(
                "The result was not taken in.",
                "A model's name and version are letters, digits, spaces, dots, dashes and underscores.",
                "Give --model-name and --model-version so.",
            )
    grid = reference_volume(study.volumes)
    labels, affine = read_label_map(file, placed=grid.sides_known)
    bits = bits_from_labels(labels, affine, grid.affine, grid.shape)
    regions = tuple(Region(name=term.name, bit=bit) for bit, term in enumerate(REGIONS))
    findings, lesion_map = lesions(bits, regions, grid.affine, head=head_mask(grid.array))
    store = PredictionStore(workspace.predictions_folder)
    prediction = Prediction(
        digest="",
        study=study.id,
        model=ModelIdentity(id=model_name, version=model_version, digest="", title=model_name),
        input_digest=canonical_digest({str(grid.sequence): grid.digest}),
        kind="masks",
        settings={"source_digest": array_digest(labels, affine), "resampled": "nearest"},
        findings=with_known_sides(findings, grid),
        regions=regions,
        grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine),
        made_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        imported=True,
    )
    before = {known.digest for known in store.of(study.id)}
    stored = store.put(prediction, bits=bits, lesion_map=lesion_map)
    if stored.digest not in before:
        workspace.ledger.append(predict_row(study, stored))
    return stored
