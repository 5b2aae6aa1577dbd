"""`overread export --format dicom-*` and `add --prediction` of DICOM files, from the command line, on a NIfTI study."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from tests.builders.shared import shared_data
from tests.cli.test_commands import overread, reviewed

__all__ = ["overread", "reviewed"]


def test_what_was_accepted_goes_out_and_comes_back_the_same(reviewed, tmp_path):
    overread, study, findings = reviewed
    overread("verdict", study, findings[0], "accept")
    said = overread("export", study, "--format", "dicom-sr", "--to", tmp_path / "out")
    files = [Path(file) for file in said["files"]]
    assert [file.name.rpartition("_")[2] for file in files[:2]] == ["sr.dcm", "seg.dcm"]
    seg = pydicom.dcmread(files[1])
    series = {pydicom.dcmread(file).SOPInstanceUID for file in files[2:]}
    assert len(series) == 24
    refers = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {item.ReferencedSOPInstanceUID for item in refers} <= series
    overread("add", "--study", study, "--prediction", files[1], "--model-name", "back", "--model-version", "1")
    rows = overread("findings", study)["findings"]
    first = next(row for row in rows if row["id"] == findings[0])
    again = [row for row in rows if row["id"] not in findings]
    assert [row["volume_ml"] for row in again] == [first["volume_ml"]]
    assert [row["side"] for row in again] == [first["side"]]
    again = overread("add", tmp_path / "out")
    assert again["added"][0]["set_aside"], "results that come with a study are set aside, not read"


def test_options_that_do_not_fit_are_told_in_three_sentences(reviewed, tmp_path):
    overread, study, _ = reviewed
    to = ("--to", tmp_path / "out")
    for words, code in (
        (("--format", "nifti", "--identified"), 2),
        (("--format", "dicom-seg", "--segmentation-type", "mesh"), 2),
        (("--format", "dicom-seg", "--include", "everything"), 2),
        (("--format", "dicom-seg", "--identified", "--include", "unreviewed"), 2),
        (("--format", "dicom-seg", "--source", tmp_path, "--include", "unreviewed"), 2),
        (("--format", "dicom-seg", "--identified", "--role", "radiologist"), 1),
        (("--format", "dicom-seg"), 1),
    ):
        error = overread("export", study, *words, *to, code=code)["error"]
        assert all(error[part] for part in ("what", "why", "what_to_do")), words
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


@pytest.mark.shared
def test_two_models_of_one_patient_make_files_of_their_own(overread, tmp_path):
    folder = shared_data("mri/glioma/brats20_001")
    study = overread("add", folder)["added"][0]["study"]
    for name in ("deepscan", "unet_attention"):
        overread("add", "--study", study, "--prediction", folder / f"seg_ai_{name}.nii.gz",
                 "--model-name", name.replace("_", "-"), "--model-version", "1")  # fmt: skip
    said = overread("export", study, "--format", "dicom-sc", "--include", "unreviewed", "--to", tmp_path / "out")
    assert {Path(f).name.split("_")[1] for f in said["files"]} == {"deepscan", "unet-attention"}
    captures = [pydicom.dcmread(f) for f in said["files"]]
    assert {capture.PatientOrientation[0] for capture in captures} == {"L"}
    assert len({capture.StudyInstanceUID for capture in captures}) == 1
    assert len({capture.SeriesInstanceUID for capture in captures}) == 2
