"""Two masks held against each other: counted right, by geometry, and only where the reader may see both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import (
    adjudication_of,
    compared_sides,
    difference,
    record_adjudication,
    record_read,
    replay,
    shared_regions,
)
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure
from dashboard.errors import BlindOpen, NoFrameInCommon, StalePage, UsageError
from dashboard.files import array_digest
from dashboard.imaging import resample
from dashboard.terms import Action, Role
from dashboard.viewmodels import sides_data
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import BLIND, a_reader, a_workspace
from tests.builders.drawings import a_drawing, framed
from tests.builders.mri_grids import a_label_file
from tests.builders.served import a_volume, an_mr_study

SHAPE = (14, 12, 8)
ML = 0.002


def a_result(workspace, study, model, boxes, *, grid=None, core=(), made_at="2026-11-20T10:01"):
    """A stored result whose n-th finding is the n-th box, with the voxels of `core` as a second region."""
    grid = grid or study.volumes[0]
    bits, lesion_map = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint16)
    for number, box in enumerate(boxes, start=1):
        bits[box], lesion_map[box] = 1, number
    for box in core:
        bits[box] |= 2
    measure = (RegionMeasure("whole_tumour", 1.0),)
    prediction = Prediction(
        digest="", study=study.id, model=ModelIdentity(model, "1.0", "a" * 64), input_digest=study.input_digest,
        kind="masks", settings={},
        findings=tuple(Finding(n, "lesion", 0.5, regions=measure, component=n) for n in range(1, len(boxes) + 1)),
        regions=(Region("whole_tumour", 0), Region("tumour_core", 1)), grid=grid.digest,
        mask_digest=array_digest(bits, grid.affine), made_at=f"{made_at}:00.000Z",
    )  # fmt: skip
    return PredictionStore(workspace.predictions_folder).put(prediction, bits=bits, lesion_map=lesion_map)


def box(i, j, k):
    return (slice(*i), slice(*j), slice(*k))


A_BOXES = [box((1, 5), (1, 5), (1, 5)), box((8, 11), (6, 9), (2, 4))]
B_BOXES = [box((3, 7), (1, 5), (1, 5)), box((12, 14), (10, 12), (6, 8))]


@pytest.fixture
def case(tmp_path):
    """A study of two series, two models' results on the first, and two readers."""
    workspace = a_workspace(tmp_path)
    study = an_mr_study(workspace, a_volume(np.ones(SHAPE, np.int16)))
    a = a_result(workspace, study, "model-a", A_BOXES, core=[box((1, 3), (1, 3), (1, 3))])
    b = a_result(workspace, study, "model-b", B_BOXES, core=[box((1, 2), (1, 3), (1, 3))], made_at="2026-11-20T10:02")
    return workspace, study, a, b, a_reader(workspace)


def by_numpy(one, two):
    """Volumes of the three parts and the Dice, counted plainly."""
    both = np.logical_and(one, two).sum()
    dice = 2 * both / (one.sum() + two.sum())
    return [both * ML, (one & ~two).sum() * ML, (two & ~one).sum() * ML], dice


def volumes(shares):
    return [shares.agree_ml, shares.only_first_ml, shares.only_second_ml]


def masks(*groups):
    made = []
    for boxes in groups:
        mask = np.zeros(SHAPE, bool)
        for one in boxes:
            mask[one] = True
        made.append(mask)
    return made


def test_two_models_are_counted_as_numpy_counts_them(case):
    workspace, study, a, b, reader = case
    found = difference(workspace, reader.session, study, a.digest, b.digest, "whole_tumour")
    one, two = masks(A_BOXES, B_BOXES)
    sizes, dice = by_numpy(one, two)
    assert volumes(found.whole) == pytest.approx(sizes) and found.whole.dice == pytest.approx(dice)
    assert np.array_equal(found.parts == 1, one & two)
    assert np.array_equal(found.parts == 2, one & ~two) and np.array_equal(found.parts == 4, two & ~one)
    first, second = masks(A_BOXES[:1], B_BOXES[:1])
    sizes, dice = by_numpy(first, second)
    of_a, of_b = found.findings[a.digest], found.findings[b.digest]
    assert volumes(of_a[1]) == pytest.approx(sizes) and of_a[1].dice == pytest.approx(dice)
    assert volumes(of_b[1]) == pytest.approx(sizes), "the same pair, the sides where they were"
    alone = masks(A_BOXES[1:])[0].sum() * ML
    assert volumes(of_a[2]) == pytest.approx([0, alone, 0]) and of_a[2].dice == 0
    assert volumes(of_b[2]) == pytest.approx([0, 0, masks(B_BOXES[1:])[0].sum() * ML])
    core = difference(workspace, reader.session, study, a.digest, b.digest, "tumour_core")
    assert volumes(core.whole) == pytest.approx([4 * ML, 4 * ML, 0])
    assert core.findings[a.digest][2].dice is None, "no core on either side: no Dice"
    turned = difference(workspace, reader.session, study, b.digest, a.digest, "whole_tumour")
    assert volumes(turned.whole) == pytest.approx([found.whole.agree_ml, *volumes(found.whole)[:0:-1]])


