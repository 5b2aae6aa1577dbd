"""A Siemens mosaic is taken apart where its header says how, and refused with advice where it does not."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from dashboard.imaging import find_mr_studies
from tests.builders.csa import csa_header, protocol
from tests.builders.phantoms import a_phantom_series, brightest_place

SMALL = {"form": "mosaic", "shape": (40, 48, 22)}


def found_in(folder):
    return find_mr_studies(sorted(folder.iterdir()), folder)


def only_volume(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    return intake.studies[0].volumes[0]


def with_csa(path, image=None, series=None, **elements):
    """Replace the CSA headers of a file; None leaves one as it is, {} takes it out."""
    data = pydicom.dcmread(path)
    block = data.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    for element, value in ((0x10, image), (0x20, series)):
        if value is not None:
            if element in block:
                del block[element]
            if value:
                block.add_new(element, "OB", value)
    for keyword, value in elements.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    data.save_as(path)


def image_header(count="22", normal=("0", "0", "1"), **more):
    tags = {"NumberOfImagesInMosaic": ("US", [count]), "SliceNormalVector": ("FD", list(normal))}
    return csa_header({name: tag for name, tag in {**tags, **more}.items() if tag[1] and tag[1] != [""]})


@pytest.mark.parametrize("plane", ["axial", "sagittal", "oblique"])
def test_slices_that_run_against_the_normal_keep_their_places(tmp_path, plane):
    phantom = a_phantom_series(tmp_path, plane=plane, flipped_normal=True, **SMALL)
    volume = only_volume(tmp_path)
    assert np.allclose(volume.affine, phantom.affine, atol=1e-4)
    assert np.array_equal(volume.array, phantom.array)
    assert np.allclose(brightest_place(volume.array, volume.affine), phantom.marker_lps, atol=2)


def test_reversed_image_numbers_run_as_the_protocol_lists_their_places(tmp_path):
    """The normal says one way, the listed places the other, as with ucImageNumbTra = 1."""
    phantom = a_phantom_series(tmp_path, flipped_normal=True, **SMALL)
    middles = [phantom.affine[:3] @ [20, 24, k, 1] for k in range(22)]
    with_csa(phantom.paths[0], image=image_header(), series=protocol(middles))
    volume = only_volume(tmp_path)
    assert np.array_equal(volume.array, phantom.array)
    assert np.allclose(volume.affine, phantom.affine, atol=1e-4)


def test_spacing_comes_from_the_protocol_where_no_element_states_it(tmp_path):
    phantom = a_phantom_series(tmp_path, **SMALL)
    middles = [phantom.affine[:3] @ [20, 24, k, 1] for k in range(22)]
    with_csa(phantom.paths[0], series=protocol(middles), SpacingBetweenSlices=None)
    assert np.allclose(only_volume(tmp_path).affine, phantom.affine, atol=1e-4)


@pytest.mark.parametrize(
    ("image", "elements", "why"),
    [
        (b"", {}, "how many slices"),
        (b"SV10\4\3\2\1\xff\xff\0\0", {}, "how many slices"),
        (image_header(count="30"), {}, "30 tiles"),
        (image_header(normal=()), {}, "in which direction"),
        (image_header(normal=("1", "0", "0")), {}, "in which direction"),
        (image_header(ProtocolSliceNumber=("IS", ["21"])), {}, "numbered backwards"),
        (None, {"SpacingBetweenSlices": None}, "how far apart"),
        (None, {"ImagePositionPatient": None}, "states no position"),
    ],
)  # fmt: skip
def test_mosaic_that_does_not_say_where_its_slices_lie_is_refused(tmp_path, image, elements, why):
    phantom = a_phantom_series(tmp_path, **SMALL)
    with_csa(phantom.paths[0], image=image, **elements)
    intake = found_in(tmp_path)
    assert intake.studies == ()
    ((_, error),) = intake.refused
    assert error.code == "mosaic_refused"
    assert why in error.why
    assert "dcm2niix" in error.what_to_do


@pytest.mark.parametrize("left", ["number", "matrix"])
def test_mosaic_whose_image_type_was_taken_out_is_not_read_as_one_slice(tmp_path, left):
    phantom = a_phantom_series(tmp_path, **SMALL, elements={"ImageType": ["DERIVED", "PRIMARY"]})
    with_csa(phantom.paths[0], image=b"", ScanningSequence="EP", AcquisitionMatrix=[40, 0, 0, 40])
    if left == "number":
        data = pydicom.dcmread(phantom.paths[0])
        data.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", 22)
        data.ScanningSequence = "GR"
        data.save_as(phantom.paths[0])
    intake = found_in(tmp_path)
    assert intake.studies == ()
    assert [error.code for _, error in intake.refused] == ["mosaic_refused"]


def test_interpolated_echo_planar_slices_are_no_mosaics(tmp_path):
    said = {"Manufacturer": "SIEMENS", "ScanningSequence": "EP", "AcquisitionMatrix": [20, 0, 0, 20]}
    a_phantom_series(tmp_path, shape=(40, 48, 5), elements=said)
    assert only_volume(tmp_path).shape == (40, 48, 5)


def test_distances_that_contradict_each_other_are_refused(tmp_path):
    phantom = a_phantom_series(tmp_path, **SMALL)
    middles = [phantom.affine[:3] @ [20, 24, k * 1.5, 1] for k in range(22)]
    with_csa(phantom.paths[0], series=protocol(middles))
    assert "two different distances" in found_in(tmp_path).refused[0][1].why


def test_mosaics_over_time_become_volumes(tmp_path):
    first = a_phantom_series(tmp_path / "a", **SMALL)
    second = a_phantom_series(tmp_path / "b", marker_lps=(-22.0, 0.0, 0.0), **SMALL)
    for number, path in enumerate((*first.paths, *second.paths)):
        data = pydicom.dcmread(path)
        data.StudyInstanceUID, data.SeriesInstanceUID = first.study_uid, first.series_uid
        data.AcquisitionNumber = number + 1
        data.save_as(tmp_path / f"{number}.dcm")
    for path in (*first.paths, *second.paths):
        path.unlink()
    (study,) = find_mr_studies(sorted(tmp_path.glob("*.dcm")), tmp_path).studies
    places = [brightest_place(volume.array, volume.affine) for volume in study.volumes]
    assert [place[0] > 0 for place in places] == [True, False]
