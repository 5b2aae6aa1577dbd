"""The commands: JSON alone on standard output, also on failure; exit codes; keys as docs/commands.md has them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.ledger import COLUMNS
from tests.builders.eeg_files import an_edf
from tests.builders.mri_files import a_nifti, head_at
from tests.builders.mri_grids import a_label_file
from tests.builders.shared import shared_data

ROOT = Path(__file__).resolve().parents[2]


class Command:
    """`overread` on one workspace, run within this process."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def __call__(self, *words: object, code: int = 0) -> dict:
        """The JSON of a command that must end with that code."""
        ran = CliRunner().invoke(app, [str(w) for w in (*words, "--workspace", self.workspace, "--json")])
        assert ran.exit_code == code, (ran.stdout, ran.stderr, ran.exception)
        said = json.loads(ran.stdout)
        assert said["ok"] is (code == 0) and said["version"] and ran.stdout.count("\n") == 1
        return said

    def words(self, *words: object, code: int = 0):
        """The same for a person: (standard output, standard error)."""
        ran = CliRunner().invoke(app, [str(w) for w in (*words, "--workspace", self.workspace)])
        assert ran.exit_code == code, (ran.stdout, ran.stderr, ran.exception)
        return ran.stdout, ran.stderr


@pytest.fixture
def overread(tmp_path) -> Command:
    return Command(tmp_path / "workspace")


@pytest.fixture
def reviewed(overread, tmp_path):
    """An MR study with another tool's mask of two lesions: (command, study, finding ids)."""
    folder = tmp_path / "mr"
    a_nifti(folder, "flair.nii.gz", axes="LPS")
    affine = _affine(folder / "flair.nii.gz")
    labels = np.zeros((40, 48, 24), np.uint8)
    labels[10:16, 20:26, 10:14] = 2
    labels[12:14, 22:24, 11:13] = 3
    labels[26:30, 20:24, 10:13] = 2
    a_label_file(folder.parent / "labels.nii.gz", labels, affine)
    study = overread("add", folder)["added"][0]["study"]
    overread("add", "--study", study, "--prediction", folder.parent / "labels.nii.gz", "--model-name", "other tool",
             "--model-version", "2.1")  # fmt: skip
    return overread, study, [f["id"] for f in overread("findings", study)["findings"]]


def _affine(path: Path) -> np.ndarray:
    from dashboard.imaging import find_mr_studies

    return find_mr_studies([path], path.parent).studies[0].volumes[0].affine


