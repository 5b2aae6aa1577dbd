"""Studies of one subject from before: which come, what of them a reader may see, and which lesion is which."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import (
    Intent,
    course_of,
    judged_by_key,
    judged_lesions,
    judged_marks,
    priors_of,
    record_read,
    reveal,
)
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure, random_pseudonym
from dashboard.errors import BlindOpen, StalePage
from dashboard.files import array_digest
from dashboard.imaging import write_nifti_mask
from dashboard.routes import serve_workspace
from dashboard.terms import Action
from dashboard.viewmodels import AREA, VOLUME, course_line, course_table, priors_data
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import BLIND, a_reader, a_workspace
from tests.builders.served import a_browser, a_volume, an_mr_study

SHAPE = (40, 40, 20)


def a_scan(workspace, day, balls, *, subject, at=(0.0, 0.0, 0.0), added="2026-11-20T10:00:00.000Z", frame="F-1"):
    """A study of a day with one result of cubes: (corner, side) in voxels of 1 x 1 x 2 mm, its grid moved by `at`."""
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    affine[:3, 3] = at
    array = np.random.default_rng(abs(hash(day)) % 1000).integers(50, 900, SHAPE).astype(np.int16)
    volume = replace(a_volume(array, frame=frame), affine=affine, digest=array_digest(array, affine))
    study = workspace.studies.put(
        replace(
            an_mr_study(workspace, volume), id=random_pseudonym("S"), subject=subject, acquired_on=day, added_at=added
        )
    )
    bits, lesion_map, findings = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint16), []
    for number, (corner, side) in enumerate(balls, start=1):
        here = tuple(slice(n, n + side) for n in corner)
        bits[here], lesion_map[here] = 1, number
        middle = np.array(corner) + (side - 1) / 2
        centre = tuple(float(x) for x in affine[:3, :3] @ middle + affine[:3, 3])
        measure = RegionMeasure("whole_tumour", side**3 * 0.002, float(side), float(side), corner[2])
        findings.append(Finding(number, "lesion", 0.9, "left", (measure,), centre_lps=centre, component=number))
    PredictionStore(workspace.predictions_folder).put(
        Prediction(
            digest="", study=study.id, model=ModelIdentity("cubes", "1.0", "a" * 64), input_digest=study.input_digest,
            kind="masks", settings={}, findings=tuple(findings), regions=(Region("whole_tumour", 0),), grid=volume.digest,
            mask_digest=array_digest(bits, affine), made_at="2026-11-20T10:01:00.000Z",
        ),
        bits=bits, lesion_map=lesion_map,
    )  # fmt: skip
    return study


@pytest.fixture
def course(tmp_path):
    """One subject: a cube of 8, then of 4 elsewhere in its scanner with another lesion, now of 6; and a stranger."""
    workspace = a_workspace(tmp_path)
    subject = random_pseudonym("P")
    first = a_scan(workspace, "2024-01-10", [((10, 10, 6), 8)], subject=subject)
    second = a_scan(
        workspace, "2024-04-10", [((11, 11, 7), 4), ((30, 30, 14), 5)], subject=subject, at=(5.0, -8.0, 6.0)
    )
    now = a_scan(workspace, "2024-07-10", [((11, 10, 6), 6), ((2, 30, 2), 4)], subject=subject)
    a_scan(workspace, "2023-01-01", [((10, 10, 6), 8)], subject=random_pseudonym("P"))
    return workspace, first, second, now


def seen_course(workspace, reader, now, links=None, said=None):
    priors = priors_of(workspace, reader.session, now)
    one = reveal(workspace, reader.session, now).newest
    return course_of(workspace, reader.session, now, one, priors, links or {}, said or {})


def test_priors_are_the_subjects_own_and_earlier_the_newest_first(course):
    workspace, first, second, now = course
    reader = a_reader(workspace)
    assert [p.study.id for p in priors_of(workspace, reader.session, now)] == [second.id, first.id]
    assert [p.study.id for p in priors_of(workspace, reader.session, second)] == [first.id]
    assert priors_of(workspace, reader.session, first) == ()
    assert all(p.dated for p in priors_of(workspace, reader.session, now))


def test_without_dates_the_order_of_adding_decides_and_is_said(tmp_path):
    workspace, subject = a_workspace(tmp_path), random_pseudonym("P")
    first = a_scan(workspace, "", [((1, 1, 1), 3)], subject=subject, added="2026-11-20T10:00:00.000Z")
    now = a_scan(workspace, "2024-07-10", [((1, 1, 1), 4)], subject=subject, added="2026-11-21T10:00:00.000Z")
    (prior,) = priors_of(workspace, a_reader(workspace).session, now)
    assert prior.study.id == first.id and not prior.dated
    told = priors_data(now, [prior], {first.id: "t"}, {}, {})
    assert told[0]["words"] == "date unknown · added earlier, dates do not tell"


def test_in_a_blind_read_a_prior_is_images_alone_and_leaves_no_row(tmp_path):
    workspace, subject = a_workspace(tmp_path, BLIND), random_pseudonym("P")
    first = a_scan(workspace, "2024-01-10", [((10, 10, 6), 8)], subject=subject)
    now = a_scan(workspace, "2024-07-10", [((11, 10, 6), 6)], subject=subject)
    reader = a_reader(workspace)
    record_read(workspace, reader.session, first, present=False, findings=[], intent=reader.intent(first))
    (prior,) = priors_of(workspace, reader.session, now)
    assert prior.result is None and prior.withheld, "even of a prior whose own read is done"
    assert not [e for e in workspace.ledger.entries() if e.action == Action.PRESENT]
    told = json.dumps(priors_data(now, [prior], {first.id: "t"}, {}, {}))
    assert PredictionStore(workspace.predictions_folder).of(first.id)[0].digest not in told and "cubes" not in told
    record_read(workspace, reader.session, now, present=False, findings=[], intent=reader.intent(now))
    (prior,) = priors_of(workspace, reader.session, now)
    assert prior.result is not None and not prior.withheld


def test_a_prior_of_which_a_read_is_owed_stays_images_alone(tmp_path):
    workspace, subject = a_workspace(tmp_path, BLIND), random_pseudonym("P")
    a_scan(workspace, "2024-01-10", [((10, 10, 6), 8)], subject=subject)
    now = a_scan(workspace, "2024-07-10", [((11, 10, 6), 6)], subject=subject)
    reader = a_reader(workspace)
    record_read(workspace, reader.session, now, present=False, findings=[], intent=reader.intent(now))
    (prior,) = priors_of(workspace, reader.session, now)
    assert prior.result is None and prior.withheld


def test_verdicts_change_what_is_drawn_of_a_prior_and_its_key(course, tmp_path):
    workspace, _, second, now = course
    reader = a_reader(workspace)
    before = priors_of(workspace, reader.session, now)[0].result
    prediction = reader.opens(second).newest.prediction
    reader.judges(second, prediction, 2, Action.REJECT, reason="artefact")
    grid = second.volumes[0]
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[10:16, 10:16, 6:12] = 1
    write_nifti_mask(drawn, grid.affine, tmp_path / "own.nii.gz")
    reader.judges(second, prediction, 1, Action.MODIFY, mask=tmp_path / "own.nii.gz")
    after = priors_of(workspace, reader.session, now)[0].result
    assert after.key != before.key and after.key.partition(".")[0] == prediction.digest
    bits, numbers = judged_marks(workspace, after)
    assert np.array_equal(bits > 0, drawn > 0) and set(np.unique(numbers)) == {0, 1}
    (lesion,) = judged_lesions(workspace, after)
    assert (lesion.key, lesion.basis) == ("1", "edited")
    assert lesion.regions[0].volume_ml == pytest.approx(6**3 * 0.002)
    with pytest.raises(StalePage):
        judged_by_key(workspace, reader.session, second, before.key)


def test_lesions_pair_by_overlap_after_linking_else_by_distance_else_as_the_reader_says(course):
    workspace, first, second, now = course
    reader = a_reader(workspace)
    seen = seen_course(workspace, reader, now, links={second.id: [5.0, -8.0, 6.0], first.id: [0.0, 0.0, 0.0]})
    assert [point.linked for point in seen.points] == ["reader", "reader", ""]
    assert dict(seen.points[0].pairs) == {"1": ("1", "overlap")}
    assert dict(seen.points[1].pairs) == {"1": ("1", "overlap")}, "the others lie far apart"
    far = seen_course(workspace, reader, now, links={second.id: [13.0, -8.0, 6.0]})
    assert far.points[1].pairs["1"] == ("1", "distance")
    unchecked = seen_course(workspace, reader, now)
    assert [point.linked for point in unchecked.points[:-1]] == ["middles", "middles"]
    corrected = seen_course(workspace, reader, now, said={second.id: {"1": "", "2": "2"}})
    assert dict(corrected.points[1].pairs) == {"1": ("", "reader"), "2": ("2", "reader")}


def test_changes_are_from_baseline_and_from_nadir_each_named(course):
    workspace, _, second, now = course
    seen = seen_course(workspace, a_reader(workspace), now, links={second.id: [5.0, -8.0, 6.0]})
    alone = course_line(seen, VOLUME, "whole_tumour", "1")
    assert alone.values == pytest.approx((8**3 * 0.002, 4**3 * 0.002, 6**3 * 0.002))
    assert alone.from_baseline == (None, pytest.approx(-87.5), pytest.approx(-57.8125))
    assert alone.from_nadir == (None, pytest.approx(-87.5), pytest.approx(237.5))
    area = course_line(seen, AREA, "whole_tumour", "1")
    assert area.values == (64, 16, 36) and area.from_nadir[2] == pytest.approx(125)
    total = course_line(seen, AREA, "whole_tumour")
    assert total.values == (64, 16 + 25, 36 + 16) and total.counts == (1, 2, 2)
    words = course_table(seen, [alone, area], "1")
    assert "from baseline" in words and "from nadir" in words and "+125 %" in words and "unreviewed" in words
    assert not any(word in words.lower() for word in ("progress", "response", "stable", "partial"))


def test_the_lesion_that_is_new_has_no_earlier_value_and_no_change(course):
    workspace, _, _, now = course
    line = course_line(seen_course(workspace, a_reader(workspace), now), VOLUME, "whole_tumour", "2")
    assert line.values[:2] == (None, None) and line.values[2] == pytest.approx(4**3 * 0.002)
    assert line.from_baseline == (None, None, None) and line.from_nadir == (None, None, None)


def test_the_route_gives_a_priors_outline_by_the_priors_own_token_alone(course):
    workspace, first, second, now = course
    browser = a_browser(serve_workspace(workspace))
    prior = priors_of(workspace, browser.session, now)[0]
    path = f"/api/judged/{prior.result.key}/bits"
    sent = browser.get(path, browser.token(second, "mask"))
    assert sent.status_code == 200 and sent.headers["cache-control"] == "no-store"
    (length,) = struct.unpack_from("<I", sent.content)
    header = json.loads(sent.content[4 : 4 + length])
    assert header["shape"] == list(SHAPE) and header["box"][0] == [11, 35]
    assert browser.get(path, browser.token(second, "volume")).status_code == 403
    assert browser.get(path, browser.token(now, "volume", "mask")).status_code == 404
    assert browser.get(path, browser.token(first, "mask")).status_code == 404
    assert browser.get(path.replace("bits", "other"), browser.token(second, "mask")).status_code == 404


def test_the_route_refuses_who_owes_the_prior_a_read(tmp_path):
    workspace, subject = a_workspace(tmp_path, BLIND), random_pseudonym("P")
    first = a_scan(workspace, "2024-01-10", [((10, 10, 6), 8)], subject=subject)
    browser = a_browser(serve_workspace(workspace))
    digest = PredictionStore(workspace.predictions_folder).of(first.id)[0].digest
    assert browser.get(f"/api/judged/{digest}.{'0' * 16}/bits", browser.token(first, "mask")).status_code == 403
    with pytest.raises(BlindOpen):
        judged_by_key(workspace, browser.session, first, f"{digest}.{'0' * 16}")


def test_an_added_lesion_with_an_outline_stands_beside_the_models(course, tmp_path):
    workspace, _, second, now = course
    reader = a_reader(workspace)
    reader.opens(second)
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[20:26, 2:8, 2:8] = 1
    write_nifti_mask(drawn, second.volumes[0].affine, tmp_path / "added.nii.gz")
    from dashboard.casework import record_verdict

    record_verdict(
        workspace, reader.session, second, Action.ADD, None, None, Intent(mask=tmp_path / "added.nii.gz", shown=True)
    )
    result = priors_of(workspace, reader.session, now)[0].result
    assert [lesion.basis for lesion in judged_lesions(workspace, result)] == ["unreviewed", "unreviewed", "added"]
    assert (judged_marks(workspace, result)[0][20:26, 2:8, 2:8] > 0).all()
