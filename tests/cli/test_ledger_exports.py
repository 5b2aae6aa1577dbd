"""`overread ledger export --format dses|fhir`: files, counts, and what is left out, as a command says it."""

from __future__ import annotations

import json

from fhir.resources.R4B.bundle import Bundle

from tests.builders.cases import a_reader
from tests.builders.eeg_files import an_edf
from tests.builders.readings import a_case, reviews
from tests.cli.test_commands import Command
from tests.standards.dses_rules import problems


def test_dses_and_fhir_are_written_and_counted(tmp_path):
    overread = Command(tmp_path / "workspace")
    an_edf(tmp_path / "night.edf")
    study = overread("add", tmp_path / "night.edf")["added"][0]["study"]
    overread("verdict", study, "-", "sign-off", "--scope", "whole_study", "--reason", "other", "--reader", "R-07")
    file = tmp_path / "sequences.json"
    said = overread("ledger", "export", "--format", "dses", "--to", file)
    assert said["files"] == [str(file)] and said["rows"] == 2
    assert (said["sequences"], said["left_out"], said["left_out_because"]) == (0, 1, {"exposure_unknown": 1})
    assert json.loads(file.read_text())["left_out"] == 1
    out, err = overread.words("ledger", "export", "--format", "dses")
    assert json.loads(out)["sequences"] == [] and "left out 1: exposure unknown 1" in err
    said = overread("ledger", "export", "--format", "fhir", "--to", tmp_path / "bundle.json")
    bundle = Bundle.model_validate_json((tmp_path / "bundle.json").read_bytes())
    assert said["resources"] == len(bundle.entry) == 3
    assert overread("ledger", "export", "--format", "dses", code=2)["error"]["code"] == "usage"
    assert overread("ledger", "export", "--format", "xlsx", "--to", file, code=2)["error"]["code"] == "usage"


def test_a_readers_sequence_comes_out_of_the_command(tmp_path):
    workspace, study, prediction = a_case(tmp_path)
    reviews(a_reader(workspace), study, prediction, blind=False)
    out, err = Command(workspace.root).words("ledger", "export", "--format", "dses")
    (sequence,) = json.loads(out)["sequences"]
    assert problems(sequence) == [] and sequence["study"] == study.id and err == ""
