"""docs/eeg-files.md holds what becomes of every shared EEG file, and it is what the reader does.

`OVERREAD_WRITE_DOCS=1 pytest tests/eeg/test_reading_table.py` writes the tables anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.domain import Recording
from dashboard.eeg import find_recordings
from tests.builders.shared import shared_data
from tests.builders.tables import compare_table, table_row

pytestmark = pytest.mark.shared

PAGE = Path(__file__).resolve().parents[2] / "docs" / "eeg-files.md"
HEAD = "| files | become |\n|---|---|\n"


def read_words(recording: Recording) -> str:
    """Length, channels, rates, gaps, annotations and what was remarked."""
    rates = sorted({channel.rate_hz for channel in recording.channels}, reverse=True)
    hertz = ", ".join(f"{rate:.4g}" for rate in rates)
    words = f"read: {recording.duration_s:.6g} s, {len(recording.eeg_channels)} of {len(recording.channels)} channels EEG, {hertz} Hz"
    if recording.gaps:
        words += f", {len(recording.gaps)} gaps of {sum(gap.duration_s for gap in recording.gaps):.6g} s"
    if recording.annotations:
        words += f", {len(recording.annotations)} annotations"
    return words + "".join(f", `{code}`" for code in dict.fromkeys(issue.code for issue in recording.issues))


def fates(folder: Path) -> dict[str, list[str]]:
    """What becomes of the files below a folder: words to names."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    intake = find_recordings(files, folder)
    words = {f.path.relative_to(folder).as_posix(): read_words(f.recording) for f in intake.recordings}
    words |= {path: f"refused `{error.code}`: {error.why}" for path, error in intake.refused}
    words |= {path.relative_to(folder).as_posix(): "part of another" for path in intake.parts}
    words |= {path.relative_to(folder).as_posix(): "no recording: left to others" for path in intake.unused}
    assert sorted(words) == [path.relative_to(folder).as_posix() for path in files]
    by_words: dict[str, list[str]] = {}
    for name in sorted(words):
        by_words.setdefault(words[name], []).append(f"`{name}`")
    return by_words


def table(folder: Path) -> str:
    rows = [(", ".join(names), words) for words, names in fates(folder).items()]
    return HEAD + "".join(table_row(names, [words]) for names, words in rows)


def test_formats():
    text = ""
    for folder in sorted(shared_data("eeg", "formats").iterdir()):
        text += f"\n### {folder.name}\n\n" + table(folder)
    compare_table(PAGE, "Formats", text + "\n")


@pytest.mark.parametrize("name", ["seizure", "iiic", "icu", "normal", "artefact", "bonn", "reference"])
def test_recordings(name):
    compare_table(PAGE, f"Folder {name}", table(shared_data("eeg", name)))