def test_grids_that_differ_are_joined_by_geometry_and_frames_that_differ_are_refused(tmp_path):
    workspace = a_workspace(tmp_path)
    coarse = a_volume(np.ones(SHAPE, np.int16))
    affine = coarse.affine.copy()
    affine[:3, :3] = np.diag([-0.5, 0.5, 1.0])
    affine[:3, 3] = [13.25, -0.25, -0.5]
    shape = tuple(2 * n for n in SHAPE)
    array = np.ones(shape, np.int16)
    fine = replace(coarse, array=array, affine=affine, digest=array_digest(array, affine))
    foreign = replace(fine, array=array * 2, digest=array_digest(array * 2, affine), frame="F-2")
    study = an_mr_study(workspace, coarse, fine, foreign)
    a = a_result(workspace, study, "model-a", A_BOXES)
    wide = [tuple(slice(2 * s.start, 2 * s.stop) for s in one) for one in B_BOXES]
    b = a_result(workspace, study, "model-b", wide, grid=fine)
    c = a_result(workspace, study, "model-c", wide, grid=foreign)
    session = a_reader(workspace).session
    found = difference(workspace, session, study, a.digest, b.digest, "whole_tumour")
    theirs = resample(masks_on(shape, wide), affine, coarse.affine, SHAPE, order=0) > 0
    sizes, dice = by_numpy(masks(A_BOXES)[0], theirs)
    assert volumes(found.whole) == pytest.approx(sizes) and found.whole.dice == pytest.approx(dice)
    assert found.grid == coarse.digest and found.whole.agree_ml == 0, "mirrored: by index alone they would agree"
    with pytest.raises(NoFrameInCommon, match="Nothing was compared"):
        difference(workspace, session, study, a.digest, c.digest, "whole_tumour")


def masks_on(shape, boxes):
    mask = np.zeros(shape, np.uint8)
    for one in boxes:
        mask[one] = 1
    return mask


def test_a_readers_verdicts_are_a_side_that_a_further_verdict_replaces(case, tmp_path):
    workspace, study, a, _b, reader = case
    reader.opens(study)
    assert [side.who for side in compared_sides(workspace, reader.session, study)] == ["model", "model"]
    own = masks_on(SHAPE, [box((2, 6), (1, 5), (1, 5))])
    reader.judges(study, a, 1, Action.MODIFY, mask=a_label_file(tmp_path / "own.nii.gz", own, study.volumes[0].affine))
    mine = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    assert mine.key.startswith(f"{a.digest}.") and mine.prediction.digest == a.digest
    found = difference(workspace, reader.session, study, a.digest, mine.key, "whole_tumour")
    sizes, dice = by_numpy(masks(A_BOXES[:1])[0], own > 0)
    assert volumes(found.whole) == pytest.approx(sizes), "finding 2 is judged by nobody yet: it is in neither side"
    assert found.whole.dice == pytest.approx(dice) == found.findings[a.digest][1].dice
    assert found.left_out == {2: "not judged"} and 2 not in found.findings[a.digest]
    core = difference(workspace, reader.session, study, a.digest, mine.key, "tumour_core")
    assert core.left_out[1] == "own outline is of the whole lesion only" and core.whole.dice is None
    reader.judges(study, a, 2, Action.REJECT, reason="vessel")
    with pytest.raises(StalePage):
        difference(workspace, reader.session, study, a.digest, mine.key, "whole_tumour")
    newer = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    found = difference(workspace, reader.session, study, a.digest, newer.key, "whole_tumour")
    rejected = masks(A_BOXES[1:])[0].sum() * ML
    assert volumes(found.findings[a.digest][2]) == pytest.approx([0, rejected, 0]) and found.left_out == {}


