"""Cases for casework: a workspace with a study, a prediction with several lesions, and readers who act."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dashboard.casework import Intent, record_sign_off, record_verdict, reveal
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure, Session, Study
from dashboard.files import array_digest
from dashboard.ledger import LedgerEntry, current_event, last_act
from dashboard.terms import Action, Identity, Role, Scope, WorkspaceKind
from dashboard.workspace import Workspace
from dashboard.workspace.predictions import PredictionStore
from tests.builders.served import a_volume, an_mr_study

__all__ = ["BLIND", "Reader", "a_head_study", "a_reader", "a_script", "a_workspace", "lesions_of"]

BLIND = "[review]\nblind_first = true\n"


def a_workspace(folder: Path, settings: str = "") -> Workspace:
    """A clinical workspace with the text of its settings."""
    root = folder / "workspace"
    Workspace.open(root, create=WorkspaceKind.CLINICAL)
    (root / "settings.toml").write_text(settings)
    return Workspace.open(root)


def a_head_study(workspace: Workspace, *, seed: int = 0) -> Study:
    """An MR study of one FLAIR volume of 12 x 12 x 6 voxels."""
    array = np.random.default_rng(seed).integers(50, 900, (12, 12, 6)).astype(np.int16)
    return an_mr_study(workspace, a_volume(array))


def lesions_of(
    workspace: Workspace, study: Study, count: int = 2, *, model: str = "glioma-test", made_at: str = "2026-11-20T10:01"
) -> Prediction:
    """A stored prediction of so many lesions, each a cube of 8 voxels; finding n has component n."""
    grid = study.volumes[0]
    bits = np.zeros(grid.shape, np.uint8)
    lesion_map = np.zeros(grid.shape, np.uint16)
    findings = []
    for n in range(1, count + 1):
        where = (slice(3 * n - 2, 3 * n), slice(2, 4), slice(2, 4))
        bits[where], lesion_map[where] = 1, n
        measure = RegionMeasure("whole_tumour", 0.016, 2.0, 2.0, 2)
        findings.append(Finding(n, "lesion", 0.9 - n / 10, "left", (measure,), component=n))
    prediction = Prediction(
        digest="",
        study=study.id,
        model=ModelIdentity(model, "1.0", "a" * 64),
        input_digest=study.input_digest,
        kind="masks",
        settings={},
        findings=tuple(findings),
        regions=(Region("whole_tumour", 0),),
        grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine),
        made_at=f"{made_at}:00.000Z",
    )
    return PredictionStore(workspace.predictions_folder).put(prediction, bits=bits, lesion_map=lesion_map)


def a_session(reader: str = "R-01", role: Role = Role.RADIOLOGIST, identity: Identity = Identity.INVITED) -> Session:
    """A session of a reader."""
    return Session(id=f"session of {reader}", reader=reader, role=role, identity=identity)


class Reader:
    """Somebody who opens a study and judges what is drawn, as a page lets them."""

    def __init__(self, workspace: Workspace, session: Session) -> None:
        self.workspace = workspace
        self.session = session

    def opens(self, study: Study) -> object:
        """What the page may show."""
        return reveal(self.workspace, self.session, study)

    def intent(self, study: Study, prediction: Prediction | None = None, finding: int = 0, **said: object) -> Intent:
        """A click on a page that was drawn just now."""
        entries = self.workspace.ledger.entries()
        state = (
            current_event(entries, study.id, prediction.digest, str(finding), self.session.reader)
            if prediction
            else last_act(entries, study.id, self.session.reader)
        )
        return Intent(**{"shown": True, "drawn_with": state, **said})

    def judges(
        self, study: Study, prediction: Prediction, number: int, action: Action = Action.ACCEPT, **said: object
    ) -> LedgerEntry:
        """Record a verdict on a model's finding."""
        intent = self.intent(study, prediction, number, **said)
        return record_verdict(
            self.workspace, self.session, study, action, prediction, prediction.finding(number), intent
        )

    def signs(
        self, study: Study, scope: Scope = Scope.AI_FINDINGS, displayed: float = 1.0, **said: object
    ) -> LedgerEntry:
        """Sign a study off."""
        seen = [v.digest for v in study.volumes] or [study.recording.digest]
        shown = dict.fromkeys(seen, displayed)
        return record_sign_off(
            self.workspace, self.session, study, scope, displayed=shown, intent=self.intent(study, **said)
        )


def a_reader(workspace: Workspace, reader: str = "R-01", role: Role = Role.RADIOLOGIST) -> Reader:
    """An invited reader."""
    return Reader(workspace, a_session(reader, role))


def a_script(workspace: Workspace, reader: str = "script") -> Reader:
    """A script, as the command line runs one."""
    return Reader(workspace, a_session(reader, Role.OPERATOR, Identity.SCRIPT))
