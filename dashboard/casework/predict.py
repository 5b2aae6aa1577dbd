"""Second step of a case: a model reads a study, and its result becomes a prediction with findings."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..domain import Finding, Prediction, Region, RiskCurve, Study, Volume, utc_text
from ..errors import InputGuard, ModelNotFound
from ..files import array_digest, canonical_digest
from ..imaging import lesions
from ..ledger import NewRow
from ..models import Model, installed_models, shipped_folder
from ..terms import Action, Identity, Role, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore, digest_of_risk
from .columns import columns_of
from .inference import detect_events, segment_volumes
from .standing import model_input_digest

__all__ = ["model_for", "model_places", "models_of", "predict", "predict_row", "with_known_sides"]

_LOG = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]


def model_places(workspace: Workspace | None) -> tuple[Path, ...]:
    """Where models are looked for: the shipped folder, then those of the settings."""
    further = str(workspace.settings["models.folders"]) if workspace else ""
    return (shipped_folder(), *(Path(p) for p in further.split(os.pathsep) if p))


def models_of(workspace: Workspace | None) -> tuple[Model, ...]:
    """The models installed here: the shipped ones, then those of the folders in the settings."""
    return installed_models(model_places(workspace))


def model_for(workspace: Workspace, kind: StudyKind, name: str | None = None) -> Model:
    """The model of that id, or the first enabled one for the kind of study.

    Raises
    ------
    ModelNotFound
        None is installed and enabled.
    """
    task = "segmentation" if kind is StudyKind.MR else "events"
    for model in models_of(workspace):
        if (name is None or model.manifest.id == name) and model.manifest.task == task and model.manifest.enabled:
            return model
    raise ModelNotFound(
        f"There is no model {name or f'for {kind} studies'} here.",
        "It is not installed, not enabled, or made for another kind of study.",
        "`overread models list` shows what is installed.",
    )


def predict(
    workspace: Workspace,
    study: Study,
    model: Model,
    *,
    device: str = "auto",
    on_progress: Progress | None = None,
) -> Prediction:
    """Run a model over a study, store what it says and write one `predict` row.

    The same model by the same manifest on the same input is not computed twice: its stored prediction is given back.

    Raises
    ------
    ModelRefused
        The model can't be used, or a guard says that it was not made for this input.
    """
    store = PredictionStore(workspace.predictions_folder)
    used = model_input_digest(study, model)
    rules = canonical_digest(model.manifest.model_dump(mode="json"))
    for known in store.of(study.id):
        same_rules = known.settings.get("manifest") == rules
        if known.model.digest == model.digest and known.input_digest == used and same_rules and not known.imported:
            return known
    threads = int(workspace.settings["inference.threads"]) or None
    run = _segment if study.kind is StudyKind.MR else _detect
    try:
        stored = run(store, study, model, used, device, threads, on_progress)
    except InputGuard as refusal:
        _LOG.warning("%s: %s (%s)", study.id, refusal, refusal.code)
        raise
    for warning in stored.warnings:
        _LOG.warning("%s, %s: %s", study.id, model.manifest.id, warning)
    workspace.ledger.append(predict_row(study, stored))
    return stored


def predict_row(study: Study, prediction: Prediction) -> NewRow:
    """The ledger row that says that a result exists."""
    return NewRow(
        action=Action.PREDICT,
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        details={
            "findings": len(prediction.findings),
            "imported": prediction.imported,
            **({"warnings": list(prediction.warnings)} if prediction.warnings and not prediction.imported else {}),
        },
        **columns_of(study, prediction),
    )


def _segment(
    store: PredictionStore,
    study: Study,
    model: Model,
    used: str,
    device: str,
    threads: int | None,
    on_progress: Progress | None,
) -> Prediction:
    made = segment_volumes(model, study.volumes, device=device, threads=threads, on_progress=on_progress)
    regions = tuple(
        Region(region.name, bit, region.threshold, evaluated, region.experimental)
        for bit, (region, evaluated) in enumerate(
            zip(model.manifest.output.regions, made.result.evaluated, strict=True)
        )
    )
    findings, lesion_map = lesions(made.bits, regions, made.grid.affine, probability=made.probability, head=made.head)
    prediction = Prediction(
        digest="",
        study=study.id,
        model=model.identity,
        input_digest=used,
        kind="masks",
        settings=dict(made.result.settings),
        findings=with_known_sides(findings, made.grid),
        regions=regions,
        grid=made.grid.digest,
        mask_digest=array_digest(made.bits, made.grid.affine),
        warnings=made.warnings,
        provider=made.result.provider,
        seconds=made.result.seconds,
        made_at=utc_text(),
    )
    return store.put(prediction, bits=made.bits, lesion_map=lesion_map, probability=made.probability)


def with_known_sides(findings: tuple[Finding, ...], grid: Volume) -> tuple[Finding, ...]:
    """Where a file states no orientation, no finding has a side."""
    return findings if grid.sides_known else tuple(replace(finding, side="unknown") for finding in findings)


def _detect(
    store: PredictionStore,
    study: Study,
    model: Model,
    used: str,
    device: str,
    threads: int | None,
    on_progress: Progress | None,
) -> Prediction:
    assert study.recording is not None
    made = detect_events(model, study.recording, device=device, threads=threads, on_progress=on_progress)
    rules = model.manifest.events
    findings = tuple(
        Finding(
            number=number,
            kind="seizure",
            score=event.peak,
            onset_s=event.onset_s,
            duration_s=event.duration_s,
            channels=_involved(made.risk, event.onset_s, event.duration_s, rules.on),
        )
        for number, event in enumerate(made.events, start=1)
    )
    prediction = Prediction(
        digest="",
        study=study.id,
        model=model.identity,
        input_digest=used,
        kind="risk",
        settings={**made.result.settings, "events": rules.model_dump(mode="json"), "input": dict(made.checked)},
        findings=findings,
        risk_digest=digest_of_risk(made.risk),
        not_evaluated_s=made.result.not_evaluated_s,
        warnings=tuple(made.result.warnings),
        provider=made.result.provider,
        seconds=made.result.seconds,
        made_at=utc_text(),
    )
    return store.put(prediction, risk=made.risk)


def _involved(risk: RiskCurve, onset_s: float, duration_s: float, threshold: float) -> tuple[str, ...]:
    """Channels whose own score reached the threshold during the event, the highest first, at most six."""
    inside = (risk.times_s >= onset_s) & (risk.times_s <= onset_s + duration_s)
    if not inside.any():
        return ()
    peaks = np.nan_to_num(risk.channel_scores[:, inside]).max(axis=1)
    order = [n for n in np.argsort(-peaks) if peaks[n] >= threshold][:6]
    return tuple(risk.channel_labels[n] for n in order)
