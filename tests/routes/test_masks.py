"""What the viewer is sent of a model's mask: every voxel's regions, and the number of its finding, however many there are."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from dashboard.casework import difference, reveal
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure
from dashboard.files import array_digest
from dashboard.viewmodels import finding_cards, mri_data
from dashboard.workspace.predictions import PredictionStore
from tests.builders.served import a_browser, a_mask, a_serving, a_volume, an_mr_study

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


def unboxed(content, kind):
    """The whole array of a frame that holds a box of it."""
    (length,) = struct.unpack_from("<I", content)
    header = json.loads(content[4 : 4 + length])
    part = np.frombuffer(content[4 + length :], kind)
    whole = np.zeros(header["shape"], kind)
    box = tuple(slice(first, end) for first, end in header["box"])
    whole[box] = part.reshape(whole[box].shape, order="F")
    return whole


@pytest.mark.parametrize("count", [1, 300])
def test_each_of_many_lesions_is_told_from_the_others(tmp_path, count):
    serving = a_serving(tmp_path)
    study, made, lesion_map = many_lesions(serving.workspace, count)
    browser = a_browser(serving)
    answer = browser.get(f"/api/mask/{made.digest}/lesions", browser.token(study, "mask"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    sent = unboxed(answer.content, "<u2")
    assert np.array_equal(sent, lesion_map) and len(np.unique(sent[sent > 0])) == count
    bits = unboxed(browser.get(f"/api/mask/{made.digest}/bits", browser.token(study, "mask")).content, "u1")
    assert np.array_equal(bits > 0, lesion_map > 0)


def test_the_page_names_each_finding_by_the_number_that_its_voxels_carry(tmp_path):
    serving = a_serving(tmp_path)
    study, _made, lesion_map = many_lesions(serving.workspace, 300)
    one = reveal(serving.workspace, a_browser(serving).session, study).newest
    data = mri_data(study, token="t", short="S", blind=False, convention="radiological", one=one,
                    cards=finding_cards(study, one, {}), own=(), selected=None, thumbnails={})  # fmt: skip
    assert sorted(f["component"] for f in data["findings"]) == sorted(np.unique(lesion_map[lesion_map > 0]).tolist())


def test_a_difference_is_sent_as_three_parts_with_its_sizes_and_kept_by_nobody(tmp_path):
    serving = a_serving(tmp_path)
    study = an_mr_study(serving.workspace)
    first, bits, _ = a_mask(serving.workspace, study)
    second, _, _ = a_mask(serving.workspace, study, lesions=3)
    browser = a_browser(serving)
    path = f"/api/difference/{first.digest}/{second.digest}/whole_tumour"
    answer = browser.get(path, browser.token(study, "mask"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    (length,) = struct.unpack_from("<I", answer.content)
    header = json.loads(answer.content[4 : 4 + length])
    parts = np.frombuffer(answer.content[4 + length :], np.uint8).reshape(bits.shape, order="F")
    found = difference(serving.workspace, browser.session, study, first.digest, second.digest, "whole_tumour")
    assert np.array_equal(parts, found.parts) and np.array_equal(parts == 1, bits == 1)
    assert header["grid"] == study.volumes[0].digest and header["left_out"] == {}
    assert header["whole"] == {"ml": [round(int(bits.sum()) * 0.002, 3), 0, 0], "dice": 1.0}
    assert set(header["findings"]) == {first.digest, second.digest}
    refused = browser.get(path.replace(second.digest, "f" * 64), browser.token(study, "mask"))
    assert (refused.status_code, refused.json()["code"], refused.headers["cache-control"]) == (
        400, "stale_page", "no-store",
    )  # fmt: skip
    assert browser.get(path, browser.token(study, "volume")).status_code == 403
