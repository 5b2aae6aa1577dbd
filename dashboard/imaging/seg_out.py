"""Findings out as a DICOM segmentation: a segment a region of a finding, coded, tracked, referring to its slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..domain import Region
from ..terms import region_term
from .result_codes import coding_scheme, property_of
from .result_records import ResultFinding, Results, Standing
from .result_series import ResultSeries

if TYPE_CHECKING:
    from highdicom.seg import Segmentation

__all__ = ["SEGMENTATION_TYPES", "segmentation", "segments_of", "stamp"]

SEGMENTATION_TYPES = ("binary", "fractional", "labelmap")

_CATEGORY = ("49755003", "SCT", "Morphologically Abnormal Structure")
_HALF = 128


def segments_of(results: Results, segmentation_type: str = "binary") -> tuple[tuple[ResultFinding, Region, str], ...]:
    """The segments in their order, numbered from 1: the finding, its region, and what they are called.

    Regions of a finding without a voxel get none. In a label map, where no voxel has two, a region is what lies
    outside the next inner one and says so.
    """
    found = []
    for finding in results.findings:
        if finding.bits is None:
            continue
        for place, region in enumerate(_evaluated(results)):
            mask = _part(finding, results, place, segmentation_type)
            if not mask.any():
                continue
            words = region_term(region.name).words
            if region.experimental:
                words = f"{region_term(region.name).short}, experimental"
            inner = _evaluated(results)[place + 1 : place + 2]
            if segmentation_type == "labelmap" and inner:
                words = f"{words}, outside {region_term(inner[0].name).short}"
            found.append((finding, region, f"{finding.title}: {words}"[:64]))
    return tuple(found)


def segmentation(results: Results, series: ResultSeries, segmentation_type: str = "binary") -> Segmentation:
    """A DICOM SEG of all findings that have an outline.

    Parameters
    ----------
    segmentation_type : str
        `binary`; `fractional`: the model's scores inside the outline, held to one half and above, so that whoever cuts
        there gets the outline (voxels that the reader drew, and results without scores, are 1); `labelmap`: one value a
        voxel.

    Raises
    ------
    ValueError
        No finding has an outline, or there is no such type.

    Notes
    -----
    PS3.3 A.51 (Segmentation IOD), C.8.20. Segments of one finding share its tracking UID. The algorithm type is
    AUTOMATIC for an outline as the model drew it, SEMIAUTOMATIC for one that the reader changed, MANUAL for a finding
    that the reader added.
    """
    import highdicom as hd

    named = segments_of(results, segmentation_type)
    if segmentation_type not in SEGMENTATION_TYPES or not named:
        raise ValueError("nothing to segment, or no such type")
    descriptions = [_description(results, number, *one) for number, one in enumerate(named, start=1)]
    pixels, first, last = _pixels(results, series, segmentation_type)
    new_uid, what = results.labels.new_uid, f"seg {segmentation_type} {results.digest}"
    seg = hd.seg.Segmentation(
        source_images=list(series.datasets[first : last + 1]),
        pixel_array=pixels,
        segmentation_type=segmentation_type.upper(),
        segment_descriptions=descriptions,
        series_instance_uid=new_uid(f"series of {what}"),
        series_number=9001 + SEGMENTATION_TYPES.index(segmentation_type),
        sop_instance_uid=new_uid(what),
        instance_number=1,
        manufacturer="Overread",
        manufacturer_model_name="Overread",
        software_versions=__version__,
        device_serial_number="0",
        content_label="OVERREAD",
        content_description=f"Model result as {results.review}{results.further_words}"[:64],
        content_creator_name=results.labels.reader or None,
    )
    whose = ", adjudicated" if results.review == "adjudicated" else ""
    seg.SeriesDescription = f"Overread segmentation{whose}{results.further_words}"[:64]
    stamp(seg, results)
    for element in seg.iterall():
        if element.keyword == "DimensionOrganizationUID":  # random otherwise: the same results are the same bytes
            element.value = new_uid(f"dimensions of {what}")
    _name_segment_in_each_frame(seg)
    if series.is_multiframe:
        _refer_to_whole(seg, series, results)
    return seg


def stamp(data: object, results: Results) -> None:
    """What all result objects say alike: times of their contents, synthetic or not, the private designator, the body."""
    from pydicom import Dataset

    day, time = results.made_at.strftime("%Y%m%d"), results.made_at.strftime("%H%M%S")
    data.ContentDate = data.SeriesDate = data.InstanceCreationDate = day  # type: ignore[attr-defined]
    data.ContentTime = data.SeriesTime = data.InstanceCreationTime = time  # type: ignore[attr-defined]
    data.SpecificCharacterSet = "ISO_IR 192"  # type: ignore[attr-defined]
    if results.synthetic:
        data.SyntheticData = "YES"  # type: ignore[attr-defined]
    scheme = Dataset()
    for keyword, value in coding_scheme().items():
        setattr(scheme, keyword, value)
    data.CodingSchemeIdentificationSequence = [scheme]  # type: ignore[attr-defined]


def _evaluated(results: Results) -> tuple[Region, ...]:
    return tuple(region for region in results.regions if region.evaluated)


def _part(finding: ResultFinding, results: Results, place: int, segmentation_type: str) -> np.ndarray:
    """A region of a finding within its box; for a label map without the next inner region."""
    regions = _evaluated(results)
    mask = finding.mask(regions[place])
    if segmentation_type == "labelmap":
        for inner in regions[place + 1 :]:
            mask = mask & ~finding.mask(inner)
    return mask


def _description(results: Results, number: int, finding: ResultFinding, region: Region, label: str) -> object:
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    model = results.model
    by_hand = finding.standing == Standing.ADDED
    algorithm = hd.AlgorithmIdentificationSequence(
        name=(model.title or model.id)[:64],
        family=codes.DCM.ArtificialIntelligence,
        version=model.version,
        parameters={"model": model.id, "digest": model.digest or "not known", "region": region.name},
    )
    colour = region_term(region.name).colour.lstrip("#")
    description = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=Code(*_CATEGORY),
        segmented_property_type=property_of(region.name),
        algorithm_type="MANUAL" if by_hand else "SEMIAUTOMATIC" if finding.edited else "AUTOMATIC",
        algorithm_identification=None if by_hand else algorithm,
        tracking_uid=finding.tracking_uid,
        tracking_id=finding.tracking_id,
        anatomic_regions=[Code("12738006", "SCT", "Brain")],
        display_color=hd.color.CIELabColor.from_rgb(*(int(colour[n : n + 2], 16) for n in (0, 2, 4))),
    )
    edited = ", outline edited by reader" if finding.edited and not by_hand else ""
    trial = ", experimental region" if region.experimental else ""
    description.SegmentDescription = f"{finding.standing}{edited}{trial}"
    return description


def _pixels(results: Results, series: ResultSeries, segmentation_type: str) -> tuple[np.ndarray, int, int]:
    """(slice, row, column, segment) values of the slices from the first to the last that holds any, and which these are.

    Of a label map (slice, row, column). Segments are filled one by one into one array, in which each frame is whole.
    """
    parts = [
        (finding, region, part)
        for finding in results.findings
        if finding.bits is not None
        for place, region in enumerate(_evaluated(results))
        if (part := _part(finding, results, place, segmentation_type)).any()
    ]
    labels = np.zeros(results.volume.shape, np.uint8 if len(parts) < 256 else np.uint16)
    for number, (finding, _, part) in enumerate(parts, start=1):
        labels[finding.box][part] = number
    frames = _frames(series, labels)
    used = np.flatnonzero(frames.any(axis=(1, 2)))
    first, last = int(used[0]), int(used[-1])
    if segmentation_type == "labelmap":
        return np.ascontiguousarray(frames[first : last + 1]), first, last
    kind = np.float32 if segmentation_type == "fractional" else np.uint8
    stacked = np.zeros((len(parts), last - first + 1, *frames.shape[1:]), kind)
    whole = np.zeros(results.volume.shape, np.uint8)
    for layer, (finding, region, part) in zip(stacked, parts, strict=True):
        values = part if segmentation_type == "binary" else np.where(part, _scores(finding, region), 0)
        whole[finding.box] = values
        layer[:] = _frames(series, whole)[first : last + 1]
        whole[finding.box] = 0
    if segmentation_type == "fractional":
        stacked /= 255
    return np.moveaxis(stacked, 0, -1), first, last


def _frames(series: ResultSeries, array: np.ndarray) -> np.ndarray:
    """An array of the grid as (slice, row, column) of the series."""
    return series.place(array).transpose(2, 1, 0)


def _scores(finding: ResultFinding, region: Region) -> np.ndarray:
    if finding.scores is None or finding.edited:
        return np.full(finding.bits.shape, 255, np.uint8)  # type: ignore[union-attr]
    return np.maximum(finding.scores[region.bit], _HALF)


def _name_segment_in_each_frame(seg: Segmentation) -> None:
    """Of a lone segment the library says it once for all frames; many readers look for it in each."""
    shared = seg.SharedFunctionalGroupsSequence[0]
    if "SegmentIdentificationSequence" in shared:
        for group in seg.PerFrameFunctionalGroupsSequence:
            group.SegmentIdentificationSequence = shared.SegmentIdentificationSequence
        del shared.SegmentIdentificationSequence


def _refer_to_whole(seg: Segmentation, series: ResultSeries, results: Results) -> None:
    """Refer to the one multi-frame source as a whole: which of its frames a slice was can't be told any more."""
    from pydicom import Dataset

    assert results.labels.source is not None
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    reference.ReferencedSOPInstanceUID = results.labels.source.instance_uids[series.volume.digest][0]
    for group in seg.PerFrameFunctionalGroupsSequence:
        if "DerivationImageSequence" in group:
            group.DerivationImageSequence = []
    seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence = [reference]
