"""A workspace as it is served: true studies on disk, a true prediction, sessions, and a browser that has entered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.domain import (
    Finding,
    ModelIdentity,
    Prediction,
    Region,
    RegionMeasure,
    RiskCurve,
    Session,
    Study,
    Volume,
    random_pseudonym,
)
from dashboard.eeg import find_recordings
from dashboard.files import array_digest
from dashboard.routes import COOKIE, Guard, Serving, build_routes, serve_workspace
from dashboard.terms import Role, Sequence, StudyKind, WorkspaceKind
from dashboard.workspace import Workspace, input_digest_of
from dashboard.workspace.predictions import PredictionStore, digest_of_risk

__all__ = [
    "ADDRESS",
    "HOSTS",
    "Browser",
    "a_browser",
    "a_mask",
    "a_risk",
    "a_serving",
    "a_volume",
    "an_application",
    "an_eeg_study",
    "an_mr_study",
]

ADDRESS = "http://127.0.0.1:8501"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
ASSETS = "v1"


def a_serving(folder: Path, settings: str = "") -> Serving:
    """A clinical workspace made in a folder, with the text of its settings, being served."""
    root = folder / "workspace"
    Workspace.open(root, create=WorkspaceKind.CLINICAL)
    (root / "settings.toml").write_text(settings)
    return serve_workspace(Workspace.open(root))


def a_volume(array: np.ndarray, **said: Any) -> Volume:
    """A volume of an array on a grid of 1 x 1 x 2 mm."""
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    given = {"sequence": Sequence.FLAIR, "frame": "F-1", **said}
    return Volume(array=array, affine=affine, digest=array_digest(array, affine), **given)


def an_mr_study(workspace: Workspace, *volumes: Volume) -> Study:
    """An MR study stored in a workspace; without volumes one of a counted-up int16 array."""
    volumes = volumes or (a_volume(np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7) * 3),)
    study = Study(
        id=random_pseudonym("S"),
        subject=random_pseudonym("P"),
        kind=StudyKind.MR,
        volumes=volumes,
        input_digest=input_digest_of(volumes),
        added_at="2026-11-20T10:00:00.000Z",
    )
    return workspace.studies.put(study)


def an_eeg_study(workspace: Workspace, folder: Path, *, seconds: int = 30, rate_hz: int = 128) -> Study:
    """An EEG study stored in a workspace, from a true EDF+ file: a 10 Hz sine of 50 microvolts, and a ramp."""
    from edfio import Edf, EdfSignal

    t = np.arange(seconds * rate_hz) / rate_hz
    signals = [
        EdfSignal(50 * np.sin(2 * np.pi * 10 * t), rate_hz, label="Fp1", physical_dimension="uV"),
        EdfSignal(np.linspace(-100, 100, t.size), rate_hz, label="Fp2", physical_dimension="uV"),
    ]
    path = folder / "recording.edf"
    Edf(signals).write(path)
    recording = find_recordings([path], folder).recordings[0].recording
    study = Study(
        id=random_pseudonym("S"),
        subject=random_pseudonym("P"),
        kind=StudyKind.EEG,
        recording=recording,
        input_digest=recording.digest,
        added_at="2026-11-20T10:00:00.000Z",
    )
    return workspace.studies.put(study)


def a_mask(workspace: Workspace, study: Study, *, lesions: int = 1) -> tuple[Prediction, np.ndarray, np.ndarray]:
    """A prediction of one region with its mask and lesion map, stored; the last finding has the highest number."""
    grid = study.volumes[0]
    bits = np.zeros(grid.shape, np.uint8)
    bits[1:3, 2:5, 3] = 1
    lesion_map = bits.astype(np.uint16) * lesions
    prediction = Prediction(
        digest="",
        study=study.id,
        model=ModelIdentity("glioma-test", "1.0", "a" * 64),
        input_digest=study.input_digest,
        kind="masks",
        settings={},
        findings=(
            Finding(1, "lesion", 0.9, "left", (RegionMeasure("whole_tumour", 0.012),), component=lesions),
        ),
        regions=(Region("whole_tumour", 0),),
        grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine),
        probability_digest="b" * 64,
        made_at="2026-11-20T10:01:00.000Z",
    )  # fmt: skip
    probability = bits[None].astype(np.float32) * 0.8
    store = PredictionStore(workspace.predictions_folder)
    return store.put(prediction, bits=bits, lesion_map=lesion_map, probability=probability), bits, lesion_map


def a_risk(
    workspace: Workspace, study: Study, model: ModelIdentity, *, warnings: tuple[str, ...] = ()
) -> tuple[Prediction, RiskCurve]:
    """A prediction of a score over a recording with one event, stored; one window and one channel were not judged."""
    n = int(study.recording.duration_s)
    scores = np.full(n, 0.1, np.float32)
    scores[10:16], scores[3] = 0.95, np.nan
    channel_scores = np.stack([scores, np.full(n, np.nan, np.float32)])
    times = np.arange(n, dtype=np.float32) + 0.5
    risk = RiskCurve(times, scores, channel_scores, ("Fp1", "Fp2"), 1.0)
    prediction = Prediction(
        digest="",
        study=study.id,
        model=model,
        input_digest=study.input_digest,
        kind="risk",
        settings={"events": {"on": 0.9, "off": 0.45, "min_duration_s": 2.0, "merge_gap_s": 4.0}},
        findings=(Finding(1, "seizure", 0.95, onset_s=10.0, duration_s=6.0, channels=("Fp1",)),),
        risk_digest=digest_of_risk(risk),
        not_evaluated_s=((3.0, 1.0),),
        warnings=warnings,
        made_at="2026-11-20T10:01:00.000Z",
    )
    return PredictionStore(workspace.predictions_folder).put(prediction, risk=risk), risk


@dataclass(frozen=True)
class Browser:
    """A browser that has entered: its client, its session, and the serving that it sees."""

    client: TestClient
    serving: Serving
    session: Session

    def token(self, study: Study, *what: str) -> str:
        """A capability token as a page would get it."""
        return self.serving.token(self.session, study.id, what)

    def get(self, path: str, token: str = "", **headers: str) -> Any:
        """GET with a token in its header."""
        return self.client.get(path, headers={"X-Overread-Token": token, **headers})

    def send(self, method: str, path: str, token: str = "", **given: Any) -> Any:
        """PUT or POST as our own page would: with its Origin."""
        headers = {"X-Overread-Token": token, "Origin": ADDRESS, **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)


def an_application(serving: Serving) -> Starlette:
    """Our routes behind the Guard, without Streamlit."""
    guard = Middleware(Guard, sessions=serving.sessions, hosts=HOSTS)
    return Starlette(routes=build_routes(serving, ASSETS), middleware=[guard])


def a_browser(serving: Serving, reader: str = "R-01", role: Role = Role.RADIOLOGIST, app: Any = None) -> Browser:
    """A browser that opened an invitation's address."""
    client = TestClient(app or an_application(serving), base_url=ADDRESS, follow_redirects=False)
    entered = client.get("/", params={"launch": serving.sessions.invite(reader, role)})
    assert entered.status_code == 303
    session = serving.sessions.lookup(client.cookies[COOKIE])
    assert session is not None
    return Browser(client, serving, session)
