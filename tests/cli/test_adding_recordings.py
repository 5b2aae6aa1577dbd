"""`overread add` over everything that others wrote: each file is taken in or refused in our words, never a traceback."""

from __future__ import annotations

import json

import pytest

from dashboard.cli.bench_long_recording import long_recording_figures
from tests.builders.cases import a_workspace
from tests.builders.shared import shared_data


@pytest.mark.shared
def test_every_shared_file_of_every_format(tmp_path, capsys):
    from dashboard.casework import add_paths

    workspace = a_workspace(tmp_path / "workspace")
    report = add_paths(workspace, [shared_data("eeg", "formats")], as_demonstration=True)
    assert len({added.study for added in report.added}) >= 55
    assert all(added.kind == "eeg" for added in report.added)
    for refused in report.refused:
        assert refused.what and refused.why and refused.what_to_do, refused.path
    for added in report.added:
        recording = workspace.study(added.study).recording
        shown = json.dumps([vars(channel) for channel in recording.channels] + [vars(a) for a in recording.annotations])
        for name in ("Test_no_cap", "Asdf", "Andy test", "EEG_Exam", "MRN", "6416"):
            assert name not in shown
    assert capsys.readouterr().out == ""


def test_a_long_recording_is_taken_in_and_opened_within_its_bounds(tmp_path):
    """A quarter of an hour here; docs/reading-eeg.md has the day."""
    figures = long_recording_figures(tmp_path, hours=0.25)
    assert figures["import_rss_mib"] < 1024
    assert figures["open_s"] > 0 and figures["page_s"] > 0
