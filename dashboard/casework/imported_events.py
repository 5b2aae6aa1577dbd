"""Somebody else's detections for a recording become a prediction that is reviewed like a model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..domain import Finding, ModelIdentity, Prediction, RiskCurve, Study, utc_text
from ..eeg import read_detections
from ..files import digest_file
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore, digest_of_risk

__all__ = ["store_events"]


def store_events(workspace: Workspace, study: Study, file: Path, model_name: str, model_version: str) -> Prediction:
    """Store the events of an events table, EDF+ annotations or Persyst comments as a model's findings.

    There is no score over time: nobody gave one. Gaps are the only time that is known not to have been evaluated. The file's digest is kept in the settings.

    Raises
    ------
    NotRecognised
        The file is none of these, or belongs to another recording.
    """
    assert study.recording is not None
    found = read_detections(file, study.recording)
    labels = {channel.label for channel in study.recording.channels}
    findings = tuple(
        Finding(
            number=number,
            kind="seizure",
            score=event.score,
            onset_s=event.onset_s,
            duration_s=event.duration_s,
            channels=tuple(channel for channel in event.channels if channel in labels),
        )
        for number, event in enumerate(found.events, start=1)
    )
    nothing = np.zeros(0, dtype=np.float32)
    risk = RiskCurve(nothing, nothing, np.zeros((0, 0), dtype=np.float32), (), 1.0)
    prediction = Prediction(
        digest="",
        study=study.id,
        model=ModelIdentity(id=model_name, version=model_version, digest="", title=model_name),
        input_digest=study.input_digest,
        kind="risk",
        settings={"form": found.form, "file": digest_file(file)},
        findings=findings,
        risk_digest=digest_of_risk(risk),
        not_evaluated_s=tuple((gap.onset_s, gap.duration_s) for gap in study.recording.gaps),
        warnings=found.warnings,
        made_at=utc_text(),
        imported=True,
    )
    return PredictionStore(workspace.predictions_folder).put(prediction, risk=risk)
