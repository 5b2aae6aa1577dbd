"""Measures and the porus line on a real head scanned askew in voxels of 1.2 x 1.2 x 6.5 mm: against the file's own affine."""

from __future__ import annotations

import re

import nibabel
import numpy as np
import pytest

from dashboard.casework import add_paths, add_prediction
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import drawn, settled, strike, until, wait_row
from tests.browser.site import Site, served, stopped
from tests.builders.shared import shared_data

pytestmark = [pytest.mark.browser, pytest.mark.shared]

TOWARDS = {"axial": ((1, 0, 0), (0, 1, 0)), "coronal": ((1, 0, 0), (0, 0, -1)), "sagittal": ((0, 1, 0), (0, 0, -1))}
"""LPS directions that lie to the right and down the screen."""
FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def case():
    return shared_data("mri", "clinical", "meningioma_mida_M013")


@pytest.fixture(scope="module")
def file(case):
    """The series as nibabel reads it: values, and voxel to LPS millimetres."""
    image = nibabel.load(case / "t1c.nii.gz")
    return np.asarray(image.get_fdata()), FLIP @ image.affine


@pytest.fixture(scope="module")
def site(browser, case, tmp_path_factory):
    """A meningioma with its reference mask as the result to be judged."""
    root = tmp_path_factory.mktemp("meningioma") / "workspace"
    workspace = Workspace.open(root, create=WorkspaceKind.CLINICAL)
    study = workspace.study(add_paths(workspace, [case / "t1c.nii.gz"]).added[0].study)
    add_prediction(workspace, study, case / "seg.nii.gz", model_name="reference", model_version="1.0")
    built = served(Site(root, left=study.id))
    yield built
    stopped(built)


def place(page, file, voxel):
    """Where a voxel's middle lies on the large pane as it fits: page coordinates."""
    values, affine = file
    right, down = (np.array(way, float) for way in TOWARDS[drawn(page)[2]])
    columns = affine[:3, :3]
    x, y = (int(np.argmax(np.abs(way @ (columns / np.linalg.norm(columns, axis=0))))) for way in (right, down))
    away = np.array(voxel) - (np.array(values.shape) - 1) / 2
    mm = np.linalg.norm(columns, axis=0)
    signs = [np.sign(way @ columns[:, axis]) for way, axis in ((right, x), (down, y))]
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    scale = 0.96 * min(box["width"] / (values.shape[x] * mm[x]), box["height"] / (values.shape[y] * mm[y]))
    return (
        box["x"] + box["width"] / 2 + signs[0] * away[x] * mm[x] * scale,
        box["y"] + box["height"] / 2 + signs[1] * away[y] * mm[y] * scale,
    )


def drag(page, file, first, last):
    """Drag from one voxel's middle to another's."""
    page.mouse.move(*place(page, file, first))
    page.mouse.down()
    page.mouse.move(*place(page, file, last), steps=6)
    page.mouse.up()


def said(page):
    return page.locator("canvas.mri-canvas").first.get_attribute("data-measures") or ""


def numbers(text):
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def points_of(kept):
    """(n, 3) LPS millimetres of a measure as a view keeps it."""
    flat = [value for value in kept[2:] if isinstance(value, int | float)]
    return np.array(flat).reshape(-1, 3)


def voxels_of(points, affine):
    return (np.c_[points, np.ones(len(points))] @ np.linalg.inv(affine).T)[:, :3]


