"""The house keeps its own rules: floors, sizes, docstrings, names, documentation."""

from __future__ import annotations

import ast
import importlib
import inspect
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import errors
from dashboard.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "dashboard").rglob("*.py"))
SCRIPTS = sorted((ROOT / "dashboard" / "components").rglob("*.js"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
ROOMS = sorted(p.parent.name for p in (ROOT / "dashboard").glob("*/__init__.py"))
GUESTS = {
    "streamlit": {"app.py", "server.py", "panels", "components"},
    "pydicom": {"imaging"},
    "nibabel": {"imaging"},
    "nrrd": {"imaging"},
    "highdicom": {"imaging"},
    "dicomanonymizer": {"imaging"},
    "mne": {"eeg"},
    "edfio": {"eeg"},
    "onnxruntime": {"models"},
    "openvino": {"models"},
    "plotly": {"viewmodels"},
    "torch": {"recipes"},
    "nilearn": {"demo", "recipes"},
}


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_imports_go_down_only():
    found = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("guest", GUESTS)
def test_a_library_stays_in_its_rooms(guest):
    strangers = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if guest in _imported(path) and path.relative_to(ROOT / "dashboard").parts[0] not in GUESTS[guest]
    ]
    assert strangers == []


def test_pages_are_tables_of_contents():
    assert PAGES
    for page in PAGES:
        assert _length(page) <= 80, page.name
        assert _imported(page) <= {"dashboard", "__future__"}, page.name


def test_modules_stay_small():
    lengths = {p.relative_to(ROOT).as_posix(): _length(p) for p in (*MODULES, *SCRIPTS)}
    assert {name: n for name, n in lengths.items() if n > 400} == {}
    assert statistics.median(n for name, n in lengths.items() if not name.endswith("__init__.py")) < 200


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room):
    module = importlib.import_module(f"dashboard.{room}")
    assert module.__doc__ and len(module.__doc__.strip().splitlines()) <= 5
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name, None) is not None, name


def test_public_names_are_documented():
    bare = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            bare.append(path.relative_to(ROOT).as_posix())
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and ast.get_docstring(node) is None:
                bare.append(f"{path.relative_to(ROOT).as_posix()}:{node.name}")
    assert bare == []


def test_modules_declare_what_they_give():
    silent = []
    for path in MODULES:
        if path.name in ("__main__.py", "app.py"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            t.id for node in tree.body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)
        }
        if "__all__" not in names:
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_every_error_can_be_raised_and_is_documented():
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    seen = set()
    for name in errors.__all__:
        cls = getattr(errors, name)
        error = cls("What happened.", "Why.", "What to do.")
        assert str(error) == "What happened. Why. What to do."
        assert error.as_dict()["code"] == cls.code
        assert f"`{cls.code}`" in text, cls.code
        assert name in errors.__doc__, name
        assert cls.code not in seen, cls.code
        seen.add(cls.code)


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert f"`{setting.name}`" in text, setting.name
        assert "OVERREAD_" + setting.name.replace(".", "_").upper() in text, setting.name


def test_every_command_is_documented():
    from typer.main import get_command

    from dashboard.cli import app

    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    root = get_command(app)
    for name, command in root.commands.items():
        if command.hidden:
            continue
        for words in [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]:
            assert f"overread {words}" in text, words


def test_nothing_is_printed_or_left_undone():
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert "TODO" not in text and "FIXME" not in text, path.name
        calls = [
            n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print"
        ]
        assert not calls, path.name


def test_the_shipped_folders_stay_small():
    for model in (ROOT / "model_weights").iterdir():
        if model.is_dir():
            weights = sum(p.stat().st_size for p in model.rglob("*.onnx"))
            assert 0 < weights < 15_000_000, model.name
            assert (model / "LICENSE").exists() and (model / "card.md").exists()
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    others = sum((ROOT / p).stat().st_size for p in tracked if p and (ROOT / p).exists() and not p.endswith(".onnx"))
    assert others < 20_000_000


def test_docstrings_of_public_functions_name_their_arguments():
    """Where a docstring has a Parameters section, each name in it is an argument."""
    wrong = []
    for room in ROOMS:
        module = importlib.import_module(f"dashboard.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isfunction(thing) and thing.__doc__ and "Parameters\n" in thing.__doc__:
                section = inspect.getdoc(thing).split("Parameters\n")[1].split("----\n", 1)[-1]
                section = (
                    section.split("\n\nRaises")[0].split("\n\nReturns")[0].split("\n\nNotes")[0].split("\n\nYields")[0]
                )
                given = set(inspect.signature(thing).parameters)
                for line in section.splitlines():
                    if line and not line.startswith((" ", "-")) and " : " in line:
                        for argument in line.split(" : ")[0].split(", "):
                            if argument.lstrip("*") not in given:
                                wrong.append(f"{room}.{name}: {argument}")
    assert wrong == []
