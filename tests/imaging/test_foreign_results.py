"""Others' segmentations and structure sets: read as their own readers read them, and filled as drawn."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.data import get_testdata_file

from dashboard.casework import add_prediction
from dashboard.domain import Volume, apply_affine
from dashboard.errors import (
    BadGeometry,
    ImagingRefused,
    NoFrameInCommon,
    NonUniformSpacing,
    NotAnImage,
    OverreadError,
)
from dashboard.imaging.foreign import ForeignMask, ForeignResult, bits_from_masks
from dashboard.imaging.foreign_files import read_result
from dashboard.imaging.result_series import result_series
from dashboard.imaging.rtstruct import contours_of, fill, read_structure_set
from dashboard.imaging.seg_in import read_segmentation
from dashboard.imaging.seg_out import segmentation
from dashboard.terms import Sequence
from tests.builders.results import a_reviewed_phantom, some_results
from tests.builders.shared import shared_root

GRID = np.array([[1.2, 0, 0, -30], [0, 1.1, 0, -25], [0, 0, 3.0, -20], [0, 0, 0, 1.0]])
SHAPE = (50, 46, 14)


def a_grid(affine=GRID, shape=SHAPE):
    return Volume(np.zeros(shape, np.int16), affine, "d" * 64, Sequence.T1C, frame="F")


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "seg_highdicom/seg_image_ct_binary.dcm",
        "seg_highdicom/seg_image_ct_binary_fractional.dcm",
        "seg_highdicom/seg_image_ct_binary_overlap.dcm",
        "seg_highdicom/seg_image_ct_binary_single_frame.dcm",
        "seg_highdicom/seg_image_ct_true_fractional.dcm",
        "seg_dcmqi/data_sr-example_seg.dcm",
    ],
)
def test_samples_of_highdicom_and_dcmqi_are_placed_as_highdicom_places_them(name):
    import highdicom as hd

    path = shared_root() / "data" / "mri" / "dicom" / name
    ours = read_segmentation(pydicom.dcmread(path), path.name)
    seg = hd.seg.segread(path)
    for number, mask in zip(seg.segment_numbers, ours.masks, strict=True):
        marked = set()
        for index, group in enumerate(seg.PerFrameFunctionalGroupsSequence):
            if group.SegmentIdentificationSequence[0].ReferencedSegmentNumber != number:
                continue
            shared = seg.SharedFunctionalGroupsSequence[0]
            orientation = (group if "PlaneOrientationSequence" in group else shared).PlaneOrientationSequence[0]
            spacing = (group if "PixelMeasuresSequence" in group else shared).PixelMeasuresSequence[0]
            to_place = hd.spatial.PixelToReferenceTransformer(
                group.PlanePositionSequence[0].ImagePositionPatient,
                orientation.ImageOrientationPatient,
                spacing.PixelSpacing,
            )
            pixels = seg.pixel_array[index] if seg.pixel_array.ndim == 3 else seg.pixel_array
            rows, columns = np.nonzero(pixels >= (127.5 if ours.kind == "fractional" else 1))
            marked |= {tuple(p) for p in np.round(to_place(np.stack([columns, rows], axis=1).astype(int)), 2)}
        got = {tuple(p) for p in np.round(apply_affine(ours.affine, np.argwhere(mask.mask)), 2)}
        assert {tuple(float(x) + 0.0 for x in p) for p in got} == {tuple(float(x) + 0.0 for x in p) for p in marked}
        assert marked


def test_pydicoms_structure_set_gives_its_contours():
    data = pydicom.dcmread(get_testdata_file("rtstruct.dcm"), force=True)
    named, _ = contours_of(data, "rtstruct.dcm")
    source = [c for roi in data.ROIContourSequence for c in roi.get("ContourSequence", [])]
    assert named and sum(map(len, named.values())) <= len(source)
    for contours in named.values():
        for points in contours:
            assert points.shape[1] == 3 and np.isfinite(points).all()
    with pytest.raises(OverreadError):
        read_structure_set(data, "rtstruct.dcm", [a_grid()])


def a_structure_set(**contours):
    """A structure set of closed planar contours by name."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.3.4.5"
    data.StructureSetROISequence, data.ROIContourSequence, data.RTROIObservationsSequence = [], [], []
    for number, (name, polygons) in enumerate(contours.items(), start=1):
        roi, drawn, seen = Dataset(), Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = number, name, "1.2.3"
        drawn.ReferencedROINumber, drawn.ContourSequence = number, []
        for points in polygons:
            contour = Dataset()
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
            contour.ContourData = [float(x) for point in points for x in point]
            drawn.ContourSequence.append(contour)
        seen.ReferencedROINumber = number
        seen.RTROIInterpretedType = "ORGAN" if name == "Brainstem" else "GTV"
        data.StructureSetROISequence.append(roi)
        data.ROIContourSequence.append(drawn)
        data.RTROIObservationsSequence.append(seen)
    return data


