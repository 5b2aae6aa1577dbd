"""Findings out as a DICOM structured report: measures and the reader's assessment, coded, never verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..domain import Region, RegionMeasure
from ..terms import region_term
from .diameters import axial_axis_of
from .result_codes import LATERALITY, private_code, property_of, reason_code, standing_code
from .result_records import ResultFinding, Results, Standing
from .result_series import ResultSeries
from .seg_out import segments_of, stamp

if TYPE_CHECKING:
    from highdicom.seg import Segmentation
    from highdicom.sr import Comprehensive3DSR

__all__ = ["structured_report"]

_UNCALIBRATED = "uncalibrated detector score"


def structured_report(results: Results, series: ResultSeries, seg: Segmentation | None) -> Comprehensive3DSR:
    """A measurement report (PS3.16, TID 1500): a measurement group a region of each finding, and of each point added.

    Volume, diameters and 3-D diameter are the values that the page shows; the assessment, its reason and whose the
    outline is are private codes, which the object says. VerificationFlag is UNVERIFIED, CompletionFlag PARTIAL:
    a verdict on a model's finding is not a report.

    Parameters
    ----------
    seg : Segmentation or None
        The binary segmentation of the same results, to whose segments the groups refer.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    groups: list[Any] = []
    for number, (finding, region, _) in enumerate(segments_of(results), start=1):
        assert seg is not None
        groups.append(_volumetric(results, series, seg, number, finding, region))
    groups += [_point(finding, series) for finding in results.findings if finding.bits is None]
    reader = results.labels.reader
    observers = [_device(results)]
    if reader:
        observers.insert(
            0,
            hd.sr.ObserverContext(
                observer_type=codes.DCM.Person,
                observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(
                    name=reader, role_in_procedure=_role(results)
                ),
            ),
        )
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(
            observer_person_context=observers[0] if reader else None, observer_device_context=observers[-1]
        ),
        procedure_reported=Code("24590-2", "LN", "MR Brain"),
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    what = f"sr {results.digest}"
    sr = hd.sr.Comprehensive3DSR(
        evidence=[*([seg] if seg is not None else []), *series.datasets],
        content=report[0],
        series_instance_uid=results.labels.new_uid(f"series of {what}"),
        series_number=9011,
        sop_instance_uid=results.labels.new_uid(what),
        instance_number=1,
        manufacturer="Overread",
        is_complete=False,
        is_final=False,
        is_verified=False,
    )
    whose = ", adjudicated" if results.review == "adjudicated" else ""
    sr.SeriesDescription = f"Overread measurements, unverified{whose}{results.further_words}"[:64]
    sr.ManufacturerModelName, sr.SoftwareVersions, sr.DeviceSerialNumber = "Overread", __version__, "0"
    stamp(sr, results)
    return sr


def _role(results: Results) -> Any:
    """Whose review it is: one reader's, or what was decided between several."""
    if results.review == "adjudicated":
        return private_code("adjudicator", "Adjudicator who decided between readers")
    return private_code("reader-role", "Reader who judged the model's result")


def _device(results: Results) -> Any:
    import highdicom as hd
    from pydicom.sr.codedict import codes

    model = results.model
    return hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=results.labels.new_uid(f"device {model.id} {model.version} {model.digest}"),
            name=(model.title or model.id)[:64],
            manufacturer_name="Overread",
            model_name=f"{model.id} {model.version}"[:64],
        ),
    )


def _volumetric(
    results: Results, series: ResultSeries, seg: Segmentation, number: int, finding: ResultFinding, region: Region
) -> Any:
    import highdicom as hd
    from pydicom.sr.coding import Code

    by_hand = finding.standing == Standing.ADDED
    model = results.model
    return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(finding),
        referenced_segment=hd.sr.ReferencedSegment.from_segmentation(seg, segment_number=number),
        finding_category=Code("49755003", "SCT", "Morphologically Abnormal Structure"),
        finding_type=property_of(region.name),
        finding_sites=_sites(finding),
        algorithm_id=None
        if by_hand
        else hd.sr.AlgorithmIdentification(name=(model.title or model.id)[:64], version=model.version),
        measurements=_measurements(finding, region, series),
        qualitative_evaluations=_assessment(finding, region),
    )


