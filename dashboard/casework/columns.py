"""The columns by which a row names a study and a model's result, the same in every row."""

from __future__ import annotations

from typing import Any

from ..domain import Prediction, Study
from ..workspace.outlines import StudyOutline

__all__ = ["columns_of"]


def columns_of(study: Study | StudyOutline, prediction: Prediction | None) -> dict[str, Any]:
    """Study, subject, kind and input digest; with a prediction its input's digest, its model and its own digest."""
    named = {"study": study.id, "subject": study.subject, "kind": study.kind, "input_digest": study.input_digest}
    if prediction is None:
        return named
    return named | {
        "input_digest": prediction.input_digest,
        "model": prediction.model.id,
        "model_version": prediction.model.version,
        "model_digest": prediction.model.digest,
        "prediction": prediction.digest,
    }
