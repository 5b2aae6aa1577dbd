"""Results out of a case: masks as NIfTI or DICOM, events, verdicts as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..domain import Prediction, Session, Study
from ..errors import UsageError
from ..files import write_atomic
from ..imaging import write_nifti_mask
from ..terms import Action, StudyKind
from ..workspace import Workspace
from .dicom_results import DICOM_FORMATS, ExportOptions, write_dicom_results
from .drawn import outline_bits
from .eeg_results import EEG_FORMATS, write_eeg_results
from .result_findings import Verdicts
from .reveal import RevealedPrediction, revealed_or_refused
from .screens import ledger_table
from .whose_verdicts import ChosenVerdicts, chosen_verdicts

__all__ = ["FORMATS", "export_study"]

FORMATS = {
    "nifti": StudyKind.MR,
    **dict.fromkeys(DICOM_FORMATS, StudyKind.MR),
    **dict.fromkeys(EEG_FORMATS, StudyKind.EEG),
    "csv": None,
}
"""Formats that can be written, and the kind of study that each is for."""

_STANDS = (Action.ACCEPT, Action.MODIFY, Action.ADD)


def export_study(
    workspace: Workspace,
    session: Session,
    study: Study,
    format_: str,
    folder: Path,
    *,
    operator: bool = False,
    options: ExportOptions = ExportOptions(),
) -> tuple[Path, ...]:
    """Write a study's results under its pseudonym, or DICOM under the source's identity where `options` asks for it.

    Whose verdicts count `options.verdicts` says; by default an adjudicator's where their decision stands and may reach
    the session, else the session's own. `nifti`: for each model's result the label mask as predicted, and, where there
    are verdicts, the mask of what they let stand. `events-tsv`, `edf`, `event-summary`: see `write_eeg_results`. `csv`: the study's ledger rows with
    their comments, of all readers whose rows the session may see. The dicom formats: see `write_dicom_results`.

    Raises
    ------
    UsageError
        The format is unknown or not for this kind of study, or `options` don't fit it.
    BlindOpen
        The reader owes the study a read of their own.
    """
    if format_ not in FORMATS or FORMATS[format_] not in (None, study.kind):
        known = ", ".join(name for name, kind in FORMATS.items() if kind in (None, study.kind))
        raise UsageError(
            f"{format_} was not written.", f"It is not a format for {study.kind} studies here.", f"Choose {known}."
        )
    options.check(format_)
    revealed = revealed_or_refused(workspace, session, study, operator=operator)
    folder.mkdir(parents=True, exist_ok=True)
    if format_ == "csv":
        return (_csv(workspace, session, study, folder),)
    chosen = chosen_verdicts(workspace, session, study.id, options.verdicts)
    if format_ in DICOM_FORMATS:
        return write_dicom_results(
            workspace, session, study, revealed.predictions, chosen, format_, folder,
            lambda prediction: _label(study, prediction), options,
        )  # fmt: skip
    if format_ in EEG_FORMATS:
        return write_eeg_results(
            workspace, session, study, revealed.predictions, chosen, format_, folder,
            lambda prediction: _label(study, prediction),
        )  # fmt: skip
    return tuple(path for one in revealed.predictions for path in _masks(workspace, study, one, chosen, folder))


def _label(study: Study, prediction: Prediction | None) -> str:
    mark = "synthetic_" if study.synthetic else ""
    if prediction is None:
        return f"{mark}{study.id}_no-model"
    return f"{mark}{study.id}_{prediction.model.id.replace(' ', '-')}_{prediction.digest[:8]}"


def _masks(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction,
    chosen: ChosenVerdicts,
    folder: Path,
) -> list[Path]:
    prediction, verdicts = one.prediction, chosen.verdicts
    grid = study.volume(prediction.grid)
    bits, lesion_map = one.mask(), one.lesion_map()
    path = folder / f"{_label(study, prediction)}_as-predicted.nii.gz"
    said = {"synthetic": study.synthetic, "sides_known": grid.sides_known}
    write_nifti_mask(_labels(bits, prediction), grid.affine, path, **said)
    written = [path]
    judged = [f for f in prediction.findings if (prediction.digest, str(f.number)) in verdicts]
    if judged:
        kept = np.zeros_like(bits)
        for finding in judged:
            entry = verdicts[(prediction.digest, str(finding.number))]
            if entry.action in _STANDS and not entry.artifact:
                where = lesion_map == finding.component
                kept[where] = bits[where]
        path = folder / f"{_label(study, prediction)}_{chosen.word}.nii.gz"
        write_nifti_mask(_labels(kept, prediction), grid.affine, path, **said)
        written.append(path)
        written += [_artifact(workspace, study, prediction, f.number, verdicts, folder) for f in judged
                    if verdicts[(prediction.digest, str(f.number))].artifact]  # fmt: skip
    return written


def _artifact(
    workspace: Workspace,
    study: Study,
    prediction: Prediction,
    number: int,
    verdicts: Verdicts,
    folder: Path,
) -> Path:
    entry = verdicts[(prediction.digest, str(number))]
    path = folder / f"{_label(study, prediction)}_finding-{number}_by-reader.nii.gz"
    if entry.details.get("edit") == "drawn":
        grid = study.volume(prediction.grid)
        labels = _labels(outline_bits(workspace, entry, grid, prediction.regions), prediction)
        write_nifti_mask(labels, grid.affine, path, synthetic=study.synthetic, sides_known=grid.sides_known)
    else:
        write_atomic(path, (workspace.root / entry.artifact).read_bytes())
    return path


def _labels(bits: np.ndarray, prediction: Prediction) -> np.ndarray:
    """Label map of nested regions: 2 the outermost alone, 1 core alone, 3 enhancing, as BraTS has it."""
    values = {"whole_tumour": 2, "tumour_core": 1, "enhancing_tumour": 3}
    labels = np.zeros(bits.shape, dtype=np.uint8)
    for region in prediction.regions:
        labels[(bits >> region.bit) & 1 == 1] = values.get(region.name, region.bit + 1)
    return labels


def _csv(workspace: Workspace, session: Session, study: Study, folder: Path) -> Path:
    path = folder / f"{'synthetic_' if study.synthetic else ''}{study.id}_ledger.csv"
    write_atomic(path, ledger_table(workspace, session, "csv", study=study.id).encode())
    return path
