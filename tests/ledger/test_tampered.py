"""Our verifying, the printed verifier, and our reading agree on every kind of tampering in the table."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import types
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from dashboard.chain import verifier as ours
from dashboard.ledger import verifier_source
from tests.builders.rows import a_ledger
from tests.ledger.tampered import KINDS, a_series, table

DOCS = Path(__file__).resolve().parents[2] / "docs"
UNSEEN_BY_READING = {"cut", "rewritten"}


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return a_series(tmp_path_factory.mktemp("series"))


@pytest.fixture(scope="module")
def printed():
    """The printed verifier's `main`, run from its text alone."""
    module = sys.modules["verify"] = types.ModuleType("verify")
    exec(compile(verifier_source(), "verify.py", "exec"), module.__dict__)
    yield module.main
    del sys.modules["verify"]


@pytest.mark.parametrize("number", range(len(KINDS)), ids=lambda n: f"{KINDS[n].what} {KINDS[n].against}".strip())
def test_what_was_done_is_named_with_file_and_row(tmp_path, series, printed, number):
    kind = KINDS[number]
    files, head = dict(series[0]), series[1]
    kind.do(files)
    assert files != series[0] or kind.what == "nothing"
    folder = tmp_path / "reviews"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    known = head if kind.against == "a head kept elsewhere" else None

    ledger = a_ledger(tmp_path)
    found = ledger.verify(head=known)
    assert [(p.file, p.row, p.code) for p in found.problems] == [(kind.file, kind.row, kind.code)][: bool(kind.code)]

    said = io.StringIO()
    with redirect_stdout(said):
        code = printed([str(folder), *(["--head", f"{head.seq} {head.hash}"] if known else [])])
    assert code == bool(kind.code)
    assert said.getvalue().rstrip().endswith(f"[{kind.code}]" if kind.code else found.head.hash)

    if kind.code not in UNSEEN_BY_READING:
        assert len(ledger.entries()) == found.rows
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix == ".csv"} == {
        n: d for n, d in files.items() if n.endswith(".csv")
    }, "verifying changed a file"


def test_there_are_more_than_forty_kinds_and_each_code_is_met():
    assert len(KINDS) > 40
    source = ast.parse(verifier_source())
    words = {n.value for n in ast.walk(source) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert {k.code for k in KINDS} - {""} <= words


def test_the_verifier_is_one_file_of_the_standard_library(tmp_path, series):
    text = verifier_source()
    assert text == Path(ours.__file__).read_text(encoding="utf-8")
    imported = {
        (n.module if isinstance(n, ast.ImportFrom) else n.names[0].name).split(".")[0]
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.Import | ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names) and "dashboard" not in text
    (tmp_path / "verify.py").write_text(text, encoding="utf-8")
    for name, data in series[0].items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.split()[0]) == (0, "12"), ran.stderr
    (tmp_path / "reviews.csv").write_bytes(series[0]["reviews.csv"].replace(b"why 9", b"why 7"))
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1 and ran.stdout.startswith("reviews.csv row 3: ") and "[edited]" in ran.stdout
    assert subprocess.run(command[:-1], capture_output=True).returncode == 2


def test_the_table_stands_in_the_documentation():
    assert table() in (DOCS / "tampering.md").read_text(encoding="utf-8")
