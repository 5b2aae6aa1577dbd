"""The shipped model on the demonstration's heads, through the product's own path; and the heads themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import add_paths, model_for, predict, reveal
from dashboard.demo import HeadPlan, SeriesPlan, TumourPlan, demo_heads, random_head, synthetic_head, write_head
from dashboard.domain import Session
from dashboard.imaging import bits_from_labels, dice
from dashboard.terms import Identity, Role, Sequence, WorkspaceKind
from dashboard.workspace import Workspace

OPERATOR = Session(id="", reader="test", role=Role.OPERATOR, identity=Identity.SCRIPT)
PLANS = {plan.name: plan for plan in demo_heads()}


def read_by_the_model(plan: HeadPlan, folder):
    """Write a head, take it in, let the shipped model read it: the truth, the study, what is revealed of the result."""
    head = write_head(plan, folder / "files")
    workspace = Workspace.open(folder / "workspace", WorkspaceKind.DEMONSTRATION)
    report = add_paths(workspace, [folder / "files"])
    assert report.refused == ()
    study = workspace.study(report.added[0].study)
    predict(workspace, study, model_for(workspace, study.kind))
    return head, study, reveal(workspace, OPERATOR, study).newest


def volume_ml(mask, affine) -> float:
    return float(mask.sum() * abs(np.linalg.det(affine[:3, :3])) / 1000)


@pytest.mark.slow
def test_the_model_marks_under_two_millilitres_in_the_tumour_free_head(tmp_path):
    head, study, result = read_by_the_model(PLANS["no-tumour"], tmp_path)
    assert not head.labels.any()
    grid = study.volume(result.prediction.grid)
    assert volume_ml(result.mask() > 0, grid.affine) < 2.0


@pytest.mark.slow
def test_the_model_finds_the_small_tumour_on_its_side(tmp_path):
    head, study, result = read_by_the_model(PLANS["right-frontal-small"], tmp_path)
    assert volume_ml(head.labels > 0, head.affine) < 10
    grid = study.volume(result.prediction.grid)
    reference = bits_from_labels(head.labels, head.affine, grid.affine, grid.shape)
    assert dice(result.mask() & 1 == 1, reference & 1 == 1) >= 0.5
    assert result.prediction.findings[0].side == "right"


def test_every_file_says_that_it_is_synthetic_and_whose_it_is(tmp_path):
    plan = replace(PLANS["left-temporal"], series=(SeriesPlan(Sequence.T1C, "axial", 2.0, 6.0),))
    write_head(plan, tmp_path / "files")
    workspace = Workspace.open(tmp_path / "workspace", WorkspaceKind.DEMONSTRATION)
    study = workspace.study(add_paths(workspace, [tmp_path / "files"]).added[0].study)
    assert (study.synthetic, study.age_years, study.sex) == (True, 58, "F")
    clinical = Workspace.open(tmp_path / "clinical", WorkspaceKind.CLINICAL)
    assert [r.code for r in add_paths(clinical, [tmp_path / "files"]).refused] == ["synthetic_in_clinical"]


def test_the_demonstration_holds_none_small_medium_and_large_on_both_sides():
    wholes = {name: plan.tumour.whole_ml if plan.tumour else 0 for name, plan in PLANS.items()}
    assert len(wholes) >= 4
    assert min(wholes.values()) == 0 and max(wholes.values()) > 100
    assert any(0 < volume < 10 for volume in wholes.values())
    sides = {np.sign(plan.tumour.centre_lps[0]) for plan in PLANS.values() if plan.tumour}
    assert sides == {-1, 1}
    assert all(1 <= series.slice_mm <= 3 for plan in PLANS.values() for series in plan.series)


@pytest.fixture(scope="module")
def grown():
    """One head with a tumour on the left, T1c and FLAIR at 2 mm."""
    tumour = TumourPlan((40, -20, 20), 10, 30, 3.0)
    series = (SeriesPlan(Sequence.T1C, "axial", 2.0, 2.0), SeriesPlan(Sequence.FLAIR, "axial", 2.0, 2.0))
    return synthetic_head(HeadPlan("test", 5, 50, "F", tumour, series))


def test_the_same_plan_gives_the_same_voxels_and_another_seed_others(grown):
    again = synthetic_head(grown.plan)
    other = synthetic_head(replace(grown.plan, seed=6))
    assert np.array_equal(grown.labels, again.labels)
    assert np.array_equal(grown.series[0].array, again.series[0].array)
    assert not np.array_equal(grown.labels, other.labels[: grown.labels.shape[0]])


def test_the_tumour_has_its_planned_volumes_on_its_planned_side(grown):
    assert volume_ml(grown.labels > 0, grown.affine) == pytest.approx(30, rel=0.05)
    assert volume_ml(np.isin(grown.labels, (1, 3)), grown.affine) == pytest.approx(10, rel=0.05)
    x_mm = np.argwhere(grown.labels > 0)[:, 0] + grown.affine[0, 3]
    assert (x_mm > 0).mean() > 0.98


def test_the_rim_enhances_oedema_shines_on_flair_and_air_is_zero(grown):
    t1c, flair = grown.series
    labels = _nearest(grown, t1c)
    healthy = (t1c.array > 0) & (labels == 0)
    assert np.median(t1c.array[labels == 3]) > 1.3 * np.percentile(t1c.array[healthy], 75)
    assert np.median(t1c.array[labels == 1]) < 0.8 * np.median(t1c.array[healthy])
    assert np.median(flair.array[labels == 2]) > 1.3 * np.median(flair.array[healthy])
    assert (t1c.array == 0).mean() > 0.3


def _nearest(head, series):
    """The head's labels on a series' grid: 0 beyond the head's own."""
    index = np.stack(np.indices(series.array.shape), axis=-1) @ np.diag(np.diag(series.affine)[:3])
    index = np.round(index + series.affine[:3, 3] - head.affine[:3, 3]).astype(int)
    inside = ((index >= 0) & (index < head.labels.shape)).all(axis=-1)
    labels = np.zeros(series.array.shape, np.uint8)
    labels[inside] = head.labels[tuple(index[inside].T)]
    return labels


def test_a_training_head_is_no_head_of_the_demonstration():
    seeds = {plan.seed for plan in demo_heads()}
    assert max(seeds) < 1000 <= random_head(1000, tumour_free=False).seed
    assert random_head(1001, tumour_free=True).tumour is None
