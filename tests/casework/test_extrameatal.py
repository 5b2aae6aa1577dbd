"""What lies behind a reader's line at the porus is of the outline in force: of an edited one once it was edited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.casework import extrameatal_of, recorded_extrameatal, reveal
from dashboard.domain import Finding, ModelIdentity, Prediction, Region, RegionMeasure
from dashboard.files import array_digest
from dashboard.imaging import read_label_map
from dashboard.terms import Action
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import a_reader, a_workspace
from tests.builders.drawings import a_drawing, framed
from tests.builders.served import a_volume, an_mr_study

SHAPE = (80, 96, 40)
MM = (2.0, 2.0, 3.0)
LINE = ((30.0, -12.0, 0.0), (30.0, 12.0, 0.0))
"""At x = 30 on the patient's left: the brain's side is below it."""


def places():
    """(i, j, k, 3) LPS millimetres of the voxels' middles."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    return (index - (np.array(SHAPE) - 1) / 2) * MM


def a_ball(radius_mm, x):
    return np.linalg.norm(places() - [x, 0, 0], axis=-1) < radius_mm


@pytest.fixture
def case(tmp_path):
    """A head with a ball of 10 mm around x = 30 as the model's only finding, and a reader who has it open."""
    workspace = a_workspace(tmp_path)
    head = (np.linalg.norm(places() / [68, 84, 56], axis=-1) < 1).astype(np.int16) * 300
    affine = np.diag([*MM, 1.0])
    affine[:3, 3] = -(np.array(SHAPE) - 1) / 2 * MM
    volume = replace(a_volume(head), affine=affine, digest=array_digest(head, affine))
    study = an_mr_study(workspace, volume)
    bits = a_ball(10, 30).astype(np.uint8)
    prediction = PredictionStore(workspace.predictions_folder).put(
        Prediction(
            digest="", study=study.id, model=ModelIdentity("model-a", "1.0", "a" * 64), kind="masks", settings={},
            input_digest=study.input_digest, regions=(Region("whole_tumour", 0),), grid=volume.digest,
            findings=(Finding(1, "lesion", 0.5, "left", (RegionMeasure("whole_tumour", 4.0),), component=1),),
            mask_digest=array_digest(bits, affine), made_at="2026-11-20T10:01:00.000Z",
        ),
        bits=bits, lesion_map=bits.astype(np.uint16),
    )  # fmt: skip
    reader = a_reader(workspace)
    reader.opens(study)
    return workspace, study, prediction, reader


def by_numpy(mask):
    """Longest axial diameter, the longest across it, and millilitres of what of a mask lies below x = 30."""
    part = mask & (places()[..., 0] < 30)
    slices = [k for k in range(SHAPE[2]) if part[:, :, k].any()]
    best = (0.0, 0.0)
    for k in slices:
        middles = places()[part[:, :, k], k][:, :2]
        points = np.unique(
            np.concatenate([np.add(middles, (x, y)) for x in (-1, 1) for y in (-1, 1)]), axis=0
        )  # Corners.
        apart = points[:, None] - points[None]
        length = np.linalg.norm(apart, axis=-1)
        a, b = np.unravel_index(length.argmax(), length.shape)
        if length[a, b] > best[0]:
            along = apart[a, b] / length[a, b]
            across = np.abs(apart @ [-along[1], along[0]])
            best = (length[a, b], across[np.abs(apart @ along) < 1.0].max())
    return (*best, part.sum() * np.prod(MM) / 1000)


def test_after_an_edit_the_extrameatal_part_is_the_edited_masks_on_the_page_and_in_the_row(case):
    workspace, study, prediction, reader = case
    grid = study.volumes[0]
    bits = (a_ball(10, 30) | a_ball(9, 14)).astype(np.uint8)  # Grown towards the brain.
    digest = workspace.drafts.put("R-01", study.id, "1", framed({"base": ""}, a_drawing(grid, prediction, bits)))
    row = reader.judges(study, prediction, 1, Action.MODIFY, draft=digest, porus_lps=LINE)
    said = recorded_extrameatal(row.details)
    longest, across, volume = by_numpy(read_label_map(workspace.root / row.artifact)[0] > 0)
    of_model = by_numpy(a_ball(10, 30))
    assert longest > of_model[0] + 3 and volume > 1.4 * of_model[2], "the edit is one that shows"
    assert said.longest_mm == pytest.approx(longest, abs=0.02)
    assert said.perpendicular_mm == pytest.approx(across, abs=2.1)
    assert said.volume_ml == pytest.approx(volume, abs=0.001)
    one = reveal(workspace, reader.session, study).newest
    finding = one.prediction.finding(1)
    shown = extrameatal_of(workspace, study, one, finding, LINE, row)
    assert shown.longest_mm == pytest.approx(said.longest_mm, abs=0.01)
    assert shown.volume_ml == pytest.approx(volume, abs=0.001), "the page's number is the recorded outline's"


def test_without_an_own_outline_it_is_the_models(case):
    workspace, study, prediction, reader = case
    row = reader.judges(study, prediction, 1, Action.MODIFY, porus_lps=LINE)
    one = reveal(workspace, reader.session, study).newest
    volume = by_numpy(a_ball(10, 30))[2]
    assert row.details["extrameatal_ml"] == pytest.approx(volume, abs=0.001)
    for verdict in (None, row):
        shown = extrameatal_of(workspace, study, one, one.prediction.finding(1), LINE, verdict)
        assert shown.volume_ml == pytest.approx(volume, abs=0.001)
    moved = ((24.0, -12.0, 0.0), (24.0, 12.0, 0.0))
    assert extrameatal_of(workspace, study, one, one.prediction.finding(1), moved).volume_ml < volume - 0.5