def a_circle(radius, k, centre=(2.0, 1.0)):
    """A circle around a point on slice k of the grid."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    return [(centre[0] + radius * np.cos(a), centre[1] + radius * np.sin(a), GRID[2, 3] + 3.0 * k) for a in angles]


def test_contours_are_filled_where_centres_lie_inside_and_a_contour_inside_is_a_hole():
    data = a_structure_set(GTV=[a_circle(12, 5), a_circle(5, 5), a_circle(9, 6)], Brainstem=[a_circle(3, 2)])
    result = read_structure_set(data, "rt.dcm", [a_grid()])
    assert [one.name for one in result.masks] == ["GTV"]
    index = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"), -1)
    away = np.linalg.norm((apply_affine(GRID, index) - (2, 1, 0))[..., :2], axis=-1)
    expected = np.zeros(SHAPE, bool)
    expected[:, :, 5] = (away[:, :, 5] < 12) & (away[:, :, 5] > 5)
    expected[:, :, 6] = away[:, :, 6] < 9
    near_edge = np.minimum(abs(away - 12), np.minimum(abs(away - 5), abs(away - 9))) < 0.02
    assert np.array_equal(result.masks[0].mask[~near_edge], expected[~near_edge])
    assert result.frame_uid == "1.2.3"


def test_contours_between_slices_or_open_ones_are_refused():
    tilted = [(x, y, z + 0.1 * x) for x, y, z in a_circle(10, 5)]
    with pytest.raises(BadGeometry):
        read_structure_set(a_structure_set(GTV=[tilted]), "rt.dcm", [a_grid()])
    data = a_structure_set(GTV=[a_circle(10, 5)])
    data.ROIContourSequence[0].ContourSequence[0].ContourGeometricType = "POINT"
    with pytest.raises(ImagingRefused):
        contours_of(data, "rt.dcm")


def test_a_sagittal_series_takes_contours_drawn_on_it():
    affine = np.array([[0, 0, 3.0, -20], [1.2, 0, 0, -30], [0, -1.1, 0, 25], [0, 0, 0, 1.0]])
    corners = [(-20 + 3.0 * 4, -10, -10), (-20 + 3.0 * 4, 10, -10), (-20 + 3.0 * 4, 10, 10), (-20 + 3.0 * 4, -10, 10)]
    mask = fill([np.array(corners)], affine, (50, 46, 14), 2)
    places = apply_affine(affine, np.argwhere(mask))
    assert set(np.round(places[:, 0], 3)) == {-8.0}
    assert np.abs(places[:, 1:]).max() <= 10 and len(places) > 200


def test_names_become_regions_nested_where_they_are_known():
    shape, affine = (6, 6, 6), np.eye(4)
    edema, core, enhancing = (np.zeros(shape, bool) for _ in range(3))
    edema[1], core[2], enhancing[3] = True, True, True
    masks = (ForeignMask("Edema", edema), ForeignMask("Necrosis", core), ForeignMask("Enhancing Lesion", enhancing))
    bits, regions = bits_from_masks(ForeignResult(masks, affine, "", "binary"), affine, shape, "a.dcm")
    assert [region.name for region in regions] == ["whole_tumour", "tumour_core", "enhancing_tumour"]
    assert [int(bits[n, 0, 0]) for n in range(5)] == [0, 1, 3, 7, 0]
    masks = (ForeignMask("Liver", core), ForeignMask("Enhancing Lesion", enhancing))
    bits, regions = bits_from_masks(ForeignResult(masks, affine, "", "binary"), affine, shape, "a.dcm")
    assert [region.name for region in regions] == ["all_together", "liver", "enhancing_lesion"]
    assert [int(bits[n, 0, 0]) for n in range(5)] == [0, 0, 3, 5, 0]
    assert ForeignMask("Non-enhancing tumor", core).known_region == "tumour_core"
    with pytest.raises(ImagingRefused, match="marks nothing"):
        bits_from_masks(
            ForeignResult((ForeignMask("x", np.zeros(shape, bool)),), affine, "", "binary"), affine, shape, "a"
        )


@pytest.mark.shared
def test_damage_is_refused_by_name():
    path = shared_root() / "data" / "mri" / "dicom" / "seg_dcmqi" / "data_sr-example_seg.dcm"
    data = pydicom.dcmread(path)
    data.PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0].ImagePositionPatient[2] += 0.9
    with pytest.raises((NonUniformSpacing, BadGeometry), match=r"a\.dcm"):
        read_segmentation(data, "a.dcm")
    data = pydicom.dcmread(path)
    del data.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence
    with pytest.raises(BadGeometry, match=r"a\.dcm"):
        read_segmentation(data, "a.dcm")
    data = pydicom.dcmread(path)
    del data.SegmentSequence
    with pytest.raises(ImagingRefused, match=r"a\.dcm"):
        read_segmentation(data, "a.dcm")
    report = shared_root() / "data" / "mri" / "dicom" / "seg_dcmqi" / "data_sr-example_sr.dcm"
    with pytest.raises(NotAnImage):
        read_result(report, a_grid(), [a_grid()], ())


@pytest.fixture(scope="module")
def a_segmentation(tmp_path_factory):
    """Bytes of a small segmentation of ours, and the grid that it fits."""
    results = some_results()
    seg = segmentation(results, result_series(results))
    path = tmp_path_factory.mktemp("seg") / "seg.dcm"
    seg.save_as(path, enforce_file_format=True)
    return path.read_bytes(), results.volume


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6), cut=st.floats(0.1, 1)
)
def test_damaged_bytes_give_a_result_or_our_own_refusal(a_segmentation, tmp_path, changes, cut):
    whole, volume = a_segmentation
    damaged = bytearray(whole[: int(len(whole) * (cut if cut < 0.9 else 1))])
    for where, value in changes:
        damaged[int(where * len(damaged))] = value
    path = tmp_path / "damaged.dcm"
    path.write_bytes(damaged)
    try:
        bits, _, _ = read_result(path, volume, [volume], ())
        assert bits.shape == volume.shape
    except OverreadError as error:
        assert "damaged.dcm" in error.what and error.why and error.what_to_do


def test_an_attribute_gone_gives_a_result_or_our_own_refusal(a_segmentation, tmp_path):
    whole, volume = a_segmentation
    (tmp_path / "whole.dcm").write_bytes(whole)
    for tag in list(pydicom.dcmread(tmp_path / "whole.dcm").keys()):
        data = pydicom.dcmread(tmp_path / "whole.dcm")
        del data[tag]
        data.save_as(tmp_path / "less.dcm", enforce_file_format=False)
        try:
            read_result(tmp_path / "less.dcm", volume, [volume], ())
        except OverreadError as error:
            assert "less.dcm" in error.what, tag


def test_contours_become_a_result_that_is_reviewed_like_any_other(tmp_path):
    case = a_reviewed_phantom(tmp_path, plane="sagittal")
    volume = case.study.volumes[0]
    lesion = case.labels == 3
    polygons = []
    for k in np.flatnonzero(lesion.any(axis=(0, 1))):
        i, j = np.nonzero(lesion[:, :, k])
        (low_i, high_i), (low_j, high_j) = (i.min() - 0.4, i.max() + 0.4), (j.min() - 0.4, j.max() + 0.4)
        corners = [(low_i, low_j, k), (high_i, low_j, k), (high_i, high_j, k), (low_i, high_j, k)]
        polygons.append([tuple(p) for p in apply_affine(volume.affine, np.array(corners, float))])
    data = a_structure_set(GTV=polygons)
    data.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = case.phantom.frame_uid
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data.save_as(tmp_path / "rt.dcm", enforce_file_format=True)
    made = add_prediction(case.workspace, case.study, tmp_path / "rt.dcm", model_name="contours", model_version="1")
    assert [f.side for f in made.findings] == ["left"] and made.settings["source_kind"] == "rtstruct"
    assert np.linalg.norm(np.array(made.findings[0].centre_lps) - case.phantom.marker_lps) < 6
    data.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = "1.2.3"
    data.save_as(tmp_path / "rt.dcm", enforce_file_format=True)
    with pytest.raises(NoFrameInCommon):
        add_prediction(case.workspace, case.study, tmp_path / "rt.dcm", model_name="contours", model_version="2")
