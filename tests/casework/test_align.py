"""Series of two frames: flagged, registered on request, used after a person's word, and taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import (
    accept_alignment,
    add_paths,
    alignments,
    correct_sequence,
    discard_step,
    propose_alignment,
    rows_of,
    series_apart,
    withdraw_step,
)
from dashboard.casework.inference import volumes_for
from dashboard.domain import Session, apply_affine
from dashboard.errors import RoleRefused, StalePage, UsageError
from dashboard.models import load_model, shipped_folder
from dashboard.terms import Identity, Role, Sequence, WorkspaceKind
from dashboard.viewmodels import mri_data
from dashboard.workspace import Workspace
from tests.builders.mri_files import a_dicom_series
from tests.builders.mri_heads import a_head_volume, a_rigid_motion

PERSON = Session("s", "R-01", Role.RADIOLOGIST, Identity.INVITED)
MOTION = a_rigid_motion((4, -3, 6), (9, -6, 5))


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory):
    """A T1 with contrast and a FLAIR of one examination in two frames of reference, the head moved between them."""
    folder = tmp_path_factory.mktemp("two frames")
    shape, spacing = (48, 56, 30), (4.0, 4.0, 6.0)
    for name, weighting, motion, words in (
        ("t1c", "t1", None, {"SeriesDescription": "T1 post Gd", "ContrastBolusAgent": "Gd"}),
        ("flair", "t2", MOTION, {"SeriesDescription": "t2 flair"}),
    ):
        head = a_head_volume(weighting, shape=shape, spacing=spacing, motion=motion)
        # the builder lays rows along x, columns along y, slices along z around the origin, as the head's grid does
        a_dicom_series(folder / name, shape=shape, spacing=spacing, values=head.array, study_uid="1.2.3.4",
                       series_uid=f"1.2.3.4.{len(name)}", frame_uid=f"1.2.3.9.{len(name)}",
                       elements={"PatientID": "X1", **words})  # fmt: skip
    place = Workspace.open(folder / "workspace", create=WorkspaceKind.CLINICAL)
    report = add_paths(place, [folder / "t1c", folder / "flair"])
    (study,) = {added.study for added in report.added}
    step = propose_alignment(place, place.study(study), series_apart(place.study(study))[0][0])
    return place, study, step


@pytest.fixture
def case(taken_in, tmp_path):
    """A workspace of its own with the computed step in it."""
    import shutil

    place, study, step = taken_in
    shutil.copytree(place.root, tmp_path / "workspace")
    own = Workspace.open(tmp_path / "workspace")
    return own, own.study(study), own.steps.get(study, step.digest)


def test_series_without_a_common_frame_are_flagged_and_nothing_moves_by_computing(case):
    place, study, step = case
    assert [i.code for i in study.issues] == ["no_common_frame"]
    assert "flair" in study.issues[0].message and "overread register" in study.issues[0].suggestion
    assert len(study.volumes) == 2 and step.state == "proposed" and alignments(place, study) == (step,)
    assert step.picture.read_bytes()[:4] == b"\x89PNG"
    assert step.record["moving_sequence"] == "flair" and step.record["settings"]["seed"] == 20
    assert [row.action for row in rows_of(place, study.id)] == ["intake", "intake"]


def test_confirmed_it_joins_the_study_the_reference_stays_and_models_read_the_moved_one(case):
    place, study, step = case
    row = accept_alignment(place, PERSON, study, step)
    assert (row.action, row.reader) == ("intake", "R-01")
    assert row.details == {"joined": study.input_digest, "step": step.digest, "decision": "accepted"}
    after = place.study(study.id)
    t1c, flair = (next(v for v in study.volumes if v.sequence == name) for name in ("t1c", "flair"))
    assert {v.digest for v in study.volumes} < {v.digest for v in after.volumes}
    assert np.array_equal(after.volume(t1c.digest).affine, t1c.affine)
    (made,) = (v for v in after.volumes if v.made_from)
    assert (made.made_from, made.made_how, made.made_record, made.frame) == (
        flair.digest, "aligned", step.digest, t1c.frame,
    )  # fmt: skip
    assert np.array_equal(made.array, flair.array)
    corners = np.array([(x, y, z) for x in (-70, 70) for y in (-90, 90) for z in (-70, 70)], float)
    seen = apply_affine(np.array(step.record["matrix"]).reshape(4, 4), apply_affine(MOTION, corners))
    assert np.linalg.norm(seen - corners, axis=1).max() < 3.0  # half of a voxel of 4 x 4 x 6 mm
    read = volumes_for(load_model(shipped_folder() / "glioma-unet"), after.volumes)
    assert read["flair"].digest == made.digest and read["t1c"].digest == t1c.digest
    assert after.issues == () and row.input_digest == after.input_digest != study.input_digest
    with pytest.raises(UsageError, match="in force"):
        accept_alignment(place, PERSON, after, step)


def test_said_to_be_another_sequence_the_moved_one_follows_and_the_page_shows_it_first(case):
    place, study, step = case
    accept_alignment(place, PERSON, study, step)
    flair = step.record["moving"]
    correct_sequence(place, PERSON, place.study(study.id), flair, Sequence.T2)
    after = place.study(study.id)
    assert [str(v.sequence) for v in after.volumes if flair in (v.digest, v.made_from)] == ["t2", "t2"]
    data = mri_data(after, token="t", short="S", blind=True, convention="radiological", one=None, cards=(), own=(),
                    selected=None, thumbnails={})  # fmt: skip
    assert [series["label"] for series in data["series"]] == ["T1c", "T2 aligned", "T2"]
    assert data["series"][0]["frame"] == data["series"][1]["frame"] != data["series"][2]["frame"]


def test_taken_back_the_study_is_what_it_was(case):
    place, study, step = case
    accept_alignment(place, PERSON, study, step)
    row = withdraw_step(place, PERSON, place.study(study.id), place.steps.get(study.id, step.digest))
    after = place.study(study.id)
    assert row.details["decision"] == "withdrawn" and after.input_digest == study.input_digest
    assert [v.digest for v in after.volumes] == [v.digest for v in study.volumes]
    assert place.ledger.verify().problems == ()


def test_discarded_it_can_not_be_confirmed(case):
    place, study, step = case
    assert discard_step(place, PERSON, study, step).state == "discarded"
    with pytest.raises(UsageError, match="decided"):
        accept_alignment(place, PERSON, study, place.steps.get(study.id, step.digest))
    assert len(place.study(study.id).volumes) == 2


def test_the_reference_series_never_moves(case):
    place, study, _ = case
    t1c, flair = (next(v for v in study.volumes if v.sequence == name) for name in ("t1c", "flair"))
    for to in (None, flair):
        with pytest.raises(UsageError, match="never moves"):
            propose_alignment(place, study, t1c, to)


def test_only_who_may_change_series_decides(case):
    place, study, step = case
    for session in (replace(PERSON, role=Role.AUDITOR), replace(PERSON, role=Role.NEUROLOGIST)):
        with pytest.raises(RoleRefused):
            accept_alignment(place, session, study, step)
        with pytest.raises(RoleRefused):
            discard_step(place, session, study, step)
    assert len(place.study(study.id).volumes) == 2


def test_a_step_of_another_name_is_not_there(case):
    place, study, _ = case
    for name in ("", "abc", "0" * 12):
        with pytest.raises(StalePage):
            place.steps.get(study.id, name)