def test_add_says_what_came_in_and_what_was_refused(overread, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    an_edf(folder / "night.edf")
    (folder / "notes.txt").write_text("hello")
    (folder / "empty.edf").write_bytes(b"")
    said = overread("add", folder)
    assert said["command"] == "add"
    (added,) = said["added"]
    assert {"study", "kind", "path", "new", "set_aside"} == set(added) and added["kind"] == "eeg" and added["new"]
    assert {r["path"]: r["code"] for r in said["refused"]} == {"empty.edf": "empty_file", "notes.txt": "not_recognised"}
    assert all(set(r) == {"path", "code", "what", "why", "what_to_do"} and r["what_to_do"] for r in said["refused"])
    assert overread("add", folder / "night.edf")["added"][0] == {**added, "new": False}
    only_bad = overread("add", folder / "notes.txt", code=1)
    assert only_bad["added"] == [] and len(only_bad["refused"]) == 1
    assert overread("ledger", "head")["rows"] == 1, "what is known makes no second row"


def test_wrong_usage_is_code_2_and_still_json(overread, tmp_path):
    said = overread("add", code=2)
    assert said["error"]["code"] == "usage" and set(said["error"]) == {"code", "what", "why", "what_to_do"}
    overread("add", tmp_path / "nowhere", code=2)
    overread("add", "--prediction", tmp_path / "x.nii.gz", code=2)
    overread("add", "--as", "t7=x", code=2)
    out, err = overread.words("add", code=2)
    assert out == "" and "[usage]" in err and "Traceback" not in err


def test_a_missing_workspace_or_study_is_code_1(overread, tmp_path):
    assert overread("cases", code=1)["error"]["code"] == "workspace_refused"
    an_edf(tmp_path / "x.edf")
    overread("add", tmp_path / "x.edf")
    for words in (("findings", "S-AAAAAAAAAA"), ("verdict", "S-AAAAAAAAAA", "-", "read", "--present", "no"),
                  ("export", "S-AAAAAAAAAA", "--format", "csv")):  # fmt: skip
        said = overread(*words, code=1)
        assert said["error"]["code"] == "study_not_found" and "S-AAAAAAAAAA" in said["error"]["what"]


def test_cases_and_findings_have_their_keys(reviewed):
    overread, study, ids = reviewed
    (case,) = overread("cases")["cases"]
    assert {"study", "kind", "state", "series_or_channels", "issues"} <= set(case)
    assert (case["study"], case["kind"], case["state"]) == (study, "mr", "to_review")
    findings = overread("findings", study)["findings"]
    assert {
        "id",
        "kind",
        "region",
        "volume_ml",
        "diameter_mm",
        "side",
        "onset_s",
        "duration_s",
        "score",
        "verdict",
    } <= set(findings[0])
    assert len(ids) == 2 and all(i[12] == "." and i.split(".")[1] == str(n) for n, i in enumerate(ids, start=1))
    assert findings[0]["volume_ml"] == pytest.approx(144 * 96 / 1000) and findings[0]["verdict"] == ""
    assert findings[0]["score"] is None, "a label map has no score"


def test_a_verdict_by_script_is_a_row_that_says_so(reviewed):
    overread, study, ids = reviewed
    row = overread("verdict", study, ids[0], "accept", "--reader", "R-07", "--comment", "=cmd", "--confidence", 4)[
        "row"
    ]
    assert set(row) == set(COLUMNS)
    assert (row["action"], row["identity"], row["exposure"], row["reader"]) == ("accept", "script", "UNKNOWN", "R-07")
    assert (row["finding"], row["model"], row["model_version"]) == ("1", "other tool", "2.1")
    assert overread("verdict", study, ids[1], "reject", code=1)["error"]["code"] == "verdict_rule"
    overread("verdict", study, ids[1], "reject", "--reason", "vessel", "--reader", "R-07")
    assert [f["verdict"] for f in overread("findings", study, "--reader", "R-07")["findings"]] == ["accept", "reject"]
    signed = overread("verdict", study, "-", "sign-off", "--reader", "R-07")["row"]
    assert (signed["action"], signed["scope"]) == ("sign_off", "ai_findings")
    assert overread("cases")["cases"][0]["state"] == "done"
    assert overread("verdict", study, ids[0], "unsure", "--reader", "R-07", code=1)["error"]["code"] == "verdict_rule"
    overread("verdict", study, "-", "read", "--present", "no", "--reader", "R-08")
    overread("verdict", study, "-", "add", "--reader", "R-08")
    overread("verdict", study, "-", "sign-off", "--scope", "whole_study", "--reader", "R-08", code=1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("-", "accept"), 2), (("abc", "sign-off"), 2), (("-", "read"), 2), (("nonsense", "accept"), 1),
        (("000000000000.1", "accept"), 1), (("-", "sign-off"), 1),
    ],
)  # fmt: skip
def test_a_verdict_that_names_nothing_is_refused(reviewed, words, code):
    overread, study, _ids = reviewed
    before = overread("ledger", "head")["rows"]
    overread("verdict", study, *words, code=code)
    assert overread("ledger", "head")["rows"] == before


