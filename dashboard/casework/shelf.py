"""What casework keeps at hand of a workspace: rows by study, predictions once read, and the site's reading rules.

Nothing here is a source of its own: all of it is read anew where ledger, folders or files have changed.
"""

from __future__ import annotations

import os
import threading
from typing import Any
from weakref import WeakKeyDictionary

from ..domain import Prediction, Session
from ..errors import StudyNotFound
from ..ledger import LedgerEntry
from ..models import installed_models
from ..review import (
    READING_ROLES,
    ReadingPolicy,
    StudyIndex,
    current_pass,
    is_closed,
    is_repeat_due,
    owes_read,
    visible_rows,
)
from ..terms import Action, StudyKind
from ..workspace import Workspace
from ..workspace.orders import OrderStore
from ..workspace.outlines import StudyOutline
from ..workspace.predictions import PredictionStore
from .control_studies import owes_control_read, study_controls_run
from .controls import owes_windows
from .predict import model_places
from .standing import standing

__all__ = ["Shelf", "is_veiled", "owes_own_read", "rows_for", "rows_of", "shelf_of", "visible_of"]

_SAMPLE = Action.SAMPLE
_guard = threading.Lock()
_shelves: WeakKeyDictionary[Workspace, Shelf] = WeakKeyDictionary()


class Shelf:
    """What is at hand of one workspace; safe to share between threads.

    Attributes
    ----------
    index : StudyIndex
    predictions : PredictionStore
    policy : ReadingPolicy
    orders : OrderStore
    """

    def __init__(self, workspace: Workspace) -> None:
        self.index = StudyIndex()
        self.predictions = PredictionStore(workspace.predictions_folder)
        self.policy = ReadingPolicy.of(workspace.settings)
        self.orders = OrderStore(workspace.root / "orders")
        self._studies, self._outlines = workspace.studies, workspace.outlines
        self._places = model_places(workspace)
        self._root = str(workspace.predictions_folder)
        self._lock = threading.RLock()
        self._predicted: dict[str, tuple[int, bool]] = {}
        self._kept: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def catch_up(self, entries: tuple[LedgerEntry, ...]) -> StudyIndex:
        """The index with these rows in it."""
        with self._lock:
            self.index.catch_up(entries)
            return self.index

    def standing(self, study: str) -> tuple[Prediction, ...]:
        """The study's predictions that stand for its present assignment of series, oldest first."""
        predictions = self.predictions.of(study)
        outline = self._outlines.get(study) if predictions else None
        if outline is None or not outline.corrected:
            return predictions
        return standing(self._studies.get(study), predictions, installed_models(self._places))

    def is_predicted(self, study: str, outline: StudyOutline | None = None) -> bool:
        """Whether a model's result of the study is stored and stands; looked at again when its folder has changed.

        Parameters
        ----------
        outline : StudyOutline, optional
            The study's, where it was read just now.
        """
        if not self._is_stored(study):
            return False
        outline = outline or self._outlines.get(study)
        if outline is None or not outline.corrected:
            return True
        on = (self._predicted.get(study), outline.stamp)
        return bool(self.keep(("stands", study), on, lambda: bool(self.standing(study))))

    def _is_stored(self, study: str) -> bool:
        path = f"{self._root}/{study}"
        try:
            changed = os.stat(path).st_mtime_ns
            known = self._predicted.get(study)
            if known is None or known[0] != changed:
                known = (changed, any(not name.startswith(".") for name in os.listdir(path)))
                self._predicted[study] = known
        except OSError:
            return False
        return known[1]

    def scores(self, study: str) -> tuple[float, ...]:
        """Scores of the newest result's findings. A finding without one, as of an imported mask, counts as sure."""

        def look() -> tuple[float, ...]:
            predictions = self.standing(study)
            found = predictions[-1].findings if predictions else ()
            return tuple(1.0 if finding.score is None else float(finding.score) for finding in found)

        self._is_stored(study)
        outline = self._outlines.get(study)
        on = (self._predicted.get(study), outline and outline.corrected and outline.stamp)
        scores: tuple[float, ...] = self.keep(("scores", study), on, look)
        return scores

    def keep(self, name: tuple[Any, ...], rests_on: Any, make: Any) -> Any:
        """What `make()` gave under a name, as long as what it rests on is equal."""
        known = self._kept.get(name)
        if known is None or known[0] != rests_on:
            known = self._kept[name] = (rests_on, make())
        return known[1]


