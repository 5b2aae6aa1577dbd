"""Second step of a case: a model reads a study, and its result becomes a prediction with findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ..domain import BitmaskVolume, Finding, Prediction, ProbabilityMaps, Region, RiskCurve, Study, Volume
from ..eeg import detector_blocks, detector_labels, risk_events
from ..errors import ModelNotFound, NoSequenceForModel
from ..files import array_digest, canonical_digest
from ..imaging import lesions, model_grid, reference_volume, resample
from ..ledger import NewRow
from ..models import Model, Segmentation, detect, installed_models, mask_bits, segment, shipped_folder
from ..terms import Action, Identity, Role, Sequence, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore, digest_of_risk

__all__ = ["model_for", "models_of", "predict"]

Progress = Callable[[int, int, str], None]


def models_of(workspace: Workspace | None) -> tuple[Model, ...]:
    """The models installed here: the shipped ones, then those of the folders in the settings."""
    further = str(workspace.settings["models.folders"]) if workspace else ""
    folders = [shipped_folder(), *(Path(p) for p in further.split(":") if p)]
    return installed_models(folders)


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

    The same model on the same input is not computed twice: its stored prediction is given back.

    Raises
    ------
    ModelRefused
        The model can't be used, or a guard says that it was not made for this input.
    """
    store = PredictionStore(workspace.predictions_folder)
    used = _input_digest(study, model)
    for known in store.of(study.id):
        if known.model.digest == model.digest and known.input_digest == used and not known.imported:
            return known
    run = _segment if study.kind is StudyKind.MR else _detect
    stored = run(workspace, store, study, model, used, device, on_progress)
    workspace.ledger.append(predict_row(study, stored))
    return stored


def predict_row(study: Study, prediction: Prediction) -> NewRow:
    """The ledger row that says that a result exists."""
    return NewRow(
        action=Action.PREDICT,
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        study=study.id,
        subject=study.subject,
        kind=study.kind,
        input_digest=prediction.input_digest,
        model=prediction.model.id,
        model_version=prediction.model.version,
        model_digest=prediction.model.digest,
        prediction=prediction.digest,
        details={"findings": len(prediction.findings), "imported": prediction.imported},
    )


def _first_of_each(study: Study) -> dict[Sequence, Volume]:
    """One volume a sequence: the one with the finest voxels, then the smaller digest."""
    chosen: dict[Sequence, Volume] = {}
    for volume in sorted(study.volumes, key=lambda v: (float(np.prod(v.spacing_mm)), v.digest)):
        chosen.setdefault(volume.sequence, volume)
    return chosen


def _wanted(study: Study, model: Model) -> dict[str, Volume]:
    by_sequence = _first_of_each(study)
    names = [entry.name for entry in model.manifest.input.sequences]
    return {name: by_sequence[Sequence(name)] for name in names if Sequence(name) in by_sequence}


def _input_digest(study: Study, model: Model) -> str:
    if study.kind is StudyKind.EEG:
        return study.input_digest
    return canonical_digest({name: volume.digest for name, volume in _wanted(study, model).items()})


