"""What a reader drew becomes a mask file of the same voxels, or is refused; nothing is recorded without it."""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from dashboard.casework import (
    check_files,
    compared_sides,
    difference,
    kept_drafts,
    outline_of,
    record_verdict,
    reveal,
    undo,
)
from dashboard.casework.drawn import drawn_on
from dashboard.errors import LedgerWriteFailed, StalePage, VerdictRule
from dashboard.files import array_digest
from dashboard.imaging import read_label_map
from dashboard.ledger import current_verdicts, last_act
from dashboard.terms import Action
from tests.builders.cases import a_head_study, a_reader, a_workspace, lesions_of
from tests.builders.drawings import a_drawing, framed
from tests.builders.served import a_volume, an_mr_study
from tests.casework.test_difference import a_result


@pytest.fixture
def desk(tmp_path):
    """A workspace, a study with two cubes of 8 voxels, and a reader who has it open."""
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    reader = a_reader(workspace)
    reader.opens(study)
    return workspace, study, prediction, reader


def kept(workspace, study, data, finding="1", base=""):
    """Keep a drawing as the route does, and give its digest."""
    return workspace.drafts.put("R-01", study.id, finding, framed({"base": base}, data))


def cube(grid, *box):
    """Regions as bits: 1 within a box."""
    bits = np.zeros(grid.shape, np.uint8)
    bits[tuple(slice(a, b) for a, b in box)] = 1
    return bits


def test_a_drawing_becomes_a_mask_of_the_same_voxels_with_its_measures(desk):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    bits = cube(grid, (1, 4), (2, 4), (2, 4))  # The model's 2 x 2 x 2 cube and a layer of 4 voxels more.
    digest = kept(workspace, study, a_drawing(grid, prediction, bits))
    row = reader.judges(study, prediction, 1, Action.MODIFY, draft=digest)
    labels, affine = read_label_map(workspace.root / row.artifact)
    assert np.array_equal(labels, bits) and np.allclose(affine, grid.affine, atol=1e-4)
    assert row.artifact_digest == array_digest(bits, grid.affine)
    voxel_ml = float(np.prod(grid.spacing_mm)) / 1000
    assert row.details["edit"] == "drawn" and row.details["dice"] == 0.8
    assert row.details["volume_ml"] == round(12 * voxel_ml, 4)
    assert row.details["volume_change_ml"] == round(4 * voxel_ml, 4)
    mm = [s for axis, s in enumerate(grid.spacing_mm) if axis != grid.through_axis]
    assert row.details["added_path_length_mm"] == round(4 * sum(mm) / 2, 2)
    assert workspace.drafts.of("R-01", study.id) == (), "what was recorded is no draft any more"
    assert check_files(workspace)[0] == ()
    one = reveal(workspace, reader.session, study).newest
    assert np.array_equal(outline_of(workspace, reader.session, study, one, "1", row.artifact_digest), bits)
    assert outline_of(workspace, reader.session, study, one, "1", "0" * 64) is None


def test_dice_volume_change_and_path_of_an_edit_are_what_simpleitk_finds_in_the_saved_file(tmp_path):
    """SimpleITK shares no line with the product: overlap measures, voxels times spacing, and contours slice by slice."""
    sitk = pytest.importorskip("SimpleITK")
    workspace = a_workspace(tmp_path)
    random = np.random.default_rng(11)
    affine = np.diag([0.8, 1.3, 3.0, 1.0])
    array = random.integers(50, 900, (40, 36, 14)).astype(np.int16)
    study = an_mr_study(workspace, replace(a_volume(array), affine=affine, digest=array_digest(array, affine)))
    grid = study.volumes[0]

    def blob(sigma):
        smooth = gaussian_filter(random.normal(size=grid.shape), sigma)
        smooth[[0, 1, -2, -1]] = smooth[:, [0, 1, -2, -1]] = -1
        return smooth > np.percentile(smooth, 80)

    model, own = blob((4, 4, 2)), blob((3, 3, 1))
    own |= model & blob((2, 2, 1))
    prediction = a_result(workspace, study, "model-a", [model])
    reader = a_reader(workspace)
    reader.opens(study)
    row = reader.judges(
        study, prediction, 1, Action.MODIFY,
        draft=kept(workspace, study, a_drawing(grid, prediction, own.astype(np.uint8))),
    )  # fmt: skip
    saved = sitk.ReadImage(str(workspace.root / row.artifact)) > 0
    theirs = sitk.GetImageFromArray(model.astype(np.uint8).transpose(2, 1, 0))
    theirs.CopyInformation(saved)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(saved, theirs)
    assert 0.1 < overlap.GetDiceCoefficient() < 0.9
    assert row.details["dice"] == pytest.approx(overlap.GetDiceCoefficient(), abs=5e-5)
    count = [int(sitk.GetArrayViewFromImage(image).sum()) for image in (saved, theirs)]
    ml = np.prod(saved.GetSpacing()) / 1000
    assert row.details["volume_change_ml"] == pytest.approx((count[0] - count[1]) * ml, abs=1e-4)
    new = 0
    for k in range(grid.shape[2]):
        lines = [sitk.GetArrayFromImage(sitk.LabelContour(image[:, :, k])) for image in (saved, theirs)]
        new += int(((lines[0] > 0) & (lines[1] == 0)).sum())
    assert new > 200
    assert row.details["added_path_length_mm"] == pytest.approx(new * (0.8 + 1.3) / 2, abs=0.01)
    mine = next(s for s in compared_sides(workspace, reader.session, study) if s.who == "own")
    whole = difference(workspace, reader.session, study, prediction.digest, mine.key, "whole_tumour").whole
    assert whole.dice == pytest.approx(overlap.GetDiceCoefficient(), abs=1e-9), "the comparison's number is the same"
    parts = [sitk.And(saved, theirs), saved & sitk.Not(theirs), theirs & sitk.Not(saved)]
    both, only_own, only_model = (int(sitk.GetArrayViewFromImage(part).sum()) * ml for part in parts)
    assert [whole.agree_ml, whole.only_first_ml, whole.only_second_ml] == pytest.approx([both, only_model, only_own])