def shelf_of(workspace: Workspace) -> Shelf:
    """The shelf of a workspace, one for all its readers."""
    with _guard:
        if workspace not in _shelves:
            _shelves[workspace] = Shelf(workspace)
        return _shelves[workspace]


def rows_of(workspace: Workspace, study: str) -> tuple[LedgerEntry, ...]:
    """A study's rows, oldest first."""
    return shelf_of(workspace).catch_up(workspace.ledger.entries()).of(study)


def rows_for(workspace: Workspace, session: Session, study: str) -> tuple[LedgerEntry, ...]:
    """A study's rows without those of this reader's first pass where a second has begun: what rules are asked about."""
    return current_pass(rows_of(workspace, study), session.reader)


def owes_own_read(
    workspace: Workspace, session: Session, study: str, rows: tuple[LedgerEntry, ...] | None = None
) -> bool:
    """Whether this reader owes a study their own read first: where it is read blind, and any MR while controls run.

    Parameters
    ----------
    rows : tuple of LedgerEntry, optional
        The study's, where they are at hand.
    """
    rows = rows_of(workspace, study) if rows is None else rows
    if owes_read(rows, study, session.reader, session.role, shelf_of(workspace).policy):
        return True
    if session.role not in READING_ROLES or not study_controls_run(workspace):
        return False
    outline = workspace.outlines.get(study)
    if outline is None or outline.kind is not StudyKind.MR:
        return False
    return owes_control_read(current_pass(rows, session.reader), study, session.reader, session.role)


def is_veiled(workspace: Workspace, session: Session, study: str, rows: tuple[LedgerEntry, ...] | None = None) -> bool:
    """Whether this reader has unlabelled windows of an EEG to judge before anything of its newest result is shown.

    Parameters
    ----------
    rows : tuple of LedgerEntry, optional
        The study's, where they are at hand.
    """
    rows = current_pass(rows_of(workspace, study) if rows is None else rows, session.reader)
    rate = float(workspace.settings["review.control_rate"])
    if session.role not in READING_ROLES or (rate <= 0 and not [e for e in rows if e.action == _SAMPLE]):
        return False
    predictions = shelf_of(workspace).predictions.of(study)
    try:
        case = workspace.study(study)
    except StudyNotFound:
        return False
    if case.kind is not StudyKind.EEG or case.recording is None or not predictions:
        return False
    return owes_windows(rows, predictions[-1], case.recording, session.reader, session.role, rate=rate)


def visible_of(workspace: Workspace, session: Session, study: str) -> tuple[LedgerEntry, ...]:
    """A study's rows that may reach this session."""
    shelf = shelf_of(workspace)
    index = shelf.catch_up(workspace.ledger.entries())
    rows = index.of(study)
    due = is_repeat_due(index, shelf.policy, study, session.reader)

    def look() -> tuple[LedgerEntry, ...]:
        if veiled:
            return ()
        seen = visible_rows(rows, study, session.reader, session.role, shelf.policy, repeat_due=due)
        if session.role not in READING_ROLES or is_closed(rows, study, session.reader):
            return seen
        kept = [row for row in seen if row.action != _SAMPLE]
        return seen if len(kept) == len(seen) else tuple(kept)

    veiled = owes_own_read(workspace, session, study, rows) or is_veiled(workspace, session, study, rows)
    on = (len(rows), rows[-1].hash if rows else "", due, veiled)
    seen: tuple[LedgerEntry, ...] = shelf.keep(("visible", study, session.reader, session.role), on, look)
    return seen