def test_a_drawn_outline_is_compared_in_each_of_its_regions_and_a_merged_finding_is_the_others(case):
    workspace, study, a, _b, reader = case
    grid = study.volumes[0]
    reader.opens(study)
    bits = masks_on(SHAPE, [box((1, 12), (1, 9), (1, 5))])
    bits[box((1, 4), (1, 3), (1, 3))] |= 2
    digest = workspace.drafts.put("R-01", study.id, "1", framed({"base": ""}, a_drawing(grid, a, bits, merged=[2])))
    reader.judges(study, a, 1, Action.MODIFY, draft=digest)
    reader.judges(study, a, 2, Action.REJECT, reason="vessel")
    mine = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    for region, bit, model in (
        ("whole_tumour", 1, masks(A_BOXES)[0]),
        ("tumour_core", 2, masks([box((1, 3), (1, 3), (1, 3))])[0]),
    ):
        found = difference(workspace, reader.session, study, a.digest, mine.key, region)
        sizes, dice = by_numpy(model, bits & bit > 0)
        assert volumes(found.whole) == pytest.approx(sizes) and found.whole.dice == pytest.approx(dice), region
        assert found.left_out == {}


def test_verdicts_say_nothing_of_another_models_mask(case):
    workspace, study, a, b, reader = case
    reader.opens(study)
    reader.judges(study, a, 1, Action.REJECT, reason="vessel")
    mine = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    with pytest.raises(UsageError):
        difference(workspace, reader.session, study, b.digest, mine.key, "whole_tumour")
    told = {side["key"]: side for side in sides_data(compared_sides(workspace, reader.session, study))}
    assert set(told[mine.key]["with"]) == {a.digest} and set(told[b.digest]["with"]) == {a.digest}
    assert told[mine.key]["words"] == "You, on model-a 1.0" and told[b.digest]["words"] == "model-b 1.0"
    assert told[a.digest]["with"][b.digest] == ["whole_tumour", "tumour_core"]


def test_another_readers_marks_wait_for_the_own_sign_off_and_have_no_name(case):
    workspace, study, a, b, reader = case
    other = a_reader(workspace, "R-77")
    for one in (reader, other):
        one.opens(study)
        for prediction in (a, b):
            for finding in prediction.findings:
                one.judges(study, prediction, finding.number, Action.ACCEPT)
    other.signs(study)
    assert {side.who for side in compared_sides(workspace, reader.session, study)} == {"model"}
    reader.signs(study)
    sides = compared_sides(workspace, reader.session, study)
    assert [side.who for side in sides].count("reader") == 2
    assert "R-77" not in str(sides_data(sides)) and "'Reader A, on model-a 1.0'" in str(sides_data(sides))
    theirs = next(s for s in sides if s.who == "reader" and s.prediction.digest == a.digest)
    found = difference(workspace, reader.session, study, a.digest, theirs.key, "whole_tumour")
    assert found.whole.dice == 1.0


def test_readers_of_a_study_that_is_not_settled_are_hidden_from_each_other_and_shown_to_the_adjudicator(tmp_path):
    workspace = a_workspace(tmp_path, "[review]\nreaders = 2\n")
    study = an_mr_study(workspace, a_volume(np.ones(SHAPE, np.int16)))
    a = a_result(workspace, study, "model-a", A_BOXES)
    first, second = a_reader(workspace, "R-01"), a_reader(workspace, "R-02")
    for one, action in ((first, Action.ACCEPT), (second, Action.REJECT)):
        one.opens(study)
        for finding in a.findings:
            one.judges(study, a, finding.number, action, reason="vessel" if action == Action.REJECT else "")
        one.signs(study)
    for one in (first, second):
        assert "reader" not in {side.who for side in compared_sides(workspace, one.session, study)}
    judge = a_reader(workspace, "R-09", Role.ADJUDICATOR)
    assert compared_sides(workspace, judge.session, study) == ()
    record_read(workspace, judge.session, study, present=False, intent=judge.intent(study))
    sides = [s for s in compared_sides(workspace, judge.session, study) if s.who == "reader"]
    assert len(sides) == 2
    found = difference(workspace, judge.session, study, sides[0].key, sides[1].key, "whole_tumour")
    sizes = volumes(found.whole)
    assert sizes[0] == 0 and sorted(sizes[1:]) == pytest.approx([0, masks(A_BOXES)[0].sum() * ML])


def kept(first, second, region="whole_tumour"):
    """What a view keeps of a comparison."""
    return {"compare": {"first": first[:12] + first[64:], "second": second[:12] + second[64:], "region": region}}


