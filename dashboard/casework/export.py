"""Results out of a case: masks as NIfTI, events as SzCORE/BIDS events.tsv, verdicts as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..domain import Prediction, Session, Study
from ..eeg import EventLine, write_events_tsv
from ..errors import UsageError
from ..files import write_atomic
from ..imaging import write_nifti_mask
from ..ledger import LedgerEntry
from ..terms import Action, StudyKind
from ..workspace import Workspace
from .controls import CONTROL
from .dicom_results import DICOM_FORMATS, ExportOptions, write_dicom_results
from .drawn import outline_bits
from .result_findings import Verdicts
from .reveal import RevealedPrediction, revealed_or_refused
from .screens import ledger_table
from .whose_verdicts import ChosenVerdicts, chosen_verdicts

__all__ = ["FORMATS", "export_study"]

FORMATS = {
    "nifti": StudyKind.MR,
    **dict.fromkeys(DICOM_FORMATS, StudyKind.MR),
    "events-tsv": StudyKind.EEG,
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
    are verdicts, the mask of what they let stand. `events-tsv`: the model's events, and the reviewed list with what
    each was found in: an alert, a control window, or the reader's own search. `csv`: the study's ledger rows with
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
    write = _masks if format_ == "nifti" else _events
    return tuple(path for one in revealed.predictions for path in write(workspace, study, one, chosen, folder))


def _label(study: Study, prediction: Prediction) -> str:
    mark = "synthetic_" if study.synthetic else ""
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


def _events(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction,
    chosen: ChosenVerdicts,
    folder: Path,
) -> list[Path]:
    prediction, recording, verdicts = one.prediction, study.recording, chosen.verdicts
    assert recording is not None
    predicted = [
        EventLine(f.onset_s or 0.0, f.duration_s or 0.0, "sz", f.score, f.channels) for f in prediction.findings
    ]
    path = folder / f"{_label(study, prediction)}_as-predicted_events.tsv"
    write_events_tsv(path, predicted, recording)
    if not verdicts:
        return [path]
    second = folder / f"{_label(study, prediction)}_{chosen.word}_events.tsv"
    write_events_tsv(second, _reviewed(prediction, verdicts), recording)
    return [path, second]


def _reviewed(prediction: Prediction, verdicts: Verdicts) -> list[EventLine]:
    """The events that the reader let stand or added, each with how it came to be listed.

    A seizure accepted in a control window has no alert. Where the reader also marked it anew, their own edges stand in
    its place, so that it is listed once.
    """
    listed = []
    for finding in prediction.findings:
        entry = verdicts.get((prediction.digest, str(finding.number)))
        if entry is not None and entry.action in _STANDS:
            onset = float(entry.details.get("onset_s", finding.onset_s))
            length = float(entry.details.get("duration_s", finding.duration_s))
            listed.append(EventLine(onset, length, "sz", finding.score, finding.channels, "alert"))
    placed = [e for e in verdicts.values() if e.action in _STANDS and "onset_s" in e.details]
    own = [e for e in placed if e.action == Action.ADD]
    controls = [e for e in placed if e.finding_kind == CONTROL and e.prediction == prediction.digest]
    for entry in own:
        found_in = "control window" if any(_overlap(entry, one) for one in controls) else "reader's own search"
        listed.append(EventLine(*_edges(entry), "sz", found_in=found_in))
    for entry in controls:
        if not any(_overlap(entry, one) for one in own):
            listed.append(EventLine(*_edges(entry), "sz", found_in="control window"))
    return listed


def _edges(entry: LedgerEntry) -> tuple[float, float]:
    return float(entry.details["onset_s"]), float(entry.details["duration_s"])


def _overlap(one: LedgerEntry, other: LedgerEntry) -> bool:
    (a, length), (b, other_length) = _edges(one), _edges(other)
    return a < b + other_length and b < a + length


def _csv(workspace: Workspace, session: Session, study: Study, folder: Path) -> Path:
    path = folder / f"{'synthetic_' if study.synthetic else ''}{study.id}_ledger.csv"
    write_atomic(path, ledger_table(workspace, session, "csv", study=study.id).encode())
    return path