def test_a_verdict_never_takes_another_draft_than_was_on_screen(desk):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    older = kept(workspace, study, a_drawing(grid, prediction, cube(grid, (1, 4), (2, 4), (2, 4))))
    newer = kept(workspace, study, a_drawing(grid, prediction, cube(grid, (1, 5), (2, 4), (2, 4))))
    with pytest.raises(StalePage):
        reader.judges(study, prediction, 1, Action.MODIFY, draft=older)
    assert not [e for e in workspace.ledger.entries() if e.action == Action.MODIFY]
    assert workspace.drafts.digest("R-01", study.id, "1") == newer, "the drawing stays"
    row = reader.judges(study, prediction, 1, Action.MODIFY, draft=newer)
    assert row.details["dice"] == round(16 / 24, 4)


def test_a_drawing_of_another_results_finding_is_not_taken_for_this_ones(desk):
    workspace, study, prediction, reader = desk
    other = lesions_of(workspace, study, model="newer", made_at="2026-11-21T10:01")
    reader.opens(study)
    grid = study.volumes[0]
    digest = kept(workspace, study, a_drawing(grid, other, cube(grid, (1, 4), (2, 4), (2, 4))))
    with pytest.raises(StalePage, match="another result"):
        reader.judges(study, prediction, 1, Action.MODIFY, draft=digest)


def test_a_drawing_on_after_the_verdict_was_sent_is_kept(desk):
    """The verdict is of what was on screen; what another window has drawn since stays a draft."""
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    first = a_drawing(grid, prediction, cube(grid, (1, 4), (2, 4), (2, 4)))
    digest = kept(workspace, study, first)
    intent = reader.intent(study, prediction, 1, draft=digest)
    said = (workspace, reader.session, study, Action.MODIFY, prediction, prediction.finding(1), intent)
    row = record_verdict(*said)
    kept(workspace, study, a_drawing(grid, prediction, cube(grid, (1, 5), (2, 4), (2, 4))))
    assert record_verdict(*said).event_id == row.event_id, "the same click again is the same row"
    assert workspace.drafts.of("R-01", study.id) == ("1",)


def test_what_is_split_off_is_recorded_with_the_verdict_and_withdrawn_with_it(desk):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    bits = cube(grid, (1, 3), (2, 4), (2, 4)) | cube(grid, (1, 3), (7, 9), (2, 4))
    piece = cube(grid, (1, 3), (2, 4), (2, 4)) + 2 * cube(grid, (1, 3), (7, 9), (2, 4))
    digest = kept(workspace, study, a_drawing(grid, prediction, bits, piece, merged=[2]))
    row = reader.judges(study, prediction, 1, Action.MODIFY, draft=digest)
    split = workspace.ledger.entries()[-1]
    assert (split.action, split.prediction, split.details["split_from"]) == (Action.ADD, "", row.event_id)
    assert row.details["merged"] == [2] and row.details["dice"] == 1.0
    assert np.array_equal(read_label_map(workspace.root / split.artifact)[0], piece == 2)
    undo(workspace, reader.session, row.event_id)
    left = [e for e in current_verdicts(workspace.ledger.entries()).values() if e.reader == "R-01"]
    assert left == [], "nothing of the split stays behind"
    again = workspace.drafts.digest("R-01", study.id, "1")
    row = reader.judges(study, prediction, 1, Action.MODIFY, draft=again)
    assert row.details["merged"] == [2], "what was withdrawn is a draft again, and can be recorded again as it was"
    assert np.array_equal(read_label_map(workspace.root / row.artifact)[0], piece == 1)
    assert np.array_equal(read_label_map(workspace.root / workspace.ledger.entries()[-1].artifact)[0], piece == 2)


