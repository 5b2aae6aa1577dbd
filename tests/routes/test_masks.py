"""What the viewer is sent of a model's mask: every voxel's regions, and the number of its finding, however many there are."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.casework import reveal
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure
from dashboard.files import array_digest
from dashboard.viewmodels import finding_cards, mri_data
from dashboard.workspace.predictions import PredictionStore
from tests.builders.served import a_browser, a_serving, a_volume, an_mr_study

SHAPE = (40, 30, 12)


def many_lesions(workspace, count):
    """A study and a result of so many lesions of one voxel each, two apart."""
    study = an_mr_study(workspace, a_volume(np.zeros(SHAPE, np.int16)))
    places = np.argwhere(np.indices(SHAPE).max(axis=0) >= 0).reshape(-1, 3)
    places = places[(places % 2 == 0).all(axis=1)][:count]
    lesion_map = np.zeros(SHAPE, np.uint16)
    lesion_map[tuple(places.T)] = np.arange(1, count + 1)
    bits = (lesion_map > 0).astype(np.uint8)
    measure = (RegionMeasure("whole_tumour", 0.002),)
    findings = tuple(Finding(n, "lesion", 0.5, "left", measure, component=n) for n in range(1, count + 1))
    prediction = Prediction(
        digest="", study=study.id, model=ModelIdentity("many", "1", "a" * 64), input_digest=study.input_digest,
        kind="masks", settings={}, findings=findings, regions=(Region("whole_tumour", 0),), grid=study.volumes[0].digest,
        mask_digest=array_digest(bits, study.volumes[0].affine), made_at="2026-11-20T10:01:00.000Z",
    )  # fmt: skip
    made = PredictionStore(workspace.predictions_folder).put(prediction, bits=bits, lesion_map=lesion_map)
    return study, made, lesion_map


@pytest.mark.parametrize("count", [1, 300])
def test_each_of_many_lesions_is_told_from_the_others(tmp_path, count):
    serving = a_serving(tmp_path)
    study, made, lesion_map = many_lesions(serving.workspace, count)
    browser = a_browser(serving)
    answer = browser.get(f"/api/mask/{made.digest}/lesions", browser.token(study, "mask"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    sent = np.frombuffer(answer.content, "<u2").reshape(SHAPE, order="F")
    assert np.array_equal(sent, lesion_map) and len(np.unique(sent[sent > 0])) == count
    bits = np.frombuffer(browser.get(f"/api/mask/{made.digest}/bits", browser.token(study, "mask")).content, np.uint8)
    assert np.array_equal(bits.reshape(SHAPE, order="F") > 0, lesion_map > 0)


def test_the_page_names_each_finding_by_the_number_that_its_voxels_carry(tmp_path):
    serving = a_serving(tmp_path)
    study, _made, lesion_map = many_lesions(serving.workspace, 300)
    one = reveal(serving.workspace, a_browser(serving).session, study).newest
    data = mri_data(study, token="t", short="S", blind=False, convention="radiological", one=one,
                    cards=finding_cards(study, one, {}), own=(), selected=None, thumbnails={})  # fmt: skip
    assert sorted(f["component"] for f in data["findings"]) == sorted(np.unique(lesion_map[lesion_map > 0]).tolist())
