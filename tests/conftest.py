"""Rules for the whole suite: where skips are failures, and laws that are tried on the same examples each time.

`OVERREAD_EXPLORE=1` lets hypothesis look for new examples.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.builders.shared import shared_root

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("explore" if os.environ.get("OVERREAD_EXPLORE") else "repeatable")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip into a failure where what the test needs must be there."""
    report = yield
    must = (
        (item.get_closest_marker("browser") and os.environ.get("OVERREAD_REQUIRE_BROWSER"))
        or (item.get_closest_marker("tools") and os.environ.get("OVERREAD_REQUIRE_TOOLS"))
        or (item.get_closest_marker("shared") and (shared_root() / "data").is_dir())
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, as CI has it. One for the whole run: Playwright can't be started a second time beside itself."""
    playwright = pytest.importorskip("playwright.sync_api")
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()
