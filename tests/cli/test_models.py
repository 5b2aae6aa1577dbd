"""`overread models check`: by model, by folder, and those that no list shows."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from dashboard.cli import app
from tests.builders.manifests import a_segmentation_manifest
from tests.builders.onnx_models import a_model_folder, a_segmentation_network, an_installed_model


def _check(tmp_path, *words):
    found = CliRunner().invoke(app, ["models", "check", *words, "--workspace", str(tmp_path / "none"), "--json"])
    return found.exit_code, json.loads(found.stdout)


def test_a_folder_is_checked_before_it_is_installed(tmp_path):
    code, given = _check(tmp_path, str(an_installed_model(tmp_path / "mine").folder))
    assert code == 0 and given["ok"] is True
    assert given["models"][0]["id"] == "tiny-unet"
    assert {"manifest", "network", "trial"} <= {check["name"] for check in given["models"][0]["checks"]}


def test_a_refused_manifest_is_told_field_by_field(tmp_path):
    folder = a_model_folder(tmp_path / "bad", a_segmentation_manifest(colour="red"), a_segmentation_network())
    code, given = _check(tmp_path, str(folder))
    assert code == 1 and given["ok"] is False
    assert "colour" in given["models"][0]["checks"][0]["what"]


def test_without_a_name_every_folder_is_checked_a_refused_one_too(tmp_path, monkeypatch):
    a_model_folder(tmp_path / "site" / "bad", a_segmentation_manifest(id="BAD"), a_segmentation_network())
    from dashboard import casework

    monkeypatch.setattr(casework, "model_places", lambda workspace: (tmp_path / "site",))
    code, given = _check(tmp_path)
    assert code == 1 and [model["id"] for model in given["models"]] == ["bad"]


def test_an_unknown_name_is_refused(tmp_path):
    code, given = _check(tmp_path, "nobody")
    assert code == 1 and given["error"]["code"] == "model_not_found"
