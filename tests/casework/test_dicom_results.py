"""Results out as DICOM and back: what is in them, under which names, and that every voxel stays where it was."""

from __future__ import annotations

import dataclasses

import numpy as np
import pydicom
import pytest

from dashboard.casework import add_paths, add_prediction, export_study, record_verdict
from dashboard.domain import apply_affine
from dashboard.errors import (
    BadGeometry,
    BlindOpen,
    FindingNotFound,
    ImagingRefused,
    NoFrameInCommon,
    RoleRefused,
    UsageError,
)
from dashboard.imaging import read_label_map
from dashboard.terms import Action
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import BLIND, a_reader, a_script, a_workspace
from tests.builders.phantoms import PLANES, a_phantom_series
from tests.builders.results import SECRETS, a_mask_file, a_reviewed_phantom

POSITIONS = ("HFS", "HFP", "FFS", "FFP")
EVERYTHING = {"include": ("unreviewed", "rejected", "unsure")}


def read(files, *ends):
    """The datasets whose file names end so."""
    return [pydicom.dcmread(file) for file in files if file.name.endswith(ends)]


def seg_of(files):
    return read(files, "_seg.dcm")[0]


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("plane", PLANES)
def test_a_round_trip_keeps_every_voxel_and_every_side(tmp_path, position, plane):
    case = a_reviewed_phantom(tmp_path, position=position, plane=plane)
    volume = case.study.volumes[0]
    files = case.export("dicom-sr", **EVERYTHING)
    again = add_prediction(
        case.workspace,
        case.study,
        next(f for f in files if f.name.endswith("_seg.dcm")),
        model_name="back",
        model_version="1",
    )
    assert again.mask_digest == case.prediction.mask_digest
    # the series that was written along says the same place as the source: what is bright there lies where the ball is
    series = sorted(read(files, *(f"{n:04d}.dcm" for n in range(1, 99))), key=lambda d: int(d.InstanceNumber))
    lit = [(d, index) for d in series for index in np.argwhere(d.pixel_array > 600)]
    places = [
        np.array(d.ImagePositionPatient)
        + np.array(d.ImageOrientationPatient[:3]) * d.PixelSpacing[1] * column
        + np.array(d.ImageOrientationPatient[3:]) * d.PixelSpacing[0] * row
        for d, (row, column) in lit
    ]
    assert np.linalg.norm(np.mean(places, axis=0) - case.phantom.marker_lps) < 3
    # by our report, by the pixels of the capture, and by the NIfTI
    assert sides_by_finding(read(files, "_sr.dcm")[0]) == {"1": {"Left"}, "2": {"Right"}}
    for capture in read(case.export("dicom-sc", **EVERYTHING), ".dcm"):
        assert side_on_picture(capture) == ("left" if "Finding 1" in capture.ImageComments else "right")
    labels, affine = read_label_map(case.export("nifti")[0])
    where = apply_affine(affine, np.argwhere(labels == 3).mean(0))
    assert np.linalg.norm(where - case.phantom.marker_lps) < 3
    assert np.array_equal(affine, volume.affine) or np.allclose(affine, volume.affine, atol=1e-4)


def sides_by_finding(report):
    """Laterality of the finding site of each measurement group, by the number at the end of its tracking id."""
    found = {}
    groups = next(
        i for i in report.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "126010"
    ).ContentSequence
    for group in groups:
        by_name = {item.ConceptNameCodeSequence[0].CodeMeaning: item for item in group.ContentSequence}
        number = by_name["Tracking Identifier"].TextValue.rpartition(".")[2]
        side = by_name["Finding Site"].ContentSequence[0].ConceptCodeSequence[0].CodeMeaning
        found.setdefault(number, set()).add(side)
    return found


def side_on_picture(capture):
    """The side of the outline's coloured pixels on an axial or coronal picture, by its orientation letters."""
    pixels = capture.pixel_array.astype(int)
    coloured = (pixels.max(axis=2) - pixels.min(axis=2)) > 40
    column = np.argwhere(coloured)[:, 1].mean()
    rightwards = capture.PatientOrientation[0]
    assert rightwards in ("L", "R")
    other = {"L": "right", "R": "left"}[rightwards]
    return {"L": "left", "R": "right"}[rightwards] if column > pixels.shape[1] / 2 else other


