"""docs/exports.md says what the code does: mappings, reasons, caution, and a check that runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from dashboard.casework import LEDGER_FORMATS, ledger_export
from dashboard.casework.dses import CAUTION, EVENTS, NOT_ENFORCED
from dashboard.casework.provenance import ACTIVITIES, AUDIT_ACTIONS
from dashboard.casework.sequence_events import GENESIS
from dashboard.casework.sequences import LEFT_OUT
from tests.builders.cases import a_reader, a_script
from tests.builders.readings import a_case, reviews

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = re.split(r"\n##+ ", TEXT.split(f"# {heading}\n")[1])[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def words(cell: str) -> list[str]:
    """What stands in code marks."""
    return re.findall(r"`(\w+)`", cell)


def test_the_formats_and_the_event_types_are_those_of_the_code():
    assert [words(row[0])[0] for row in table("Taking the ledger away")] == list(LEDGER_FORMATS)
    documented = {
        action: tuple(words(types)) for actions, types in table("What becomes what") for action in words(actions)
    }
    assert documented == {str(action): types for action, types in EVENTS.items()}


def test_reasons_caution_and_genesis_are_those_of_the_code():
    assert {words(name)[0]: why for name, why in table("What is left out")} == LEFT_OUT
    claims = TEXT.split("### What is claimed")[1].split("### ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", claims, re.M)) == NOT_ENFORCED
    assert f"> {CAUTION}\n" in TEXT and f"`{GENESIS}`" in TEXT


def test_the_fhir_codes_are_those_of_the_code():
    documented = {
        action: (words(code)[0], words(activity)[:1])
        for actions, code, activity in table("FHIR (`fhir`)")
        for action in words(actions)
    }
    assert documented == {
        str(action): (code, [ACTIVITIES[action]] if action in ACTIVITIES else [])
        for action, code in AUDIT_ACTIONS.items()
    }


def test_the_check_in_the_documentation_runs(tmp_path):
    workspace, study, prediction = a_case(tmp_path)
    reviews(a_reader(workspace), study, prediction, blind=False)
    file = tmp_path / "out.json"
    file.write_text(ledger_export(workspace, a_script(workspace, "overread").session, "dses")[0])
    command = [sys.executable, "-c", TEXT.split("```python\n")[1].split("```")[0], str(file)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.stdout.startswith(f"{study.id}/A-") and ran.stdout.endswith(" L2 chain whole\n"), ran.stderr
    changed = json.loads(file.read_text())
    changed["sequences"][0]["events"][3]["occurred_at"] = "2026-01-01T00:00:00.000Z"
    file.write_text(json.dumps(changed))
    assert "AssertionError" in subprocess.run(command, capture_output=True, text=True).stderr