def test_a_row_replays_the_two_that_it_compared_as_they_stood_then(case, tmp_path):
    workspace, study, a, b, reader = case
    grid = study.volumes[0]
    reader.opens(study)
    own = masks_on(SHAPE, [box((2, 6), (1, 5), (1, 5))])
    reader.judges(study, a, 1, Action.MODIFY, mask=a_label_file(tmp_path / "own.nii.gz", own, grid.affine))
    mine = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    then = difference(workspace, reader.session, study, a.digest, mine.key, "whole_tumour")
    row = reader.judges(study, a, 2, Action.REJECT, reason="vessel", view=kept(a.digest, mine.key))
    reader.judges(study, a, 1, Action.ACCEPT)
    with pytest.raises(StalePage):
        difference(workspace, reader.session, study, a.digest, mine.key, "whole_tumour")
    sides = replay(workspace, reader.session, row.seq).sides
    assert [side.key for side in sides] == [a.digest, mine.key]
    again = difference(workspace, reader.session, study, a.digest, mine.key, "whole_tumour", row=row.seq)
    assert np.array_equal(again.parts, then.parts) and again.whole == then.whole and again.left_out == then.left_out
    turned = difference(workspace, reader.session, study, mine.key, a.digest, "whole_tumour", row=row.seq)
    assert turned.whole.only_first_ml == then.whole.only_second_ml
    with pytest.raises(StalePage):
        difference(workspace, reader.session, study, a.digest, b.digest, "whole_tumour", row=row.seq)
    auditor = a_reader(workspace, "A-01", Role.AUDITOR)
    told = sides_data(replay(workspace, auditor.session, row.seq).sides)
    assert [side["words"] for side in told] == ["model-a 1.0", "The row's reader, on model-a 1.0"]
    models = reader.judges(study, b, 1, view=kept(b.digest, a.digest))
    assert [side.key for side in replay(workspace, reader.session, models.seq).sides] == [b.digest, a.digest]
    plain = reader.judges(study, b, 2, view={"series": "a" * 64})
    assert replay(workspace, reader.session, plain.seq).sides == ()


def test_an_adjudicators_pair_of_readers_comes_back_but_not_before_who_still_owes_a_judgement(tmp_path):
    workspace = a_workspace(tmp_path, "[review]\nreaders = 2\n")
    study = an_mr_study(workspace, a_volume(np.ones(SHAPE, np.int16)))
    a = a_result(workspace, study, "model-a", A_BOXES)
    for name, action in (("R-01", Action.ACCEPT), ("R-02", Action.REJECT)):
        one = a_reader(workspace, name)
        one.opens(study)
        for finding in a.findings:
            one.judges(study, a, finding.number, action, reason="vessel" if action == Action.REJECT else "")
        one.signs(study)
    judge = a_reader(workspace, "R-09", Role.ADJUDICATOR)
    record_read(workspace, judge.session, study, present=False, intent=judge.intent(study))
    first, second = (s for s in compared_sides(workspace, judge.session, study) if s.who == "reader")
    told = adjudication_of(workspace, judge.session, study)
    row = record_adjudication(
        workspace, judge.session, study, dict.fromkeys(told.findings, Action.ACCEPT), shown=told.shown,
        intent=judge.intent(study, view=kept(first.key, second.key)),
    )  # fmt: skip
    sides = replay(workspace, judge.session, row.seq).sides
    assert [(s.key, s.who, s.number) for s in sides] == [(first.key, "reader", 1), (second.key, "reader", 2)]
    assert "R-01" not in str(sides_data(sides)) and "R-02" not in str(sides_data(sides))
    late = a_reader(workspace, "R-03")
    late.opens(study)
    assert replay(workspace, late.session, row.seq).sides == ()


def test_nothing_is_compared_before_an_owed_read(tmp_path):
    workspace = a_workspace(tmp_path, BLIND)
    study = an_mr_study(workspace, a_volume(np.ones(SHAPE, np.int16)))
    a, b = (a_result(workspace, study, name, boxes) for name, boxes in (("a", A_BOXES), ("b", B_BOXES)))
    reader = a_reader(workspace)
    assert compared_sides(workspace, reader.session, study) == ()
    with pytest.raises(BlindOpen):
        difference(workspace, reader.session, study, a.digest, b.digest, "whole_tumour")
    assert workspace.ledger.entries() == ()
    record_read(workspace, reader.session, study, present=False, intent=reader.intent(study))
    one, _ = compared_sides(workspace, reader.session, study)
    assert shared_regions(one, one) == ("whole_tumour", "tumour_core")
