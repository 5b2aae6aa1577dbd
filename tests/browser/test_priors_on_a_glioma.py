"""A prior beside a real glioma. The shared data hold no patient twice: the prior is the same scan, moved, turned and cropped by
known amounts, with a smaller outline, so that what stands at one place is known to the voxel.
"""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from dashboard.casework import add_paths, add_prediction
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
from tests.browser.screen import drawn, pixels, settled, until
from tests.browser.site import Site, served, stopped
from tests.builders.shared import shared_data

pytestmark = [pytest.mark.browser, pytest.mark.shared]

MOVED = np.array([7.0, -4.0, 10.0])
CROPPED = 6
"""Slices that the prior lacks at the feet: the middles of the two scans lie three slices apart."""


def _moved(image, array):
    """An array of the case as the prior has it: without its lowest slices, its axes in another order, elsewhere in space."""
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, 2] * CROPPED + MOVED
    order = (2, 0, 1)
    return nibabel.Nifti1Image(array[:, :, CROPPED:].transpose(order), affine[:, [*order, 3]])


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The patient, and the same head as an earlier study of the same subject."""
    case = shared_data("mri", "glioma", "brats21_00000")
    folder = tmp_path_factory.mktemp("glioma-prior")
    image, labels = (nibabel.load(case / f"{name}.nii.gz") for name in ("t1c", "seg"))
    marked = np.asarray(labels.dataobj)
    smaller = np.where(binary_erosion(marked > 0, iterations=3), marked, 0).astype(np.uint8)
    for where, made in (
        ("before", _moved(image, np.asarray(image.dataobj))),
        ("mask", _moved(labels, smaller)),
        ("now", nibabel.Nifti1Image(np.asarray(image.dataobj), image.affine)),
    ):
        (folder / where).mkdir()
        nibabel.save(made, folder / where / "t1c.nii.gz")
    workspace = Workspace.open(folder / "workspace", create=WorkspaceKind.CLINICAL)
    before = workspace.study(add_paths(workspace, [folder / "before"]).added[0].study)
    now = workspace.study(add_paths(workspace, [folder / "now"], subject=before.subject).added[0].study)
    add_prediction(workspace, before, folder / "mask" / "t1c.nii.gz", model_name="expert", model_version="1.0")
    add_prediction(workspace, now, case / "seg.nii.gz", model_name="expert", model_version="1.0")
    built = served(Site(folder / "workspace", left=now.id, right=before.id))
    yield built
    stopped(built)


def likeness(page):
    """Correlation of the two pictures without their bands, corners and outlines."""
    page.keyboard.down("f")
    until(lambda: drawn(page)[4] == drawn(page, pane=1)[4] == "-", "outlines away")
    one, two = (pixels(page, pane=pane).mean(axis=-1) for pane in (0, 1))
    page.keyboard.up("f")
    rows, columns = (slice(n // 4, -n // 4) for n in one.shape)
    two = two[:, : one.shape[1]]
    return np.corrcoef(one[rows, columns].ravel(), two[rows, columns].ravel())[0, 1]


def test_the_same_place_of_a_glioma_stands_beside_itself_once_it_is_paired(enter, site, screenshots):
    page = enter("mri", site.left)
    page.get_by_role("button", name="Prior", exact=True).click()
    page.locator(f'canvas[data-drawn^="{site.right} "]').wait_for()
    until(lambda: drawn(page, pane=1)[-1:] not in ([], ["-"]), "the prior's outline")
    assert "added earlier, dates do not tell" in page.locator(".prior-bar select").inner_text()
    assert "PLACE NOT PAIRED" in page.locator(".prior-bar").inner_text()
    unpaired = likeness(page)
    page.keyboard.press("Shift+S")
    page.locator("canvas.mri-canvas").nth(1).hover()
    for _ in range(3):
        page.mouse.wheel(0, -120)
    page.wait_for_timeout(300)
    shifted = likeness(page)
    if shifted < unpaired:  # The other way up the head.
        for _ in range(6):
            page.mouse.wheel(0, 120)
        page.wait_for_timeout(300)
        shifted = likeness(page)
    page.keyboard.press("Shift+S")
    page.locator(".prior-words").get_by_text("place paired by you").wait_for()
    settled(page)
    assert shifted > 0.99 > unpaired
    page.locator("canvas.mri-canvas").nth(0).hover()
    for _ in range(9):
        page.mouse.wheel(0, 120)
    until(lambda: likeness(page) > 0.99, "and nine slices on they still show one place")
    page.screenshot(path=screenshots / "mri_prior_glioma.png")
    page.get_by_role("button", name="Over time, 2 studies").click()
    page.locator(".or-course").wait_for()
    assert "place paired by you" in page.locator(".or-course").inner_text()
    page.screenshot(path=screenshots / "mri_over_time_glioma.png")
