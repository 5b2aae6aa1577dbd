"""`overread lookup` and `overread erase`: who may, what they print, and what they leave."""

from __future__ import annotations

import json

from tests.builders.mri_files import a_dicom_series
from tests.cli.test_commands import Command

WHY = ("--basis", "GDPR article 17", "--requester", "DPO-17", "--approver", "R-09")


def taken_in(tmp_path) -> tuple[Command, str]:
    """A workspace with one DICOM study of patient 4711."""
    overread = Command(tmp_path / "workspace")
    a_dicom_series(tmp_path / "in", elements={"PatientID": "4711", "AccessionNumber": "A-99"})
    return overread, overread("add", tmp_path / "in")["added"][0]["study"]


def test_lookup_prints_the_way_back_and_writes_its_row(tmp_path):
    overread, study = taken_in(tmp_path)
    said = overread("lookup", study)
    assert (said["accession"], said["patient_id"], said["study"]) == ("A-99", "4711", study)
    assert "4711" in overread.words("lookup", study)[0]
    assert overread("lookup", study, "--role", "radiologist", code=1)["error"]["code"] == "role_refused"
    rows = overread("ledger", "show", "--study", study)["entries"]
    assert [row["action"] for row in rows] == ["intake", "lookup", "lookup"]
    assert "4711" not in json.dumps(rows) and "A-99" not in json.dumps(rows)
    elsewhere = [p for p in overread.workspace.rglob("*") if p.is_file() and b"4711" in p.read_bytes()]
    assert [p.parent.name for p in elsewhere] == ["identities"]


def test_erase_says_what_went_and_commands_say_erased(tmp_path):
    overread, study = taken_in(tmp_path)
    assert overread("erase", study, code=2)["error"]["code"] == "usage"
    assert overread("erase", *WHY, code=2)["error"]["code"] == "usage"
    assert overread("cases")["cases"]
    (erased,) = overread("erase", study, *WHY)["erased"]
    assert {"data", "identity", "subject key"} <= set(erased["removed"]) and not erased["again"]
    assert overread("erase", study, *WHY)["erased"][0] == {**erased, "removed": [], "again": True}
    assert overread("cases")["cases"] == []
    for words in (("lookup", study), ("findings", study), ("export", study, "--format", "csv")):
        error = overread(*words, code=1)["error"]
        assert error["code"] == "study_erased" and "erased" in error["what"], words
    assert overread("ledger", "verify")["problems"] == []


def test_retention_lists_first(tmp_path):
    overread, study = taken_in(tmp_path)
    assert overread("erase", "--older-than", "30")["due"] == []
    assert overread("erase", "--older-than", "0") | {"version": ""} == {
        "command": "erase", "version": "", "ok": True, "erased": [], "due": [study]
    }  # fmt: skip
    assert overread("erase", "--older-than", "0", "--yes", code=2)["error"]["code"] == "usage"
    assert overread("cases")["cases"]
    assert overread("erase", "--older-than", "0", "--yes", *WHY)["erased"][0]["study"] == study
    assert overread("cases")["cases"] == []