@pytest.mark.parametrize("kind", ["fractional", "labelmap"])
def test_the_other_types_come_back_whole_too(tmp_path, kind):
    case = a_reviewed_phantom(tmp_path, position="FFP", plane="oblique")
    file = case.export("dicom-seg", segmentation_type=kind, **EVERYTHING)[0]
    assert pydicom.dcmread(file).SegmentationType.lower() == kind
    again = add_prediction(case.workspace, case.study, file, model_name="back", model_version="1")
    assert again.mask_digest == case.prediction.mask_digest
    assert again.settings["source_kind"] == kind


@pytest.mark.parametrize("form", ["enhanced", "mosaic"])
def test_a_source_in_one_file_is_referred_to_as_a_whole(tmp_path, form):
    case = a_reviewed_phantom(tmp_path, form=form)
    operator = a_script(case.workspace).session
    files = case.export("dicom-seg", session=operator, identified=True, **EVERYTHING)
    assert len(files) == 1
    seg = seg_of(files)
    [reference] = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert reference.ReferencedSOPInstanceUID == pydicom.dcmread(case.phantom.paths[0]).SOPInstanceUID
    again = add_prediction(case.workspace, case.study, files[0], model_name="back", model_version="1")
    assert again.mask_digest == case.prediction.mask_digest


