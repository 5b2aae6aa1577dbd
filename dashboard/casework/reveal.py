"""Third step of a case: what of a model's result reaches a reader, and the row that says that it did.

`reveal` is the one function that hands anything of a prediction to the rooms above. It asks the review room
whether this reader may see it, writes the `present` row durably, and only then hands it over. Whatever fails,
nothing is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ..domain import BitmaskVolume, Finding, Marked, Prediction, RiskCurve, Session, Study
from ..errors import BlindOpen, FindingNotFound
from ..ledger import LedgerEntry, NewRow, click_event_id
from ..review import again_mark, committed_read, format_exposure, parse_exposure
from ..terms import Action, ExposureClass, Identity, Role, StudyKind
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore
from .columns import columns_of
from .control_studies import study_controls_run
from .shelf import is_veiled, owes_own_read, rows_for, rows_of, shelf_of, visible_of

__all__ = [
    "FULL_VIEW",
    "Revealed",
    "RevealedPrediction",
    "Withheld",
    "is_withheld",
    "present_row",
    "reveal",
    "revealed_or_refused",
    "visible_entries",
]

FULL_VIEW = (
    ExposureClass.PRESENCE,
    ExposureClass.CATEGORICAL,
    ExposureClass.LOCALIZATION,
    ExposureClass.QUANTITATIVE,
)
"""What a review page conveys: that there is a result, what it says, where, and how large or sure."""


@dataclass(frozen=True)
class RevealedPrediction:
    """One prediction that this reader may see, with its arrays."""

    prediction: Prediction
    _store: PredictionStore

    def mask(self) -> BitmaskVolume:
        """(i, j, k) bitmask of the regions on the grid volume."""
        return self._store.mask(self.prediction.study, self.prediction.digest)

    def lesion_map(self) -> BitmaskVolume:
        """(i, j, k) number of the finding that each voxel belongs to; 0 is none."""
        return self._store.lesion_map(self.prediction.study, self.prediction.digest)

    def marked(self, what: Literal["bits", "lesions"]) -> Marked:
        """The box in which the mask or the lesion map is not 0: what a browser is sent."""
        return self._store.marked(self.prediction.study, self.prediction.digest, what)

    @property
    def has_probability(self) -> bool:
        """Whether there is a `probability`."""
        return self._store.has_probability(self.prediction.study, self.prediction.digest)

    def probability(self) -> BitmaskVolume:
        """(region, i, j, k) uint8, 255 is 1.0."""
        return self._store.probability(self.prediction.study, self.prediction.digest)

    def risk(self) -> RiskCurve:
        """The score over the recording."""
        return self._store.risk(self.prediction.study, self.prediction.digest)


@dataclass(frozen=True)
class Revealed:
    """Everything that models said of one study as its series are assigned now, oldest first; empty where none did.

    `former` is how many results are of another assignment of its series and therefore not among them.
    """

    predictions: tuple[RevealedPrediction, ...]
    former: int = 0

    @property
    def newest(self) -> RevealedPrediction | None:
        """The result that a page shows first: the newest."""
        return self.predictions[-1] if self.predictions else None

    def by_digest(self, digest: str) -> RevealedPrediction:
        """One of them; FindingNotFound where the digest is of none."""
        for revealed in self.predictions:
            if revealed.prediction.digest == digest:
                return revealed
        raise FindingNotFound(
            "There is no such model result.", "The study has none of that digest.", "Reload the page."
        )

    def finding(self, finding_id: str) -> tuple[RevealedPrediction, Finding]:
        """The finding of a command line id (12 digits of the prediction, a dot, the number)."""
        prefix, _, number = finding_id.rpartition(".")
        for revealed in self.predictions:
            if prefix and revealed.prediction.digest.startswith(prefix) and number.isdigit():
                for finding in revealed.prediction.findings:
                    if finding.number == int(number):
                        return revealed, finding
        raise FindingNotFound(
            "There is no such finding.", "The study has none of that id.", "`overread findings STUDY` lists them."
        )


@dataclass(frozen=True)
class Withheld:
    """Nothing is shown: the reader owes a read of their own."""

    code: str
    why: str


def is_withheld(workspace: Workspace, session: Session, study: str) -> bool:
    """Whether this reader still owes the study a read: a blind one, one while controls run, or an adjudicator's."""
    return owes_own_read(workspace, session, study)


