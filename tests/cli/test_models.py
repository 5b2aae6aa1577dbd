"""`overread models check`: by model, by folder, and those that no list shows."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
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


def test_doctor_names_each_folder_whose_model_is_not_used_and_why(tmp_path, monkeypatch):
    site = tmp_path / "site"
    a_model_folder(site / "good", a_segmentation_manifest(), a_segmentation_network())
    a_model_folder(site / "twin", a_segmentation_manifest(), a_segmentation_network())
    a_model_folder(site / "painted", a_segmentation_manifest(id="painted", colour="red"), a_segmentation_network())
    (site / "torn").mkdir()
    (site / "torn" / "manifest.json").write_text('{"schema": 1,')
    monkeypatch.setenv("OVERREAD_MODELS_FOLDERS", f"{site}:{tmp_path / 'gone'}")
    workspace = tmp_path / "workspace"
    Workspace.open(workspace, WorkspaceKind.CLINICAL)
    ran = CliRunner().invoke(app, ["doctor", "--workspace", str(workspace), "--json"])
    said = json.loads(ran.stdout)
    told = {c["name"]: c["what"] for c in said["checks"] if c["state"] == "bad"}
    assert ran.exit_code == 1 and said["ok"] is False
    assert set(told) == {f"model folder {name}" for name in ("twin", "painted", "torn", "gone")}
    assert "colour" in told["model folder painted"] and "JSON" in told["model folder torn"]
    assert "tiny-unet comes before it" in told["model folder twin"] and told["model folder gone"] == "is not there"
    assert str(tmp_path) not in ran.stdout.replace(str(site), "").replace(str(tmp_path / "gone"), ""), (
        "no path but the setting's"
    )
    assert {"model tiny-unet", "model glioma-unet"} <= {c["name"] for c in said["checks"] if c["state"] == "ok"}
    words = CliRunner().invoke(app, ["doctor", "--workspace", str(workspace)])
    assert words.exit_code == 1 and "model folder painted" in words.stdout and "colour" in words.stdout
