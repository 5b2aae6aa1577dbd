"""The basic profile of PS3.15: by rows of table E.1-1, at every depth, on what scanners really write."""

from __future__ import annotations

import hashlib

import pydicom
import pytest
from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag

from dashboard.errors import ImagingRefused
from dashboard.imaging.deidentify import OWN_WORDS, basic_profile, elements_of, profile_action
from tests.builders.shared import shared_root

# (keyword or tag, action) as table E.1-1 has them in the column "Basic Prof."
TABLE = [
    ("PatientName", "Z"),
    ("PatientBirthDate", "Z"),
    ("PatientSex", "Z"),
    ("PatientAge", "X"),
    ("PatientAddress", "X"),
    ("AccessionNumber", "Z"),
    ("StudyID", "Z"),
    ("StudyDate", "Z"),
    ("StudyTime", "Z"),
    ("ReferringPhysicianName", "Z"),
    ("StudyInstanceUID", "U"),
    ("SeriesInstanceUID", "U"),
    ("SOPInstanceUID", "U"),
    ("FrameOfReferenceUID", "U"),
    ("ReferencedSOPInstanceUID", "U"),
    ("SeriesDescription", "X"),
    ("StudyDescription", "X"),
    ("ImageComments", "X"),
    ("PatientComments", "X"),
    ("OtherPatientIDs", "X"),
    ("IssuerOfPatientID", "X"),
    ("PersonName", "D"),
    ("ContentCreatorName", "Z/D"),
    ("PatientID", "Z/D"),
    ("InstitutionName", "X/Z/D"),
    ("StationName", "X/Z/D"),
    ("DeviceSerialNumber", "X/Z/D"),
    ("ProtocolName", "X/D"),
    ("SeriesDate", "X/D"),
    ("AcquisitionDate", "X/Z"),
    ((0x6000, 0x3000), "X"),
    ((0x6004, 0x4000), "X"),
    ((0x5002, 0x0010), "X"),
    ((0x0029, 0x1010), "X"),
    ("Rows", ""),
    ("ImagePositionPatient", ""),
    ("Modality", ""),
    ("SOPClassUID", ""),
]
PATIENT = ("P-AAAAAAAAAA", "P-AAAAAAAAAA^")


def new_uid(old):
    return f"2.25.{int(hashlib.sha256(old.encode()).hexdigest()[:24], 16)}"


@pytest.mark.parametrize(("attribute", "action"), TABLE)
def test_e_1_1_row(attribute, action):
    assert profile_action(Tag(attribute)) == action


def a_dataset():
    """Names at three depths, in a private element and in an overlay."""
    data, item, deeper = Dataset(), Dataset(), Dataset()
    deeper.PersonName = "Quixote^Alonso"
    deeper.ReferencedSOPInstanceUID = "1.2.3.4"
    item.ReferencedSOPInstanceUID = "1.2.3.4"
    item.InstitutionName = "La Mancha"
    item.PurposeOfReferenceCodeSequence = [deeper]
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = "1.2.840.10008.5.1.4.1.1.4", "1.2.3.4", "MR"
    data.PatientName, data.PatientID, data.PatientBirthDate = "Quixote^Alonso", "4711", "19470409"
    data.StudyInstanceUID = "1.2.3"
    data.InstitutionName = "La Mancha"
    data.ReferencedImageSequence = [item]
    data.SeriesDate = "20231105"
    data.ImageType = ["ORIGINAL", "PRIMARY"]
    data.add_new((0x0029, 0x0010), "LO", "SIEMENS CSA HEADER")
    data.add_new((0x0029, 0x1010), "OB", b"Quixote")
    data.add_new((0x6000, 0x3000), "OW", b"Quixote ")
    data.Rows = 4
    return data


def test_names_go_at_every_depth_and_uids_stay_one():
    data = a_dataset()
    clean = basic_profile(data, patient=PATIENT, new_uid=new_uid)
    words = [str(element.value) for element in elements_of(clean)]
    assert not [w for w in words if any(secret in w for secret in ("Quixote", "4711", "La Mancha", "19470409", "2023"))]
    assert clean.SOPInstanceUID == new_uid("1.2.3.4") == clean.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    assert clean.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence[0].ReferencedSOPInstanceUID == new_uid(
        "1.2.3.4"
    )
    assert (clean.PatientID, str(clean.PatientName)) == PATIENT
    assert (clean.Rows, clean.SOPClassUID) == (4, "1.2.840.10008.5.1.4.1.1.4")
    assert (
        clean.PatientIdentityRemoved == "YES" and clean.RecognizableVisualFeatures == "YES"
        if "PixelData" in clean
        else True
    )
    assert [c.CodeValue for c in clean.DeidentificationMethodCodeSequence] == ["113100"]
    assert data.PatientID == "4711" and data.ReferencedImageSequence[0].InstitutionName == "La Mancha"


@pytest.mark.parametrize(
    "said",
    [
        {"BurnedInAnnotation": "YES"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"},
        {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
    ],
)
def test_what_may_have_a_name_in_its_pixels_is_refused(said):
    data = a_dataset()
    for keyword, value in said.items():
        setattr(data, keyword, value)
    with pytest.raises(ImagingRefused, match="burnt"):
        basic_profile(data, patient=PATIENT, new_uid=new_uid)


def test_of_our_own_objects_only_our_words_are_kept():
    data = a_dataset()
    data.SeriesDescription = "Overread segmentation"
    data.InstanceCreationDate = "20240102"
    data.OperatorsName = "Panza^Sancho"
    clean = basic_profile(data, patient=PATIENT)
    assert clean.SeriesDescription == "Overread segmentation"
    assert clean.StudyInstanceUID == "1.2.3"
    assert clean.InstanceCreationDate == "19000101" and "Panza" not in str(clean.get("OperatorsName"))
    assert {c.CodeValue for c in clean.DeidentificationMethodCodeSequence} == {"113100", "113104", "113105"}


@pytest.mark.shared
def test_on_every_shared_dicom_file_no_attribute_of_the_table_keeps_its_value():
    seen = set()
    for path in sorted((shared_root() / "data" / "mri" / "dicom").rglob("*")):
        if path.parent in seen or not path.is_file():
            continue
        try:
            data = pydicom.dcmread(path, stop_before_pixels=True)
            clean = basic_profile(data, patient=PATIENT, new_uid=new_uid, name=path.name)
        except (ImagingRefused, InvalidDicomError):
            continue
        seen.add(path.parent)
        before = {str(e.value) for e in elements_of(data) if profile_action(e.tag) and e.VR != "SQ" and not e.is_empty}
        for element in elements_of(clean):
            action = profile_action(element.tag)
            assert action != "X" or element.keyword in OWN_WORDS, (path.name, element.keyword)
            if action and element.VR not in ("SQ", "US", "SS", "UL", "FD", "FL") and not element.is_empty:
                told = str(element.value)
                assert told not in before or told in {*PATIENT, "0", "REMOVED", "19000101", "000000"}, element.keyword
    assert len(seen) >= 12