def test_an_own_finding_is_added_with_its_outline(desk):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    own = "r-00000000-0000-4000-8000-000000000001"
    bits = cube(grid, (8, 10), (8, 10), (3, 5)) * 7
    for with_model in (prediction, None):
        three = a_drawing(grid, None, bits) if with_model is None else a_drawing(grid, prediction, bits & 1)
        digest = kept(workspace, study, three, own)
        intent = reader.intent(study, own=own, draft=digest)
        row = record_verdict(workspace, reader.session, study, Action.ADD, with_model, None, intent)
        assert (row.finding, row.prediction, row.details["edit"]) == (own, "", "drawn")
        x, y, z = np.linalg.inv(grid.affine)[:3] @ [*row.details["point_lps"], 1]
        assert bits[round(x), round(y), round(z)], "its point lies within it"
        undo(workspace, reader.session, row.event_id)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"grid": "f" * 64},
        {"regions": ["something_else"]},
        {"box": [[0, 3], [0, 3], [0, 99]]},
        {"box": [[-1, 2], [2, 4], [2, 4]]},
        {"box": [[3, 3], [2, 4], [2, 4]]},
        {"box": "all"},
        {"box": [[1, 4], [2, 4], [2, 5]]},
    ],
)
def test_what_does_not_fit_the_grid_is_refused_and_stays(desk, spoilt):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    bits = cube(grid, (1, 4), (2, 4), (2, 4))
    digest = kept(workspace, study, a_drawing(grid, prediction, bits, **spoilt))
    with pytest.raises(VerdictRule):
        reader.judges(study, prediction, 1, Action.MODIFY, draft=digest)
    assert "1" in workspace.drafts.of("R-01", study.id)


def test_damaged_bytes_foreign_regions_and_an_empty_own_outline_are_refused(desk):
    _, study, prediction, _ = desk
    grid = study.volumes[0]
    bits = cube(grid, (1, 4), (2, 4), (2, 4))
    whole = a_drawing(grid, prediction, bits)
    for data in (b"", whole[:40], whole[:-9], whole[:-20] + b"x" * 20, framed({}, b"")):
        with pytest.raises(VerdictRule):
            drawn_on(data, grid, prediction.regions)
    with pytest.raises(VerdictRule, match="regions that this result does not have"):
        drawn_on(a_drawing(grid, prediction, bits * 2), grid, prediction.regions)
    with pytest.raises(VerdictRule, match="Nothing is left"):
        drawn_on(a_drawing(grid, prediction, bits, bits * 2), grid, prediction.regions)
    bomb = framed({"grid": grid.digest, "box": [[0, 2], [0, 2], [0, 2]], "regions": ["whole_tumour"]},
                  gzip.compress(b"\1" * (64 << 20)))  # fmt: skip
    with pytest.raises(VerdictRule, match="damaged"):
        drawn_on(bomb, grid, prediction.regions)


def test_a_disk_that_takes_no_mask_takes_no_verdict(desk, monkeypatch):
    workspace, study, prediction, reader = desk
    grid = study.volumes[0]
    digest = kept(workspace, study, a_drawing(grid, prediction, cube(grid, (1, 4), (2, 4), (2, 4))))
    (workspace.root / "artifacts").write_text("no folder")
    before = last_act(workspace.ledger.entries(), study.id, "R-01")
    with pytest.raises(LedgerWriteFailed):
        reader.judges(study, prediction, 1, Action.MODIFY, draft=digest)
    assert last_act(workspace.ledger.entries(), study.id, "R-01") == before
    assert workspace.drafts.digest("R-01", study.id, "1") == digest


def test_the_drawings_of_a_study_are_listed_with_base_and_time(desk):
    workspace, study, prediction, reader = desk
    digest = kept(workspace, study, b"anything", "2", prediction.digest)
    workspace.drafts.put("R-01", study.id, "refused-1", b"{}")
    (listed,) = kept_drafts(workspace, reader.session, study)
    assert listed["finding"] == "2" and listed["digest"] == digest and listed["base"] == prediction.digest
    assert listed["at"].endswith("Z")
