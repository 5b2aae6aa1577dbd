"""Damaged files: headers and pixels changed at random give a study or our own refusal, and never a wrong place.

A fixed budget on fixed examples; `OVERREAD_EXPLORE=1` looks for new ones.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate

from dashboard.errors import OverreadError
from dashboard.imaging import find_mr_studies, open_series
from dashboard.imaging.elements import read_elements
from dashboard.imaging.headers import is_dicom
from tests.builders.csa import protocol
from tests.builders.phantoms import a_phantom_series

imagecodecs = pytest.importorskip("imagecodecs", reason="the codecs are not installed")
SHAPE = (16, 18, 5)
EXAMPLES = 1500 if os.environ.get("OVERREAD_EXPLORE") else 90
QUIETLY = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
CODED = {
    "1.2.840.10008.1.2.4.70": lambda a: imagecodecs.ljpeg_encode(a.astype(np.uint16)),
    "1.2.840.10008.1.2.4.80": lambda a: imagecodecs.jpegls_encode(a.astype(np.uint16)),
    "1.2.840.10008.1.2.4.90": lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k", reversible=True),
}
KINDS = ("classic", "enhanced", "mosaic", "implicit", *CODED)
TAGS = (
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns", "BitsAllocated", "BitsStored",
    "HighBit", "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "RescaleSlope",
    "RescaleIntercept", "SliceThickness", "SpacingBetweenSlices", "EchoTime", "ImageType", "Modality", "SOPClassUID",
    "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "StudyDate",
    "PatientAge", "SeriesNumber", "AcquisitionNumber", "SpecificCharacterSet", "DiffusionBValue",
)  # fmt: skip


def written(folder, kind):
    """One good series of a kind, and the file of it that is changed."""
    form = kind if kind in ("enhanced", "mosaic") else "classic"
    phantom = a_phantom_series(folder, form=form, shape=SHAPE, spacing=(9.0, 9.0, 20.0))
    for path in phantom.paths:
        data = pydicom.dcmread(path)
        if kind in CODED:
            data.PixelData = encapsulate([bytes(CODED[kind](np.ascontiguousarray(data.pixel_array)))])
            data["PixelData"].VR = "OB"
            data["PixelData"].is_undefined_length = True
            data.file_meta.TransferSyntaxUID = kind
        elif kind == "implicit":
            data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
        elif kind == "mosaic":
            middles = [phantom.affine[:3] @ [8, 9, k, 1] for k in range(SHAPE[2])]
            data.private_block(0x0029, "SIEMENS CSA HEADER").add_new(0x20, "OB", protocol(middles))
        if kind in (*CODED, "mosaic"):
            data.save_as(path)
        elif kind == "implicit":
            pydicom.dcmwrite(path, data, implicit_vr=True, little_endian=True)
    return phantom, phantom.paths[0]


class Kept(dict):
    """What was made, with a short name for reports of failures."""

    def __repr__(self) -> str:
        return "good"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    made = Kept()
    for kind in KINDS:
        folder = tmp_path_factory.mktemp("good")
        phantom, path = written(folder, kind)
        made[kind] = (folder, phantom, path, path.read_bytes())
    return made


def read(folder: Path):
    """What both readers make of the folder; other exceptions than ours fail the test."""
    files = sorted(path for path in folder.iterdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        intake = find_mr_studies(files, folder)
        try:
            open_series(files).middle()
        except OverreadError as error:
            assert error.what and error.why and error.what_to_do
    assert intake.studies or intake.refused or intake.unused
    for _, error in intake.refused:
        assert isinstance(error, OverreadError) and error.what and error.why and error.what_to_do
    for study in intake.studies:
        for volume in study.volumes:
            assert np.isfinite(volume.affine).all() and np.isfinite(volume.array).all()
            assert abs(np.linalg.det(volume.affine[:3, :3])) > 1e-9
    return intake


@pytest.mark.parametrize("kind", KINDS)
@QUIETLY
@given(changes=st.data())
def test_changed_bytes(good, kind, changes):
    """Anywhere in the file: header, private header, pixels, tables of offsets."""
    folder, _, path, whole = good[kind]
    head = 3000 if changes.draw(st.booleans()) else len(whole)
    bad = bytearray(whole)
    for _ in range(changes.draw(st.integers(1, 8))):
        bad[changes.draw(st.integers(0, min(head, len(whole)) - 1))] = changes.draw(st.integers(0, 255))
    if changes.draw(st.integers(0, 3)) == 0:
        bad = bad[: changes.draw(st.integers(0, len(bad)))]
    path.write_bytes(bytes(bad))
    try:
        read(folder)
        with path.open("rb") as stream:
            quick = read_elements(stream)
        assert quick is None or is_dicom(path)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("kind", ["classic", "enhanced", "mosaic"])
@QUIETLY
@given(changes=st.data())
def test_changed_values(good, kind, changes):
    """Elements that are well formed and say something else, or are missing, or lie at the wrong place."""
    folder, _, path, whole = good[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pydicom.dcmread(path)
        for keyword in changes.draw(st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True)):
            what = changes.draw(st.sampled_from(["gone", "empty", "other"]))
            if what == "gone":
                if keyword in data:
                    delattr(data, keyword)
                continue
            value = None if what == "empty" else changes.draw(other_value(keyword))
            try:
                setattr(data, keyword, value)
            except (ValueError, TypeError, OverflowError):
                continue
        try:
            data.save_as(path, enforce_file_format=False)
        except Exception:  # the library can't write what was drawn
            path.write_bytes(whole)
    try:
        read(folder)
    finally:
        path.write_bytes(whole)


def other_value(keyword):
    """Values that an element of the kind may hold, impossible ones among them."""
    numbers = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1e-30, -1.0])
    if keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        return st.lists(numbers.map(lambda x: float(f"{x:.6g}")), min_size=1, max_size=7)
    if keyword in (
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "SamplesPerPixel",
    ):
        return st.integers(0, 70) | st.integers(0, 65535)
    if keyword in ("NumberOfFrames", "SeriesNumber", "AcquisitionNumber"):
        return st.integers(-5, 400)
    if keyword in (
        "RescaleSlope",
        "RescaleIntercept",
        "SliceThickness",
        "SpacingBetweenSlices",
        "EchoTime",
        "DiffusionBValue",
    ):
        return numbers.map(lambda x: float(f"{x:.6g}"))
    return st.text(st.characters(codec="ascii", exclude_characters="\\"), max_size=16)


def test_untouched_files_are_read(good):
    """What the fuzzing starts from is whole, or it would try nothing."""
    for kind, (folder, phantom, _, _) in good.items():
        (study,) = read(folder).studies
        assert study.volumes[0].shape == SHAPE, kind
        assert np.array_equal(study.volumes[0].array, phantom.array), kind
        assert np.allclose(study.volumes[0].affine, phantom.affine, atol=1e-4), kind
