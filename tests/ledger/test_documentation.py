"""docs/ledger.md says what the code does: columns, digest, namespace, details, problems, and a check that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from dashboard.chain import CLICK_NAMESPACE, COLUMNS, HEADER_HASH
from dashboard.chain import folder as folder_module
from dashboard.chain import verifier as verifier_module
from dashboard.terms import DETAILS, Action
from tests.builders.rows import a_ledger, a_row

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")


def test_columns_digest_and_namespace_stand_in_the_documentation():
    assert f"`{' '.join(COLUMNS)}`" in TEXT
    assert f"`{HEADER_HASH}`" in TEXT and f"`{CLICK_NAMESPACE}`" in TEXT


def test_the_table_of_details_is_that_of_the_code():
    assert set(DETAILS) == set(Action)
    section = TEXT.split("## `details` by action")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (`.*?`) \| (.*) \|$", section, flags=re.MULTILINE)
    documented = {action: keys for actions, keys in lines for action in re.findall(r"`(\w+)`", actions)}
    assert documented == {
        str(action): "; ".join(f"`{key}` {words}" for key, words in keys.items()) or "none"
        for action, keys in DETAILS.items()
    }


def test_every_problem_that_verify_names_is_documented():
    source = "".join(Path(module.__file__).read_text() for module in (verifier_module, folder_module))
    codes = set(re.findall(r'(?:Problem|Found|_wrong)\((?:[^()]*?), "(\w+)"', source))
    codes |= set(re.findall(r'return "(\w+)", f?"', source))
    assert {"edited", "cut", "comment_changed", "bom"} <= codes
    assert {code for code in codes if f"`{code}`" not in TEXT} == set()


def test_the_check_in_the_documentation_runs(tmp_path):
    code = TEXT.split("```python\n")[1].split("```")[0]
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(), a_row(finding="2", reason="=1\n"))
    ran = subprocess.run([sys.executable, "-c", code, str(ledger.path)], capture_output=True, text=True)
    assert ran.stdout.split() == ["2", "rows,", "head", ledger.head().hash], ran.stderr
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b'"lesion"', b'"lesiom"', 1))
    assert (
        "row 1" in subprocess.run([sys.executable, "-c", code, str(ledger.path)], capture_output=True, text=True).stderr
    )
