"""Manifests are read whole or refused, and their schema stands in the documentation."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from dashboard.errors import BadManifest
from dashboard.models import manifest_schema, read_manifest
from tests.builders.manifests import a_detector_manifest, a_segmentation_manifest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _read(folder: Path, given: object):
    (folder / "manifest.json").write_text(json.dumps(given), encoding="utf-8")
    return read_manifest(folder)


def test_a_segmentation_manifest_is_read(tmp_path):
    manifest = _read(tmp_path, a_segmentation_manifest())
    assert [entry.name for entry in manifest.input.sequences] == ["t1c", "flair"]
    assert manifest.input.spacing_mm == (1.0, 1.0, 1.0)
    assert manifest.output.regions[0].labels == (1, 2, 3)
    assert manifest.output.regions[1].labels == (3,)
    assert manifest.events is None


def test_an_events_manifest_is_read(tmp_path):
    manifest = _read(tmp_path, a_detector_manifest())
    assert (manifest.events.on, manifest.events.off) == (0.6, 0.4)
    assert manifest.input.channels == "any"
    assert manifest.guard[0].code == "too_few_channels"


def test_a_manifest_goes_there_and_back(tmp_path):
    for given in (a_segmentation_manifest(), a_detector_manifest()):
        once = _read(tmp_path, given)
        assert _read(tmp_path, once.model_dump(mode="json")) == once


SEGMENTATION_FLAWS = {
    "an unknown field": (("colour",), "red"),
    "an unknown field of the input": (("input", "spacing"), 1),
    "a missing modality": (("input", "modality"), None),
    "a signal's field": (("input", "rate_hz"), 100),
    "a number as text": (("input", "pad_multiple"), "16"),
    "no licence": (("licence",), ""),
    "not for nobody": (("not_for",), []),
    "no limits": (("limits",), []),
    "a path as file": (("file",), "../model.onnx"),
    "an absolute file": (("file",), "/etc/passwd"),
    "a short digest": (("sha256",), "00"),
    "an unknown schema": (("schema",), 2),
    "events of a segmentation": (("events",), {"on": 0.5, "off": 0.4, "min_duration_s": 0, "merge_gap_s": 0}),
    "an axis twice": (("input", "orientation"), "LRS"),
    "a spacing of zero": (("input", "spacing_mm"), [1, 1, 0]),
    "a tile that does not fit": (("input", "tile"), 6),
    "a region twice": (("output", "regions", 1, "name"), "whole_tumour"),
    "a hierarchy of nothing": (("output", "hierarchy"), ["core"]),
    "a need that is not read": (("output", "regions", 1, "needs"), ["t2"]),
    "alternatives of nothing": (("output", "regions", 1, "needs"), [[]]),
    "a grid that is not read": (("input", "grid_of"), ["t2"]),
    "stripped without a guard": (("input", "skull_stripped"), "required"),
    "a threshold of one": (("output", "regions", 0, "threshold"), 1.0),
    "a guard of signals": (
        ("guard",),
        [{"code": "too_few_channels", "measure": "usable_channels", "limit": 1}],
    ),
}
EVENTS_FLAWS = {
    "no events": (("events",), None),
    "off above on": (("events", "off"), 0.7),
    "a low-pass above half the rate": (("input", "lowpass"), 25.0),
    "a window of no whole samples": (("input", "window_s"), 4.013),
    "an aggregation without rows": (("output", "channel_tensor"), None),
    "a montage that is not known": (("input", "montage"), "transverse"),
    "a guard of volumes": (("guard", 0, "measure"), "air_around_brain"),
    "an uncertainty that is not made": (("output", "uncertainty"), "ensemble"),
}


def _with(given: dict, place: tuple, value: object) -> dict:
    changed = copy.deepcopy(given)
    if place == ("output", "channel_tensor"):
        changed["events"]["channel_aggregation"] = "max"
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("flaw", SEGMENTATION_FLAWS)
def test_a_flawed_segmentation_manifest_is_refused(tmp_path, flaw):
    with pytest.raises(BadManifest) as caught:
        _read(tmp_path, _with(a_segmentation_manifest(), *SEGMENTATION_FLAWS[flaw]))
    assert tmp_path.name in caught.value.what and caught.value.why and caught.value.what_to_do
    assert str(tmp_path.parent) not in str(caught.value)


@pytest.mark.parametrize("flaw", EVENTS_FLAWS)
def test_a_flawed_events_manifest_is_refused(tmp_path, flaw):
    with pytest.raises(BadManifest):
        _read(tmp_path, _with(a_detector_manifest(), *EVENTS_FLAWS[flaw]))


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '{"schema": 1, "schema": 1}', '{"schema": NaN}', "\ufeff{}"])
def test_what_is_no_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadManifest):
        read_manifest(tmp_path)


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(BadManifest, match="not there"):
        read_manifest(tmp_path)


def test_the_flaw_is_named_by_field(tmp_path):
    with pytest.raises(BadManifest, match=r"input\.MR\.pad_multiple"):
        _read(tmp_path, _with(a_segmentation_manifest(), ("input", "pad_multiple"), 0))


def test_the_documented_schema_is_current():
    """Written by `python -m json.tool` from `dashboard.models.manifest_schema()`; docs/models.md has the line."""
    written = json.loads((DOCS / "manifest.schema.json").read_text(encoding="utf-8"))
    assert written == manifest_schema()
