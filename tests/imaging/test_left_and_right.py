"""The marker lies on the right side in the volume, whatever the patient's position, the plane and the form of the files."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.domain import axis_letters
from dashboard.imaging import find_mr_studies
from tests.builders.phantoms import FORMS, PLANES, POSITIONS, a_phantom_series, brightest_place

_LYING_ON_A_SIDE = {"sagittal": "coronal", "coronal": "sagittal"}
"""The scanner's planes in the patient's words, where the patient lies on a side."""
LEFT, RIGHT = (22.0, -17.0, 11.0), (-22.0, -17.0, 11.0)


def volume_of(folder):
    intake = find_mr_studies(sorted(folder.iterdir()), folder)
    assert intake.refused == ()
    ((volume,),) = [study.volumes for study in intake.studies]
    return volume


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("position", POSITIONS)
def test_marker_lies_where_it_was_put(tmp_path, position, plane, form):
    for side, marker in (("left", LEFT), ("right", RIGHT)):
        phantom = a_phantom_series(
            tmp_path / side, position=position, plane=plane, form=form, marker_lps=marker, shape=(40, 48, 22)
        )
        volume = volume_of(tmp_path / side)
        place = brightest_place(volume.array, volume.affine)
        assert phantom.side == side
        assert (place[0] > 0) == (side == "left")
        assert np.allclose(place, marker, atol=2)
        assert np.allclose(volume.affine, phantom.affine, atol=1e-4)
        assert np.array_equal(volume.array, phantom.array)
        if plane != "oblique":
            assert volume.plane == (_LYING_ON_A_SIDE.get(plane, plane) if position[2] == "D" else plane)


@pytest.mark.parametrize(
    ("position", "letters"), [("HFS", ("R", "L")), ("HFP", ("L", "R")), ("FFS", ("L", "R")), ("FFP", ("R", "L"))]
)
def test_rows_run_the_other_way_when_the_patient_is_turned_round(tmp_path, position, letters):
    a_phantom_series(tmp_path, position=position)
    assert axis_letters(volume_of(tmp_path).affine, 0) == letters