def test_only_what_stands_is_written_and_the_rest_says_so(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    with pytest.raises(FindingNotFound):
        case.export("dicom-seg")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    case.reader.judges(case.study, case.prediction, 1, Action.ACCEPT)
    case.reader.judges(case.study, case.prediction, 2, Action.REJECT, reason="vessel")
    files = case.export("dicom-seg")
    assert {s.TrackingID[-2:] for s in seg_of(files).SegmentSequence} == {".1"}
    assert "with" not in files[0].name and "with" not in seg_of(files).SeriesDescription
    more = case.export("dicom-sr", include=("rejected",))
    report, seg = read(more, "_sr.dcm")[0], read(more, "_seg.dcm")[0]
    assert more[0].name.endswith("_with-rejected_sr.dcm")
    assert "(with rejected)" in report.SeriesDescription and "with rejected" in seg.ContentDescription
    labels = {s.SegmentLabel for s in seg.SegmentSequence if s.TrackingID.endswith(".2")}
    assert labels == {"Finding 2 (rejected): T2/FLAIR abnormality"}
    assert report.VerificationFlag == "UNVERIFIED" and report.CompletionFlag == "PARTIAL"
    said = private_values(report)
    assert {"Accepted by reader", "Rejected by reader", "vessel"} <= said
    assert report.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == "99OVERREAD"
    assert seg.SOPInstanceUID != seg_of(files).SOPInstanceUID
    with pytest.raises(UsageError):
        case.export("dicom-seg", include=("everything",))
    with pytest.raises(UsageError):
        case.export("nifti", include=("rejected",))


def private_values(data):
    """Meanings of all private codes that stand as values."""
    found = set()
    for element in data.iterall():
        if element.keyword == "ConceptCodeSequence" and element.value[0].CodingSchemeDesignator == "99OVERREAD":
            found.add(element.value[0].CodeMeaning)
    return found


def test_whose_the_outline_is_decides_the_algorithm_type(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    drawn = np.zeros_like(case.labels)
    drawn[2:9, 3:9, 4:7] = 1
    mine = a_mask_file(tmp_path / "mine.nii.gz", drawn, case.study)
    bits = PredictionStore(case.workspace.predictions_folder).mask(case.study.id, case.prediction.digest)
    lesion_map = PredictionStore(case.workspace.predictions_folder).lesion_map(case.study.id, case.prediction.digest)
    smaller = ((lesion_map == 2) & (bits > 0)).astype(np.uint8)
    smaller[:, :, : int(np.argwhere(smaller)[:, 2].mean())] = 0
    edited = a_mask_file(tmp_path / "edited.nii.gz", smaller, case.study)
    case.reader.judges(case.study, case.prediction, 1, Action.ACCEPT)
    case.reader.judges(case.study, case.prediction, 2, Action.MODIFY, mask=edited)
    for said in ({"mask": mine}, {"point_lps": (10.0, -20.0, 30.0)}):
        intent = case.reader.intent(case.study, **said)
        record_verdict(case.workspace, case.reader.session, case.study, Action.ADD, None, None, intent)
    files = case.export("dicom-sr")
    seg, report = seg_of(files), read(files, "_sr.dcm")[0]
    types = {}
    for segment in seg.SegmentSequence:
        types.setdefault(segment.SegmentAlgorithmType, set()).add(
            segment.SegmentLabel.partition(":")[0].split(" ")[0:2][1]
        )
        assert ("SegmentationAlgorithmIdentificationSequence" in segment) == (segment.SegmentAlgorithmType != "MANUAL")
    assert types == {"AUTOMATIC": {"1"}, "SEMIAUTOMATIC": {"2"}, "MANUAL": {"finding"}}
    number = next(s.SegmentNumber for s in seg.SegmentSequence if s.SegmentAlgorithmType == "SEMIAUTOMATIC")
    frames = [
        pixels
        for pixels, group in zip(seg.pixel_array, seg.PerFrameFunctionalGroupsSequence, strict=True)
        if group.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
    ]
    assert sum(int(f.sum()) for f in frames) == int(smaller.sum())
    # the volume in the report is the edited outline's
    volume_ml = smaller.sum() * 4 * 4 * 6 / 1000
    values = [float(v) for e in report.iterall() if e.keyword == "NumericValue" for v in [e.value]]
    assert any(abs(value - volume_ml) < 1e-3 for value in values)
    # the point is in the report alone, by its three coordinates
    assert {10.0, -20.0, 30.0} <= {round(v, 3) for v in values}
    assert len({s.TrackingUID for s in seg.SegmentSequence}) == 3


def test_nothing_of_the_source_leaves_and_all_objects_speak_of_one_study(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    case.reader.judges(case.study, case.prediction, 1)
    files = [f for kind in ("dicom-seg", "dicom-sr", "dicom-sc") for f in case.export(kind)]
    source = [pydicom.dcmread(path) for path in case.phantom.paths]
    secrets = [*SECRETS.values(), "Quixote", case.reader.session.reader, case.phantom.study_uid, case.phantom.series_uid,
               case.phantom.frame_uid, *(str(d.SOPInstanceUID) for d in source)]  # fmt: skip
    for file in files:
        held = file.read_bytes()
        assert not [word for word in secrets if word.encode() in held], file.name
        assert case.study.subject in str(pydicom.dcmread(file).PatientID)
        assert pydicom.dcmread(file).PatientIdentityRemoved == "YES"
    datasets = [pydicom.dcmread(f) for f in files]
    assert len({d.StudyInstanceUID for d in datasets}) == 1
    assert len({d.FrameOfReferenceUID for d in datasets if "FrameOfReferenceUID" in d}) == 1
    written = {d.SOPInstanceUID for d in datasets}
    referred = {e.value for d in datasets for e in d.iterall() if e.keyword == "ReferencedSOPInstanceUID"}
    assert referred and referred <= written
    # made again, the same state gives the same bytes
    before = {file: file.read_bytes() for file in files}
    again = [f for kind in ("dicom-seg", "dicom-sr", "dicom-sc") for f in case.export(kind)]
    assert {file: file.read_bytes() for file in again} == before


def test_the_source_gets_its_results_back_by_role_and_with_a_row(tmp_path):
    case = a_reviewed_phantom(tmp_path, plane="sagittal")
    operator = a_script(case.workspace).session
    rows = len(case.workspace.ledger.entries())
    with pytest.raises(RoleRefused):
        case.export("dicom-seg", identified=True, **EVERYTHING)
    assert not [e for e in case.workspace.ledger.entries()[rows:] if e.action == Action.LOOKUP]
    files = case.export("dicom-sr", session=operator, identified=True, **EVERYTHING)
    assert [e.action for e in case.workspace.ledger.entries()].count(Action.LOOKUP) == 1
    assert len(files) == 2, "the source has its series already"
    source = {str(d.SOPInstanceUID): d for d in map(pydicom.dcmread, case.phantom.paths)}
    for data in map(pydicom.dcmread, files):
        assert (data.PatientName, data.PatientID, data.AccessionNumber) == ("Quixote^Alonso", "MRN-4711", "ACC-90210")
        assert data.StudyInstanceUID == case.phantom.study_uid
        assert "PatientIdentityRemoved" not in data
        # what is not kept of the study is left open, not made up: an archive would take it for the study's
        assert not (data.StudyTime or data.StudyID or data.get("StudyDescription") or data.get("PatientAge"))
        assert (data.StudyDate, data.PatientBirthDate) == ("20231105", "19470409")
    seg = read(files, "_seg.dcm")[0]
    assert seg.FrameOfReferenceUID == case.phantom.frame_uid
    assert seg.ReferencedSeriesSequence[0].SeriesInstanceUID == case.phantom.series_uid
    for group in seg.PerFrameFunctionalGroupsSequence:
        reference = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        place = group.PlanePositionSequence[0].ImagePositionPatient
        assert np.allclose(np.array(place), np.array(source[reference].ImagePositionPatient), atol=1e-3)


def test_copies_of_the_source_go_without_names_and_results_refer_to_them(tmp_path):
    case = a_reviewed_phantom(tmp_path, plane="coronal")
    files = case.export("dicom-seg", source=tmp_path / "source", **EVERYTHING)
    seg, copies = seg_of(files), [pydicom.dcmread(f) for f in files if f.parent.name.endswith("_source")]
    assert len(copies) == len(case.phantom.paths)
    for file in files:
        held = file.read_bytes()
        assert not [word for word in (*SECRETS.values(), case.phantom.study_uid) if word.encode() in held]
    by_uid = {d.SOPInstanceUID: d for d in copies}
    for group in seg.PerFrameFunctionalGroupsSequence:
        reference = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        place = group.PlanePositionSequence[0].ImagePositionPatient
        assert np.allclose(np.array(place), np.array(by_uid[reference].ImagePositionPatient), atol=1e-3)
    assert {d.StudyInstanceUID for d in copies} == {seg.StudyInstanceUID}
    assert {d.FrameOfReferenceUID for d in copies} == {seg.FrameOfReferenceUID}
    burnt = pydicom.dcmread(case.phantom.paths[0])
    burnt.BurnedInAnnotation = "YES"
    burnt.save_as(case.phantom.paths[0])
    with pytest.raises(ImagingRefused):
        case.export("dicom-seg", to="second", source=tmp_path / "source", **EVERYTHING)


def test_who_owes_a_blind_read_gets_no_dicom_either(tmp_path):
    case = a_reviewed_phantom(tmp_path, settings=BLIND)
    for format_ in ("dicom-seg", "dicom-sr", "dicom-sc"):
        with pytest.raises(BlindOpen):
            case.export(format_, **EVERYTHING)
    assert not (tmp_path / "out").exists()


def test_images_without_a_position_make_no_dicom(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    lost = dataclasses.replace(
        case.study, volumes=tuple(dataclasses.replace(v, sides_known=False) for v in case.study.volumes)
    )
    with pytest.raises(BadGeometry):
        dataclasses.replace(case, study=lost).export("dicom-seg", **EVERYTHING)


def test_another_frame_of_reference_or_place_is_refused_by_name(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    file = case.export("dicom-seg", **EVERYTHING)[0]
    seg = pydicom.dcmread(file)
    seg.FrameOfReferenceUID = "1.2.3"
    seg.save_as(tmp_path / "elsewhere.dcm")
    with pytest.raises(NoFrameInCommon, match=r"elsewhere\.dcm .*frame of reference"):
        add_prediction(case.workspace, case.study, tmp_path / "elsewhere.dcm", model_name="a", model_version="1")
    seg = pydicom.dcmread(file)
    for group in seg.PerFrameFunctionalGroupsSequence:
        x, y, z = group.PlanePositionSequence[0].ImagePositionPatient
        group.PlanePositionSequence[0].ImagePositionPatient = [x + 90, y, z]
    seg.save_as(tmp_path / "shifted.dcm")
    with pytest.raises(NoFrameInCommon, match="outside"):
        add_prediction(case.workspace, case.study, tmp_path / "shifted.dcm", model_name="a", model_version="1")
    with pytest.raises(ImagingRefused):
        add_prediction(case.workspace, case.study, case.phantom.paths[0], model_name="a", model_version="1")


def test_what_a_reader_added_goes_out_also_where_no_model_has_read(tmp_path):
    workspace = a_workspace(tmp_path)
    phantom = a_phantom_series(tmp_path / "source")
    study = workspace.study(add_paths(workspace, [tmp_path / "source"]).added[0].study)
    reader = a_reader(workspace)
    drawn = (np.asarray(study.volumes[0].array) > 600).astype(np.uint8)
    intent = reader.intent(study, mask=a_mask_file(tmp_path / "mine.nii.gz", drawn, study))
    record_verdict(workspace, reader.session, study, Action.ADD, None, None, intent)
    files = export_study(workspace, reader.session, study, "dicom-sr", tmp_path / "out")
    seg, report = read(files, "_seg.dcm")[0], read(files, "_sr.dcm")[0]
    assert [s.SegmentAlgorithmType for s in seg.SegmentSequence] == ["MANUAL"]
    assert int(seg.pixel_array.sum()) == int(drawn.sum()) > 0
    assert set().union(*sides_by_finding(report).values()) == {phantom.side.capitalize()}