def reveal(
    workspace: Workspace,
    session: Session,
    study: Study,
    classes: Iterable[ExposureClass] = FULL_VIEW,
    *,
    operator: bool = False,
) -> Revealed | Withheld:
    """Hand a reader what models said of a study, once its `present` row is durable; else withhold it.

    Parameters
    ----------
    classes : iterable of ExposureClass
        What kinds of information are about to reach the reader. Kinds that reached them before make no new row.
    operator : bool
        A command run by whoever operates the workspace: shown in spite of an owed read, with the row.

    Raises
    ------
    LedgerRefused
        The `present` row could not be made durable; nothing is shown.
    StudyErased
        The study was erased since it was opened.
    """
    workspace.refuse_erased(study.id)
    entries = rows_for(workspace, session, study.id)
    mark = again_mark(rows_of(workspace, study.id), session.reader)
    if not operator and is_withheld(workspace, session, study.id):
        return Withheld("blind_open", "This study is read blind: commit your own read first.")
    if not operator and is_veiled(workspace, session, study.id):
        return Withheld("windows_open", "Unlabelled windows come first: judge each of them.")
    store = shelf_of(workspace).predictions
    predictions = shelf_of(workspace).standing(study.id)
    wanted = set(classes)
    rows = []
    for prediction in predictions:
        reached = {
            exposure
            for entry in entries
            if entry.action == Action.PRESENT
            and (entry.reader, entry.study, entry.prediction) == (session.reader, study.id, prediction.digest)
            for exposure in parse_exposure(entry.exposure)
        }
        if wanted - reached:
            rows.append(present_row(session, study, prediction, wanted - reached, mark))
    if rows:
        workspace.ledger.append(*rows)
    elif predictions:
        workspace.ledger.settle()
    return Revealed(
        tuple(RevealedPrediction(p, store) for p in predictions), len(store.of(study.id)) - len(predictions)
    )


def revealed_or_refused(
    workspace: Workspace,
    session: Session,
    study: Study,
    classes: Iterable[ExposureClass] = FULL_VIEW,
    *,
    operator: bool = False,
) -> Revealed:
    """`reveal` for commands and exports: an owed read is an error, also for a script under whatever role.

    Raises
    ------
    BlindOpen
        The reader owes the study a read of their own.
    """
    scripted = session.identity is Identity.SCRIPT and not operator
    first = bool(workspace.settings["review.blind_first"]) or (
        study.kind is StudyKind.MR and study_controls_run(workspace)
    )
    rows = rows_for(workspace, session, study.id)
    owes = scripted and first and committed_read(rows, study.id, session.reader) is None
    owes = owes or (scripted and is_veiled(workspace, replace(session, role=Role.NEUROLOGIST), study.id))
    result = None if owes else reveal(workspace, session, study, classes, operator=operator)
    if result is None or isinstance(result, Withheld):
        raise BlindOpen(
            "Nothing of the model is shown.",
            "The study is read blind, or in unlabelled windows, and this reader has not committed their own judgement.",
            "Commit it first (of a study by `overread verdict STUDY - read`), or say --operator if you are not its reader.",
        )
    return result


def visible_entries(workspace: Workspace, session: Session) -> tuple[LedgerEntry, ...]:
    """The ledger's rows that may reach this session, oldest first.

    Not those of studies that the reader still owes a read, nor other readers' of a study that is not settled, nor
    the reader's own of a first pass while a second lasts.
    """
    entries = workspace.ledger.entries()
    shelf = shelf_of(workspace)
    index = shelf.catch_up(entries)
    hidden: set[str] = set()
    for study in index.studies():
        if len(index.of(study)) != len(seen := visible_of(workspace, session, study)):
            hidden |= {row.event_id for row in index.of(study)} - {row.event_id for row in seen}
    return tuple(entry for entry in entries if entry.event_id not in hidden) if hidden else entries


def present_row(
    session: Session, study: Study, prediction: Prediction, classes: set[ExposureClass], mark: str
) -> NewRow:
    """The `present` row, under an id of what it says: two requests at the same moment make it once, and each pass one."""
    said = {"prediction": prediction.digest, "classes": format_exposure(classes)}
    said |= {"again": mark} if mark else {}
    return NewRow(
        action=Action.PRESENT,
        event_id=click_event_id(session.reader, study.id, "", Action.PRESENT, "", said),
        reader=session.reader,
        role=session.role,
        identity=session.identity,
        exposure=format_exposure(classes),
        **columns_of(study, prediction),
    )
