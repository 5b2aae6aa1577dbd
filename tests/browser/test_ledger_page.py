"""The Ledger page: the file to take away, in each format, as a browser gets it."""

from __future__ import annotations

import json

import pytest

from dashboard.casework import LEDGER_FORMATS
from tests.browser.screen import base, settled, strike, wait_open, wait_row

pytestmark = pytest.mark.browser


def test_every_format_comes_as_a_file_of_the_rows(enter, site, screenshots):
    page = enter()
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    strike(page, "a")
    wait_row(page, site, "accept")
    page.goto(f"{base(site)}/ledger")
    settled(page)
    choice = page.get_by_label("Format of the file")
    files = {}
    for format_ in LEDGER_FORMATS:
        choice.select_option(format_)
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download", exact=True).click()
        files[coming.value.suggested_filename] = coming.value.path().read_text(encoding="utf-8")
    page.screenshot(path=screenshots / "ledger_download.png")
    assert list(files) == ["synthetic_overread-ledger.csv", "synthetic_overread-ledger.jsonl",
                           "synthetic_overread-ledger-dses.json", "synthetic_overread-ledger-fhir.json"]  # fmt: skip
    table, lines, sequences, bundle = files.values()
    assert page.reader in table and site.left in table
    assert any((row := json.loads(line))["reader"] == page.reader and row["action"] == "accept"
               for line in lines.splitlines())  # fmt: skip
    assert json.loads(sequences)["dses_version"] and json.loads(bundle)["resourceType"] == "Bundle"