def test_ledger_verify_head_show_and_export(reviewed, tmp_path):
    overread, study, ids = reviewed
    overread("verdict", study, ids[0], "accept", "--comment", "=HYPERLINK(1)")
    head = overread("ledger", "head")
    verified = overread("ledger", "verify", "--head", f"{head['head']['seq']} {head['head']['hash']}")
    assert verified["rows"] == head["rows"] == 4 and verified["head"] == head["head"] and verified["problems"] == []
    shown = overread("ledger", "show")
    assert [e["action"] for e in shown["entries"]] == ["intake", "predict", "present", "accept"]
    assert shown["entries"][3]["comment_text"] == "=HYPERLINK(1)" and shown["rows"] == 4
    assert len(overread("ledger", "show", "--last", 1, "--study", study)["entries"]) == 1
    file = tmp_path / "out.csv"
    assert overread("ledger", "export", "--to", file) == {
        "command": "ledger export", "version": head["version"], "ok": True, "files": [str(file)], "rows": 4,
    }  # fmt: skip
    rows = list(csv.reader(io.StringIO(file.read_text(), newline="")))
    assert rows[0] == [*COLUMNS, "comment_text"] and rows[4][-1] == "'=HYPERLINK(1)" and len(rows) == 5
    overread("ledger", "export", "--format", "jsonl", "--to", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [e["seq"] for e in lines] == [1, 2, 3, 4] and lines[3]["comment_text"] == "=HYPERLINK(1)"
    overread("ledger", "export", code=2)
    overread("ledger", "verify", "--head", "nonsense", code=2)
    out, _err = overread.words("ledger", "export")
    assert out.encode() == file.read_bytes().replace(b"\r\n", b"\n") or out.replace("\r\n", "\n") == file.read_text()


def test_verify_ends_with_1_where_something_is_wrong(reviewed):
    overread, _study, _ids = reviewed
    path = overread.workspace / "reviews" / "reviews.csv"
    path.write_bytes(path.read_bytes().replace(b'"other tool"', b'"their tool"', 1))
    said = overread("ledger", "verify", code=1)
    assert said["problems"] == [
        {"row": 2, "code": "edited", "file": "reviews.csv", "what": said["problems"][0]["what"]}
    ]
    assert set(said) >= {"rows", "head", "problems"}
    out, err = overread.words("ledger", "verify", code=1)
    assert out == "" and "row 2" in err
    assert overread("doctor", code=1)["checks"]


def test_a_ledger_is_rotated_and_checked_by_the_printed_verifier(reviewed, tmp_path):
    overread, study, ids = reviewed
    said = overread("ledger", "rotate")
    assert said["files"] == [f"reviews-{said['row']['seq'] - 1}.csv"] and said["row"]["action"] == "rotate"
    overread("verdict", study, ids[0], "accept")
    overread("ledger", "rotate")
    assert overread("ledger", "rotate", code=1)["error"]["code"] == "ledger_refused"
    assert overread("ledger", "verify")["problems"] == []
    text = CliRunner().invoke(app, ["ledger", "verifier"]).stdout
    (tmp_path / "verify.py").write_text(text, encoding="utf-8")
    folder = overread.workspace / "reviews"
    ran = subprocess.run([sys.executable, "-I", tmp_path / "verify.py", folder], capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout == overread.words("ledger", "verify")[0]


def test_a_verdict_is_withdrawn_by_its_reader_alone(reviewed, tmp_path):
    overread, study, ids = reviewed
    said = overread("verdict", study, ids[0], "accept", "--reader", "R-01")["row"]
    other = overread("ledger", "amend", said["event_id"], "--reader", "R-02", code=1)
    assert other["error"]["code"] == "verdict_rule"
    row = overread("ledger", "amend", said["event_id"], "--reader", "R-01")["row"]
    assert (row["action"], row["supersedes"], row["identity"]) == ("amend", said["event_id"], "script")
    (tmp_path / "x.tsr").write_bytes(b"none")
    assert overread("ledger", "anchor", tmp_path / "x.tsr", code=1)["error"]["code"] == "not_recognised"
    checked = overread("ledger", "verify", "--artifacts")
    assert checked["problems"] == [] and checked["artifacts"] == {"whole": 1, "erased": 0}
    for path in (overread.workspace / "predictions").rglob("prediction.json"):
        path.unlink()
    (problem,) = overread("ledger", "verify", "--artifacts", code=1)["problems"]
    assert problem["code"] == "result_missing"


def test_audit_leaves_scripted_verdicts_out_and_says_how_many(reviewed, tmp_path):
    overread, study, ids = reviewed
    overread("verdict", study, ids[0], "accept")
    measure = overread("audit")["measures"][0]
    assert {"name", "value", "low", "high", "n", "left_out", "unit", "method"} <= set(measure)
    assert measure["value"] is None and measure["left_out"] == {"bulk": 0, "scripted": 1}
    counted = overread("audit", "--include", "scripted")["measures"][0]
    assert counted["value"] == 1 and counted["n"] == {"findings": 1, "studies": 1, "patients": 1}
    overread("audit", "--html", tmp_path / "report.html")
    assert (
        study in (tmp_path / "report.html").read_text()
        or "acceptance" in (tmp_path / "report.html").read_text().lower()
    )


def test_export_writes_files_and_names_them(reviewed, tmp_path):
    overread, study, ids = reviewed
    overread("verdict", study, ids[0], "accept")
    files = overread("export", study, "--format", "nifti", "--to", tmp_path / "out")["files"]
    assert len(files) == 2 and all(Path(f).is_file() and study in Path(f).name for f in files)
    (table,) = overread("export", study, "--format", "csv", "--to", tmp_path / "out")["files"]
    assert len(list(csv.reader(Path(table).read_text().splitlines()))) == 5
    assert (
        overread("export", study, "--format", "events-tsv", "--to", tmp_path / "out", code=2)["error"]["code"]
        == "usage"
    )


def test_a_study_read_blind_is_refused_to_scripts_unless_an_operator_asks(reviewed, tmp_path):
    overread, study, _ids = reviewed
    (overread.workspace / "settings.toml").write_text("[review]\nblind_first = true\n")
    for words in (("findings", study), ("export", study, "--format", "nifti", "--to", tmp_path / "out")):
        assert overread(*words, "--reader", "R-01", code=1)["error"]["code"] == "blind_open"
        overread(*words, "--reader", "R-01", "--operator")
    assert overread("ledger", "show", "--reader", "R-01")["entries"] == []
    overread("verdict", study, "-", "read", "--present", "no", "--reader", "R-02")
    assert len(overread("findings", study, "--reader", "R-02")["findings"]) == 2
    assert len(overread("ledger", "show")["entries"]) > 3


def test_doctor_and_models_answer_without_a_workspace(overread):
    said = overread("doctor")
    assert {"name", "state", "what"} == set(said["checks"][0]) and not overread.workspace.exists()
    models = overread("models", "list")["models"]
    assert all({"id", "version", "title", "task", "enabled", "digest"} <= set(m) for m in models)
    assert {m["id"] for m in models} >= {"glioma-unet", "seizure-cnn-rnn"}


def test_doctor_shows_every_setting_in_force(reviewed):
    from dashboard.settings import SETTINGS

    checks = {c["name"]: c for c in reviewed[0]("doctor")["checks"]}
    assert all(f"setting {s.name}" in checks for s in SETTINGS) and checks["ledger"]["state"] == "ok"


def test_the_installed_command_keeps_standard_output_for_json(tmp_path):
    """In a process of its own, so that what libraries print while they are imported is seen too."""
    a_nifti(tmp_path / "mr", "t1.nii.gz", values=head_at(np.diag([4.0, 4.0, 6.0, 1.0]), (40, 48, 24)))
    command = [
        sys.executable,
        "-m",
        "dashboard.cli",
        "add",
        str(tmp_path / "mr"),
        "--workspace",
        str(tmp_path / "w"),
        "--json",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0 and json.loads(ran.stdout)["ok"], ran.stderr
    ran = subprocess.run([*command[:3], "cases", "--jsn", "--json"], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 2 and json.loads(ran.stdout)["command"] == "cases" and "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("cases", "--no-such-option"), ("verdict", "S-AAAAAAAAAA", "1", "agree"), ("verdict", "S-AAAAAAAAAA"),
        ("nonsense",), ("ledger", "nonsense"), ("verdict", "S-AAAAAAAAAA", "1", "accept", "--confidence", "9"),
        ("findings",), ("run", "--jobs", "many"),
    ],
)  # fmt: skip
def test_words_that_are_no_command_line_are_told_in_json(overread, words):
    said = overread(*words, code=2)
    assert said["error"]["code"] == "usage" and said["error"]["why"]
    assert "nonsense" in words or said["command"].split()[0] == words[0]


def test_a_folder_that_cannot_be_made_is_told_in_json(tmp_path):
    (tmp_path / "file").write_text("")
    said = Command(tmp_path / "file" / "w")("add", tmp_path / "file", code=1)
    assert said["error"]["code"] == "workspace_refused"


@pytest.mark.shared
def test_a_glioma_case_with_six_models_masks_is_reviewed_to_the_end(overread, tmp_path):
    case = shared_data("mri", "glioma", "brats20_001")
    (added,) = overread("add", case)["added"]
    assert added["kind"] == "mr" and len(added["set_aside"]) == 7, "masks beside sequences wait to be named"
    study = added["study"]
    assert overread("findings", study)["findings"] == []
    masks = sorted(case.glob("seg_ai_*.nii.gz"))
    for mask in masks:
        name = mask.name.removeprefix("seg_ai_").removesuffix(".nii.gz")
        overread("add", "--study", study, "--prediction", mask, "--model-name", name, "--model-version", "1")
    findings = overread("findings", study)["findings"]
    assert len({f["model"] for f in findings}) == len(masks) == 6
    assert len({f["id"] for f in findings}) == len(findings) >= 6
    for finding in findings:
        overread("verdict", study, finding["id"], "accept", "--reader", "R-01")
    overread("verdict", study, "-", "sign-off", "--reader", "R-01")
    verified = overread("ledger", "verify")
    assert verified["problems"] == [] and verified["rows"] == 1 + 6 + 6 + len(findings) + 1
    assert overread("audit", "--include", "scripted")["measures"][0]["value"] == 1


def test_sequence_lists_the_series_and_assigns_one(overread, tmp_path):
    for name, gain in (("t1", 1.0), ("scan_7", 2.0)):
        a_nifti(tmp_path / "mr", f"{name}.nii.gz", shape=(12, 14, 8), spacing=(9.0, 9.0, 12.0), gain=gain)
    study = overread("add", tmp_path / "mr")["added"][0]["study"]
    listed = overread("sequence", study)
    assert listed["row"] is None
    assert {s["description"]: (s["sequence"], s["confidence"]) for s in listed["series"]} == {
        "t1": ("t1", 0.9), "scan_7": ("other", 0.0),
    }  # fmt: skip
    said = overread("sequence", study, "scan_7", "T1C", "--reader", "R-7", "--role", "radiologist")
    assert (said["row"]["action"], said["row"]["reader"], said["row"]["details"]["sequence"]) == (
        "intake",
        "R-7",
        "t1c",
    )
    assert [(s["sequence"], s["recognised"]) for s in said["series"] if s["description"] == "scan_7"] == [
        ("t1c", "other")
    ]
    assert overread("sequence", study, "scan_7", "t1c")["row"] is None
    assert overread("sequence", study, "scan_7", "t9", code=2)["error"]["code"] == "usage"
    assert overread("sequence", study, "nothing", "t1", code=2)["error"]["code"] == "usage"
    assert overread("sequence", study, "scan_7", "t2", "--role", "auditor", code=1)["error"]["code"] == "role_refused"
    out, _ = overread.words("sequence", study)
    assert "t1c" in out and "other" in out
