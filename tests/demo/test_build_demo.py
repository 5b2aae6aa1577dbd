"""The demonstration workspace: built once, continued after an interruption, never in a clinical workspace."""

from __future__ import annotations

import pytest

from dashboard.casework import case_list, model_for
from dashboard.demo import EegPlan, HeadPlan, SeizurePlan, SeriesPlan, build_demo, demo_recordings
from dashboard.domain import Session
from dashboard.errors import WorkspaceRefused
from dashboard.terms import Action, Identity, Role, Sequence, WorkspaceKind
from dashboard.workspace import Workspace

HEAD = HeadPlan("test-head", 5, 50, "F", None, (SeriesPlan(Sequence.FLAIR, "axial", 3.0, 6.0),))
EEG = EegPlan("test-eeg", seed=6, sex="M", age_years=47, duration_s=90, seizures=(SeizurePlan(30, 25),))

OTHER_EEG = EegPlan("test-other-eeg", seed=7, duration_s=60)


def built(workspace, plans=(HEAD, EEG)):
    """The studies, the progress and the words of one build."""
    steps, words = [], []
    studies = build_demo(workspace, lambda *step: steps.append(step), words.append, plans=plans)
    return studies, steps, words


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A workspace built once, with what the build said."""
    root = tmp_path_factory.mktemp("demo") / "workspace"
    return root, *built(Workspace.open(root, WorkspaceKind.DEMONSTRATION))


def test_a_build_takes_in_every_plan_and_the_models_read_it(once):
    root, studies, _, _ = once
    workspace = Workspace.open(root)
    assert [str(workspace.study(s).kind) for s in studies] == ["mr", "eeg"]
    assert all(workspace.study(s).synthetic for s in studies)
    rows = [(e.action, e.study) for e in workspace.ledger.entries()]
    assert [r for r in rows if r[0] == Action.INTAKE] == [(Action.INTAKE, s) for s in studies]
    assert {s for action, s in rows if action == Action.PREDICT} == set(studies)


def test_both_kinds_have_an_age_and_no_birth_date_stands_anywhere_but_with_the_identities(once):
    root, studies, _, _ = once
    workspace = Workspace.open(root)
    assert [(workspace.study(s).age_years, workspace.study(s).sex) for s in studies] == [(50, "F"), (47, "M")]
    auditor = Session("", "A-01", Role.AUDITOR, Identity.INVITED)
    assert [(c.age_years, c.sex) for c in case_list(workspace, auditor)] == [(50, "F"), (47, "M")]
    born = (b"01-JAN-1979", b"1979-01-01", b"19790101", b"SYNTHETIC-test")
    told = {
        path.relative_to(root).parts[0]
        for path in root.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in born)
    }
    assert told == {"identities"}, "and there it is: the files had it"
    for plan in demo_recordings():
        assert plan.age_years is not None and plan.sex in "FM"


def test_a_build_seeds_no_verdict_and_its_chain_holds(once):
    workspace = Workspace.open(once[0])
    assert {e.action for e in workspace.ledger.entries()} == {Action.INTAKE, Action.PREDICT}
    assert workspace.ledger.verify().problems == ()


def test_progress_runs_from_nothing_to_all(once):
    steps = once[2]
    assert steps[0][:2] == (0, 4) and steps[-1][:2] == (4, 4)
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)


def test_a_second_build_makes_nothing_and_gives_the_same_studies(once):
    root, studies, _, _ = once
    workspace = Workspace.open(root)
    rows = len(workspace.ledger.entries())
    again, _, words = built(workspace)
    assert again == studies
    assert words == []
    assert len(workspace.ledger.entries()) == rows


def test_an_interrupted_build_goes_on_where_it_ended(tmp_path):
    workspace = Workspace.open(tmp_path / "w", WorkspaceKind.DEMONSTRATION)

    def interrupt(done, _total, _label):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_demo(workspace, interrupt, lambda _: None, plans=(EEG, OTHER_EEG))
    (first,) = workspace.study_ids()
    studies, _, words = built(Workspace.open(tmp_path / "w"), (EEG, OTHER_EEG))
    assert studies[0] == first and len(studies) == 2
    assert not any(f"Making {EEG.name}" in word for word in words)


def test_a_job_of_a_killed_build_is_finished(tmp_path):
    workspace = Workspace.open(tmp_path / "w", WorkspaceKind.DEMONSTRATION)

    def interrupt(done, _total, _label):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_demo(workspace, interrupt, lambda _: None, plans=(OTHER_EEG,))
    study = workspace.study(workspace.study_ids()[0])
    model = model_for(workspace, study.kind).manifest.id
    workspace.jobs.claim(workspace.jobs.submit(study.id, model).id)
    built(workspace, (OTHER_EEG,))
    assert workspace.jobs.latest()[study.id, model].state == "done"
    assert Action.PREDICT in {e.action for e in workspace.ledger.entries()}


def test_a_study_taken_in_but_not_noted_joins_itself(once):
    root, studies, _, _ = once
    (root / "demonstration.json").unlink()
    again, _, _ = built(Workspace.open(root))
    assert again == studies
    assert len(Workspace.open(root).study_ids()) == 2


def test_a_clinical_workspace_is_refused(tmp_path):
    workspace = Workspace.open(tmp_path / "w", WorkspaceKind.CLINICAL)
    with pytest.raises(WorkspaceRefused):
        built(workspace)
    assert workspace.study_ids() == ()


def test_the_worklist_shows_every_study_as_synthetic(once):
    reader = Session(id="x", reader="reader", role=Role.RADIOLOGIST, identity=Identity.INVITED)
    cases = case_list(Workspace.open(once[0]), reader)
    assert {case.study for case in cases} == set(once[1])
    assert all(case.synthetic for case in cases)
