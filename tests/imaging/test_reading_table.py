"""docs/mri-files.md holds what becomes of every file that nobody here wrote, and it is what the reader does.

`OVERREAD_WRITE_DOCS=1 pytest tests/imaging/test_reading_table.py` writes the tables anew.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import nibabel
import pydicom
import pytest
from pydicom.data import get_testdata_files

from dashboard.domain import Volume
from dashboard.errors import OverreadError
from dashboard.imaging import find_mr_studies
from tests.builders.shared import shared_data
from tests.builders.tables import compare_table, table_row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mri-files.md"
HEAD = "| files | become |\n|---|---|\n"


def fate(files: Sequence[Path], root: Path) -> Iterator[str]:
    """What becomes of the files, one line a volume or refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        intake = find_mr_studies(files, root)
    for study in intake.studies:
        yield from sorted({read_words(volume) for volume in study.volumes})
        if study.set_aside:
            yield f"set aside: {', '.join(study.set_aside)}"
    refused: dict[str, list[str]] = {}
    for path, error in intake.refused:
        assert isinstance(error, OverreadError) and error.what and error.why and error.what_to_do, path
        refused.setdefault(f"refused `{error.code}`: {refusal_words(error)}", []).append(path)
    for words, paths in refused.items():
        yield words if len(files) == 1 else f"{words} {', '.join(f'`{path}`' for path in paths)}"
    if intake.unused:
        yield "no image: left to others, else refused `not_recognised`"


def read_words(volume: Volume) -> str:
    """Size, spacing, plane and what was remarked; the sequence is left out, which docs/reading-mri.md tells."""
    size = " x ".join(map(str, volume.shape))
    spacing = " x ".join(f"{length:.3g}" for length in volume.spacing_mm)
    codes = sorted({issue.code for issue in volume.issues if not issue.code.startswith("sequence_")})
    return f"read: {size}, {spacing} mm, {volume.plane}" + "".join(f", `{code}`" for code in codes)


def refusal_words(error: OverreadError) -> str:
    many = re.search(r"and (\d+) more", error.what)
    return error.why + (f" ({int(many[1]) + 1} files)" if many else "")


def compare(title: str, table: str) -> None:
    compare_table(PAGE, title, table)


def stated(name: str) -> str:
    """The version of a library on the page."""
    return re.search(rf"{name} (\d[\w.]*)", PAGE.read_text(encoding="utf-8"))[1]


@pytest.mark.shared
def test_shared_dicom():
    table = HEAD
    for folder in sorted(shared_data("mri", "dicom").iterdir()):
        table += table_row(f"`{folder.name}`", fate(sorted(p for p in folder.rglob("*") if p.is_file()), folder))
    compare("Shared DICOM", table)


@pytest.mark.shared
def test_shared_nifti():
    table = HEAD
    for group in ("clinical", "glioma"):
        for folder in sorted(shared_data("mri", group).iterdir()):
            table += table_row(f"`{group}/{folder.name}`", fate(sorted(folder.iterdir()), folder))
    compare("Shared NIfTI", table)


def test_files_of_pydicom():
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    found = {Path(name) for name in get_testdata_files()}
    files = sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix != ".py" and (p in found or "dicomdir" in str(p))
    )
    assert len(files) > 150
    groups: dict[str, list[str]] = {}
    for path in files:
        groups.setdefault("<br>".join(fate([path], path.parent)), []).append(path.relative_to(folder).as_posix())
    table = HEAD + "".join(
        table_row(", ".join(f"`{n}`" for n in names), [words]) for words, names in sorted(groups.items())
    )
    if stated("pydicom") == pydicom.__version__ or os.environ.get("OVERREAD_WRITE_DOCS"):
        compare("Test files of pydicom", table)


def test_files_of_nibabel():
    home = Path(nibabel.__file__).parent
    files = [*(home / "nicom" / "tests" / "data").iterdir(), *(home / "tests" / "data").iterdir()]
    groups: dict[str, list[str]] = {}
    for path in sorted(p for p in files if p.is_file() and p.suffix not in (".py", ".pyc", ".m")):
        name = path.relative_to(home).as_posix().replace("tests/data/", "")
        groups.setdefault("<br>".join(fate([path], path.parent)), []).append(name)
    table = HEAD + "".join(
        table_row(", ".join(f"`{n}`" for n in names), [words]) for words, names in sorted(groups.items())
    )
    if stated("nibabel") == nibabel.__version__ or os.environ.get("OVERREAD_WRITE_DOCS"):
        compare("Test files of nibabel", table)
