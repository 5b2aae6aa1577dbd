"""`add` takes MR files in: one by one or by folder, again and with more, while bad ones are named."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from dashboard.casework import add_paths, add_prediction, finding_list
from dashboard.domain import Session
from dashboard.imaging import find_mr_studies, write_nifti_mask
from dashboard.terms import Identity, Role, WorkspaceKind
from dashboard.workspace import Workspace
from tests.builders.mri_files import a_dicom_series, a_nifti

SMALL = {"shape": (20, 24, 12), "spacing": (8.0, 8.0, 12.0)}


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(tmp_path / "w", WorkspaceKind.CLINICAL)


def test_an_empty_folder_is_refused_and_the_rest_goes_on(workspace, tmp_path):
    (tmp_path / "empty").mkdir()
    a_nifti(tmp_path / "case", **SMALL)
    report = add_paths(workspace, [tmp_path / "empty", tmp_path / "case"])
    assert [(refused.path, refused.code) for refused in report.refused] == [("empty", "nothing_to_read")]
    assert len(report.added) == 1


def test_files_named_one_by_one_are_one_study(workspace, tmp_path):
    paths = [
        a_nifti(tmp_path / "case", f"{name}.nii.gz", **SMALL, gain=gain) for name, gain in (("t1", 1.0), ("t2", 2.0))
    ]
    (added,) = add_paths(workspace, paths).added
    assert [str(volume.sequence) for volume in workspace.studies.get(added.study).volumes] == ["t1", "t2"]


def test_files_that_join_a_nifti_study_share_its_frame(workspace, tmp_path):
    for name, gain in (("t1", 1.0), ("t2", 2.0)):
        a_nifti(tmp_path / "case", f"{name}.nii.gz", **SMALL, gain=gain)
    (first,) = add_paths(workspace, [tmp_path / "case"]).added
    for name, gain in (("flair", 3.0), ("pd", 4.0), ("t1c", 5.0), ("adc", 6.0)):
        a_nifti(tmp_path / "case", f"{name}.nii.gz", **SMALL, gain=gain)
    (again,) = add_paths(workspace, [tmp_path / "case"]).added
    assert again.study == first.study
    volumes = workspace.studies.get(first.study).volumes
    assert len(volumes) == 6
    assert len({volume.frame for volume in volumes}) == 1


def test_a_zip_is_told_by_its_own_name(workspace, tmp_path):
    paths = a_dicom_series(tmp_path / "mr", shape=(16, 20, 4))
    with zipfile.ZipFile(tmp_path / "export7.zip", "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    (added,) = add_paths(workspace, [tmp_path / "export7.zip"]).added
    assert added.path == "export7"


def test_rubbish_is_named_beside_a_study(workspace, tmp_path):
    a_dicom_series(tmp_path / "in", shape=(16, 20, 4))
    (tmp_path / "in" / "notes.txt").write_text("words")
    (tmp_path / "in" / "zero.dcm").touch()
    (tmp_path / "in" / "t1.nii.gz").write_text("words")
    report = add_paths(workspace, [tmp_path / "in"])
    assert len(report.added) == 1
    assert {refused.path: refused.code for refused in report.refused} == {
        "notes.txt": "not_recognised", "zero.dcm": "empty_file", "t1.nii.gz": "not_recognised",
    }  # fmt: skip


def test_a_mask_over_a_study_of_unknown_sides_names_no_side(workspace, tmp_path):
    a_nifti(tmp_path / "case", "flair.nii.gz", **SMALL, codes=(0, 0))
    (added,) = add_paths(workspace, [tmp_path / "case"]).added
    study = workspace.study(added.study)
    grid = study.volumes[0]
    assert not grid.sides_known
    labels = np.zeros(grid.shape, np.uint8)
    labels[12:15, 10:14, 5:7] = 2
    write_nifti_mask(labels, grid.affine, tmp_path / "mask.nii.gz", sides_known=False)
    add_prediction(workspace, study, tmp_path / "mask.nii.gz", model_name="tool", model_version="1")
    session = Session("s", "R-01", Role.RADIOLOGIST, Identity.UNVERIFIED)
    assert [line.side for line in finding_list(workspace, session, study)] == ["unknown"]


def test_studies_are_taken_in_one_at_a_time(tmp_path):
    for number, name in enumerate(("one", "two", "three"), start=1):
        a_nifti(tmp_path / name, **SMALL, gain=number)
    handed = []
    intake = find_mr_studies(sorted(tmp_path.rglob("*.nii.gz")), tmp_path, on_study=handed.append)
    assert len(handed) == 3 and intake.studies == ()
