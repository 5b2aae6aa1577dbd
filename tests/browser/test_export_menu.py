"""Results taken away from the MRI page, and keys in the menu that are no verdicts."""

from __future__ import annotations

import io
import zipfile

import pydicom
import pytest

from tests.browser.screen import base, rows, settled, strike, wait_open, wait_row

pytestmark = pytest.mark.browser


def test_a_reader_takes_the_segmentation_of_what_they_accepted(enter, site, screenshots):
    page = enter()
    page.goto(f"{base(site)}/mri?study={site.left}")
    wait_open(page, site.left)
    strike(page, "a")
    wait_row(page, site, "accept")
    settled(page)
    page.get_by_role("button", name="Export").click()
    choice = page.get_by_label("Format of the file")
    choice.wait_for()
    settled(page)
    page.screenshot(path=screenshots / "mri_export.png")
    choice.focus()
    for key in ("x", "u", "m", "Enter"):
        page.keyboard.press(key)
    choice.select_option("dicom-seg")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download", exact=True).click()
    held = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    seg = pydicom.dcmread(io.BytesIO(held.read(next(n for n in held.namelist() if n.endswith("_seg.dcm")))))
    assert seg.Modality == "SEG" and seg.SyntheticData == "YES"
    assert len(held.namelist()) > 2 and all(name.startswith("synthetic_") for name in held.namelist())
    mine = [row["action"] for row in rows(site, study=site.left, reader=page.reader)]
    assert mine.count("accept") == 1 and not {"reject", "unsure", "modify", "sign_off"} & set(mine)
