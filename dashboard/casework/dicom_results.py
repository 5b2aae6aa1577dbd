"""Results out as DICOM: what a reader let stand of a model's result, as segmentation, report and key slices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from .. import __version__
from ..domain import Prediction, Session, Study
from ..errors import FindingNotFound, UsageError
from ..files import canonical_digest
from ..imaging import (
    SEGMENTATION_TYPES,
    Labels,
    ResultFinding,
    Results,
    Standing,
    write_captures,
    write_report,
    write_segmentation,
)
from ..workspace import Workspace
from .dses import Names
from .erase import look_up
from .new_uids import new_uids
from .result_findings import added_findings, model_findings, own_result
from .reveal import RevealedPrediction
from .sources import copies_of, source_of
from .whose_verdicts import ChosenVerdicts

__all__ = ["DICOM_FORMATS", "ExportOptions", "write_dicom_results"]

DICOM_FORMATS = {"dicom-seg": write_segmentation, "dicom-sr": write_report, "dicom-sc": write_captures}


@dataclass(frozen=True)
class ExportOptions:
    """What may be asked of a DICOM export beyond the default.

    Attributes
    ----------
    segmentation_type : str
        binary, fractional or labelmap.
    include : tuple of str
        rejected, unsure, unreviewed: findings that don't stand, but are wanted in the files, which then say so.
    identified : bool
        Write the source's identity and UIDs, by role and with a `lookup` row.
    source : Path or None
        The folder of the study's own DICOM files: copies of them without names are written in place of a series made
        from the stored values.
    verdicts : str
        Whose verdicts count: mine, adjudicated, or '': see `chosen_verdicts`.
    """

    segmentation_type: str = "binary"
    include: tuple[str, ...] = ()
    identified: bool = False
    source: Path | None = None
    verdicts: str = ""

    def check(self, format_: str) -> None:
        """Refuse words that are none, and options that the format does not have.

        Raises
        ------
        UsageError
        """
        if format_ not in DICOM_FORMATS and replace(self, verdicts="") != ExportOptions():
            raise _usage("A type of segmentation, further findings and --identified are for dicom formats alone.",
                         "Leave them out, or choose dicom-seg, dicom-sr or dicom-sc.")  # fmt: skip
        if self.identified and self.source is not None:
            raise _usage("Results under the source's identity refer to the source, which needs no copies.",
                         "Leave out --source or --identified.")  # fmt: skip
        if self.segmentation_type not in SEGMENTATION_TYPES:
            raise _usage("There is no such type of segmentation.", f"Choose {', '.join(SEGMENTATION_TYPES)}.")
        if set(self.include) - set(Standing.ON_DEMAND):
            raise _usage("Those are no findings that could be included.", f"Name {', '.join(Standing.ON_DEMAND)}.")


def write_dicom_results(
    workspace: Workspace,
    session: Session,
    study: Study,
    shown: tuple[RevealedPrediction, ...],
    chosen: ChosenVerdicts,
    format_: str,
    folder: Path,
    name_of: Callable[[Prediction], str],
    options: ExportOptions,
) -> tuple[Path, ...]:
    """Write each model's result as the chosen verdicts let it stand.

    Findings that these accepted, modified or added are written; rejected, unsure and unreviewed ones only where
    `options.include` names them, and then file names and descriptions say so.

    Raises
    ------
    FindingNotFound
        Nothing is left to write.
    RoleRefused
        The identity is asked for by somebody whose role does not allow it.
    UsageError
        The identity is asked for, but the files named nobody.
    BadGeometry
        The images state no position, or one that DICOM can't say.
    """
    labels, copy_uids = _labels(workspace, session, study, chosen.by, options)
    written: list[Path] = []
    for one in shown or (None,):
        results = replace(_results(workspace, study, one, chosen, labels, options), copy_uids=copy_uids)
        if results.findings:
            further = f"_with-{'-'.join(results.further)}" if results.further else ""
            whose = f"_{chosen.word}" if chosen.adjudicated else ""
            stem = f"{name_of(one.prediction if one is not None else own_result(study))}{whose}{further}"
            written += DICOM_FORMATS[format_](results, folder, stem, options.segmentation_type)
    if not written:
        raise FindingNotFound(
            f"{format_} was not written.",
            "No finding of this study stands with an outline: none was accepted, modified or added.",
            "Review the study first, or ask for more with --include unreviewed, rejected or unsure.",
        )
    return tuple(written)


def _labels(
    workspace: Workspace, session: Session, study: Study, by: str, options: ExportOptions
) -> tuple[Labels, dict[str, str]]:
    """Pseudonyms and new UIDs, or once the `lookup` row is durable the source's; and the new UIDs of copied files."""
    new_uid = new_uids(workspace, study)
    reader = Names(workspace.keys.key("exports")).actor(by)
    hidden = Labels(study.subject, f"{study.subject}^", study.id, f"{reader}^", new_uid)
    if options.identified:
        look_up(workspace, session, study.id)
    elif options.source is None:
        return hidden, {}
    source = source_of(workspace.identity(study.id))
    if options.identified:
        return Labels(source.patient_id, source.patient_name, study.id, by, new_uid, source, True), {}
    copied, uids = copies_of(source, study, new_uid)
    return replace(hidden, source=copied), uids


def _results(
    workspace: Workspace,
    study: Study,
    one: RevealedPrediction | None,
    chosen: ChosenVerdicts,
    labels: Labels,
    options: ExportOptions,
) -> Results:
    """One model's result; None: what the reader added where no model has read the study."""
    verdicts = chosen.verdicts
    prediction = one.prediction if one is not None else own_result(study)
    grid = study.volume(prediction.grid)
    known = workspace.identity(study.id).get("instance_uids") or {}
    findings = [
        *(model_findings(workspace, study, one, verdicts, labels) if one is not None else ()),
        *added_findings(workspace, study, prediction, verdicts, labels),
    ]
    wanted = (*Standing.STANDS, *options.include)
    findings = [f for f in findings if f.standing in wanted]
    further = tuple(word for word in Standing.ON_DEMAND if any(f.standing == word for f in findings))
    times = [prediction.made_at, *(e.recorded_at for e in verdicts.values() if e.prediction in ("", prediction.digest))]
    state = {
        "prediction": prediction.digest,
        "findings": [[f.id, f.standing, f.reason, f.edited, _digest_of(f)] for f in findings],
        "refers_to": "source" if options.identified else "copies" if options.source else "series",
        "review": [chosen.word, labels.reader],
        "software": __version__,
    }
    return Results(
        study=study.id,
        volume=grid,
        model=prediction.model,
        regions=prediction.regions,
        findings=tuple(findings),
        labels=labels,
        made_at=datetime.fromisoformat(max(times).replace("Z", "+00:00")),
        digest=canonical_digest(state),
        synthetic=study.synthetic,
        sex=study.sex if options.identified else "",
        acquired_on=study.acquired_on if options.identified else "",
        source_instances=len(known.get(grid.digest, ())),
        copies_from=options.source,
        further=further,
        review=chosen.word,
    )


def _digest_of(finding: ResultFinding) -> str:
    return "" if finding.bits is None else hashlib.sha256(np.ascontiguousarray(finding.bits).tobytes()).hexdigest()


def _usage(why: str, what_to_do: str) -> UsageError:
    return UsageError("Nothing was written.", why, what_to_do)
