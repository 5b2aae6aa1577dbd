"""Key slices out as secondary captures, with outline and letters burnt in, for viewers that know no segmentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..domain import Volume, apply_affine, axis_letters, nearest_axes, plane_normal_to
from ..terms import SEQUENCE_WORDS, region_term
from .diameters import axial_axis_of
from .result_records import ResultFinding, Results, Standing
from .result_series import ResultSeries
from .seg_out import stamp

if TYPE_CHECKING:
    from highdicom.sc import SCImage

__all__ = ["capture", "captures", "key_slice_of"]

_LONG_SIDE = 768
_ON_SCREEN = {2: ((0, 1), (1, 1)), 1: ((0, 1), (2, -1)), 0: ((1, 1), (2, -1))}
"""By the world axis through the slice: the world axis and sign to the right, then down, on screen."""
_DICOM_LETTERS = {"S": "H", "I": "F"}
"""Head and foot, as PatientOrientation (0020,0020) has them."""


@dataclass(frozen=True)
class _Screen:
    """How a slice lies on screen: array axes across and down, and whether each runs backwards."""

    axis: int
    number: int
    across: int
    down: int
    flip_across: bool
    flip_down: bool

    def turned(self, array: np.ndarray) -> np.ndarray:
        """The slice of an array as (down, across)."""
        picture = np.moveaxis(np.asarray(array), self.axis, 0)[self.number]
        if self.down > self.across:
            picture = picture.T
        return picture[:: -1 if self.flip_down else 1, :: -1 if self.flip_across else 1]


def key_slice_of(finding: ResultFinding, volume: Volume) -> tuple[int, int]:
    """Array axis and number of the slice that shows a finding best.

    The axial one of the longest diameter (of the innermost region that has one); else, for a finding without
    diameters, the acquired slice on which it is largest, or on which its point lies.
    """
    for measure in reversed(finding.measures):
        if measure.slice_index is not None:
            return axial_axis_of(volume.affine), measure.slice_index
    through = volume.through_axis
    if finding.bits is not None and finding.box is not None:
        areas = np.moveaxis(finding.bits > 0, through, 0).sum(axis=(1, 2))
        return through, int(areas.argmax()) + int(finding.box[through].start or 0)
    assert finding.point_lps is not None
    index = apply_affine(np.linalg.inv(volume.affine), np.array(finding.point_lps))
    return through, int(np.clip(round(float(index[through])), 0, volume.shape[through] - 1))


def captures(results: Results, series: ResultSeries) -> tuple[SCImage, ...]:
    """A capture of each finding that has a place, in their order; all are one series."""
    shown = [finding for finding in results.findings if finding.bits is not None or finding.point_lps]
    return tuple(capture(results, series, finding, number) for number, finding in enumerate(shown, start=1))


def capture(results: Results, series: ResultSeries, finding: ResultFinding, number: int) -> SCImage:
    """The key slice of a finding in radiological convention and true aspect, RGB, at least 768 pixels a side.

    Burnt in: outlines in the regions' colours, letters at the edges, and the words of a viewer's corners (pseudonym,
    series, slice, finding, its standing and size). BurnedInAnnotation is YES.
    """
    import highdicom as hd

    screen = _screen_of(results.volume, *key_slice_of(finding, results.volume))
    pixels, spacing = _picture(results, finding, screen)
    letters = _letters(results.volume, screen)
    _write_words(pixels, results, finding, screen, letters)
    what = f"sc {results.digest}"
    first = series.datasets[0]
    image = hd.sc.SCImage(
        pixel_array=pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=(_DICOM_LETTERS.get(letters[1], letters[1]), _DICOM_LETTERS.get(letters[3], letters[3])),
        study_instance_uid=first.StudyInstanceUID,
        series_instance_uid=results.labels.new_uid(f"series of {what}"),
        series_number=9021,
        sop_instance_uid=results.labels.new_uid(f"{what} {finding.id}"),
        instance_number=number,
        manufacturer="Overread",
        patient_id=first.PatientID,
        patient_name=first.PatientName,
        patient_birth_date=first.PatientBirthDate,
        patient_sex=first.PatientSex or None,
        accession_number=first.AccessionNumber,
        study_id=first.StudyID,
        study_date=first.StudyDate or None,
        study_time=first.StudyTime or None,
        referring_physician_name="",
        pixel_spacing=(spacing, spacing),
    )
    image.Modality = "OT"
    image.BurnedInAnnotation = "YES"
    image.ImageType = ["DERIVED", "SECONDARY"]
    image.SeriesDescription = f"Overread key slices{results.further_words}"[:64]
    image.ImageComments = f"{_name_words(finding)}. Research and quality use; not a report."
    image.DerivationDescription = "Key slice with outlines burnt in"
    image.BodyPartExamined = "HEAD"
    image.ManufacturerModelName, image.SoftwareVersions = "Overread", __version__
    _refer(image, series, screen)
    stamp(image, results)
    return image


def _refer(image: Any, series: ResultSeries, screen: _Screen) -> None:
    """Name the slice that was captured, where it is an acquired one."""
    from pydicom import Dataset

    if screen.axis != series.volume.through_axis or series.is_multiframe:
        return
    numbers = np.arange(series.volume.shape[screen.axis]).reshape([-1 if a == screen.axis else 1 for a in range(3)])
    placed = series.place(np.broadcast_to(numbers, series.volume.shape))[0, 0]
    source = series.datasets[int(np.flatnonzero(placed == screen.number)[0])]
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    image.SourceImageSequence = [reference]


def _screen_of(volume: Volume, axis: int, number: int) -> _Screen:
    axes = nearest_axes(volume.affine)
    (across, across_sign), (down, down_sign) = _ON_SCREEN[axes[axis][0]]
    at = {axes[array_axis][0]: array_axis for array_axis in range(3)}
    return _Screen(
        axis=axis,
        number=number,
        across=at[across],
        down=at[down],
        flip_across=axes[at[across]][1] != across_sign,
        flip_down=axes[at[down]][1] != down_sign,
    )


def _letters(volume: Volume, screen: _Screen) -> tuple[str, str, str, str]:
    """At the left, right, top and bottom edge."""
    across = axis_letters(volume.affine, screen.across, sides_known=volume.sides_known)
    down = axis_letters(volume.affine, screen.down, sides_known=volume.sides_known)
    left, right = across[::-1] if screen.flip_across else across
    top, bottom = down[::-1] if screen.flip_down else down
    return left, right, top, bottom


def _picture(results: Results, finding: ResultFinding, screen: _Screen) -> tuple[np.ndarray, float]:
    """The slice as (row, column, 3) uint8 with square pixels and outlines, and the size of a pixel in millimetres."""
    from scipy.ndimage import binary_erosion, map_coordinates

    volume = results.volume
    grey = screen.turned(volume.array).astype(np.float32)
    size = (grey.shape[0] * volume.spacing_mm[screen.down], grey.shape[1] * volume.spacing_mm[screen.across])
    pixel = max(size) / _LONG_SIDE
    rows, columns = (max(round(length / pixel), 1) for length in size)
    places = np.meshgrid(
        (np.arange(rows) + 0.5) * pixel / volume.spacing_mm[screen.down] - 0.5,
        (np.arange(columns) + 0.5) * pixel / volume.spacing_mm[screen.across] - 0.5,
        indexing="ij",
    )
    values = map_coordinates(grey, places, order=1, mode="nearest")
    low, high = _window(np.asarray(volume.array))
    levels = np.clip((values - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    drawn = np.ascontiguousarray(np.repeat(levels[:, :, None], 3, axis=2))
    if finding.bits is not None and finding.box is not None:
        whole = np.zeros(volume.shape, np.uint8)
        whole[finding.box] = finding.bits
        marks = map_coordinates(screen.turned(whole), places, order=0, mode="nearest")
        for region in (r for r in results.regions if r.evaluated and not r.experimental):
            inside = (marks >> region.bit) & 1 == 1
            code = region_term(region.name).colour
            colour = tuple(int(code[n : n + 2], 16) for n in (1, 3, 5))
            drawn[inside & ~binary_erosion(inside, iterations=2, border_value=1)] = colour
    return drawn, pixel


def _window(array: np.ndarray) -> tuple[float, float]:
    """From the 1st to the 99.5th percentile of what is not air."""
    some = array[array != 0]
    if len(some) == 0:
        return 0.0, 1.0
    low, high = np.percentile(some[:: max(1, len(some) // 200_000)], (1, 99.5))
    return float(min(low, 0)), float(high)


def _write_words(
    pixels: np.ndarray, results: Results, finding: ResultFinding, screen: _Screen, letters: tuple[str, str, str, str]
) -> None:
    """Burn in letters at the edges and words in the corners, each on a dark ground."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    font, large = ImageFont.load_default(size=15), ImageFont.load_default(size=24)
    volume = results.volume
    plane = plane_normal_to(volume.affine, screen.axis)
    reformat = "" if screen.axis == volume.through_axis else ", reformatted"
    synthetic = "\nSynthetic data" if results.synthetic else ""
    corners = (
        ("la", 8, 6, f"{results.labels.patient_id}\n{results.study}{synthetic}"),
        (
            "ra",
            width - 8,
            6,
            f"{SEQUENCE_WORDS.get(volume.sequence, '')}\n{plane}{reformat}, slice {screen.number + 1}",
        ),
        ("ld", 8, height - 6, f"{_name_words(finding)}\n{_size_words(finding)}"),
        ("rd", width - 8, height - 6, f"{results.model.id} {results.model.version}\nNot a report"),
    )
    for anchor, x, y, words in corners:
        _words(draw, (x, y), words, font, anchor)
    middle = (
        (6, height // 2, "lm"),
        (width - 6, height // 2, "rm"),
        (width // 2, 6, "ma"),
        (width // 2, height - 6, "md"),
    )
    for letter, (x, y, anchor) in zip(letters, middle, strict=True):
        _words(draw, (x, y), letter, large, anchor)
    pixels[:] = np.asarray(image)


def _words(draw: Any, at: tuple[int, int], words: str, font: Any, anchor: str) -> None:
    lines = words.split("\n")
    step = font.size + 4
    lines_at = [at[1] + n * step for n in range(len(lines))]
    if anchor.endswith("d"):
        lines_at = [y - (len(lines) - 1) * step for y in lines_at]
    for line, y in zip(lines, lines_at, strict=True):
        draw.text(
            (at[0], y), line, fill=(255, 255, 255), font=font, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0)
        )


def _name_words(finding: ResultFinding) -> str:
    edited = ", outline edited by reader" if finding.edited and finding.standing == Standing.MODIFIED else ""
    return f"{finding.title}, {finding.standing}{edited}" if finding.standing in Standing.STANDS else finding.title


def _size_words(finding: ResultFinding) -> str:
    if not finding.measures:
        return "marked by a point"
    sized = next((m for m in reversed(finding.measures) if m.longest_mm is not None), None)
    across = f", {sized.longest_mm:.0f} x {sized.perpendicular_mm or 0:.0f} mm" if sized and sized.longest_mm else ""
    side = "" if finding.side == "unknown" else f", {finding.side}"
    return f"{finding.measures[0].volume_ml:.1f} ml{across}{side}"
