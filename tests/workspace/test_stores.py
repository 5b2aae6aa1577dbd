"""What is stored comes back as it was: studies, predictions, drafts; and identities stand in one place only."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import add_paths
from dashboard.domain import Issue, ModelIdentity, Severity
from dashboard.errors import FindingNotFound, StudyNotFound, VerdictRule, WorkspaceRefused
from dashboard.terms import Sequence, WorkspaceKind
from dashboard.workspace import DraftStore, Workspace, input_digest_of
from dashboard.workspace.predictions import PredictionStore, digest_of_prediction
from tests.builders.eeg_files import an_edf
from tests.builders.mri_files import a_dicom_series
from tests.builders.served import a_mask, a_risk, a_serving, a_volume, an_eeg_study, an_mr_study


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace.open(tmp_path / "w", create=WorkspaceKind.CLINICAL)


def test_a_workspace_keeps_the_kind_it_was_made_with(tmp_path):
    with pytest.raises(WorkspaceRefused, match="no workspace"):
        Workspace.open(tmp_path / "w")
    Workspace.open(tmp_path / "w", create=WorkspaceKind.DEMONSTRATION)
    assert Workspace.open(tmp_path / "w").is_demonstration
    with pytest.raises(WorkspaceRefused, match="demonstration one"):
        Workspace.open(tmp_path / "w", create=WorkspaceKind.CLINICAL)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(WorkspaceRefused, match="not empty"):
        Workspace.open(tmp_path / "other", create=WorkspaceKind.CLINICAL)
    (tmp_path / "w" / "workspace.json").write_text("{")
    with pytest.raises(WorkspaceRefused, match="can't be read"):
        Workspace.open(tmp_path / "w")


def test_an_mr_study_comes_back_whole_and_cannot_be_written(workspace, tmp_path):
    array = np.random.default_rng(1).normal(0, 50, (5, 6, 7)).astype(np.float32)
    issue = Issue("one", Severity.WARNING, "series 3", "It is odd.", "Look.")
    stored = an_mr_study(workspace, a_volume(array, description="ax flair", series_number=3, issues=(issue,)))
    found = Workspace.open(workspace.root).study(stored.id)
    (volume,) = found.volumes
    assert np.array_equal(volume.array, array) and volume.array.dtype == np.float32
    assert np.array_equal(volume.affine, np.diag([1.0, 1.0, 2.0, 1.0]))
    assert (volume.description, volume.series_number, volume.issues) == ("ax flair", 3, (issue,))
    assert (found.id, found.subject, found.input_digest, found.kind) == (
        stored.id, stored.subject, stored.input_digest, stored.kind,
    )  # fmt: skip
    with pytest.raises(ValueError, match="read-only"):
        volume.array[0, 0, 0] = 1
    assert workspace.studies.find(volume.digest).id == stored.id and workspace.studies.find("0" * 64) is None
    with pytest.raises(StudyNotFound):
        workspace.study("S-AAAAAAAAAA")
    assert workspace.study_ids() == (stored.id,)


def test_a_study_joins_series_that_come_later(workspace):
    first = a_volume(np.ones((4, 4, 4), np.int16))
    second = a_volume(np.ones((4, 4, 4), np.int16) * 2, sequence=Sequence.T1)
    third = a_volume(np.ones((4, 4, 4), np.int16) * 3)
    study = an_mr_study(workspace, first)
    joined = workspace.studies.put(replace(study, volumes=(first, second)))
    assert [v.digest for v in joined.volumes] == [first.digest, second.digest]
    assert joined.input_digest == input_digest_of((second, first)) != study.input_digest
    assert workspace.studies.put(study) is joined, "what is known changes nothing"
    assert input_digest_of((first, third)) == input_digest_of((third, first)) != input_digest_of((first,))


def test_a_recording_comes_back_in_microvolts(workspace, tmp_path):
    study = an_eeg_study(workspace, tmp_path)
    recording = Workspace.open(workspace.root).study(study.id).recording
    assert recording.digest == study.input_digest and recording.duration_s == 30
    signal = recording.source.read(0.0, 1.0, [0])
    assert signal.shape == (1, 128) and abs(np.abs(signal).max() - 50) < 1


def test_a_predictions_digest_is_that_of_its_result(workspace):
    study = an_mr_study(workspace)
    stored, bits, lesion_map = a_mask(workspace, study)
    same = replace(stored, seconds=9.0, made_at="2031-01-01T00:00:00.000Z", provider="OpenVINO", warnings=("w",))
    assert digest_of_prediction(same) == stored.digest
    for change in (
        {"mask_digest": "0" * 64},
        {"settings": {"threshold": 0.4}},
        {"findings": ()},
        {"input_digest": "0" * 64},
        {"model": ModelIdentity("glioma-test", "1.1", "a" * 64)},
    ):
        assert digest_of_prediction(replace(stored, **change)) != stored.digest, change
    store = PredictionStore(workspace.predictions_folder)
    assert store.put(same) == store.get(study.id, stored.digest), "the first to come stays"
    assert store.of(study.id)[0].digest == stored.digest and store.of("S-AAAAAAAAAA") == ()
    assert np.array_equal(store.mask(study.id, stored.digest), bits)
    assert np.array_equal(store.lesion_map(study.id, stored.digest), lesion_map)
    assert np.abs(store.probability(study.id, stored.digest) / 255 - bits[None] * 0.8).max() < 0.003
    for digest in ("0" * 64, "../../keys", ""):
        with pytest.raises(FindingNotFound):
            store.get(study.id, digest)


def test_a_risk_curve_comes_back_with_what_was_not_judged(workspace, tmp_path):
    study = an_eeg_study(workspace, tmp_path)
    stored, risk = a_risk(workspace, study, ModelIdentity("detector", "1.0", "a" * 64))
    found = PredictionStore(workspace.predictions_folder).risk(study.id, stored.digest)
    assert np.array_equal(found.scores, risk.scores, equal_nan=True) and np.isnan(found.scores[3])
    assert np.array_equal(found.channel_scores, risk.channel_scores, equal_nan=True)
    assert found.channel_labels == risk.channel_labels and found.step_s == 1.0


def test_drafts_are_kept_by_reader_and_closed_to_others(tmp_path):
    store = DraftStore(tmp_path / "drafts")
    store.put("R-01", "S-AAAAAAAAAA", "r-1", b"mask")
    store.put("R-01", "S-AAAAAAAAAA", "r-1", b"mask, second")
    assert store.get("R-01", "S-AAAAAAAAAA", "r-1") == b"mask, second"
    assert store.get("R-02", "S-AAAAAAAAAA", "r-1") is None
    assert store.of("R-01", "S-AAAAAAAAAA") == ("r-1",) and store.count("R-01") == 1 and store.count("R-02") == 0
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert path.stat().st_mode & 0o777 == 0o600 and "R-01" not in str(path.relative_to(tmp_path))
    store.drop("R-01", "S-AAAAAAAAAA", "r-1")
    store.drop("R-01", "S-AAAAAAAAAA", "r-1")
    assert store.count("R-01") == 0


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", ".hidden", "x" * 81, "a b", "a\n", "ä", "a\0"])
def test_a_draft_of_another_name_is_refused(tmp_path, name):
    store = DraftStore(tmp_path / "drafts")
    for study, finding in ((name, "1"), ("S-AAAAAAAAAA", name)):
        for act in (lambda: store.put("R", study, finding, b""), lambda: store.get("R", study, finding)):  # noqa: B023
            with pytest.raises(VerdictRule):
                act()
    assert not (tmp_path / "drafts").exists()


NAMED = (
    "MUSTERMANN",
    "Erika",
    "PAT-4711",
    "19610203",
    "1961-02-03",
    "ACC-99",
    "1.2.826.0.1.1",
    "St Elsewhere",
    "Dr Who",
)


def test_nothing_identifying_stands_in_any_file_but_identities(workspace, tmp_path, caplog):
    a_dicom_series(
        tmp_path / "mr",
        study_uid="1.2.826.0.1.1",
        elements={
            "PatientName": "MUSTERMANN^Erika", "PatientID": "PAT-4711", "PatientBirthDate": "19610203",
            "AccessionNumber": "ACC-99", "InstitutionName": "St Elsewhere", "ReferringPhysicianName": "Dr Who",
        },
    )  # fmt: skip
    (tmp_path / "eeg").mkdir()
    an_edf(
        tmp_path / "eeg" / "night.edf",
        onsets=[float(n) for n in range(10)],
        patient="PAT-4711 F 03-FEB-1961 MUSTERMANN_Erika",
        recording="Startdate 11-MAR-2024 ACC-99 Dr_Who St_Elsewhere",
    )
    report = add_paths(workspace, [tmp_path / "mr", tmp_path / "eeg"])
    assert len(report.added) == 2 and report.refused == ()
    for added in report.added:
        path = workspace.root / "identities" / f"{added.study}.json"
        assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
        assert "PAT-4711" in json.dumps(workspace.identity(added.study))
    leaks = [
        (path.relative_to(workspace.root).as_posix(), word)
        for path in workspace.root.rglob("*")
        if path.is_file() and path.parent.name != "identities"
        for word in NAMED
        if word.encode() in path.read_bytes() or word in path.name
    ]
    assert leaks == []
    assert not any(word in caplog.text for word in NAMED)
    subjects = {workspace.study(a.study).subject for a in report.added}
    assert len(subjects) == 1, "one patient is one subject, whatever kind the study is"


def test_a_serving_reads_the_settings_of_its_workspace(tmp_path):
    assert a_serving(tmp_path, "[review]\nblind_first = true\n").workspace.settings["review.blind_first"] is True


def test_studies_shown_in_an_order_are_remembered_by_session_until_they_are_old(tmp_path):
    from dashboard.workspace.orders import OrderStore

    now = [time.time()]
    store = OrderStore(tmp_path / "orders", clock=lambda: now[0])
    assert store.shown("one") == frozenset()
    store.add("one", ["S-A", "S-B"])
    store.add("one", ["S-B", "S-C"])
    store.add("two", [])
    assert OrderStore(tmp_path / "orders").shown("one") == {"S-A", "S-B", "S-C"} and store.shown("two") == frozenset()
    (kept,) = (tmp_path / "orders").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600 and "one" not in kept.name
    now[0] += 31 * 24 * 3600
    store.add("two", ["S-A"])
    assert not kept.exists() and len(list((tmp_path / "orders").iterdir())) == 1
    next((tmp_path / "orders").iterdir()).write_text("{")
    assert OrderStore(tmp_path / "orders").shown("two") == frozenset()