def test_lengths_areas_and_values_are_those_of_the_file_and_the_line_cuts_its_mask(enter, site, file, screenshots):
    page = enter("mri", site.left)
    values, affine = file
    store = PredictionStore(site.workspace.predictions_folder)
    prediction = store.of(site.left)[-1]
    lesion = store.lesion_map(site.left, prediction.digest) == prediction.findings[0].component
    assert lesion.shape == values.shape
    settled(page)
    page.keyboard.press("l")
    until(lambda: page.wait_for_timeout(40) or drawn(page)[2] == "axial", "one large pane")
    k = int(drawn(page)[3])

    page.keyboard.press("Shift+E")
    drag(page, file, (80, 70, k), (120, 110, k))
    page.keyboard.press("Escape")
    page.wait_for_timeout(150)
    ellipse = said(page)
    page.keyboard.press("Shift+P")
    middle = np.argwhere(lesion).mean(axis=0)
    i = round(middle[0])
    drag(page, file, (i, middle[1] - 15, k), (i, middle[1] + 15, k))
    page.keyboard.press("Escape")
    column = page.locator(".st-key-verdict")
    until(lambda: page.wait_for_timeout(60) or "Extrameatal, behind your line" in column.inner_text(), "the part")
    shown = numbers(column.inner_text().split("Extrameatal, behind your line")[1].strip().splitlines()[0])
    page.screenshot(path=screenshots / "mri_measures_meningioma.png")

    while drawn(page)[2] != "coronal":
        before = drawn(page)[2]
        page.keyboard.press("v")
        until(lambda before=before: page.wait_for_timeout(40) or drawn(page)[2] != before, "another plane")
    j = int(drawn(page)[3])
    ends = np.array([(60, j, 4), (125, j, 16)])
    page.keyboard.press("Shift+L")
    drag(page, file, *ends)
    page.keyboard.press("Escape")
    until(lambda: page.wait_for_timeout(40) or "mm" in said(page), "a length")
    by_hand = np.linalg.norm(affine[:3, :3] @ (ends[1] - ends[0]))
    in_plane = np.linalg.norm((ends[1] - ends[0]) * 1.198)
    assert numbers(said(page))[0] == pytest.approx(by_hand, abs=0.7) and abs(by_hand - in_plane) > 15
    page.screenshot(path=screenshots / "mri_length_meningioma.png")

    strike(page, "a")
    row = wait_row(page, site, "accept")
    kept = {one[0]: points_of(one) for one in row["view"]["measures"]}
    assert voxels_of(kept["ruler"], affine) == pytest.approx(ends, abs=0.45)
    assert np.linalg.norm(np.subtract(*kept["ruler"])) == pytest.approx(numbers(said(page))[0], abs=0.06)

    centre, *axes = kept["ellipse"]
    along, across = (end - centre for end in axes)
    index = np.argwhere(np.ones(values.shape[:2], bool))
    index = np.c_[index, np.full(len(index), k)]
    away = index @ affine[:3, :3].T + affine[:3, 3] - centre
    inside = (away @ along / (along @ along)) ** 2 + (away @ across / (across @ across)) ** 2 <= 1
    taken = values[tuple(index[inside].T)]
    lengths = [2 * np.linalg.norm(along), 2 * np.linalg.norm(across)]
    assert lengths == pytest.approx([40 * 1.198, 40 * 1.198], abs=0.8)
    words = numbers(ellipse)
    area = np.pi / 4 * lengths[0] * lengths[1] / 100
    assert " cm², " in ellipse and words[0] == pytest.approx(area, abs=0.02), ellipse
    for value in (taken.mean(), taken.std(ddof=1)):
        assert min(abs(value - word) for word in words) <= 0.006 * value + 0.6, (value, ellipse)

    first, last = kept["porus"]
    upright = affine[:3, 2] / np.linalg.norm(affine[:3, 2])
    normal = np.cross(last - first, upright)
    head = np.argwhere(values > np.percentile(values, 60)) @ affine[:3, :3].T + affine[:3, 3]
    brain = np.sign((np.median(head, axis=0) - first) @ normal)
    marked = np.argwhere(lesion)
    behind = ((marked @ affine[:3, :3].T + affine[:3, 3] - first) @ normal * brain >= 0).sum()
    ml = behind * abs(np.linalg.det(affine[:3, :3])) / 1000
    assert 0.2 * len(marked) < behind < 0.8 * len(marked)
    assert row["details"]["extrameatal_ml"] == pytest.approx(ml, abs=0.02 * ml)
    assert shown == pytest.approx([*(round(mm) for mm in row["details"]["extrameatal_mm"]), ml], abs=0.6)
