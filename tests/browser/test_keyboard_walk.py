"""From the worklist through ten findings in three studies and back, without a mouse."""

from __future__ import annotations

import pytest

from dashboard.casework import add_paths, add_prediction
from dashboard.cli.bench_walk import LESIONS, walk
from dashboard.imaging import write_dicom_series, write_nifti_mask
from dashboard.server import invitation
from dashboard.terms import Role, WorkspaceKind
from dashboard.workspace import Workspace
from tests.browser.screen import rows, settled
from tests.browser.site import AFFINE, Site, a_head, served, stopped

pytestmark = pytest.mark.browser

PLACES = (34.0, -34.0, 12.0, -12.0)


@pytest.fixture
def list_of_three(tmp_path):
    workspace = Workspace.open(tmp_path / "workspace", WorkspaceKind.DEMONSTRATION)
    for number, lesions in enumerate(LESIONS):
        image, labels = a_head(*PLACES[:lesions], radius=6.0)
        source = tmp_path / f"source-{number}"
        write_dicom_series(source / "t1c", image + number, AFFINE, sequence="t1c", series_number=1, synthetic=True,
                           study_uid=f"1.2.826.0.1.3680043.8.498.7{number}", patient_id=f"walk-{number}",
                           frame_uid=f"1.2.826.0.1.3680043.8.498.8{number}")  # fmt: skip
        study = workspace.study(add_paths(workspace, [source]).added[0].study)
        write_nifti_mask(labels, AFFINE, tmp_path / f"{number}.nii.gz", synthetic=True)
        add_prediction(workspace, study, tmp_path / f"{number}.nii.gz", model_name="ball-finder", model_version="1.0")
    site = served(Site(workspace.root))
    yield site
    stopped(site)


def test_ten_findings_take_two_keys_each_at_most_and_every_one_is_a_row(watched, list_of_three):
    page = watched.page(list_of_three)
    page.reader = "R-WALK"
    page.goto(invitation(list_of_three.root, page.reader, Role.RADIOLOGIST))
    settled(page)
    taken = walk(page)
    page.close()
    assert taken.findings == 10 and taken.studies == 3
    assert taken.keys <= 2 * taken.findings
    accepted = rows(list_of_three, reader=page.reader, action="accept")
    assert len(accepted) == 10 and len({(row["study"], row["finding"]) for row in accepted}) == 10
    signed = rows(list_of_three, reader=page.reader, action="sign_off")
    assert len(signed) == 3 and all(row["view"]["series"] for row in signed)
    shown = [row for row in accepted if "LOCALIZATION" in row["exposure"]]
    assert len(shown) == 10, "each was on screen before it was accepted"
