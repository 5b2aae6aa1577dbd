"""docs/safety.md names a test for each threat, and each one is there under that name."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^\s*def (test_\w+)\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
}


def test_every_test_that_the_page_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 40
    assert named - TESTS == set()


def test_every_file_that_the_page_names_is_there():
    named = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))
    assert named and [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_each_threat_has_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("|---")]
    bare = [
        row
        for row in rows
        if "tests/" not in row and "test_" not in row and not row.endswith(("| test |", "| tests |"))
    ]
    assert len(rows) > 45 and bare == []


def test_the_page_for_lawyers_is_linked_and_its_links_lead_somewhere():
    text = (ROOT / "docs" / "what-the-ledger-proves.md").read_text(encoding="utf-8")
    assert "docs/what-the-ledger-proves.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/what-the-ledger-proves.md" in (ROOT / "dashboard" / "panels" / "ledger.py").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([\w.-]+\.md)\)", text + PAGE):
        assert (ROOT / "docs" / target).exists(), target
