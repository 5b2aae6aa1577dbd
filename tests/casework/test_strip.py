"""A head with its skull: refused, then read after the mask was computed, looked at and accepted; and taken back."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.casework import (
    accept_brain_mask,
    add_paths,
    brain_masks,
    model_for,
    predict,
    propose_brain_mask,
    withdraw_step,
)
from dashboard.domain import Session
from dashboard.errors import ImagingRefused, NotSkullStripped, UsageError
from dashboard.terms import Identity, Role, StudyKind, WorkspaceKind
from dashboard.workspace import Workspace
from tests.builders.mri_files import a_nifti
from tests.builders.shared import shared_data

PERSON = Session("s", "R-01", Role.RADIOLOGIST, Identity.INVITED)


def test_what_has_not_the_size_of_a_brain_is_refused(tmp_path):
    a_nifti(tmp_path / "in", name="t1c.nii.gz", values=np.zeros((20, 20, 20), np.int16))
    place = Workspace.open(tmp_path / "workspace", create=WorkspaceKind.CLINICAL)
    (added,) = add_paths(place, [tmp_path / "in"]).added
    with pytest.raises(ImagingRefused, match="no brain of an adult"):
        propose_brain_mask(place, place.study(added.study))
    assert brain_masks(place, place.study(added.study)) == ()


@pytest.mark.shared
def test_shared_a_clinical_head_is_read_after_a_mask_was_accepted_and_says_so(tmp_path):
    place = Workspace.open(tmp_path / "workspace", create=WorkspaceKind.CLINICAL)
    (added,) = add_paths(place, [shared_data("mri", "clinical", "native_tcga_fg6692")]).added
    study = place.study(added.study)
    model = model_for(place, StudyKind.MR)
    with pytest.raises(NotSkullStripped) as caught:
        predict(place, study, model)
    assert "overread strip" in caught.value.what_to_do
    step = propose_brain_mask(place, study)
    assert place.study(study.id) is study and step.picture.read_bytes()[:4] == b"\x89PNG"
    assert 1450 < step.record["volume_ml"] < 1650 and step.record["source_sequence"] == "t1c"
    row = accept_brain_mask(place, PERSON, study, step)
    assert row.details == {"joined": study.input_digest, "step": step.digest, "decision": "accepted"}
    after = place.study(study.id)
    made = [v for v in after.volumes if v.made_how == "brain"]
    assert {v.made_from for v in made} == {v.digest for v in study.volumes}
    found = predict(place, after, model)
    assert any("computed brain mask" in warning for warning in found.warnings)
    t1c = next(v for v in study.volumes if v.sequence == "t1c")
    assert found.grid == t1c.digest  # masks lie on the series as it was acquired
    with pytest.raises(UsageError, match="in force"):
        accept_brain_mask(place, PERSON, after, step)
    withdraw_step(place, PERSON, after, place.steps.get(study.id, step.digest))
    assert [v.digest for v in place.study(study.id).volumes] == [v.digest for v in study.volumes]
    with pytest.raises(NotSkullStripped):
        predict(place, place.study(study.id), model)
