"""A step from its offer to its taking back, as the page asks for it: offered, computed as a job, used, withdrawn."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from dashboard.casework import (
    accept_alignment,
    accept_brain_mask,
    discard_step,
    offered_steps,
    rows_of,
    run_step,
    run_study,
    start_step,
    steps_in_force,
    waiting_steps,
    withdraw_step,
)
from dashboard.casework.shelf import shelf_of
from dashboard.errors import MissingExtra, RoleRefused, UsageError
from dashboard.terms import Role
from dashboard.workspace import Workspace
from tests.builders.cases import BLIND
from tests.builders.shared import shared_data
from tests.casework.test_align import PERSON, case, taken_in  # noqa: F401  (fixtures)


def test_it_is_offered_where_series_share_no_frame_until_it_is_computed(case):  # noqa: F811
    place, study, step = case
    assert offered_steps(place, PERSON, study) == (), "computed already, and waits to be looked at"
    discard_step(place, PERSON, study, step)
    (offer,) = offered_steps(place, PERSON, study)
    assert (offer.step, offer.sequence, offer.missing, offer.job) == ("registration", "flair", "", None)
    assert offered_steps(place, replace(PERSON, role=Role.AUDITOR), study) == ()
    job = start_step(place, PERSON, study, offer.step, offer.series)
    assert start_step(place, PERSON, study, offer.step, offer.series).id == job.id, "a second click is the same job"
    (offer,) = offered_steps(place, PERSON, study)
    assert offer.is_running and place.jobs.latest() == {}, "it is no model's"
    run_step(place, place.jobs.claim())
    assert offered_steps(place, PERSON, study) == ()
    assert [s.digest for s in waiting_steps(place, study)] == [step.digest], "the same again, and to be decided anew"
    assert [j.state for j in place.jobs.jobs()] == ["done"] and len(place.study(study.id).volumes) == 2


def test_in_force_it_can_be_taken_back_and_then_asked_for_again(case):  # noqa: F811
    place, study, step = case
    accept_alignment(place, PERSON, study, step)
    after = place.study(study.id)
    assert offered_steps(place, PERSON, after) == ()
    (used,) = steps_in_force(place, after)
    row = withdraw_step(place, PERSON, after, used)
    assert (row.action, row.reader, row.details["decision"], row.details["step"]) == (
        "intake", "R-01", "withdrawn", step.digest,
    )  # fmt: skip
    again = place.study(study.id)
    assert steps_in_force(place, again) == () and [i.code for i in again.issues] == ["no_common_frame"]
    (offer,) = offered_steps(place, PERSON, again)
    start_step(place, PERSON, again, offer.step, offer.series)
    run_step(place, place.jobs.claim())
    (waits,) = waiting_steps(place, again)
    accept_alignment(place, PERSON, again, waits)
    assert len(place.study(study.id).volumes) == 3
    assert [r.details.get("decision") for r in rows_of(place, study.id)][-3:] == ["accepted", "withdrawn", "accepted"]


def test_without_the_extra_the_offer_says_what_to_install(case, monkeypatch):  # noqa: F811
    place, study, step = case
    discard_step(place, PERSON, study, step)
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    (offer,) = offered_steps(place, PERSON, study)
    assert 'pip install "overread[registration]"' in offer.missing
    with pytest.raises(MissingExtra):
        start_step(place, PERSON, study, offer.step, offer.series)
    assert place.jobs.jobs() == ()


def test_what_is_not_called_for_is_not_started(case):  # noqa: F811
    place, study, _ = case
    for step, series in (("registration", study.volumes[0].digest), ("brain_mask", ""), ("another", "")):
        with pytest.raises(UsageError, match="do not call for it"):
            start_step(place, PERSON, study, step, series)
    with pytest.raises(RoleRefused):
        start_step(place, replace(PERSON, role=Role.NEUROLOGIST), study, "brain_mask")
    assert place.jobs.jobs() == ()


@pytest.mark.parametrize("settings", ["", BLIND])
def test_a_mask_is_offered_where_the_guard_refused_and_not_to_who_owes_a_read(case, settings):  # noqa: F811
    place, study, _ = case
    (place.root / "settings.toml").write_text(settings)
    place = Workspace.open(place.root)
    place.jobs.fail(place.jobs.submit(study.id, "glioma-unet"), "not_skull_stripped", "It was not run.")
    offered = [offer.step for offer in offered_steps(place, PERSON, study)]
    assert offered == ([] if settings else ["brain_mask"]), "that a model refused is something of a model"


@pytest.mark.shared
def test_shared_a_refused_head_is_read_once_its_mask_is_used_and_withheld_when_it_is_taken_back(tmp_path):
    from dashboard.casework import add_paths
    from dashboard.terms import WorkspaceKind

    place = Workspace.open(tmp_path / "workspace", create=WorkspaceKind.CLINICAL)
    (added,) = add_paths(place, [shared_data("mri", "clinical", "native_tcga_fg6692")]).added
    run_study.queue_all(place)
    run_study.run_job(place, place.jobs.claim(), "cpu")
    study = place.study(added.study)
    (offer,) = [o for o in offered_steps(place, PERSON, study) if o.step == "brain_mask"]
    start_step(place, PERSON, study, offer.step)
    run_step(place, place.jobs.claim())
    (mask,) = waiting_steps(place, study)
    accept_brain_mask(place, PERSON, study, mask)
    run_study.run_job(place, place.jobs.claim(), "cpu")  # queued by accepting: the model had refused
    (result,) = shelf_of(place).standing(study.id)
    assert any("computed brain mask" in warning for warning in result.warnings)
    withdraw_step(place, PERSON, place.study(study.id), steps_in_force(place, place.study(study.id))[0])
    assert shelf_of(place).standing(study.id) == (), "what was read through the mask is shown no more"
    run_study.run_job(place, place.jobs.claim(), "cpu")
    assert [o.step for o in offered_steps(place, PERSON, place.study(study.id))][-1] == "brain_mask", "refused again"
