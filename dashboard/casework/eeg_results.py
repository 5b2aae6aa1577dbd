"""Events out of a case: events.tsv, the recording with its events as annotations, and a page to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..domain import Annotation, Prediction, Session, Study
from ..eeg import EventLine, annotated_ending, write_annotated_edf, write_events_tsv
from ..files import write_atomic
from ..ledger import LedgerEntry
from ..terms import Action
from ..workspace import Workspace
from .controls import CONTROL
from .event_summary import event_summary
from .result_findings import Verdicts
from .reveal import RevealedPrediction
from .shelf import rows_for
from .whose_verdicts import ChosenVerdicts

__all__ = ["EEG_FORMATS", "is_part_of_another", "standing_events", "write_eeg_results"]

EEG_FORMATS = ("events-tsv", "edf", "event-summary")

_STANDS = (Action.ACCEPT, Action.MODIFY, Action.ADD)


def write_eeg_results(
    workspace: Workspace,
    session: Session,
    study: Study,
    shown: tuple[RevealedPrediction, ...],
    chosen: ChosenVerdicts,
    format_: str,
    folder: Path,
    name_of: Callable[[Prediction | None], str],
) -> tuple[Path, ...]:
    """Write a recording's events, for each model's result, or the reader's own where no model has read it.

    `events-tsv`: the model's events, and the reviewed list. `edf`: the recording, digital samples untouched, with the
    reviewed events as annotations. `event-summary`: one page of HTML to print.

    Raises
    ------
    UsageError
        The recording can't be written as EDF+ unchanged.
    """
    write = {"events-tsv": _tables, "edf": _annotated, "event-summary": _summary}[format_]
    predictions = [one.prediction for one in shown] or [None]
    return tuple(
        path
        for prediction in predictions
        for path in write(workspace, session, study, prediction, chosen, folder / name_of(prediction))
    )


def is_part_of_another(entry: LedgerEntry, verdicts: Verdicts) -> bool:
    """Whether the alert was merged into another that stands, whose edges lie over both."""
    other = verdicts.get((entry.prediction, str(entry.details.get("merged_into", ""))))
    return other is not None and other.action in _STANDS and "merged_into" not in other.details


def standing_events(prediction: Prediction | None, verdicts: Verdicts) -> list[EventLine]:
    """The events that the reader let stand or added, each once, with how it came to be listed.

    A seizure accepted in a control window has no alert. Where the reader also marked it anew, their own edges stand in
    its place. Alerts that were merged are the one event whose edges lie over them.
    """
    listed = []
    for finding in prediction.findings if prediction else ():
        entry = verdicts.get((prediction.digest, str(finding.number))) if prediction else None
        if entry is not None and entry.action in _STANDS and not is_part_of_another(entry, verdicts):
            onset = float(entry.details.get("onset_s", finding.onset_s))
            length = float(entry.details.get("duration_s", finding.duration_s))
            channels = tuple(entry.details.get("channels") or finding.channels)
            kind = str(entry.details.get("event_type", ""))
            listed.append(EventLine(onset, length, "sz", finding.score, channels, "alert", kind))
    placed = [e for e in verdicts.values() if e.action in _STANDS and "onset_s" in e.details]
    own = [e for e in placed if e.action == Action.ADD]
    controls = [e for e in placed if prediction and e.finding_kind == CONTROL and e.prediction == prediction.digest]
    for entry in own:
        in_window = any(_overlap(entry, one) for one in controls)
        split = "split from an alert" if entry.details.get("split_from") else "reader's own search"
        listed.append(_line(entry, "control window" if in_window else split))
    listed += [_line(e, "control window") for e in controls if not any(_overlap(e, one) for one in own)]
    return sorted(listed, key=lambda line: (line.onset_s, line.duration_s))


def _line(entry: LedgerEntry, found_in: str) -> EventLine:
    onset, length = _edges(entry)
    channels = tuple(entry.details.get("channels") or ())
    return EventLine(onset, length, "sz", None, channels, found_in, str(entry.details.get("event_type", "")))


def _edges(entry: LedgerEntry) -> tuple[float, float]:
    return float(entry.details["onset_s"]), float(entry.details["duration_s"])


def _overlap(one: LedgerEntry, other: LedgerEntry) -> bool:
    (a, length), (b, other_length) = _edges(one), _edges(other)
    return a < b + other_length and b < a + length


def _tables(
    workspace: Workspace,
    session: Session,
    study: Study,
    prediction: Prediction | None,
    chosen: ChosenVerdicts,
    stem: Path,
) -> list[Path]:
    assert study.recording is not None
    written = []
    if prediction is not None:
        predicted = [
            EventLine(f.onset_s or 0.0, f.duration_s or 0.0, "sz", f.score, f.channels) for f in prediction.findings
        ]
        written.append(stem.with_name(f"{stem.name}_as-predicted_events.tsv"))
        write_events_tsv(written[-1], predicted, study.recording)
    if chosen.verdicts:
        written.append(stem.with_name(f"{stem.name}_{chosen.word}_events.tsv"))
        write_events_tsv(written[-1], standing_events(prediction, chosen.verdicts), study.recording)
    return written


def _annotated(
    workspace: Workspace,
    session: Session,
    study: Study,
    prediction: Prediction | None,
    chosen: ChosenVerdicts,
    stem: Path,
) -> list[Path]:
    assert study.recording is not None
    path = stem.with_name(f"{stem.name}_{chosen.word}{annotated_ending(study.recording)}")
    events = [Annotation(line.onset_s, line.duration_s, _words(line, chosen)) for line in _events(prediction, chosen)]
    write_annotated_edf(path, study.recording, events, patient=study.id, sex=study.sex, synthetic=study.synthetic)
    return [path]


def _events(prediction: Prediction | None, chosen: ChosenVerdicts) -> Sequence[EventLine]:
    return standing_events(prediction, chosen.verdicts)


def _words(line: EventLine, chosen: ChosenVerdicts) -> str:
    kind = f", {line.seizure_type}" if line.seizure_type else ""
    score = f", detector score {line.confidence:.2f}" if line.confidence is not None else ""
    return f"Seizure, {chosen.word}: {line.found_in}{kind}{score}"


def _summary(
    workspace: Workspace,
    session: Session,
    study: Study,
    prediction: Prediction | None,
    chosen: ChosenVerdicts,
    stem: Path,
) -> list[Path]:
    path = stem.with_name(f"{stem.name}_{chosen.word}_event-summary.html")
    signed = [
        row for row in rows_for(workspace, session, study.id)
        if row.action == Action.SIGN_OFF and row.reader == chosen.by
    ]  # fmt: skip
    page = event_summary(study, prediction, chosen.verdicts, _events(prediction, chosen),
                         signed[-1] if signed else None, adjudicated=chosen.adjudicated)  # fmt: skip
    write_atomic(path, page.encode())
    return [path]
