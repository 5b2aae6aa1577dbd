"""What a person sees of the cases: their list with states, their findings with verdicts, and the next to read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..domain import Finding, Prediction, Session, Study, shorten
from ..ledger import LedgerEntry, current_verdicts
from ..review import StudyState, is_closed, study_states
from ..terms import SEQUENCE_WORDS, Action, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .reveal import RevealedPrediction, is_withheld, revealed_or_refused, visible_entries

__all__ = [
    "Case",
    "FindingLine",
    "LedgerState",
    "case_list",
    "finding_id",
    "finding_list",
    "ledger_state",
    "next_study",
]


@dataclass(frozen=True)
class Case:
    """One line of the worklist: a state only, no score."""

    study: str
    short: str
    kind: str
    subject: str
    age_years: int | None
    sex: str
    acquired_on: str
    series_or_channels: str
    state: str
    state_words: str
    readers: tuple[str, ...]
    detail: str
    issues: tuple[dict[str, str], ...]
    synthetic: bool
    added_at: str

    def as_dict(self) -> dict[str, Any]:
        """The case as `--json` prints it."""
        return asdict(self)


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

    @property
    def size_words(self) -> str:
        """Volume, or onset and duration."""
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


def case_list(workspace: Workspace, session: Session) -> tuple[Case, ...]:
    """All studies with their states, oldest first; states only, nothing of what a model found."""
    studies = [workspace.study(study) for study in workspace.study_ids()]
    states = _states(workspace, session, studies)
    ids = [study.id for study in studies]
    ordered = sorted(studies, key=lambda s: (s.added_at, s.id))
    return tuple(_case(study, states[study.id], ids) for study in ordered)


def next_study(workspace: Workspace, session: Session, kind: StudyKind | None = None, after: str = "") -> str | None:
    """The next study that this reader has not finished: the oldest after the given one, then from the start."""
    cases = [c for c in case_list(workspace, session) if kind is None or c.kind == kind]
    position = next((n + 1 for n, c in enumerate(cases) if c.study == after), 0)
    for case in (*cases[position:], *cases[:position]):
        if case.study != after and not is_done(workspace, session, case.study):
            return case.study
    return None


def is_done(workspace: Workspace, session: Session, study: str) -> bool:
    """Whether this reader has signed the study off, and not reopened it."""
    return is_closed(workspace.ledger.entries(), study, session.reader)


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
    entries = workspace.ledger.entries()
    verdicts = current_verdicts(entries)
    lines = [
        finding_line(one, finding, _verdict(verdicts, study, one, finding, session))
        for one in revealed.predictions
        for finding in one.prediction.findings
    ]
    lines += [_own_line(entry) for entry in verdicts.values() if entry.study == study.id and entry.action == Action.ADD]
    return tuple(lines)


def finding_line(one: RevealedPrediction, finding: Finding, verdict: str) -> FindingLine:
    """One finding of a model as a line."""
    measured = next((r for r in reversed(finding.regions) if r.longest_mm is not None), None)
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


def _states(workspace: Workspace, session: Session, studies: list[Study]) -> dict[str, StudyState]:
    store = PredictionStore(workspace.predictions_folder)
    jobs = {}
    for (study, _), job in workspace.jobs.latest().items():
        jobs[study] = job
    entries = visible_entries(workspace, session)
    blind = {s.id for s in studies if is_withheld(workspace, session, s.id, workspace.ledger.entries())}
    return study_states(
        [s.id for s in studies],
        entries,
        predicted={s.id for s in studies if s.id not in blind and store.of(s.id)},
        running={s for s, job in jobs.items() if job.state in {"queued", "running"} and s not in blind},
        failed={s: job.error for s, job in jobs.items() if job.state == "failed" and s not in blind},
    )


def _case(study: Study, state: StudyState, ids: list[str]) -> Case:
    if study.kind is StudyKind.MR:
        words = [SEQUENCE_WORDS[v.sequence] for v in study.volumes]
        holds = " ".join(dict.fromkeys("T1c" if w == "T1 with contrast" else w for w in words))
    else:
        recording = study.recording
        assert recording is not None
        minutes = recording.duration_s / 60
        holds = f"{len(recording.channels)} channels, " + (
            f"{minutes:.0f} min" if minutes >= 1 else f"{recording.duration_s:.0f} s"
        )
    return Case(
        study=study.id,
        short=shorten(study.id, ids),
        kind=str(study.kind),
        subject=study.subject,
        age_years=study.age_years,
        sex=study.sex,
        acquired_on=study.acquired_on,
        series_or_channels=holds,
        state=state.state,
        state_words=state.words,
        readers=state.readers,
        detail=state.detail,
        issues=tuple(
            {"code": i.code, "severity": str(i.severity), "where": i.where, "message": i.message} for i in study.issues
        ),
        synthetic=study.synthetic,
        added_at=study.added_at,
    )
