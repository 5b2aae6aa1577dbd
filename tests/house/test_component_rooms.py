"""The viewers' modules: rooms of a size that one person reads in an hour, whose imports go down only."""

from __future__ import annotations

import re

import pytest

from dashboard.components.assets import ASSETS_FOLDER

_FLOORS = {
    "shared": 0,
    "mri_picture": 1,
    "mri_measures": 2,
    "mri_layers": 2,
    "mri_priors": 2,
    "mri_editor": 2,
    "mri_viewer": 3,
    "eeg_paper": 1,
    "eeg_overview": 2,
    "eeg_tools": 2,
    "eeg_viewer": 3,
}
"""Rooms on one floor are strangers."""
_MOST_LINES = 2500
_IMPORT = re.compile(r"^(?:import|export)\b[^;]*?from \"\.\./([a-z_]+)/", re.MULTILINE)


@pytest.mark.parametrize("room", _FLOORS)
def test_a_room_of_the_viewers_is_small(room):
    lines = sum(path.read_text("utf-8").count("\n") for path in (ASSETS_FOLDER / room).glob("*.js"))
    assert 0 < lines <= _MOST_LINES


@pytest.mark.parametrize("room", _FLOORS)
def test_imports_of_the_viewers_go_down(room):
    for path in (ASSETS_FOLDER / room).glob("*.js"):
        for other in _IMPORT.findall(path.read_text("utf-8")):
            assert _FLOORS[other] < _FLOORS[room], f"{room}/{path.name} imports {other}"


def test_the_expression_sees_imports_over_several_lines():
    assert _IMPORT.findall('import {\n  a, b,\n} from "../mri_layers/heat.js";\nimport { c } from "./d.js";') == [
        "mri_layers"
    ]
