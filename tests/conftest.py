"""Rules for the whole suite: where skips are failures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.builders.shared import shared_root


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip into a failure where what the test needs must be there."""
    report = yield
    must = (item.get_closest_marker("browser") and os.environ.get("OVERREAD_REQUIRE_BROWSER")) or (
        item.get_closest_marker("shared") and (shared_root() / "data").is_dir()
    )
    if must and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and must not be here: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory) -> Path:
    """Where browser tests leave pictures of each page in each state: $OVERREAD_SCREENSHOTS, else a temporary folder."""
    named = os.environ.get("OVERREAD_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
