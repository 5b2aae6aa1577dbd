"""Every command, run for true with `--json`: what it prints is what docs/schemas says, also where it fails."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from typer.main import get_command
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.cli.answers import ANSWERS, answer_schema
from dashboard.demo import EegPlan
from dashboard.workspace import Workspace
from tests.browser.site import a_demonstration
from tests.builders.eeg_files import an_edf
from tests.builders.manifests import a_detector_manifest, a_segmentation_manifest
from tests.builders.mri_files import a_nifti
from tests.builders.mri_grids import a_label_file
from tests.builders.onnx_models import a_detector_network, a_model_folder, a_segmentation_network
from tests.builders.stamps import an_authority

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def schema_of(command):
    return json.loads((SCHEMAS / f"{command.replace(' ', '-')}.json").read_text(encoding="utf-8"))


def commands_with_json(group=None, before=()):
    """The words of every command that takes --json and is not hidden."""
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands_with_json(command, (*before, name))
        elif not command.hidden and any("--json" in p.opts for p in command.params):
            yield " ".join((*before, name))


class Place:
    """One workspace, and the answers of `overread` on it."""

    def __init__(self, workspace: Path, study: str, eeg: str) -> None:
        self.workspace, self.study, self.eeg = workspace, study, eeg

    def __call__(self, command, *words, code=0, where=None):
        here = [] if command == "bench" else ["--workspace", where or self.workspace]
        ran = CliRunner().invoke(app, [str(w) for w in (*command.split(), *words, *here, "--json")])
        assert ran.exit_code == code, (command, ran.stdout, ran.stderr, ran.exception)
        said = json.loads(ran.stdout)
        assert said["ok"] is (code == 0) and said["command"] == command
        flaws = [
            f"{error.json_path}: {error.message}"
            for error in Draft202012Validator(schema_of(command)).iter_errors(said)
        ]
        assert flaws == [], command
        return said


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The demonstration of the browser tests: three MR studies, one recording; models that run at once beside it."""
    folder = tmp_path_factory.mktemp("answers")
    site = a_demonstration(folder / "workspace")
    a_model_folder(folder / "models" / "tiny-unet", a_segmentation_manifest(), a_segmentation_network())
    a_model_folder(folder / "models" / "tiny-detector", a_detector_manifest(), a_detector_network())
    before = os.environ.get("OVERREAD_MODELS_FOLDERS")
    os.environ["OVERREAD_MODELS_FOLDERS"] = str(folder / "models")
    yield Place(site.root, site.left, site.eeg)
    if before is None:
        del os.environ["OVERREAD_MODELS_FOLDERS"]
    else:
        os.environ["OVERREAD_MODELS_FOLDERS"] = before


