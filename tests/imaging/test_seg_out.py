"""A segmentation as written: scores, overlapping segments, and what a label map tells apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.errors import BadGeometry
from dashboard.imaging.captures import capture, key_slice_of
from dashboard.imaging.result_series import result_series
from dashboard.imaging.seg_in import read_segmentation
from dashboard.imaging.seg_out import segmentation, segments_of
from dashboard.imaging.structured_report import structured_report
from tests.builders.results import AXIAL, SAGITTAL, SHAPE, some_results


def test_fractional_values_are_scores_held_to_one_half_inside_the_outline():
    results = some_results()
    seg = segmentation(results, result_series(results), "fractional")
    assert (seg.SegmentationFractionalType, seg.MaximumFractionalValue) == ("PROBABILITY", 255)
    values = set(np.unique(seg.pixel_array)) - {0}
    assert values == {230, 179, 128}, "77 is under one half and held to it"
    edited = replace(results, findings=(replace(results.findings[0], edited=True),))
    assert set(np.unique(segmentation(edited, result_series(edited), "fractional").pixel_array)) == {0, 255}


@pytest.mark.parametrize("affine", [AXIAL, SAGITTAL])
@pytest.mark.parametrize("kind", ["binary", "fractional", "labelmap"])
def test_every_region_that_was_evaluated_comes_back_on_the_grid(affine, kind):
    results = some_results(affine)
    seg = segmentation(results, result_series(results), kind)
    read = read_segmentation(seg, "seg.dcm", affine)
    assert [mask.region for mask in read.masks] == ["whole_tumour", "enhancing_tumour"]
    whole = np.zeros(SHAPE, np.uint8)
    whole[results.findings[0].box] = results.findings[0].bits
    from dashboard.imaging import resample

    for mask, bit in zip(read.masks, (0, 2), strict=True):
        expected = (whole >> bit) & 1 == 1
        if kind == "labelmap" and bit == 0:
            expected &= whole & 4 == 0
        assert np.array_equal(resample(mask.mask, read.affine, affine, SHAPE, order=0), expected)
    if kind == "labelmap":
        assert segments_of(results, kind)[0][2] == "Finding 1: T2/FLAIR abnormality, outside enhancing"


def test_an_experimental_region_says_so_and_is_not_drawn():
    results = some_results()
    trial = replace(results, regions=(results.regions[0], replace(results.regions[2], experimental=True)))
    series = result_series(trial)
    seg = segmentation(trial, series)
    assert [s.SegmentLabel for s in seg.SegmentSequence] == [
        "Finding 1: T2/FLAIR abnormality",
        "Finding 1: enhancing, experimental",
    ]
    assert "experimental" in seg.SegmentSequence[1].SegmentDescription
    violet = np.array([0xCC, 0x44, 0xFF])
    drawn = [capture(r, series, r.findings[0], 1).pixel_array for r in (results, trial)]
    assert [bool((picture == violet).all(axis=2).any()) for picture in drawn] == [True, False]
    said = {e.value[0].CodeMeaning for e in structured_report(trial, series, seg).iterall()
            if e.keyword == "ConceptCodeSequence"}  # fmt: skip
    assert "Enhancing (experimental)" in said


def test_values_that_are_no_whole_numbers_are_scaled_and_the_series_says_so():
    array = np.linspace(0, 1, int(np.prod(SHAPE))).reshape(SHAPE).astype(np.float32)
    series = result_series(some_results(array=array))
    assert "multiplied by 30000" in series.datasets[0].DerivationDescription
    assert max(int(d.pixel_array.max()) for d in series.datasets) == 30000


def test_a_series_at_no_right_angles_is_refused():
    sheared = AXIAL.copy()
    sheared[0, 2] = 1.5
    with pytest.raises(BadGeometry):
        result_series(some_results(sheared))


def test_the_key_slice_is_that_of_the_diameter_also_across_the_acquisition():
    results = some_results(SAGITTAL)
    finding = results.findings[0]
    axis, number = key_slice_of(finding, results.volume)
    assert (axis, number) == (1, 5), "axial slices of a sagittal series lie along its second axis"
    image = capture(results, result_series(results), finding, 1)
    assert image.PatientOrientation == ["L", "P"] and image.BurnedInAnnotation == "YES"
    assert "SourceImageSequence" not in image, "a reformat is no acquired slice"
    across = 8 * 4.0
    assert abs(image.PixelSpacing[0] * image.Columns - across) < 0.5