def _point(finding: ResultFinding, series: ResultSeries) -> Any:
    """A finding that was marked by one click: no outline, no size."""
    import highdicom as hd
    from pydicom.sr.coding import Code

    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(finding),
        finding_category=Code("49755003", "SCT", "Morphologically Abnormal Structure"),
        finding_type=property_of("whole_tumour"),
        finding_sites=_sites(finding),
        measurements=[_place(finding, axis) for axis in range(3)] if finding.point_lps else None,
        qualitative_evaluations=_assessment(finding, None),
    )


def _tracking(finding: ResultFinding) -> Any:
    import highdicom as hd

    return hd.sr.TrackingIdentifier(identifier=finding.tracking_id, uid=finding.tracking_uid)


def _sites(finding: ResultFinding) -> list[Any]:
    import highdicom as hd
    from pydicom.sr.coding import Code

    side = LATERALITY.get(finding.side)
    return [
        hd.sr.FindingSite(
            anatomic_location=Code("12738006", "SCT", "Brain"), laterality=Code(*side) if side is not None else None
        )
    ]


def _place(finding: ResultFinding, axis: int) -> Any:
    """One coordinate of a point, in patient millimetres."""
    import highdicom as hd
    from pydicom.sr.codedict import codes

    assert finding.point_lps is not None
    name = private_code(f"point-{'xyz'[axis]}", f"Patient coordinate {'xyz'[axis]} of the point marked, LPS")
    return hd.sr.Measurement(name=name, value=float(finding.point_lps[axis]), unit=codes.UCUM.Millimeter)


def _measurements(finding: ResultFinding, region: Region, series: ResultSeries) -> list[Any]:
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    size = next((measure for measure in finding.measures if measure.name == region.name), None)
    if size is None:
        return []
    millilitre, mm = Code("mL", "UCUM", "milliliter"), codes.UCUM.Millimeter
    found = [hd.sr.Measurement(name=codes.SCT.Volume, value=round(size.volume_ml, 4), unit=millilitre)]
    images = _image_of(size, series)
    for name, value in ((codes.SCT.LongAxis, size.longest_mm), (codes.SCT.ShortAxis, size.perpendicular_mm)):
        if value is not None:
            found.append(hd.sr.Measurement(name=name, value=round(value, 2), unit=mm, referenced_images=images))
    if size.longest_3d_mm:
        name = Code("L0JK", "IBSI", "Maximum 3D Diameter of a Mesh")
        found.append(hd.sr.Measurement(name=name, value=round(size.longest_3d_mm, 2), unit=mm))
    if finding.score is not None and region is not None and size is finding.measures[0]:
        found.append(
            hd.sr.Measurement(
                name=private_code("score", f"Mean {_UNCALIBRATED}"),
                value=round(finding.score, 4),
                unit=codes.UCUM.NoUnits,
            )
        )
    return found


def _image_of(size: RegionMeasure, series: ResultSeries) -> list[Any] | None:
    """The slice on which the diameters lie, where the acquisition was axial."""
    import highdicom as hd

    through = series.volume.through_axis
    if size.slice_index is None or axial_axis_of(series.volume.affine) != through or series.is_multiframe:
        return None
    numbers = np.arange(series.volume.shape[through]).reshape([-1 if a == through else 1 for a in range(3)])
    placed = series.place(np.broadcast_to(numbers, series.volume.shape))[0, 0]
    image = series.datasets[int(np.flatnonzero(placed == size.slice_index)[0])]
    return [hd.sr.SourceImageForMeasurement(str(image.SOPClassUID), str(image.SOPInstanceUID))]


def _assessment(finding: ResultFinding, region: Region | None) -> list[Any]:
    """What the reader said, and whose the outline is."""
    import highdicom as hd

    said = [(private_code("assessment", "Reader's assessment"), standing_code(finding.standing))]
    if finding.reason:
        said.append((private_code("reason", "Reason of the assessment"), reason_code(finding.reason)))
    if region is not None:
        whose = ("reader", "Drawn or edited by reader") if finding.edited else ("model", "As the model drew it")
        said.append((private_code("outline", "Outline"), private_code(*whose)))
        words = region_term(region.name).words + (" (experimental)" if region.experimental else "")
        said.append((private_code("region", "Region"), private_code(region.name, words)))
    return [hd.sr.QualitativeEvaluation(name=name, value=value) for name, value in said]
