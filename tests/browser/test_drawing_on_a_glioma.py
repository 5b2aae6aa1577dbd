"""Drawing on the outline of a real glioma: painted, taken back, found after a reload, recorded, exported."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from dashboard.casework import add_paths, add_prediction, check_files, export_study
from dashboard.domain import Session, ras_from_lps
from dashboard.terms import Identity, Role, WorkspaceKind
from dashboard.workspace import Workspace
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import drawn, settled, strike, until, wait_open, wait_row
from tests.browser.site import Site, served, stopped
from tests.browser.test_drawing import begin, button, state_of, wait_kept
from tests.builders.shared import shared_data

pytestmark = [pytest.mark.browser, pytest.mark.shared]


@pytest.fixture(scope="module")
def case():
    return shared_data("mri", "glioma", "brats20_001")


@pytest.fixture(scope="module")
def site(browser, case, tmp_path_factory):
    """A real glioma with another tool's mask as the result to be judged."""
    root = tmp_path_factory.mktemp("glioma-drawn") / "workspace"
    workspace = Workspace.open(root, create=WorkspaceKind.CLINICAL)
    study = workspace.study(add_paths(workspace, [case]).added[0].study)
    add_prediction(workspace, study, case / "seg_ai_deepscan.nii.gz", model_name="deepscan", model_version="1.0")
    built = served(Site(root, left=study.id))
    yield built
    stopped(built)


VOXEL_AT = """(at) => {
  const canvas = [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('canvas.mri-canvas')).find(Boolean);
  const box = canvas.getBoundingClientRect();
  return [box.left + at[0] * box.width, box.top + at[1] * box.height, box.width, box.height];
}"""


def screen_of(page, grid, i, j):
    """Page coordinates of a voxel on the axial pane as it fits, and the CSS pixels of a voxel."""
    left, top, width, height = page.evaluate(VOXEL_AT, [0, 0])
    mm = grid.spacing_mm
    ni, nj, _ = grid.shape
    scale = 0.96 * min(width / (ni * mm[0]), height / (nj * mm[1]))
    lefts = grid.affine[0, 0] > 0  # i runs to the patient's left: to the right of the screen.
    backs = grid.affine[1, 1] > 0
    x = i if lefts else ni - 1 - i
    y = j if backs else nj - 1 - j
    return (
        left + width / 2 + (x - (ni - 1) / 2) * mm[0] * scale,
        top + height / 2 + (y - (nj - 1) / 2) * mm[1] * scale,
        scale * mm[0],
    )


def stroke(page, grid, *voxels):
    places = [screen_of(page, grid, *ij)[:2] for ij in voxels]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    page.wait_for_timeout(80)


def test_a_glioma_is_redrawn_and_every_voxel_of_it_is_kept(enter, site, tmp_path, screenshots):
    page = enter("mri", site.left)
    workspace = site.workspace
    study = workspace.study(site.left)
    store = PredictionStore(workspace.predictions_folder)
    prediction = store.of(study.id)[-1]
    grid = study.volume(prediction.grid)
    bits, numbers = store.mask(study.id, prediction.digest), store.lesion_map(study.id, prediction.digest)
    begin(page)
    settled(page)
    assert drawn(page)[1] == prediction.grid and drawn(page)[2] == "axial", "on the grid's own series"
    k = int(drawn(page)[3])
    own = numbers == prediction.findings[0].component
    inside = np.argwhere(own[:, :, k])
    free = np.argwhere((numbers[:, :, k] == 0) & (np.asarray(grid.array)[:, :, k] > 0))
    far = np.linalg.norm(free[:, None, :] - inside[None, ::7, :], axis=-1).min(axis=1)
    i, j = free[np.argmin(np.abs(far - 15))]
    stroke(page, grid, (i, j), (i + 1, j))
    button(page, "region-enhancing_tumour").click()
    stroke(page, grid, tuple(inside[len(inside) // 2]), tuple(inside[len(inside) // 2] + 2))
    stroke(page, grid, (i, j), (i, j + 1))
    page.keyboard.press("Control+z")
    wait_kept(page)
    page.screenshot(path=screenshots / "mri_drawing_glioma.png")
    spent = page.evaluate("() => performance.getEntriesByName('overread-brush').map((one) => one.duration)")
    assert np.median(spent) < 25, f"median {np.median(spent):.1f} ms"
    page.reload()
    wait_open(page, site.left)
    page.locator(".mri-edit:visible").get_by_text("Go on with it").click()
    until(lambda: page.wait_for_timeout(60) or state_of(page) == "kept", "the draft")
    strike(page, "m")
    settled(page)
    strike(page, "Enter")
    row = wait_row(page, site, "modify")
    file = nibabel.load(site.root / row["artifact"])
    saved = np.asarray(file.dataobj)
    assert np.allclose(file.affine, ras_from_lps(grid.affine), atol=1e-3)
    before = np.where(own, bits, 0)
    assert not before[i, j, k] and saved[i, j, k] == 1, "the place that was painted, and in the outermost region alone"
    changed = np.argwhere(saved != before)
    assert set(changed[:, 2]) == {k}, "nothing beside the slice drawn on"
    x, y = inside[len(inside) // 2]
    assert saved[x, y, k] == 7 and not ((saved & 4 > 0) & (saved & 1 == 0)).any()
    assert (saved[i - 8 : i + 9, j - 8 : j + 9, k] & 4).sum() == 0 or np.hypot(
        *(inside[len(inside) // 2] - [i, j])
    ) < 16
    details = row["details"]
    assert details["volume_change_ml"] == pytest.approx((np.count_nonzero(saved) - own.sum()) / 1000, abs=1e-3)
    assert details["added_path_length_mm"] > 0 and details["dice"] < 1
    assert check_files(site.workspace)[0] == ()
    session = Session(id="s", reader=page.reader, role=Role.RADIOLOGIST, identity=Identity.INVITED)
    files = export_study(site.workspace, session, study, "nifti", tmp_path)
    labels = np.asarray(nibabel.load(next(f for f in files if "by-reader" in f.name)).dataobj)
    assert np.array_equal(labels > 0, saved > 0) and np.array_equal(labels == 3, saved & 4 > 0)
    page.reload()
    wait_open(page, site.left)
    assert "modified" in page.locator(".mri-card").first.inner_text()