def _segment(
    workspace: Workspace,
    store: PredictionStore,
    study: Study,
    model: Model,
    used: str,
    device: str,
    on_progress: Progress | None,
) -> Prediction:
    manifest = model.manifest
    wanted = _wanted(study, model)
    if not wanted:
        needed = ", ".join(entry.name for entry in manifest.input.sequences)
        raise NoSequenceForModel(
            f"{manifest.title} was not run.",
            f"The study has none of the sequences that it reads ({needed}).",
            "Read the study without it, or correct the sequence of a series if it was recognised wrongly.",
        )
    grid = reference_volume(tuple(wanted.values()), tuple(Sequence(s) for s in manifest.input.grid_of))
    warnings: list[str] = []
    for name, volume in list(wanted.items()):
        if volume.frame != grid.frame:
            del wanted[name]
            warnings.append(f"{name} was left out: it lies in another frame of reference")
    affine, shape = model_grid(grid.affine, grid.shape, manifest.input.spacing_mm, manifest.input.orientation)
    names = [entry.name for entry in manifest.input.sequences]
    channels = np.zeros((len(names), *shape), dtype=np.float32)
    for number, name in enumerate(names):
        if name in wanted:
            channels[number] = resample(
                wanted[name].array, wanted[name].affine, affine, shape, order=3 if manifest.input.resample == "cubic" else 1
            )
    result = segment(
        model,
        channels,
        tuple(name in wanted for name in names),
        manifest.input.spacing_mm,
        device=device,
        threads=int(workspace.settings["inference.threads"]) or None,
        on_progress=on_progress,
    )
    probability = np.stack(
        [resample(p, affine, grid.affine, grid.shape, order=1) for p in result.probability]
    )
    head = resample((channels != 0).any(axis=0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
    return _stored_masks(store, study, model, grid, result, probability, head, used, tuple(warnings))


def _stored_masks(
    store: PredictionStore,
    study: Study,
    model: Model,
    grid: Volume,
    result: Segmentation,
    probability: ProbabilityMaps,
    head: np.ndarray,
    used: str,
    warnings: tuple[str, ...],
) -> Prediction:
    manifest = model.manifest
    regions = tuple(
        Region(
            name=region.name,
            bit=bit,
            threshold=region.threshold,
            evaluated=evaluated,
            experimental=region.experimental,
        )
        for bit, (region, evaluated) in enumerate(zip(manifest.output.regions, result.evaluated, strict=True))
    )
    bits: BitmaskVolume = mask_bits(manifest, probability, result.evaluated, grid.spacing_mm)
    findings, lesion_map = lesions(bits, regions, grid.affine, probability=probability, head=head)
    findings = _with_known_sides(findings, grid)
    prediction = Prediction(
        digest="",
        study=study.id,
        model=model.identity,
        input_digest=used,
        kind="masks",
        settings=dict(result.settings),
        findings=findings,
        regions=regions,
        grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine),
        warnings=(*warnings, *result.warnings),
        provider=result.provider,
        seconds=result.seconds,
        made_at=_now(),
    )
    return store.put(prediction, bits=bits, lesion_map=lesion_map, probability=probability)


def _with_known_sides(findings: tuple[Finding, ...], grid: Volume) -> tuple[Finding, ...]:
    if grid.sides_known:
        return findings
    return tuple(replace(finding, side="unknown") for finding in findings)


def _detect(
    workspace: Workspace,
    store: PredictionStore,
    study: Study,
    model: Model,
    used: str,
    device: str,
    on_progress: Progress | None,
) -> Prediction:
    manifest, recording = model.manifest, study.recording
    assert recording is not None
    result = detect(
        model,
        detector_blocks(recording, manifest.input),
        detector_labels(recording, manifest.input),
        recording.duration_s,
        device=device,
        threads=int(workspace.settings["inference.threads"]) or None,
        on_progress=on_progress,
    )
    risk = RiskCurve(result.times_s, result.scores, result.channel_scores, result.channel_labels, result.step_s)
    events = risk_events(
        risk.times_s,
        risk.scores,
        step_s=risk.step_s,
        on=manifest.events.on,
        off=manifest.events.off,
        min_duration_s=manifest.events.min_duration_s,
        merge_gap_s=manifest.events.merge_gap_s,
        breaks=tuple((gap.onset_s, gap.duration_s) for gap in recording.gaps),
    )
    findings = tuple(
        Finding(
            number=number,
            kind="seizure",
            score=event.peak,
            onset_s=event.onset_s,
            duration_s=event.duration_s,
            channels=_involved(risk, event.onset_s, event.duration_s, manifest.events.on),
        )
        for number, event in enumerate(events, start=1)
    )
    prediction = Prediction(
        digest="",
        study=study.id,
        model=model.identity,
        input_digest=used,
        kind="risk",
        settings=dict(result.settings),
        findings=findings,
        risk_digest=digest_of_risk(risk),
        not_evaluated_s=result.not_evaluated_s,
        warnings=tuple(result.warnings),
        provider=result.provider,
        seconds=result.seconds,
        made_at=_now(),
    )
    return store.put(prediction, risk=risk)


def _involved(risk: RiskCurve, onset_s: float, duration_s: float, threshold: float) -> tuple[str, ...]:
    """Channels whose own score reached the threshold during the event, the highest first, at most six."""
    inside = (risk.times_s >= onset_s) & (risk.times_s <= onset_s + duration_s)
    if not inside.any():
        return ()
    peaks = np.nan_to_num(risk.channel_scores[:, inside]).max(axis=1)
    order = [n for n in np.argsort(-peaks) if peaks[n] >= threshold][:6]
    return tuple(risk.channel_labels[n] for n in order)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