@pytest.mark.parametrize("command", sorted(ANSWERS))
def test_the_schema_in_the_documentation_is_the_commands(command):
    """Write it anew with OVERREAD_WRITE_SCHEMAS=1, and look at what changed: somebody may rely on it."""
    written = json.dumps(answer_schema(command), indent=1) + "\n"
    path = SCHEMAS / f"{command.replace(' ', '-')}.json"
    if os.environ.get("OVERREAD_WRITE_SCHEMAS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written
    Draft202012Validator.check_schema(json.loads(written))


def test_no_command_is_without_a_schema_and_no_schema_without_a_command():
    assert set(commands_with_json()) - {"serve"} == set(ANSWERS)  # `serve` ends only when it is stopped.
    assert {path.stem.replace("-", " ", 1) for path in SCHEMAS.glob("*.json")} == set(ANSWERS)


def test_a_schema_refuses_what_is_not_its_own(place):
    said = place("cases")
    check = Draft202012Validator(schema_of("cases")).is_valid
    assert check(said) and not check({**said, "more": 1}) and not check({**said, "cases": [{"study": "S"}]})
    assert not check({k: v for k, v in said.items() if k != "version"}) and not check({**said, "command": "run"})


def test_studies_from_intake_to_export(place, tmp_path):
    (tmp_path / "in").mkdir()
    an_edf(tmp_path / "in" / "night.edf")
    (tmp_path / "in" / "notes.txt").write_text("hello")
    added = place("add", tmp_path / "in", "--as-demonstration")
    assert added["added"] and added["refused"]
    assert place("cases")["cases"]
    assert place("sequence", place.study)["series"]
    assert place("register", place.study) == {**place("register", place.study), "steps": [], "row": None}
    (mask,) = place("strip", place.study)["steps"]
    assert mask["state"] == "proposed" and not mask["picture"].startswith("/")
    assert place("strip", place.study, "--discard", mask["digest"][:8])["steps"][0]["state"] == "discarded"
    findings = place("findings", place.study)["findings"]
    assert findings and place("findings", place.eeg)["findings"]
    assert place("verdict", place.study, findings[0]["id"], "accept", "--reader", "R-01", "--comment", "=x")["row"]
    assert place("assign", place.study, "--reader", "R-01")["row"]["details"] == {"assignee": "R-01"}
    assert place("export", place.study, "--format", "csv", "--to", tmp_path / "out")["files"]
    assert place("audit", "--include", "scripted")["measures"]
    assert place("lookup", place.study)["study"] == place.study
    assert place("invite", "--reader", "R-02")["address"]


def test_a_result_of_another_tool(place, tmp_path):
    mask = np.zeros((96, 112, 48), np.uint8)
    mask[40:50, 50:60, 20:25] = 2
    affine = Workspace.open(place.workspace).study(place.study).volumes[0].affine
    a_label_file(tmp_path / "mask.nii.gz", mask, affine)
    said = place("add", "--study", place.study, "--prediction", tmp_path / "mask.nii.gz", "--model-name", "other tool",
                 "--model-version", "2")  # fmt: skip
    assert said["added"][0]["kind"] == "prediction"


def test_models_run_and_are_checked(place, tmp_path):
    assert {"tiny-unet", "tiny-detector"} <= {m["id"] for m in place("models list")["models"]}
    assert place("models show", "tiny-unet")["models"][0]["manifest"]["id"] == "tiny-unet"
    checked = place("models check", "glioma-unet")["models"][0]
    assert all(check["ok"] for check in checked["checks"])
    made = place("run", place.study, "--model", "tiny-unet")["predictions"]
    assert [one["model"] for one in made] == ["tiny-unet"]
    assert place("run", place.study, "--model", "tiny-detector", code=1)["failed"]
    bad = a_model_folder(tmp_path / "bad", a_segmentation_manifest(colour="red"), a_segmentation_network())
    assert "colour" in place("models check", bad, code=1)["models"][0]["checks"][0]["what"]


def test_models_are_evaluated_on_cases_and_on_recordings(place, tmp_path):
    case = tmp_path / "cases" / "one"
    for name in ("t1c", "flair"):
        a_nifti(case, f"{name}.nii.gz", axes="LPS")
    labels = np.zeros((40, 48, 24), np.uint8)
    labels[10:16, 20:26, 10:14] = 2
    from dashboard.imaging import find_mr_studies

    affine = find_mr_studies([case / "flair.nii.gz"], case).studies[0].volumes[0].affine
    a_label_file(case / "seg.nii.gz", labels, affine)
    (tmp_path / "cases" / "broken").mkdir()
    (tmp_path / "cases" / "broken" / "seg.nii.gz").write_bytes(b"no")
    said = place("models evaluate", "tiny-unet", tmp_path / "cases")
    assert said["cases"] and said["failed"] and "recordings" not in said
    (tmp_path / "recordings").mkdir()
    an_edf(tmp_path / "recordings" / "night.edf")
    (tmp_path / "recordings" / "empty.edf").write_bytes(b"")
    said = place("models evaluate", "tiny-detector", tmp_path / "recordings")
    assert said["recordings"] and said["failed"] and "cases" not in said


def test_the_ledger(place, tmp_path):
    copy = tmp_path / "workspace"
    shutil.copytree(place.workspace, copy)
    here = Place(copy, place.study, place.eeg)
    assert here("ledger verify", "--artifacts")["artifacts"]["whole"] and "artifacts" not in here("ledger verify")
    head = here("ledger head")["head"]
    row = here("verdict", here.study, "-", "sign-off", "--scope", "whole_study", "--reason", "other", "--reader", "R-09",
               code=1)  # fmt: skip
    assert row["error"]["code"]
    row = here("verdict", here.study, "-", "add", "--reader", "R-09")["row"]
    assert here("ledger amend", row["event_id"], "--reader", "R-09")["row"]["supersedes"] == row["event_id"]
    assert here("ledger show", "--last", 3)["entries"][-1]["comment_text"] == ""
    for format_, key in (("csv", ""), ("jsonl", ""), ("dses", "sequences"), ("fhir", "resources")):
        said = here("ledger export", "--format", format_, "--to", tmp_path / f"rows.{format_}")
        assert not key or key in said
    head = here("ledger head")["head"]
    stamp = an_authority(tmp_path)(f"{head['seq']} {head['hash']}".encode())
    (tmp_path / "head.tsr").write_bytes(stamp)
    assert here("ledger anchor", tmp_path / "head.tsr")["row"]["details"]["seq"] == head["seq"]
    assert here("ledger rotate")["files"]
    said = here("erase", here.eeg, "--basis", "request", "--requester", "office", "--approver", "lead")
    assert said["erased"][0]["study"] == here.eeg
    assert here("erase", "--older-than", 0)["due"]
    path = copy / "reviews" / "reviews.csv"
    path.write_bytes(path.read_bytes().replace(b'"erase"', b'"erasE"', 1))
    assert here("ledger verify", code=1)["problems"]


def test_demo_doctor_and_bench(place, tmp_path, monkeypatch):
    from functools import partial

    from dashboard import demo

    plans = (EegPlan("answers", seed=3, duration_s=60),)
    monkeypatch.setattr(demo, "build_demo", partial(demo.build_demo, plans=plans))
    said = place("demo", "--build-only", where=tmp_path / "demo")
    assert len(said["studies"]) == 1
    assert any(check["name"].startswith("setting ") for check in place("doctor")["checks"])
    assert place("bench", "sampling", "--rounds", 1)["figures"]


FAILING = {
    "register": ["S-AAAAAAAAAA"], "strip": ["S-AAAAAAAAAA"],
    "add": ["nowhere"], "sequence": ["S-AAAAAAAAAA"], "run": ["S-AAAAAAAAAA"], "cases": ["--order", "none"],
    "findings": ["S-AAAAAAAAAA"], "verdict": ["S-AAAAAAAAAA", "-", "read", "--present", "no"],
    "assign": ["S-AAAAAAAAAA", "--reader", "R-01"], "export": ["S-AAAAAAAAAA", "--format", "csv"],
    "lookup": ["S-AAAAAAAAAA"], "erase": ["S-AAAAAAAAAA"], "ledger amend": ["x", "--reader", "R-01"],
    "ledger export": ["--format", "none"], "ledger verify": ["--head", "x"], "models show": ["nobody"],
    "models check": ["nobody"], "models evaluate": ["nobody", "."], "bench": ["nothing"], "ledger anchor": ["nowhere"],
    "demo": ["--port", "x"], "invite": ["--reader", "R-01", "--role", "none"], "audit": ["--kind", "none"],
    "ledger head": ["--nothing"], "ledger rotate": ["--nothing"], "ledger show": ["--last", "x"],
    "models list": ["--nothing"], "doctor": ["--nothing"],
}  # fmt: skip


@pytest.mark.parametrize("command", sorted(ANSWERS))
def test_each_fails_in_the_words_of_its_schema(place, command):
    here = [] if command == "bench" else ["--workspace", str(place.workspace)]
    ran = CliRunner().invoke(app, [*command.split(), *FAILING[command], *here, "--json"])
    said = json.loads(ran.stdout)
    assert ran.exit_code in (1, 2) and said["ok"] is False and (said.get("error") or said.get("failed"))
    assert [error.message for error in Draft202012Validator(schema_of(command)).iter_errors(said)] == []
