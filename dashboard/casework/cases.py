"""What a person sees of a case: its findings with verdicts, and the state of the ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..domain import Finding, Prediction, Session, Study
from ..ledger import LedgerEntry, current_verdicts
from ..review import current_pass
from ..terms import Action
from ..workspace import Workspace
from .reveal import RevealedPrediction, revealed_or_refused, visible_entries
from .shelf import visible_of

__all__ = [
    "FindingLine",
    "LedgerState",
    "finding_id",
    "finding_line",
    "finding_list",
    "ledger_state",
]


@dataclass(frozen=True)
class FindingLine:
    """One finding with this reader's verdict on it."""

    id: str
    number: int | None
    kind: str
    model: str
    region: str
    volume_ml: float | None
    diameter_mm: float | None
    side: str
    onset_s: float | None
    duration_s: float | None
    score: float | None
    verdict: str
    regions: tuple[dict[str, Any], ...] = ()
    channels: tuple[str, ...] = ()
    perpendicular_mm: float | None = None
    diameter_of: str = ""
    slice_index: int | None = None
    diameter_3d_mm: float | None = None
    measurable: bool | None = None
    centre_lps: tuple[float, float, float] | None = None
    touches_edge: bool = False
    pieces: int = 1

    @property
    def size_words(self) -> str:
        """Volume with the axial diameters, or onset and duration."""
        if self.volume_ml is not None and self.diameter_mm is not None:
            return f"{self.volume_ml:.1f} ml, {self.diameter_mm:.0f} x {self.perpendicular_mm or 0:.0f} mm"
        if self.volume_ml is not None:
            return f"{self.volume_ml:.1f} ml"
        if self.onset_s is not None:
            return f"{self.onset_s:.1f} s + {self.duration_s:.1f} s"
        return ""

    @property
    def score_words(self) -> str:
        """The detector's score, uncalibrated."""
        return "" if self.score is None else f"{self.score:.2f}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as `--json` prints it."""
        return asdict(self)


@dataclass(frozen=True)
class LedgerState:
    """What a page may say of the ledger. `rows` is None for a reader who owes a blind read."""

    rows: int | None
    verified: bool
    problem: str = ""


def finding_id(prediction: Prediction, number: int) -> str:
    """The id of a finding on the command line: 12 digits of the prediction, a dot, the number."""
    return f"{prediction.digest[:12]}.{number}"


def finding_list(
    workspace: Workspace, session: Session, study: Study, *, operator: bool = False
) -> tuple[FindingLine, ...]:
    """A study's findings of every model, then the readers' own, with this session's reader's verdicts.

    Raises
    ------
    BlindOpen
        The reader owes the study a read of their own.
    """
    revealed = revealed_or_refused(workspace, session, study, operator=operator)
    verdicts = current_verdicts(current_pass(visible_of(workspace, session, study.id), session.reader))
    lines = [
        finding_line(one, finding, _verdict(verdicts, study, one, finding, session))
        for one in revealed.predictions
        for finding in one.prediction.findings
    ]
    lines += [_own_line(entry) for entry in verdicts.values() if entry.study == study.id and entry.action == Action.ADD]
    return tuple(lines)


def finding_line(one: RevealedPrediction, finding: Finding, verdict: str) -> FindingLine:
    """One finding of a model as a line."""
    measured = finding.sized
    return FindingLine(
        id=finding_id(one.prediction, finding.number),
        number=finding.number,
        kind=finding.kind,
        model=one.prediction.model.id,
        region=finding.regions[0].name if finding.regions else "",
        volume_ml=finding.volume_ml,
        diameter_mm=measured.longest_mm if measured else None,
        side=finding.side,
        onset_s=finding.onset_s,
        duration_s=finding.duration_s,
        score=finding.score,
        verdict=verdict,
        regions=tuple(asdict(r) for r in finding.regions),
        channels=finding.channels,
        perpendicular_mm=measured.perpendicular_mm if measured else None,
        diameter_of=measured.name if measured else "",
        slice_index=measured.slice_index if measured else None,
        diameter_3d_mm=finding.longest_3d_mm,
        measurable=finding.measurable,
        centre_lps=finding.centre_lps,
        touches_edge=finding.touches_edge,
        pieces=finding.pieces,
    )


def ledger_state(workspace: Workspace, session: Session, *, whole: bool = False) -> LedgerState:
    """How many rows stand, and whether their chain holds; no count for a reader who owes a blind read.

    Each row's chain is checked once, as it is read; with `whole` the file is read and checked again from its start.
    """
    verification = workspace.ledger.verify() if whole else workspace.ledger.check()
    entries = workspace.ledger.entries()
    hidden = len(visible_entries(workspace, session)) != len(entries)
    problem = verification.problems[0].what if verification.problems else ""
    if problem and hidden:  # The sentence names row numbers.
        problem = "the chain is broken: tell whoever runs this computer"
    return LedgerState(None if hidden else len(entries), not verification.problems, problem)


def _verdict(
    verdicts: dict[tuple[str, str, str, str], LedgerEntry],
    study: Study,
    one: RevealedPrediction,
    finding: Finding,
    session: Session,
) -> str:
    entry = verdicts.get((study.id, one.prediction.digest, str(finding.number), session.reader))
    return entry.action if entry else ""


def _own_line(entry: LedgerEntry) -> FindingLine:
    return FindingLine(
        id=entry.finding,
        number=None,
        kind=entry.finding_kind,
        model="",
        region="",
        volume_ml=entry.details.get("volume_ml"),
        diameter_mm=None,
        side="unknown",
        onset_s=entry.details.get("onset_s"),
        duration_s=entry.details.get("duration_s"),
        score=None,
        verdict=entry.action,
    )
