"""Left and right on screen: a ball on the patient's left, front and top, in every patient position, plane and NIfTI order.

One workspace holds all of them. The ball is looked for in the pixels of all three panes, and where it must be is said
here in words, not by the viewer's own geometry.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from pydicom.uid import generate_uid
from scipy import ndimage

from dashboard.casework import add_paths, add_prediction
from dashboard.imaging import write_nifti_mask
from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace
from tests.browser.screen import looks_like, pixels, said, settled, until
from tests.browser.site import Site, served, stopped
from tests.builders.mri_files import MARKER_LPS, a_nifti
from tests.builders.phantoms import PLANES, a_phantom_series

pytestmark = pytest.mark.browser

POSITIONS = ("HFS", "HFP", "FFS", "FFP")
ALARM = (0xFF, 0x5C, 0x4D)
BALL_LPS = (30.0, -34.0, 26.0)
"""Of the DICOM phantoms: far enough out to stay on its side of the middle in the oblique ones too."""
AWAY_MM = 8.0
"""The ball is further than this from the middle of every pane, in both directions."""
WHERE = {
    "axial": {"ball": (1, -1), "letters": "RLAP"},
    "coronal": {"ball": (1, -1), "letters": "RLSI"},
    "sagittal": {"ball": (-1, -1), "letters": "APSI"},
}
"""Radiological: patient's left on the screen's right, front up in axial, head up elsewhere, sagittal facing screen left.
The ball's direction from the middle (x to the right, y down), and the letters left, right, top, bottom."""


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    """(site, studies): `dicom` of 16 series in one frame, `nifti` of four orders of axes, `neither` without a position."""
    folder = tmp_path_factory.mktemp("bodies")
    workspace = Workspace.open(folder / "workspace", create=WorkspaceKind.CLINICAL)
    study, frame = generate_uid(), generate_uid()
    for position in POSITIONS:
        for plane in PLANES:
            name = f"T1 {position} {plane}"
            a_phantom_series(
                folder / "dicom" / name,
                position=position,
                plane=plane,
                marker_lps=BALL_LPS,
                study_uid=study,
                frame_uid=frame,
                elements={"SeriesDescription": name},
            )
    whole = {"shape": (48, 52, 44), "spacing": (4.0, 4.0, 4.0), "center": (3.0, -5.0, 2.0)}
    for axes in ("RAS", "LAS", "LPI", "PIR"):
        a_nifti(folder / "nifti", f"{axes}_t1.nii.gz", axes=axes, **whole)
    a_nifti(folder / "neither", "t1.nii.gz", axes="LAS", codes=(0, 0), **whole)
    studies = {}
    for name in ("dicom", "nifti", "neither"):
        (added,) = add_paths(workspace, [folder / name]).added
        studies[name] = added.study
    for name, place in (("dicom", BALL_LPS), ("nifti", MARKER_LPS)):
        case = workspace.study(studies[name])
        grid = next(v for v in case.volumes if v.plane == "axial")
        index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1)
        ball = np.linalg.norm(index @ grid.affine[:3, :3].T + grid.affine[:3, 3] - place, axis=-1) < 9
        write_nifti_mask(ball.astype(np.uint8) * 3, grid.affine, folder / "ball.nii.gz")
        add_prediction(workspace, case, folder / "ball.nii.gz", model_name="ball-finder", model_version="1.0")
    site = served(Site(workspace.root))
    yield site, studies
    stopped(site)


def opened(enter, bodies, name):
    site, studies = bodies
    return enter("mri", studies[name], at=site), site.workspace.study(studies[name])


def look_at(page, volume, with_ball=True):
    """Put a series on screen with its whole range of grey, and give each pane's plane."""

    def press(value):
        page.locator(f'.mri-tools [data-value="{value}"]').evaluate("button => button.click()")

    press(volume.digest)
    drawn = lambda pane: (page.locator("canvas.mri-canvas").nth(pane).get_attribute("data-drawn") or "").split()  # noqa: E731
    until(
        lambda: page.wait_for_timeout(30) or all(drawn(pane)[1:2] == [volume.digest] for pane in range(3)), "the series"
    )

    if with_ball:  # A crosshair is snapped to the voxels of each series in turn, and would wander off the ball.
        page.locator("[data-finding]").first.evaluate("card => card.click()")

    def is_still():
        """The window is of all slices, whichever had come when it was asked for, and nothing more is on its way."""
        press("wide")
        page.wait_for_timeout(150)
        before = [pixels(page, pane=pane) for pane in range(3)]
        page.wait_for_timeout(250)
        return all(np.array_equal(one, pixels(page, pane=pane)) for pane, one in enumerate(before)) and all(
            patch_of(one)[1] > 60 for one in before if with_ball
        )

    until(is_still, "all of the series")
    return [drawn(pane)[2] for pane in range(3)]


def patch_of(image):
    """The largest white patch of a pane, and how many pixels it has; letters are small ones."""
    patches, count = ndimage.label(image.min(axis=-1) > 190)
    if not count:
        return np.zeros(patches.shape, bool), 0
    sizes = ndimage.sum_labels(patches > 0, patches, range(1, count + 1))
    return patches == int(np.argmax(sizes)) + 1, int(sizes.max())


def ball_of(image):
    """(x, y) of the ball from the middle of a pane, in pixels."""
    y, x = np.argwhere(patch_of(image)[0]).mean(axis=0)
    return x - image.shape[1] / 2, y - image.shape[0] / 2


def letters_of(page, pane):
    return re.search(r"left (\S+), right (\S+), top (\S+), bottom (\S+)", said(page, pane)).groups()


def check(page, volume):
    planes = look_at(page, volume)
    assert sorted(planes) == ["axial", "coronal", "sagittal"] and planes[0] == volume.plane
    for pane, plane in enumerate(planes):
        image = pixels(page, pane=pane)
        extent = 0.96 * min(image.shape[1], image.shape[0]) / 210.0  # Pixels of a millimetre, at the least.
        where = np.array(ball_of(image))
        right_way = where * WHERE[plane]["ball"]
        assert (right_way > AWAY_MM * extent).all(), f"{volume.description}: {plane} has the ball at {where}"
        found = "".join(words[0] for words in letters_of(page, pane))
        assert found == WHERE[plane]["letters"], f"{volume.description}: {plane} says {found}"
        assert looks_like(image, ALARM).sum() < 20, "nothing is in doubt"


def test_every_position_and_plane_of_dicom(enter, bodies, screenshots):
    page, study = opened(enter, bodies, "dicom")
    assert {v.description for v in study.volumes} == {f"T1 {p} {plane}" for p in POSITIONS for plane in PLANES}
    for volume in study.volumes:
        check(page, volume)
    page.screenshot(path=screenshots / "mri_left_and_right.png")


def test_every_order_of_nifti(enter, bodies):
    page, study = opened(enter, bodies, "nifti")
    assert len(study.volumes) == 4
    for volume in study.volumes:
        check(page, volume)


def test_a_file_without_position_shows_no_side(enter, bodies, screenshots):
    page, study = opened(enter, bodies, "neither")
    look_at(page, study.volumes[0], with_ball=False)
    settled(page)
    assert letters_of(page, 0)[:2] == ("?", "?")
    sides = {words for pane in range(3) for words in letters_of(page, pane)}
    assert not sides & {"L", "R"} and "?" in sides
    for pane in range(3):
        assert looks_like(pixels(page, pane=pane), ALARM).sum() > 40, "the doubt is written in red on every pane"
    assert "1 note" in page.locator(".st-key-strip").inner_text()
    page.screenshot(path=screenshots / "mri_sides_unknown.png")
