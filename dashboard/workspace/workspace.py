"""A workspace: one folder that holds everything of one site or one demonstration."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import __version__
from ..domain import Study
from ..eeg import open_signal, store_signal
from ..errors import StudyErased, WorkspaceRefused
from ..files import read_json, write_json
from ..jobs import JobQueue
from ..ledger import Ledger, LedgerEntry
from ..settings import Settings, load_settings
from ..terms import Action, WorkspaceKind
from .derived import DerivedStore
from .drafts import DraftStore
from .keys import KeyRing
from .outlines import OutlineStore
from .presence import PresenceStore
from .steps import StepStore
from .studies import StudyStore

__all__ = ["Workspace"]

_COMING_AND_GOING = frozenset({Action.ERASE, Action.INTAKE})


class Workspace:
    """One workspace on disk; cheap to open, safe to share between threads of one process.

    Attributes
    ----------
    root : Path
    kind : WorkspaceKind
        Clinical or demonstration, fixed at creation.
    recording : lock
        Held from asking the rules of reading to the row, so that two tabs of one reader take turns.
    """

    def __init__(self, root: Path, kind: WorkspaceKind) -> None:
        self.root = root
        self.kind = kind
        self.keys = KeyRing(root / "keys")
        self.studies = StudyStore(root / "studies", store_signal, open_signal)
        self.derived = DerivedStore(root / "studies")
        self.steps = StepStore(root / "studies")
        self.outlines = OutlineStore(root / "studies", self.studies.get)
        self.drafts = DraftStore(root / "drafts")
        self.presence = PresenceStore(root / "presence")
        self.jobs = JobQueue(root / "jobs")
        self.recording = threading.RLock()
        self._erased: tuple[tuple[LedgerEntry, ...], frozenset[str]] = ((), frozenset())

    @classmethod
    def open(cls, root: Path, create: WorkspaceKind | None = None) -> Workspace:
        """Open a workspace, or make one of the given kind where there is none.

        Raises
        ------
        WorkspaceRefused
            No workspace is there and none was to be made; the folder holds something else; or the workspace
            is of another kind than asked for.
        """
        path = root / "workspace.json"
        if path.exists():
            try:
                kind = WorkspaceKind(read_json(path)["kind"])
            except (ValueError, KeyError, TypeError) as exc:
                raise WorkspaceRefused(
                    "The workspace was not opened.",
                    "Its workspace.json can't be read.",
                    "Restore it from a backup.",
                ) from exc
            if create is not None and kind is not create:
                raise WorkspaceRefused(
                    f"The workspace is a {kind} one.",
                    f"This needs a {create} workspace, and the kind is fixed when a workspace is made.",
                    "Name another folder with --workspace.",
                )
            return cls(root, kind)
        if create is None:
            raise WorkspaceRefused(
                "There is no workspace in that folder.",
                "It holds no workspace.json.",
                "Add a first study with `overread add`, or name another folder with --workspace.",
            )
        if root.exists() and any(root.iterdir()):
            raise WorkspaceRefused(
                "No workspace was made in that folder.",
                "It is not empty.",
                "Name a new folder with --workspace.",
            )
        try:
            write_json(
                path,
                {
                    "schema": 1,
                    "kind": str(create),
                    "id": str(uuid.uuid4()),
                    "created": datetime.now(UTC).isoformat(timespec="seconds"),
                    "software": f"overread {__version__}",
                },
            )
        except OSError as exc:
            raise WorkspaceRefused(
                "No workspace was made in that folder.",
                f"It can't be written ({exc.strerror}).",
                "Name another folder with --workspace.",
            ) from exc
        return cls(root, create)

    @property
    def is_demonstration(self) -> bool:
        """Whether every study here is synthetic and every figure watermarked so."""
        return self.kind is WorkspaceKind.DEMONSTRATION

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this workspace."""
        return Ledger(self.root / "reviews", software=f"overread {__version__}", comment_key=self.keys.key("comments"))

    @cached_property
    def settings(self) -> Settings:
        """The settings in force when the workspace was opened."""
        return load_settings(self.root)

    @property
    def predictions_folder(self) -> Path:
        """Where predictions lie; the store that reads them is casework's alone."""
        return self.root / "predictions"

    def study_ids(self) -> tuple[str, ...]:
        """Pseudonyms of all studies that have not been erased."""
        erased = self.erased_studies()
        return tuple(study for study in self.studies.ids() if study not in erased)

    def study(self, study: str) -> Study:
        """One study; StudyNotFound where there is none, StudyErased where it was erased."""
        self.refuse_erased(study)
        return self.studies.get(study)

    def erased_studies(self) -> frozenset[str]:
        """Studies whose newest `erase` row has no `intake` row after it: by the rows, whatever still lies on the disk."""
        known, found = self._erased
        entries = self.ledger.entries()
        if entries is known:
            return found
        goes_on = bool(known) and len(entries) > len(known) and entries[len(known) - 1] is known[-1]
        erased = set(found) if goes_on else set()
        further = entries[len(known) if goes_on else 0 :]
        for entry in [entry for entry in further if entry.action in _COMING_AND_GOING]:
            if entry.action == Action.ERASE:
                erased.add(entry.study)
            elif "series" not in entry.details:  # A correction takes nothing in.
                erased.discard(entry.study)
        self._erased = (entries, frozenset(erased))
        return self._erased[1]

    def refuse_erased(self, study: str) -> None:
        """Raise StudyErased where the study was erased."""
        if study in self.erased_studies():
            raise StudyErased(
                f"The study {study} is erased.",
                "Its data were removed on request or by retention; the rows about it remain.",
                "`overread ledger show` has the row that says on what basis.",
            )

    def save_identity(self, study: str, identity: dict[str, Any]) -> None:
        """Keep what names the patient, mode 0600, apart from everything else."""
        folder = self.root / "identities"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        path = folder / f"{study}.json"
        known = read_json(path) if path.exists() else {}
        write_json(path, {**known, **identity}, mode=0o600)

    def identity(self, study: str) -> dict[str, Any]:
        """What names the patient of a study; empty where the files named nobody."""
        path = self.root / "identities" / f"{study}.json"
        return read_json(path) if path.exists() else {}
